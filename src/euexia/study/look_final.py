"""The final analysis of trials with looks, and the results that count where a look was the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from euexia.analyse import run as analyse
from euexia.analyse.result import Result
from euexia.analyse.several import with_adjustment, without_adjustment
from euexia.endpoints.derive import derive
from euexia.study import look_decisions
from euexia.study.look_decisions import Decided, Decision
from euexia.study.look_plan import LookPlan
from euexia.study.look_statistics import Seen, only, seen_from, statistic
from euexia.trialdata.cut import first_subjects
from euexia.trialdata.trialdata import TrialData

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

REJECTS = (Decision.EFFICACY, Decision.HARM)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutLooks:
    """The same patients in a trial of the planned size without looks, shape (trials,) each."""

    estimate: Floats
    reject: Flags
    end_day: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """The trials at their end; of trials that a look ended, the results of that look."""

    data: TrialData
    results: tuple[Result, ...]
    decided: Decided
    """Of the final analysis, whether or not a trial came to it."""
    information: Floats
    statistic: Floats
    estimate: Floats
    reject: Flags


def unknown(trials: int) -> WithoutLooks:
    """Return that nothing is known of trials without looks."""
    nothing = np.full(trials, np.nan)
    return WithoutLooks(estimate=nothing, reject=np.zeros(trials, dtype=bool), end_day=nothing)


def without_looks(plan: LookPlan, data: TrialData) -> WithoutLooks:
    """Return what trials of the planned size find if nobody looks before the end."""
    size = plan.protocol.size
    whole = first_subjects(data, np.full(data.trials, size))
    protocol = only(plan.protocol, plan.family) if plan.family else plan.protocol
    results = {result.analysis: result for result in analyse(derive(whole, protocol), protocol, curves=False)}
    return WithoutLooks(
        estimate=results[plan.lead.name].estimate,
        reject=_rejects(plan, list(results.values())),
        end_day=whole.subjects["enrolled_day"][:, size - 1] + plan.protocol.schedule.follow_up,
    )


def conclude(
    plan: LookPlan,
    data: TrialData,
    randomised: Integers,
    *,
    seen: Sequence[Seen],
    decisions: Sequence[Integers],
    information: Floats,
    ended: Integers,
    left: Integers,
) -> Final:
    """Return the final data and results.

    data: conducted to the largest size.  randomised: patients who were in each trial.  information: of the
    looks, shape (trials, looks).  ended: which analysis was the last.  left: look at which each arm left.
    """
    whole = first_subjects(data, randomised)
    alone = replace(plan.protocol, multiplicity=None)
    found = analyse(derive(whole, alone), alone, curves=False)
    last = seen_from(plan, found, whole)
    decided = _final_decision(plan, last, seen, information)
    codes = np.stack([*decisions, decided.decision], axis=1)
    code = np.take_along_axis(codes, ended[:, np.newaxis], axis=1)[:, 0]
    reject = np.isin(code, REJECTS)
    results = _adjusted(plan, [_settled(plan, result, seen, ended, left) for result in found], reject)
    gains = code == Decision.EFFICACY
    if not plan.family:
        gains = np.where(code == Decision.NO_ARM_LEFT, False, _rejects(plan, results))
        end = np.where(gains, int(Decision.EFFICACY), int(Decision.FUTILITY))
        decided = replace(decided, decision=end)
    lead = next(result for result in results if result.analysis == plan.lead.name)
    return Final(
        data=whole,
        results=results,
        decided=decided,
        information=last.information,
        statistic=_shown(plan, last, lead),
        estimate=lead.estimate,
        reject=gains,
    )


def _shown(plan: LookPlan, last: Seen, lead: Result) -> Floats:
    return last.statistic if plan.responders is None else lead.numbers["responders"]


def _rejects(plan: LookPlan, results: Sequence[Result]) -> Flags:
    """Return where the test of the looks rejects towards benefit, or any primary one if they are of none."""
    flags = {result.analysis: _gains(plan, result) for result in results}
    if plan.family:
        return np.asarray(np.all([flags[analysis.name] for analysis in plan.family], axis=0))
    primary = [analysis.name for analysis in plan.protocol.analyses if analysis.primary] or [plan.lead.name]
    return np.asarray(np.any([flags[name] for name in primary], axis=0))


def _gains(plan: LookPlan, result: Result) -> Flags:
    """Return where a test rejects, by its adjusted decision where there is one, towards benefit."""
    analysis = next(each for each in plan.protocol.analyses if each.name == result.analysis)
    decided = result.reject if result.adjusted is None else result.adjusted.reject
    with np.errstate(invalid="ignore"):
        return np.asarray(decided & (statistic(plan.protocol, analysis, result) > 0), dtype=bool)


def _final_decision(plan: LookPlan, last: Seen, seen: Sequence[Seen], information: Floats) -> Decided:
    if plan.responders is not None:
        return _second_stage(plan, last, seen)
    if plan.boundaries is None:
        nothing = np.full(last.patients.size, np.nan)
        open_end = np.full(nothing.size, int(Decision.GOES_ON))
        return Decided(lower=nothing, upper=nothing, decision=open_end)
    resize = plan.looks[-1].resize
    statistic, at_last = last.statistic, last.information
    if resize is not None and look_decisions.follows_effect(resize):
        at_last = np.ones_like(at_last)  # the critical value stays that of the planned size
        if look_decisions.uses_combination(resize):
            first, t = seen[-1].statistic, information[:, -1]
            both = look_decisions.combined(first, statistic, (t, last.information), t)
            statistic = np.where(np.isnan(both), statistic, both)
    times = np.concatenate([information, np.nan_to_num(at_last)[:, np.newaxis]], axis=1)
    return look_decisions.at_end(plan.boundaries, statistic, times)


def _second_stage(plan: LookPlan, last: Seen, seen: Sequence[Seen]) -> Decided:
    numbers = [
        next(result for result in part.results if result.analysis == plan.lead.name).numbers
        for part in (seen[-1], last)
    ]
    binding = any(look.binding for look in plan.looks)
    return look_decisions.at_second_stage(
        numbers[1]["responders"],
        (numbers[0]["analysed"], numbers[1]["analysed"]),
        limit=plan.responders if binding else None,
        null=plan.lead.null or 0.0,
        alpha=plan.lead.alpha if plan.lead.one_sided else plan.lead.alpha / 2.0,
    )


def _settled(plan: LookPlan, final: Result, seen: Sequence[Seen], ended: Integers, left: Integers) -> Result:
    """Return the result that counts: of the look that ended a trial; of an arm that left, no rejection."""
    found = final
    if final.analysis in {analysis.name for analysis in plan.family}:
        for place, part in enumerate(seen):
            own = next(result for result in part.results if result.analysis == final.analysis)
            found = _where(ended == place, own, found)
    arms = [arm.name for arm in plan.protocol.arms]
    gone = left[:, arms.index(final.arm)] >= 0
    touched = plan.family + tuple(a for look in plan.looks for a in plan.analyses_at(look))
    decided_alone = final.analysis not in {analysis.name for analysis in touched}
    design = final.design if decided_alone else {}  # a critical value without looks says nothing here
    p_value = np.where(gone, 1.0, found.p_value)
    return replace(found, p_value=p_value, reject=found.reject & ~gone, design=design)


def _where(rows: Flags, own: Result, other: Result) -> Result:
    """Return one result in some trials, another in the others."""
    return replace(
        other,
        **{
            name: np.where(rows, getattr(own, name), getattr(other, name))
            for name in ("estimate", "low", "high", "p_value", "reject")
        },
        numbers={
            name: np.where(rows, own.numbers.get(name, values), values)
            for name, values in other.numbers.items()
        },
    )


def _adjusted(plan: LookPlan, results: list[Result], reject: Flags) -> tuple[Result, ...]:
    """Return results with the decisions of the looks and of the plan for several tests."""
    family = {analysis.name for analysis in plan.family}
    shared = plan.protocol.multiplicity
    decided = [replace(r, reject=reject) if r.analysis in family else r for r in results]
    if shared is None:
        return tuple(without_adjustment(decided, plan.protocol))
    return tuple(
        replace(r, adjusted=replace(r.adjusted, reject=reject))
        if r.analysis in family and r.adjusted is not None
        else r
        for r in with_adjustment(decided, shared)
    )
