"""Recruitment: candidates come one after the other until every trial is full.

Candidates are looked at in rounds whose size adapts, but no decision depends on the rounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.core.logic import FALSE, TRUE
from euexia.core.streams import Purpose, exponential
from euexia.core.studytime import DAYS_PER_MONTH
from euexia.criteria.measures import MEASURES
from euexia.observe.measurement import Address
from euexia.parameters import ParameterSet
from euexia.population import PopulationSpec
from euexia.protocol.condition import MeasureHistory, quantity
from euexia.protocol.protocol import Protocol, Stratum
from euexia.protocol.statement import Condition, Quantity
from euexia.study.screening import Candidates, Examined, Screening, join
from euexia.trialdata.trialdata import ScreeningLog

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Key = TypeVar("Key")

MOST_PER_PATIENT = 400
"""Candidates looked at per patient wanted before giving up: such a protocol has no patients."""
FEWEST_PER_ROUND = 4
FIRST_MARGIN, LATER_MARGIN = 1, 3
"""Candidates beyond those expected to be needed, per root of the number: a last round of a few is dear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """The randomised patients of a block of trials before day 0, trial after trial in order of enrolment.

    trials: number of each trial.  columns: of the population, shape (patients,).  body, state: of the engine,
    on day 0.
    """

    trials: Integers
    size: int
    address: Address
    columns: Mapping[str, Floats]
    body: Floats
    state: Floats
    screening: Mapping[str, Floats]
    """Readings at screening, shape (patients,)."""
    weights: Mapping[float, Floats]
    """Weights read off the chart at screening, by day, shape (patients,)."""
    before: Mapping[float, Mapping[str, Floats]]
    """What changes with time, at screening and at visits before day 0; by day, shape (patients,)."""
    enrolled_day: Floats
    """Calendar day of randomisation, from the opening of the trial."""
    screening_day: float = 0.0
    """Day of the readings at screening."""


def _next_candidates(rows: Integers, first: Integers, count: Integers) -> tuple[Integers, Integers]:
    """Return (row, candidate) of the next ``count`` candidates of each trial, trial after trial."""
    row = np.repeat(rows, count)
    return row, first[row] + _rank_in_trial(row)


def _in_order(candidates: Candidates) -> Candidates:
    return candidates.take(np.lexsort((candidates.candidate, candidates.row)))


def _rank_in_trial(row: Integers) -> Integers:
    """Return the place of each entry among those of its trial; row must be sorted."""
    starts = np.searchsorted(row, row, side="left")
    return np.asarray(np.arange(row.size) - starts, dtype=np.int64)


