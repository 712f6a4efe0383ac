"""Every method on the trials of ``error_rates_generator``: p-value, interval, and what it should hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from error_rates_generator import (
    END,
    SEED,
    VISITS,
    Trials,
)
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from euexia.statistics import (
    ancova,
    competing_risks,
    composite_rank,
    conditional_mean,
    cox,
    dunnett,
    finkelstein_schoenfeld,
    firth_cox,
    graphical,
    kaplan_meier,
    log_rank,
    logistic,
    median_difference,
    mmrm,
    multiple_imputation,
    multiplicity,
    ranked_ancova,
    restricted_mean,
    win_statistics,
)
from euexia.statistics import proportion_intervals as intervals
from euexia.statistics import stratified_proportions as strata
from euexia.statistics.contrasts import versus_control
from euexia.statistics.imputation_data import Strategy, dropout_visit
from euexia.statistics.location_shift import hodges_lehmann, mann_whitney
from euexia.statistics.mmrm_moments import SubjectDesign
from euexia.statistics.mmrm_result import Freedom
from euexia.statistics.mmrm_robust import Sandwich, robust_contrasts
from euexia.statistics.mmrm_visits import treatment_by_visit
from euexia.statistics.normal_tests import half_width, normal_p_value
from euexia.statistics.proportions import boschloo_p_values, fisher_p_values
from euexia.statistics.win_statistics import Component, Kind, Outcome

Floats = NDArray[np.float64]

LEVEL = 0.95
BOOTSTRAP, IMPUTATIONS = 500, 25
HIERARCHY = (Component(name="death", kind=Kind.TIME_TO_EVENT), Component(name="function"))
GRAPH = graphical.graph(
    weights=[0.5, 0.5, 0, 0],
    transitions=[[0, 0.5, 0.5, 0], [0.5, 0, 0, 0.5], [0, 1, 0, 0], [1, 0, 0, 0]],
)
OTHER = " (not in the package)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A method's answer in every trial; shape (trials,), NaN where there is none."""

    p_value: Floats
    low: Floats | None = None
    high: Floats | None = None
    target: str = ""
    """Key of ``error_rates_truths.truths``."""


def _of(found: object, target: str) -> Answer:
    return Answer(p_value=found.p_value, low=found.low, high=found.high, target=target)  # type: ignore[attr-defined]


def _by_interval(limits: tuple[Floats, Floats], target: str) -> Answer:
    low, high = limits
    outside = np.where((low > 0.0) | (high < 0.0), 0.0, 1.0)
    return Answer(p_value=np.where(np.isnan(low), np.nan, outside), low=low, high=high, target=target)


def _wald(estimate: Floats, error: Floats, target: str, freedom: Floats | float = np.inf) -> Answer:
    """Return the plain interval, estimate and error times a quantile of t, or of the normal."""
    if np.all(np.isinf(freedom)):
        half, p_value = half_width(LEVEL) * error, normal_p_value(estimate / error)
    else:
        half = stdtrit(freedom, (1.0 + LEVEL) / 2.0) * error
        p_value = 2.0 * stdtr(freedom, -np.abs(estimate / error))
    return Answer(p_value=p_value, low=estimate - half, high=estimate + half, target=target)


def means(trials: Trials, first: int) -> dict[str, Answer]:
    """Compare the change at week 12 of those seen then."""
    two = trials.arms(0, 1)
    y, arm, covariates = two.values[..., -1], two.arm, [two.baseline]
    found = {}
    for name, robust in (("ANCOVA", False), ("ANCOVA, HC3", True)):
        fit = ancova.estimate(y, arm, arms=2, covariates=covariates, robust=robust)
        compared = ancova.compare(fit, versus_control(2))
        found[name] = Answer(
            p_value=compared.p_value[:, 0], low=compared.low[:, 0], high=compared.high[:, 0], target="mean"
        )
    ranked = {"arms": 2, "covariates": covariates}
    stratum = (two.baseline >= 0.0).astype(int)
    shift = hodges_lehmann(y, arm == 1, arm == 0)
    test = mann_whitney(y, arm == 1, arm == 0).p_value
    return {
        **found,
        "ranked ANCOVA, Quade": Answer(p_value=ranked_ancova.quade(y, arm, **ranked).p_value),
        "ranked ANCOVA, Conover-Iman": Answer(p_value=ranked_ancova.conover_iman(y, arm, **ranked).p_value),
        "ranked ANCOVA, stratified": Answer(
            p_value=ranked_ancova.stratified_rank_ancova(y, arm, **ranked, stratum=stratum).p_value
        ),
        "Wilcoxon; Hodges-Lehmann": Answer(p_value=test, low=shift.low, high=shift.high, target="mean"),
    }


