"""Six-minute walk and gait speed: predicted, normal and slow.

Other equations for the six-minute walk (Troosters, Casanova, Gibbons, Jenkins) give other answers; this is
the one of Enright and Sherrill, and no other stands in for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import Comparison, Truth, compare, negate
from euexia.criteria.bands import look_up, within
from euexia.criteria.criterion import by_sex
from euexia.criteria.points import band

Floats = NDArray[np.float64]

HEALTHY_AGES = (40.0, 80.0)
"""Ages [year] of the healthy adults behind the equations; from memory, to be checked against the paper."""
BELOW_PREDICTED_MEN, BELOW_PREDICTED_WOMEN = 153.0, 139.0
"""How far [m] the lower limit of normal lies below the predicted distance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedWalk:
    """Predicted distance in six minutes; arrays of the patients' shape."""

    distance: Floats
    """[m]"""
    lower_limit: Floats
    """Lower limit of normal [m]."""
    extrapolated: Truth
    """TRUE for ages outside those the equation was made from."""


def six_minute_walk(male: ArrayLike, age: ArrayLike, height: ArrayLike, weight: ArrayLike) -> PredictedWalk:
    """Return the predicted six-minute walk.

    Men 7.57 H - 5.02 A - 1.76 W - 309; women 2.11 H - 2.29 W - 5.78 A + 667.

    male: 1 or 0.  age: A [year].  height: H [cm].  weight: W [kg].  Missing input gives NaN.
    """
    years, tall, mass = (np.asarray(x, dtype=float) for x in (age, height, weight))
    men = 7.57 * tall - 5.02 * years - 1.76 * mass - 309
    women = 2.11 * tall - 2.29 * mass - 5.78 * years + 667
    return PredictedWalk(
        distance=by_sex(male, men, women),
        lower_limit=by_sex(male, men - BELOW_PREDICTED_MEN, women - BELOW_PREDICTED_WOMEN),
        extrapolated=negate(within(years, *HEALTHY_AGES)),
    )


def six_minute_walk_by_body_mass_index(male: ArrayLike, age: ArrayLike, body_mass_index: ArrayLike) -> Floats:
    """Return the predicted six-minute walk [m] by the body mass index form.

    Men 1140 - 5.61 BMI - 6.94 A; women 1017 - 6.24 BMI - 5.83 A.  No lower limit of normal was found for it.

    male: 1 or 0.  age: A [year].  body_mass_index: BMI [kg/m2].
    """
    years, index = np.asarray(age, dtype=float), np.asarray(body_mass_index, dtype=float)
    return by_sex(male, 1140 - 5.61 * index - 6.94 * years, 1017 - 6.24 * index - 5.83 * years)


def share_of_predicted(observed: ArrayLike, predicted: ArrayLike) -> Floats:
    """Return observed / predicted [1]; times 100 it is the usual percent predicted."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.asarray(observed, dtype=float) / np.asarray(predicted, dtype=float)
    return np.where(np.isfinite(share), share, np.nan)


def gait_speed(distance: ArrayLike, seconds: ArrayLike) -> Floats:
    """Return usual gait speed [m/s]; distance [m], seconds [s] above 0, else NaN.

    Speeds of short walks from the word "go", or with a turn, are not comparable with the norms.
    """
    metres, time = np.broadcast_arrays(np.asarray(distance, dtype=float), np.asarray(seconds, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(time > 0, metres / time, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class GaitCutoff:
    """Speed [m/s] that is slow."""

    comparison: Comparison
    speed: float
    source: str


GAIT_CUTOFFS: Mapping[str, GaitCutoff] = {
    "ewgsop2": GaitCutoff(
        comparison=Comparison.AT_MOST, speed=0.8, source="Cruz-Jentoft AJ et al. Age Ageing 2019;48:16-31"
    ),
    "fnih2014": GaitCutoff(
        comparison=Comparison.AT_MOST, speed=0.8, source="Studenski SA et al. J Gerontol A 2014;69:547-558"
    ),
    "fnih2014_strict": GaitCutoff(
        comparison=Comparison.BELOW, speed=0.8, source="As some copies of Studenski 2014 print it"
    ),
    "sdoc2020": GaitCutoff(
        comparison=Comparison.BELOW, speed=0.8, source="Bhasin S et al. JAGS 2020;68:1410-1418"
    ),
    "awgs2019": GaitCutoff(
        comparison=Comparison.BELOW, speed=1.0, source="Chen LK et al. JAMDA 2020;21:300-307 (6 m walk)"
    ),
}


def slow_gait(speed: ArrayLike, cutoff: GaitCutoff) -> Truth:
    """Return whether gait is slow; speed [m/s]; cutoff: one of GAIT_CUTOFFS."""
    return compare(speed, cutoff.comparison, cutoff.speed)


GAIT_AGES = (20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 100.0)
_MEN = (np.nan, 1.358, 1.433, 1.434, 1.433, 1.339, 1.262, 0.968, np.nan)
_WOMEN = (np.nan, 1.341, 1.337, 1.390, 1.313, 1.241, 1.132, 0.943, np.nan)


def mean_gait_speed(age: ArrayLike, male: ArrayLike) -> Floats:
    """Return the mean usual gait speed [m/s] of healthy people of that age and sex; NaN outside 20-99 years.

    age: [year].  male: 1 or 0.  The highest and the lowest mean (men of 40-49, women of 80-99) were seen at
    the source, Bohannon 2011; the others are from memory and await a check.
    """
    decade = band(age, Comparison.AT_LEAST, GAIT_AGES)
    return by_sex(male, look_up(decade, _MEN), look_up(decade, _WOMEN))
