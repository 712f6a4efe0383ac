r"""Imputation by conditional means with a jackknife: reference-based estimates without chance.

Each missing value is replaced by its mean given what was observed, under the model fitted by restricted
maximum likelihood and the strategy chosen; the completed visit is analysed by ANCOVA, and the whole of it is
repeated without each subject in turn:

.. math:: \hat{\mathrm{var}} = \frac{n-1}{n} \sum_{k=1}^{n} (\hat\theta_{(-k)} - \bar\theta)^2

Since ANCOVA is linear in the outcome, the estimate is the limit of multiple imputation from the same model as
imputations grow without bound; the jackknife keeps the frequentist variance, which under reference-based
strategies is smaller than Rubin's.  Stacks of trials and their fits without one subject run side by side on
sums of products.  Source: Wolbers, Noci, Delmar, Gower-Page, Yiu and Bartlett, Pharmaceutical Statistics
2022;21:1246-1257.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from euexia.core.errors import InputError
from euexia.statistics.imputation_cells import Cells, cells_of, completion
from euexia.statistics.imputation_data import (
    ImputationDiagnosis,
    LongitudinalTrials,
    Strategy,
    prepare,
    words,
)
from euexia.statistics.imputation_model import ModelFits, fit
from euexia.statistics.imputation_moments import moments, sweep
from euexia.statistics.posterior_draws import leave_one_out

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_FITS_AT_ONCE = 2_000
"""Fits that run side by side: enough to amortise the loops, few enough to stay in the cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalMeanResult:
    """Difference treated - reference at one visit, per trial; NaN where the diagnosis is not FINE."""

    estimate: Floats
    standard_error: Floats
    """By the jackknife; NaN where it was not asked for."""
    low: Floats
    high: Floats
    p_value: Floats
    """Two-sided, normal."""
    size: NDArray[np.int64]
    """Subjects per trial, all analysed."""
    imputed: NDArray[np.int64]
    """Subjects whose value at the visit was imputed."""
    delta_effect: Floats
    """By how much 1 added to imputed values of (reference, treated) moves the estimate, (trials, 2)."""
    leave_one_out: Floats
    """Estimates without each subject, (trials, subjects); NaN where there is no subject."""
    leave_one_out_delta: Floats
    """Delta effects without each subject, (trials, subjects, 2)."""
    diagnosis: NDArray[np.int8]
    """One ImputationDiagnosis per trial."""

    @property
    def diagnosis_text(self) -> tuple[str, ...]:
        """Return the diagnosis of each trial in words."""
        return words(self.diagnosis)


