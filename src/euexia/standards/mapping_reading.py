"""Mapped tables to trial data: what plain tables and REDCap exports share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

from euexia.core.errors import Fault
from euexia.protocol.protocol import Protocol
from euexia.standards.mapping import Place, TrialMapping
from euexia.standards.mapping_assembly import Parts, assemble
from euexia.standards.mapping_events import happenings
from euexia.standards.mapping_people import people
from euexia.standards.mapping_rows import doses, readings
from euexia.standards.mapping_tables import Gathering, Table
from euexia.standards.understanding import Remark, Source, Understanding, conflict, left_out
from euexia.trialdata.trialdata import TrialData

SHOWN = 12


def read_tables(
    tables: Mapping[str, Table],
    mapping: TrialMapping,
    protocol: Protocol | None,
    *,
    standard: str,
    source: str,
    remarks: Iterable[Remark] = (),
    unread: Mapping[str, Sequence[Fault]] | None = None,
) -> tuple[TrialData, Understanding, Gathering]:
    """Return the trial data of mapped tables, what was understood of them, and what the mapping used.

    unread: cells that could not be read before, by column; they are faults only where the mapping uses them.
    Raises DataFileError with every fault of the cells, TrialDataError where no trial comes out.
    """
    gathering = Gathering(mapping=mapping, tables=tables)
    found = people(gathering)
    blocks, told = readings(gathering)
    given = doses(gathering)
    events = happenings(gathering)
    for rows in (*blocks, *given):
        gathering.use(tables[rows.table], rows.row)
    used = set().union(*gathering.used.values())
    cells = {column: faults for column, faults in (unread or {}).items() if faults}
    unused = _unused(gathering) + [
        left_out("unread", f"{source}, column {column}", str(faults[0]), len(faults))
        for column, faults in cells.items()
        if column not in used
    ]
    parts = Parts(
        people=found,
        readings=blocks,
        doses=given,
        happenings=events,
        remarks=[*remarks, *_guesses(mapping), *gathering.remarks],
        faults=[*gathering.faults(), *(one for name in used for one in cells.get(name, ()))],
    )
    assembled = assemble(parts, mapping, protocol, source)
    understanding = Understanding(
        standard=standard,
        sources=_sources(gathering),
        remarks=(*assembled.remarks, *unused),
        subjects=(tuple(found.identifiers),),
        day_zero=(assembled.day_zero,),
        measures={name: where for name, where in told.items() if name in assembled.data.readings},
    )
    return assembled.data, understanding, gathering


def _unused(gathering: Gathering) -> list[Remark]:
    """Remark on the columns of each table that no mapping asked for."""
    found = []
    for name, table in gathering.tables.items():
        used = gathering.used.get(name, set())
        columns = [
            column for column in table.columns if column not in used and not _is_structure(column, name)
        ]
        if not used:
            text = f"'{name}' is not in the mapping: {len(table)} rows."
            found.append(left_out("not mapped", table.file, text))
        elif columns:
            listed = ", ".join(columns[:SHOWN]) + (" …" if len(columns) > SHOWN else "")
            text = f"columns of '{name}' not in the mapping: {listed}."
            found.append(left_out("not mapped", table.file, text, len(columns)))
    return found


def _is_structure(column: str, table: str) -> bool:
    """Say whether a column belongs to the structure of a REDCap export."""
    return column.startswith("redcap_") or column in (f"{table}_complete", f"{table}_timestamp")


def _sources(gathering: Gathering) -> tuple[Source, ...]:
    mapping = gathering.mapping
    roles: dict[str, list[str]] = {}
    only = next(iter(gathering.tables)) if len(gathering.tables) == 1 else ""
    named = [("subjects", mapping.subjects.table)]
    named += [("readings", one.table) for one in mapping.readings]
    named += [("dosing", one.table) for one in mapping.dosing]
    named += [("adverse events", one.table) for one in mapping.adverse_events]
    facts = (getattr(mapping.subjects, one.name) for one in fields(mapping.subjects))
    named += [("subjects", fact.table) for fact in facts if isinstance(fact, Place) and fact.table]
    for role, name in named:
        roles.setdefault(name or only, []).append(role)
    return gathering.sources({name: ", ".join(dict.fromkeys(told)) for name, told in roles.items()})


def _guesses(mapping: TrialMapping) -> list[Remark]:
    """Remark on what a template guessed and nobody has confirmed by taking the mark away."""
    facts = {one.name: getattr(mapping.subjects, one.name) for one in fields(mapping.subjects)}
    marked = [
        (f"subjects: {name}", fact.column, fact.guess)
        for name, fact in facts.items()
        if isinstance(fact, Place)
    ]
    marked += [
        (f"visits: {name}", f"day {visit.day:g}", visit.guess) for name, visit in mapping.visits.items()
    ]
    marked += [
        (f"readings: {name}", column.measure, column.guess)
        for one in mapping.readings
        for name, column in one.columns.items()
    ]
    return [
        conflict("guess", f"mapping, {place}", f"{what} is a guess ({why}) that nobody has confirmed.")
        for place, what, why in marked
        if why
    ]
