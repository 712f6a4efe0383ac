"""Analysis of covariance of a stack of trials: any arms, covariates and strata; LS means and contrasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc

from euexia.core.errors import InputError
from euexia.statistics.contrasts import Contrasts, contrast, t_inference
from euexia.statistics.diagnosis import Codes, Diagnosis, first_of
from euexia.statistics.least_squares import Solution, leverages, multiply, sandwich, solve, sweep
from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

NO_SPREAD = 1e-24
"""Residual squares below this share of all squares are rounding: the values do not vary."""

WHOLE = 1e-9
"""A leverage within this of 1 is 1."""

BYTES = 2**25
"""Design matrices held at once."""


class Margins(StrEnum):
    """Over which strata least-squares means are averaged."""

    OBSERVED = "observed"
    """Each level of a factor counts as often as it was observed (SAS: OM; emmeans: proportional)."""
    EQUAL = "equal"
    """Each level that was observed counts alike (the default of SAS and of emmeans)."""


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
    data = _prepare(values, arm, arms, covariates, factors, included)
    trials, subjects = data[0].shape
    width = arms + len(covariates) + sum(int(levels) for levels in _levels(data[3]))
    step = max(1, BYTES // max(1, 8 * subjects * width))
    parts = [
        _fit(_Block(data, slice(start, start + step)), arms, margins, robust)
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


_Data = tuple[Floats, Integers, tuple[Floats, ...], tuple[Integers, ...], Flags]


@dataclass(frozen=True, slots=True)
class _Block:
    """A run of trials of the prepared data, with the design that they share."""

    data: _Data
    trials: slice

    def parts(self) -> tuple[Floats, Integers, list[Floats], list[Integers], Flags]:
        values, arm, covariates, factors, known = self.data
        here = self.trials
        return values[here], arm[here], [c[here] for c in covariates], [f[here] for f in factors], known[here]


def _prepare(
    values: ArrayLike,
    arm: ArrayLike,
    arms: int,
    covariates: Sequence[ArrayLike],
    factors: Sequence[ArrayLike],
    included: ArrayLike | None,
) -> _Data:
    y = np.ascontiguousarray(values, dtype=float)
    if y.ndim != 2:
        raise InputError(f"'values' has shape {y.shape}. Give an array of shape (trials, subjects).")
    groups = np.ascontiguousarray(np.broadcast_to(np.asarray(arm, dtype=np.int64), y.shape))
    if groups.max(initial=-1) >= arms:
        raise InputError(f"'arm' holds {groups.max()}, but there are {arms} arms, numbered from 0.")
    x = tuple(np.ascontiguousarray(np.broadcast_to(np.asarray(c, dtype=float), y.shape)) for c in covariates)
    strata = tuple(
        np.ascontiguousarray(np.broadcast_to(np.asarray(f, dtype=np.int64), y.shape)) for f in factors
    )
    known = ~np.isnan(y) & (groups >= 0)
    if included is not None:
        known &= np.asarray(included, dtype=bool)
    for covariate in x:
        known &= ~np.isnan(covariate)
    for factor in strata:
        known &= factor >= 0
    return y, groups, x, strata, known


def _levels(factors: Sequence[Integers]) -> list[int]:
    return [int(factor.max(initial=-1)) + 1 for factor in factors]


def _fit(block: _Block, arms: int, margins: Margins, robust: bool) -> Ancova:
    values, arm, covariates, factors, known = block.parts()
    finite = np.isfinite(np.stack([values, *covariates])).all(axis=0)
    infinite = np.asarray((known & ~finite).any(axis=1))
    known = known & ~infinite[:, np.newaxis]
    count = known.sum(axis=1)
    y, grand = _centred(values, known)
    columns, scale = _nuisance(covariates, factors, known, margins, _levels(block.data[3]))
    groups = [(known & (arm == a)).astype(float) for a in range(arms)]
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
        (confounded, Diagnosis.CONFOUNDED),
        (np.asarray(freedom <= 0), Diagnosis.NO_FREEDOM),
        (flat, Diagnosis.IDENTICAL_VALUES),
        (alone, Diagnosis.FULL_LEVERAGE),
        (np.asarray(~present.all(axis=1)), Diagnosis.EMPTY_ARM),
    )
    covariance[flat | alone | confounded | (freedom <= 0)] = np.nan
    slopes = len(covariates)
    spans = _spans(slopes, _levels(block.data[3]), arms)
    f, f_freedom = _tests(solution, covariance, present, spans)
    whole = present & ~confounded[:, np.newaxis]
    both = whole[:, :, np.newaxis] & whole[:, np.newaxis, :]
    told = solution.kept[:, :slopes]
    diagonal = np.diagonal(covariance, axis1=1, axis2=2)[:, :slopes]
    return Ancova(
        means=np.where(whole, solution.coefficients[:, -arms:] + grand[:, np.newaxis], np.nan),
        covariance=np.where(both, covariance[:, -arms:, -arms:], np.nan),
        freedom=np.where(confounded, np.nan, freedom),
        analysed=analysed,
        residual_variance=variance,
        slopes=np.where(told, solution.coefficients[:, :slopes], np.nan),
        slope_errors=np.where(told, np.sqrt(np.maximum(diagonal, 0.0)), np.nan),
        statistics=f,
        term_freedom=f_freedom,
        p_values=np.asarray(fdtrc(f_freedom, np.maximum(freedom, 1.0)[:, np.newaxis], f)),
        diagnosis=diagnosis,
    )


def _centred(column: Floats, known: Flags) -> tuple[Floats, Floats]:
    """Return the column less its mean over those known, 0 elsewhere, and the mean."""
    count = known.sum(axis=1)
    total = np.where(known, column, 0.0).sum(axis=1)
    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    with np.errstate(invalid="ignore"):
        return np.where(known, column - mean[:, np.newaxis], 0.0), mean


def _nuisance(
    covariates: Sequence[Floats],
    factors: Sequence[Integers],
    known: Flags,
    margins: Margins,
    levels: Sequence[int],
) -> tuple[list[Floats], Floats]:
    """Return the centred columns of covariates and strata, and the sums of squares before centring."""
    columns = [_centred(covariate, known)[0] for covariate in covariates]
    scale = [np.where(known, covariate, 0.0) for covariate in covariates]
    for factor, size in zip(factors, levels, strict=True):
        members = [(known & (factor == level)).astype(float) for level in range(size)]
        counts = np.stack([member.sum(axis=1) for member in members], axis=1)
        weights = counts if margins is Margins.OBSERVED else (counts > 0).astype(float)
        shares = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1.0)
        columns += [
            np.where(known, member - shares[:, place, np.newaxis], 0.0)
            for place, member in enumerate(members)
        ]
        scale += members
    squares = [(column**2).sum(axis=1) for column in scale]
    return columns, np.stack(squares, axis=1) if squares else np.zeros((known.shape[0], 0))


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
    """Return where the columns of each term stand; the arms, which come last, are told first."""
    starts = np.cumsum([0, *[1] * covariates, *levels])
    terms = [slice(int(a), int(b)) for a, b in pairwise(starts)]
    return [slice(int(starts[-1]), int(starts[-1]) + arms), *terms]


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
