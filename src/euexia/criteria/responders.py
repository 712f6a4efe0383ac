"""When a patient has responded: published rules, and what death does to them.

Weights, lean masses and strengths are compared as baseline and value at the assessment.  The trial
NCT01127386 does not say by which formula lean mass came from the CT nor which hand and summary the grip was:
the caller states both by what it passes (default here: Mourtzakis 2008, and the better hand).
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison, Truth, all_of, compare, from_flag
from euexia.criteria.body_composition import fat_free_mass

Floats = NDArray[np.float64]

LEAN_MASS_GAIN, GRIP_GAIN, WEIGHT_GAIN, POWER_GAIN = 0.02, 4.0, 0.05, 0.10
GDF15_ENTRY = 1.5
"""Concentration [ng/mL] from which patients entered the trial of ponsegromab (printed as 1500 pg/mL)."""


def gain(baseline: ArrayLike, now: ArrayLike) -> Floats:
    """Return the share gained, (now - baseline) / baseline; NaN without a positive baseline."""
    first, last = np.broadcast_arrays(np.asarray(baseline, dtype=float), np.asarray(now, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(first > 0, (last - first) / first, np.nan)


def lean_mass_gain(area_at_baseline: ArrayLike, area_now: ArrayLike) -> Floats:
    """Return the share of lean mass gained, from muscle areas at L3 [cm2] by Mourtzakis 2008.

    It is smaller than the share of area gained.
    """
    return gain(fat_free_mass(area_at_baseline), fat_free_mass(area_now))


def grip_response(
    baseline: ArrayLike,
    now: ArrayLike,
    *,
    at_least: float = GRIP_GAIN,
    comparison: Comparison = Comparison.AT_LEAST,
) -> Truth:
    """Return whether grip [kg] rose by at least 4 kg."""
    rise = np.asarray(now, dtype=float) - np.asarray(baseline, dtype=float)
    return compare(rise, comparison, at_least)


def response_nct01127386(
    lean_gain: ArrayLike,
    grip_gain: ArrayLike,
    *,
    lean_comparison: Comparison = Comparison.ABOVE,
    grip_comparison: Comparison = Comparison.AT_LEAST,
) -> Truth:
    """Return whether lean mass rose by more than 2 % AND grip by at least 4 kg, at 8 weeks.

    lean_gain: share of lean mass gained.  grip_gain: [kg].  Other places print "at least 2 %": hence the
    comparisons.
    """
    return all_of(
        [
            compare(lean_gain, lean_comparison, LEAN_MASS_GAIN),
            compare(grip_gain, grip_comparison, GRIP_GAIN),
        ]
    )


def response_weight_5_percent(baseline: ArrayLike, now: ArrayLike) -> Truth:
    """Return whether weight [kg] rose by more than 5 %."""
    return compare(gain(baseline, now), Comparison.ABOVE, WEIGHT_GAIN)


def response_lean_mass_kept(baseline: ArrayLike, now: ArrayLike) -> Truth:
    """Return whether no lean mass [kg] was lost (POWER trials, day 84); threshold from memory."""
    return compare(now, Comparison.AT_LEAST, baseline)


def response_stair_climb_power(baseline: ArrayLike, now: ArrayLike) -> Truth:
    """Return whether stair climb power [W] rose by at least 10 % (POWER trials); threshold from memory."""
    return compare(gain(baseline, now), Comparison.AT_LEAST, POWER_GAIN)


def mean_change_weeks_6_and_12(baseline: ArrayLike, week_6: ArrayLike, week_12: ArrayLike) -> Floats:
    """Return the mean change to weeks 6 and 12, as in the ROMANA trials; NaN if either is missing."""
    middle = (np.asarray(week_6, dtype=float) + np.asarray(week_12, dtype=float)) / 2
    return np.asarray(middle - np.asarray(baseline, dtype=float))


def eligible_gdf15(gdf15: ArrayLike) -> Truth:
    """Return whether GDF-15 [ng/mL] is at least 1.5, the entry criterion of the trial of ponsegromab."""
    return compare(gdf15, Comparison.AT_LEAST, GDF15_ENTRY)


class AfterDeath(StrEnum):
    """What a response is for a patient who died before the assessment."""

    NON_RESPONDER = "composite"
    NOT_DEFINED = "while_alive"


def with_deaths(
    response: ArrayLike,
    died_before: ArrayLike,
    strategy: AfterDeath,
    *,
    missing_is_non_response: bool = False,
) -> Truth:
    """Return the response with deaths before the assessment dealt with.

    NON_RESPONDER: FALSE, whatever was carried forward.  NOT_DEFINED: UNKNOWN.  A patient who is alive and
    not assessed stays UNKNOWN; ``missing_is_non_response`` (a sensitivity analysis) makes that FALSE.

    response: truth array.  died_before: 1, 0 or NaN (not known: an assessed response stands, else UNKNOWN).
    """
    given = np.asarray(response, dtype=np.int8)
    died = from_flag(died_before)
    imputed = (given == UNKNOWN) & missing_is_non_response
    either_way = (died == FALSE) | (strategy is AfterDeath.NON_RESPONDER)
    alive = np.where(imputed & either_way, FALSE, given)
    match strategy:
        case AfterDeath.NON_RESPONDER:
            dead = FALSE
        case AfterDeath.NOT_DEFINED:
            dead = UNKNOWN
        case _:
            assert_never(strategy)
    return np.where(died == TRUE, dead, alive).astype(np.int8)


def worst_rank(values: ArrayLike, death_day: ArrayLike) -> Floats:
    """Return ranks in which death is below all survivors, and an earlier death below a later one.

    values: outcome, higher is better, shape (patients,); NaN is not assessed.  death_day: day of death before
    the assessment, NaN for survivors.  Ranks run from 1 (worst), ties share their mean; a survivor without a
    value has NaN.  The rule is from memory.
    """
    outcome, day = np.asarray(values, dtype=float), np.asarray(death_day, dtype=float)
    died = ~np.isnan(day)
    ranked = died | ~np.isnan(outcome)
    key = np.stack([np.where(died, 0.0, 1.0), np.where(died, day, outcome)])[:, ranked]
    _, place, count = np.unique(key, axis=1, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(count) - (count - 1) / 2
    ranks = np.full(outcome.shape, np.nan)
    ranks[ranked] = mean_rank[place.ravel()]
    return ranks
