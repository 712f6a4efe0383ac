"""Titled sections of plain words, and their layout as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import assert_never

WIDTH = 100
"""Characters of a line of plain text."""
NARROWEST = 12
"""A column is not squeezed below this many characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list without order."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a heading row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Paragraph | Bullets | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A title and what stands under it."""

    title: str
    blocks: tuple[Block, ...]


def plain_text(sections: tuple[Section, ...], width: int = WIDTH) -> str:
    """Return sections as plain text, at most ``width`` characters wide."""
    parts = []
    for section in sections:
        blocks = "\n\n".join("\n".join(_lines(block, width)) for block in section.blocks)
        parts.append(f"{section.title}\n{'=' * len(section.title)}\n\n{blocks}")
    return "\n\n\n".join(parts) + "\n"


def _lines(block: Block, width: int) -> Iterator[str]:
    match block:
        case Paragraph():
            yield from textwrap.wrap(block.text, width)
        case Bullets():
            for item in block.items:
                yield from textwrap.wrap(item, width, initial_indent="- ", subsequent_indent="  ")
        case Table():
            yield from _table_lines(block, width)
        case _:
            assert_never(block)


def _table_lines(table: Table, width: int) -> Iterator[str]:
    widths = _column_widths(table, width)
    yield from _row_lines(table.columns, widths)
    yield "  ".join("-" * size for size in widths)
    for row in table.rows:
        yield from _row_lines(row, widths)


def _row_lines(cells: tuple[str, ...], widths: list[int]) -> Iterator[str]:
    wrapped = [textwrap.wrap(cell, size) or [""] for cell, size in zip(cells, widths, strict=True)]
    for parts in zip_longest(*wrapped, fillvalue=""):
        padded = (part.ljust(size) for part, size in zip(parts, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _column_widths(table: Table, width: int) -> list[int]:
    """Return the width of each column: what it needs, the widest ones squeezed until the table fits."""
    rows = (table.columns, *table.rows)
    widths = [max(len(row[index]) for row in rows) for index in range(len(table.columns))]
    while sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths
