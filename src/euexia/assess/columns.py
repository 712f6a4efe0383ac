"""The readings in force on each patient-date, by the names that definitions ask for.

What was read is taken as it is; what was not read is computed where a formula gives it (loss of weight,
body-mass index, fat-free mass from the muscle area, creatinine clearance).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.assess.record import Occasions, Record, largest_within, value_at, value_before, value_for_good
from euexia.assess.vocabulary import CONSTANT, LASTING
from euexia.core.studytime import DAYS_PER_YEAR
from euexia.criteria import body_composition, laboratory
from euexia.criteria.weight_loss import MONTH, fraction_lost

Floats = NDArray[np.float64]

WEEK = 7
NEVER, BEFORE_TIME = np.iinfo(np.int64).max, -1
"""Days that stand for no reading: later than any date, and 1 day before days are counted."""
ROUNDING = 1e-6
"""Years by which a sum of whole years may fall short of its own number."""
LOSSES: Mapping[str, int] = {
    "weight_loss_1_month": 1,
    "weight_loss_2_months": 2,
    "weight_loss_3_months": 3,
    "weight_loss_6_months": 6,
    "weight_loss_12_months": 12,
}
"""Months that each loss looks back."""
ONGOING, FORTNIGHT = 28.0, 14.0
"""Days over which a loss counts as going on: weight now below that of about 4 weeks before."""


class Reference(StrEnum):
    """Which earlier weight a loss is counted from."""

    AT_LOOK_BACK = "at_look_back"
    """The one nearest to the look-back day, within its tolerance."""
    MAXIMUM = "maximum"
    """The largest of the window."""


class Baseline(StrEnum):
    """Which reading a response to treatment is counted from."""

    STATED = "stated"
    """Only one that the table names as such (``body_weight_at_baseline``)."""
    FIRST = "first"
    """Each patient's first reading of the measure: for tables that begin with treatment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the sources leave open, and is therefore said here.

    reference: the earlier weight.  carry: days for which a reading stays in force (sex and height: for good;
    a chronic illness: until another reading; age grows).  baseline: what response is counted from.
    """

    reference: Reference = Reference.AT_LOOK_BACK
    carry: float = 30.0
    baseline: Baseline = Baseline.STATED


class Columns(Mapping[str, Floats]):
    """Readings in force by name, each computed when first asked for; NaN where there is none."""

    def __init__(self, record: Record, at: Occasions, settings: Settings) -> None:
        self.record, self.at, self.settings = record, at, settings
        self._found: dict[str, Floats] = {}

    def __getitem__(self, name: str) -> Floats:
        if name not in self._found:
            read = self._read(name)
            formula = FORMULAS.get(name) or _since_baseline(name, self.settings)
            if formula is not None and np.isnan(read).any():
                read = np.where(np.isnan(read), formula(self), read)
            self._found[name] = read
        return self._found[name]

    def __iter__(self) -> Iterable[str]:  # type: ignore[override]
        return iter((*self.record.series, *FORMULAS))

    def __len__(self) -> int:
        return len({*self.record.series, *FORMULAS})

    def _read(self, name: str) -> Floats:
        series = self.record.of(name)
        if name == "age":
            age, days = value_for_good(series, self.at)
            return np.floor(age + days / DAYS_PER_YEAR + ROUNDING)
        if name in CONSTANT:
            return value_for_good(series, self.at)[0]
        carry = np.inf if name in LASTING else self.settings.carry
        return value_at(series, self.at, carry=carry)[0]

    def earlier_weight(self, days: float) -> Floats:
        """Return the weight that a loss over so many days is counted from."""
        weights = self.record.of("body_weight")
        _, age = value_at(weights, self.at, carry=self.settings.carry)
        weighed = Occasions(patient=self.at.patient, day=self.at.day - np.nan_to_num(age).astype(np.int64))
        match self.settings.reference:
            case Reference.AT_LOOK_BACK:
                return value_before(weights, weighed, days=days)[0]
            case Reference.MAXIMUM:
                return largest_within(weights, weighed, days=days)[0]
            case _:
                assert_never(self.settings.reference)

    def weight_loss(self, days: float) -> Floats:
        """Return the share of the earlier weight that is lost; days count back from the weight in force."""
        return fraction_lost(self.earlier_weight(days), self["body_weight"])

    def first(self, measure: str) -> Occasions:
        """Return the date of each patient's first reading of a measure, or of what it is computed from.

        For each patient-date; the day before time where there is none before that date.
        """
        days = np.full(len(self.record.patients), NEVER, dtype=np.int64)
        for name in (measure, *INGREDIENTS.get(measure, ())[:1]):
            series = self.record.of(name)
            np.minimum.at(days, series.patient, series.day)
        day = days[self.at.patient]
        return Occasions(patient=self.at.patient, day=np.where(day < self.at.day, day, BEFORE_TIME))

    def at_baseline(self, measure: str) -> Floats:
        """Return each patient's first reading of a measure; NaN on its own date and before."""
        return Columns(self.record, self.first(measure), self.settings)[measure]

    def after_weeks(self, measure: str, weeks: int) -> Floats:
        """Return the reading nearest to so many weeks after the first one, within a week; NaN before."""
        first = self.first(measure)
        found = np.full(len(self.at), np.nan)
        for days in sorted(range(-WEEK, WEEK + 1), key=abs, reverse=True):
            day = first.day + weeks * WEEK + days
            there = np.where((first.day > BEFORE_TIME) & (day <= self.at.day), day, BEFORE_TIME)
            exact = replace(self.settings, carry=0.0)
            read = Columns(self.record, Occasions(patient=first.patient, day=there), exact)[measure]
            found = np.where(np.isnan(read), found, read)
        return found


