"""What must be true of the times of treatments and of crossover."""

from __future__ import annotations

import math
from collections.abc import Iterator

from euexia.core.choices import did_you_mean
from euexia.core.datafile import Reader
from euexia.protocol.condition import measures_of
from euexia.protocol.design import Crossover
from euexia.protocol.protocol import Schedule, Treatment
from euexia.protocol.reading import Parts
from euexia.protocol.schedule_checks import DAY, is_measured


def check_times(reader: Reader, parts: Parts, place: str, treatment: Treatment) -> None:
    """Note faults in when a treatment begins, how long it lasts, and its loading doses."""
    schedule: Schedule | None = parts.values.get("schedule")
    if treatment.begins < 0:
        problem = f"a treatment cannot begin {-treatment.begins:g} days before day 0."
        reader.fault_at(f"{place}.begins", problem, "Write 0 or more; care before day 0 is a run-in.")
    if schedule is not None and treatment.begins >= schedule.follow_up > 0:
        problem = f"a treatment that begins on day {treatment.begins:g} is never given."
        reader.fault_at(f"{place}.begins", problem, f"The trial ends on day {schedule.follow_up:g}.")
    if treatment.lasts is not None and not treatment.lasts > 0:
        reader.fault_at(f"{place}.lasts", "the treatment must last longer than nothing.", "Give its length.")
    _check_loading(reader, place, treatment)
    if place.startswith("background"):
        _check_background(reader, place, treatment)


def _check_loading(reader: Reader, place: str, treatment: Treatment) -> None:
    for dose in treatment.loading:
        if not 0 < dose < math.inf:
            problem = f"a loading dose of {dose:g} mg cannot be given."
            reader.fault_at(f"{place}.loading", problem, "Give doses above zero.")
    if treatment.loading and treatment.dose is None:
        problem = "loading doses need a dose that follows."
        reader.fault_at(f"{place}.loading", problem, "Add 'dose:' or take 'loading' away.")
    if treatment.loading and treatment.rule is not None:
        problem = "a dose that is loaded cannot follow a rule at the same time."
        reader.fault_at(f"{place}.loading", problem, "Take 'loading' or 'rule' away.")


def _check_background(reader: Reader, place: str, treatment: Treatment) -> None:
    """Note what care of everyone cannot have: it is given throughout, at its uptake."""
    given = {
        "dose": treatment.dose is not None,
        "rule": treatment.rule is not None,
        "loading": bool(treatment.loading),
        "begins": treatment.begins != 0,
        "lasts": treatment.lasts is not None,
    }
    for key in (key for key, is_there in given.items() if is_there):
        problem = f"background care has no '{key}': it is given throughout, at its uptake."
        reader.fault_at(f"{place}.{key}", problem, "Give it as a treatment of every arm.")


def check_programme(reader: Reader, place: str, treatment: Treatment) -> None:
    """Note faults in an exercise programme."""
    programme = treatment.programme
    if programme is None:
        return
    if treatment.dose is not None:
        problem = "a programme is not dosed in mg."
        reader.fault_at(f"{place}.programme", problem, "Take 'dose' or 'programme' away.")
    if not 0 < programme.sessions < math.inf:
        problem = f"{programme.sessions:g} sessions a day are no programme."
        reader.fault_at(f"{place}.programme.sessions", problem, "Write for example '3 1/week'.")
    if not 0 < programme.load <= 1:
        problem = f"a load of {100 * programme.load:g} % cannot be trained with."
        reader.fault_at(f"{place}.programme.load", problem, "Write more than 0 % and at most 100 %.")


def check_crossovers(reader: Reader, parts: Parts) -> None:
    """Note every fault in changes of treatment."""
    for crossover in parts.readable("crossovers"):
        place = f"crossovers.{crossover.name}"
        for key, problem, remedy in _crossover_faults(parts, crossover):
            reader.fault_at(f"{place}.{key}", problem, remedy)


def _crossover_faults(parts: Parts, crossover: Crossover) -> Iterator[tuple[str, str, str]]:
    """Give key, problem and remedy."""
    arms = parts.known("arms")
    named = [*(("arms", name) for name in crossover.arms), ("to", crossover.to)]
    for key, name in named:
        if name not in arms:
            yield key, f"there is no arm called '{name}'.", did_you_mean(name, arms)
    yield from _crossover_time_faults(parts, crossover)
    if not crossover.arms:
        yield "arms", "nobody changes.", "Name the arms whose patients do."
    if not 0 <= crossover.uptake <= 1:
        yield "uptake", f"{100 * crossover.uptake:g} % of patients cannot agree.", "Write 0 % to 100 %."
    for problem in _unread(parts, crossover):
        yield "when", problem, "Measure it at the visits that decide doses."


def _unread(parts: Parts, crossover: Crossover) -> Iterator[str]:
    """Give why the condition of a change can never be decided."""
    checks = [visit for visit in parts.readable("visits") if visit.dose_check]
    for measure in measures_of(crossover.when) if crossover.when is not None else ():
        if parts.is_whole("visits") and not any(is_measured(measure, visit) for visit in checks):
            yield f"'{measure}' is measured at no visit with 'dose_check: true'."


def _crossover_time_faults(parts: Parts, crossover: Crossover) -> Iterator[tuple[str, str, str]]:
    if crossover.lasts is not None and not crossover.lasts > 0:
        yield "lasts", "the treatment must last longer than nothing.", "Give its length."
    schedule: Schedule | None = parts.values.get("schedule")
    if schedule is not None and not 0 < crossover.day < schedule.follow_up:
        problem = f"a change on day {crossover.day:g} is not after day 0 and before the end of the trial."
        yield "day", problem, f"The trial ends on day {schedule.follow_up:g} ('schedule.follow_up')."
    before = [other for other in parts.readable("crossovers") if other.name < crossover.name]
    for other in before:
        both = sorted(set(other.arms) & set(crossover.arms))
        if both and abs(other.day - crossover.day) < DAY:
            problem = f"patients of '{both[0]}' change twice on day {crossover.day:g}."
            yield "arms", problem, f"Take the arm away here or in '{other.name}'."
