"""The chapter on what everything rests on: each entry of each data file, by how well it is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from euexia.analyse import estimands
from euexia.core.quantities import canonical_unit
from euexia.parameters import Parameter, Status
from euexia.parameters.parameter import Source
from euexia.protocol.protocol import Protocol
from euexia.report.content import Block, Chapter, Fold, Heading, Listing, Prose, Table
from euexia.report.formatting import count, number, plural, sentence_case, weeks
from euexia.report.material import Material
from euexia.study import stated

MEANING = {
    Status.VERIFIED: "Read at the source named.",
    Status.DERIVED: "Arithmetic from verified numbers.",
    Status.CALIBRATED: "Tuned so that simulated trials lie near published ones.",
    Status.ASSUMED: "Chosen, for the reason given; no source.",
}
ORDER = (Status.ASSUMED, Status.CALIBRATED, Status.DERIVED, Status.VERIFIED)
"""What is known least comes first."""
AREAS: Mapping[str, str] = {
    stated.POPULATION: "Population",
    stated.INSTRUMENT: "Instruments and their errors",
    stated.ADVERSE_EVENT: "Adverse-event rules",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: its name, what it says, its value, how well it is known, and the source or reason."""

    name: str
    meaning: str
    value: str
    status: Status
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The entries about one thing, with the table that lists them."""

    title: str
    statuses: tuple[Status, ...]
    table: Table


def chapter(material: Material) -> Chapter:
    """Return how well everything that went in is known: counts by status, and every entry, folded."""
    areas = list(_areas(material))
    blocks: list[Block] = [*_open_questions(material), Heading(text="How well each number is known")]
    blocks += [_counts(areas), Listing(items=tuple((s.value.capitalize(), MEANING[s]) for s in ORDER))]
    blocks += [Fold(summary=_summary(area), blocks=(area.table,)) for area in areas]
    return Chapter(id="parameters", title="Assumptions used, by status", blocks=tuple(blocks))


def _open_questions(material: Material) -> tuple[Block, ...]:
    items = tuple((sentence_case(entry.about), entry.text) for entry in material.protocol.assumptions)
    if not items:
        return ()
    opening = "The public record does not say the following; it is assumed."
    return (Heading(text="What the protocol had to assume"), Prose(text=opening), Listing(items=items))


def _areas(material: Material) -> Iterator[Area]:
    yield _area("Protocol", list(_protocol(material.protocol)))
    known = stated.entries(material.protocol)
    for area, title in AREAS.items():
        entries = [
            Entry(
                name=entry.name,
                meaning=entry.meaning,
                value=entry.value,
                status=entry.status,
                reason=_reason(entry.source),
            )
            for entry in known
            if entry.area == area
        ]
        if entries:
            yield _area(title, entries)
    yield _model(list(material.parameters.values()))


def _counts(areas: Sequence[Area]) -> Table:
    everything = tuple(status for area in areas for status in area.statuses)
    rows = [(area.title, area.statuses) for area in areas] + [("Together", everything)]
    return Table(
        caption=f"{count(len(everything))} entries by status",
        columns=("About", *(status.value.capitalize() for status in ORDER), "All"),
        rows=tuple(
            (title, *(count(statuses.count(status)) for status in ORDER), count(len(statuses)))
            for title, statuses in rows
        ),
    )


def _summary(area: Area) -> str:
    found = [
        f"{count(area.statuses.count(status))} {status.value}" for status in ORDER if status in area.statuses
    ]
    return f"{area.title}: {plural(len(area.statuses), 'entry', 'entries')}, {', '.join(found)}"


def _area(title: str, entries: Sequence[Entry]) -> Area:
    ordered = sorted(entries, key=lambda entry: ORDER.index(entry.status))
    return Area(
        title=title,
        statuses=tuple(entry.status for entry in ordered),
        table=Table(
            caption=title,
            columns=("Entry", "Status", "Meaning", "Value", "Source or reason"),
            rows=tuple(
                (entry.name, entry.status.value, entry.meaning, entry.value, entry.reason)
                for entry in ordered
            ),
            wordy=(1, 2, 3, 4),
            quiet=True,
        ),
    )


def _protocol(protocol: Protocol) -> Iterator[Entry]:
    """Yield every entry of the protocol that has a status."""
    labels = {arm.name: arm.label for arm in protocol.arms}
    endpoints = {endpoint.name: endpoint for endpoint in protocol.endpoints}
    for criterion in protocol.eligibility:
        yield _entry(criterion.id, "Criterion to enter", criterion.text, criterion.status, criterion.source)
    for name, rule in protocol.rules.items():
        levels = ", ".join(f"{level:g}" for level in rule.levels)
        yield _entry(name, "Dose rule", f"levels {levels} mg", rule.status, rule.source)
    rate = f"{number(protocol.accrual.candidates_per_month)} candidates per month"
    yield _entry("accrual", "How candidates come", rate, protocol.accrual.status, "")
    for endpoint in protocol.endpoints:
        day = f"{endpoint.role.value}, week {weeks(endpoint.day)}"
        yield _entry(endpoint.name, endpoint.label, day, endpoint.status, endpoint.source)
    for name, estimand in protocol.estimands.items():
        said = estimands.in_words(estimand, endpoints[name].kind) if name in endpoints else ""
        yield _entry(name, "Estimand", said, estimand.status, estimand.source)
    for analysis in protocol.analyses:
        against = "" if analysis.control is None else f" against {labels[analysis.control]}"
        said = f"{sentence_case(analysis.method.value)}, {labels[analysis.arm]}{against}"
        yield _entry(analysis.name, "Analysis", said, analysis.status, analysis.source)


def _entry(name: str, meaning: str, value: str, status: str, reason: str) -> Entry:
    return Entry(name=name, meaning=meaning, value=value, status=Status(status), reason=reason or "–")


def _model(entries: Sequence[Parameter]) -> Area:
    ordered = sorted(entries, key=lambda entry: (ORDER.index(entry.status), entry.name))
    return Area(
        title="Model parameters",
        statuses=tuple(entry.status for entry in ordered),
        table=Table(
            caption="Model parameters",
            columns=(
                "Number",
                "Status",
                "Meaning",
                "Value",
                "Plausible range",
                "Spread between patients",
                "Source or reason",
            ),
            rows=tuple(_row(entry) for entry in ordered),
            wordy=(1, 2, 6),
            quiet=True,
        ),
    )


def _row(entry: Parameter) -> tuple[str, ...]:
    unit = canonical_unit(entry.kind)
    suffix = "" if unit == "1" else f" {unit}"
    ranged = (
        "–" if entry.low is None or entry.high is None else f"{entry.low:.4g} to {entry.high:.4g}{suffix}"
    )
    spread = f"{100 * entry.spread:.0f}\u00a0%" if entry.spread else "–"
    status = entry.status.value
    return entry.name, status, entry.meaning, entry.printed, ranged, spread, _reason(entry.source)


def _reason(source: Source) -> str:
    return source.where if source.key == "assumption" else f"{source.key}: {source.where}"
