"""Screening: what is read of candidates, and what is decided from it.

Stage 1 is chart, examination and blood.  Only who passes it gets the costly history that gives the weights
of the last months, and with it stage 2.  What is decided of a candidate depends on the seed, the trial and
the candidate alone, never on who else is looked at together: any way of cutting the work into blocks gives
the same bits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Truth
from euexia.observe.measurement import Address, read, read_all
from euexia.observe.schedule import screening_visits
from euexia.parameters import ParameterSet
from euexia.physiology import observables
from euexia.physiology.inputs import LEAST_RUN_IN
from euexia.population import Population, PopulationSpec, sample
from euexia.population import join as join_populations
from euexia.protocol.condition import (
    MeasureHistory,
    duration_in_words,
    evaluate,
    look_backs,
    measures_of,
    once,
)
from euexia.protocol.protocol import Protocol
from euexia.simulate.referral import DISEASE_COLUMNS, as_referred, disease_before, inputs_of
from euexia.study import run_in

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WEIGHT = "body_weight"
DISEASE = ("crp", "gdf15")
READ_WITH = ("age", "male", "creatinine", "height")
"""Columns from which readings are computed besides those of the measures themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Candidates with what is known of them after a stage; arrays of equal length."""

    row: Integers
    """Index of the trial in the block."""
    candidate: Integers
    columns: Population
    truths: Truth
    """Of every line of ``Screening.lines``, shape (candidates, lines)."""

    def take(self, index: NDArray[np.bool_] | Integers) -> Candidates:
        """Return the candidates at an index or mask."""
        return Candidates(
            row=self.row[index],
            candidate=self.candidate[index],
            columns=self.columns.take(index),
            truths=self.truths[index],
        )

    def eligible(self) -> NDArray[np.bool_]:
        """Return who meets everything."""
        return np.asarray((self.truths == TRUE).all(axis=1))


def join(parts: Sequence[Candidates]) -> Candidates:
    """Return all candidates, one after the other."""
    return Candidates(
        row=np.concatenate([part.row for part in parts]),
        candidate=np.concatenate([part.candidate for part in parts]),
        columns=join_populations([part.columns for part in parts]),
        truths=np.concatenate([part.truths for part in parts]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Candidates after stage 2 (and the run-in), with the engine's body and state on day 0.

    before: truth of screening and of the visits planned before day 0, by day.  readings: at screening.
    weights: read off the chart, by day.  After the run-in only those who went through it have numbers.
    """

    candidates: Candidates
    body: Floats
    state: Floats
    before: Mapping[float, Mapping[str, Floats]]
    readings: Mapping[str, Floats]
    weights: Mapping[float, Floats]


def weight_history(protocol: Protocol) -> dict[float, str]:
    """Return the days of the weight history that the criteria look back to, with a name, earliest first.

    No weight is known from before the shortest history; a criterion that looks further back takes the nearest
    one, within the tolerance of its look-back.
    """
    schedule = protocol.schedule
    spans = {span for line in protocol.eligibility for span in look_backs(line.require).get(WEIGHT, ())}
    spans |= {s.over for s in protocol.randomisation.strata if s.over is not None and s.measure == WEIGHT}
    earliest = -LEAST_RUN_IN - schedule.run_in
    named = {
        max(schedule.screening - float(np.rint(span)), earliest): duration_in_words(span)
        for span in sorted(spans, reverse=True)
    }
    return {day: re.sub(r"\W+", "_", f"weight_{words}_ago") for day, words in sorted(named.items())}


def history_days(protocol: Protocol) -> tuple[float, ...]:
    """Return the days of the weight history, the screening day last."""
    return (*weight_history(protocol), protocol.schedule.screening)


