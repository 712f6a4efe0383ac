"""What must be true of a protocol beyond the form of its file, up to its dosing rules.

Each check looks at what could be read, so that one faulty entry does not hide the faults of the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from euexia.core.choices import did_you_mean
from euexia.core.datafile import Reader
from euexia.criteria.measures import MEASURES
from euexia.protocol.allocation_checks import check_allocation
from euexia.protocol.condition import leaves
from euexia.protocol.design_checks import check_crossovers, check_programme, check_times
from euexia.protocol.look_checks import check_interims
from euexia.protocol.protocol import (
    Action,
    Arm,
    DosingRule,
    Treatment,
)
from euexia.protocol.reading import Parts
from euexia.protocol.schedule_checks import check_schedule, is_measured, series_of, visits_on
from euexia.protocol.statement import Condition, Quantity, Status

MOST_PATIENTS = 100_000
"""Largest size of a trial; beyond it a slip of the pen is more likely than a trial."""


def check_design(reader: Reader, parts: Parts) -> None:
    """Note every fault in size, arms, randomisation, accrual, schedule, eligibility and dosing."""
    _check_size(reader, parts)
    _check_arms(reader, parts)
    _check_treatments(reader, parts)
    check_allocation(reader, parts)
    check_schedule(reader, parts)
    _check_eligibility(reader, parts)
    _check_rules(reader, parts)
    check_crossovers(reader, parts)
    check_interims(reader, parts)


def _check_size(reader: Reader, parts: Parts) -> None:
    size = parts.values.get("size")
    arms = len(parts.known("arms"))
    if size is not None and size > MOST_PATIENTS:
        reader.fault_at(
            "size", f"{size} patients are too many for one trial.", f"Give at most {MOST_PATIENTS}."
        )
    if size is not None and size < max(1, arms):
        reader.fault_at(
            "size", f"{size} patients cannot fill {arms} arms.", "Give at least one patient to each arm."
        )
    accrual = parts.values.get("accrual")
    if accrual is not None and not 0 < accrual.candidates_per_month < math.inf:
        problem = f"{accrual.candidates_per_month:g} candidates a month never fill a trial."
        reader.fault_at("accrual.candidates_per_month", problem, "Give a number above zero.")


def _check_arms(reader: Reader, parts: Parts) -> None:
    arms: list[Arm] = parts.readable("arms")
    if "arms" in parts.items and not parts.known("arms"):
        reader.fault_at("arms", "there is no arm.", "Name at least one.")
    for arm in arms:
        if arm.ratio < 1:
            place = f"arms.{arm.name}.ratio"
            reader.fault_at(
                place, f"an arm cannot take {arm.ratio} parts of the patients.", "Write 1 or more."
            )
        _check_arm_treatments(reader, parts, arm)


def _check_arm_treatments(reader: Reader, parts: Parts, arm: Arm) -> None:
    drugs = [treatment.drug for treatment in arm.treatments]
    for drug in sorted({drug for drug in drugs if drugs.count(drug) > 1}):
        problem = f"'{drug}' stands twice among the treatments of this arm."
        reader.fault_at(f"arms.{arm.name}.treatments", problem, "Keep one; a change of dose is a rule.")
    schedule = parts.values.get("schedule")
    if arm.duration is None or schedule is None:
        return
    if not 0 < arm.duration <= schedule.follow_up:
        problem = f"treatment of {arm.duration:g} days does not fit into a trial of {schedule.follow_up:g}."
        remedy = "Give a length above zero and within 'schedule.follow_up'."
        reader.fault_at(f"arms.{arm.name}.duration", problem, remedy)


def _treatments(parts: Parts) -> Iterable[tuple[str, Treatment]]:
    for arm in parts.readable("arms"):
        for index, treatment in enumerate(arm.treatments, start=1):
            yield f"arms.{arm.name}.treatments.{index}", treatment
    for index, treatment in enumerate(parts.readable("background"), start=1):
        yield f"background.{index}", treatment


def _check_treatments(reader: Reader, parts: Parts) -> None:
    for place, treatment in _treatments(parts):
        if treatment.dose is not None and not 0 < treatment.dose < math.inf:
            problem = f"a dose of {treatment.dose:g} mg cannot be given."
            reader.fault_at(
                f"{place}.dose", problem, "Give a dose above zero; for no treatment leave it out."
            )
        if not treatment.every > 0:
            reader.fault_at(
                f"{place}.every", "the interval must be above zero.", "Write for example '1 day'."
            )
        if not 0 <= treatment.adherence <= 1:
            problem = f"{100 * treatment.adherence:g} % of a treatment cannot be taken."
            reader.fault_at(f"{place}.adherence", problem, "Write 0 % to 100 %.")
        if treatment.rule is not None:
            _check_rule_use(reader, parts, place, treatment)
        check_times(reader, parts, place, treatment)
        check_programme(reader, place, treatment)


def _check_rule_use(reader: Reader, parts: Parts, place: str, treatment: Treatment) -> None:
    names = parts.known("rules")
    if treatment.rule not in names:
        problem = f"there is no dosing rule called '{treatment.rule}'."
        reader.fault_at(f"{place}.rule", problem, did_you_mean(str(treatment.rule), names))
        return
    if treatment.dose is None:
        reader.fault_at(
            f"{place}.dose", "a rule needs a starting dose.", "Add 'dose:', one of the rule's levels."
        )
    for rule in parts.readable("rules"):
        if rule.name == treatment.rule and treatment.dose is not None and treatment.dose not in rule.levels:
            levels = ", ".join(f"{level:g} mg" for level in rule.levels)
            problem = f"the starting dose {treatment.dose:g} mg is not a level of '{rule.name}'."
            reader.fault_at(f"{place}.dose", problem, f"Its levels are {levels}.")


def _check_eligibility(reader: Reader, parts: Parts) -> None:
    for criterion in parts.readable("eligibility"):
        place = f"eligibility.{criterion.id}"
        if criterion.stage not in (1, 2):
            reader.fault_at(f"{place}.stage", f"there is no stage {criterion.stage}.", "Write 1 or 2.")
        for leaf in leaves(criterion.require):
            if leaf.of is not Quantity.VALUE and leaf.over is None:
                problem = f"at screening there is no baseline to hold '{leaf.measure}' against."
                reader.fault_at(
                    f"{place}.require", problem, "Say over which time: add 'over: 2 months' or the like."
                )


def _check_rules(reader: Reader, parts: Parts) -> None:
    used = {treatment.rule for _, treatment in _treatments(parts)}
    for rule in parts.readable("rules"):
        place = f"rules.{rule.name}"
        if parts.is_whole("arms") and rule.name not in used:
            reader.fault_at(place, "no treatment uses this rule.", "Name it at a treatment or take it away.")
        if rule.status is Status.ASSUMED and rule.name not in parts.known("assumptions"):
            problem = "this rule is assumed, and nothing under 'assumptions' says so to the reader."
            reader.fault_at(place, problem, f"Add '{rule.name}: ...' under 'assumptions', in words.")
        _check_levels(reader, rule, place)
        for clause in rule.clauses:
            inside = f"{place}.clauses.{clause.id}"
            if clause.levels < 1 or clause.after < 0:
                reader.fault_at(
                    inside, "'levels' must be 1 or more and 'after' not negative.", "Correct them."
                )
            if clause.confirm < 1:
                problem = f"a condition cannot hold at {clause.confirm} checks in a row."
                reader.fault_at(f"{inside}.confirm", problem, "Write 1 or more.")
            if clause.to is not None and (clause.do is not Action.REDUCE or clause.to not in rule.levels):
                remedy = "Use it with 'do: reduce', and with one of the rule's levels."
                reader.fault_at(f"{inside}.to", f"the dose cannot be set to {clause.to:g} mg here.", remedy)
            check_clause_is_read(reader, parts, clause.when, f"{inside}.when", rule.at)
        _check_visits_of_rule(reader, parts, rule, place)


def _check_visits_of_rule(reader: Reader, parts: Parts, rule: DosingRule, place: str) -> None:
    """Note visits of a rule that are not there or decide no doses."""
    if not parts.is_whole("visits"):
        return
    checks = {series_of(visit.name) for visit in parts.readable("visits") if visit.dose_check}
    checks |= {visit.name for visit in parts.readable("visits") if visit.dose_check}
    for name in rule.at:
        if name not in checks:
            problem = f"no visit '{name}' decides doses."
            remedy = did_you_mean(name, sorted(checks)) if checks else "Set 'dose_check: true' at a visit."
            reader.fault_at(f"{place}.at", problem, remedy)


def _check_levels(reader: Reader, rule: DosingRule, place: str) -> None:
    if not rule.levels or rule.levels[0] <= 0 or list(rule.levels) != sorted(set(rule.levels)):
        levels = ", ".join(f"{level:g} mg" for level in rule.levels) or "none"
        problem = f"the dose levels ({levels}) must be above zero and increase."
        reader.fault_at(f"{place}.levels", problem, "Write them from the lowest to the ceiling, each once.")
    if rule.resume_levels_down < 0:
        problem = "a resumed dose cannot be higher than the one that was held."
        reader.fault_at(f"{place}.resume_levels_down", problem, "Write 0 or more.")


def check_clause_is_read(
    reader: Reader, parts: Parts, condition: Condition, place: str, at: tuple[str, ...] = ()
) -> None:
    """Note a rule that waits for a reading which its check visits do not take."""
    if not parts.is_whole("visits"):
        return
    checks = [visit for visit in parts.readable("visits") if visit.dose_check]
    checks = [visit for visit in checks if not at or {visit.name, series_of(visit.name)} & set(at)]
    if not checks and not at:
        reader.fault_at(place, "no visit decides doses.", "Set 'dose_check: true' at the visits that do.")
    for leaf in leaves(condition):
        measure = leaf.measure or ""
        without = [visit.name for visit in checks if not is_measured(measure, visit)]
        if without:
            names = without[0] if len(without) == 1 else f"{without[0]} and {len(without) - 1} more"
            problem = f"'{measure}' is not measured at the dose checks that need it ({names})."
            reader.fault_at(place, problem, f"Add {_what_to_measure(measure)} to their 'measures'.")
        since_baseline = leaf.of is not Quantity.VALUE and leaf.over is None
        if since_baseline and not any(is_measured(measure, visit) for visit in visits_on(parts, 0.0)):
            problem = f"'{measure}' is not measured on day 0, so its change from baseline is unknown."
            reader.fault_at(place, problem, f"Add {_what_to_measure(measure)} to the day-0 visit.")


def _what_to_measure(measure: str) -> str:
    return ", ".join(f"'{name}'" for name in MEASURES[measure].derived_from) or f"'{measure}'"