class _Queue:
    """Who has been looked at, who waits for stage 2, who has been through it."""

    def __init__(self, screening: Screening, size: int) -> None:
        count = screening.trials.size
        self.screening = screening
        self.size = size
        self.looked = np.zeros(count, dtype=np.int64)
        self.eligible = np.zeros(count, dtype=np.int64)
        self.all: list[Candidates] = []
        self.waiting: Candidates | None = None
        self.examined: list[Examined] = []
        self.passed = 0
        self.first_share = 0.2
        self.second_share = 0.7

    def _waiting_count(self) -> Integers:
        if self.waiting is None:
            return np.zeros_like(self.looked)
        return np.bincount(self.waiting.row, minlength=self.looked.size)

    def fill(self, wanted: Integers) -> None:
        """Look at candidates until so many of every trial wait for stage 2."""
        while (lack := wanted - self._waiting_count()).max() > 0:
            rows = np.flatnonzero(lack > 0)
            likely = lack[rows] + np.sqrt(lack[rows])  # a few too many cost less than another round
            expected = np.ceil(likely / self.first_share).astype(np.int64)
            count = np.maximum(FEWEST_PER_ROUND, expected)
            seen = self.screening.look(*_next_candidates(rows, self.looked, count))
            self.looked[rows] += count
            self.all.append(seen)
            passed = self.screening.passed(seen)
            fresh = seen.take(passed)
            self.waiting = _in_order(fresh if self.waiting is None else join([self.waiting, fresh]))
            self.passed += int(np.count_nonzero(passed))
            self.first_share = max(self.passed / int(self.looked.sum()), 1 / MOST_PER_PATIENT)
            self._give_up()

    def _give_up(self) -> None:
        if int(self.looked.max()) <= MOST_PER_PATIENT * self.size + MOST_PER_PATIENT:
            return
        place = int(np.argmax(self.looked))
        protocol = self.screening.protocol
        raise InputError(
            f"Protocol '{protocol.id}' finds no patients: of {self.looked[place]} candidates of population "
            f"'{protocol.population}' only {self.eligible[place]} of the {self.size} wanted were eligible. "
            "Widen the eligibility, or choose another population."
        )

    def examine(self, wanted: Integers) -> None:
        """Take the first so many waiting candidates of every trial through stage 2."""
        if self.waiting is None:
            return
        chosen = _rank_in_trial(self.waiting.row) < wanted[self.waiting.row]
        found = self.screening.examine(self.waiting.take(chosen))
        self.waiting = self.waiting.take(~chosen)
        fit = found.candidates.eligible()
        self.examined.append(found)
        self.eligible += np.bincount(found.candidates.row[fit], minlength=self.looked.size)
        self.second_share = max(float(fit.mean()), 1 / FEWEST_PER_ROUND)


def recruit(
    protocol: Protocol,
    spec: PopulationSpec,
    parameters: ParameterSet,
    engine: Any,
    *,
    trials: Integers,
    seed: int,
) -> tuple[Cohort, ScreeningLog]:
    """Screen candidates until every trial has its patients.

    trials: numbers of the trials (addresses of their chance), shape (trials,).  In the log a trial is its
    place in that list.
    Raises InputError when the population has nobody for the protocol.
    """
    screening = Screening(protocol, spec, parameters, engine, trials, seed)
    queue = _Queue(screening, protocol.size)
    while (need := np.maximum(protocol.size - queue.eligible, 0)).max() > 0:
        margin = FIRST_MARGIN if not queue.examined else LATER_MARGIN
        wanted = np.ceil(need / queue.second_share + margin * np.sqrt(need)).astype(np.int64)
        queue.fill(wanted)
        queue.examine(wanted)
    body = np.concatenate([part.body for part in queue.examined], axis=-1)
    state = np.concatenate([part.state for part in queue.examined], axis=-1)
    candidates = join([part.candidates for part in queue.examined])
    chosen = _first_eligible(candidates, protocol.size)
    before = {
        day: _columns([part.before[day] for part in queue.examined], chosen)
        for day in queue.examined[0].before
    }
    enrolled = candidates.take(chosen)
    log, day = _log(queue, candidates, enrolled)
    cohort = Cohort(
        trials=trials,
        size=protocol.size,
        address=screening.address(enrolled),
        columns=enrolled.columns.columns,
        body=body[:, chosen],
        state=state[:, chosen],
        screening=_columns([part.readings for part in queue.examined], chosen),
        weights=_columns([part.weights for part in queue.examined], chosen),
        before=before,
        enrolled_day=day - protocol.schedule.screening,
        screening_day=protocol.schedule.screening,
    )
    return cohort, log


def _columns(parts: Sequence[Mapping[Key, Floats]], chosen: Integers) -> dict[Key, Floats]:
    return {name: np.concatenate([part[name] for part in parts])[chosen] for name in parts[0]}


def _first_eligible(candidates: Candidates, size: int) -> Integers:
    """Return the indices of the first ``size`` eligible candidates of every trial, in order."""
    fit = np.flatnonzero(candidates.eligible())
    order = fit[np.lexsort((candidates.candidate[fit], candidates.row[fit]))]
    return order[_rank_in_trial(candidates.row[order]) < size]


