"""What can be looked up: published trials, the numbers of the model, measures, words."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from fastapi import APIRouter

from euexia import evidence, parameters
from euexia import protocol as protocols
from euexia.assess.vocabulary import terms
from euexia.core.choices import choose
from euexia.core.quantities import canonical_unit
from euexia.evidence.row import Row, Study, Use
from euexia.parameters.catalogue import ASSUMPTION
from euexia.parameters.references import load_references
from euexia.report.glossary import glossary
from euexia.studio.answers import plain

router = APIRouter(prefix="/api")


@router.get("/evidence")
def list_evidence() -> list[dict[str, Any]]:
    """List the published studies, with the protocols that simulate them."""
    return list(_studies())


@router.get("/evidence/{study}")
def show_evidence(study: str) -> dict[str, Any]:
    """Show one published study with its rows, and whether each was seen at the source."""
    names = {name: name for name in evidence.shipped()}
    found = evidence.load(choose("published study", study, names))
    return {
        **_summary(found),
        "handling": found.handling,
        "notes": found.notes,
        "sources": list(found.sources),
        "arms": [
            {"name": name, "dose": arm.dose, "note": arm.note, "verified": arm.verified}
            for name, arm in found.arms.items()
        ],
        "endpoints": dict(found.endpoints),
        "rows": [{"name": name, **_row(row)} for name, row in found.rows.items()],
        "code": {
            "yaml": "",
            "command": f"euexia evidence {found.id}",
            "python": f'from euexia import evidence\n\nstudy = evidence.load("{found.id}")',
        },
    }


@router.get("/parameters")
def list_parameters() -> dict[str, Any]:
    """List every number of the model: meaning, value, range, status, source."""
    return _parameters()


@router.get("/glossary")
def list_words() -> list[dict[str, Any]]:
    """List the words of this field in plain words."""
    return [{"term": name, **asdict(entry)} for name, entry in glossary().items()]


@router.get("/measures")
def list_measures() -> list[dict[str, Any]]:
    """List what a column of a table of patients may be."""
    return [
        {
            "name": name,
            "label": entry.label,
            "unit": entry.unit,
            "note": entry.note,
            "codes": dict(entry.codes),
        }
        for name, entry in terms().items()
    ]


@cache
def _studies() -> tuple[dict[str, Any], ...]:
    return tuple(_summary(evidence.load(name)) for name in evidence.shipped())


@cache
def _simulated() -> dict[str, list[str]]:
    """Return the protocols that name a study among their published results, by study."""
    found: dict[str, list[str]] = {}
    for name in protocols.shipped():
        for published in protocols.load(name).published:
            entry = found.setdefault(published.study, [])
            if name not in entry:
                entry.append(name)
    return found


def _summary(study: Study) -> dict[str, Any]:
    return {
        "study": study.id,
        "topic": study.topic.value,
        "citation": study.citation,
        "doi": study.doi,
        "url": f"https://doi.org/{study.doi}" if study.doi else "",
        "registry": list(study.registry),
        "population": study.population,
        "treatment": study.treatment,
        "size": study.size,
        "rows_in_all": len(study.rows),
        "verified_rows": sum(row.verified for row in study.rows.values()),
        "held_out_rows": sum(row.use is Use.HOLDOUT for row in study.rows.values()),
        "protocols": _simulated().get(study.id, []),
    }


def _row(row: Row) -> dict[str, Any]:
    content: dict[str, Any] = plain(asdict(row))
    return content


@cache
def _parameters() -> dict[str, Any]:
    references = load_references()
    rows = []
    for entry in parameters.load().values():
        unit = canonical_unit(entry.kind)
        is_sourced = entry.source.key != ASSUMPTION
        rows.append(
            {
                "name": entry.name,
                "block": entry.name.partition(".")[0],
                "meaning": entry.meaning,
                "value": entry.value,
                "unit": "" if unit == "1" else unit,
                "printed": entry.printed,
                "low": entry.low,
                "high": entry.high,
                "spread": entry.spread,
                "status": entry.status.value,
                "source": references[entry.source.key] if is_sourced else "",
                "where": entry.source.where,
            }
        )
    code = {
        "yaml": "",
        "command": "euexia parameters",
        "python": "import euexia\n\nparameters = euexia.load_parameters()",
    }
    return {"rows": plain(rows), "code": code}