def _since_baseline(name: str, settings: Settings) -> Callable[[Columns], Floats] | None:
    """Return the formula of a reading that is named for its time under treatment; None for another."""
    if settings.baseline is Baseline.STATED:
        return None
    if name == "weight_loss_since_baseline":
        return lambda columns: fraction_lost(columns.at_baseline("body_weight"), columns["body_weight"])
    measure, found, weeks = name.partition("_week_")
    if found:
        return lambda columns: columns.after_weeks(measure, int(weeks))
    measure, found, rest = name.partition("_at_baseline")
    return (lambda columns: columns.at_baseline(measure)) if found and not rest else None


def _loss_over(months: int) -> Callable[[Columns], Floats]:
    return lambda columns: columns.weight_loss(months * MONTH)


def _falling(days: float) -> Callable[[Columns], Floats]:
    """Return whether the weight is below that of so many days before: any loss counts."""

    def falling(columns: Columns) -> Floats:
        lost = columns.weight_loss(days)
        return np.where(np.isnan(lost), np.nan, (lost > 0).astype(float))

    return falling


def _loss_3_to_6_months(columns: Columns) -> Floats:
    longer = columns["weight_loss_6_months"]
    return np.where(np.isnan(longer), columns["weight_loss_3_months"], longer)


def _over_height_squared(name: str) -> Callable[[Columns], Floats]:
    return lambda columns: np.asarray(columns[name] / (columns["height"] / 100) ** 2)


def _ratio(above: str, below: str) -> Callable[[Columns], Floats]:
    def ratio(columns: Columns) -> Floats:
        divisor = columns[below]
        return np.asarray(columns[above] / np.where(divisor > 0, divisor, np.nan))

    return ratio


def _if_advanced_cancer(columns: Columns) -> Floats:
    """Return yes where an advanced solid tumour is stated; its absence says nothing about other illness."""
    return np.where(columns["advanced_solid_tumour"] == 1, 1.0, np.nan)


def _clearance(columns: Columns) -> Floats:
    return laboratory.creatinine_clearance(
        columns["creatinine"], columns["body_weight"], columns["age"], columns["male"]
    )


FORMULAS: Mapping[str, Callable[[Columns], Floats]] = {
    **{name: _loss_over(months) for name, months in LOSSES.items()},
    "weight_loss_3_to_6_months": _loss_3_to_6_months,
    "weight_loss_beyond_6_months": lambda columns: columns["weight_loss_12_months"],
    "reference_weight": lambda columns: columns.earlier_weight(6 * MONTH),
    "ongoing_loss": _falling(ONGOING),
    "weight_decreased_2_weeks": _falling(FORTNIGHT),
    "bmi": _over_height_squared("body_weight"),
    "skeletal_muscle_index": _over_height_squared("skeletal_muscle_area"),
    "appendicular_index": _over_height_squared("appendicular_lean_mass"),
    "lean_mass_ct": lambda columns: body_composition.fat_free_mass(columns["skeletal_muscle_area"]),
    "fat_mass_ct": lambda columns: body_composition.fat_mass(columns["adipose_area"]),
    "intake_per_weight": _ratio("energy_intake", "body_weight"),
    "nlr": _ratio("neutrophils", "lymphocytes"),
    "creatinine_clearance": _clearance,
    "active_cancer": _if_advanced_cancer,
    "chronic_illness": _if_advanced_cancer,
    "voluntary_weight_loss": lambda columns: 1 - columns["weight_loss_involuntary"],
}
"""What can be computed where it was not read."""

INGREDIENTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(LOSSES, ("body_weight",)),
    "weight_loss_3_to_6_months": ("body_weight",),
    "weight_loss_beyond_6_months": ("body_weight",),
    "reference_weight": ("body_weight",),
    "ongoing_loss": ("body_weight",),
    "weight_decreased_2_weeks": ("body_weight",),
    "bmi": ("body_weight", "height"),
    "skeletal_muscle_index": ("skeletal_muscle_area", "height"),
    "appendicular_index": ("appendicular_lean_mass", "height"),
    "lean_mass_ct": ("skeletal_muscle_area",),
    "fat_mass_ct": ("adipose_area",),
    "intake_per_weight": ("energy_intake", "body_weight"),
    "nlr": ("neutrophils", "lymphocytes"),
    "creatinine_clearance": ("creatinine", "body_weight", "age", "male"),
    "active_cancer": ("advanced_solid_tumour",),
    "chronic_illness": ("advanced_solid_tumour",),
    "voluntary_weight_loss": ("weight_loss_involuntary",),
}
"""What each formula reads."""
