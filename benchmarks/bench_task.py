"""The task that every solver of the benchmark is given, and how far its answer is from the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from euexia import parameters
from euexia.model import sbml
from euexia.physiology import observables
from euexia.population import archetypes
from euexia.simulate.reference import Patient, Reference
from euexia.study import exchange, regimen
from euexia.study.exchange import Course

WEEKS = 12
DAYS = np.array([0.0, *(7.0 * week + day for week in range(WEEKS) for day in (3.0, 7.0))])
"""Day 0 and the twice-weekly visits of the lenalidomide trial."""
TREATMENT = "lenalidomide 25 mg daily"
TARGET = 1e-4
"""Largest relative error of any observable on any visit that a solver may have."""
TRUTH = 1e-9
"""Relative tolerance of the LSODA that is taken for the truth."""
SHARES = ("weight_loss_6_months", "cumulative_death", "cumulative_dropout", "cumulative_serious")
"""Shares and cumulative hazards, which begin at 0: their error is absolute, as that of a probability."""

Table = Mapping[str, Any]
"""Every observable, shape (visits after day 0,)."""

PARAMETERS = parameters.load()


@dataclass(frozen=True, slots=True)
class Case:
    """One patient of the task."""

    name: str
    course: Course
    sbml: str
    truth: Table


def by_lsoda(course: Course, tolerance: float) -> Table:
    """Return every observable after day 0, by SciPy on the Python equations."""
    reference = Reference(PARAMETERS, tolerance=tolerance)
    patient = Patient(course.body, course.state, {})
    rows = []
    for start, end in pairwise(DAYS):
        patient = reference.advance(patient, course.effects, float(start), float(end))
        rows.append(reference.observe(patient, float(end), course.effects))
    return {name: np.array([row[name] for row in rows]) for name in observables.NAMES}


def cases() -> list[Case]:
    """Return the shipped archetypes under the treatment, each with its truth."""
    given = regimen.parse(TREATMENT, PARAMETERS)
    found = []
    for name in archetypes.names():
        course = exchange.course_of(archetypes.load(name), given, parameters=PARAMETERS, weeks=WEEKS)
        text = sbml.write(exchange.document(course, PARAMETERS, name, name, ("Benchmark.",)))
        found.append(Case(name, course, text, by_lsoda(course, TRUTH)))
    return found


def error(found: Table, truth: Table) -> float:
    """Return the largest relative difference."""
    return max(
        float(np.max(np.abs(found[name] - value) / (1.0 if name in SHARES else np.abs(value))))
        for name, value in truth.items()
    )
