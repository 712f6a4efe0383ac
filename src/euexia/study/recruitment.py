"""Screening: candidates come one after the other until every trial is full.

Stage 1 is chart, examination and blood.  Only who passes it gets the costly run-in that gives a weight
history, and with it stage 2.  What is decided of a candidate depends on the seed, the trial and the candidate
alone, never on who else is looked
at together: any way of cutting the work into blocks gives the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.core.logic import FALSE, TRUE, Truth
from euexia.core.streams import Purpose, exponential
from euexia.observe.measurement import Address, read, read_all
from euexia.parameters import ParameterSet
from euexia.physiology.inputs import LEAST_RUN_IN
from euexia.population import Population, PopulationSpec, sample
from euexia.population import join as join_populations
from euexia.protocol.condition import MeasureHistory, evaluate, look_backs, measures_of, once
from euexia.protocol.protocol import Protocol
from euexia.simulate.referral import disease_before, inputs_of
from euexia.trialdata.trialdata import ScreeningLog

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WEIGHT = "body_weight"
DISEASE = ("crp", "gdf15")
MOST_PER_PATIENT = 400
"""Candidates looked at per patient wanted before giving up: such a protocol has no patients."""
FEWEST_PER_ROUND = 4
DAYS_PER_MONTH = 365.25 / 12


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
    screening_truth: Mapping[str, Floats]
    """What changes with time, as it was at screening, shape (patients,)."""
    enrolled_day: Floats
    """Calendar day of randomisation, from the opening of the trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidates:
    """Candidates with what is known of them after a stage; arrays of equal length."""

    row: Integers
    """Index of the trial in the block."""
    candidate: Integers
    columns: Population
    truths: Truth
    """Shape (candidates, criteria)."""

    def take(self, index: NDArray[np.bool_] | Integers) -> _Candidates:
        return _Candidates(
            row=self.row[index],
            candidate=self.candidate[index],
            columns=self.columns.take(index),
            truths=self.truths[index],
        )


