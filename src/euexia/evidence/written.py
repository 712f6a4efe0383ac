"""A study as the text of an evidence file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from euexia.evidence.row import Row, Study, StudyArm

KEPT = {"about", "measure", "verified"}
"""Fields of a row that are written even where they say nothing."""


def written(study: Study) -> str:
    """Return a study as YAML that ``euexia.evidence`` reads back to the same study; one row a line."""
    return "\n".join(_lines(study)) + "\n"


def _lines(study: Study) -> Iterator[str]:
    for name in ("id", "topic", "citation", "population", "treatment", "doi", "size", "handling", "notes"):
        if getattr(study, name):
            yield f"{name}: {_scalar(getattr(study, name))}"
    for name in ("registry", "sources"):
        if getattr(study, name):
            yield f"{name}: {_scalar(list(getattr(study, name)))}"
    for name in ("design", "arms", "eligibility", "endpoints", "rows"):
        yield from _group(name, getattr(study, name))


def _group(name: str, entries: Mapping[str, Any]) -> Iterator[str]:
    if not entries:
        yield f"{name}: {{}}"
        return
    yield f"{name}:"
    for key, value in entries.items():
        yield f"  {key}: {_scalar(value) if isinstance(value, str) else _flow(value)}"


def _flow(entry: Row | StudyArm | Any) -> str:
    parts = []
    for field in fields(entry):
        value = getattr(entry, field.name)
        if field.name in KEPT or value != field.default:
            parts.append(f"{field.name}: {_scalar(value)}")
    return f"{{{', '.join(parts)}}}"


def _scalar(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
