r"""Tipping points: how much worse the missing must be than imputed before the conclusion changes.

Delta is added to what is imputed after an intercurrent event, in the treated arm, the reference arm, or both:
once (marginal) or at every visit since the event (cumulative).  Both ways of imputing are linear in it:

.. math:: \hat\theta(\delta_1, \delta_0) = \hat\theta + \delta_1 d_1 + \delta_0 d_0

By conditional means the jackknife needs no new fit, since each estimate without a subject is as linear; by
multiple imputation the same completed data sets are shifted and analysed again, so that estimates differ by
delta alone and not by chance.  The tipping point is where the p-value meets the significance level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from euexia.core.errors import InputError
from euexia.statistics.conditional_mean import ConditionalMeanResult, jackknife_error
from euexia.statistics.imputation_data import ImputationDiagnosis
from euexia.statistics.multiple_imputation import Imputed, analyse, shifted
from euexia.statistics.pooling import pool

Floats = NDArray[np.float64]

_HALVINGS = 60
_STEPS = 200
"""Deltas at which a search looks for a change of conclusion before halving."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Estimate, error and p-value over two deltas; shape (trials, treated deltas, reference deltas)."""

    treated: Floats
    reference: Floats
    estimate: Floats
    standard_error: Floats
    p_value: Floats

    def significant(self, level: float = 0.05) -> NDArray[np.bool_]:
        """Return where the two-sided p-value is below the level."""
        return np.asarray(self.p_value < level)


@dataclass(frozen=True, slots=True, kw_only=True)
class TippingPoint:
    """The smallest delta, along one line, at which the p-value meets the level; NaN where there is none."""

    delta: Floats
    estimate: Floats
    p_value: Floats
    """At the tipping point; of no delta at all where there is none."""
    tips: NDArray[np.bool_]


def surface(result: ConditionalMeanResult, treated: ArrayLike, reference: ArrayLike = (0.0,)) -> Surface:
    """Return the surface of conditional means; delta counts as it was asked for in the result."""
    first, second = _deltas(treated), _deltas(reference)
    shape = (result.estimate.size, first.size, second.size)
    value, error, p_value = np.empty(shape), np.empty(shape), np.empty(shape)
    for i, one in enumerate(first):
        for j, other in enumerate(second):
            value[:, i, j], error[:, i, j], p_value[:, i, j] = shifted_estimate(result, one, other)
    return Surface(treated=first, reference=second, estimate=value, standard_error=error, p_value=p_value)


