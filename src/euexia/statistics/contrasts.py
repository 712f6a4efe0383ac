"""Contrasts of the arms' means, and t inference on differences, for a stack of trials."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from euexia.core.errors import InputError
from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrasts:
    """Differences per trial with t intervals; every array of shape (trials, contrasts)."""

    estimate: Floats
    error: Floats
    freedom: Floats
    low: Floats
    high: Floats
    p_value: Floats


def contrast(
    means: Floats,
    covariance: Floats,
    freedom: Floats,
    weights: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Contrasts:
    r"""Return linear combinations of the arms' means.

    .. math:: c^\top \hat\mu \pm t_{1-\alpha/2,\nu} \sqrt{c^\top V c}

    means, covariance, freedom: shapes (trials, arms), (trials, arms, arms) and (trials,), as in a fitted
    Ancova.  weights: c, shape (contrasts, arms).  The interval is two-sided whatever the alternative.
    """
    rows = np.atleast_2d(np.asarray(weights, dtype=float))
    used = rows != 0
    both = used[:, :, np.newaxis] & used[:, np.newaxis, :]
    products = rows[:, :, np.newaxis] * rows[:, np.newaxis, :]
    centre, spread = means[:, np.newaxis, :], covariance[:, np.newaxis]
    difference = np.where(used, rows * np.where(used, centre, 0.0), 0.0).sum(axis=2)
    variance = np.where(both, products * np.where(both, spread, 0.0), 0.0).sum(axis=(2, 3))
    return t_inference(
        difference, np.sqrt(np.maximum(variance, 0.0)), freedom[:, np.newaxis], level, alternative
    )


def pairs(arms: int) -> Floats:
    """Return the weights of all differences between a later and an earlier arm: 1-0, 2-0, ..., 2-1, ..."""
    rows = np.zeros((arms * (arms - 1) // 2, arms))
    for row, (earlier, later) in enumerate(combinations(range(arms), 2)):
        rows[row, later], rows[row, earlier] = 1.0, -1.0
    return rows


def versus_control(arms: int, control: int = 0) -> Floats:
    """Return the weights of the differences of all other arms from the control."""
    rows = np.delete(np.eye(arms), control, axis=0)
    rows[:, control] = -1.0
    return rows


def trend(doses: ArrayLike) -> Floats:
    r"""Return the weights of the linear trend of the means over the doses.

    .. math:: c_a = (d_a - \bar d) / \sum_b (d_b - \bar d)^2
    """
    dose = np.asarray(doses, dtype=float)
    centred = dose - dose.mean()
    if not (centred**2).sum() > 0:
        raise InputError("All 'doses' of the trend are the same. Give at least two different doses.")
    return np.asarray(centred / (centred**2).sum())


def t_inference(
    difference: Floats, error: Floats, freedom: Floats, level: float, alternative: Alternative
) -> Contrasts:
    """Return t interval and p-value of differences; NaN where no degree of freedom is left."""
    usable = (freedom > 0) & np.isfinite(error)
    freedom = np.broadcast_to(np.where(freedom > 0, freedom, np.nan), difference.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(usable, difference / error, np.nan)
    half = stdtrit(freedom, (1.0 + level) / 2.0) * error
    tails = {
        Alternative.TWO_SIDED: 2.0 * stdtr(freedom, -np.abs(t)),
        Alternative.GREATER: stdtr(freedom, -t),
        Alternative.LESS: stdtr(freedom, t),
    }
    return Contrasts(
        estimate=difference,
        error=error,
        freedom=freedom,
        low=difference - half,
        high=difference + half,
        p_value=np.asarray(tails[alternative]),
    )
