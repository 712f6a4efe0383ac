r"""Cox's partial likelihood of a stack of trials, its derivatives and residuals, in one pass over subjects.

Every event i contributes one denominator, whatever the ties:

.. math:: \varphi_i = S_0(t_i) - f_i D_0(t_i), \quad a_i = \frac{S_1(t_i) - f_i D_1(t_i)}{\varphi_i}

where S sums exp(x'beta) x over those at risk, D over the events tied with i, and f_i = l_i / d_i for the l-th
of d tied events (Efron) or 0 (Breslow).  With H_j the sum of 1 / phi_i over the events up to the time of j,
and G_j that of f_i / phi_i over the events tied with j, the second moments need no sum over risk sets:

.. math:: I(\beta) = \sum_j e^{x_j'\beta} (H_j - \delta_j G_j) x_j x_j' - \sum_i a_i a_i'
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.small_matrices import inverse
from euexia.statistics.survival_times import Ordered

Floats = NDArray[np.float64]


_NOTHING = 1e-10
"""Information below this, per event, is rounding."""
_LARGEST = 300.0
"""No log hazard ratio is larger: only a search without a maximum goes there, and it must not overflow."""


class Ties(StrEnum):
    """How events at the same time share the likelihood."""

    EFRON = "efron"
    BRESLOW = "breslow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """Sorted subjects with their covariates, centred and scaled within the trial."""

    sorted: Ordered
    covariates: Floats
    """Shape (trials, subjects, p), 0 where there is no such subject."""
    scale: Floats
    """Standard deviation of each covariate, 1 where it is constant; shape (trials, p)."""
    fraction: Floats
    """f_i of the events, 0 of the others."""
    competing: Competing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Competing:
    r"""How subjects stay at risk after a competing event, with the weight G(t-) / G(T-); (trials, subjects).

    G is the Kaplan-Meier curve of being censored, in which events at a time come before censoring.
    """

    keep: Floats
    """G just before each subject's time."""
    carry: Floats
    """1 / G just before the time of a competing event, 0 without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The log-likelihood, shape (trials,), its gradient and its information."""

    value: Floats
    gradient: Floats
    information: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Residuals:
    """Residuals of each subject, in the sorted order, on the internal scale; (trials, subjects, p)."""

    schoenfeld: Floats
    score: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moments:
    weight: Floats
    linear: Floats
    reciprocal: Floats
    """1 / phi of events, 0 of others."""
    mean: Floats
    """a of events, 0 of others; shape (trials, subjects, p)."""


def trials(
    data: Ordered, covariates: Floats, ties: Ties, competing: NDArray[np.bool_] | None = None
) -> Trials:
    """Return the subjects in order, with covariates ready for the likelihood.

    competing: who had a competing event, in the order in which subjects were given.
    """
    inside = data.inside[:, :, np.newaxis]
    values = np.take_along_axis(covariates, data.order[:, :, np.newaxis], axis=1)
    values = np.where(inside & np.isfinite(values), values, 0.0)
    count = np.maximum(data.inside.sum(axis=1), 1)[:, np.newaxis]
    mean = values.sum(axis=1) / count
    centred = np.where(inside, values - mean[:, np.newaxis, :], 0.0)
    deviation = np.sqrt((centred * centred).sum(axis=1) / count)
    varies = deviation > 1e-12 * (1.0 + np.abs(mean))
    scale = np.where(varies, deviation, 1.0)
    centred = np.where(varies[:, np.newaxis, :], centred / scale[:, np.newaxis, :], 0.0)
    return Trials(
        sorted=data,
        covariates=centred,
        scale=scale,
        fraction=_fraction(data, ties),
        competing=_competing(data, competing),
    )


def _competing(data: Ordered, competing: NDArray[np.bool_] | None) -> Competing | None:
    if competing is None:
        return None
    other = np.take_along_axis(competing, data.order, axis=1) & data.inside
    censored = (data.inside & ~data.event & ~other).astype(float)
    ended = data.in_tie((data.event | other).astype(float))
    at_risk, gone = data.at_risk - ended, data.in_tie(censored)
    closes = data.inside & (np.arange(data.time.shape[1]) == data.last) & (gone < at_risk)
    steps = np.log1p(np.where(closes, -gone / np.where(closes, at_risk, 1.0), 0.0))
    keep = np.exp(data.before(steps))
    return Competing(keep=keep, carry=np.where(other, 1.0 / keep, 0.0))


def _at_risk(data: Trials, values: Floats) -> Floats:
    """Return the sum of values over those at risk at each subject's time."""
    total = data.sorted.still_at_risk(values)
    if data.competing is None:
        return total
    return total + data.competing.keep * data.sorted.before(values * data.competing.carry)


