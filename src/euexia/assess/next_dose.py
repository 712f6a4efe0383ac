"""The next dose of one patient: the protocol's rule, replayed over the real readings.

It is the function that the simulator calls (``protocol.dosing.decide``); only the readings come from a chart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from euexia.assess.columns import Columns, Settings
from euexia.assess.record import Occasions, Record, to_date, to_day
from euexia.core.choices import choose
from euexia.core.errors import InputError
from euexia.core.logic import UNKNOWN
from euexia.criteria.measures import MEASURES
from euexia.protocol import decision_words, dosing
from euexia.protocol.condition import (
    MeasureHistory,
    Readings,
    evaluate,
    measures_of,
    with_creatinine_clearance,
)
from euexia.protocol.protocol import (
    Action,
    DosingRule,
    Protocol,
    Treatment,
)

Floats = NDArray[np.float64]

CLEARANCE = "creatinine_clearance"
CLEARANCE_READS = ("creatinine", "body_weight", "age", "male")
WEIGHT_CARRY = 30.0
"""Days for which a body weight serves the creatinine clearance."""
BASELINE_WINDOW = 7.0
"""Days before the first dose in which a reading counts as the baseline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One decision of the replay."""

    date: date
    day: float
    """Days since the first dose."""
    before: float
    """Daily dose until then [mg]."""
    dose: float
    """Daily dose from then on [mg]."""
    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDose:
    """What the protocol's rule says after the last readings."""

    patient: str
    protocol: str
    arm: str
    drug: str
    rule: DosingRule
    checks: tuple[Check, ...]
    dose: float
    """Daily dose from the last check on [mg]; 0 while held and after a stop."""
    held: bool
    stopped: bool
    clearance: float
    """Creatinine clearance at the last check [mL/min], NaN if unknown."""
    unread: tuple[str, ...]
    """Measures of the rule that the last check could not read."""
    safety_unknown: tuple[str, ...]
    """Stop and hold clauses that could not be judged at the last check."""


def next_dose(
    protocol: Protocol, drug: str, arm: str, record: Record, patient: str, *, first_dose: date
) -> NextDose:
    """Return the next dose of a patient by the rule of an arm.

    record: readings of at least that patient.  first_dose: day 0 of the treatment.  Every later date on which
    something the rule reads was measured is a check; doses are taken to have been given as decided.

    Raises UnknownNameError for an arm, drug or patient that is not there, InputError when there is nothing to
    decide on.
    """
    treatment = _treatment(protocol, drug, arm)
    rule = dosing.rule_of(protocol, treatment)
    who = choose("patient", patient, {name: index for index, name in enumerate(record.patients)})
    start = to_day(first_dose)
    days = _check_days(record, who, rule, start)
    readings = _readings(record, who, rule, start, days, _window(protocol))
    state = dosing.start(rule, treatment, patients=1)
    checks: list[Check] = []
    for place, day in enumerate(days, start=1):
        seen = {name: _at(history, place) for name, history in readings.items()}
        decision = dosing.decide(rule, state, seen, day - start)
        checks.append(_check(rule, state, decision, seen, day, start))
        state = decision.state
    last = {name: _at(history, len(days)) for name, history in readings.items()}
    return NextDose(
        patient=patient,
        protocol=protocol.id,
        arm=arm,
        drug=drug,
        rule=rule,
        checks=tuple(checks),
        dose=float(state.dose(rule)[0]),
        held=bool(state.held[0]),
        stopped=bool(state.stopped[0]),
        clearance=float(last[CLEARANCE].value[0]) if CLEARANCE in last else float("nan"),
        unread=tuple(MEASURES[name].label for name in _measures(rule) if np.isnan(last[name].value[0])),
        safety_unknown=tuple(
            clause.text or clause.id
            for clause in rule.clauses
            if clause.do in (Action.STOP, Action.HOLD) and int(evaluate(clause.when, last)[0]) == UNKNOWN
        ),
    )


def _treatment(protocol: Protocol, drug: str, arm: str) -> Treatment:
    chosen = choose("arm", arm, {entry.name: entry for entry in protocol.arms}, asked_in=protocol.id)
    given = {entry.drug: entry for entry in chosen.treatments}
    if not given:
        raise InputError(f"The arm '{arm}' of '{protocol.id}' gives no drug: there is no dose to decide.")
    return choose("drug", drug, given, asked_in=f"arm '{arm}' of {protocol.id}")


def _measures(rule: DosingRule) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for clause in rule.clauses for name in measures_of(clause.when)))


def _window(protocol: Protocol) -> float:
    """Return how old a reading may be at a dose check: the widest window of the visits that check doses."""
    return max((visit.window for visit in protocol.schedule.visits if visit.dose_check), default=0.0)


def _check_days(record: Record, who: int, rule: DosingRule, start: int) -> list[int]:
    """Return the days after the first dose on which something that the rule reads was measured."""
    wanted = {"creatinine" if name == CLEARANCE else name for name in _measures(rule)}
    found: set[int] = set()
    for name in wanted:
        found.update(int(day) for day in record.of(name).of_patient(who).day if day > start)
    if not found:
        listed = ", ".join(sorted(wanted))
        raise InputError(
            f"'{record.patients[who]}' has no reading of {listed} after {to_date(start)}: "
            "no dose can be decided. Give at least one check, or another date of the first dose."
        )
    return sorted(found)


def _readings(
    record: Record, who: int, rule: DosingRule, start: int, days: list[int], window: float
) -> Readings:
    """Return the histories the rule reads: the baseline first, then each check."""
    checks = _occasions(who, days)
    baseline = _occasions(who, [start])
    found: dict[str, MeasureHistory] = {}
    names = set(_measures(rule))
    if CLEARANCE in names:
        names = (names - {CLEARANCE}) | set(CLEARANCE_READS)
    since = np.array([0.0, *(day - start for day in days)])
    for name in names:
        carry = WEIGHT_CARRY if name == "body_weight" else window
        first = Columns(record, baseline, Settings(carry=max(carry, BASELINE_WINDOW)))[name]
        later = Columns(record, checks, Settings(carry=carry))[name]
        values = np.concatenate([first, later])[np.newaxis, :]
        found[name] = MeasureHistory(days=since, values=values, now=0, baseline=0)
    if CLEARANCE in _measures(rule):
        return with_creatinine_clearance(found)
    return found


def _occasions(who: int, days: list[int]) -> Occasions:
    return Occasions(patient=np.full(len(days), who, dtype=np.int64), day=np.array(days, dtype=np.int64))


def _at(history: MeasureHistory, place: int) -> MeasureHistory:
    return MeasureHistory(days=history.days, values=history.values, now=place, baseline=0)


def _check(
    rule: DosingRule,
    before: dosing.RuleState,
    decision: dosing.Decision,
    readings: Mapping[str, MeasureHistory],
    day: int,
    start: int,
) -> Check:
    since = float(day - start)
    return Check(
        date=to_date(day),
        day=since,
        before=float(before.dose(rule)[0]),
        dose=float(decision.dose[0]),
        reason=dosing.reasons(rule)[int(decision.reason[0])],
        text=decision_words.sentence(rule, before, decision, readings, since),
    )
