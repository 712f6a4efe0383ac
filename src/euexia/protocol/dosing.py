"""Dosing rules applied to many patients at once, and in words for one.

The rule is data (``DosingRule``); this module only keeps the books.  Patients never influence one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.choices import choose
from euexia.core.errors import InputError
from euexia.core.logic import FALSE, TRUE, UNKNOWN, Truth
from euexia.protocol.condition import Readings, evaluate
from euexia.protocol.protocol import (
    Action,
    Clause,
    DosingRule,
    Protocol,
    Treatment,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

START, KEEP, RESUME, HELD, STOPPED = range(5)
GENERAL_REASONS = ("start", "keep", "resume", "held", "stopped")
"""Reasons that every rule knows; the rule's clauses follow them in ``reasons(rule)``.

``held``: an earlier hold goes on although no clause is TRUE now, because a reading it needs is missing.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleState:
    """Where every patient stands in a dosing rule; arrays of shape (patients,)."""

    level: Integers
    """Index into the rule's levels; while held, the level that was held."""
    held: Flags
    stopped: Flags
    since: Floats
    """Day on which the present dose began."""
    streak: Integers | None = None
    """At how many checks in a row each clause has held, shape (patients, clauses); None: at none."""

    def dose(self, rule: DosingRule) -> Floats:
        """Return the dose now in force; 0 while held and after a stop."""
        levels = np.asarray(rule.levels, dtype=float)
        return np.where(self.held | self.stopped, 0.0, levels[self.level])


class Decision(NamedTuple):
    """What a check decided; ``reason`` is an index into ``reasons(rule)``, ``dose`` the one from now on."""

    dose: Floats
    state: RuleState
    reason: Integers


def rule_of(protocol: Protocol, treatment: Treatment) -> DosingRule:
    """Return the treatment's rule; a treatment without one has a rule without clauses."""
    if treatment.rule is None:
        dose = 0.0 if treatment.dose is None else treatment.dose
        return DosingRule(name="fixed", levels=(dose,), clauses=())
    return choose("dosing rule", treatment.rule, protocol.rules, asked_in=f"treatment '{treatment.drug}'")


def reasons(rule: DosingRule) -> tuple[str, ...]:
    """Return every reason a decision of this rule may have; a clause's is ``<rule>.<clause>``.

    Behind them ``<rule>.<clause>.recheck`` of each clause that must hold at several checks: it holds, and is
    looked at again.
    """
    acting = tuple(f"{rule.name}.{clause.id}" for clause in rule.clauses)
    waiting = tuple(f"{rule.name}.{clause.id}.recheck" for clause in rule.clauses if clause.confirm > 1)
    return GENERAL_REASONS + acting + waiting


def start(rule: DosingRule, treatment: Treatment, patients: int, day: float = 0.0) -> RuleState:
    """Return the state of ``patients`` patients who begin the treatment at its starting dose.

    Raises InputError if the starting dose is not a level of the rule.
    """
    dose = 0.0 if treatment.dose is None else treatment.dose
    level = int(np.argmin(np.abs(np.asarray(rule.levels) - dose)))
    if abs(rule.levels[level] - dose) > 1e-9:
        raise InputError(
            f"The starting dose {dose:g} mg is not a level of the rule '{rule.name}': {rule.levels}."
        )
    return RuleState(
        level=np.full(patients, level, dtype=np.int64),
        held=np.zeros(patients, dtype=bool),
        stopped=np.zeros(patients, dtype=bool),
        since=np.full(patients, day, dtype=float),
    )