def _log(queue: _Queue, examined: Candidates, enrolled: Candidates) -> tuple[ScreeningLog, Floats]:
    """Return the screening log up to the last candidate needed, and the screening day of who was enrolled."""
    row = np.concatenate([part.row for part in queue.all])
    candidate = np.concatenate([part.candidate for part in queue.all])
    truths = np.concatenate([part.truths for part in queue.all])
    order = np.lexsort((candidate, row))
    row, candidate, truths = row[order], candidate[order], truths[order]
    start = np.concatenate([[0], np.cumsum(queue.looked)[:-1]])
    truths[start[examined.row] + examined.candidate] = examined.truths
    last = np.zeros(queue.looked.size, dtype=np.int64)
    np.maximum.at(last, enrolled.row, enrolled.candidate)
    flags = np.zeros(row.size, dtype=bool)
    flags[start[enrolled.row] + enrolled.candidate] = True
    day = _arrival_days(queue)[row, candidate]
    kept = candidate <= last[row]
    codes = np.where(truths == TRUE, 0, np.where(truths == FALSE, 1, -1)).astype(np.int8)
    log = ScreeningLog(
        trial=row[kept],
        candidate=candidate[kept],
        day=day[kept],
        enrolled=flags[kept],
        failed=codes[kept],
        criteria=queue.screening.lines,
    )
    return log, day[flags]


def _arrival_days(queue: _Queue) -> Floats:
    """Return the calendar day on which each candidate comes (Poisson process), (trials, candidates)."""
    screening = queue.screening
    gaps = exponential(
        screening.seed, Purpose.ARRIVAL, screening.trials[:, None], np.arange(int(queue.looked.max()))
    )
    per_day = screening.protocol.accrual.candidates_per_month / DAYS_PER_MONTH
    return np.asarray(np.cumsum(gaps, axis=1) / per_day)


def factors_of(protocol: Protocol, cohort: Cohort) -> Integers:
    """Return the level of every factor of randomisation, shape (factors, trials, subjects).

    From readings at screening; who has no reading has a level of their own.  Without factors everyone is in
    one level of one.
    """
    levels = [_level(stratum, cohort) for stratum in protocol.randomisation.strata]
    found = np.stack(levels or [np.zeros(cohort.enrolled_day.shape, dtype=np.int64)])
    return found.reshape(len(found), cohort.trials.size, cohort.size)


def stratum_of(protocol: Protocol, cohort: Cohort) -> Integers:
    """Return the stratum of every patient, one number for all factors together, shape (trials, subjects)."""
    number = np.zeros((cohort.trials.size, cohort.size), dtype=np.int64)
    for stratum, level in zip(protocol.randomisation.strata, factors_of(protocol, cohort), strict=False):
        number = number * (_levels(stratum) + 1) + level
    return number


def _levels(stratum: Stratum) -> int:
    """Return how many levels a factor has besides 'not known'."""
    measure = MEASURES[stratum.measure]
    return int(measure.high) + 1 if measure.is_coded else len(stratum.cuts) + 1


def _level(stratum: Stratum, cohort: Cohort) -> Integers:
    values = cohort.screening[stratum.measure]
    if stratum.of is not Quantity.VALUE:
        days = np.array([*sorted(cohort.weights), cohort.screening_day])
        history = np.stack([*(cohort.weights[day] for day in days[:-1]), values], axis=1)
        leaf = Condition(measure=stratum.measure, of=stratum.of, over=stratum.over)
        values = quantity(leaf, MeasureHistory(days, history, len(days) - 1))
    if MEASURES[stratum.measure].is_coded:
        level = np.nan_to_num(values).astype(np.int64)
    else:
        level = np.searchsorted(np.asarray(stratum.cuts), values, side="right").astype(np.int64)
    return np.where(np.isnan(values), _levels(stratum), level)
