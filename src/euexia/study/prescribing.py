"""Dosing rules at work: what each patient of each arm is given, decided from what was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.observe.measurement import Address, read_all
from euexia.observe.schedule import attends, measured_at, trial_visits
from euexia.protocol.condition import MeasureHistory, measures_of
from euexia.protocol.dosing import RuleState, decide, reasons, rule_of, start
from euexia.protocol.protocol import (
    DosingRule,
    Protocol,
    Treatment,
    Visit,
)
from euexia.trialdata.trialdata import Dosing

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NO_DECISION = -1


@dataclass(slots=True)
class _Course:
    """One treatment of one arm: the only thing here that changes, from visit to visit."""

    treatment: Treatment
    rule: DosingRule
    members: Integers
    address: Address
    state: RuleState
    stop_day: Floats
    histories: dict[str, list[Floats]]
    seen_days: list[float]


class Prescriber:
    """Decides the doses of a cohort at each planned day, all patients of an arm at once.

    ``decide`` is what simulate.run asks; afterwards ``dosing`` and ``stop_day`` tell what was decided.
    """

    def __init__(
        self, protocol: Protocol, columns: Mapping[str, Floats], address: Address, arm: Integers
    ) -> None:
        self.columns = columns
        self.treatment_end = protocol.schedule.treatment
        self.visits = {visit.day: visit for visit in trial_visits(protocol.schedule)}
        self.patients = arm.size
        self.courses = [
            self._course(protocol, treatment, np.flatnonzero(arm == index), address)
            for index, group in enumerate(protocol.arms)
            for treatment in group.treatments
            if treatment.dose is not None
        ]
        self.drugs = tuple(dict.fromkeys(course.treatment.drug for course in self.courses))
        self.log: dict[str, list[tuple[float, Floats, Integers]]] = {drug: [] for drug in self.drugs}
        self.names = {drug: self._reason_names(drug) for drug in self.drugs}

    @staticmethod
    def _course(protocol: Protocol, treatment: Treatment, members: Integers, address: Address) -> _Course:
        rule = rule_of(protocol, treatment)
        wanted = tuple(dict.fromkeys(name for clause in rule.clauses for name in measures_of(clause.when)))
        return _Course(
            treatment=treatment,
            rule=rule,
            members=members,
            address=address.take(members),
            state=start(rule, treatment, members.size),
            stop_day=np.full(members.size, np.nan),
            histories={name: [] for name in wanted},
            seen_days=[],
        )

    def _reason_names(self, drug: str) -> tuple[str, ...]:
        names = [
            name for course in self.courses if course.treatment.drug == drug for name in reasons(course.rule)
        ]
        return tuple(dict.fromkeys(names))

    def decide(self, index: int, day: float, truth: Mapping[str, Floats]) -> dict[str, Floats]:
        """Return the dose of every drug from this day on [mg/day], shape (patients,); 0 without it."""
        doses = {drug: np.zeros(self.patients) for drug in self.drugs}
        if day >= self.treatment_end:
            return doses
        decided = {drug: np.full(self.patients, NO_DECISION, dtype=np.int64) for drug in self.drugs}
        visit = self.visits.get(day)
        for course in self.courses:
            drug = course.treatment.drug
            reason = self._look(course, visit, day, truth)
            daily = course.state.dose(course.rule) / course.treatment.every
            doses[drug][course.members] = daily
            decided[drug][course.members] = self._translate(course, drug, reason)
        if day == 0 or (visit is not None and visit.dose_check):
            for drug in self.drugs:
                self.log[drug].append((day, doses[drug].copy(), decided[drug]))
        return doses

    def _translate(self, course: _Course, drug: str, reason: Integers) -> Integers:
        place = {name: number for number, name in enumerate(self.names[drug])}
        table = np.array([place[name] for name in reasons(course.rule)])
        return np.where(reason == NO_DECISION, NO_DECISION, table[reason])

    def _look(
        self, course: _Course, visit: Visit | None, day: float, truth: Mapping[str, Floats]
    ) -> Integers:
        """Read what the rule reads, and apply the rule if this visit checks doses; return the reasons."""
        nothing = np.full(course.members.size, NO_DECISION, dtype=np.int64)
        if visit is None:
            return nothing if day else np.zeros_like(nothing)
        came = attends(visit, course.address)
        self._read(course, visit, came, truth)
        if day == 0:
            return np.zeros_like(nothing)
        if not visit.dose_check:
            return nothing
        days, now = np.asarray(course.seen_days), len(course.seen_days) - 1
        histories = {
            name: MeasureHistory(days, np.stack(values, axis=1), now, 0)
            for name, values in course.histories.items()
        }
        decision = decide(course.rule, course.state, histories, day)
        course.state = _merge(came, decision.state, course.state)
        stopped = course.state.stopped & np.isnan(course.stop_day)
        course.stop_day = np.where(stopped, day, course.stop_day)
        return np.where(came, decision.reason, NO_DECISION)

    def _read(
        self, course: _Course, visit: Visit, came: NDArray[np.bool_], truth: Mapping[str, Floats]
    ) -> None:
        available = measured_at(visit)
        wanted = tuple(name for name in course.histories if name in available)
        of_members = _Members({**self.columns, **truth}, course.members)
        readings = read_all(wanted, of_members, course.address, visit.day)
        missing = np.full(course.members.size, np.nan)
        for name, values in course.histories.items():
            values.append(np.where(came, readings[name], np.nan) if name in readings else missing)
        course.seen_days.append(visit.day)

    def stop_day(self) -> Floats:
        """Return the day on which a rule stopped treatment for good, else NaN; shape (patients,)."""
        day = np.full(self.patients, np.nan)
        for course in self.courses:
            day[course.members] = np.fmin(day[course.members], course.stop_day)
        return day

    def dosing(self, end: Floats, trials: int) -> dict[str, Dosing]:
        """Return what was prescribed; end: last day under observation of every patient, shape (patients,)."""
        return {drug: self._dosing(drug, end, trials) for drug in self.drugs}

    def _dosing(self, drug: str, end: Floats, trials: int) -> Dosing:
        entries = self.log[drug]
        planned = np.array([day for day, _, _ in entries])
        gone = np.floor(end)[:, None] < planned
        dose = np.where(gone, np.nan, np.stack([dose for _, dose, _ in entries], axis=1))
        reason = np.where(gone, NO_DECISION, np.stack([reason for _, _, reason in entries], axis=1))
        shape = (trials, -1, planned.size)
        return Dosing(
            drug=drug,
            planned=planned,
            dose=dose.reshape(shape),
            reason=reason.reshape(shape),
            reasons=self.names[drug],
        )


class _Members(Mapping[str, Floats]):
    """The truth of some of the patients; picked when asked for."""

    def __init__(self, whole: Mapping[str, Floats], members: Integers) -> None:
        self.whole = whole
        self.members = members

    def __getitem__(self, name: str) -> Floats:
        return np.asarray(self.whole[name])[self.members]

    def __contains__(self, name: object) -> bool:
        return name in self.whole

    def __iter__(self) -> Iterator[str]:
        return iter(self.whole)

    def __len__(self) -> int:
        return len(self.whole)


def _merge(came: NDArray[np.bool_], decided: RuleState, before: RuleState) -> RuleState:
    """Return the new state of who came, the old one of who did not."""
    return RuleState(
        level=np.where(came, decided.level, before.level),
        held=np.where(came, decided.held, before.held),
        stopped=np.where(came, decided.stopped, before.stopped),
        since=np.where(came, decided.since, before.since),
    )
