"""Cox regression with Firth's penalty, for trials whose likelihood is monotone; a stack at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, chdtri

from euexia.statistics import cox
from euexia.statistics.partial_likelihood import Ties, Trials, evaluate, is_regular, trials
from euexia.statistics.small_matrices import inverse, product
from euexia.statistics.survival_diagnosis import Diagnosis, Findings, check_level
from euexia.statistics.survival_times import Lifetimes, ordered

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

_ITERATIONS = 100
_HALVINGS = 20
_CLOSE = 1e-8
_NEAR = 1e-4
"""Ends the search for the height of a profile, which errs by the square of it."""
_LONGEST = 5.0
"""No step is longer, in standard deviations of the covariate: a flat likelihood asks for too much."""
_STRIDE = 1e-3
"""Of the differences that give the slope of the penalty; their error is its fourth power."""
_BISECTIONS = 40
_REACH = 40.0
"""How far, in standard deviations of the covariate, a limit is sought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirthFit:
    """Penalised log hazard ratios, shape (trials, covariates), with profile limits and tests."""

    coefficient: Floats
    error: Floats
    """From the information; limits and tests do not use it."""
    hazard_ratio: Floats
    low: Floats
    high: Floats
    p_value: Floats
    """Of the penalised likelihood ratio of each coefficient."""
    level: float
    diagnosis: tuple[Diagnosis, ...]


def fit(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    strata: ArrayLike | None = None,
    *,
    ties: Ties = Ties.EFRON,
    level: float = 0.95,
) -> FirthFit:
    r"""Return the maximum of the partial likelihood with Jeffreys' prior, with profile limits.

    .. math:: \ell^*(\beta) = \ell(\beta) + \tfrac12 \log |I(\beta)|, \quad
              \{b : 2 [\ell^*(\hat\beta) - \max_{\beta_j = b} \ell^*(\beta)] \le \chi^2_{1, 1 - \alpha}\}

    A finite estimate exists also where an arm has no events.  Limits of several covariates take a second
    for a trial, those of the arm alone a hundredth.  Arguments as for ``cox.fit``.  Source: Firth,
    Biometrika 1993;80:27-38; for Cox's model: Heinze and Schemper, Biometrics 2001;57:114-119.
    """
    check_level(level)
    lives, values, stratum = cox.checked(time, event, covariates, strata)
    data = trials(ordered(lives, stratum), values, ties)
    findings = _checked(lives, values, data)
    data = trials(ordered(_only(lives, findings.sound), stratum), values, ties)
    beta, top, arrived = _maximum(data, np.zeros(data.scale.shape), None)
    findings.note(~arrived, Diagnosis.NOT_CONVERGED)
    covariance, _ = inverse(evaluate(data, beta).information)
    critical = float(chdtri(1, 1.0 - level)) / 2.0
    limits = np.full((2, *beta.shape), np.nan)
    fall = np.full(beta.shape, np.nan)
    for column in range(beta.shape[1]):
        # A trial without information has no height to fall from: minus infinity.
        fall[:, column] = np.where(np.isfinite(top), top, 0.0) - _profile(data, beta, column)(
            np.zeros(len(beta))
        )
        for side, sign in enumerate((-1.0, 1.0)):
            limits[side, :, column] = _limit(
                _profile(data, beta, column), beta[:, column], top - critical, sign
            )
    blank = np.where(findings.sound, 0.0, np.nan)[:, np.newaxis]
    coefficient = beta / data.scale + blank
    return FirthFit(
        coefficient=coefficient,
        error=np.sqrt(np.einsum("tjj->tj", covariance, optimize=False)) / data.scale + blank,
        hazard_ratio=np.exp(coefficient),
        low=np.exp(limits[0] / data.scale + blank),
        high=np.exp(limits[1] / data.scale + blank),
        p_value=np.asarray(chdtrc(1, 2.0 * np.maximum(fall, 0.0)), dtype=float) + blank,
        level=level,
        diagnosis=findings.diagnoses,
    )


def _checked(lives: Lifetimes, values: Floats, data: Trials) -> Findings:
    findings = lives.findings
    inside = lives.inside[:, :, np.newaxis]
    findings.note((np.isnan(values) & inside).any(axis=(1, 2)), Diagnosis.MISSING_COVARIATE)
    findings.note((np.isinf(values) & inside).any(axis=(1, 2)), Diagnosis.INFINITE_VALUE)
    findings.note(~lives.event.any(axis=1), Diagnosis.NO_EVENTS)
    null = evaluate(data, np.zeros(data.scale.shape))
    findings.note(~is_regular(null, lives.event.sum(axis=1).astype(float)), Diagnosis.COLLINEAR)
    return findings


