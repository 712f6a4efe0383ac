"""Physical function: short battery, chair stands, timed up and go, one-leg stance, stairs.

A test that was not done for administrative reasons is missing (NaN); one that the patient could not do is
recorded as unable, and scores 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison, Truth, any_of, compare, from_flag
from euexia.criteria.bands import look_up
from euexia.criteria.criterion import by_sex
from euexia.criteria.points import band

Floats = NDArray[np.float64]

HUNDREDTHS = 100
BALANCE_HOLD = 10.0
"""Seconds for which a stance counts as held."""
CHAIR_LIMIT = 60.0
"""Seconds after which five chair stands count as not done."""


class Course(StrEnum):
    """Length of the walk of the short battery; each has cut-points of its own."""

    FOUR_METRES = "4 m"
    THREE_METRES = "3 m"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortBattery:
    """Points of the Short Physical Performance Battery; NaN is unknown."""

    balance: Floats
    gait: Floats
    chair: Floats
    total: Floats


def short_battery(
    *,
    side_by_side: ArrayLike,
    semi_tandem: ArrayLike,
    tandem: ArrayLike,
    walk: ArrayLike,
    chair: ArrayLike,
    walk_unable: ArrayLike = 0.0,
    chair_unable: ArrayLike = 0.0,
    course: Course = Course.FOUR_METRES,
) -> ShortBattery:
    """Return the Short Physical Performance Battery: 0-4 points each for balance, gait and chair, total 0-12.

    side_by_side, semi_tandem, tandem: seconds held (0 if unable); a stance not held for 10 s ends the test.
    walk: seconds for the course, the better of two walks.  chair: seconds for five stands.  Times count to
    0.01 s. walk_unable, chair_unable: 1 where the patient could not, NaN where that is not known.
    """
    stance = balance_points(side_by_side, semi_tandem, tandem)
    pace = gait_points(walk, walk_unable, course=course)
    stands = chair_points(chair, chair_unable)
    return ShortBattery(balance=stance, gait=pace, chair=stands, total=stance + pace + stands)


def balance_points(side_by_side: ArrayLike, semi_tandem: ArrayLike, tandem: ArrayLike) -> Floats:
    """Return the balance points: 1 + 1 for two stances held 10 s, then 2, 1 or 0 for a tandem of 10, 3, less.

    Each argument: seconds held, NaN if not tested.  Stances after one not held are not looked at.
    """
    first, second = (
        compare(_hundredths(x), Comparison.AT_LEAST, BALANCE_HOLD) for x in (side_by_side, semi_tandem)
    )
    last = look_up(band(_hundredths(tandem), Comparison.AT_LEAST, (3.0, BALANCE_HOLD)), (0.0, 1.0, 2.0))
    after_first = np.where(second == TRUE, 2 + last, np.where(second == FALSE, 1.0, np.nan))
    return np.where(first == TRUE, after_first, np.where(first == FALSE, 0.0, np.nan))


def gait_points(walk: ArrayLike, unable: ArrayLike = 0.0, *, course: Course) -> Floats:
    """Return 4 to 1 points for the walk, 0 if unable.

    4 m: < 4.82 s, 4.82-6.20, 6.21-8.70, > 8.70.  3 m: < 3.62, 3.62-4.65, 4.66-6.52, > 6.52.  The inner
    cut-points of the 4 m course await a check; one source prints those of 3 m as if for 4 m.
    """
    match course:
        case Course.FOUR_METRES:
            edges = (4.82, 6.21, 8.71)
        case Course.THREE_METRES:
            edges = (3.62, 4.66, 6.53)
        case _:
            assert_never(course)
    return _unless_unable(
        look_up(band(_hundredths(walk), Comparison.AT_LEAST, edges), (4.0, 3.0, 2.0, 1.0)), unable
    )


def chair_points(chair: ArrayLike, unable: ArrayLike = 0.0) -> Floats:
    """Return 4 to 1 points for five stands in up to 11.19, 13.69, 16.69 or 60 s; 0 above or if unable."""
    times = _hundredths(chair)
    points = look_up(band(times, Comparison.AT_LEAST, (11.20, 13.70, 16.70)), (4.0, 3.0, 2.0, 1.0))
    return _unless_unable(
        np.where(compare(times, Comparison.ABOVE, CHAIR_LIMIT) == TRUE, 0.0, points), unable
    )


def better_walk(first: ArrayLike, second: ArrayLike) -> Floats:
    """Return the faster of two walks [s]; one that is missing is left aside."""
    return np.asarray(np.fmin(np.asarray(first, dtype=float), np.asarray(second, dtype=float)))


CHAIR_STAND_AGES = (60.0, 65.0, 70.0, 75.0, 80.0, 85.0, 90.0, 95.0)
_STANDS_MEN = (np.nan, 14.0, 12.0, 12.0, 11.0, 10.0, 8.0, 7.0, np.nan)
_STANDS_WOMEN = (np.nan, 12.0, 11.0, 10.0, 10.0, 9.0, 8.0, 4.0, np.nan)
CHAIR_STANDS_NORMAL: Mapping[tuple[int, str], tuple[int, int]] = {
    (60, "men"): (14, 19),
    (60, "women"): (12, 17),
    (65, "men"): (12, 18),
    (65, "women"): (11, 16),
}
"""Normal repetitions in 30 s from that age for five years; no others were found."""


def chair_stands_below_average(
    repetitions: ArrayLike, age: ArrayLike, male: ArrayLike, arms_used: ArrayLike = 0.0
) -> Truth:
    """Return whether the 30 s chair stands are fewer than the cut-point of age and sex.

    repetitions: full stands, one more than half way counts.  age: [year]; outside 60-94 UNKNOWN.  male: 1 or
    0. arms_used: 1 makes the count 0.
    """
    years = band(age, Comparison.AT_LEAST, CHAIR_STAND_AGES)
    least = by_sex(male, look_up(years, _STANDS_MEN), look_up(years, _STANDS_WOMEN))
    few = any_of([from_flag(arms_used), compare(repetitions, Comparison.BELOW, least)])
    return np.where(np.isnan(least), UNKNOWN, few).astype(np.int8)


def five_stands_slower_than_average(seconds: ArrayLike, age: ArrayLike) -> Truth:
    """Return whether five chair stands take longer than average: above 11.4, 12.6, 14.8 s (60s, 70s, 80s).

    seconds: [s].  age: [year]; outside 60-89 UNKNOWN.  Source: Bohannon 2006.
    """
    limit = look_up(
        band(age, Comparison.AT_LEAST, (60.0, 70.0, 80.0, 90.0)), (np.nan, 11.4, 12.6, 14.8, np.nan)
    )
    return compare(seconds, Comparison.ABOVE, limit)


FIVE_STANDS_LOW: Mapping[str, tuple[Comparison, float]] = {
    "ewgsop2": (Comparison.ABOVE, 15.0),
    "awgs2019": (Comparison.AT_LEAST, 12.0),
}
"""Seconds for five chair stands that are low, by definition of sarcopenia."""


def five_stands_low(seconds: ArrayLike, rule: tuple[Comparison, float]) -> Truth:
    """Return whether five chair stands [s] are low by a rule of FIVE_STANDS_LOW."""
    return compare(seconds, *rule)


UP_AND_GO_AGES = (60.0, 70.0, 80.0, 100.0)
UP_AND_GO_MEANS = (8.1, 9.2, 11.3)
UP_AND_GO_UPPER = (9.0, 10.2, 12.7)
"""Upper end of the 95 % interval of the mean [s] (Bohannon 2006); over all ages from 60: 9.9, mean 9.4."""
UP_AND_GO_LOW = 20.0
"""Seconds from which performance is low by EWGSOP2."""


def up_and_go_slower_than_average(seconds: ArrayLike, age: ArrayLike) -> Truth:
    """Return whether timed up and go [s] is above the interval of its age; UNKNOWN outside 60-99 years."""
    limit = look_up(band(age, Comparison.AT_LEAST, UP_AND_GO_AGES), (np.nan, *UP_AND_GO_UPPER, np.nan))
    return compare(seconds, Comparison.ABOVE, limit)


def up_and_go_low(seconds: ArrayLike) -> Truth:
    """Return whether timed up and go [s] is low performance by EWGSOP2 (at least 20 s)."""
    return compare(seconds, Comparison.AT_LEAST, UP_AND_GO_LOW)


STANCE_LIMIT = 45.0
"""Seconds after which a one-leg stance is stopped; from memory, to be checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneLegStance:
    """Seconds on one leg; NaN where a missing trial leaves it open."""

    best: Floats
    mean: Floats


