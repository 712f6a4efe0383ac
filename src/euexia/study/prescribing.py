"""Treatments at work: what each patient of each arm is given, decided from what was read."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.core.logic import TRUE
from euexia.core.streams import Purpose, uniform
from euexia.observe.measurement import Address, read_all
from euexia.observe.schedule import attends, measured_at, trial_visits
from euexia.protocol.condition import MeasureHistory, evaluate, measures_of
from euexia.protocol.design import Crossover
from euexia.protocol.dosing import START, RuleState, decide, reasons, rule_of, start
from euexia.protocol.protocol import DosingRule, Protocol, Treatment, Visit
from euexia.protocol.schedule_checks import series_of
from euexia.simulate.treatment import uptake
from euexia.study.courses import Span, change_days, end_in_arm, last_day
from euexia.trialdata.trialdata import Dosing

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

NO_DECISION = -1
CROSSOVER, LOADING, END = "crossover", "loading", "end"
"""Reasons beside those of rules, in trials that have them: a change of treatment, a dose of a loading series
(or the first after it), the planned end."""
AGREEMENT = 1
"""Occasion of the draw whether a patient agrees to a crossover; uptake has 0."""


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What was read of some patients, visit by visit."""

    members: Integers
    address: Address
    histories: dict[str, list[Floats]]
    seen_days: list[float]

    def readings(self) -> dict[str, MeasureHistory]:
        """Return the histories with the last visit as now; the first, day 0, is the baseline."""
        days, now = np.asarray(self.seen_days), len(self.seen_days) - 1
        return {
            name: MeasureHistory(days, np.stack(values, axis=1), now, 0)
            for name, values in self.histories.items()
        }


@dataclass(slots=True, kw_only=True)
class Course(_Seen):
    """One treatment of some patients: what changes here, from visit to visit."""

    span: Span
    rule: DosingRule
    state: RuleState
    stop_day: Floats
    taken: Floats
    """Share of it that each member takes up."""

    def daily(self, day: float) -> Floats:
        """Return the dose in force on a day [mg/day]; 0 for who does not have it."""
        single = self.span.single_dose(day, self.state.dose(self.rule))
        return np.where(self.span.active(day), single / self.span.treatment.every, 0.0)


@dataclass(slots=True, kw_only=True)
class _Change(_Seen):
    """A crossover at work."""

    crossover: Crossover
    agreed: Flags
    staying: Flags
    """Who goes on with the treatments of the own arm, which is no change to another."""
    courses: list[Course]


