"""What a look sees of a stack of trials: the day it is taken, its statistic and its information.

Everything here works on trial data alone, real or simulated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from euexia.analyse import run as analyse
from euexia.analyse.plan import planned_sizes
from euexia.analyse.result import Result
from euexia.endpoints.derive import derive, derive_endpoint
from euexia.protocol.analysis_plan import Analysis, EndpointKind
from euexia.protocol.design import Interim
from euexia.protocol.protocol import Protocol
from euexia.study.look_plan import LookPlan, endpoint_of
from euexia.study.success import gains_upward, neutral
from euexia.trialdata.cut import cut, enrolled_day
from euexia.trialdata.trialdata import TrialData

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FARTHEST = 37.0
"""Largest statistic: beyond it a p value is zero in floats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look sees, shape (trials,) each; NaN in a trial where nothing can be estimated.

    statistic: Z towards benefit, of several tests the smallest.  information: share of the final
    information as planned.
    """

    results: tuple[Result, ...]
    patients: Floats
    statistic: Floats
    information: Floats


def look_day(plan: LookPlan, place: int, data: TrialData) -> Floats:
    """Return the calendar day on which each trial has what a look waits for; infinite: never."""
    look = plan.looks[place]
    if look.number_of_events is not None:
        return _day_of_event(plan, look, data)
    return _nth(enrolled_day(data), patients_at(plan.protocol, look)) + plan.due[place]


def patients_at(protocol: Protocol, look: Interim) -> int:
    """Return how many patients must have reached the endpoint's day at a look."""
    if look.patients is not None:
        return look.patients
    return int(np.ceil((look.information or 0.0) * protocol.size - 1e-9))


def _nth(days: Floats, count: int) -> Floats:
    """Return the day of the n-th of each trial, shape (trials,)."""
    if count > days.shape[1]:
        return np.full(days.shape[0], np.inf)
    return np.asarray(np.partition(days, count - 1, axis=1)[:, count - 1])


def _day_of_event(plan: LookPlan, look: Interim, data: TrialData) -> Floats:
    endpoint = endpoint_of(plan.protocol, plan.lead)
    times = derive_endpoint(data, plan.protocol, endpoint).times
    if times is None:
        return np.full(data.trials, np.inf)
    arms = [arm.name for arm in plan.protocol.arms]
    compared = [arms.index(name) for name in (plan.lead.arm, plan.lead.control) if name is not None]
    with np.errstate(invalid="ignore"):
        seen = (times.awaited <= times.end) & ~(times.competing < times.awaited)
    counts = np.isin(data.subjects["arm"], compared) & seen
    day = np.where(counts, enrolled_day(data) + np.where(counts, times.awaited, 0.0), np.inf)
    return np.ceil(_nth(day, look.number_of_events or 1))


def see(plan: LookPlan, place: int, data: TrialData, day: Floats) -> Seen:
    """Return what a look sees on a calendar day of each trial; minus infinity: nothing."""
    look = plan.looks[place]
    known = cut(data, day, due=plan.due[place])
    protocol = only(plan.protocol, plan.analyses_at(look))
    results = analyse(derive(known, protocol), protocol, curves=False)
    return seen_from(plan, results, known)


def seen_from(plan: LookPlan, results: tuple[Result, ...], data: TrialData) -> Seen:
    """Return the statistic and the information that results amount to."""
    named = {result.analysis: result for result in results}
    patients = np.asarray((data.subjects["arm"] >= 0).sum(axis=1), dtype=float)
    if not plan.family:
        nothing = np.full(data.trials, np.nan)
        return Seen(results=results, patients=patients, statistic=nothing, information=nothing)
    each = [statistic(plan.protocol, analysis, named[analysis.name]) for analysis in plan.family]
    return Seen(
        results=results,
        patients=patients,
        statistic=np.minimum.reduce(each),
        information=information(plan, named[plan.lead.name]),
    )


def only(protocol: Protocol, analyses: tuple[Analysis, ...]) -> Protocol:
    """Return the protocol with some of its analyses, and what they need, alone."""
    wanted = {analysis.endpoint for analysis in analyses}
    return replace(
        protocol,
        analyses=analyses,
        endpoints=tuple(endpoint for endpoint in protocol.endpoints if endpoint.name in wanted),
        multiplicity=None,
    )


def statistic(protocol: Protocol, analysis: Analysis, result: Result) -> Floats:
    r"""Return the statistic towards benefit that has the p value of a test.

    .. math:: Z = \Phi^{-1}(1 - p)

    with p of one side: half a two-sided one, or what is left of 1, by the side on which the estimate lies.
    """
    p_value = result.p_value
    if not result.one_sided:
        endpoint = endpoint_of(protocol, analysis)
        with np.errstate(invalid="ignore"):
            gain = result.estimate - neutral(analysis)
            better = gain >= 0 if gains_upward(analysis.method, endpoint) else gain <= 0
        p_value = np.where(better, p_value / 2.0, 1.0 - p_value / 2.0)
    return np.clip(-ndtri(p_value), -FARTHEST, FARTHEST)


def information(plan: LookPlan, result: Result) -> Floats:
    r"""Return the information behind a result, as a share of what the final analysis has as planned.

    .. math:: I \propto \Bigl(\frac1{n_1} + \frac1{n_0}\Bigr)^{-1}, \quad
              \text{of one arm } n_1, \quad \text{of a time to event the number of events}

    with n the patients of an arm whose endpoint is there, or could be: as many of them lack a reading at a
    look as at the end.
    """
    numbers, control = result.numbers, result.control is not None
    if endpoint_of(plan.protocol, plan.lead).kind is EndpointKind.TIME_TO_EVENT:
        events = numbers["events"] + (numbers["events_control"] if control else 0.0)
        return np.asarray(events / _planned_events(plan), dtype=float)
    sizes = planned_sizes(plan.protocol)
    own, planned = numbers["randomised"], float(sizes[plan.lead.arm])
    if control:
        other = numbers["randomised_control"]
        both = np.where((own > 0) & (other > 0), own * other / np.maximum(own + other, 1.0), 0.0)
        total = float(sizes[plan.lead.control or ""])
        return np.asarray(both / (planned * total / (planned + total)), dtype=float)
    return np.asarray(own / planned, dtype=float)


def _planned_events(plan: LookPlan) -> float:
    """Return the events of the final analysis, as the first look that counts them tells."""
    for look in plan.looks:
        if look.number_of_events is not None and look.information:
            return look.number_of_events / look.information
    return 1.0
