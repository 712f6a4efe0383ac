"""One block of trials, reduced to what its summaries need.

Everything kept is either one number per trial or a whole-number histogram, so that putting blocks together in
the order of their trials gives the same bits whatever the block size and whoever computed them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.result import Result
from euexia.criteria.measures import MEASURES
from euexia.endpoints.table import EndpointTable
from euexia.protocol.protocol import EndpointKind, Protocol, Role
from euexia.trialdata.trialdata import Events, ScreeningLog, TrialData

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

BINS = 4096
"""Cells of each histogram between the plausible limits of its measure."""
DOSE = "dose"
HIGHEST_DOSE = 128.0
"""Upper end of the histogram of doses, mg per day; BINS divides it evenly."""
GRADES_OF_INTEREST = 3
"""CTCAE grade from which an adverse event is called severe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisBlock:
    """The results of one analysis, shape (trials,) each."""

    estimate: Floats
    low: Floats
    high: Floats
    p_value: Floats
    reject: NDArray[np.bool_]
    numbers: Mapping[str, Floats]
    measure_of_effect: str
    unit: str
    design: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesBlock:
    """A measure over its visits: per trial and arm sums, and a histogram over all trials of the block.

    count, total, square: shape (trials, arms, visits).  histogram: shape (arms, visits, BINS).
    """

    day: Floats
    count: Counts
    total: Floats
    square: Floats
    histogram: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmBlock:
    """Counts of patients, shape (trials, arms) each."""

    patients: Counts
    responders: Counts
    disposition: Mapping[str, Counts]
    adverse_events: Mapping[str, Counts]
    components: Mapping[str, Counts]


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
    series: dict[str, SeriesBlock] = {}
    if with_series:
        for name, readings in data.readings.items():
            after = readings.planned >= 0  # a series begins at baseline
            if after.any():
                values = readings.value[..., after]
                series[name] = _reduce_series(readings.planned[after], values, one_hot, name)
        for dosing in data.dosing.values():
            series[DOSE] = _reduce_series(dosing.planned, dosing.dose, one_hot, DOSE)
    return Block(
        first_trial=first_trial,
        trials=data.trials,
        analyses={result.analysis: _analysis(result) for result in results},
        arms=_arms(protocol, data, table, one_hot),
        series=series,
        screening=None if data.screening is None else _screening(data.screening, data.trials),
    )


def limits_of(name: str) -> tuple[float, float]:
    """Return the range that the histogram of a series covers."""
    if name == DOSE:
        return 0.0, HIGHEST_DOSE
    measure = MEASURES[name]
    return measure.low, measure.high


def _analysis(result: Result) -> AnalysisBlock:
    return AnalysisBlock(
        estimate=result.estimate,
        low=result.low,
        high=result.high,
        p_value=result.p_value,
        reject=result.reject,
        numbers=dict(result.numbers),
        measure_of_effect=result.measure_of_effect,
        unit=result.unit,
        design=dict(result.design),
    )


def _reduce_series(day: Floats, value: Floats, one_hot: NDArray[np.bool_], name: str) -> SeriesBlock:
    """Reduce values of shape (trials, subjects, visits) to sums and histograms by arm."""
    known = ~np.isnan(value)
    filled = np.where(known, value, 0.0)
    arms = one_hot.shape[-1]
    count = np.stack([(known & one_hot[..., k, None]).sum(axis=1) for k in range(arms)], axis=1)
    total = np.stack([np.where(one_hot[..., k, None], filled, 0.0).sum(axis=1) for k in range(arms)], axis=1)
    square = np.stack(
        [np.where(one_hot[..., k, None], filled**2, 0.0).sum(axis=1) for k in range(arms)], axis=1
    )
    low, high = limits_of(name)
    cell = np.clip(((filled - low) / (high - low) * BINS).astype(np.int64), 0, BINS - 1)
    visits = value.shape[-1]
    histogram = np.zeros((arms, visits, BINS), dtype=np.int32)
    for k in range(arms):
        chosen = known & one_hot[..., k, None]
        flat = (cell + np.arange(visits) * BINS)[chosen]
        histogram[k] = np.bincount(flat, minlength=visits * BINS).reshape(visits, BINS)
    return SeriesBlock(day=day, count=count, total=total, square=square, histogram=histogram)


def _arms(protocol: Protocol, data: TrialData, table: EndpointTable, one_hot: NDArray[np.bool_]) -> ArmBlock:
    primary = next(
        e for e in protocol.endpoints if e.role is Role.PRIMARY and e.kind is EndpointKind.RESPONDER
    )
    response = table.endpoints[primary.name]
    subjects = data.subjects
    died = subjects["death_day"] <= primary.day
    withdrew = ~died & (subjects["withdrawal_day"] <= primary.day)
    stopped = (
        ~died & ~withdrew & (subjects["treatment_stop_day"] < min(primary.day, protocol.schedule.treatment))
    )
    disposition = {
        "completed": ~died & ~withdrew,
        "died": died,
        "withdrew": withdrew,
        "stopped_treatment": stopped,
    }
    components = {name: values == 1 for name, values in (response.components or {}).items()}
    return ArmBlock(
        patients=one_hot.sum(axis=1),
        responders=_by_arm(response.value == 1, one_hot),
        disposition={name: _by_arm(flag, one_hot) for name, flag in disposition.items()},
        adverse_events={name: _by_arm(flag, one_hot) for name, flag in _event_flags(data.events, data)},
        components={name: _by_arm(flag, one_hot) for name, flag in components.items()},
    )


def _by_arm(flag: NDArray[np.bool_], one_hot: NDArray[np.bool_]) -> Counts:
    return np.asarray((flag[..., None] & one_hot).sum(axis=1), dtype=np.int64)


TERMS = ("neutropenia", "thrombocytopenia", "venous_thromboembolism", "rash", "serious_adverse_event")


def _event_flags(events: Events, data: TrialData) -> Iterable[tuple[str, NDArray[np.bool_]]]:
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
    days_per_month = 365.25 / 12
    return ScreeningBlock(
        screened=screened,
        enrolled=np.bincount(log.trial, weights=log.enrolled, minlength=trials).astype(np.int64),
        months=last / days_per_month,
        refused=refused,
    )
