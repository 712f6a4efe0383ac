"""A protocol's sections as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

from euexia.protocol.sections import Bullets, Paragraph, Table

if TYPE_CHECKING:
    from euexia.protocol.sections import Block, Section


def written(title: str, sections: tuple[Section, ...]) -> str:
    """Return a Markdown document."""
    parts = [f"# {title}"]
    for section in sections:
        parts.append(f"## {section.title}")
        parts.extend("\n".join(_lines(block)) for block in section.blocks)
    return "\n\n".join(parts) + "\n"


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield block.text
        case Bullets():
            yield from (f"- {item}" for item in block.items)
        case Table():
            yield _row(block.columns)
            yield _row(tuple("---" for _ in block.columns))
            yield from (_row(row) for row in block.rows)
        case _:
            assert_never(block)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