def _only(lives: Lifetimes, sound: Booleans) -> Lifetimes:
    """Return the same with all other trials emptied: no search is wasted on them."""
    here = sound[:, np.newaxis]
    return Lifetimes(
        time=np.where(here, lives.time, np.nan),
        event=lives.event & here,
        inside=lives.inside & here,
        findings=lives.findings,
    )


def _penalised(data: Trials, beta: Floats) -> Floats:
    found = evaluate(data, beta)
    return np.asarray(found.value + _half_log_determinant(found.information), dtype=float)


def _half_log_determinant(information: Floats) -> Floats:
    sign, value = np.linalg.slogdet(information)
    return np.asarray(np.where(sign > 0, value / 2.0, -np.inf), dtype=float)


def _penalty(data: Trials, beta: Floats, here: Floats) -> tuple[Floats, Floats]:
    """Return slope and curvature of the penalty along each coefficient, by differences of the fourth order.

    here: the information at beta.  Both have shape (trials, covariates).
    """
    slope, curvature = np.zeros(beta.shape), np.zeros(beta.shape)
    middle = _half_log_determinant(here)
    for column in range(beta.shape[1]):
        step = np.zeros(beta.shape[1])
        step[column] = _STRIDE
        far, near, after, beyond = (
            _half_log_determinant(evaluate(data, beta + factor * step).information)
            for factor in (-2.0, -1.0, 1.0, 2.0)
        )
        with np.errstate(invalid="ignore"):
            slope[:, column] = (8.0 * (after - near) - (beyond - far)) / (12.0 * _STRIDE)
            bend = 16.0 * (after + near) - (beyond + far) - 30.0 * middle
            curvature[:, column] = bend / (12.0 * _STRIDE**2)
    known = np.isfinite(slope) & np.isfinite(curvature)
    return np.where(known, slope, 0.0), np.where(known, curvature, 0.0)


def _maximum(data: Trials, beta: Floats, held: int | None) -> tuple[Floats, Floats, Booleans]:
    """Return where the penalised likelihood is largest, its value, and whether the search ended there.

    held: a column that keeps its value.
    """
    value = _penalised(data, beta)
    arrived: Booleans = np.zeros(len(beta), dtype=bool)
    close = _CLOSE if held is None else _NEAR
    if held is not None and beta.shape[1] == 1:
        return beta, value, ~arrived
    for _ in range(_ITERATIONS):
        found = evaluate(data, beta)
        slope, curvature = _penalty(data, beta, found.information)
        gradient, information = found.gradient + slope, found.information
        # The penalty bends too; without it steps would overshoot to and fro.
        places = np.arange(beta.shape[1])
        information[:, places, places] += np.maximum(-curvature, 0.0)
        if held is not None:
            gradient[:, held] = 0.0
            information[:, held, :] = information[:, :, held] = 0.0
            information[:, held, held] = 1.0
        inverted, regular = inverse(information)
        step = np.where((regular & ~arrived)[:, np.newaxis], product(inverted, gradient), 0.0)
        longest = np.abs(step).max(axis=1, keepdims=True)
        step = step * np.minimum(1.0, _LONGEST / np.maximum(longest, _LONGEST))
        step, value = _uphill(data, beta, step, value)
        beta = beta + step
        arrived |= regular & (np.abs(step).max(axis=1) < close)
        if (arrived | ~regular).all():
            break
    return beta, value, arrived


def _uphill(data: Trials, beta: Floats, step: Floats, value: Floats) -> tuple[Floats, Floats]:
    slack = 1e-12 * (1.0 + np.abs(value))
    reached = _penalised(data, beta + step)
    for _ in range(_HALVINGS):
        worse = ~(reached >= value - slack)
        if not worse.any():
            break
        step = np.where(worse[:, np.newaxis], step / 2.0, step)
        reached = _penalised(data, beta + step)
    return step, reached


def _profile(data: Trials, beta: Floats, column: int) -> Callable[[Floats], Floats]:
    """Return the function of one coefficient's value that maximises over the others."""

    def height(at: Floats) -> Floats:
        start = beta.copy()
        start[:, column] = at
        return _maximum(data, start, column)[1]

    return height


def _limit(height: Callable[[Floats], Floats], inner: Floats, floor: Floats, sign: float) -> Floats:
    """Return where the profile falls to the floor, on one side; infinite if it never does."""
    outer = inner + sign * _REACH
    open_end = height(outer) >= floor
    for _ in range(_BISECTIONS):
        middle = (inner + outer) / 2.0
        inside = height(middle) >= floor
        inner, outer = np.where(inside, middle, inner), np.where(inside, outer, middle)
    return np.where(open_end, sign * np.inf, outer)
