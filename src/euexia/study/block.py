"""One block of trials, reduced to what its summaries need.

Everything kept is either one number per trial or a whole-number histogram, so that putting blocks together in
the order of their trials gives the same bits whatever the block size and whoever computed them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from euexia.analyse import estimands
from euexia.analyse.result import Result
from euexia.core.studytime import DAYS_PER_MONTH
from euexia.endpoints.table import DerivedEndpoint, EndpointTable
from euexia.protocol.analysis_plan import EndpointKind, Estimand
from euexia.protocol.lead import lead_endpoint, lead_estimand
from euexia.protocol.protocol import Protocol
from euexia.study.look_block import LookBlock
from euexia.study.series import SeriesBlock, reduce_data
from euexia.trialdata.trialdata import Events, ScreeningLog, TrialData

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

GRADES_OF_INTEREST = 3
"""CTCAE grade from which an adverse event is called severe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisBlock:
    """The results of one analysis, shape (trials,) each."""

    estimate: Floats
    low: Floats
    high: Floats
    p_value: Floats
    reject: Flags
    decided: Flags
    """The decision that counts: adjusted where several tests share a level, else ``reject``."""
    numbers: Mapping[str, Floats]
    measure_of_effect: str
    unit: str
    design: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmBlock:
    """Counts of patients, shape (trials, arms) each.

    patients: randomised.  analysed, responders: as the estimand of the lead endpoint decides, and so are
    components (who meets each part of the response) of components_analysed.  responders is None where the
    lead endpoint is no response.
    """

    patients: Counts
    analysed: Counts
    responders: Counts | None
    disposition: Mapping[str, Counts]
    adverse_events: Mapping[str, Counts]
    components: Mapping[str, Counts]
    components_analysed: Mapping[str, Counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningBlock:
    """Screening, one number per trial; ``refused`` by criterion."""

    screened: Counts
    enrolled: Counts
    months: Floats
    refused: Mapping[str, Counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of trials under one scenario."""

    first_trial: int
    trials: int
    analyses: Mapping[str, AnalysisBlock]
    arms: ArmBlock
    series: Mapping[str, SeriesBlock]
    screening: ScreeningBlock | None
    looks: LookBlock | None = None
    """Of protocols whose looks are carried out."""


def reduce_block(
    first_trial: int,
    protocol: Protocol,
    data: TrialData,
    table: EndpointTable,
    results: tuple[Result, ...],
    *,
    with_series: bool = True,
) -> Block:
    """Return the summary of a block of trials."""
    one_hot = table.arm[..., None] == np.arange(len(data.arms))
    return Block(
        first_trial=first_trial,
        trials=data.trials,
        analyses={result.analysis: _analysis(result) for result in results},
        arms=_arms(protocol, data, table, one_hot),
        series=reduce_data(data, one_hot) if with_series else {},
        screening=None if data.screening is None else _screening(data.screening, data.trials),
    )


def _analysis(result: Result) -> AnalysisBlock:
    return AnalysisBlock(
        estimate=result.estimate,
        low=result.low,
        high=result.high,
        p_value=result.p_value,
        reject=result.reject,
        decided=result.reject if result.adjusted is None else result.adjusted.reject,
        numbers=dict(result.numbers),
        measure_of_effect=result.measure_of_effect,
        unit=result.unit,
        design=dict(result.design),
    )


def _arms(protocol: Protocol, data: TrialData, table: EndpointTable, one_hot: Flags) -> ArmBlock:
    lead = lead_endpoint(protocol)
    derived = table.endpoints[lead.name]
    subjects = data.subjects
    died = subjects["death_day"] <= lead.day
    withdrew = ~died & (subjects["withdrawal_day"] <= lead.day)
    stopped = (
        ~died & ~withdrew & (subjects["treatment_stop_day"] < min(lead.day, protocol.schedule.treatment))
    )
    disposition = {
        "completed": ~died & ~withdrew,
        "died": died,
        "withdrew": withdrew,
        "stopped_treatment": stopped,
    }
    estimand = lead_estimand(protocol)
    settled = estimands.apply(derived, estimand, lead.kind, higher_is_better=lead.higher_is_better)
    responds = lead.kind is EndpointKind.RESPONDER
    parts = {
        name: _responses(derived, values, estimand) for name, values in (derived.components or {}).items()
    }
    return ArmBlock(
        patients=one_hot.sum(axis=1),
        analysed=_by_arm(settled.included, one_hot),
        responders=_by_arm(settled.included & (settled.value >= 1), one_hot) if responds else None,
        disposition={name: _by_arm(flag, one_hot) for name, flag in disposition.items()},
        adverse_events={name: _by_arm(flag, one_hot) for name, flag in _event_flags(data.events, data)},
        components={name: _by_arm(part, one_hot) for name, (part, _) in parts.items()},
        components_analysed={name: _by_arm(known, one_hot) for name, (_, known) in parts.items()},
    )


def _responses(response: DerivedEndpoint, value: Floats, estimand: Estimand) -> tuple[Flags, Flags]:
    """Return who meets a part of the response, and who is analysed: both as the estimand decides.

    A part is settled like the response itself, so that it says what a test of that part alone would.
    """
    settled = estimands.apply(replace(response, value=value), estimand, EndpointKind.RESPONDER)
    return settled.included & (settled.value >= 1), settled.included


def _by_arm(flag: Flags, one_hot: Flags) -> Counts:
    return np.asarray((flag[..., None] & one_hot).sum(axis=1), dtype=np.int64)


TERMS = ("neutropenia", "thrombocytopenia", "venous_thromboembolism", "rash", "serious_adverse_event")


def _event_flags(events: Events, data: TrialData) -> Iterable[tuple[str, Flags]]:
    """Yield for each term who had it, and who had it severely."""
    for term in TERMS:
        for name, chosen in (
            (term, events.term == term),
            (f"{term}_grade_3_or_more", (events.term == term) & (events.grade >= GRADES_OF_INTEREST)),
        ):
            flag = np.zeros((data.trials, data.size), dtype=bool)
            flag[events.trial[chosen], events.subject[chosen]] = True
            yield name, flag


def _screening(log: ScreeningLog, trials: int) -> ScreeningBlock:
    screened = np.bincount(log.trial, minlength=trials)
    last = np.zeros(trials)
    np.maximum.at(last, log.trial, log.day)
    refused = {
        criterion: np.bincount(log.trial, weights=log.failed[:, k] == 1, minlength=trials).astype(np.int64)
        for k, criterion in enumerate(log.criteria)
    }
    return ScreeningBlock(
        screened=screened,
        enrolled=np.bincount(log.trial, weights=log.enrolled, minlength=trials).astype(np.int64),
        months=last / DAYS_PER_MONTH,
        refused=refused,
    )
