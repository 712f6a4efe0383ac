"""Trials with looks: each goes to where its looks let it go, a whole stack at once.

Every trial is first conducted to its largest size.  A look cuts the data at the calendar day on which it is
taken; patients who had not come when it decides are then not in the trial, or are allotted among the arms
that go on.  What happened to those who had come is not touched: chance is addressed, so the same patient in
the same arm has the same history bit for bit.  The only loop is over looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.result import Result
from euexia.protocol.design import ResizeRule
from euexia.study import look_decisions
from euexia.study.look_block import STOPS, LookBlock
from euexia.study.look_decisions import Decided, Decision
from euexia.study.look_final import WithoutLooks, conclude, unknown, without_looks
from euexia.study.look_plan import LookPlan
from euexia.study.look_statistics import Seen, look_day, patients_at, see, statistic
from euexia.study.look_values import blinded
from euexia.trialdata.cut import enrolled_day, held, kept, postponed
from euexia.trialdata.trialdata import TrialData

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

NEVER = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the trials of a stack come from.

    arm: of every patient of the largest trial, shape (trials, subjects), in order of enrolment.  conduct:
    returns the trials whose patients have these arms.  reallot: returns the arm that every patient would
    have, were only some arms (flags, shape (trials, arms)) in the trial.
    """

    arm: Integers
    conduct: Callable[[Integers], TrialData]
    reallot: Callable[[Flags], Integers]
    is_done: bool = False
    """The trials have been run: they are as their looks left them, and are only read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What became of a stack of trials: their data and results, and what each look found."""

    data: TrialData
    results: tuple[Result, ...]
    looks: LookBlock


@dataclass(slots=True)
class _State:
    """Trials on their way; arrays of shape (trials,) unless said otherwise."""

    data: TrialData
    arm: Integers
    size: Integers
    active: Flags
    """Shape (trials, arms)."""
    left: Integers
    open: Flags
    ended: Integers
    randomised: Integers
    decided_on: Floats
    seen: list[Seen]
    decided: list[Decided]
    days: list[Floats]
    randomised_by: list[Floats]


def carry_out(plan: LookPlan, source: Source) -> Course:
    """Return the trials of a source after every look, with what a trial without looks would have been."""
    data = source.conduct(source.arm)
    fixed = unknown(data.trials) if source.is_done else without_looks(plan, data)
    state = _begun(plan, data, source.arm)
    for place in range(len(plan.looks)):
        _look(plan, place, source, state)
    if source.is_done:
        state.randomised = np.minimum(state.randomised, held_places(data))
    return _finished(plan, state, fixed)


def _begun(plan: LookPlan, data: TrialData, arm: Integers) -> _State:
    trials, arms = data.trials, len(data.arms)
    return _State(
        data=data,
        arm=arm,
        size=np.full(trials, plan.protocol.size),
        active=np.ones((trials, arms), dtype=bool),
        left=np.full((trials, arms), NEVER),
        open=np.ones(trials, dtype=bool),
        ended=np.full(trials, len(plan.looks)),
        randomised=np.full(trials, plan.protocol.size),
        decided_on=np.full(trials, np.nan),
        seen=[],
        decided=[],
        days=[],
        randomised_by=[],
    )


def look_at(plan: LookPlan, data: TrialData, last: int) -> tuple[Seen, Decided]:
    """Return what the looks up to one see and decide in trials that are run, whatever earlier ones decided.

    last: place of the look in the plan.  Raises TrialDataError for data without calendar days.
    """
    source = _as_run(data)
    state = _begun(plan, data, source.arm)
    for place in range(last + 1):
        state.open[:] = True
        _look(plan, place, source, state)
    return state.seen[-1], state.decided[-1]


def _as_run(data: TrialData) -> Source:
    arm = np.asarray(data.subjects["arm"], dtype=np.int64)
    return Source(arm=arm, conduct=lambda _: data, reallot=lambda _: arm, is_done=True)


def read_again(plan: LookPlan, data: TrialData) -> Course:
    """Return what the looks found in trials that were run by them, real or simulated."""
    return carry_out(plan, _as_run(data))


def held_places(data: TrialData) -> Integers:
    """Return how many patients each trial has, shape (trials,)."""
    return np.asarray(held(data).sum(axis=1), dtype=np.int64)


