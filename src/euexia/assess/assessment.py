"""Every definition on every patient-date: TRUE, FALSE or UNKNOWN, a value or a category, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from euexia.assess.columns import INGREDIENTS, Baseline, Columns, Settings
from euexia.assess.record import Occasions, Record, occasions
from euexia.core.choices import choose
from euexia.core.logic import FALSE, TRUE, UNKNOWN
from euexia.criteria.catalogue import DEFINITIONS
from euexia.criteria.definition import Definition
from euexia.criteria.outcome import Outcome, Status

if TYPE_CHECKING:
    from pandas import DataFrame

ROWS_AT_ONCE = 200_000
"""Patient-dates that are assessed together; bounds the memory."""
EVERYDAY = ("male", "age", "height", "body_weight", "fluid_retention")
"""Readings that alone do not make a definition worth asking."""
LEADING = ("cachexia", "malnutrition", "sarcopenia", "low muscle")
"""Concepts whose definitions are asked even if only part of what they need was read: UNKNOWN tells too."""
TABLE_COLUMNS = (
    "patient",
    "date",
    "definition",
    "concept",
    "status",
    "answer",
    "value",
    "category",
    "met",
    "missing",
    "invalid",
    "notes",
    "version",
    "source_verified",
    "unverified_parts",
    "citation",
)


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """Outcomes of definitions on patient-dates; each outcome's arrays are aligned with ``at``."""

    record: Record
    at: Occasions
    settings: Settings
    columns: Columns
    outcomes: Mapping[str, Outcome]

    def __len__(self) -> int:
        return len(self.at)


def applicable(record: Record, settings: Settings | None = None) -> tuple[Definition, ...]:
    """Return the definitions that can be asked of a record.

    One of cachexia, malnutrition or low muscle: something it is about was read, or can be computed.  Any
    other score: all that it must have was read at least once.
    """
    known = {name for name, series in record.series.items() if len(series)}
    known |= {name for name, needs in INGREDIENTS.items() if known.issuperset(needs)}
    if settings is not None and settings.baseline is Baseline.FIRST:
        known |= {f"{name}{ending}" for name in known for ending in ("_at_baseline", "_week_6", "_week_12")}
        known |= {"weight_loss_since_baseline"} if "body_weight" in known else set()
    found = []
    for definition in DEFINITIONS.values():
        if definition.function is None:
            continue
        telling = _telling(definition)
        leading = definition.concept in LEADING
        if known.intersection(telling) if leading else known.issuperset(telling):
            found.append(definition)
    return tuple(found)


def _telling(definition: Definition) -> tuple[str, ...]:
    """Return the inputs that a definition is about: not the everyday ones, if there are others."""
    special = tuple(entry for entry in definition.inputs if entry.name not in EVERYDAY)
    needed = tuple(entry.name for entry in special if entry.required)
    if needed or special:
        return needed or tuple(entry.name for entry in special)
    return tuple(entry.name for entry in definition.inputs if entry.required)


def chosen(names: tuple[str, ...]) -> tuple[Definition, ...]:
    """Return definitions by identifier; raise UnknownNameError that names the nearest one."""
    return tuple(choose("definition", name, DEFINITIONS) for name in names)


def assess(
    record: Record,
    *,
    settings: Settings | None = None,
    definitions: tuple[Definition, ...] | None = None,
    at: Occasions | None = None,
) -> Assessment:
    """Return the outcome of each definition on each patient-date.

    definitions: all that can be asked of the record if None.  at: every date on which something was read if
    None.
    """
    options = settings or Settings()
    when = occasions(record) if at is None else at
    columns = Columns(record, when, options)
    asked = applicable(record, options) if definitions is None else definitions
    outcomes = {definition.id: evaluate(definition, columns) for definition in asked}
    return Assessment(record=record, at=when, settings=options, columns=columns, outcomes=outcomes)


def evaluate(definition: Definition, columns: Columns) -> Outcome:
    """Return the outcome of one definition on the readings in force."""
    if definition.function is None:
        raise TypeError(f"'{definition.id}' has no function.")
    return definition.function(**{entry.name: columns[entry.name] for entry in definition.inputs})


def blocks(at: Occasions, size: int = ROWS_AT_ONCE) -> Iterator[Occasions]:
    """Give the patient-dates in pieces."""
    for first in range(0, len(at), size):
        yield Occasions(patient=at.patient[first : first + size], day=at.day[first : first + size])


def answer_word(outcome: Outcome) -> NDArray[np.object_]:
    """Return the main answer in a word: TRUE, FALSE or UNKNOWN, the category, or the value's own status."""
    if outcome.truth is not None:
        words = np.array(["FALSE", "TRUE", "UNKNOWN"], dtype=object)
        return np.asarray(words[outcome.truth], dtype=object)  # -1 is the last
    if outcome.category is not None:
        words = np.array([*outcome.categories, "UNKNOWN"], dtype=object)
        return np.asarray(words[outcome.category], dtype=object)
    return np.where(outcome.status == Status.OK, "value", "UNKNOWN").astype(object)


def tables(assessment: Assessment) -> Iterator[DataFrame]:
    """Give the table of each definition: one row for each patient-date."""
    import pandas as pd

    at = assessment.at
    names = pd.Categorical.from_codes(at.patient, pd.Index(assessment.record.patients))
    dates = at.day.astype("datetime64[D]")
    for name, outcome in assessment.outcomes.items():
        definition = DEFINITIONS[name]
        size = len(at)
        value = np.full(size, np.nan) if outcome.value is None else outcome.value
        statuses = np.array([status.name.lower() for status in Status], dtype=object)
        yield pd.DataFrame(
            {
                "patient": names,
                "date": dates,
                "definition": name,
                "concept": definition.concept,
                "status": pd.Categorical(statuses[outcome.status]),
                "answer": pd.Categorical(answer_word(outcome)),
                "value": value,
                "category": pd.Categorical(_category(outcome, size)),
                "met": pd.Categorical(_listed({key: arm == TRUE for key, arm in outcome.met.items()}, size)),
                "missing": pd.Categorical(_listed(outcome.missing, size)),
                "invalid": pd.Categorical(_listed(outcome.invalid, size)),
                "notes": pd.Categorical(_listed(outcome.notes, size)),
                "version": definition.version,
                "source_verified": definition.source_verified,
                "unverified_parts": "; ".join(definition.unverified),
                "citation": definition.source,
            },
            columns=list(TABLE_COLUMNS),
        )


def _category(outcome: Outcome, size: int) -> NDArray[np.object_]:
    if outcome.category is None:
        return np.full(size, "", dtype=object)
    words = np.array([*outcome.categories, ""], dtype=object)
    return np.asarray(words[outcome.category], dtype=object)


def _listed(flags: Mapping[str, NDArray[np.bool_]], size: int) -> NDArray[np.object_]:
    """Return for each row the names whose flag is set, separated by semicolons."""
    names = list(flags)
    if not names:
        return np.full(size, "", dtype=object)
    codes = np.zeros(size, dtype=np.int64)
    for bit, name in enumerate(names):
        codes |= np.asarray(flags[name], dtype=bool).astype(np.int64) << bit
    found, inverse = np.unique(codes, return_inverse=True)
    texts = [";".join(name for bit, name in enumerate(names) if code >> bit & 1) for code in found.tolist()]
    return np.asarray(np.array(texts, dtype=object)[inverse], dtype=object)


__all__ = [
    "FALSE",
    "TRUE",
    "UNKNOWN",
    "Assessment",
    "answer_word",
    "applicable",
    "assess",
    "blocks",
    "chosen",
    "evaluate",
    "tables",
]
