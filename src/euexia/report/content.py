"""What a report is made of: chapters of plain blocks, which the page lays out and a test can read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from euexia.report.drawing import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A paragraph."""

    kind: ClassVar[str] = "prose"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading inside a chapter."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list; each item is a term (may be empty) and a text."""

    kind: ClassVar[str] = "listing"
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of printed cells; each row's first cell heads it.  ``wordy`` columns are aligned left.

    quiet: the caption repeats what stands above, and is only for those who listen.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wordy: tuple[int, ...] = ()
    note: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Text to be copied as it is."""

    kind: ClassVar[str] = "code"
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A figure with its caption."""

    kind: ClassVar[str] = "picture"
    picture: Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Blocks that open on demand."""

    kind: ClassVar[str] = "fold"
    summary: str
    blocks: tuple[Block, ...]
    open: bool = False


Block = Prose | Heading | Listing | Table | Code | Drawn | Fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A titled part of the report."""

    id: str
    title: str
    blocks: tuple[Block, ...]

    def pictures(self) -> Iterator[Picture]:
        """Yield every figure, folded ones too."""
        yield from _pictures(self.blocks)


def _pictures(blocks: tuple[Block, ...]) -> Iterator[Picture]:
    for block in blocks:
        if isinstance(block, Drawn):
            yield block.picture
        elif isinstance(block, Fold):
            yield from _pictures(block.blocks)