def _join(parts: Sequence[_Candidates]) -> _Candidates:
    return _Candidates(
        row=np.concatenate([part.row for part in parts]),
        candidate=np.concatenate([part.candidate for part in parts]),
        columns=join_populations([part.columns for part in parts]),
        truths=np.concatenate([part.truths for part in parts]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Examined:
    """Candidates after stage 2, with the engine's body and state."""

    candidates: _Candidates
    body: Floats
    state: Floats
    truth: Mapping[str, Floats]
    readings: Mapping[str, Floats]


def history_days(protocol: Protocol) -> tuple[float, ...]:
    """Return the days of the weight history that the criteria look back to, the screening day last.

    No weight is known from before the shortest run-in; a criterion that looks further back takes the nearest
    one, within the tolerance of its look-back.
    """
    screening = protocol.schedule.screening
    spans = {span for line in protocol.eligibility for span in look_backs(line.require).get(WEIGHT, ())}
    before = {max(screening - float(np.rint(span)), -LEAST_RUN_IN) for span in spans}
    return (*sorted(before), screening)


class _Screening:
    """Screens the candidates of one block of trials; only bookkeeping lives here."""

    def __init__(
        self,
        protocol: Protocol,
        spec: PopulationSpec,
        parameters: ParameterSet,
        engine: Any,
        trials: Integers,
        seed: int,
    ) -> None:
        self.protocol = protocol
        self.spec = spec
        self.parameters = parameters
        self.engine = engine
        self.trials = trials
        self.seed = seed
        self.days = history_days(protocol)
        wanted = [name for line in protocol.eligibility for name in measures_of(line.require)]
        strata = [stratum.measure for stratum in protocol.randomisation.strata]
        self.measures = tuple(dict.fromkeys((*wanted, *strata)))
        self.first_stage = np.array([line.stage == 1 for line in protocol.eligibility])

    def address(self, candidates: _Candidates) -> Address:
        return Address(seed=self.seed, trial=self.trials[candidates.row], candidate=candidates.candidate)

    def _truths(self, readings: Mapping[str, MeasureHistory], count: int) -> Truth:
        columns = [
            np.broadcast_to(evaluate(line.require, readings), (count,)) for line in self.protocol.eligibility
        ]
        return np.stack(columns, axis=1)

    def _truth(self, candidates: Population) -> dict[str, Floats]:
        """Return what is true at screening without a run-in: what does not change, and the disease."""
        day = self.protocol.schedule.screening
        return {**candidates.columns, **disease_before(candidates.columns, day, self.parameters)}

    def _readings(
        self, truth: Mapping[str, Floats], weights: Sequence[Floats] | None, address: Address
    ) -> dict[str, MeasureHistory]:
        """Return the observed readings at screening; weights: true, by day of the history, or None."""
        day = self.protocol.schedule.screening
        unknown = np.full(address.candidate.shape, np.nan)
        truth = {**truth, WEIGHT: unknown if weights is None else weights[-1]}
        direct = tuple(name for name in self.measures if name != WEIGHT)
        found = {name: once(values, day) for name, values in read_all(direct, truth, address, day).items()}
        weighed = [
            unknown if weights is None else read(WEIGHT, weights[index], address, when)
            for index, when in enumerate(self.days)
        ]
        found[WEIGHT] = MeasureHistory(np.asarray(self.days), np.stack(weighed, axis=1), len(self.days) - 1)
        return found

    def look(self, row: Integers, candidate: Integers) -> _Candidates:
        """Return candidates after stage 1."""
        columns = sample(self.spec, self.seed, self.trials[row], candidate)
        address = Address(seed=self.seed, trial=self.trials[row], candidate=candidate)
        truths = self._truths(self._readings(self._truth(columns), None, address), row.size)
        return _Candidates(row=row, candidate=candidate, columns=columns, truths=truths)

    def passed(self, candidates: _Candidates) -> NDArray[np.bool_]:
        """Return who is not refused at stage 1 (a criterion that waits for the weight refuses nobody yet)."""
        return np.asarray((candidates.truths[:, self.first_stage] != FALSE).all(axis=1))

    def examine(self, candidates: _Candidates) -> _Examined:
        """Return candidates after the run-in and stage 2."""
        body, state, history = self.engine.run_in(inputs_of(candidates.columns.columns), days=self.days)
        weights = [history[day][WEIGHT] for day in self.days]
        truth = self._truth(candidates.columns)
        readings = self._readings(truth, weights, self.address(candidates))
        judged = replace(candidates, truths=self._truths(readings, candidates.row.size))
        at_screening = history[self.protocol.schedule.screening]
        return _Examined(
            candidates=judged,
            body=body,
            state=state,
            truth={**at_screening, **{name: truth[name] for name in DISEASE}},
            readings={name: history.value for name, history in readings.items()},
        )


def _eligible(examined: _Examined) -> NDArray[np.bool_]:
    return np.asarray((examined.candidates.truths == TRUE).all(axis=1))


def _next_candidates(rows: Integers, first: Integers, count: int) -> tuple[Integers, Integers]:
    """Return (row, candidate) of the next candidates of each trial, trial after trial."""
    return np.repeat(rows, count), (first[rows][:, None] + np.arange(count)).ravel()


def _in_order(candidates: _Candidates) -> _Candidates:
    return candidates.take(np.lexsort((candidates.candidate, candidates.row)))


def _rank_in_trial(row: Integers) -> Integers:
    """Return the place of each entry among those of its trial; row must be sorted."""
    starts = np.searchsorted(row, row, side="left")
    return np.asarray(np.arange(row.size) - starts, dtype=np.int64)


class _Queue:
    """Who has been looked at, who waits for stage 2, who has been through it."""

    def __init__(self, screening: _Screening, size: int) -> None:
        count = screening.trials.size
        self.screening = screening
        self.size = size
        self.looked = np.zeros(count, dtype=np.int64)
        self.eligible = np.zeros(count, dtype=np.int64)
        self.all: list[_Candidates] = []
        self.waiting: _Candidates | None = None
        self.examined: list[_Examined] = []
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
            count = max(FEWEST_PER_ROUND, int(np.ceil(lack.max() / self.first_share)))
            seen = self.screening.look(*_next_candidates(rows, self.looked, count))
            self.looked[rows] += count
            self.all.append(seen)
            passed = self.screening.passed(seen)
            fresh = seen.take(passed)
            self.waiting = _in_order(fresh if self.waiting is None else _join([self.waiting, fresh]))
            self.first_share = max(float(passed.mean()), 1 / MOST_PER_PATIENT)
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
        fit = _eligible(found)
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
    screening = _Screening(protocol, spec, parameters, engine, trials, seed)
    queue = _Queue(screening, protocol.size)
    while (need := np.maximum(protocol.size - queue.eligible, 0)).max() > 0:
        wanted = np.ceil(need / queue.second_share + np.sqrt(need)).astype(np.int64)
        queue.fill(wanted)
        queue.examine(wanted)
    body = np.concatenate([part.body for part in queue.examined], axis=-1)
    state = np.concatenate([part.state for part in queue.examined], axis=-1)
    candidates = _join([part.candidates for part in queue.examined])
    chosen = _first_eligible(candidates, protocol.size)
    readings = _columns([part.readings for part in queue.examined], chosen)
    truth = _columns([part.truth for part in queue.examined], chosen)
    enrolled = candidates.take(chosen)
    log, day = _log(queue, candidates, enrolled)
    cohort = Cohort(
        trials=trials,
        size=protocol.size,
        address=screening.address(enrolled),
        columns=enrolled.columns.columns,
        body=body[:, chosen],
        state=state[:, chosen],
        screening=readings,
        screening_truth=truth,
        enrolled_day=day - protocol.schedule.screening,
    )
    return cohort, log


def _columns(parts: Sequence[Mapping[str, Floats]], chosen: Integers) -> dict[str, Floats]:
    return {name: np.concatenate([part[name] for part in parts])[chosen] for name in parts[0]}


def _first_eligible(candidates: _Candidates, size: int) -> Integers:
    """Return the indices of the first ``size`` eligible candidates of every trial, in order."""
    fit = np.flatnonzero((candidates.truths == TRUE).all(axis=1))
    order = fit[np.lexsort((candidates.candidate[fit], candidates.row[fit]))]
    return order[_rank_in_trial(candidates.row[order]) < size]


def _log(queue: _Queue, examined: _Candidates, enrolled: _Candidates) -> tuple[ScreeningLog, Floats]:
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
        criteria=tuple(line.text for line in queue.screening.protocol.eligibility),
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


def stratum_of(protocol: Protocol, cohort: Cohort) -> Integers:
    """Return the stratum of every patient from readings at screening, shape (trials, subjects)."""
    number = np.zeros(cohort.enrolled_day.shape, dtype=np.int64)
    for stratum in protocol.randomisation.strata:
        cell = np.searchsorted(np.asarray(stratum.cuts), cohort.screening[stratum.measure], side="right")
        number = number * (len(stratum.cuts) + 1) + cell
    return number.reshape(cohort.trials.size, cohort.size)