def decide(rule: DosingRule, state: RuleState, readings: Readings, day: ArrayLike) -> Decision:
    """Return dose, new state and reason of every patient at one check.

    The first clause in order that is TRUE (and whose least time at the dose has passed) acts.  A clause that
    must hold at several checks in a row keeps the dose at the earlier ones, as its reason says.  UNKNOWN
    never acts, and neither adds to such a row nor breaks it; a clause before a raise that is UNKNOWN forbids
    the raise.  A stop is for good; what is held resumes when no hold clause is TRUE or UNKNOWN.

    readings: each with ``now`` at this check, shape (patients, visits).  day: of the check, scalar or
    (patients,).
    """
    today = np.broadcast_to(np.asarray(day, dtype=float), state.since.shape)
    truths = [np.broadcast_to(evaluate(clause.when, readings), today.shape) for clause in rule.clauses]
    acting = _acting_clause(rule, state, truths, today)
    streak = _streak(rule, state, truths)
    level, held, stopped = state.level.copy(), state.held.copy(), state.stopped.copy()
    reason = np.where(state.stopped, STOPPED, KEEP).astype(np.int64)

    resumed = state.held & ~state.stopped & ~_may_hold(rule, truths)
    waiting = state.held & ~state.stopped & ~resumed
    reason[waiting] = HELD
    reason[resumed] = RESUME
    held &= ~resumed
    level[resumed] = np.maximum(state.level[resumed] - rule.resume_levels_down, 0)

    for index, clause in enumerate(rule.clauses):
        chosen = (acting == index) & ~state.stopped
        confirmed = chosen if streak is None else chosen & (streak[:, index] >= clause.confirm)
        changed = _apply(clause, rule, confirmed, resumed, waiting, level, held, stopped)
        reason[changed] = len(GENERAL_REASONS) + index
        if clause.confirm > 1:
            first_seen = chosen & ~confirmed & ~waiting & ~resumed
            reason[first_seen] = _recheck_reason(rule, index)
    after = RuleState(level=level, held=held, stopped=stopped, since=state.since, streak=streak)
    moved = after.dose(rule) != state.dose(rule)
    since = np.where(moved, today, state.since)
    after = RuleState(level=level, held=held, stopped=stopped, since=since, streak=streak)
    return Decision(after.dose(rule), after, reason)


def _streak(rule: DosingRule, state: RuleState, truths: list[Truth]) -> Integers | None:
    """Return at how many checks in a row each clause has held now; None where no clause asks."""
    if all(clause.confirm <= 1 for clause in rule.clauses):
        return None
    now = np.stack(truths, axis=1)
    before = np.zeros(now.shape, dtype=np.int64) if state.streak is None else state.streak
    return np.where(now == TRUE, before + 1, np.where(now == FALSE, 0, before)).astype(np.int64)


def _recheck_reason(rule: DosingRule, index: int) -> int:
    """Return the reason of a clause that holds but is looked at again before it acts."""
    asking = [number for number, clause in enumerate(rule.clauses) if clause.confirm > 1]
    return len(GENERAL_REASONS) + len(rule.clauses) + asking.index(index)


def _acting_clause(rule: DosingRule, state: RuleState, truths: list[Truth], today: Floats) -> Integers:
    """Return the index of the clause that acts on each patient, -1 for none."""
    acting = np.full(today.shape, -1, dtype=np.int64)
    doubt = np.zeros(today.shape, dtype=bool)
    for index, (clause, truth) in enumerate(zip(rule.clauses, truths, strict=True)):
        ripe = today - state.since >= clause.after - 1e-9
        acts = (truth == TRUE) & ripe & (acting < 0)
        if clause.do is Action.RAISE:
            acts &= ~doubt & ~state.held
        acting[acts] = index
        doubt |= truth == UNKNOWN
    return acting


def _may_hold(rule: DosingRule, truths: list[Truth]) -> Flags:
    """Return who has a hold clause that is TRUE or UNKNOWN."""
    holding = [
        truth != FALSE for clause, truth in zip(rule.clauses, truths, strict=True) if clause.do is Action.HOLD
    ]
    nobody = np.zeros(truths[0].shape if truths else (), dtype=bool)
    return np.asarray(np.logical_or.reduce([nobody, *holding]), dtype=bool)


def _apply(
    clause: Clause,
    rule: DosingRule,
    chosen: Flags,
    resumed: Flags,
    waiting: Flags,
    level: Integers,
    held: Flags,
    stopped: Flags,
) -> Flags:
    """Do a clause's action on the chosen, in place; return for whom it is the reason of the decision."""
    match clause.do:
        case Action.STOP:
            stopped |= chosen
            held &= ~chosen
            return chosen
        case Action.HOLD:
            held |= chosen
            return chosen
        case Action.REDUCE:
            free = chosen & ~waiting
            lower = _reduced(clause, rule, level, already_lower=resumed)
            level[free] = lower[free]
            return free
        case Action.RAISE:
            free = chosen & (level < len(rule.levels) - 1)
            level[free] = np.minimum(level[free] + clause.levels, len(rule.levels) - 1)
            return free
        case Action.KEEP | Action.RECHECK:
            return chosen & ~waiting & ~resumed
        case _:
            assert_never(clause.do)


def _reduced(clause: Clause, rule: DosingRule, level: Integers, *, already_lower: Flags) -> Integers:
    """Return the level after a reduction: within ``to`` if given, else ``levels`` down once."""
    if clause.to is not None:
        highest = int(np.searchsorted(np.asarray(rule.levels), clause.to + 1e-9)) - 1
        return np.minimum(level, max(highest, 0))
    return np.where(already_lower, level, np.maximum(level - clause.levels, 0))