def one_leg_stance(trials: ArrayLike) -> OneLegStance:
    """Return best and mean of the trials, each cut at 45 s.  Norms by age were not found and are not here.

    trials: [s], shape (..., 3).  A missing trial leaves the mean unknown, and the best too unless another
    reached 45 s.
    """
    seconds = np.minimum(np.asarray(trials, dtype=float), STANCE_LIMIT)
    reached = (compare(seconds, Comparison.AT_LEAST, STANCE_LIMIT) == TRUE).any(axis=-1)
    return OneLegStance(
        best=np.where(reached, STANCE_LIMIT, seconds.max(axis=-1)), mean=seconds.mean(axis=-1)
    )


STANDARD_GRAVITY = 9.81


def stair_climb_power(weight: ArrayLike, height: ArrayLike, seconds: ArrayLike) -> Floats:
    """Return the mean power of climbing stairs [W], weight g height / seconds.

    weight: the patient's [kg] alone.  height: steps times riser [m].  seconds: [s] above 0, else NaN.  Weight
    gain raises it without a faster climb.
    """
    mass, rise, time = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (weight, height, seconds)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(time > 0, mass * STANDARD_GRAVITY * rise / time, np.nan)


def _hundredths(seconds: ArrayLike) -> Floats:
    """Return times to 0.01 s, half up, as the battery records them."""
    hundredths = np.asarray(seconds, dtype=float) * HUNDREDTHS
    return np.floor(np.round(hundredths, 6) + 0.5) / HUNDREDTHS


def _unless_unable(points: Floats, unable: ArrayLike) -> Floats:
    """Return 0 points where the patient was unable, and NaN where that is not known."""
    could_not = from_flag(unable)
    return np.where(could_not == TRUE, 0.0, np.where(could_not == FALSE, points, np.nan))
