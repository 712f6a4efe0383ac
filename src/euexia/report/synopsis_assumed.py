"""What a protocol assumes, part by part, and the sources of what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from euexia import evidence
from euexia.core.errors import UnknownNameError
from euexia.protocol.plain_words import sections
from euexia.protocol.protocol import Protocol
from euexia.protocol.statement import Status
from euexia.report.content import Block, Heading, Listing, Prose, Table
from euexia.report.synopsis_words import from_words


def assumed_blocks(protocol: Protocol) -> list[Block]:
    """Return assumptions in words, and how well each part of the protocol is known."""
    words = next(section for section in sections(protocol) if section.title == "What is assumed")
    everything = [entry.status for _, entries in _parts(protocol) for entry in entries]
    used = [status for status in Status if status in everything]
    rows = tuple(
        (name, *(_named(entries, status) for status in used)) for name, entries in _parts(protocol) if entries
    )
    return [
        *from_words(words),
        Heading(text="How well each part is known"),
        Table(
            caption="Parts of the protocol by status",
            columns=("Part", *(status.value for status in used)),
            rows=rows,
            wordy=tuple(range(1, len(used) + 1)),
            quiet=True,
        ),
    ]


def _parts(protocol: Protocol) -> Iterator[tuple[str, tuple[Any, ...]]]:
    yield "Eligibility", protocol.eligibility
    yield "Dosing rules", tuple(protocol.rules.values())
    yield "Crossovers", protocol.crossovers
    yield "Endpoints", protocol.endpoints
    yield "Estimands", tuple(protocol.estimands.values())
    yield "Analyses", protocol.analyses
    yield "Interim looks", protocol.interims


def _named(entries: tuple[Any, ...], status: Status) -> str:
    found = [_name(entry) for entry in entries if entry.status is status]
    return "all" if len(found) == len(entries) > 1 else ", ".join(found)


def _name(entry: Any) -> str:
    name = getattr(entry, "name", None) or getattr(entry, "id", None) or getattr(entry, "endpoint", "")
    return str(name).replace("_", " ")


def references(protocol: Protocol) -> list[Block]:
    """Return the sources of what is not assumed, each once, and the published studies."""
    named = [
        entry.source
        for _, entries in _parts(protocol)
        for entry in entries
        if entry.source and entry.status is not Status.ASSUMED
    ]
    sources = list(dict.fromkeys([*([protocol.registry] if protocol.registry else []), *named]))
    studies = list(dict.fromkeys(entry.study for entry in protocol.published))
    items = [("", source) for source in sources]
    items += [("Published results", _citation(name)) for name in studies]
    if not items:
        return [Prose(text="The protocol names no source.")]
    return [Listing(items=tuple(items))]


def _citation(study: str) -> str:
    try:
        return evidence.load(study).citation
    except UnknownNameError:
        return study