class Screening:
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
        schedule = protocol.schedule
        self.days = history_days(protocol)
        seen = {schedule.screening, *(visit.day for visit in screening_visits(schedule))}
        self.engine_days = {
            day: now for day in sorted({*self.days, *seen}) if (now := run_in.engine_day(schedule, day)) <= 0
        }
        self.seen = tuple(day for day in sorted(seen) if day in self.engine_days)
        wanted = [name for line in protocol.eligibility for name in measures_of(line.require)]
        strata = [stratum.measure for stratum in protocol.randomisation.strata]
        self.measures = tuple(dict.fromkeys((*wanted, *strata)))
        self.looked_at = frozenset({*self.measures, *DISEASE_COLUMNS, *READ_WITH})
        self.waits = (run_in.STAYED,) if schedule.run_in > 0 else ()
        self.lines = (*(line.text for line in protocol.eligibility), *self.waits)
        stages = [line.stage == 1 for line in protocol.eligibility]
        self.first_stage = np.array([*stages, *(False for _ in self.waits)])

    def address(self, candidates: Candidates) -> Address:
        """Return whose chance is drawn."""
        return Address(seed=self.seed, trial=self.trials[candidates.row], candidate=candidates.candidate)

    def _truths(self, readings: Mapping[str, MeasureHistory], count: int) -> Truth:
        columns = [
            np.broadcast_to(evaluate(line.require, readings), (count,)) for line in self.protocol.eligibility
        ]
        unknown = [np.full(count, UNKNOWN, dtype=np.int8) for _ in self.waits]
        return np.stack([*columns, *unknown], axis=1)

    def _truth(self, candidates: Population) -> dict[str, Floats]:
        """Return what is true at screening without a history: what does not change, and the disease.

        What only a history tells is unknown (NaN).
        """
        day = run_in.engine_day(self.protocol.schedule, self.protocol.schedule.screening)
        disease = disease_before(candidates.columns, day, self.parameters)
        unknown = dict.fromkeys(observables.NAMES, np.full(candidates.shape, np.nan))
        return {**unknown, **candidates.columns, **disease}

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

    def look(self, row: Integers, candidate: Integers) -> Candidates:
        """Return candidates after stage 1; only the columns that it looks at are sampled."""
        columns = sample(self.spec, self.seed, self.trials[row], candidate, only=self.looked_at)
        address = Address(seed=self.seed, trial=self.trials[row], candidate=candidate)
        truths = self._truths(self._readings(self._truth(columns), None, address), row.size)
        return Candidates(row=row, candidate=candidate, columns=columns, truths=truths)

    def passed(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return who is not refused at stage 1 (a criterion that waits for the weight refuses nobody yet)."""
        return np.asarray((candidates.truths[:, self.first_stage] != FALSE).all(axis=1))

    def examine(self, candidates: Candidates) -> Examined:
        """Return candidates after their history, stage 2 and the run-in, with every column."""
        place = (self.trials[candidates.row], candidates.candidate)
        sampled = sample(self.spec, self.seed, *place)
        columns = Population(columns=as_referred(sampled.columns, self.parameters))
        candidates = replace(candidates, columns=columns)
        wanted = tuple(dict.fromkeys(self.engine_days.values()))
        body, state, history = self.engine.run_in(inputs_of(candidates.columns.columns), days=wanted)
        weights = [history[self.engine_days[day]][WEIGHT] for day in self.days]
        known = self._truth(candidates.columns)
        before = {day: history[self.engine_days[day]] for day in self.seen}
        screening = self.protocol.schedule.screening
        before[screening] = {**before[screening], **{name: known[name] for name in DISEASE}}
        truth = {**before[screening], **candidates.columns.columns, **{name: known[name] for name in DISEASE}}
        readings = self._readings(truth, weights, self.address(candidates))
        examined = Examined(
            candidates=replace(candidates, truths=self._truths(readings, candidates.row.size)),
            body=body,
            state=state,
            before=before,
            readings={name: history.value for name, history in readings.items()},
            weights={day: readings[WEIGHT].values[:, index] for index, day in enumerate(self.days[:-1])},
        )
        return self._after_run_in(examined) if self.waits else examined

    def _after_run_in(self, examined: Examined) -> Examined:
        """Return the candidates on day 0: whoever is eligible goes through the run-in, the others do not."""
        truths, state = examined.candidates.truths.copy(), np.array(examined.state)
        chosen = np.flatnonzero((truths[:, :-1] == TRUE).all(axis=1))
        entered = examined.candidates.take(chosen)
        after = run_in.go_through(
            self.protocol,
            self.parameters,
            self.engine,
            body=examined.body[:, chosen],
            state=state[:, chosen],
            columns=entered.columns.columns,
            address=self.address(entered),
        )
        truths[chosen, -1] = np.where(after.stayed, TRUE, FALSE)
        state[:, chosen] = after.state
        within = {day: _spread(truth, chosen, len(truths)) for day, truth in after.truth.items()}
        return replace(
            examined,
            candidates=replace(examined.candidates, truths=truths),
            state=state,
            before={**examined.before, **within},
        )


def _spread(truth: Mapping[str, Floats], chosen: Integers, count: int) -> dict[str, Floats]:
    """Return the truth of some as that of all, NaN for the others."""
    spread = {name: np.full(count, np.nan) for name in truth}
    for name, values in truth.items():
        spread[name][chosen] = values
    return spread
