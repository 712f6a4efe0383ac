"""Analysis of covariance of a stack of trials: any arms, covariates and strata; LS means and contrasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc

from euexia.statistics.contrasts import Contrasts, contrast, t_inference
from euexia.statistics.diagnosis import Codes, Diagnosis, first_of
from euexia.statistics.least_squares import Solution, leverages, multiply, sandwich, solve, sweep
from euexia.statistics.linear_design import Margins, ModelData, centred, nuisance, prepare
from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

NO_SPREAD = 1e-24
"""Residual squares below this share of all squares are rounding: the values do not vary."""

WHOLE = 1e-9
"""A leverage within this of 1 is 1."""

BYTES = 2**21
"""Design matrices held at once: as many as fit the cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancova:
    """An analysis of covariance per trial: means of the arms at common covariates, and their covariance."""

    means: Floats
    """Least-squares means, shape (trials, arms)."""
    covariance: Floats
    """Of the means, shape (trials, arms, arms)."""
    freedom: Floats
    """Residual degrees of freedom, shape (trials,)."""
    analysed: Floats
    """Subjects analysed, shape (trials, arms)."""
    residual_variance: Floats
    """Shape (trials,)."""
    slopes: Floats
    """Of the covariates, shape (trials, covariates); NaN for one that others or a constant explain."""
    slope_errors: Floats
    """Shape (trials, covariates)."""
    statistics: Floats
    """Type III F of the arms, of each covariate and of each factor, shape (trials, terms)."""
    term_freedom: Floats
    """Numerator degrees of freedom of each F, shape (trials, terms)."""
    p_values: Floats
    """Of each F, shape (trials, terms)."""
    diagnosis: Codes
    """Shape (trials,)."""


