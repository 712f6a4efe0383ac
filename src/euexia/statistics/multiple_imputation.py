"""Multiple imputation: draw parameters, draw what is missing, analyse each completed data set, pool.

The difference between two arms at a visit is estimated by ANCOVA in every completed data set and pooled by
Rubin's rules; shares of responders are derived from the completed values.  ``complete`` gives the completed
data sets themselves, for any other analysis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core import streams
from euexia.core.streams import Purpose
from euexia.statistics.conditional_mean import diagnose_fits
from euexia.statistics.imputation_cells import cells_of, completion
from euexia.statistics.imputation_data import (
    ImputationDiagnosis,
    LongitudinalTrials,
    Strategy,
    prepare,
    words,
)
from euexia.statistics.imputation_model import ModelFits, fit
from euexia.statistics.imputation_moments import moments, sweep
from euexia.statistics.pooling import (
    Pooled,
    PooledResponses,
    ResponderRule,
    check_imputations,
    pool,
    pool_responses,
)
from euexia.statistics.posterior_draws import Address, Draws, Prior, bayesian, bootstrap

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_DRAWS_AT_ONCE = 250
"""Draws whose chains run side by side, to bound memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imputed:
    """Completed data sets of one trial."""

    values: Floats
    """Shape (imputations, subjects, visits); NaN where there is no subject."""
    trials: LongitudinalTrials
    """The trial as checked, a stack of one."""
    event: Integers
    """First visit affected, per subject."""
    missing: NDArray[np.bool_]
    """What was imputed, shape (subjects, visits)."""
    diagnosis: ImputationDiagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleImputationResult:
    """Difference treated - reference at one visit, per trial; NaN where the diagnosis is not FINE."""

    pooled: Pooled
    """Arrays of shape (trials,)."""
    responses: tuple[PooledResponses | None, ...]
    """Per trial, None where no rule was given or nothing was estimated."""
    estimates: Floats
    """Of each completed data set, (trials, imputations)."""
    variances: Floats
    imputations: int
    size: Integers
    imputed: Integers
    diagnosis: NDArray[np.int8]

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
    seed: int,
    imputations: int = 500,
    treated: int = 1,
    constant_covariates: ArrayLike | None = None,
    visit: int = -1,
    by_arm: bool = False,
    restricted: bool = True,
    draws: Draws = Draws.BAYESIAN,
    prior: Prior = Prior.ESTIMATE_CENTRED,
    iterations: int = 50,
    delta: tuple[float, float] = (0.0, 0.0),
    cumulative_delta: bool = False,
    responder: ResponderRule | None = None,
    responder_baseline: ArrayLike | None = None,
    level: float = 0.95,
    first_trial: int = 0,
) -> MultipleImputationResult:
    """Estimate the difference between two arms at a visit by multiple imputation.

    Arguments as for ``conditional_mean.estimate``, and: seed, imputations, first_trial: address of chance, so
    that a trial gives the same numbers alone (``first_trial`` its number) or in a stack.  draws, prior,
    iterations: see ``posterior_draws``.  delta: what is added to imputed values of (reference, treated) from
    the event on, once or at every visit since (cumulative_delta).  responder: a rule from change and
    responder_baseline, by default the first baseline covariate, to who responds at the visit.
    """
    check_imputations(imputations)
    trials = prepare(
        values, baseline, arm, event_visit, strategy, reference,
        treated=treated, constant_covariates=constant_covariates,
    )  # fmt: skip
    at = range(trials.visits)[visit]
    total = trials.arm.shape[0]
    effects, variances = np.full((total, imputations), np.nan), np.full((total, imputations), np.nan)
    diagnosis = trials.diagnosis.copy()
    freedom = np.full(total, np.nan)
    base = _responder_baseline(baseline, responder_baseline, trials.arm.shape)
    found: list[PooledResponses | None] = [None] * total
    for place in range(total):
        imputed = _complete(
            trials.take(slice(place, place + 1)), imputations, seed, first_trial + place,
            by_arm=by_arm, restricted=restricted, draws=draws, prior=prior, iterations=iterations,
        )  # fmt: skip
        diagnosis[place] = imputed.diagnosis
        if imputed.diagnosis is not ImputationDiagnosis.FINE:
            continue
        last = shifted(imputed, at, delta, cumulative_delta)
        effects[place], variances[place], freedom[place] = analyse(imputed.trials, last)
        if responder is not None:
            member = trials.arm[place] >= 0
            responds = responder(last[:, member], base[place, member])
            found[place] = pool_responses(responds, trials.arm[place, member], treated, reference, level)
    return MultipleImputationResult(
        pooled=pool(effects.T, variances.T, freedom, level),
        responses=tuple(found),
        estimates=effects,
        variances=variances,
        imputations=imputations,
        size=(trials.arm >= 0).sum(axis=1),
        imputed=((trials.arm >= 0) & ~trials.observed[:, :, at]).sum(axis=1),
        diagnosis=diagnosis,
    )


def complete(
    values: ArrayLike,
    baseline: ArrayLike,
    arm: ArrayLike,
    event_visit: ArrayLike | None = None,
    strategy: Strategy | NDArray[np.str_] = Strategy.MISSING_AT_RANDOM,
    reference: int = 0,
    *,
    seed: int,
    imputations: int = 500,
    treated: int = 1,
    constant_covariates: ArrayLike | None = None,
    by_arm: bool = False,
    restricted: bool = True,
    draws: Draws = Draws.BAYESIAN,
    prior: Prior = Prior.ESTIMATE_CENTRED,
    iterations: int = 50,
    trial: int = 0,
) -> Imputed:
    """Return completed data sets of one trial; arguments as for ``estimate``, without the first axis."""
    check_imputations(imputations)
    trials = prepare(
        values, baseline, arm, event_visit, strategy, reference,
        treated=treated, constant_covariates=constant_covariates,
    )  # fmt: skip
    return _complete(
        trials.take(slice(0, 1)), imputations, seed, trial,
        by_arm=by_arm, restricted=restricted, draws=draws, prior=prior, iterations=iterations,
    )  # fmt: skip


