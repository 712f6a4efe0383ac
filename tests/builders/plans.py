"""A protocol with an endpoint of every kind and an analysis by every method."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from builders.protocols import ANALYSES, ENDPOINTS, ESTIMANDS, LEAN, VISITS, make_analysis, make_protocol
from builders.trials import make_events, make_readings, make_trial, pairs
from euexia.core.logic import Comparison
from euexia.protocol.analysis_options import Options, ReferenceChoice
from euexia.protocol.analysis_plan import (
    Analysis,
    Component,
    ComponentKind,
    Endpoint,
    EndpointKind,
    Estimand,
    Method,
    Role,
    Strategy,
    Summary,
)
from euexia.protocol.protocol import Protocol, Visit
from euexia.protocol.statement import Condition, Quantity
from euexia.trialdata.trialdata import TrialData

WEIGHT_DAYS = (14.0, 28.0, 42.0, 56.0)
LOSS = Condition(
    measure="body_weight", of=Quantity.PERCENT_LOSS, comparison=Comparison.AT_LEAST, threshold=0.05
)


def _endpoint(name: str, kind: EndpointKind, **keys: Any) -> Endpoint:
    return Endpoint(name=name, label=name, kind=kind, role=Role.SECONDARY, day=56.0, **keys)


ALL_ENDPOINTS = (
    *ENDPOINTS,
    _endpoint("lean", EndpointKind.PERCENT_CHANGE, measure="lean_mass_ct"),
    _endpoint("weight", EndpointKind.LONGITUDINAL, measure="body_weight"),
    _endpoint("deterioration", EndpointKind.TIME_TO_EVENT, first_of=("death", "condition"), condition=LOSS),
    _endpoint("safety", EndpointKind.TIME_TO_EVENT, first_of=("serious_adverse_event",)),
    _endpoint(
        "benefit",
        EndpointKind.HIERARCHICAL,
        order=(
            Component(what=ComponentKind.SURVIVAL),
            Component(what=ComponentKind.PERCENT_CHANGE, measure="lean_mass_ct", tie_within=0.01),
            Component(what=ComponentKind.CHANGE, measure="handgrip_strength", tie_within=1.0),
            Component(what=ComponentKind.EVENTS, events="rash"),
        ),
    ),
    _endpoint(
        "survival_and_grip",
        EndpointKind.HIERARCHICAL,
        order=(
            Component(what=ComponentKind.SURVIVAL),
            Component(what=ComponentKind.CHANGE, measure="handgrip_strength"),
        ),
    ),
)

OBSERVED = {"death": Strategy.WHILE_ALIVE, "missing": Strategy.HYPOTHETICAL}


def _estimand(name: str, summary: Summary, **keys: Any) -> Estimand:
    return Estimand(endpoint=name, summary=summary, **{**OBSERVED, **keys})


ALL_ESTIMANDS = {
    **ESTIMANDS,
    **{
        estimand.endpoint: estimand
        for estimand in (
            _estimand("lean", Summary.MEAN),
            _estimand("lean_ranks", Summary.RANKS, of="lean", death=Strategy.COMPOSITE_FAILURE),
            _estimand("lean_median", Summary.MEDIAN, of="lean"),
            _estimand("lean_survivors", Summary.SURVIVOR_BOUNDS, of="lean"),
            _estimand("weight", Summary.MEAN),
            _estimand("weight_response", Summary.PROPORTION, of="weight"),
            _estimand("deterioration", Summary.HAZARD, death=Strategy.COMPOSITE_FAILURE),
            _estimand("safety", Summary.INCIDENCE),
            _estimand(
                "deterioration_mean",
                Summary.RESTRICTED_MEAN,
                of="deterioration",
                death=Strategy.COMPOSITE_FAILURE,
            ),
            _estimand("benefit", Summary.WINS, death=Strategy.COMPOSITE_FAILURE),
            _estimand("survival_and_grip", Summary.RANKS, death=Strategy.COMPOSITE_FAILURE),
        )
    },
}

ALL_ANALYSES = (
    *ANALYSES,
    make_analysis("response_score", "response", Method.MIETTINEN_NURMINEN),
    make_analysis("response_newcombe", "response", Method.NEWCOMBE),
    make_analysis("response_cmh", "response", Method.CMH, options=Options(strata=("sex",))),
    make_analysis(
        "response_logistic",
        "response",
        Method.LOGISTIC,
        options=Options(covariates=("age",), strata=("sex",)),
    ),
    make_analysis(
        "lean_ancova", "lean", Method.ANCOVA, options=Options(covariates=("baseline", "age"), strata=("sex",))
    ),
    make_analysis("lean_ranked", "lean", Method.RANKED_ANCOVA, estimand="lean_ranks"),
    make_analysis("lean_shift", "lean", Method.HODGES_LEHMANN, estimand="lean_median"),
    make_analysis(
        "lean_median",
        "lean",
        Method.MEDIAN_DIFFERENCE,
        estimand="lean_median",
        options=Options(resamples=200),
    ),
    make_analysis(
        "lean_bounds",
        "lean",
        Method.SURVIVOR_BOUNDS,
        estimand="lean_survivors",
        options=Options(resamples=100),
    ),
    make_analysis(
        "lean_posterior",
        "lean",
        Method.POSTERIOR_MEAN,
        options=Options(prior_mean=0.0, prior_sd=1.0, benefit=0.02),
    ),
    make_analysis("weight_mmrm", "weight", Method.MMRM),
    make_analysis(
        "deterioration_log_rank", "deterioration", Method.LOG_RANK, options=Options(strata=("sex",))
    ),
    make_analysis("deterioration_cox", "deterioration", Method.COX, options=Options(covariates=("age",))),
    make_analysis(
        "deterioration_mean", "deterioration", Method.RESTRICTED_MEAN, estimand="deterioration_mean"
    ),
    make_analysis("safety_incidence", "safety", Method.CUMULATIVE_INCIDENCE),
    make_analysis("benefit_ratio", "benefit", Method.WIN_RATIO),
    make_analysis("benefit_odds", "benefit", Method.WIN_ODDS, options=Options(strata=("sex",))),
    make_analysis("benefit_net", "benefit", Method.NET_BENEFIT),
    make_analysis("composite", "survival_and_grip", Method.RANK_COMPOSITE),
    make_analysis(
        "weight_reference",
        "weight",
        Method.REFERENCE_BASED,
        options=Options(reference=ReferenceChoice.JUMP_TO_REFERENCE),
    ),
    make_analysis(
        "weight_imputed",
        "weight",
        Method.MULTIPLE_IMPUTATION,
        options=Options(reference=ReferenceChoice.COPY_REFERENCE, imputations=5, seed=1),
    ),
    make_analysis(
        "weight_response",
        "weight",
        Method.IMPUTED_RESPONSE,
        estimand="weight_response",
        options=Options(responds_at=0.0, imputations=5, seed=1),
    ),
    make_analysis("weight_tipping", "weight", Method.TIPPING_POINT),
)
"""One analysis by each method."""


def full_protocol(*analyses: Analysis, **changes: Any) -> Protocol:
    """Return a protocol with every kind of endpoint, and the analyses given or one by each method."""
    weighing = tuple(
        Visit(name=f"weight_{day:g}", day=day, measures=("body_weight",), window=3.0)
        for day in (0.0, *WEIGHT_DAYS)
    )
    schedule = replace(make_protocol().schedule, visits=(*VISITS, *weighing))
    return make_protocol(
        schedule=schedule,
        endpoints=ALL_ENDPOINTS,
        estimands=ALL_ESTIMANDS,
        analyses=analyses or ALL_ANALYSES,
        **changes,
    )


def eventful_stack(trials: int = 7, size: int = 40, seed: int = 5) -> TrialData:
    """Return a stack in which everything happens: death, withdrawal, stops, rescue, missed visits, events."""
    rng = np.random.default_rng(seed)
    shape = (trials, size)
    death = np.where(rng.random(shape) < 0.15, rng.integers(5, 56, shape), np.nan)
    withdrawal = np.where(np.isnan(death) & (rng.random(shape) < 0.1), rng.integers(5, 56, shape), np.nan)
    end = np.fmin(np.fmin(death, withdrawal), 84.0)
    gone = end < 56.0

    def reading(first: float, spread: float) -> Any:
        start = first * rng.uniform(0.7, 1.3, shape)
        change = rng.normal(0.05 * first, spread, shape)
        return pairs(start, np.where(gone | (rng.random(shape) < 0.1), np.nan, start + change))

    rows = [
        (int(t), int(s), float(min(rng.integers(1, 50), end[t, s])), "rash", 3, bool(rng.random() < 0.5))
        for t, s in np.argwhere(rng.random(shape) < 0.4)
    ]
    return make_trial(
        np.tile(np.repeat([0, 1], size // 2), (trials, 1)),
        readings={
            "lean_mass_ct": reading(40.0, 2.0),
            "handgrip_strength": reading(26.0, 8.0),
            "crp": pairs(rng.uniform(30, 90, shape), np.where(gone, np.nan, rng.uniform(10, 90, shape))),
            "tumour_size": reading(80.0, 30.0),
            "body_weight": _weights(rng, end),
        },
        events=make_events(rows),
        age=rng.uniform(40, 80, shape),
        sex=(rng.random(shape) < 0.5).astype(float),
        death_day=death,
        withdrawal_day=withdrawal,
        treatment_stop_day=np.where(rng.random(shape) < 0.2, np.fmin(20.0, end), np.nan),
        rescue_day=np.where(rng.random(shape) < 0.1, np.fmin(40.0, end), np.nan),
        last_contact_day=end,
    )


def _weights(rng: np.random.Generator, end: NDArray[np.float64]) -> Any:
    days = np.array([0.0, *WEIGHT_DAYS])
    shape = (*end.shape, days.size)
    own = rng.normal(0.0, 8.0, (*end.shape, 1))
    value = 65.0 + own + np.cumsum(rng.normal(-0.3, 1.2, shape), axis=-1)
    seen = (days <= end[..., np.newaxis]) & ((rng.random(shape) > 0.1) | (days == 0))
    return make_readings(np.broadcast_to(days, shape), np.where(seen, value, np.nan), days)


__all__ = ["ALL_ANALYSES", "ALL_ENDPOINTS", "ALL_ESTIMANDS", "LEAN", "eventful_stack", "full_protocol"]
