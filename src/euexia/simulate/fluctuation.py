r"""What changes in a patient from week to week beyond what the model foresees.

Appetite, extracellular water and muscle breakdown each have a passing deviation of their own, an
Ornstein-Uhlenbeck process that is 0 on day 0, where the run-in has put the patient:

.. math:: dx = -\frac{x}{\tau} dt + \sigma \sqrt{\frac{2}{\tau}} dW, \quad x(0) = 0

It is followed on a fixed grid of days: within each week it has the value of the middle of that week, which is
exact there whatever the grid.  The value of a week depends on the seed, the trial, the candidate and the week
alone, never on visits, blocks or other patients.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from euexia.core.streams import Purpose, normal
from euexia.core.studytime import DAYS_PER_WEEK
from euexia.model.effects import Effects, combine
from euexia.parameters import ParameterSet

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Constants(NamedTuple):
    """Numbers of the block ``fluctuation``."""

    appetite_deviation: float
    appetite_time: float
    water_deviation: float
    water_time: float
    breakdown_deviation: float
    breakdown_time: float


APPETITE, WATER, BREAKDOWN = 0, 1, 2
"""Items of the draws."""


class Span(NamedTuple):
    """Days over which effects are constant."""

    start: float
    days: float
    effects: Effects


class Fluctuation:
    """The passing deviations of a cohort."""

    def __init__(self, numbers: Constants, seed: int, trial: Integers, candidate: Integers) -> None:
        """Prepare the deviations; all numbers 0 is none.

        seed: of the trials.  trial, candidate: whose chance it is, shape (patients,).
        """
        self.numbers = numbers
        self._address = (seed, Purpose.FLUCTUATION, trial, candidate)
        self._paths: dict[int, list[Floats]] = {APPETITE: [], WATER: [], BREAKDOWN: []}

    @classmethod
    def of(
        cls, parameters: ParameterSet, seed: int, trial: Integers, candidate: Integers
    ) -> Fluctuation | None:
        """Return the fluctuation of a parameter set; None if it is switched off."""
        numbers = parameters.constants("fluctuation", Constants)
        if not any((numbers.appetite_deviation, numbers.water_deviation, numbers.breakdown_deviation)):
            return None
        return cls(numbers, seed, trial, candidate)

    def spans(self, start: float, days: float, effects: Effects) -> Iterator[Span]:
        """Give the parts of a span of constant effects between the borders of weeks, with their deviations.

        start: day since randomisation on which the span begins, at least 0.  days: its length.
        """
        first, last = math.floor(start / DAYS_PER_WEEK), math.ceil((start + days) / DAYS_PER_WEEK)
        borders = [start, *(week * DAYS_PER_WEEK for week in range(first + 1, last)), start + days]
        for week, (begin, end) in enumerate(pairwise(borders), start=first):
            yield Span(begin, end - begin, combine(effects, self.effects(week)))

    def effects(self, week: int) -> Effects:
        """Return the deviations in a week as effects of a treatment."""
        n = self.numbers
        appetite = n.appetite_deviation * self.deviation(week, APPETITE, n.appetite_time)
        return Effects(
            appetite_factor=np.maximum(1 + appetite, 0),
            water_addition=n.water_deviation * self.deviation(week, WATER, n.water_time),
            breakdown_addition=n.breakdown_deviation * self.deviation(week, BREAKDOWN, n.breakdown_time),
        )

    def deviation(self, week: int, item: int, time: float) -> Floats:
        r"""Return a process in the middle of a week, in units of its standard deviation, shape (patients,).

        .. math:: x_k = \varrho x_{k-1} + \sqrt{1 - \varrho^2}\, \varepsilon_k, \quad \varrho = e^{-7/\tau}

        and half a week of it from day 0 to the first middle.  time: tau [day].
        """
        path = self._paths[item]
        for step in range(len(path), week + 1):
            kept = math.exp(-(DAYS_PER_WEEK if step else DAYS_PER_WEEK / 2) / time)
            before = path[-1] if step else 0.0
            path.append(kept * before + math.sqrt(1 - kept * kept) * normal(*self._address, step, item))
        return path[week]
