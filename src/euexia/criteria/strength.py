"""Handgrip strength: how a reading becomes one number, and below which number it is weak.

Summaries and cut-offs belong together: the European and Asian cut-offs were made with the best of all
squeezes.  Not here because no public source gave the numbers: the centile tables of Dodds 2014 and the age
bands of Bohannon 2006.  A patient who cannot squeeze has 0 kg only if the protocol says so; pass it as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import UNKNOWN, Comparison, Truth, compare, from_bool
from euexia.criteria.criterion import by_sex

Floats = NDArray[np.float64]

PEAK_MEDIAN_MEN, PEAK_MEDIAN_WOMEN = 51.0, 31.0
"""Median grip [kg] at its best, at 29-39 years in men and 26-42 in women (Dodds 2014)."""


class GripSummary(StrEnum):
    """What the one number of a grip test stands for."""

    BEST_OF_SIX = "max6"
    MEAN_OF_THREE = "mean3"
    MEAN_OF_NON_DOMINANT = "mean_nondominant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grip:
    """Grip strength of patients; every array has the patients' shape."""

    strength: Floats
    """[kg]; NaN without a valid squeeze."""
    squeezes: NDArray[np.int64]
    """Number of valid squeezes behind it."""
    other_hand_missing: Truth
    """TRUE where one hand alone was measured."""
    summary: GripSummary


def best_of_six(left: ArrayLike, right: ArrayLike) -> Grip:
    """Return the best squeeze of both hands (Southampton protocol: three each side).

    left, right: squeezes [kg], shape (..., squeezes); NaN is no valid squeeze.  One hand alone is used, and
    flagged.
    """
    hands = [np.asarray(hand, dtype=float) for hand in (left, right)]
    counts = [_valid(hand) for hand in hands]
    best = np.fmax(*(np.where(np.isnan(hand), -np.inf, hand).max(axis=-1) for hand in hands))
    total = counts[0] + counts[1]
    return Grip(
        strength=np.where(total > 0, best, np.nan),
        squeezes=total,
        other_hand_missing=_one_hand(*counts),
        summary=GripSummary.BEST_OF_SIX,
    )


def mean_of_three(hand: ArrayLike) -> Grip:
    """Return the mean squeeze of one hand (protocol of the American Society of Hand Therapists).

    hand: squeezes of that hand [kg], shape (..., squeezes).  The valid ones are averaged; their number is
    told. Whether the other hand was measured is not known here.
    """
    squeezes = np.asarray(hand, dtype=float)
    strength = _mean(squeezes)
    return Grip(
        strength=strength,
        squeezes=_valid(squeezes),
        other_hand_missing=np.full(strength.shape, UNKNOWN),
        summary=GripSummary.MEAN_OF_THREE,
    )


def mean_of_non_dominant(left: ArrayLike, right: ArrayLike, right_handed: ArrayLike) -> Grip:
    """Return the mean squeeze of the hand that is not the dominant one.

    left, right: squeezes [kg], shape (..., squeezes).  right_handed: 1, 0 or NaN, shape (...).  NaN where
    handedness is unknown; where that hand has no valid squeeze the other is used, and flagged.
    """
    squeezes = [np.asarray(hand, dtype=float) for hand in (left, right)]
    means = [_mean(hand) for hand in squeezes]
    counts = [_valid(hand) for hand in squeezes]
    handed = np.asarray(right_handed, dtype=float)
    take_left = np.where(handed == 1, counts[0] > 0, counts[1] == 0)
    known = (handed == 1) | (handed == 0)
    return Grip(
        strength=np.where(known, np.where(take_left, *means), np.nan),
        squeezes=np.where(take_left, *counts),
        other_hand_missing=_one_hand(*counts),
        summary=GripSummary.MEAN_OF_NON_DOMINANT,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GripCutoff:
    """Strength [kg] below which grip is weak."""

    men: float
    women: float
    source: str


GRIP_CUTOFFS: Mapping[str, GripCutoff] = {
    "ewgsop2": GripCutoff(men=27.0, women=16.0, source="Cruz-Jentoft AJ et al. Age Ageing 2019;48:16-31"),
    "awgs2019": GripCutoff(men=28.0, women=18.0, source="Chen LK et al. JAMDA 2020;21:300-307"),
    "fnih2014": GripCutoff(men=26.0, women=16.0, source="Studenski SA et al. J Gerontol A 2014;69:547-558"),
    "sdoc2020": GripCutoff(men=35.5, women=20.0, source="Bhasin S et al. JAGS 2020;68:1410-1418"),
}


def weak_grip(strength: ArrayLike, male: ArrayLike, cutoff: GripCutoff) -> Truth:
    """Return whether grip is below the cut-off of the patient's sex.

    strength: [kg].  male: 1 man, 0 woman; any other value gives UNKNOWN.  cutoff: one of GRIP_CUTOFFS.
    """
    return compare(strength, Comparison.BELOW, by_sex(male, cutoff.men, cutoff.women))


def _valid(squeezes: Floats) -> NDArray[np.int64]:
    """Return the number of valid squeezes."""
    return np.asarray((~np.isnan(squeezes)).sum(axis=-1))


def _mean(squeezes: Floats) -> Floats:
    """Return the mean of the valid squeezes; NaN where there is none."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(squeezes, axis=-1) / _valid(squeezes))


def _one_hand(left: NDArray[np.int64], right: NDArray[np.int64]) -> Truth:
    """Return whether exactly one hand has valid squeezes."""
    return from_bool((left > 0) != (right > 0))
