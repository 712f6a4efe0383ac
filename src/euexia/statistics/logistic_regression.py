"""Logistic regression of a stack of trials by Newton's method, with Firth's penalty where it is asked for.

Designs are lists of columns, each of shape (trials, subjects), zero where a subject is not analysed; one of
them is the constant.  A column that earlier ones explain is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, expit, log_expit

from euexia.statistics.diagnosis import Codes, Diagnosis, first_of
from euexia.statistics.least_squares import gram, leverages, multiply, sweep
from euexia.statistics.separation import separation

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Profile = Callable[[Floats, Floats], tuple[Floats, Floats, Floats]]
"""From a value and coefficients nearby: the excess over the critical fall, its slope, where it was."""

ITERATIONS = 250
HALVINGS = 12
CLOSE = 1e-16
"""A trial is settled after a step that promised to raise the log-likelihood by less than this."""

ROUNDING = 1e-9
"""A log-likelihood that falls by less than this has not fallen."""

EXACT = 1e-10
"""A limit is found when it moves by less than this share of a standard error."""

SUSPECT = 12.0
"""A logit beyond this asks whether the responses are separated."""

SEARCHES = 60
WIDENINGS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """A logistic regression per trial; NaN where the diagnosis says that none exists."""

    coefficients: Floats
    """Shape (trials, columns); 0 for a column left out."""
    covariance: Floats
    """Inverse of the Fisher information, shape (trials, columns, columns)."""
    log_likelihood: Floats
    """Penalised, if Firth's penalty was asked for; shape (trials,)."""
    probabilities: Floats
    """Fitted chance of a response, shape (trials, subjects); 0 where not analysed."""
    kept: Flags
    """Which columns were kept, shape (trials, columns)."""
    diagnosis: Codes


@dataclass(frozen=True, slots=True)
class _Problem:
    """The responses, the design and what is fixed in it."""

    response: Floats
    columns: tuple[Floats, ...]
    known: Flags
    kept: Flags
    free: Flags
    """Columns whose coefficient is looked for, shape (trials, columns)."""
    firth: bool


@dataclass(frozen=True, slots=True)
class _State:
    """Where the iterations stand."""

    coefficients: Floats
    likelihood: Floats
    score: Floats
    information: Floats


def fit(response: Floats, columns: Sequence[Floats], known: Flags, *, firth: bool = False) -> Logistic:
    r"""Fit the model of every trial.

    .. math:: \mathrm{logit}\, \pi_i = x_i^\top \beta, \quad U(\beta) = X^\top (y - \pi), \quad
              I(\beta) = X^\top W X, \quad W = \mathrm{diag}\{\pi(1 - \pi)\}

    Firth's penalty maximises :math:`\ell + \tfrac12 \log |I|`, whose score is
    :math:`X^\top \{y - \pi + h (\tfrac12 - \pi)\}` with h the leverages; its maximum is always finite.

    response: y, 1 or 0, shape (trials, subjects).  columns: the design.  known: who is analysed.  Without the
    penalty, separated responses are found by linear programming and named, not estimated.
    Source: Firth, Biometrika 1993;80:27-38; for separation, Heinze and Schemper, Statistics in Medicine
    2002;21:2409-2419.
    """
    y = np.where(known, response, 0.0)
    products = gram(columns)
    scale = np.diagonal(products, axis1=1, axis2=2)
    _, kept = sweep(products, scale)
    problem = _Problem(y, tuple(columns), known, kept, kept, firth)
    state, settled = _climb(problem, np.zeros(kept.shape))
    logits = _logits(problem, state.coefficients)
    responders, count = y.sum(axis=1), known.sum(axis=1)
    nobody, alike = np.asarray(count == 0), np.asarray((responders == 0) | (responders == count))
    far = np.abs(logits).max(axis=1, initial=0.0) > SUSPECT
    suspect = ~nobody & ~alike & (~settled | far) & (not firth)
    apart = _separations(problem, np.flatnonzero(suspect))
    diagnosis = first_of(
        (nobody, Diagnosis.NOBODY),
        (alike & (not firth), Diagnosis.ONE_OUTCOME),
        (np.asarray(apart == Diagnosis.SEPARATED), Diagnosis.SEPARATED),
        (np.asarray(apart == Diagnosis.PARTLY_SEPARATED), Diagnosis.PARTLY_SEPARATED),
        (~settled, Diagnosis.NOT_CONVERGED),
    )
    fine = diagnosis == Diagnosis.FINE
    covariance = sweep(state.information, np.diagonal(state.information, axis1=1, axis2=2))[0]
    return Logistic(
        coefficients=np.where(fine[:, np.newaxis], state.coefficients, np.nan),
        covariance=np.where(fine[:, np.newaxis, np.newaxis], covariance, np.nan),
        log_likelihood=np.where(fine, state.likelihood, np.nan),
        probabilities=np.where(fine[:, np.newaxis], np.where(known, expit(logits), 0.0), np.nan),
        kept=kept,
        diagnosis=diagnosis,
    )


