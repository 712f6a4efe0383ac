"""The chapters on where a report comes from: the protocol in words, and how to make the report again."""

from __future__ import annotations

from typing import assert_never

from euexia.protocol import sections
from euexia.protocol.sections import Block as Words
from euexia.protocol.sections import Bullets, Paragraph, Section
from euexia.protocol.sections import Table as WordTable
from euexia.report.content import Block, Chapter, Code, Fold, Listing, Prose, Table
from euexia.report.material import Material


def protocol_chapter(material: Material) -> Chapter:
    """Return the protocol in plain words, folded section by section."""
    folds = tuple(_section(section) for section in sections(material.protocol))
    registry = f" It is registered as {material.protocol.registry}." if material.protocol.registry else ""
    opening = f"The protocol is a file that a program follows to the letter; here it is in words.{registry}"
    return Chapter(id="protocol", title="The protocol in words", blocks=(Prose(text=opening), *folds))


def _section(section: Section) -> Fold:
    return Fold(summary=section.title, blocks=tuple(_block(block, section.title) for block in section.blocks))


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


def provenance_chapter(material: Material) -> Chapter:
    """Return how to make this report again: seed, versions, hashes, command and Python."""
    provenance = material.provenance
    blocks: list[Block] = [
        Prose(text="The same command with the same versions gives the same bytes."),
        *([Code(label="Command", text=provenance.command)] if provenance.command else []),
        Code(label="The same in Python", text=provenance.python),
        Table(
            caption="Seed, sizes and versions",
            columns=("What", "Value"),
            rows=(
                ("Seed", "not given" if provenance.seed is None else str(provenance.seed)),
                ("Trials", f"{material.trials:,}"),
                ("Patients per trial", f"{material.protocol.size:,}"),
                *((name, version) for name, version in sorted(provenance.versions.items())),
            ),
            wordy=(1,),
        ),
        Table(
            caption="SHA-256 of what went in",
            columns=("What", "Hash"),
            rows=tuple(sorted(provenance.hashes.items())),
            wordy=(1,),
        ),
    ]
    return Chapter(id="provenance", title="How to make this report again", blocks=tuple(blocks))
