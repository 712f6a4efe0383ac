"""The synopsis of a protocol: chapters in the order and with the numbers of the template ICH M11."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from euexia.protocol.analysis_plan import Role
from euexia.protocol.analysis_words import analysis_section, endpoint_section, estimand_section
from euexia.protocol.design_words import allocation, changes, given, treatment_in_words
from euexia.protocol.loader import fingerprint
from euexia.protocol.look_words import interim_sections
from euexia.protocol.plain_words import sections
from euexia.protocol.protocol import Protocol
from euexia.protocol.sections import Block as Words
from euexia.protocol.sections import Section
from euexia.report.content import Block, Chapter, Heading, Listing, Prose, Table
from euexia.report.synopsis_assumed import assumed_blocks, references
from euexia.report.synopsis_summary import aims_table, design_table, schema_table
from euexia.report.synopsis_visits import activities_table
from euexia.report.synopsis_words import from_words

NOT_STATED = "not stated in the digital protocol"
LEFT_OUT = (
    "Chapters have the numbers of the template ICH M11. What a digital protocol says nothing about "
    "(introduction, discontinuation procedures, safety reporting, oversight, consent, data handling, "
    "appendices) is left out."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Synopsis:
    """A document: what stands on its title page, and its chapters."""

    title: str
    facts: tuple[tuple[str, str], ...]
    """Lines of the title page: what, and its value."""
    remark: str
    chapters: tuple[Chapter, ...]


def synopsis(protocol: Protocol) -> Synopsis:
    """Return the synopsis of a protocol; equal protocols give equal documents."""
    return Synopsis(
        title=protocol.title,
        facts=tuple(_title_page(protocol)),
        remark=LEFT_OUT,
        chapters=tuple(_chapters(protocol)),
    )


def _title_page(protocol: Protocol) -> Iterator[tuple[str, str]]:
    yield "Protocol identifier", protocol.id
    yield "Registry or source", protocol.registry or NOT_STATED
    yield "Version", f"fingerprint {fingerprint(protocol)[:12]}"
    yield "Amendments", "none recorded"
    yield "Trial phase", NOT_STATED
    yield "Sponsor", NOT_STATED
    yield "Condition", "; ".join(protocol.conditions) or NOT_STATED
    drugs = dict.fromkeys(item.drug.replace("_", " ") for arm in protocol.arms for item in arm.treatments)
    yield "Trial interventions", ", ".join(drugs) or NOT_STATED


def _chapters(protocol: Protocol) -> Iterator[Chapter]:
    words = {section.title: section for section in sections(protocol)}
    yield _chapter("synopsis", "1.1 Protocol synopsis", _synopsis_blocks(protocol))
    yield _chapter("schema", "1.2 Trial schema", [schema_table(protocol)])
    yield _chapter("activities", "1.3 Schedule of activities", activities_table(protocol))
    yield _chapter("aims", "3 Trial objectives and associated estimands", _aims_blocks(protocol))
    yield _chapter("design", "4 Trial design", _design_blocks(protocol))
    yield _chapter("population", "5 Trial population", from_words(words["Who may enter"]))
    yield _chapter(
        "interventions", "6 Trial intervention and concomitant therapy", _treatments(protocol, words)
    )
    yield _chapter("assessments", "8 Trial assessments and procedures", from_words(words["Visits"]))
    yield _chapter("statistics", "10 Statistical considerations", _statistics(protocol))
    yield _chapter("assumed", "What is assumed", assumed_blocks(protocol))
    yield _chapter("references", "14 References", references(protocol))


def _chapter(name: str, title: str, blocks: list[Block]) -> Chapter:
    return Chapter(id=name, title=title, blocks=tuple(blocks))


def _synopsis_blocks(protocol: Protocol) -> list[Block]:
    return [
        *([Prose(text=protocol.question)] if protocol.question else []),
        Heading(text="1.1.1 Primary and secondary objectives and estimands"),
        aims_table(protocol, primary_only=False),
        Heading(text="1.1.2 Overall design"),
        design_table(protocol),
    ]


def _aims_blocks(protocol: Protocol) -> list[Block]:
    said = [
        ("Primary objective", protocol.objective or protocol.question),
        ("Hypothesis", protocol.hypothesis),
    ]
    return [
        Listing(items=tuple((what, text) for what, text in said if text)),
        Heading(text="Endpoints"),
        *from_words(endpoint_section(protocol)),
        Heading(text="Intercurrent events and missing readings"),
        *from_words(estimand_section(protocol)),
    ]


def _design_blocks(protocol: Protocol) -> list[Block]:
    later = Section(title="", blocks=changes(protocol))
    return [
        Prose(text=allocation(protocol)),
        *from_words(later),
        Prose(
            text="In simulation, patients are drawn from the virtual population "
            f"'{protocol.population}', and {protocol.accrual.candidates_per_month:g} "
            f"candidates a month come to screening ({protocol.accrual.status.value})."
        ),
    ]


def _treatments(protocol: Protocol, words: dict[str, Section]) -> list[Block]:
    rows = tuple((arm.label, given(arm)) for arm in protocol.arms)
    arms = Table(caption="Treatment by arm", columns=("Arm", "Treatment"), rows=rows, wordy=(1,), quiet=True)
    care = tuple(("", treatment_in_words(item)) for item in protocol.background)
    everyone: list[Block] = [Prose(text="Everyone also receives:"), Listing(items=care)] if care else []
    return [
        arms,
        *everyone,
        Heading(text="How the dose is decided"),
        *from_words(words["How the dose is decided"]),
    ]


def _statistics(protocol: Protocol) -> list[Block]:
    looks = [block for section in interim_sections(protocol) for block in section.blocks]
    none = "No interim look at the data is planned."
    return [
        Heading(text="Sample size"),
        Prose(text=_size(protocol)),
        Heading(text="Analyses and decision rules"),
        *from_words(analysis_section(protocol)),
        Heading(text="Monitoring and interim looks"),
        *(_looks(tuple(looks)) if looks else [Prose(text=none)]),
    ]


def _size(protocol: Protocol) -> str:
    total = sum(arm.ratio for arm in protocol.arms)
    about = "" if protocol.size % total == 0 else "about "
    each = ", ".join(f"{arm.label} {about}{protocol.size * arm.ratio / total:.0f}" for arm in protocol.arms)
    primary = sum(endpoint.role is Role.PRIMARY for endpoint in protocol.endpoints)
    many = "one primary endpoint" if primary == 1 else f"{primary} primary endpoints"
    return (
        f"{protocol.size} patients are randomised ({each}), with {many}. The power of this size "
        f"is not computed here: 'euexia run {protocol.id}' simulates the whole trial and reports it."
    )


def _looks(blocks: tuple[Words, ...]) -> list[Block]:
    return from_words(Section(title="Interim looks", blocks=blocks))