def medians(trials: Trials, first: int) -> dict[str, Answer]:
    """Compare the medians at week 12 of those seen then."""
    two = trials.arms(0, 1)
    found = median_difference.median_difference(
        two.values[..., -1],
        two.arm == 1,
        two.arm == 0,
        seed=SEED,
        replicates=BOOTSTRAP,
        trial_numbers=np.arange(first, first + len(two.arm)),
    )
    return {"difference of medians, bootstrap": _by_interval((found.low, found.high), "mean")}


def mixed(trials: Trials, first: int) -> dict[str, Answer]:
    """Compare the change at week 12 by the mixed model for repeated measures."""
    two = trials.arms(0, 1)
    found = {}
    for name, freedom in (("Satterthwaite", Freedom.SATTERTHWAITE), ("Kenward-Roger", Freedom.KENWARD_ROGER)):
        effects = treatment_by_visit(two.values, two.arm, two.baseline, freedom=freedom).differences
        parts = {key: getattr(effects, key)[:, 0, -1] for key in ("p_value", "low", "high")}
        found[f"MMRM, {name}"] = Answer(**parts, target="mean")
    columns = np.stack([np.ones(two.baseline.shape), two.arm.astype(float), two.baseline], axis=-1)
    lift = np.zeros((3 * VISITS, VISITS, 3))
    for term in range(3):
        lift[term * VISITS + np.arange(VISITS), np.arange(VISITS), term] = 1.0
    names = tuple(f"{term}{visit}" for term in ("visit", "arm", "baseline") for visit in range(VISITS))
    design = SubjectDesign(columns=columns, lift=lift, names=names)
    fit = mmrm.fit(two.values, design)
    row = np.eye(3 * VISITS)[[2 * VISITS - 1]]
    robust = robust_contrasts(fit, two.values, design, row, sandwich=Sandwich.BIAS_REDUCED)
    parts = {key: getattr(robust, key)[:, 0] for key in ("p_value", "low", "high")}
    return {**found, "MMRM, sandwich CR2": Answer(**parts, target="mean")}


def proportions(trials: Trials, first: int) -> dict[str, Answer]:
    """Compare the shares that responded; who left did not respond."""
    two = trials.arms(0, 1)
    stratum = (two.baseline >= 0.0).astype(int)
    treated, controls = two.arm == 1, two.arm == 0
    counts = strata.stratum_counts(two.response, treated, controls, stratum, 2)
    x1, n1, x0, n0 = (part.sum(axis=1).astype(int) for part in counts)
    tables = int(n1[0]), int(n0[0])
    model = {"covariates": [two.baseline]}
    risk = logistic.marginal_risk_difference(two.response, two.arm, **model)
    firth = logistic.marginal_risk_difference(two.response, two.arm, **model, firth=True)
    with_t = _wald(risk.estimate, risk.error, "risk", two.arm.shape[1] - 3.0)
    delta = logistic.marginal_risk_difference(
        two.response, two.arm, **model, variance=logistic.Variance.DELTA
    )
    return {
        "Fisher": Answer(p_value=fisher_p_values(*tables)[x1, x0]),
        "Boschloo": Answer(p_value=boschloo_p_values(*tables)[x1, x0]),
        "Miettinen-Nurminen": _by_interval(intervals.miettinen_nurminen(x1, n1, x0, n0, LEVEL), "risk"),
        "Newcombe": _by_interval(intervals.newcombe(x1, n1, x0, n0, LEVEL), "risk"),
        "Cochran-Mantel-Haenszel": Answer(p_value=strata.cmh(*counts).p_value),
        "Mantel-Haenszel difference, Sato": _of(strata.mantel_haenszel_difference(*counts, LEVEL), "risk"),
        "Miettinen-Nurminen, stratified": _of(strata.miettinen_nurminen_stratified(*counts, LEVEL), "risk"),
        "Newcombe, stratified": _by_interval(_limits(strata.newcombe_stratified(*counts, LEVEL)), "risk"),
        "marginal risk difference, robust": _of(risk, "risk"),
        "marginal risk difference, robust, with t" + OTHER: with_t,
        "marginal risk difference, delta": _of(delta, "risk"),
        "marginal risk difference, robust, Firth": _of(firth, "risk"),
    }


