"""What is said of one virtual patient: names, units and rounding of what is followed; the tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from euexia.core.studytime import DAYS_PER_WEEK
from euexia.report.formatting import number
from euexia.study.single_patient import PatientCourse

WEEKS = (0.0, 4.0, 8.0, 12.0, 24.0)
"""Weeks that the tables show, as far as the course goes."""
RESEARCH = (
    "Research use only: Euexia is no medical device and gives no medical advice. "
    "This is a model's virtual patient, not a forecast for a person."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """How one observable is called and rounded; factor: of the model's number to the printed one."""

    name: str
    label: str
    unit: str
    decimals: int
    factor: float = 1.0

    @property
    def head(self) -> str:
        """Return the label with its unit."""
        return f"{self.label} [{self.unit}]"


FOLLOWED: tuple[Followed, ...] = (
    Followed(name="body_weight", label="Body weight", unit="kg", decimals=1),
    Followed(name="fat_mass", label="Fat mass", unit="kg", decimals=1),
    Followed(name="lean_mass_dxa", label="Lean mass by DXA", unit="kg", decimals=1),
    Followed(name="skeletal_muscle_area", label="Muscle area at L3", unit="cm²", decimals=1),
    Followed(name="handgrip_strength", label="Handgrip strength", unit="kg", decimals=1),
    Followed(name="crp", label="C-reactive protein", unit="mg/L", decimals=0),
    Followed(name="free_gdf15", label="GDF-15, not bound", unit="ng/mL", decimals=2),
    Followed(name="energy_intake", label="Energy intake", unit="kcal/day", decimals=0),
    Followed(name="appetite", label="Appetite, health is 100", unit="%", decimals=0, factor=100.0),
    Followed(name="faact_acs", label="FAACT anorexia/cachexia subscale", unit="points", decimals=1),
)
"""Everything that is followed, in order."""


def weeks_shown(course: PatientCourse) -> tuple[float, ...]:
    """Return the weeks of the tables: those of WEEKS within the course, and its end."""
    last = float(course.days[-1]) / DAYS_PER_WEEK
    return tuple(sorted({week for week in WEEKS if week <= last} | {last}))


def followed(course: PatientCourse) -> tuple[Followed, ...]:
    """Return what this course has."""
    return tuple(entry for entry in FOLLOWED if entry.name in course.values)


def value_rows(course: PatientCourse, regimen: int) -> list[tuple[str, ...]]:
    """Return a row per observable: its value in each of the weeks, with the difference from the reference."""
    weeks = weeks_shown(course)
    return [
        (entry.head, *(_cell(course, entry, regimen, week) for week in weeks)) for entry in followed(course)
    ]


def _cell(course: PatientCourse, entry: Followed, regimen: int, week: float) -> str:
    values = course.at_week(entry.name, week) * entry.factor
    text = number(float(values[regimen]), entry.decimals)
    if week == 0 or course.reference in (None, regimen):
        return text
    difference = float(values[regimen] - values[course.reference])
    return f"{text} ({signed(difference, entry.decimals + 1)})"


def plain_rows(course: PatientCourse, regimen: int) -> list[tuple[str, ...]]:
    """Return a row per observable: its value in each of the weeks."""
    return [
        (
            entry.head,
            *(
                number(float(course.at_week(entry.name, week)[regimen]) * entry.factor, entry.decimals)
                for week in weeks_shown(course)
            ),
        )
        for entry in followed(course)
    ]


def difference_rows(course: PatientCourse, regimen: int) -> list[tuple[str, ...]]:
    """Return a row per observable: the difference from the reference in each week; none without one."""
    if course.reference in (None, regimen):
        return []
    rows = []
    for entry in followed(course):
        values = (course.at_week(entry.name, week) * entry.factor for week in weeks_shown(course))
        gaps = (float(found[regimen] - found[course.reference]) for found in values)
        rows.append((entry.head, *(signed(gap, entry.decimals + 1) for gap in gaps)))
    return rows


def table_title(course: PatientCourse, regimen: int) -> str:
    """Return the title of the table of a regimen."""
    label = course.regimens[regimen].label
    if course.reference in (None, regimen):
        return label
    return f"{label} (in brackets: difference from {course.regimens[course.reference].label})"


def signed(value: float, decimals: int) -> str:
    """Return a number with its sign; what rounds to nothing has none."""
    text = number(value, decimals)
    return text if text.startswith("−") or not np.isfinite(value) or not text.strip("0.,") else f"+{text}"


def lead(course: PatientCourse) -> str:
    """Return the answer in one or two sentences."""
    last = float(course.days[-1]) / DAYS_PER_WEEK
    weight = course.at_week("body_weight", last) - course.at_week("body_weight", 0)
    grip = course.at_week("handgrip_strength", last) - course.at_week("handgrip_strength", 0)
    parts = [
        f"{entry.label}: weight {signed(float(kg), 1)} kg, handgrip {signed(float(force), 1)} kg"
        for entry, kg, force in zip(course.regimens, weight, grip, strict=True)
    ]
    return f"After {last:g} weeks, against today. {'; '.join(parts)}."