def _exposure(data: Trials, values: Floats) -> Floats:
    """Return the sum of the events' values over the time that each subject was at risk."""
    total = data.sorted.up_to(values)
    if data.competing is None:
        return total
    kept = data.competing.keep * values
    return total + data.competing.carry * (data.sorted.still_at_risk(kept) - data.sorted.in_tie(kept))


def evaluate(data: Trials, beta: Floats) -> Evaluation:
    """Return the log-likelihood and its derivatives at beta, shape (trials, p), on the internal scale."""
    moments = _moments(data, beta)
    order, x = data.sorted, data.covariates
    event = order.event
    with np.errstate(divide="ignore"):
        terms = np.where(event, moments.linear + np.log(np.where(event, moments.reciprocal, 1.0)), 0.0)
    hazard = _exposure(data, moments.reciprocal)
    if data.fraction.any():
        hazard = hazard - np.where(event, order.in_tie(data.fraction * moments.reciprocal), 0.0)
    load = moments.weight * hazard
    second = np.einsum("tn,tnj,tnk->tjk", load, x, x, optimize=False)
    means = np.einsum("tnj,tnk->tjk", moments.mean, moments.mean, optimize=False)
    gradient = (np.where(event[:, :, np.newaxis], x, 0.0) - moments.mean).sum(axis=1)
    return Evaluation(value=terms.sum(axis=1), gradient=gradient, information=second - means)


def is_regular(null: Evaluation, events: Floats) -> NDArray[np.bool_]:
    """Return which trials tell of every covariate: the information at no effect is more than rounding.

    events: how many each trial has; covariates of variance 1 bring about one unit of information each.
    """
    own = np.einsum("tjj->tj", null.information, optimize=False)
    _, regular = inverse(null.information)
    return np.asarray(regular & (own > _NOTHING * events[:, np.newaxis]).all(axis=1), dtype=bool)


def residuals(data: Trials, beta: Floats) -> Residuals:
    r"""Return Schoenfeld and score residuals.

    .. math:: s_i = x_i - \bar a_i, \quad
              u_j = \delta_j (x_j - \bar a_j) - e^{x_j'\beta} \sum_{i: t_i \le t_j} c_{ij}
              \frac{x_j - a_i}{\varphi_i}

    with a-bar the mean over the tied events and c_ij = 1 - f_i where j is tied with i and an event, else 1.
    beta: on the internal scale, shape (trials, p).
    """
    moments = _moments(data, beta)
    order, x = data.sorted, data.covariates
    event = order.event
    ties = np.maximum(order.in_tie(event.astype(float)), 1.0)
    shared = data.fraction * moments.reciprocal
    hazard = _exposure(data, moments.reciprocal) - np.where(event, order.in_tie(shared), 0.0)
    schoenfeld, score = np.zeros_like(x), np.zeros_like(x)
    for column in range(x.shape[2]):
        mean = moments.mean[:, :, column]
        schoenfeld[:, :, column] = np.where(event, x[:, :, column] - order.in_tie(mean) / ties, 0.0)
        pulled = _exposure(data, mean * moments.reciprocal)
        pulled = pulled - np.where(event, order.in_tie(mean * shared), 0.0)
        score[:, :, column] = schoenfeld[:, :, column] - moments.weight * (x[:, :, column] * hazard - pulled)
    return Residuals(schoenfeld=schoenfeld, score=score)


def _moments(data: Trials, beta: Floats) -> _Moments:
    order, x = data.sorted, data.covariates
    linear = np.einsum("tnj,tj->tn", x, beta, optimize=False)
    weight = np.where(order.inside, np.exp(np.clip(linear, -_LARGEST, _LARGEST)), 0.0)
    tied = weight * order.event
    # What is left of a stratum's running sum can be rounded below the subject's own weight.
    total = np.maximum(_at_risk(data, weight), weight)
    # Without a tie there is nothing to share: subtracting zeros would change no bit.
    sharing = bool(data.fraction.any())
    denominator = total - data.fraction * order.in_tie(tied) if sharing else total
    denominator = np.maximum(denominator, (1.0 - data.fraction) * weight)
    reciprocal = np.where(order.event, 1.0 / np.where(order.event, denominator, 1.0), 0.0)
    mean = np.zeros_like(x)
    for column in range(x.shape[2]):
        first = _at_risk(data, weight * x[:, :, column])
        if sharing:
            first = first - data.fraction * order.in_tie(tied * x[:, :, column])
        mean[:, :, column] = first * reciprocal
    return _Moments(weight=weight, linear=linear, reciprocal=reciprocal, mean=mean)


def _fraction(data: Ordered, ties: Ties) -> Floats:
    event = data.event.astype(float)
    match ties:
        case Ties.BRESLOW:
            return np.zeros_like(event)
        case Ties.EFRON:
            rank = np.cumsum(event, axis=1)
            place = rank - event - np.take_along_axis(rank - event, data.first, axis=1)
            return np.where(data.event, place / np.maximum(data.in_tie(event), 1.0), 0.0)
        case _:
            assert_never(ties)
