"""When each patient has which treatment: from randomisation, after a delay, or after crossover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia import drugs
from euexia.protocol.protocol import Arm, Protocol, Treatment

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

SAME_DAY = 1e-6
"""Two times nearer than this are the same day."""


@dataclass(slots=True, kw_only=True)
class Span:
    """One treatment of some patients, from ``begin`` until before ``end``; infinite where it never comes."""

    treatment: Treatment
    members: Integers
    """Places of the patients in the cohort."""
    begin: Floats
    end: Floats

    def active(self, day: float) -> Flags:
        """Return which members have it on a day."""
        return np.asarray((self.begin <= day + SAME_DAY) & (day < self.end - SAME_DAY))

    def begins(self, day: float) -> Flags:
        """Return for which members this is its first day."""
        return np.asarray(np.abs(self.begin - day) < SAME_DAY)

    def ends(self, day: float) -> Flags:
        """Return for which members, who had it, this is the first day without."""
        return np.asarray((np.abs(self.end - day) < SAME_DAY) & (self.begin < self.end - SAME_DAY))

    def doses_before(self, day: float) -> Integers:
        """Return how many intervals of the treatment have passed since it began (0 on the first day)."""
        since = np.where(np.isfinite(self.begin), day - self.begin, 0.0)
        return np.floor(np.maximum(since, 0.0) / self.treatment.every + SAME_DAY).astype(np.int64)

    def is_due(self, day: float) -> Flags:
        """Return for which members a single dose falls on this day."""
        since = np.where(np.isfinite(self.begin), day - self.begin, np.nan)
        left = np.abs(since - np.rint(since / self.treatment.every) * self.treatment.every)
        with np.errstate(invalid="ignore"):
            return np.asarray(self.active(day) & (left < SAME_DAY))

    def single_dose(self, day: float, dose: Floats) -> Floats:
        """Return the single dose in force: a loading dose where it is its turn, else the dose given."""
        if not self.treatment.loading:
            return dose
        turn = self.doses_before(day)
        loading = np.asarray(self.treatment.loading)
        loaded = loading[np.minimum(turn, loading.size - 1)]
        return np.where((turn < loading.size) & (dose > 0), loaded, dose)


def end_in_arm(protocol: Protocol, arm: Arm, treatment: Treatment) -> float:
    """Return the first day without a treatment of an arm, as planned from randomisation."""
    of_arm = protocol.schedule.treatment if arm.duration is None else arm.duration
    own = np.inf if treatment.lasts is None else treatment.begins + treatment.lasts
    return float(min(of_arm, own))


def last_day(protocol: Protocol) -> float:
    """Return the first day on which nobody has any treatment of an arm."""
    ends = [end_in_arm(protocol, arm, item) for arm in protocol.arms for item in arm.treatments]
    return protocol.schedule.follow_up if protocol.crossovers else max(ends, default=0.0)


def change_days(protocol: Protocol) -> tuple[float, ...]:
    """Return the days after 0, besides visits, on which a treatment may begin, end or change its dose.

    The day on which all treatment ends is not among them: nothing is decided there.
    """
    days: set[float] = set()
    for arm in protocol.arms:
        for item in arm.treatments:
            days |= _turns(item, item.begins)
            days |= {item.begins, end_in_arm(protocol, arm, item)}
    for origin, length, arm in _changes(protocol):
        days |= {origin, origin + length}
        for item in arm.treatments:
            begin = origin + item.begins
            days |= {begin, *_turns(item, begin)}
            days |= {begin + item.lasts} if item.lasts is not None else set()
    return tuple(sorted(day for day in days if 0 < day < last_day(protocol)))


def injection_days(protocol: Protocol) -> tuple[float, ...]:
    """Return every day from 0 on which anyone may have an injection."""
    days: set[float] = set()
    for arm in protocol.arms:
        for item in filter(is_injected, arm.treatments):
            days |= _series(item.begins, end_in_arm(protocol, arm, item), item.every)
    for origin, length, arm in _changes(protocol):
        for item in filter(is_injected, arm.treatments):
            until = min(origin + length, protocol.schedule.follow_up)
            days |= _series(origin + item.begins, until, item.every)
    return tuple(sorted(days))


def is_injected(treatment: Treatment) -> bool:
    """Return whether single doses of a treatment are followed in the body, one by one."""
    return treatment.dose is not None and drugs.DRUGS[treatment.drug].injection is not None


def _turns(treatment: Treatment, begin: float) -> set[float]:
    """Return the days on which a loading dose gives way to the next dose."""
    return {begin + turn * treatment.every for turn in range(1, len(treatment.loading) + 1)}


def _series(begin: float, end: float, every: float) -> set[float]:
    return {float(day) for day in np.arange(begin, end, every)}


def _changes(protocol: Protocol) -> Iterator[tuple[float, float, Arm]]:
    """Give each day on which a crossover may come, how long its treatments last, and whose they are."""
    arms = {arm.name: arm for arm in protocol.arms}
    schedule = protocol.schedule
    for crossover in protocol.crossovers:
        length = schedule.follow_up if crossover.lasts is None else crossover.lasts
        days = {crossover.day}
        if crossover.when is not None:
            checks = (visit.day for visit in schedule.visits if visit.dose_check)
            days = {day for day in checks if day >= crossover.day - SAME_DAY}
        for day in sorted(days):
            yield day, length, arms[crossover.to]