def _limits(found: strata.Estimate) -> tuple[Floats, Floats]:
    return found.low, found.high


def lifetimes(trials: Trials, first: int) -> dict[str, Answer]:
    """Compare times to death, and progression with death competing."""
    two = trials.arms(0, 1)
    lives = two.time, two.died, two.arm
    fit = cox.fit(*lives)
    area = restricted_mean.difference(*lives, horizon=END)
    risks = two.progression_time, two.cause, two.arm
    one = trials.arms(1)
    curve = kaplan_meier.estimate(one.time, one.died)
    alive = kaplan_meier.survival_at(curve, [0.999 * END])
    incidence = competing_risks.estimate(one.progression_time, one.cause, causes=2)
    progressed = [np.nanmax(part[:, 0], axis=1) for part in (incidence.incidence, incidence.low)]
    high = np.nanmax(incidence.high[:, 0], axis=1)
    unknown = np.full(len(one.arm), np.nan)
    limits = {"low": np.where(progressed[0] > 0, progressed[1], np.nan), "high": high}
    return {
        "log-rank": Answer(p_value=log_rank.test(*lives).p_value),
        "Cox, Wald": Answer(
            p_value=fit.p_value[:, 0], low=fit.low[:, 0], high=fit.high[:, 0], target="hazard"
        ),
        "Cox, likelihood ratio": Answer(p_value=fit.likelihood_ratio_p_value),
        "restricted mean": _of(area, "lifetime"),
        "restricted mean, with t" + OTHER: _wald(
            area.difference, area.difference_error, "lifetime", two.arm.shape[1] - 2.0
        ),
        "Kaplan-Meier of the treated": Answer(
            p_value=unknown, low=alive.low[:, 0], high=alive.high[:, 0], target="survival"
        ),
        "Gray-type test of incidence": Answer(p_value=competing_risks.test(*risks, of=1).p_value),
        "cause-specific log-rank": Answer(
            p_value=competing_risks.cause_specific_log_rank(*risks, of=1).p_value
        ),
        "cumulative incidence of the treated": Answer(p_value=unknown, **limits, target="incidence"),
    }


def firth(trials: Trials, first: int) -> dict[str, Answer]:
    """Compare times to death by the penalised likelihood."""
    two = trials.arms(0, 1)
    found = firth_cox.fit(two.time, two.died, two.arm)
    parts = {key: getattr(found, key)[:, 0] for key in ("p_value", "low", "high")}
    return {"Cox, Firth": Answer(**parts, target="hazard")}


def _pair(trials: Trials, arm: int) -> tuple[list[Outcome], list[Outcome]]:
    treated, controls = trials.arms(arm), trials.arms(0)
    return tuple(  # type: ignore[return-value]
        [Outcome(value=one.time, event=one.died), Outcome(value=one.function)] for one in (treated, controls)
    )


def together(trials: Trials, first: int) -> dict[str, Answer]:
    """Compare death and function together."""
    pair = _pair(trials, 1)
    won = win_statistics.compare(HIERARCHY, *pair)
    two = trials.arms(0, 1)
    ranks = composite_rank.test(two.time, two.died, two.function, two.arm)
    plain = _wald(won.net_benefit.estimate, won.net_benefit.error, "net benefit")
    return {
        "win ratio": _of(won.win_ratio, "win ratio"),
        "win odds": _of(won.win_odds, "win odds"),
        "net benefit, artanh": _of(won.net_benefit, "net benefit"),
        "net benefit, Wald" + OTHER: plain,
        "Finkelstein-Schoenfeld": Answer(p_value=finkelstein_schoenfeld.test(HIERARCHY, *pair).p_value),
        "composite rank, theta, artanh": _of(ranks, "net benefit"),
        "composite rank, theta, Wald" + OTHER: _wald(ranks.theta, ranks.error, "net benefit"),
        "composite rank, Wilcoxon": Answer(p_value=ranks.wilcoxon_p_value),
    }


