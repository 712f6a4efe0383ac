"""The closing chapters: the protocol in words, the parameters by status, and how to make the report again."""

from __future__ import annotations

from typing import assert_never

from euexia.core.quantities import canonical_unit
from euexia.parameters import Parameter, Status
from euexia.parameters.parameter import Source
from euexia.protocol import sections
from euexia.protocol.sections import Block as Words
from euexia.protocol.sections import Bullets, Paragraph, Section
from euexia.protocol.sections import Table as WordTable
from euexia.report.content import Block, Chapter, Code, Fold, Heading, Listing, Prose, Table
from euexia.report.formatting import count, percent, sentence_case
from euexia.report.material import Material
from euexia.study import stated

MEANING = {
    Status.VERIFIED: "Read at the source named.",
    Status.DERIVED: "Arithmetic from verified numbers.",
    Status.CALIBRATED: "Tuned so that simulated trials lie near published ones.",
    Status.ASSUMED: "Chosen, for the reason given; no source.",
}


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


def parameters_chapter(material: Material) -> Chapter:
    """Return how well the numbers of the model are known, and every number that is assumed or calibrated."""
    entries = list(material.parameters.values())
    rows = []
    for status in Status:
        amount = sum(entry.status is status for entry in entries)
        share = percent(amount / len(entries), 0) if entries else percent(float("nan"))
        rows.append((status.value.capitalize(), count(amount), share, MEANING[status]))
    counts = Table(
        caption=f"The {count(len(entries))} numbers of the model by status",
        columns=("Status", "Numbers", "Share", "Meaning"),
        rows=tuple(rows),
        wordy=(3,),
    )
    blocks: list[Block] = [Heading(text="The numbers of the model"), counts]
    for status in (Status.ASSUMED, Status.CALIBRATED):
        chosen = [entry for entry in entries if entry.status is status]
        if chosen:
            blocks.append(
                Fold(
                    summary=f"All {count(len(chosen))} {status.value} numbers",
                    blocks=(_table(chosen, status),),
                )
            )
    blocks += _beside_the_model(material)
    return Chapter(
        id="parameters", title="Assumptions used, by status", blocks=(*_protocol_statuses(material), *blocks)
    )


def _beside_the_model(material: Material) -> list[Block]:
    """Return how well is known who the patients are, how they are read and how events are recorded."""
    entries = stated.entries(material.protocol)
    areas = tuple(dict.fromkeys(entry.area for entry in entries))
    rows = tuple(
        (
            area,
            *(
                count(sum(entry.area == area and entry.status is status for entry in entries))
                for status in Status
            ),
        )
        for area in areas
    )
    blocks: list[Block] = [
        Heading(text="Patients and readings"),
        Table(
            caption=f"The {count(len(entries))} entries on patients and readings by status",
            columns=("About", *(status.value.capitalize() for status in Status)),
            rows=rows,
        ),
    ]
    for status in (Status.ASSUMED, Status.CALIBRATED):
        chosen = [entry for entry in entries if entry.status is status]
        if chosen:
            table = Table(
                caption=f"{status.value.capitalize()} entries",
                columns=("Entry", "About", "Meaning", "Value", "Source or reason"),
                rows=tuple(
                    (entry.name, entry.area, entry.meaning, entry.value, _reason(entry.source))
                    for entry in chosen
                ),
                wordy=(1, 2, 3, 4),
            )
            blocks.append(Fold(summary=f"All {count(len(chosen))} {status.value} entries", blocks=(table,)))
    return blocks


def _reason(source: Source) -> str:
    return source.where if source.key == "assumption" else f"{source.key}: {source.where}"


def _protocol_statuses(material: Material) -> tuple[Block, ...]:
    items = tuple((sentence_case(entry.about), entry.text) for entry in material.protocol.assumptions)
    if not items:
        return ()
    opening = "The public record does not say the following; it is assumed."
    return (Heading(text="The protocol"), Prose(text=opening), Listing(items=items))


def _table(entries: list[Parameter], status: Status) -> Table:
    return Table(
        caption=f"{status.value.capitalize()} numbers",
        columns=(
            "Number",
            "Meaning",
            "Value",
            "Plausible range",
            "Spread between patients",
            "Source or reason",
        ),
        rows=tuple(_row(entry) for entry in sorted(entries, key=lambda entry: entry.name)),
        wordy=(1, 5),
        quiet=True,
    )


def _row(entry: Parameter) -> tuple[str, ...]:
    unit = canonical_unit(entry.kind)
    suffix = "" if unit == "1" else f" {unit}"
    ranged = (
        "–" if entry.low is None or entry.high is None else f"{entry.low:.4g} to {entry.high:.4g}{suffix}"
    )
    spread = f"{100 * entry.spread:.0f}\u00a0%" if entry.spread else "–"
    return entry.name, entry.meaning, entry.printed, ranged, spread, _reason(entry.source)


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
