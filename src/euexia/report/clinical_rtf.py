"""Tables of a clinical study report as RTF, one table a file, for word processors and submissions."""

from __future__ import annotations

from typing import Any

from euexia.report.clinical_table import ClinicalRow, ClinicalTable

STUB_WIDTH, COLUMN_WIDTH = 2.4, 1.0
"""Relative widths of the column of labels and of the others."""
NARROW = 4
"""From more columns than this on, a page is turned on its side."""
INDENT = "\u00a0\u00a0\u00a0\u00a0"
SPECIAL = {char: chr(0xE000 + place) for place, char in enumerate("\\{}_^<>")}
"""Characters that the encoder would take for commands, each with a stand-in from the private area."""
LARGEST_SIGNED = 0x8000
ASCII = 0x80


def as_rtf(table: ClinicalTable) -> str:
    """Return a table as RTF text; every character outside ASCII is escaped, so any encoding reads it."""
    import polars
    import rtflite

    widths = [STUB_WIDTH, *([COLUMN_WIDTH] * len(table.columns))]
    sides = ["l", *(["c"] * len(table.columns))]
    names = [f"column_{index}" for index in range(len(widths))]
    cells = [_cells(row, len(table.columns)) for row in table.rows]
    document = rtflite.RTFDocument(
        df=polars.DataFrame(
            {name: [line[index] for line in cells] for index, name in enumerate(names)},
            schema=dict.fromkeys(names, polars.String),
        ),
        rtf_page=rtflite.RTFPage(orientation="landscape" if len(table.columns) > NARROW else "portrait"),
        rtf_title=rtflite.RTFTitle(
            text=[_guarded(part) for part in (f"Table {table.number}", table.title, table.population) if part]
        ),
        rtf_column_header=[
            rtflite.RTFColumnHeader(
                text=[_guarded(part) for part in (table.stub, *table.columns)],
                col_rel_width=widths,
                text_justification=sides,
            )
        ],
        rtf_body=rtflite.RTFBody(col_rel_width=widths, text_justification=sides),
        **_foot(table, rtflite),
    )
    return _in_ascii(str(document.rtf_encode()))


def _foot(table: ClinicalTable, rtflite: Any) -> dict[str, Any]:
    foot = {}
    if table.footnotes:
        foot["rtf_footnote"] = rtflite.RTFFootnote(text=[_guarded(note) for note in table.footnotes])
    if table.source:
        foot["rtf_source"] = rtflite.RTFSource(text=[_guarded(table.source)])
    return foot


def _cells(row: ClinicalRow, columns: int) -> list[str]:
    return [_guarded(cell) for cell in (INDENT * row.indent + row.label, *(row.cells or ("",) * columns))]


def _guarded(text: str) -> str:
    """Return text in which nothing is a command to the encoder."""
    return "".join(SPECIAL.get(char, char) for char in text)


def _restored(text: str) -> str:
    """Return RTF with the characters themselves again, escaped where RTF wants it."""
    for char, guard in SPECIAL.items():
        own = f"\\{char}" if char in "\\{}" else char
        text = text.replace(_escaped(guard), own).replace(guard, own)
    return text


def _in_ascii(text: str) -> str:
    """Return RTF whose characters outside ASCII are written as RTF escapes."""
    return "".join(char if ord(char) < ASCII else _escaped(char) for char in _restored(text))


def _escaped(char: str) -> str:
    units = char.encode("utf-16-le")
    codes = [int.from_bytes(units[place : place + 2], "little") for place in range(0, len(units), 2)]
    signed = [code - 2 * LARGEST_SIGNED if code >= LARGEST_SIGNED else code for code in codes]
    return "".join(f"\\uc1\\u{code}*" for code in signed)