STRATEGIES = {
    "MAR": Strategy.MISSING_AT_RANDOM,
    "J2R": Strategy.JUMP_TO_REFERENCE,
    "CR": Strategy.COPY_REFERENCE,
    "CIR": Strategy.COPY_INCREMENTS,
}


def _longitudinal(trials: Trials) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]:
    two = trials.arms(0, 1)
    return two.values, two.baseline, two.arm, dropout_visit(two.values)


def conditional(trials: Trials, first: int) -> dict[str, Answer]:
    """Impute conditional means, with the jackknife; strategies differ only where something is missing."""
    given = _longitudinal(trials)
    found = {}
    for name in _worth_while(given[0]):
        result = conditional_mean.estimate(*given, STRATEGIES[name])
        found[f"conditional means, {name}"] = _of(result, name)
        if name == "MAR":
            found["conditional means, MAR, with t" + OTHER] = _wald(
                result.estimate, result.standard_error, name, given[1].shape[1] - 3.0
            )
    return found


def _worth_while(values: Floats) -> tuple[str, ...]:
    """Return the strategies to look at: all are one where nothing is missing; two in large trials."""
    if not np.isnan(values).any():
        return ("MAR",)
    return tuple(STRATEGIES) if values.shape[1] <= 100 else ("MAR", "J2R")


def drawn(trials: Trials, first: int) -> dict[str, Answer]:
    """Impute draws, pooled by Rubin's rules."""
    found = {}
    for name in ("MAR", "J2R"):
        result = multiple_imputation.estimate(
            *_longitudinal(trials), STRATEGIES[name], seed=SEED, imputations=IMPUTATIONS, first_trial=first
        )
        found[f"multiple imputation, {name}"] = _of(result.pooled, name)
    return found


def several(trials: Trials, first: int, *, effect: bool = False) -> dict[str, Answer]:
    """Reject at least one true hypothesis of several; p-value: the smallest adjusted one of a true one."""
    fit = ancova.estimate(trials.values[..., -1], trials.arm, arms=3, covariates=[trials.baseline])
    compared = ancova.compare(fit, versus_control(3))
    change = compared.p_value
    stratum = (trials.baseline >= 0.0).astype(int)
    response, function = np.empty((2, *change.shape))
    for dose in (1, 2):
        arms = trials.response, trials.arm == dose, trials.arm == 0
        response[:, dose - 1] = strata.cmh(*strata.stratum_counts(*arms, stratum, 2)).p_value
        function[:, dose - 1] = finkelstein_schoenfeld.test(HIERARCHY, *_pair(trials, dose)).p_value
    true = [1] if effect else [0, 1]
    nulls = [2 * endpoint + dose for endpoint in range(3) for dose in true]
    all_six = np.concatenate([change, response, function], axis=1)
    loading = dunnett.loadings(fit.analysed[:, 1:], fit.analysed[:, 0])
    t = compared.estimate / compared.error
    four = graphical.adjust(np.concatenate([change, response], axis=1), GRAPH)
    adjusted = {
        "Holm, six hypotheses": multiplicity.adjust(all_six, multiplicity.Method.HOLM)[:, nulls],
        "Hochberg, six hypotheses": multiplicity.adjust(all_six, multiplicity.Method.HOCHBERG)[:, nulls],
        "Dunnett, two doses": dunnett.single_step(t, loading, fit.freedom)[:, true],
        "Dunnett, step down": dunnett.step_down(t, loading, fit.freedom)[:, true],
        "graph of four hypotheses": four[:, [n for n in nulls if n < 4]],
        "unadjusted, six hypotheses" + OTHER: all_six[:, nulls],
        "both doses (co-primary)": multiplicity.intersection_union(change)[:, np.newaxis],
    }
    return {name: Answer(p_value=np.fmin.reduce(p, axis=1)) for name, p in adjusted.items()}


FAMILIES: dict[str, Callable[..., dict[str, Answer]]] = {
    "means": means,
    "mixed": mixed,
    "proportions": proportions,
    "lifetimes": lifetimes,
    "together": together,
    "several": several,
    "firth": firth,
    "medians": medians,
    "conditional": conditional,
    "drawn": drawn,
}
