"""Real patients assessed for the page: checks, cards and the cohort, computed aside and kept nowhere."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from euexia.assess import assessment, checks
from euexia.assess import mapping as mappings
from euexia.assess.mapping import TableMapping
from euexia.assess.reading import Reading, read_tables
from euexia.assess.record import occasions, to_date
from euexia.criteria.catalogue import DEFINITIONS
from euexia.report import assessment_cards, assessment_chapters
from euexia.report.assessment_material import AssessmentMaterial
from euexia.report.assessment_words import label
from euexia.studio import guesses, tables
from euexia.studio.settings import Limits
from euexia.studio.tables import Table

MOST_CARDS = 300
MOST_FINDINGS = 500
PREVIEW = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadAsked:
    """A file to be read."""

    content: bytes
    name: str
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessAsked:
    """A table to be assessed as a mapping says; with a folder it is written there too."""

    table: Table
    mapping: dict[str, Any]
    folder: Path | None = None


def upload(asked: UploadAsked) -> tuple[Table, dict[str, Any]]:
    """Return the table of a file, and what its columns probably mean.  Raises InputError."""
    table = tables.read(asked.content, asked.name, asked.limits)
    return table, {
        "columns": guesses.columns(table),
        "mapping": guesses.mapping(table),
        "preview": [list(row) for row in table.rows[:PREVIEW]],
        "rows": len(table.rows),
    }


def mapping_of(given: dict[str, Any]) -> TableMapping:
    """Return a mapping from the page.  Raises DataFileError with every fault."""
    return mappings.loads(json.dumps(given, ensure_ascii=False), "mapping.yaml")


def mapping_yaml(given: dict[str, Any]) -> str:
    """Return a mapping as the file that the command line reads."""
    lines = []
    for name, value in given.items():
        if name == "columns" and isinstance(value, dict):
            lines.append("columns:")
            lines += [f"  {_json(column)}: {_json(what)}" for column, what in value.items()]
        elif value != "":
            lines.append(f"{name}: {_json(value)}")
    return "\n".join(lines) + "\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def assess(asked: AssessAsked) -> dict[str, Any]:
    """Return the assessment of a table.  Raises InputError or DataFileError."""
    layout = mapping_of(asked.mapping)
    frame = asked.table.frame()
    reading = read_tables([frame], asked.table.name, layout, keep_going=True)
    checked = checks.check(reading.record)
    if asked.folder is not None:
        from euexia.report.assessment import write_assessment

        write_assessment(asked.folder, checked)
    at = occasions(checked.record, last_only=True)
    material = AssessmentMaterial(checked=checked, last=assessment.assess(checked.record, at=at))
    shown = range(min(material.patients, MOST_CARDS))
    return {
        "checks": _checks(reading, checked),
        "patients": [_card(material, index) for index in shown],
        "cohort": _cohort(material),
    }


def _checks(reading: Reading, checked: checks.Checked) -> dict[str, Any]:
    return {
        "readings": checked.record.readings,
        "measures": len(checked.record.series),
        "faults": [asdict(fault) for fault in reading.faults],
        "findings": [
            {**asdict(finding), "kind": finding.kind.value, "rows": list(finding.rows)}
            for finding in checked.findings[:MOST_FINDINGS]
        ],
        "more_findings": max(0, len(checked.findings) - MOST_FINDINGS),
    }


def _card(material: AssessmentMaterial, index: int) -> dict[str, Any]:
    found = assessment_cards.card(material, index)
    weights = material.checked.record.of("body_weight").of_patient(int(material.last.at.patient[index]))
    return {
        "patient": found.patient,
        "date": found.date,
        "facts": found.facts,
        "summary": assessment_cards.summary(found),
        "status": [asdict(line) for line in found.status],
        "scores": [asdict(line) for line in found.scores],
        "trend": list(found.trend),
        "drivers": list(found.drivers),
        "wanted": [asdict(wanted) for wanted in found.wanted],
        "doubts": list(found.doubts),
        "readings": [{"label": name, "value": value} for name, value in found.readings],
        "weights": [
            {"date": str(to_date(int(day))), "value": float(value)}
            for day, value in zip(weights.day, weights.value, strict=True)
        ],
    }


def _cohort(material: AssessmentMaterial) -> dict[str, Any]:
    return {
        "patients": material.patients,
        "lead": assessment_chapters.lead(material),
        "definitions": [
            {
                "name": name,
                "label": label(name),
                "concept": DEFINITIONS[name].concept,
                "citation": DEFINITIONS[name].source,
                "yes": counts.yes,
                "no": counts.no,
                "unknown": counts.unknown,
            }
            for name, counts in material.yes_no.items()
        ],
        "gaps": [{"text": text, "patients": count} for text, count in material.gaps],
    }