def profile_interval(
    response: Floats,
    columns: Sequence[Floats],
    known: Flags,
    index: int,
    fitted: Logistic,
    *,
    level: float = 0.95,
    firth: bool = False,
) -> tuple[Floats, Floats]:
    r"""Return the profile-likelihood interval of one coefficient, per trial.

    .. math:: \{b : 2 [\ell(\hat\beta) - \max_{\beta_j = b} \ell(\beta)] \le \chi^2_{1, 1-\alpha}\}

    index: j, place of the column.  fitted: the result of ``fit`` on the same data.  The limit is looked for
    by Newton's method kept inside a bracket; the slope of the profile is the score of the coefficient.  NaN
    where nothing was fitted, or no limit was found far out.
    Source: textbook; for the penalised likelihood, Heinze and Schemper, Statistics in Medicine 2002.
    """
    fine = (fitted.diagnosis == Diagnosis.FINE) & fitted.kept[:, index]
    free = fitted.kept.copy()
    free[:, index] = False
    y = np.where(known, response, 0.0)
    problem = _Problem(y, tuple(columns), known & fine[:, np.newaxis], fitted.kept, free, firth)
    start = np.where(fine[:, np.newaxis], fitted.coefficients, 0.0)
    error = np.sqrt(np.where(fine, fitted.covariance[:, index, index], 1.0))
    top = np.where(fine, fitted.log_likelihood, 0.0)
    critical = float(chdtri(1, 1.0 - level))
    low, high = (
        np.where(fine, _limit(problem, start, index, sign * error, top, critical), np.nan)
        for sign in (-1.0, 1.0)
    )
    return low, high


def _separations(problem: _Problem, suspects: NDArray[np.intp]) -> Codes:
    """Return which of the suspected trials are separated; FINE for all others."""
    found = np.zeros(problem.known.shape[0], dtype=np.int8)
    for trial in suspects:
        known = problem.known[trial]
        design = np.stack([column[trial, known] for column in problem.columns], axis=1)
        found[trial] = separation(design[:, problem.kept[trial]], problem.response[trial, known])
    return found


def _limit(problem: _Problem, best: Floats, index: int, step: Floats, top: Floats, critical: float) -> Floats:
    """Return where the profile falls by critical / 2, going from the best value in the direction of step."""

    def profile(value: Floats, near: Floats) -> tuple[Floats, Floats, Floats]:
        start = near.copy()
        start[:, index] = value
        state, _ = _climb(problem, start)
        excess = 2.0 * (top - state.likelihood) - critical
        return excess, -2.0 * state.score[:, index], state.coefficients

    inner, near = best[:, index], best
    outer = inner + step * np.sqrt(critical)
    found = np.zeros(inner.shape, dtype=bool)
    for _ in range(WIDENINGS):
        excess, _, reached = profile(outer, near)
        near = np.where(found[:, np.newaxis], near, reached)
        found |= excess >= 0
        if found.all():
            break
        inner, outer = np.where(found, inner, outer), np.where(found, outer, outer + 2.0 * (outer - inner))
    return _root(profile, _Bracket(inner, outer, near, found), EXACT * np.abs(step))


@dataclass(frozen=True, slots=True)
class _Bracket:
    """Where a limit must lie, the coefficients nearby, and in which trials it was bracketed at all."""

    inner: Floats
    outer: Floats
    near: Floats
    found: Flags


