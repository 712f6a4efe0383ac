"""Cox regression of a stack of trials: Efron and Breslow ties, strata, robust errors, proportionality."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtri

from euexia.core.errors import InputError
from euexia.statistics.partial_likelihood import (
    Evaluation,
    Ties,
    Trials,
    evaluate,
    is_regular,
    residuals,
    trials,
)
from euexia.statistics.small_matrices import inverse, product, quadratic_form
from euexia.statistics.survival_diagnosis import Diagnosis, Findings, check_level
from euexia.statistics.survival_times import Lifetimes, codes, lifetimes, ordered

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

_ITERATIONS = 30
_HALVINGS = 12
_CLOSE = 1e-6
"""A Newton step below this, per standard deviation, is the last: its square is the size of what is left."""
_VANISHED = 1e-6
"""Information on a coefficient that is left with less than this share of its beginning says the same."""
_FLAT = 1e-5
"""A likelihood that gains less than this while the step stays long is monotone."""
_CHUNK = 50_000
"""Values handled at a time: few enough to stay in the processor's cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxFit:
    """Log hazard ratios and their tests; coefficients along the second axis."""

    coefficient: Floats
    """Log hazard ratio per unit of the covariate, shape (trials, covariates)."""
    covariance: Floats
    """Inverse information, or the robust one when it was asked for; (trials, covariates, covariates)."""
    error: Floats
    hazard_ratio: Floats
    low: Floats
    high: Floats
    level: float
    z: Floats
    p_value: Floats
    """Wald's, of each coefficient."""
    log_likelihood: Floats
    """At the maximum, shape (trials,)."""
    null_log_likelihood: Floats
    likelihood_ratio: Floats
    """Chi-squared of all coefficients together, as are the two below; shape (trials,)."""
    wald: Floats
    score: Floats
    freedom: int
    likelihood_ratio_p_value: Floats
    wald_p_value: Floats
    score_p_value: Floats
    events: Floats
    subjects: Floats
    iterations: Floats
    ties: Ties
    robust: bool
    diagnosis: tuple[Diagnosis, ...]


class TimeScale(StrEnum):
    """Against which function of time proportionality is checked."""

    IDENTITY = "identity"
    LOG = "log"
    RANK = "rank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportionality:
    """Correlation of scaled Schoenfeld residuals with time, shape (trials, covariates)."""

    correlation: Floats
    statistic: Floats
    """Chi-squared on one degree of freedom."""
    p_value: Floats
    diagnosis: tuple[Diagnosis, ...]


def fit(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    strata: ArrayLike | None = None,
    *,
    ties: Ties = Ties.EFRON,
    robust: bool = False,
    level: float = 0.95,
) -> CoxFit:
    r"""Return the maximum of the partial likelihood with Wald, score and likelihood-ratio tests.

    .. math:: \lambda(t \mid x, s) = \lambda_s(t)\, e^{x'\beta}, \quad
              \ell(\beta) = \sum_i \Bigl[ x_i'\beta - \log\bigl(S_0(t_i) - \tfrac{l_i}{d_i} D_0(t_i)\bigr)
              \Bigr]

    over the events i, l_i = 0 .. d_i - 1 within a tie of d_i (Efron; l_i = 0 for Breslow).  time, event,
    strata: shape (subjects,) or (trials, subjects); NaN time where there is no such subject.  covariates:
    (subjects, p) or (trials, subjects, p); a vector where there is one.  robust: Lin and Wei's sandwich over
    subjects.  A trial without a maximum holds NaN and a diagnosis.  Source: Cox, Journal of the Royal
    Statistical Society B 1972;34:187-220; ties: Efron, Journal of the American Statistical Association
    1977;72:557-565; robust: Lin and Wei, ibid. 1989;84:1074-1078.
    """
    check_level(level)
    lives, values, stratum = checked(time, event, covariates, strata)
    return regress(lives, values, stratum, None, ties=ties, robust=robust, level=level)