class Prescriber:
    """Decides the doses of a cohort at each planned day, all patients of an arm at once.

    ``decide`` is what simulate.run asks; afterwards ``dosing``, ``stop_day`` and ``crossover_day`` tell what
    was decided.  ``care`` tells what is taken up of treatments without a dose.
    """

    def __init__(
        self, protocol: Protocol, columns: Mapping[str, Floats], address: Address, arm: Integers
    ) -> None:
        self.protocol, self.columns, self.address = protocol, columns, address
        self.treatment_end = last_day(protocol)
        self.visits = {visit.day: visit for visit in trial_visits(protocol.schedule)}
        self.extra_days = frozenset(change_days(protocol))
        self.patients = arm.size
        self.of_arms = [
            self._course(treatment, np.flatnonzero(arm == index), end_in_arm(protocol, group, treatment))
            for index, group in enumerate(protocol.arms)
            for treatment in group.treatments
        ]
        self.changes = [self._change(crossover, arm) for crossover in protocol.crossovers]
        all_courses = [*self.of_arms, *(course for change in self.changes for course in change.courses)]
        self.courses = [course for course in all_courses if course.span.treatment.dose is not None]
        self.caring = [course for course in all_courses if course.span.treatment.dose is None]
        self.crossed = np.full(self.patients, np.nan)
        self.drugs = tuple(dict.fromkeys(course.span.treatment.drug for course in self.courses))
        self.log: dict[str, list[tuple[float, Floats, Integers]]] = {drug: [] for drug in self.drugs}
        self.names = {drug: self._reason_names(drug) for drug in self.drugs}

    def _course(
        self, treatment: Treatment, members: Integers, end: float, begin: float | None = None
    ) -> Course:
        """Return a course; begin: infinite for one that waits for a crossover."""
        rule = rule_of(self.protocol, treatment)
        first = treatment.begins if begin is None else begin
        place = self.address.take(members)
        wanted = tuple(dict.fromkeys(name for clause in rule.clauses for name in measures_of(clause.when)))
        return Course(
            span=Span(
                treatment=treatment,
                members=members,
                begin=np.full(members.size, first),
                end=np.full(members.size, end),
            ),
            rule=rule,
            members=members,
            address=place,
            state=start(rule, treatment, members.size, first),
            stop_day=np.full(members.size, np.nan),
            taken=uptake(place.seed, treatment.drug, treatment.adherence, place.trial, place.candidate),
            histories={name: [] for name in wanted},
            seen_days=[],
        )

    def _change(self, crossover: Crossover, arm: Integers) -> _Change:
        indices = {group.name: index for index, group in enumerate(self.protocol.arms)}
        members = np.flatnonzero(np.isin(arm, [indices[name] for name in crossover.arms]))
        place = self.address.take(members)
        item = zlib.crc32(crossover.name.encode())
        draws = uniform(place.seed, Purpose.ADHERENCE, place.trial, place.candidate, AGREEMENT, item)
        wanted = measures_of(crossover.when) if crossover.when is not None else ()
        target = self.protocol.arms[indices[crossover.to]]
        return _Change(
            crossover=crossover,
            members=members,
            address=place,
            agreed=np.asarray(draws < crossover.uptake),
            staying=np.asarray(arm[members] == indices[crossover.to]),
            courses=[self._course(item, members, np.inf, np.inf) for item in target.treatments],
            histories={name: [] for name in wanted},
            seen_days=[],
        )

    def _reason_names(self, drug: str) -> tuple[str, ...]:
        """Return the reasons of the rules, and those of the plan that this trial has."""
        mine = [course for course in self.courses if course.span.treatment.drug == drug]
        names = [name for course in mine for name in reasons(course.rule)]
        planned = (
            *((CROSSOVER,) if self.changes else ()),
            *((LOADING,) if any(course.span.treatment.loading for course in mine) else ()),
            *((END,) if self.extra_days else ()),
        )
        return tuple(dict.fromkeys((*names, *planned)))

    def decide(self, index: int, day: float, truth: Mapping[str, Floats]) -> dict[str, Floats]:
        """Return the dose of every drug from this day on [mg/day], shape (patients,); 0 without it."""
        doses = {drug: np.zeros(self.patients) for drug in self.drugs}
        if day >= self.treatment_end:
            return doses
        visit = self.visits.get(day)
        if visit is not None:
            for seen in (*self.courses, *self.changes):
                self._read(seen, visit, attends(visit, seen.address), truth)
        for change in self.changes:
            self._cross(change, visit, day)
        decided = {drug: np.full(self.patients, NO_DECISION, dtype=np.int64) for drug in self.drugs}
        for course in self.courses:
            drug = course.span.treatment.drug
            reason = self._translate(course, self._look(course, visit, day))
            reason = self._planned_reason(course, day, reason)
            doses[drug][course.members] += course.daily(day)
            said = reason != NO_DECISION
            decided[drug][course.members[said]] = reason[said]
        if day == 0 or day in self.extra_days or (visit is not None and visit.dose_check):
            for drug in self.drugs:
                self.log[drug].append((day, doses[drug].copy(), decided[drug]))
        return doses

    def care(self, day: float) -> Iterator[tuple[Course, Flags]]:
        """Give each treatment without a dose, with the members who have it from this day on."""
        for course in self.caring:
            yield course, course.span.active(day)

    def taken(self, day: float) -> dict[str, Floats]:
        """Return the share of each dosed drug that each patient takes from this day on."""
        shares = {drug: np.ones(self.patients) for drug in self.drugs}
        for course in self.courses:
            active = course.span.active(day)
            shares[course.span.treatment.drug][course.members[active]] = course.taken[active]
        return shares

    def _cross(self, change: _Change, visit: Visit | None, day: float) -> None:
        """Move whoever changes today to the treatments of the other arm, in place."""
        moving = self._moving(change, visit, day)
        if not moving.any():
            return
        crossover, patients = change.crossover, change.members[moving]
        for course in (*self.courses, *self.caring):
            mine = np.isin(course.members, patients)
            course.span.end[mine] = np.minimum(course.span.end[mine], day)
        length = np.inf if crossover.lasts is None else crossover.lasts
        for course in change.courses:
            item = course.span.treatment
            own = np.inf if item.lasts is None else item.begins + item.lasts
            course.span.begin[moving] = day + item.begins
            course.span.end[moving] = day + min(length, own)
            course.state.since[moving] = day + item.begins
        new = patients[~change.staying[moving]]
        self.crossed[new] = np.fmin(self.crossed[new], day)

    def _moving(self, change: _Change, visit: Visit | None, day: float) -> Flags:
        """Return which members change today: those who agree, are not stopped for good and are asked."""
        crossover = change.crossover
        nobody = np.zeros(change.members.size, dtype=bool)
        able = change.agreed & np.isnan(self.stop_day()[change.members])
        if crossover.when is None:
            return able if day == crossover.day else nobody
        if visit is None or not visit.dose_check or day < crossover.day:
            return nobody
        waiting = nobody if not change.courses else np.isinf(change.courses[0].span.begin)
        waiting = waiting if change.courses else np.isnan(self.crossed[change.members])
        asked = evaluate(crossover.when, change.readings()) == TRUE
        return np.asarray(able & waiting & asked & attends(visit, change.address))

    def _translate(self, course: Course, reason: Integers) -> Integers:
        """Return the reasons of a rule as places in the list of the drug."""
        place = {name: number for number, name in enumerate(self.names[course.span.treatment.drug])}
        table = np.array([place[name] for name in reasons(course.rule)])
        return np.where(reason == NO_DECISION, NO_DECISION, table[reason])

    def _planned_reason(self, course: Course, day: float, reason: Integers) -> Integers:
        """Return the reasons of a day, those of the plan put in: begin, crossover, loading, end."""
        span = course.span
        place = {name: number for number, name in enumerate(self.names[span.treatment.drug])}
        begins, crossed = span.begins(day), self.crossed[course.members] == day
        found = np.where(begins, place[reasons(course.rule)[START]], reason)
        if span.treatment.loading and day in self.extra_days:
            turn = span.active(day) & ~begins & (span.doses_before(day) <= len(span.treatment.loading))
            found = np.where(turn & span.is_due(day), place[LOADING], found)
        if END in place:
            found = np.where(span.ends(day), place[END], found)
        if CROSSOVER in place:
            found = np.where(crossed & (begins | span.ends(day)), place[CROSSOVER], found)
        return np.asarray(found, dtype=np.int64)

    def _look(self, course: Course, visit: Visit | None, day: float) -> Integers:
        """Apply the rule if this visit checks doses; return the reasons."""
        nothing = np.full(course.members.size, NO_DECISION, dtype=np.int64)
        if visit is None or day == 0 or not visit.dose_check or not _applies(course.rule, visit):
            return nothing
        came = attends(visit, course.address) & course.span.active(day) & ~course.span.begins(day)
        decision = decide(course.rule, course.state, course.readings(), day)
        course.state = _merge(came, decision.state, course.state)
        stopped = course.state.stopped & np.isnan(course.stop_day)
        course.stop_day = np.where(stopped, day, course.stop_day)
        return np.where(came, decision.reason, NO_DECISION)

    def _read(self, seen: _Seen, visit: Visit, came: Flags, truth: Mapping[str, Floats]) -> None:
        available = measured_at(visit)
        wanted = tuple(name for name in seen.histories if name in available)
        of_members = _Members({**self.columns, **truth}, seen.members)
        readings = read_all(wanted, of_members, seen.address, visit.day)
        missing = np.full(seen.members.size, np.nan)
        for name, values in seen.histories.items():
            values.append(np.where(came, readings[name], np.nan) if name in readings else missing)
        seen.seen_days.append(visit.day)

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


def _applies(rule: DosingRule, visit: Visit) -> bool:
    """Return whether a rule is applied at a visit that decides doses."""
    return not rule.at or bool({visit.name, series_of(visit.name)} & set(rule.at))


def _merge(came: Flags, decided: RuleState, before: RuleState) -> RuleState:
    """Return the new state of who came, the old one of who did not."""
    streak = decided.streak
    if streak is not None:
        old = np.zeros_like(streak) if before.streak is None else before.streak
        streak = np.where(came[:, None], streak, old)
    return RuleState(
        level=np.where(came, decided.level, before.level),
        held=np.where(came, decided.held, before.held),
        stopped=np.where(came, decided.stopped, before.stopped),
        since=np.where(came, decided.since, before.since),
        streak=streak,
    )
