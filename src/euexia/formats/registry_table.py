"""ClinicalTrials.gov records as a table: one row a trial, entries of a cell separated by ``|``."""

from __future__ import annotations

import csv
import io
import re

from euexia.core.errors import InputError
from euexia.formats.registry_record import RegisteredIntervention, RegisteredOutcome, RegistryRecord
from euexia.formats.tree import number

NUMBER, TITLE, INTERVENTIONS, PRIMARY = (
    "NCT Number",
    "Study Title",
    "Interventions",
    "Primary Outcome Measures",
)
_TIMED = re.compile(r"\b(day|week|month|year|hour|baseline|visit)s?\b", re.IGNORECASE)


def is_table(written: str) -> bool:
    """Return whether a text is such a table."""
    first = written.lstrip("\ufeff").partition("\n")[0]
    return all(name in first for name in (NUMBER, INTERVENTIONS, PRIMARY))


def read_table(written: str, name: str) -> RegistryRecord:
    """Return the record of a table of one trial.

    The table has neither arms nor posted results.  Raises InputError for a table of no or several trials.
    """
    rows = [
        {key.strip(): (value or "").strip() for key, value in row.items() if key is not None}
        for row in csv.DictReader(io.StringIO(written.lstrip("\ufeff")))
    ]
    rows = [row for row in rows if any(row.values())]
    if len(rows) != 1:
        numbers = ", ".join(row.get(NUMBER, "?") for row in rows[:5])
        raise InputError(
            f"{name} holds {len(rows)} trials{f' ({numbers} ...)' if rows else ''}. Give one trial a file."
        )
    row = rows[0]
    design = _design(row.get("Study Design", ""))
    enrolled = number(row.get("Enrollment", ""))
    return RegistryRecord(
        registry=row[NUMBER],
        title=row.get(TITLE, ""),
        summary=row.get("Brief Summary", ""),
        conditions=_entries(row.get("Conditions", "")),
        phase=row.get("Phases", ""),
        allocation=design.get("Allocation", ""),
        model=design.get("Intervention Model", ""),
        masking=design.get("Masking", "").partition(" (")[0],
        enrolment=None if enrolled is None else int(enrolled),
        start=row.get("Start Date", ""),
        completion=row.get("Completion Date", ""),
        status=row.get("Study Status", ""),
        interventions=tuple(_intervention(entry) for entry in _entries(row[INTERVENTIONS])),
        primary=tuple(_outcome(entry) for entry in _entries(row[PRIMARY])),
        secondary=tuple(_outcome(entry) for entry in _entries(row.get("Secondary Outcome Measures", ""))),
        sex=row.get("Sex", ""),
    )


def _entries(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _design(cell: str) -> dict[str, str]:
    parts = (entry.partition(":") for entry in _entries(cell))
    return {name.strip(): value.strip() for name, _, value in parts}


def _intervention(entry: str) -> RegisteredIntervention:
    kind, _, name = entry.partition(":")
    return RegisteredIntervention(type=kind.strip().upper(), name=(name or kind).strip())


def _outcome(entry: str) -> RegisteredOutcome:
    """Return an outcome ``measure, description, time``: the time is the last part that names one."""
    measure, _, rest = entry.partition(", ")
    head, _, last = rest.rpartition(", ")
    if _TIMED.search(last):
        return RegisteredOutcome(measure=measure, time_frame=last, description=head)
    return RegisteredOutcome(measure=measure, description=rest)
