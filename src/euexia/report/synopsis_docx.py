"""The synopsis as a Word document, with headings, lists and tables that screen readers know."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from euexia.core.errors import InputError
from euexia.protocol.protocol import Protocol
from euexia.report.content import Block, Heading, Listing, Prose, Table
from euexia.report.synopsis import Synopsis, synopsis

MISSING = (
    "A Word document needs the package 'python-docx', which is not installed. "
    "Install it with: pip install 'euexia[docx]', or take --format html."
)
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every file inside, so that equal protocols give equal bytes."""
STYLE = "Light Grid Accent 1"
POINTS = 9
"""Size of letters in tables."""


def synopsis_docx(protocol: Protocol) -> bytes:
    """Return the synopsis of a protocol as the bytes of a Word file.

    Raises InputError naming the package that is missing.
    """
    try:
        import docx
    except ModuleNotFoundError as error:
        raise InputError(MISSING) from error
    content = synopsis(protocol)
    document = docx.Document()
    _set_page(document, content)
    document.add_heading(content.title, level=0)
    _add_table(
        document, Table(caption="Title page", columns=("Item", "Value"), rows=content.facts, wordy=(1,))
    )
    document.add_paragraph(content.remark)
    for chapter in content.chapters:
        document.add_heading(chapter.title, level=1)
        for block in chapter.blocks:
            _add(document, block)
    written = io.BytesIO()
    document.save(written)
    return _without_times(written.getvalue())


def _set_page(document: Any, content: Synopsis) -> None:
    """Turn the page on its side, for wide tables, and name the document."""
    from docx.enum.section import WD_ORIENT

    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    properties = document.core_properties
    properties.title, properties.author, properties.language = content.title, "Euexia", "en-GB"
    properties.comments = ""
    properties.created = properties.modified = datetime(*EPOCH, tzinfo=UTC)


def _add(document: Any, block: Block) -> None:
    match block:
        case Prose():
            document.add_paragraph(block.text)
        case Heading():
            document.add_heading(block.text, level=2)
        case Listing():
            for term, text in block.items:
                paragraph = document.add_paragraph(style="List Bullet")
                if term:
                    paragraph.add_run(f"{term}. ").bold = True
                paragraph.add_run(text)
        case Table():
            if not block.quiet:
                document.add_paragraph(block.caption, style="Caption")
            _add_table(document, block)
        case _:
            raise TypeError(f"a synopsis holds no {type(block).__name__}")


def _add_table(document: Any, block: Table) -> None:
    table = document.add_table(rows=1, cols=len(block.columns))
    table.style = STYLE
    for cell, text in zip(table.rows[0].cells, block.columns, strict=True):
        _fill(cell, text)
    _repeat(table.rows[0])
    _name(table, block.caption)
    for row in block.rows:
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            _fill(cell, text)
    document.add_paragraph(block.note)


def _fill(cell: Any, text: str) -> None:
    from docx.shared import Pt

    run = cell.paragraphs[0].add_run(text)
    run.font.size = Pt(POINTS)


def _repeat(row: Any) -> None:
    """Mark a row as the head of its table: printed again on every page, and told as such when read aloud."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _name(table: Any, caption: str) -> None:
    """Give a table the title by which it is announced when read aloud."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    title = OxmlElement("w:tblCaption")
    title.set(qn("w:val"), caption)
    table._tbl.tblPr.append(title)


def _without_times(written: bytes) -> bytes:
    """Return a Word file whose parts carry no time of writing."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written)) as given, zipfile.ZipFile(result, "w") as kept:
        for entry in given.infolist():
            info = zipfile.ZipInfo(entry.filename, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(info, given.read(entry.filename))
    return result.getvalue()