def _root(profile: Profile, bracket: _Bracket, tolerance: Floats) -> Floats:
    """Return where the excess is 0: Newton's method, halving the bracket where a step would leave it."""
    inner, outer, near = bracket.inner, bracket.outer, bracket.near
    value, done = outer, ~bracket.found
    for _ in range(SEARCHES):
        if done.all():
            break
        excess, slope, reached = profile(value, near)
        near = np.where(done[:, np.newaxis], near, reached)
        inner, outer = np.where(excess < 0, value, inner), np.where(excess < 0, outer, value)
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = value - excess / slope
        inside = (newton > np.minimum(inner, outer)) & (newton < np.maximum(inner, outer))
        following = np.where(inside, newton, (inner + outer) / 2.0)
        moved = np.abs(following - value) > tolerance
        value = np.where(done, value, following)
        done = done | ~moved
    return np.where(bracket.found, value, np.nan)


def _climb(problem: _Problem, start: Floats) -> tuple[_State, Flags]:
    """Iterate to the maximum; each trial stops by itself, so that its neighbours do not move it."""
    state = _evaluate(problem, start)
    settled = np.zeros(start.shape[0], dtype=bool)
    for _ in range(ITERATIONS):
        step, gain = _newton_step(problem, state)
        state = _move(problem, state, np.where(settled[:, np.newaxis], 0.0, step), settled)
        settled |= gain < CLOSE
        if settled.all():
            break
    return state, settled


def _newton_step(problem: _Problem, state: _State) -> tuple[Floats, Floats]:
    both = problem.free[:, :, np.newaxis] & problem.free[:, np.newaxis, :]
    information = np.where(both, state.information, 0.0)
    inverse, _ = sweep(information, np.diagonal(information, axis1=1, axis2=2))
    score = np.where(problem.free, state.score, 0.0)
    step = multiply(inverse, score)
    return step, (step * score).sum(axis=1)


def _move(problem: _Problem, state: _State, step: Floats, settled: Flags) -> _State:
    """Return the state after the step, halved where the likelihood would fall."""
    share = np.ones(settled.shape)
    for _ in range(HALVINGS):
        tried = _evaluate(problem, state.coefficients + share[:, np.newaxis] * step)
        worse = ~settled & ~(tried.likelihood >= state.likelihood - ROUNDING)
        if not worse.any():
            break
        share = np.where(worse, share / 2.0, share)
    return tried


def _logits(problem: _Problem, coefficients: Floats) -> Floats:
    total = np.zeros(problem.known.shape)
    for place, column in enumerate(problem.columns):
        total += column * coefficients[:, place, np.newaxis]
    return total


def _evaluate(problem: _Problem, coefficients: Floats) -> _State:
    """Return log-likelihood, score and information, with the penalty if there is one."""
    known, y = problem.known, problem.response
    logits = _logits(problem, coefficients)
    terms = np.where(y > 0, log_expit(logits), log_expit(-logits))
    likelihood = np.where(known, terms, 0.0).sum(axis=1)
    chance = expit(logits)
    weight = np.where(known, chance * (1.0 - chance), 0.0)
    root = np.sqrt(weight)
    weighted = [
        np.where(problem.kept[:, place, np.newaxis], column, 0.0) * root
        for place, column in enumerate(problem.columns)
    ]
    information = gram(weighted)
    residual = np.where(known, y - chance, 0.0)
    if problem.firth:
        inverse, kept = sweep(information, np.diagonal(information, axis1=1, axis2=2))
        residual = residual + leverages(weighted, inverse) * np.where(known, 0.5 - chance, 0.0)
        likelihood = likelihood + 0.5 * _log_determinant(information, kept)
    score = np.stack([(column * residual).sum(axis=1) for column in problem.columns], axis=1)
    return _State(coefficients, likelihood, np.where(problem.kept, score, 0.0), information)


def _log_determinant(matrices: Floats, kept: Flags) -> Floats:
    """Return the logarithm of the determinant of the columns kept, per trial."""
    filled = matrices + np.where(kept, 0.0, 1.0)[:, :, np.newaxis] * np.eye(matrices.shape[1])
    sign, logarithm = np.linalg.slogdet(filled)
    return np.where(sign > 0, logarithm, -np.inf)