def shifted_estimate(
    result: ConditionalMeanResult, treated: ArrayLike, reference: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Return estimate, jackknife error and two-sided p-value at deltas that broadcast to one per trial."""
    amounts = np.stack(
        np.broadcast_arrays(
            np.asarray(reference, dtype=float), np.asarray(treated, dtype=float), result.estimate
        )[:2],
        axis=-1,
    )
    value = result.estimate + (result.delta_effect * amounts).sum(axis=-1)
    without = result.leave_one_out + (result.leave_one_out_delta * amounts[:, np.newaxis]).sum(axis=-1)
    known = ~np.isnan(without)
    error = np.where(known.any(axis=1), jackknife_error(without, known), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2.0 * ndtr(-np.abs(value / error))
    return value, error, np.asarray(p_value)


def imputed_surface(
    imputed: Imputed,
    treated: ArrayLike,
    reference: ArrayLike = (0.0,),
    *,
    visit: int = -1,
    cumulative: bool = False,
    level: float = 0.95,
) -> Surface:
    """Return the surface of multiple imputation from the completed data sets of one trial."""
    first, second = _deltas(treated), _deltas(reference)
    shape = (1, first.size, second.size)
    value, error, p_value = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    if imputed.diagnosis is ImputationDiagnosis.FINE:
        for i, one in enumerate(first):
            for j, other in enumerate(second):
                at = (0, i, j)
                value[at], error[at], p_value[at] = _pooled_at(
                    imputed, (float(other), float(one)), visit, cumulative, level
                )
    return Surface(treated=first, reference=second, estimate=value, standard_error=error, p_value=p_value)


def _pooled_at(
    imputed: Imputed, delta: tuple[float, float], visit: int, cumulative: bool, level: float
) -> tuple[float, float, float]:
    at = range(imputed.values.shape[2])[visit]
    effects, variances, freedom = analyse(imputed.trials, shifted(imputed, at, delta, cumulative))
    pooled = pool(effects, variances, freedom, level)
    return float(pooled.estimate), float(pooled.standard_error), float(pooled.p_value)


def tipping_point(
    result: ConditionalMeanResult,
    limit: ArrayLike,
    *,
    significance: float = 0.05,
    reference_share: float = 0.0,
) -> TippingPoint:
    """Find the delta at which conditional means stop being significant, from 0 towards a limit.

    limit: the largest delta looked at, negative to make the imputed smaller; one, or one for each trial, NaN
    for a trial in which nothing is looked for.  reference_share: the delta of
    the reference arm as a share of the treated arm's, 0 to penalise the treated alone, -1 to move the arms
    apart. A trial that is not significant without delta has its tipping point at 0.
    """

    def at(delta: Floats) -> tuple[Floats, Floats]:
        value, _, p_value = shifted_estimate(result, delta, delta * reference_share)
        return value, p_value

    return _search(at, result.estimate.size, limit, significance)


def imputed_tipping_point(
    imputed: Imputed,
    limit: float,
    *,
    significance: float = 0.05,
    reference_share: float = 0.0,
    visit: int = -1,
    cumulative: bool = False,
) -> TippingPoint:
    """Find the delta at which multiple imputation of one trial stops being significant."""

    def at(delta: Floats) -> tuple[Floats, Floats]:
        if imputed.diagnosis is not ImputationDiagnosis.FINE:
            return np.full(1, np.nan), np.full(1, np.nan)
        pair = (float(delta[0]) * reference_share, float(delta[0]))
        value, _, p_value = _pooled_at(imputed, pair, visit, cumulative, 0.95)
        return np.array([value]), np.array([p_value])

    return _search(at, 1, limit, significance)


def _search(
    at: Callable[[Floats], tuple[Floats, Floats]], trials: int, limit: ArrayLike, significance: float
) -> TippingPoint:
    """Walk to the first step that is not significant, then halve between it and the one before."""
    reach = _check(limit, significance, trials)
    low, high = np.zeros(trials), np.full(trials, np.nan)
    value, p_value = at(low)
    none = p_value.copy()
    high[p_value >= significance] = 0.0
    for step in range(1, _STEPS + 1):
        open_ = np.isnan(high) & ~np.isnan(none) & (reach != 0.0)
        if not open_.any():
            break
        delta = reach * step / _STEPS
        _, p_here = at(delta)
        tipped = open_ & (p_here >= significance)
        high[tipped] = delta[tipped]
        low[open_ & ~tipped] = delta[open_ & ~tipped]
    tips = ~np.isnan(high)
    low, high = np.where(tips & (high != 0.0), low, 0.0), np.where(tips, high, 0.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        over = at(middle)[1] >= significance
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    value, p_value = at(high)
    return TippingPoint(
        delta=np.where(tips, high, np.nan),
        estimate=np.where(tips, value, np.nan),
        p_value=np.where(tips, p_value, none),
        tips=tips,
    )


def _check(limit: ArrayLike, significance: float, trials: int) -> Floats:
    """Return the limit of each trial, 0 where nothing is looked for."""
    reach = np.asarray(limit, dtype=float)
    if reach.ndim == 0 and (not np.isfinite(reach) or reach == 0.0):
        raise InputError(f"'limit' is {reach:g}: give the largest delta to look at, other than 0.")
    if np.isinf(reach).any() or reach.shape not in ((), (trials,)):
        raise InputError(f"'limit' must be one number, or one finite number for each of {trials} trials.")
    if not 0.0 < significance < 1.0:
        raise InputError(f"'significance' is {significance:g}. Give a number strictly between 0 and 1.")
    return np.broadcast_to(np.where(np.isnan(reach), 0.0, reach), (trials,))


def _deltas(given: ArrayLike) -> Floats:
    deltas = np.atleast_1d(np.asarray(given, dtype=float))
    if deltas.ndim != 1 or not np.isfinite(deltas).all():
        raise InputError("Deltas must be a list of finite numbers.")
    return deltas