def shifted(imputed: Imputed, at: int, delta: tuple[float, float], cumulative: bool) -> Floats:
    """Return the completed values at a visit with delta added where they were imputed after the event."""
    trials = imputed.trials
    since = np.where(imputed.missing[:, at] & (imputed.event <= at), at - imputed.event + 1.0, 0.0)
    amount = since if cumulative else np.minimum(since, 1.0)
    arm = trials.arm[0]
    added = np.where(arm == trials.reference, delta[0], 0.0) + np.where(arm == trials.treated, delta[1], 0.0)
    return np.asarray(imputed.values[:, :, at] + amount * added)


def analyse(trials: LongitudinalTrials, last: Floats) -> tuple[Floats, Floats, float]:
    """Return difference, its variance and the degrees of freedom by ANCOVA of each completed data set.

    trials: a stack of one, whose design is that of the ANCOVA.  last: (imputations, subjects).
    """
    member = trials.arm[0] >= 0
    design, value = trials.design[0, member], last[:, member]
    inverse, _, _ = sweep((design.T @ design)[np.newaxis])
    solution = inverse[0] @ design.T
    coefficients = np.matmul(solution, value[..., np.newaxis])[..., 0]
    residual = value - np.matmul(design, coefficients[..., np.newaxis])[..., 0]
    freedom = float(member.sum() - design.shape[1])
    contrast = np.zeros(design.shape[1])
    contrast[trials.treated], contrast[trials.reference] = 1.0, -1.0
    spread = float(contrast @ inverse[0] @ contrast)
    variance = (residual**2).sum(axis=1) / freedom if freedom > 0 else np.full(value.shape[0], np.nan)
    return coefficients @ contrast, variance * spread, freedom


def _complete(
    trials: LongitudinalTrials,
    imputations: int,
    seed: int,
    trial: int,
    *,
    by_arm: bool,
    restricted: bool,
    draws: Draws,
    prior: Prior,
    iterations: int,
) -> Imputed:
    """Complete one trial."""
    subjects, visits = trials.outcome.shape[1:]
    diagnosis = ImputationDiagnosis(int(trials.diagnosis[0]))
    values = np.full((imputations, subjects, visits), np.nan)
    if diagnosis is ImputationDiagnosis.FINE:
        sums = moments(trials, by_arm)
        start = fit(sums.layout, sums.products, sums.counts, restricted=restricted)
        diagnosis = ImputationDiagnosis(int(diagnose_fits(start)[0]))
    for first in range(0, imputations, _DRAWS_AT_ONCE) if diagnosis is ImputationDiagnosis.FINE else ():
        numbers = np.arange(first, min(first + _DRAWS_AT_ONCE, imputations))
        address = Address(seed=seed, trial=trial, draws=numbers)
        if draws is Draws.BAYESIAN:
            parameters = bayesian(trials, sums, start, address, iterations=iterations, prior=prior)
        else:
            parameters = bootstrap(trials, sums, start, address, restricted=restricted)
        if not parameters.fine.all():
            diagnosis = _worst(diagnose_fits(parameters))
            break
        values[numbers] = draw_missing(trials, parameters, address)
    return Imputed(
        values=values,
        trials=trials,
        event=trials.event[0],
        missing=~trials.observed[0] & (trials.arm[0] >= 0)[:, np.newaxis],
        diagnosis=diagnosis,
    )


def _worst(codes: NDArray[np.int8]) -> ImputationDiagnosis:
    """Return the first reason in the order of the diagnoses."""
    return ImputationDiagnosis(int(codes[codes != ImputationDiagnosis.FINE].min()))


def draw_missing(trials: LongitudinalTrials, parameters: ModelFits, address: Address) -> Floats:
    """Return one trial completed under every draw of the parameters, (draws, subjects, visits), unscaled."""
    cells = cells_of(trials)
    visits = trials.visits
    values = np.full((address.draws.size, *trials.outcome.shape[1:]), np.nan)
    for place, cell in enumerate(cells.cells):
        inside = np.flatnonzero(cells.place[0] == place)
        missing = cell.missing(visits)
        if not missing:
            values[:, inside] = trials.outcome[0, inside]
            continue
        carried, residual = completion(cell, parameters, trials.reference)
        values[:, inside] = np.matmul(cells.rows[0, inside], np.swapaxes(carried, 1, 2))
        root = np.linalg.cholesky(residual[np.ix_(range(address.draws.size), missing, missing)])
        chance = streams.normal(
            address.seed,
            Purpose.IMPUTATION,
            address.trial,
            inside[:, np.newaxis],
            address.draws[:, np.newaxis, np.newaxis],
            np.array(missing),
        )
        values[:, inside[:, np.newaxis], missing] += np.matmul(chance, np.swapaxes(root, 1, 2))
    return np.asarray(values * trials.scale[0] + trials.centre[0])


def _responder_baseline(baseline: ArrayLike, given: ArrayLike | None, shape: tuple[int, ...]) -> Floats:
    """Return the baseline that responses are told from, (trials, subjects)."""
    chosen = np.asarray(baseline if given is None else given, dtype=float)
    if chosen.size != shape[0] * shape[1]:
        chosen = chosen[..., 0]
    return chosen.reshape(shape)
