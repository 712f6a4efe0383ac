"""Difference of two medians with a bootstrap interval, every draw addressed by seed and trial."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from euexia.core.errors import InputError
from euexia.core.streams import Purpose, uniform
from euexia.statistics.diagnosis import Codes, Diagnosis, first_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

DRAWS = 2**21
"""Random numbers held at once."""


class Interval(StrEnum):
    """How the limits are read from the replicates."""

    PERCENTILE = "percentile"
    BIAS_CORRECTED = "bias_corrected"
    """BCa: corrected for bias and for a spread that changes with the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianDifference:
    """Difference of medians per trial; every array of shape (trials,)."""

    estimate: Floats
    error: Floats
    """Standard deviation of the replicates."""
    low: Floats
    high: Floats
    median: Floats
    """Of the treated."""
    median_control: Floats
    diagnosis: Codes


def median_difference(
    values: ArrayLike,
    treated: ArrayLike,
    controls: ArrayLike,
    *,
    seed: int,
    replicates: int = 2000,
    level: float = 0.95,
    interval: Interval = Interval.PERCENTILE,
    trial_numbers: ArrayLike | None = None,
) -> MedianDifference:
    r"""Return the difference of the arms' medians, resampling subjects within arms.

    .. math:: \hat\theta = \mathrm{med}_1 - \mathrm{med}_0, \quad
              [\theta^*_{(\alpha_1 (B+1))}, \theta^*_{(\alpha_2 (B+1))}]

    with :math:`\alpha_1 = \alpha/2, \alpha_2 = 1 - \alpha/2` (percentile), or bias-corrected and accelerated

    .. math:: \alpha_{1,2} = \Phi\Big(z_0 + \frac{z_0 \mp z}{1 - a (z_0 \mp z)}\Big), \quad
              z_0 = \Phi^{-1}(\#\{\theta^* < \hat\theta\} / B), \quad
              a = \frac{\sum_k n_k^{-3} \sum l_{ki}^3}{6 (\sum_k n_k^{-2} \sum l_{ki}^2)^{3/2}}

    where equal replicates count half and l are jackknife influence values of each arm.  values, treated,
    controls: shape (trials, subjects).  trial_numbers: addresses of the trials' random numbers, 0, 1, ...
    unless given: with them a trial has the same interval in whatever stack it is.
    Source: Efron, Journal of the American Statistical Association 1987;82:171-185.
    """
    y = np.ascontiguousarray(values, dtype=float)
    if y.ndim != 2:
        raise InputError(f"'values' has shape {y.shape}. Give an array of shape (trials, subjects).")
    if replicates < 1:
        raise InputError(f"'replicates' is {replicates}. Give at least 1; 2000 is usual.")
    known = ~np.isnan(y)
    one = np.broadcast_to(np.asarray(treated, dtype=bool), y.shape) & known
    zero = np.broadcast_to(np.asarray(controls, dtype=bool), y.shape) & known
    infinite = np.asarray(((one | zero) & np.isinf(y)).any(axis=1))
    empty = np.asarray(~one.any(axis=1) | ~zero.any(axis=1))
    numbers = np.arange(y.shape[0]) if trial_numbers is None else np.asarray(trial_numbers, dtype=np.int64)
    found = np.full((6, y.shape[0]), np.nan)
    for trial in np.flatnonzero(~infinite & ~empty):
        arms = (np.sort(y[trial, one[trial]]), np.sort(y[trial, zero[trial]]))
        found[:, trial] = _one_trial(arms, seed, int(numbers[trial]), replicates, level, interval)
    diagnosis = first_of(
        (np.asarray(~(one | zero).any(axis=1)), Diagnosis.NOBODY),
        (empty, Diagnosis.EMPTY_ARM),
        (infinite, Diagnosis.INFINITE_VALUE),
        (np.asarray(found[1] == 0), Diagnosis.IDENTICAL_VALUES),
    )
    fine = diagnosis == Diagnosis.FINE
    return MedianDifference(
        estimate=found[0],
        error=np.where(fine, found[1], np.nan),
        low=np.where(fine, found[2], np.nan),
        high=np.where(fine, found[3], np.nan),
        median=found[4],
        median_control=found[5],
        diagnosis=diagnosis,
    )


def _one_trial(
    arms: tuple[Floats, Floats], seed: int, trial: int, replicates: int, level: float, interval: Interval
) -> tuple[float, ...]:
    """Return estimate, error, limits and the two medians of one trial; arms: sorted values."""
    medians = [float(np.median(arm)) for arm in arms]
    resampled = [_medians(arm, seed, trial, item, replicates) for item, arm in enumerate(arms)]
    differences = np.sort(resampled[0] - resampled[1])
    estimate = medians[0] - medians[1]
    tails = np.array([(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    match interval:
        case Interval.PERCENTILE:
            pass
        case Interval.BIAS_CORRECTED:
            tails = _corrected(tails, differences, estimate, arms)
        case _:
            assert_never(interval)
    low, high = np.quantile(differences, tails, method="weibull")
    error = float(differences.std(ddof=1)) if replicates > 1 else np.nan
    return estimate, error, float(low), float(high), medians[0], medians[1]


def _medians(ordered: Floats, seed: int, trial: int, item: int, replicates: int) -> Floats:
    """Return the medians of samples drawn with replacement; item: which arm."""
    size = ordered.size
    step = max(1, DRAWS // size)
    parts = []
    for start in range(0, replicates, step):
        occasion = np.arange(start, min(start + step, replicates))[:, np.newaxis]
        draws = uniform(seed, Purpose.BOOTSTRAP, trial, np.arange(size), occasion, item)
        # Sorted values: the median of the drawn values is the value at the median of the drawn places.
        places = (draws * size).astype(np.int64)
        halves = [(size - 1) // 2, size // 2]
        places.partition(halves, axis=1)
        parts.append((ordered[places[:, halves[0]]] + ordered[places[:, halves[1]]]) / 2.0)
    return np.concatenate(parts)


def _corrected(tails: Floats, ordered: Floats, estimate: float, arms: tuple[Floats, Floats]) -> Floats:
    """Return the tails of the bias-corrected and accelerated interval."""
    below = np.searchsorted(ordered, estimate, side="left")
    upto = np.searchsorted(ordered, estimate, side="right")
    share = (below + upto) / (2.0 * ordered.size)
    bias = float(ndtri(np.clip(share, 0.5 / ordered.size, 1.0 - 0.5 / ordered.size)))
    cubes = squares = 0.0
    for arm, sign in zip(arms, (1.0, -1.0), strict=True):
        left_out = _leave_one_out(arm)
        influence = sign * (arm.size - 1.0) * (left_out.mean() - left_out)
        cubes += float((influence**3).sum()) / arm.size**3
        squares += float((influence**2).sum()) / arm.size**2
    acceleration = cubes / (6.0 * squares**1.5) if squares > 0 else 0.0
    shifted = bias + ndtri(tails)
    return np.asarray(ndtr(bias + shifted / (1.0 - acceleration * shifted)))


def _leave_one_out(ordered: Floats) -> Floats:
    """Return the median without each value in turn."""
    if ordered.size == 1:
        return ordered
    places = np.arange(ordered.size - 1)
    rest = ordered[places + (places >= np.arange(ordered.size)[:, np.newaxis])]
    return np.asarray(np.median(rest, axis=1))