def estimate(
    values: ArrayLike,
    arm: ArrayLike,
    *,
    arms: int,
    covariates: Sequence[ArrayLike] = (),
    factors: Sequence[ArrayLike] = (),
    included: ArrayLike | None = None,
    margins: Margins = Margins.OBSERVED,
    robust: bool = False,
) -> Ancova:
    r"""Fit the linear model of every trial and return least-squares means.

    .. math:: y_i = \mu_{a(i)} + \sum_c \beta_c (x_{ic} - \bar x_c) + \sum_f \gamma_{f, l(i)}, \quad
              \sum_l m_{fl} \gamma_{fl} = 0, \quad V = s^2 (X^\top X)^{-1}

    with m the share of the level observed or one over the number of levels observed, so that mu are the
    least-squares means at mean covariates.  Robust: HC3,

    .. math:: V = (X^\top X)^{-1} X^\top \mathrm{diag}\{e_i^2 / (1 - h_i)^2\} X (X^\top X)^{-1}

    values: y, shape (trials, subjects), NaN where missing.  arm: 0..arms-1, negative where none.  covariates:
    each (trials, subjects).  factors: each whole numbers 0.., negative where missing.  included: who may be
    analysed.  Subjects that miss any of these are left out.  A level absent from a trial is left out there.
    Tests of terms are of type III: each term after all others.
    Source: textbook least squares; HC3: MacKinnon and White, Journal of Econometrics 1985;29:305-325.
    """
    data = prepare(values, arm, arms, covariates, factors, included)
    trials, subjects = data.values.shape
    width = arms + len(covariates) + sum(data.levels)
    step = max(1, BYTES // max(1, 8 * subjects * width))
    parts = [
        _fit(data.trials(start, start + step), arms, margins, robust)
        for start in range(0, max(trials, 1), step)
    ]
    joined = {
        entry.name: np.concatenate([getattr(part, entry.name) for part in parts]) for entry in fields(Ancova)
    }
    return Ancova(**joined)


def compare(
    fit: Ancova,
    weights: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Contrasts:
    """Return contrasts of the least-squares means; weights as from ``contrasts.pairs`` and its neighbours."""
    return contrast(fit.means, fit.covariance, fit.freedom, weights, level=level, alternative=alternative)


def dose_response(
    values: ArrayLike,
    dose: ArrayLike,
    *,
    covariates: Sequence[ArrayLike] = (),
    factors: Sequence[ArrayLike] = (),
    included: ArrayLike | None = None,
    robust: bool = False,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Contrasts:
    """Return the slope of the values on the dose, which takes the place of the arms in the model.

    dose: the dose allotted to each subject, shape (trials, subjects).  Returns one contrast per trial.
    """
    one = np.zeros(np.shape(values), dtype=np.int64)
    fit = estimate(
        values, one, arms=1, covariates=[*covariates, dose], factors=factors, included=included, robust=robust
    )
    return t_inference(
        fit.slopes[:, -1:], fit.slope_errors[:, -1:], fit.freedom[:, np.newaxis], level, alternative
    )


def _fit(given: ModelData, arms: int, margins: Margins, robust: bool) -> Ancova:
    data, infinite = given.without_infinite()
    known, values = data.known, data.values
    count = known.sum(axis=1)
    y, grand = centred(values, known)
    columns, scale = nuisance(data, margins)
    groups = data.members(arms)
    analysed = np.stack([group.sum(axis=1) for group in groups], axis=1)
    columns, scale = [*columns, *groups], np.concatenate([scale, analysed], axis=1)
    solution = solve(columns, y, scale)
    freedom = count - solution.rank
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(freedom > 0, solution.squares / freedom, np.nan)
    raw = np.where(known, values, 0.0) ** 2
    flat = np.asarray(solution.squares <= NO_SPREAD * raw.sum(axis=1))
    present = np.asarray(analysed > 0)
    confounded = np.asarray((present & ~solution.kept[:, -arms:]).any(axis=1))
    covariance, alone = _covariance(columns, solution, variance, robust)
    diagnosis = first_of(
        (infinite, Diagnosis.INFINITE_VALUE),
        (np.asarray(count == 0), Diagnosis.NOBODY),
        (np.asarray(freedom <= 0), Diagnosis.NO_FREEDOM),
        (confounded, Diagnosis.CONFOUNDED),
        (flat, Diagnosis.IDENTICAL_VALUES),
        (alone, Diagnosis.FULL_LEVERAGE),
        (np.asarray(~present.all(axis=1)), Diagnosis.EMPTY_ARM),
    )
    covariance[flat | alone | confounded | (freedom <= 0)] = np.nan
    spans = _spans(len(data.covariates), data.levels, arms)
    slopes = slice(sum(data.levels), sum(data.levels) + len(data.covariates))
    f, f_freedom = _tests(solution, covariance, present, spans)
    whole = present & ~confounded[:, np.newaxis]
    both = whole[:, :, np.newaxis] & whole[:, np.newaxis, :]
    told = solution.kept[:, slopes]
    diagonal = np.diagonal(covariance, axis1=1, axis2=2)[:, slopes]
    return Ancova(
        means=np.where(whole, solution.coefficients[:, -arms:] + grand[:, np.newaxis], np.nan),
        covariance=np.where(both, covariance[:, -arms:, -arms:], np.nan),
        freedom=np.where(confounded, np.nan, freedom),
        analysed=analysed,
        residual_variance=variance,
        slopes=np.where(told, solution.coefficients[:, slopes], np.nan),
        slope_errors=np.where(told, np.sqrt(np.maximum(diagonal, 0.0)), np.nan),
        statistics=f,
        term_freedom=f_freedom,
        p_values=np.asarray(fdtrc(f_freedom, np.maximum(freedom, 1.0)[:, np.newaxis], f)),
        diagnosis=diagnosis,
    )


def _covariance(
    columns: Sequence[Floats], solution: Solution, variance: Floats, robust: bool
) -> tuple[Floats, Flags]:
    """Return the covariance of the coefficients, and in which trials a leverage of 1 forbids it."""
    if not robust:
        return solution.inverse * variance[:, np.newaxis, np.newaxis], np.zeros(variance.shape, dtype=bool)
    spare = 1.0 - leverages(columns, solution.inverse)
    alone = np.asarray(spare < WHOLE)
    weight = np.where(alone, 0.0, solution.residuals / np.where(alone, 1.0, spare))
    width = len(columns)
    meat = np.empty_like(solution.inverse)
    for i in range(width):
        for j in range(i + 1):
            meat[:, i, j] = meat[:, j, i] = (columns[i] * columns[j] * weight**2).sum(axis=1)
    return sandwich(solution.inverse, meat), np.asarray(alone.any(axis=1))


def _spans(covariates: int, levels: Sequence[int], arms: int) -> list[slice]:
    """Return where the columns stand of the arms, each covariate and each factor."""
    starts = np.cumsum([0, *levels, *[1] * covariates, arms])
    spans = [slice(int(a), int(b)) for a, b in pairwise(starts)]
    return [spans[-1], *spans[len(levels) : -1], *spans[: len(levels)]]


def _tests(
    solution: Solution, covariance: Floats, present: Flags, spans: Sequence[slice]
) -> tuple[Floats, Floats]:
    r"""Return the Wald F of each term, :math:`b^\top V^- b / \mathrm{rank} V`, and its numerator freedom."""
    f, freedom = np.empty((2, covariance.shape[0], len(spans)))
    for place, span in enumerate(spans):
        b, v = solution.coefficients[:, span], covariance[:, span, span]
        if place == 0:
            b, v = _differences(b, v, present)
        unknown = np.asarray(np.isnan(v).any(axis=(1, 2)))
        v = np.where(unknown[:, np.newaxis, np.newaxis], 0.0, v)
        inverse, kept = sweep(v, np.diagonal(v, axis1=1, axis2=2))
        rank = kept.sum(axis=1)
        quadratic = (b * multiply(inverse, b)).sum(axis=1)
        known = (rank > 0) & ~unknown
        f[:, place] = np.where(known, quadratic / np.maximum(rank, 1), np.nan)
        freedom[:, place] = np.where(known, rank, np.nan)
    return f, freedom


def _differences(means: Floats, covariance: Floats, present: Flags) -> tuple[Floats, Floats]:
    """Return the differences from the first arm present, 0 for those absent, and their covariance."""
    width = means.shape[1]
    first = present.argmax(axis=1)
    outer = np.where(present[:, :, np.newaxis], np.eye(width)[np.newaxis], 0.0)
    outer -= np.where(present, 1.0, 0.0)[:, :, np.newaxis] * np.eye(width)[first][:, np.newaxis, :]
    return multiply(outer, means), sandwich(outer, covariance)
