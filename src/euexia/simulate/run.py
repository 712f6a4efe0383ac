"""The one loop of a trial: from decision to decision, all patients of a block at once.

What a reading is and what a dosing rule says is unknown here: ``decide`` knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from euexia.model.effects import NEUTRAL, Effects
from euexia.simulate.trajectories import Trajectories

Floats = NDArray[np.float64]

Decide = Callable[[int, float, Mapping[str, Floats]], Mapping[str, Floats]]
"""(index of the day, day, truth of that day) to the dose of every drug from now on, shape (patients,)."""
EffectsOf = Callable[[float, Mapping[str, Floats]], Effects]
"""(day, doses) to the Effects that hold until the next day."""

Inject = Callable[[Any, float, Mapping[str, Floats]], Any]
"""(state, day, doses) to the state just after the injections of that day."""

Spans = Callable[[float, float, Effects], Iterable[tuple[float, float, Effects]]]
"""(start, days, effects) to the parts of that span, with the effects that hold in each."""

RatesOf = Callable[[Effects], Mapping[str, Any]]
"""Effects to rates [1/day] of events whose cumulative hazard is kept by this loop, by its name."""

ALWAYS = ("cumulative_death", "cumulative_dropout", "cumulative_serious")
"""Observables that are kept whatever else is asked for."""


class Engine(Protocol):
    """What steps patients through time (simulate.engine.Engine)."""

    def advance(self, state: Any, body: Any, effects: Any, *, start: float, days: float) -> Any:
        """Return the state after so many days under constant effects."""

    def observe(self, state: Any, body: Any, *, day: float) -> Mapping[str, Floats]:
        """Return every observable, shape (patients,) each."""


def _whole(start: float, days: float, effects: Effects) -> Iterable[tuple[float, float, Effects]]:
    """Return a span uncut."""
    return ((start, days, effects),)


def run(
    engine: Engine,
    body: Any,
    state: Any,
    days: Sequence[float],
    decide: Decide,
    effects_of: EffectsOf,
    *,
    keep: Sequence[str] = (),
    rates_of: RatesOf | None = None,
    origin: float = 0.0,
    inject: Inject | None = None,
    spans: Spans | None = None,
) -> Trajectories:
    """Take patients from day 0 through the planned days of a trial.

    body, state: of the engine, at the first of the days.  days: increasing, from 0.  keep: observables wanted
    besides ALWAYS.
    rates: events that come at a constant rate [1/day] times a channel of the effects, by the name of their
    cumulative hazard.  origin: what the engine counts as the day that is 0 here.  Cumulative hazards begin at
    0 on the first of the days.  inject: gives injections after each decision.  spans: cuts what lies between
    two days, where something changes that nobody decides.
    At each day the truth is read first and the dose decided then, so a decision never changes what it was
    based on.
    """
    wanted = tuple(dict.fromkeys((*ALWAYS, *keep)))
    truths: list[Mapping[str, Floats]] = []
    doses: list[Mapping[str, Floats]] = []
    tally: dict[str, Any] = dict.fromkeys(rates_of(NEUTRAL) if rates_of else (), 0.0)
    for index, day in enumerate(days):
        if index:
            last = days[index - 1]
            effects = effects_of(last, doses[-1])
            for start, length, acting in (spans or _whole)(last, day - last, effects):
                state = engine.advance(state, body, acting, start=origin + start, days=length)
            for name, rate in (rates_of(effects) if rates_of else {}).items():
                tally[name] = tally[name] + rate * (day - last)
        truth = engine.observe(state, body, day=origin + day)
        doses.append(decide(index, day, truth))
        if inject is not None:
            state = inject(state, day, doses[-1])
        size = np.shape(truth[wanted[0]])
        kept = {name: np.asarray(truth[name], dtype=float) for name in wanted}
        truths.append({**kept, **{name: np.broadcast_to(total, size) for name, total in tally.items()}})
    stacked = {name: np.stack([truth[name] for truth in truths], axis=1) for name in truths[0]}
    since_then = {name: stacked[name] - stacked[name][:, :1] for name in ALWAYS}
    return Trajectories(
        days=np.asarray(days, dtype=float),
        truth={**stacked, **since_then},
        doses={drug: np.stack([dose[drug] for dose in doses], axis=1) for drug in doses[0]},
    )