def estimate(
    values: ArrayLike,
    baseline: ArrayLike,
    arm: ArrayLike,
    event_visit: ArrayLike | None = None,
    strategy: Strategy | NDArray[np.str_] = Strategy.MISSING_AT_RANDOM,
    reference: int = 0,
    *,
    treated: int = 1,
    constant_covariates: ArrayLike | None = None,
    visit: int = -1,
    by_arm: bool = False,
    restricted: bool = True,
    jackknife: bool = True,
    cumulative_delta: bool = False,
    level: float = 0.95,
) -> ConditionalMeanResult:
    """Estimate the difference between two arms at a visit after imputation by conditional means.

    values, baseline, arm, event_visit, strategy, reference, treated, constant_covariates: see
    ``imputation_data.prepare``; shapes (trials, subjects, ...) or one data set without the first axis.
    Values observed after the event are kept in the analysis and condition the imputation, but do not inform
    the model; set them to NaN to have them imputed.  visit: index of the visit analysed, -1 for the last.
    by_arm: one covariance matrix per arm.  restricted: REML, else ML.  cumulative_delta: whether
    ``delta_effect`` counts every visit from the event on, or once.  Covariates of the ANCOVA are those of the
    model.
    """
    trials = prepare(
        values, baseline, arm, event_visit, strategy, reference,
        treated=treated, constant_covariates=constant_covariates,
    )  # fmt: skip
    if not 0.0 < level < 1.0:
        raise InputError(f"'level' is {level:g}. Give a number strictly between 0 and 1, for example 0.95.")
    at = range(trials.visits)[visit]
    plan = _Plan(
        at=at, by_arm=by_arm, restricted=restricted, jackknife=jackknife, cumulative=cumulative_delta
    )
    total, subjects = trials.arm.shape
    results = _Collected.empty(total, subjects, trials.diagnosis)
    good = np.flatnonzero(trials.diagnosis == ImputationDiagnosis.FINE)
    chunk = max(1, _FITS_AT_ONCE // max(subjects, 1)) if jackknife else _FITS_AT_ONCE
    for first in range(0, good.size, chunk):
        places = good[first : first + chunk]
        _estimate_chunk(trials.take(places), plan, results, places)
    return _summary(trials, results, at, level)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    at: int
    by_arm: bool
    restricted: bool
    jackknife: bool
    cumulative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Collected:
    """Scaled results, filled chunk by chunk: estimate and two delta effects."""

    full: Floats
    without: Floats
    diagnosis: NDArray[np.int8]

    @classmethod
    def empty(cls, trials: int, subjects: int, diagnosis: NDArray[np.int8]) -> _Collected:
        return cls(
            full=np.full((trials, 3), np.nan),
            without=np.full((trials, subjects, 3), np.nan),
            diagnosis=diagnosis.copy(),
        )


def _estimate_chunk(
    trials: LongitudinalTrials, plan: _Plan, results: _Collected, places: NDArray[np.intp]
) -> None:
    sums = moments(trials, plan.by_arm)
    fits = fit(sums.layout, sums.products, sums.counts, restricted=plan.restricted)
    results.full[places] = _differences(trials, cells_of(trials), fits, plan, leave_out=False)[:, 0]
    results.diagnosis[places] = diagnose_fits(fits)
    usable = np.flatnonzero(fits.fine)
    if not plan.jackknife or not usable.size:
        return
    if usable.size < places.size:
        trials, fits, places = trials.take(usable), fits.take(usable), places[usable]
        sums = sums.take(usable)
    left_out = leave_one_out(sums, fits, restricted=plan.restricted)
    without = _differences(trials, cells_of(trials), left_out, plan, leave_out=True)
    member = trials.arm >= 0
    without[~(member & left_out.fine.reshape(member.shape))] = np.nan
    results.without[places] = without
    lost = (np.isnan(without).any(axis=2) & member).any(axis=1)
    results.diagnosis[places[lost]] = ImputationDiagnosis.TOO_FEW_SUBJECTS


def diagnose_fits(fits: ModelFits) -> NDArray[np.int8]:
    """Return an ImputationDiagnosis per fit."""
    found = ImputationDiagnosis
    chosen = np.select(
        [~fits.estimable, ~fits.positive, ~fits.converged],
        [int(found.SINGULAR_DESIGN), int(found.COVARIANCE_NOT_POSITIVE_DEFINITE), int(found.NOT_CONVERGED)],
        int(found.FINE),
    )
    return chosen.astype(np.int8)


def _differences(
    trials: LongitudinalTrials, cells: Cells, fits: ModelFits, plan: _Plan, leave_out: bool
) -> Floats:
    """Return the difference and the delta effects of every fit, shape (trials, fits per trial, 3).

    leave_out: the fits of a trial are those without each of its subjects; else one fit with all.
    """
    count, subjects = trials.arm.shape
    per_trial = subjects if leave_out else 1
    columns, visits = trials.design.shape[2], trials.visits
    design = cells.rows[:, :, visits:]
    inner = np.matmul(np.swapaxes(design, 1, 2), design)[:, np.newaxis]
    if leave_out:
        inner = inner - design[:, :, :, np.newaxis] * design[:, :, np.newaxis, :]
    right = np.zeros((count, per_trial, columns, 3))
    for place, cell in enumerate(cells.cells):
        inside = cells.place == place
        kept = np.where(inside[..., np.newaxis], cells.rows, 0.0)
        cross = np.matmul(np.swapaxes(kept[:, :, visits:], 1, 2), kept)[:, np.newaxis]
        carried = completion(cell, fits, trials.reference)[0][:, plan.at].reshape(count, per_trial, -1, 1)
        part = np.matmul(cross, carried)[..., 0]
        if leave_out:
            own = (cells.rows * carried[..., 0]).sum(axis=2)
            part = part - np.where(inside, own, 0.0)[:, :, np.newaxis] * design
        right[..., 0] += part
        delta = _delta(cell.arm, cell.event, plan.at in cell.observed, trials, plan)
        for number, amount in enumerate(delta):
            if amount:
                right[..., 1 + number] += amount * (
                    kept[:, :, visits:].sum(axis=1)[:, np.newaxis]
                    - (kept[:, :, visits:] if leave_out else 0.0)
                )
    inverse, _, positive = sweep(inner)
    coefficients = np.matmul(inverse, right)
    difference = coefficients[:, :, trials.treated] - coefficients[:, :, trials.reference]
    return np.where(positive[..., np.newaxis], difference, np.nan)


def _delta(arm: int, event: int, seen: bool, trials: LongitudinalTrials, plan: _Plan) -> tuple[float, float]:
    """Return how often delta is added to a cell's value: in the reference, in the treated arm."""
    amount = 0.0
    if not seen and event <= plan.at:
        amount = float(plan.at - event + 1) if plan.cumulative else 1.0
    return (amount if arm == trials.reference else 0.0, amount if arm == trials.treated else 0.0)


def _summary(trials: LongitudinalTrials, results: _Collected, at: int, level: float) -> ConditionalMeanResult:
    member = trials.arm >= 0
    size = member.sum(axis=1)
    fine = results.diagnosis == ImputationDiagnosis.FINE
    full = np.where(fine[:, np.newaxis], results.full, np.nan)
    without = results.without
    error = jackknife_error(without[..., 0], member) * trials.scale
    value = full[:, 0] * trials.scale
    half = float(ndtri((1.0 + level) / 2.0)) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2.0 * ndtr(-np.abs(value / error))
    return ConditionalMeanResult(
        estimate=value,
        standard_error=np.where(fine, error, np.nan),
        low=value - half,
        high=value + half,
        p_value=np.asarray(p_value),
        size=size,
        imputed=(member & ~trials.observed[:, :, at]).sum(axis=1),
        delta_effect=full[:, 1:],
        leave_one_out=without[..., 0] * trials.scale[:, np.newaxis],
        leave_one_out_delta=without[..., 1:],
        diagnosis=results.diagnosis,
    )


def jackknife_error(without: Floats, member: Flags) -> Floats:
    """Return the jackknife standard error from estimates without each member, (trials, subjects)."""
    size = np.maximum(member.sum(axis=1), 1).astype(float)
    mean = np.where(member, without, 0.0).sum(axis=1) / size
    squares = np.where(member, (without - mean[:, np.newaxis]) ** 2, 0.0).sum(axis=1)
    return np.asarray(np.sqrt((size - 1.0) / size * squares))