def regress(
    lives: Lifetimes,
    values: Floats,
    stratum: NDArray[np.int64] | None,
    competing: Booleans | None,
    *,
    ties: Ties,
    robust: bool,
    level: float,
) -> CoxFit:
    """Fit checked trials, a few at a time; competing: who stays at risk after another event."""
    total, subjects = lives.time.shape
    step = max(1, _CHUNK // max(1, subjects * values.shape[2]))
    parts = []
    for begin in range(0, total, step):
        some = slice(begin, begin + step)
        here = Lifetimes(
            time=lives.time[some], event=lives.event[some], inside=lives.inside[some], findings=lives.findings
        )
        data = ordered(here, None if stratum is None else stratum[some])
        rivals = None if competing is None else competing[some]
        parts.append(_fit(here, values[some], trials(data, values[some], ties, rivals), robust))
    merged = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    findings = lives.findings
    for name, diagnosis in _FAILURES.items():
        findings.note(merged[name], diagnosis)
    return _result(merged, findings, ties, robust, level)


def proportionality(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    strata: ArrayLike | None = None,
    *,
    ties: Ties = Ties.EFRON,
    scale: TimeScale = TimeScale.IDENTITY,
) -> Proportionality:
    r"""Check proportional hazards by the correlation of scaled Schoenfeld residuals with time.

    .. math:: r_i^* = d\, V r_i, \quad T_j = \frac{\bigl(\sum_i (g_i - \bar g) r_{ij}^*\bigr)^2}
              {d\, V_{jj} \sum_i (g_i - \bar g)^2}

    with r the Schoenfeld residuals of d events and V the inverse information.  scale: g(t).  Arguments
    otherwise as for ``fit``.  Source: Grambsch and Therneau, Biometrika 1994;81:515-526.
    """
    lives, values, stratum = checked(time, event, covariates, strata)
    result = fit(time, event, covariates, strata, ties=ties)
    data = trials(ordered(lives, stratum), values, ties)
    raw = residuals(data, np.nan_to_num(result.coefficient) * data.scale).schoenfeld
    raw = raw * data.scale[:, np.newaxis, :]
    event_here = data.sorted.event
    moment = _scaled_time(data.sorted.time, event_here, scale)
    count = event_here.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = np.where(event_here, moment - (moment.sum(axis=1) / count)[:, np.newaxis], 0.0)
        scaled = np.einsum("tnj,tjk->tnk", raw, result.covariance, optimize=False) * count[:, None, None]
        cross = np.einsum("tn,tnk->tk", centred, scaled, optimize=False)
        squares = (centred * centred).sum(axis=1)[:, np.newaxis]
        variance = np.einsum("tjj->tj", result.covariance, optimize=False) * count[:, np.newaxis]
        statistic = cross**2 / (variance * squares)
        mean = scaled.sum(axis=1, keepdims=True) / count[:, None, None]
        deviations = np.where(event_here[:, :, np.newaxis], scaled - mean, 0.0)
        correlation = cross / np.sqrt(squares * (deviations**2).sum(axis=1))
    return Proportionality(
        correlation=correlation,
        statistic=statistic,
        p_value=np.asarray(chdtrc(1, statistic), dtype=float),
        diagnosis=result.diagnosis,
    )


_FAILURES = {
    "missing": Diagnosis.MISSING_COVARIATE,
    "infinite": Diagnosis.INFINITE_VALUE,
    "eventless": Diagnosis.NO_EVENTS,
    "collinear": Diagnosis.COLLINEAR,
    "uninformative": Diagnosis.NO_VARIANCE,
    "monotone": Diagnosis.MONOTONE_LIKELIHOOD,
    "lost": Diagnosis.NOT_CONVERGED,
}


def checked(
    time: ArrayLike, event: ArrayLike, covariates: ArrayLike, strata: ArrayLike | None
) -> tuple[Lifetimes, Floats, NDArray[np.int64] | None]:
    """Return checked times, covariates of shape (trials, subjects, p) and stratum numbers."""
    lives = lifetimes(time, event)
    values = np.asarray(covariates, dtype=float)
    if values.ndim == np.ndim(time):
        values = values[..., np.newaxis]
    values = values[np.newaxis] if values.ndim == 2 else values
    if values.ndim != 3 or values.shape[:2] != lives.time.shape or values.shape[2] == 0:
        raise InputError(
            f"'covariates' has shape {values.shape}, but times have {lives.time.shape}. Give the shape of "
            "the times with the covariates as one more, last axis."
        )
    return lives, values, None if strata is None else codes(strata, "strata", lives.inside)


def _fit(lives: Lifetimes, values: Floats, data: Trials, robust: bool) -> dict[str, NDArray[Any]]:
    """Return estimates and failures of some trials, on the scale of the given covariates."""
    null = evaluate(data, np.zeros(data.scale.shape))
    beta, best, found = _maximum(data, null)
    covariance, _ = inverse(best.information)
    null_covariance, _ = inverse(null.information)
    spread, null_spread = (
        np.einsum("tjj->tj", part, optimize=False) for part in (covariance, null_covariance)
    )
    with np.errstate(invalid="ignore"):
        vanished = ~(spread * _VANISHED < null_spread).all(axis=1)
    rescaling = data.scale[:, :, np.newaxis] * data.scale[:, np.newaxis, :]
    known = np.isfinite(values).all(axis=2) | ~lives.inside
    missing = np.isnan(values).any(axis=2) & lives.inside
    return {
        "coefficient": beta / data.scale,
        "covariance": (_sandwich(data, beta, covariance) if robust else covariance) / rescaling,
        "log_likelihood": best.value,
        "null_log_likelihood": null.value,
        "score": quadratic_form(null_covariance, null.gradient),
        "events": lives.event.sum(axis=1).astype(float),
        "subjects": lives.inside.sum(axis=1).astype(float),
        "iterations": found["iterations"],
        "missing": missing.any(axis=1),
        "infinite": ~known.all(axis=1),
        "eventless": ~lives.event.any(axis=1),
        "collinear": ~is_regular(null, lives.event.sum(axis=1).astype(float)),
        "uninformative": ~_informative(data),
        "monotone": found["monotone"] | vanished,
        "lost": ~found["converged"],
    }


def _informative(data: Trials) -> Booleans:
    """Return where some event was survived by somebody at risk: else no order of events was seen."""
    order = data.sorted
    survived = order.at_risk > order.in_tie(order.event.astype(float))
    return np.asarray((order.event & survived).any(axis=1), dtype=bool)


def _sandwich(data: Trials, beta: Floats, covariance: Floats) -> Floats:
    """Return the sum over subjects of the squared influence on the coefficients."""
    scores = residuals(data, beta).score
    influence = np.einsum("tnj,tjk->tnk", scores, covariance, optimize=False)
    return np.asarray(np.einsum("tnj,tnk->tjk", influence, influence, optimize=False), dtype=float)


def _maximum(data: Trials, null: Evaluation) -> tuple[Floats, Evaluation, dict[str, NDArray[Any]]]:
    """Climb by Newton's steps, halved where they overshoot; a trial that has arrived no longer moves."""
    beta, here = np.zeros(data.scale.shape), null
    count = len(beta)
    converged: Booleans = np.zeros(count, dtype=bool)
    gain, iterations = np.full(count, np.inf), np.zeros(count)
    for _ in range(_ITERATIONS):
        inverted, regular = inverse(here.information)
        step = np.where(regular[:, np.newaxis], product(inverted, here.gradient), 0.0)
        moving = regular & ~converged
        if not moving.any():
            break
        step = np.where(moving[:, np.newaxis], step, 0.0)
        there, step = _uphill(data, beta, step, here.value)
        beta = beta + step
        gain = np.where(moving, there.value - here.value, gain)
        iterations += moving
        here = there
        converged |= moving & (np.abs(step).max(axis=1) < _CLOSE)
    monotone = ~converged & (np.abs(gain) < _FLAT)
    return beta, here, {"iterations": iterations, "converged": converged, "monotone": monotone}


def _uphill(data: Trials, beta: Floats, step: Floats, value: Floats) -> tuple[Evaluation, Floats]:
    """Return the likelihood after a step that does not lose any, and the step."""
    slack = 1e-10 * (1.0 + np.abs(value))
    there = evaluate(data, beta + step)
    for _ in range(_HALVINGS):
        worse = ~(there.value >= value - slack)
        if not worse.any():
            break
        step = np.where(worse[:, np.newaxis], step / 2.0, step)
        there = evaluate(data, beta + step)
    return there, step


def _result(
    found: dict[str, NDArray[Any]], findings: Findings, ties: Ties, robust: bool, level: float
) -> CoxFit:
    sound = findings.sound
    blank = np.where(sound, 0.0, np.nan)
    monotone = np.array([d is Diagnosis.MONOTONE_LIKELIHOOD for d in findings.diagnoses], dtype=bool)
    tested = np.where(sound | monotone, 0.0, np.nan)
    values = {name: np.asarray(array, dtype=float) for name, array in found.items()}
    coefficient = values["coefficient"] + blank[:, np.newaxis]
    covariance = values["covariance"] + blank[:, np.newaxis, np.newaxis]
    error = np.sqrt(np.einsum("tjj->tj", covariance, optimize=False))
    half = float(ndtri(1.0 - (1.0 - level) / 2.0)) * error
    freedom = coefficient.shape[1]
    z = coefficient / error
    ratio = 2.0 * (values["log_likelihood"] - values["null_log_likelihood"]) + tested
    wald = quadratic_form(inverse(covariance)[0], coefficient)
    score = values["score"] + tested
    return CoxFit(
        coefficient=coefficient,
        covariance=covariance,
        error=error,
        hazard_ratio=np.exp(coefficient),
        low=np.exp(coefficient - half),
        high=np.exp(coefficient + half),
        level=level,
        z=z,
        p_value=np.asarray(chdtrc(1, z * z), dtype=float),
        log_likelihood=values["log_likelihood"] + tested,
        null_log_likelihood=values["null_log_likelihood"] + tested,
        likelihood_ratio=ratio,
        wald=wald,
        score=score,
        freedom=freedom,
        likelihood_ratio_p_value=np.asarray(chdtrc(freedom, ratio), dtype=float),
        wald_p_value=np.asarray(chdtrc(freedom, wald), dtype=float),
        score_p_value=np.asarray(chdtrc(freedom, score), dtype=float),
        events=values["events"],
        subjects=values["subjects"],
        iterations=values["iterations"],
        ties=ties,
        robust=robust,
        diagnosis=findings.diagnoses,
    )


def _scaled_time(time: Floats, event: Booleans, scale: TimeScale) -> Floats:
    known = np.where(event, time, np.nan)
    match scale:
        case TimeScale.IDENTITY:
            values = known
        case TimeScale.LOG:
            with np.errstate(divide="ignore"):
                values = np.log(known)
        case TimeScale.RANK:
            values = known.copy()
            for row, here in zip(values, event, strict=True):
                _, place, count = np.unique(row[here], return_inverse=True, return_counts=True)
                row[here] = (np.cumsum(count) - (count - 1.0) / 2.0)[place]
        case _:
            assert_never(scale)
    return np.where(event, values, 0.0)
