"""One dosing decision for one patient, as a sentence that can be checked by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import assert_never

from euexia.criteria.measures import MEASURES, format_value
from euexia.protocol.condition import Readings, in_words, leaves, percent, quantity, reference
from euexia.protocol.dosing import GENERAL_REASONS, Decision, RuleState
from euexia.protocol.protocol import Action, DosingRule
from euexia.protocol.statement import Condition, Quantity


def sentence(
    rule: DosingRule,
    before: RuleState,
    decision: Decision,
    readings: Readings,
    day: float,
    patient: int = 0,
) -> str:
    """Return what was read, which clause acted and what happened to one patient's dose.

    before: the state that went into ``decide``.  readings: the ones it was given.
    patient: row in the arrays.
    """
    read = "; ".join(_read(rule, readings, patient)) or "nothing is read"
    old, new = float(before.dose(rule)[patient]), float(decision.dose[patient])
    return f"Day {day:g}: {read}. {_verdict(rule, int(decision.reason[patient]), old, new)}"


def _read(rule: DosingRule, readings: Readings, patient: int) -> Iterator[str]:
    """Give each measure the rule reads, once, the one that guides the dose first."""
    found: dict[str, Condition] = {}
    for clause in reversed(rule.clauses):
        for leaf in leaves(clause.when):
            if leaf.measure is not None:
                found.setdefault(leaf.measure, leaf)
    for name, leaf in found.items():
        measure = MEASURES[name]
        value = float(readings[name].value[patient])
        if math.isnan(value):
            yield f"{measure.short} not read"
            continue
        yield f"{measure.short} {format_value(value, measure)}{_change(leaf, readings, patient)}"


def _change(leaf: Condition, readings: Readings, patient: int) -> str:
    if leaf.of is Quantity.VALUE or leaf.measure is None:
        return ""
    history, measure = readings[leaf.measure], MEASURES[leaf.measure]
    first = float(reference(leaf, history)[patient])
    if math.isnan(first):
        return ", change unknown (no earlier reading)"
    size = float(quantity(leaf, history)[patient])
    origin = "baseline" if leaf.over is None else "the earlier reading"
    if leaf.of is Quantity.CHANGE:
        return f", {format_value(size, measure)} from {origin} ({format_value(first, measure)})"
    fall = size if leaf.of is Quantity.PERCENT_LOSS else -size
    side = "below" if fall >= 0 else "above"
    return f", {percent(round(abs(fall), 3))} {side} {origin} ({format_value(first, measure)})"


def _verdict(rule: DosingRule, reason: int, old: float, new: float) -> str:
    if reason < len(GENERAL_REASONS):
        return {
            "start": f"Treatment starts with {new:g} mg a day.",
            "keep": f"No clause acts: {new:g} mg a day is kept.",
            "resume": f"No reason to hold is left: the dose resumes at {new:g} mg a day.",
            "held": "A reading that must be known is missing: the dose stays held.",
            "stopped": "Treatment was stopped for good before: no dose.",
        }[GENERAL_REASONS[reason]]
    place = reason - len(GENERAL_REASONS)
    if place >= len(rule.clauses):
        clause = [clause for clause in rule.clauses if clause.confirm > 1][place - len(rule.clauses)]
        said = f"{clause.text or clause.id} ({in_words(clause.when)})"
        return f"{said}: keep {new:g} mg a day, look again at the next check."
    clause = rule.clauses[place]
    why = f"{clause.text or clause.id} ({in_words(clause.when)})"
    return f"{why}: {_done(clause.do, old, new)}."


def _done(action: Action, old: float, new: float) -> str:
    match action:
        case Action.STOP:
            return f"stop for good (from {old:g} mg a day)"
        case Action.HOLD:
            return (
                f"hold, no dose until it has passed (from {old:g} mg a day)" if old else "the dose stays held"
            )
        case Action.REDUCE:
            return (
                f"{new:g} mg a day is kept" if new == old else f"reduce from {old:g} mg to {new:g} mg a day"
            )
        case Action.RAISE:
            return f"raise from {old:g} mg to {new:g} mg a day"
        case Action.KEEP:
            return f"keep {new:g} mg a day"
        case Action.RECHECK:
            return f"keep {new:g} mg a day, look again at the next check"
        case _:
            assert_never(action)