def _in_trial(state: _State) -> TrialData:
    """Return the trials without the patients beyond the size that is aimed at."""
    return kept(state.data, np.arange(state.data.size) < state.size[:, np.newaxis])


def _look(plan: LookPlan, place: int, source: Source, state: _State) -> None:
    """Take one look at all trials that are still open."""
    look = plan.looks[place]
    day = look_day(plan, place, _in_trial(state))
    taken = state.open & np.isfinite(day)
    decided_on = np.where(taken, day + look.delay, np.nan)
    if look.pause and not source.is_done:
        _pause(plan, place, state, taken, decided_on)
    current = _in_trial(state)
    seen = see(plan, place, current, np.where(taken, day, -np.inf))
    with np.errstate(invalid="ignore"):
        come = enrolled_day(current) <= decided_on[:, np.newaxis]
    if look.pause and not source.is_done:
        come &= np.arange(current.size) < patients_at(plan.protocol, look)
    state.seen.append(seen)
    state.days.append(np.where(taken, day, np.nan))
    state.randomised_by.append(np.where(taken, come.sum(axis=1), np.nan))
    decided = _decision(plan, state, seen)
    codes = np.where(taken, decided.decision, Decision.NOT_HELD)
    state.decided.append(replace(decided, decision=codes))
    if look.drop is not None:
        _drop(plan, place, source, state, taken & (codes == Decision.GOES_ON), come)
    _stop(place, state, come, decided_on)
    if look.resize is not None:
        going = taken & state.open
        state.size = np.where(going, _new_size(plan, place, state, day), state.size)
    state.randomised = np.where(state.open, state.size, state.randomised)


def _pause(plan: LookPlan, place: int, state: _State, taken: Flags, decided_on: Floats) -> None:
    """Let nobody come between the last patient of a look and its decision."""
    count = patients_at(plan.protocol, plan.looks[place])
    last = enrolled_day(state.data)[:, count - 1]
    wait = np.where(taken, decided_on - last, 0.0)
    state.data = postponed(state.data, np.full(state.data.trials, count), wait)


def _history(state: _State) -> Floats:
    """Return the information of the looks so far, shape (trials, looks); one not held adds none."""
    found = np.stack([seen.information for seen in state.seen], axis=1)
    for place in range(found.shape[1]):
        before = found[:, place - 1] if place else np.zeros(found.shape[0])
        found[:, place] = np.where(np.isnan(found[:, place]), before, found[:, place])
    return found


def _decision(plan: LookPlan, state: _State, seen: Seen) -> Decided:
    trials = seen.patients.size
    if plan.responders is not None:
        lead = next(result for result in seen.results if result.analysis == plan.lead.name)
        return look_decisions.at_first_stage(lead.numbers["responders"], plan.responders)
    if plan.boundaries is None:
        nothing = np.full(trials, np.inf)
        return Decided(lower=-nothing, upper=nothing, decision=np.full(trials, int(Decision.GOES_ON)))
    return look_decisions.at_look(plan.boundaries, seen.statistic, _history(state))


def _drop(plan: LookPlan, place: int, source: Source, state: _State, taken: Flags, come: Flags) -> None:
    """Let arms leave; those who come later are allotted among the others, and conducted again."""
    look = plan.looks[place]
    if look.drop is None:
        return
    by_name = {analysis.name: analysis for analysis in plan.protocol.analyses}
    named = {result.analysis: result for result in state.seen[-1].results}
    chosen = [by_name[name] for name in look.drop.analyses]
    results = tuple(named[analysis.name] for analysis in chosen)
    columns = [state.data.arms.index(analysis.arm) for analysis in chosen]
    each = [statistic(plan.protocol, a, r) for a, r in zip(chosen, results, strict=True)]
    own = np.where(state.active[:, columns], np.stack(each, axis=1), np.nan)
    sides = 1 if chosen[0].one_sided else 2
    leave = look_decisions.arms_that_leave(look.drop, results, own, sides) & taken[:, np.newaxis]
    leave &= state.active[:, columns]
    gone = np.zeros_like(state.active)
    gone[:, columns] = leave
    nobody = taken & ~(state.active & ~gone)[:, columns].any(axis=1)
    state.decided[-1] = replace(
        state.decided[-1],
        decision=np.where(nobody, int(Decision.NO_ARM_LEFT), state.decided[-1].decision),
    )
    state.left = np.where(gone, place, state.left)
    state.active &= ~gone
    going = gone.any(axis=1) & ~nobody
    if not look.drop.refill:
        _shrink(state, gone, going, come)
    if going.any():
        later = going[:, np.newaxis] & ~come
        state.arm = np.where(later, source.reallot(state.active), state.arm)
        again = source.conduct(state.arm)
        calendar = {"enrolled_day": state.data.subjects["enrolled_day"]}
        state.data = replace(again, subjects={**again.subjects, **calendar}, screening=state.data.screening)


