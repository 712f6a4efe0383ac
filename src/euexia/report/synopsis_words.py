"""Sections of a protocol in plain words as blocks of a document."""

from __future__ import annotations

from typing import assert_never

from euexia.protocol.sections import Block as Words
from euexia.protocol.sections import Bullets, Paragraph, Section
from euexia.protocol.sections import Table as WordTable
from euexia.report.content import Block, Listing, Prose, Table


def from_words(section: Section) -> list[Block]:
    """Return what stands under a section's title, block by block."""
    return [_block(block, section.title) for block in section.blocks]


def _block(block: Words, title: str) -> Block:
    match block:
        case Paragraph():
            return Prose(text=block.text)
        case Bullets():
            return Listing(items=tuple(("", item) for item in block.items))
        case WordTable():
            wordy = tuple(range(1, len(block.columns)))
            return Table(caption=title, columns=block.columns, rows=block.rows, wordy=wordy, quiet=True)
        case _:
            assert_never(block)
