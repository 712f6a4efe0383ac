"""FHIR R4 (and the research resources of R5), bundles and bulk NDJSON, to trial data.

Observations are understood by known LOINC codes; a mapping adds codes, drugs, visits and the names of arms.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from euexia.formats import fhir as formats
from euexia.formats.dataset import NoteKind
from euexia.formats.fhir import Collection
from euexia.protocol.protocol import Protocol
from euexia.standards.fhir_observations import Tally, readings
from euexia.standards.fhir_people import people
from euexia.standards.fhir_treatment import ADMINISTRATION, STATEMENTS, doses, happenings
from euexia.standards.mapping import DayZero, Several, TrialMapping, load
from euexia.standards.mapping_assembly import Parts, assemble
from euexia.standards.mapping_people import People
from euexia.standards.mapping_rows import Rows
from euexia.standards.understanding import Remark, Source, Understanding, conflict, understood
from euexia.trialdata.trialdata import TrialData

STANDARD = "FHIR"
ROLES = {
    "Patient": "subjects",
    "ResearchSubject": "participation",
    "Observation": "readings",
    ADMINISTRATION: "doses",
    "AdverseEvent": "adverse events",
    "Encounter": "visits",
    "Medication": "drugs",
    "ResearchStudy": "study",
} | dict.fromkeys(STATEMENTS, "doses")


def recognise(path: Path, mapping: Path | None) -> bool:
    """Say whether a file or a folder holds FHIR resources."""
    del mapping
    return formats.is_fhir(path)


def read(path: Path, mapping: Path | None, protocol: Protocol | None) -> tuple[TrialData, Understanding]:
    """Read resources by known codes and, if there is one, a mapping.

    Raises DataFileError with every fault, TrialDataError where no trial comes out.
    """
    collection = formats.read(path)
    told = load(mapping) if mapping is not None else TrialMapping(several=Several.FIRST)
    tally = Tally()
    found, remarks = people(collection, told, tally)
    if "randomised" not in found.dates and mapping is None:
        told = replace(told, day_zero=DayZero.FIRST_READING)
    subjects = {f"Patient/{name}": name for name in found.identifiers}
    blocks, sources = readings(collection, told, subjects, tally)
    _heights(found, blocks, remarks)
    given = doses(collection, told, subjects, tally)
    events = happenings(collection, subjects, tally)
    parts = Parts(
        people=found,
        readings=blocks,
        doses=given,
        happenings=events,
        remarks=[*_notes(collection), *remarks, *tally.remarks()],
        faults=tally.faults,
    )
    assembled = assemble(parts, told, protocol, path.name)
    understanding = Understanding(
        standard=STANDARD,
        sources=_sources(collection, blocks, given, len(found.identifiers), len(events)),
        remarks=assembled.remarks,
        subjects=(tuple(found.identifiers),),
        day_zero=(assembled.day_zero,),
        measures={name: where for name, where in sources.items() if name in assembled.data.readings},
    )
    return assembled.data, understanding


def _heights(found: People, blocks: list[Rows], remarks: list[Remark]) -> None:
    """Take each subject's first height as the subject's height."""
    heights = [rows for rows in blocks if rows.name == "height"]
    if not heights:
        return
    places = found.places()
    column = np.full(len(places), np.nan)
    for rows in heights:
        for name, value in zip(rows.subject[::-1], rows.value[::-1], strict=True):
            column[places[name]] = value
    found.numbers["height"] = column
    remarks.append(
        understood("height", "Observation", "the first height of each subject is the subject's height.")
    )


def _notes(collection: Collection) -> list[Remark]:
    """Count what reading noted: copies and older versions."""
    found = []
    for kind, make, topic in (
        (NoteKind.UNDERSTOOD, understood, "copy"),
        (NoteKind.ODD, conflict, "older version"),
    ):
        own = [note for note in collection.notes if note.kind is kind]
        found += [make(topic, own[0].place, own[0].text, len(own))] if own else []
    return found


def _sources(
    collection: Collection, blocks: list[Rows], given: list[Rows], subjects: int, events: int
) -> tuple[Source, ...]:
    used = {
        "Patient": subjects,
        "Observation": sum(len(rows.row) for rows in blocks),
        ADMINISTRATION: sum(len(rows.row) for rows in given),
        "AdverseEvent": events,
    }
    return tuple(
        Source(
            name=kind,
            role=ROLES.get(kind, "not used"),
            rows=len(ones),
            used=min(used.get(kind, 0), len(ones)),
        )
        for kind, ones in collection.resources.items()
    )
