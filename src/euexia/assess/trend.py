"""How a patient changes: reference weight, robust slope, next degree of loss, muscle per 100 days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.assess.columns import Reference, Settings
from euexia.assess.record import Occasions, Record, Series, largest_within, value_before
from euexia.criteria.weight_loss import MONTH

Floats = NDArray[np.float64]

WINDOW = 6 * MONTH
"""Days of readings that a trend rests on."""
FEWEST, SHORTEST = 3, 14.0
"""Readings, and days between the first and the last, below which no slope is given."""
LEAST_APART = 30.0
"""Days between two CT scans below which no muscle change is given."""
CONFIDENCE = 0.95
DEGREES = (0.05, 0.10, 0.15, 0.20)
"""Shares of the reference weight whose loss is a next stage in at least one published definition.

5 % (Fearon 2011; CTCAE grade 1), 10 % (GLIM stage 2; CTCAE grade 2), 15 % (top row of Martin 2015), 20 %
(CTCAE grade 3).
"""
PER_HUNDRED_DAYS = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """A robust slope (Theil and Sen): the median of the slopes between all pairs of readings.

    per_day: unit of the measure per day.  low, high: 95 % interval (Sen's, by ranks).  level: what the
    line gives on the last day.
    """

    per_day: float
    low: float
    high: float
    level: float
    readings: int
    days: float

    def share_per_week(self) -> tuple[float, float, float]:
        """Return slope and interval as shares of the level per week."""
        return tuple(7 * slope / self.level for slope in (self.per_day, self.low, self.high))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """When the next degree of loss is reached if the trend goes on.

    soonest, latest: by the ends of the slope's interval; infinite where the weight may as well not fall.
    """

    degree: float
    """Share of the reference weight that will be lost."""
    weight: float
    """Weight at which that is so [kg]."""
    days: float
    soonest: float
    latest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """How one patient changes; None where the readings do not say."""

    weight: float
    """Last body weight [kg], NaN without one."""
    weighed_on: float
    """Day number of the last body weight."""
    reference_weight: float
    reference_age: float
    """Days by which the reference weight is older."""
    loss: float
    """Share of the reference weight that is lost; negative is a gain."""
    slope: Slope | None
    projection: Projection | None
    muscle_per_100_days: float
    """Share of the muscle area gained per 100 days, first to last CT of the window; NaN without two."""


def slope_of(series: Series, *, window: float = WINDOW) -> Slope | None:
    """Return the robust slope of one patient's readings of the last ``window`` days; None if too few."""
    if not len(series):
        return None
    recent = series.take(series.day >= series.day[-1] - window)
    days = recent.day.astype(float)
    span = float(days[-1] - days[0])
    if len(recent) < FEWEST or span < SHORTEST:
        return None
    from scipy import stats

    fitted = stats.theilslopes(recent.value, days, CONFIDENCE)
    level = float(fitted.intercept + fitted.slope * days[-1])
    return Slope(
        per_day=float(fitted.slope),
        low=float(fitted.low_slope),
        high=float(fitted.high_slope),
        level=level,
        readings=len(recent),
        days=span,
    )


def project(weight: float, reference: float, slope: Slope | None) -> Projection | None:
    """Return when the next degree of loss is reached; None if the weight is not falling or none is left."""
    if slope is None or not slope.per_day < 0 or not np.isfinite(reference):
        return None
    for degree in DEGREES:
        target = reference * (1 - degree)
        if weight > target:
            distance = weight - target
            return Projection(
                degree=degree,
                weight=target,
                days=distance / -slope.per_day,
                soonest=distance / -slope.low,
                latest=distance / -slope.high if slope.high < 0 else float("inf"),
            )
    return None


def trend_of(record: Record, patient: int, settings: Settings) -> Trend:
    """Return how one patient changes, up to the last readings."""
    weights = record.of("body_weight").of_patient(patient)
    muscle = _per_hundred_days(record.of("skeletal_muscle_area").of_patient(patient))
    if not len(weights):
        return _without_weight(muscle)
    now, day = float(weights.value[-1]), int(weights.day[-1])
    at = Occasions(patient=np.array([patient]), day=np.array([day]))
    match settings.reference:
        case Reference.AT_LOOK_BACK:
            reference, age = value_before(weights, at, days=6 * MONTH)
        case Reference.MAXIMUM:
            reference, age = largest_within(weights, at, days=6 * MONTH)
        case _:
            assert_never(settings.reference)
    slope = slope_of(weights)
    earlier = float(reference[0])
    return Trend(
        weight=now,
        weighed_on=float(day),
        reference_weight=earlier,
        reference_age=float(age[0]),
        loss=(earlier - now) / earlier,
        slope=slope,
        projection=project(now, earlier, slope),
        muscle_per_100_days=muscle,
    )


def _without_weight(muscle: float) -> Trend:
    nan = float("nan")
    return Trend(
        weight=nan,
        weighed_on=nan,
        reference_weight=nan,
        reference_age=nan,
        loss=nan,
        slope=None,
        projection=None,
        muscle_per_100_days=muscle,
    )


def _per_hundred_days(areas: Series) -> float:
    """Return the relative change of the muscle area per 100 days, (last / first - 1) 100 / days."""
    if len(areas) < 2:
        return float("nan")
    days = float(areas.day[-1] - areas.day[0])
    if days < LEAST_APART:
        return float("nan")
    return float((areas.value[-1] / areas.value[0] - 1) * PER_HUNDRED_DAYS / days)