def _shrink(state: _State, gone: Flags, going: Flags, come: Flags) -> None:
    """Take the places that arms which leave had still to fill out of the size."""
    waiting = ~come & (np.arange(state.data.size) < state.size[:, np.newaxis])
    theirs = np.take_along_axis(gone, state.arm, axis=1) & waiting
    state.size = np.where(going, state.size - theirs.sum(axis=1), state.size)


def _stop(place: int, state: _State, come: Flags, decided_on: Floats) -> None:
    """End the trials that stop at this look."""
    stops = state.open & np.isin(state.decided[-1].decision, STOPS)
    state.ended = np.where(stops, place, state.ended)
    state.randomised = np.where(stops, come.sum(axis=1), state.randomised)
    state.decided_on = np.where(stops, decided_on, state.decided_on)
    state.open &= ~stops


def _new_size(plan: LookPlan, place: int, state: _State, day: Floats) -> Integers:
    look = plan.looks[place]
    if look.resize is None:
        return state.size
    spread = np.full(state.data.trials, np.nan)
    if look.resize.by is not ResizeRule.PROMISING_ZONE:
        spread = blinded(plan, place, _in_trial(state), np.where(state.open, day, -np.inf), look.resize.by)
    return look_decisions.new_size(
        look.resize,
        plan.boundaries,
        size=plan.protocol.size,
        statistic=state.seen[-1].statistic,
        information=state.seen[-1].information,
        spread=spread,
        parts=sum(arm.ratio for arm in plan.protocol.arms),
    )


def _finished(plan: LookPlan, state: _State, fixed: WithoutLooks) -> Course:
    """Return the trials after their final analysis."""
    decisions = [decided.decision for decided in state.decided]
    final = conclude(
        plan,
        state.data,
        state.randomised,
        seen=tuple(state.seen),
        decisions=decisions,
        information=_history(state),
        ended=state.ended,
        left=state.left,
    )
    inside = np.arange(state.data.size) < state.randomised[:, np.newaxis]
    last = np.where(inside, state.data.subjects["enrolled_day"], -np.inf).max(axis=1)
    decided_on = np.where(state.open, last + plan.final_due, state.decided_on)
    size = state.randomised.astype(float)

    def table(looks: list[Floats], at_end: Floats) -> Floats:
        """Return a number of every analysis, NaN where the analysis was not done."""
        held = [
            np.where(codes == Decision.NOT_HELD, np.nan, part)
            for part, codes in zip(looks, decisions, strict=True)
        ]
        return np.stack([*held, np.where(state.open, at_end, np.nan)], axis=1)

    return Course(
        data=final.data,
        results=final.results,
        looks=LookBlock(
            day=table(state.days, decided_on),
            randomised_by=table(state.randomised_by, size),
            patients=table([seen.patients for seen in state.seen], size),
            information=table([seen.information for seen in state.seen], final.information),
            statistic=table([_shown(plan, seen) for seen in state.seen], final.statistic),
            lower=table([decided.lower for decided in state.decided], final.decided.lower),
            upper=table([decided.upper for decided in state.decided], final.decided.upper),
            decision=np.stack(
                [*decisions, np.where(state.open, final.decided.decision, int(Decision.NOT_HELD))], axis=1
            ),
            ended=state.ended,
            randomised=state.randomised,
            size=state.size,
            end_day=np.fmax(last + plan.protocol.schedule.follow_up, decided_on),
            left=state.left,
            estimate=final.estimate,
            reject=final.reject,
            fixed_estimate=fixed.estimate,
            fixed_reject=fixed.reject,
            fixed_end_day=fixed.end_day,
        ),
    )


def _shown(plan: LookPlan, seen: Seen) -> Floats:
    """Return what a look decides by: Z, or in a design of two stages the number of responders."""
    if plan.responders is None:
        return seen.statistic
    return next(result for result in seen.results if result.analysis == plan.lead.name).numbers["responders"]
