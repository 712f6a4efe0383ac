"""An interim look at the data of a trial, by the functions that take it in simulated trials."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import assert_never

import numpy as np

from euexia.core.choices import choose
from euexia.core.errors import InputError
from euexia.protocol.design import Interim
from euexia.protocol.protocol import Protocol
from euexia.study.adaptive import look_at
from euexia.study.look_decisions import Decided, Decision
from euexia.study.look_plan import LookPlan, plan_looks
from euexia.study.look_statistics import Seen, look_day, patients_at
from euexia.trialdata.cut import cut, held, without_empty_places
from euexia.trialdata.trialdata import TrialData


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A look at one trial: the data as they were, which analyses are done, and what follows in sentences."""

    data: TrialData
    analyses: tuple[str, ...]
    sentences: tuple[str, ...]


def take(data: TrialData, protocol: Protocol, name: str) -> Taken:
    """Take an interim look at the data of one trial.

    Raises UnknownNameError for a look that the protocol does not carry out, InputError where what it waits
    for has not come, TrialDataError for data without calendar days.
    """
    plan = plan_looks(protocol)
    places = {look.name: place for place, look in enumerate(plan.looks)}
    place = choose("interim look", name, places, asked_in=f"protocol '{protocol.id}'")
    look = plan.looks[place]
    day = look_day(plan, place, data)
    if not isfinite(float(day[0])):
        raise InputError(f"Look '{name}' cannot be taken yet: it waits for {_waits_for(plan, look, data)}.")
    seen, decided = look_at(plan, data, place)
    known = without_empty_places(cut(data, day, due=plan.due[place]))
    when = (
        f"Look '{name}': the data are as they were on day {day[0]:g} of the trial, when {seen.patients[0]:g} "
        f"patients had {_what(look)}."
    )
    return Taken(
        data=known,
        analyses=tuple(analysis.name for analysis in plan.analyses_at(look)),
        sentences=(when, *_undated(data), *_decision(plan, look, seen, decided)),
    )


def _undated(data: TrialData) -> tuple[str, ...]:
    """Say who is left out because nobody knows when they were randomised."""
    count = int((held(data) & np.isnan(data.subjects["enrolled_day"])).sum())
    who = "1 subject has" if count == 1 else f"{count} subjects have"
    return (f"{who} no 'enrolled_day' and cannot be in the look.",) if count else ()


def _what(look: Interim) -> str:
    return "been randomised" if look.number_of_events is not None else "reached the endpoint's day"


def _waits_for(plan: LookPlan, look: Interim, data: TrialData) -> str:
    if look.number_of_events is not None:
        return f"{look.number_of_events} events, and the data hold fewer"
    there = int(held(data).sum())
    return f"{patients_at(plan.protocol, look)} patients, and the data hold {there}"


def _decision(plan: LookPlan, look: Interim, seen: Seen, decided: Decided) -> tuple[str, ...]:
    """Return what the boundaries say; nothing where the look only decides which arms go on."""
    decision = Decision(int(decided.decision[0]))
    if plan.responders is not None:
        lead = next(result for result in seen.results if result.analysis == plan.lead.name)
        found = f"{lead.numbers['responders'][0]:g} of {lead.numbers['analysed'][0]:g} patients responded"
        return (f"{found}; the trial stops at {plan.responders} or fewer. {_follows(decision, look)}",)
    if not plan.family:
        return ("The look decides only which arms go on; hold their results against its limits.",)
    if np.isnan(seen.statistic[0]):
        return ("The statistic of the look cannot be estimated, so the trial goes on.",)
    low, high = float(decided.lower[0]), float(decided.upper[0])
    limits = []
    if isfinite(high):
        limits.append(f"for efficacy from {high:.3f} on")
    if isfinite(low):
        limits.append(f"for harm at {low:.3f} or less" if low == -high else f"for futility below {low:.3f}")
    bounds = " and ".join(limits) or "at no value"
    return (
        f"Z towards benefit is {seen.statistic[0]:.3f} at {100 * seen.information[0]:.1f} % of the planned "
        f"information; the trial stops {bounds}. {_follows(decision, look)}",
    )


def _follows(decision: Decision, look: Interim) -> str:
    match decision:
        case Decision.EFFICACY:
            return "It stops for efficacy."
        case Decision.HARM:
            return "It stops for harm."
        case Decision.FUTILITY:
            return "It stops for futility." if look.binding else "It may stop for futility (not binding)."
        case Decision.GOES_ON | Decision.NOT_HELD:
            return "It goes on."
        case Decision.NO_ARM_LEFT:
            return "It stops: no arm is left."
        case _:
            assert_never(decision)
