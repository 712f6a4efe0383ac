"""Which design is simulated next, and which is recommended in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from euexia.study import surrogate
from euexia.study.operating import Estimate
from euexia.study.search_goal import Question, kind_of
from euexia.study.search_space import Space
from euexia.study.surrogate import Belief, Surrogate

Floats = NDArray[np.float64]

LIKELY = 0.5
"""A design is taken to meet the goals when the surrogate gives it at least this chance."""
ENOUGH = 0.01
"""A search is over when no design promises to improve the objective by this share, or by this much on the
scale of a share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A design with the figures of its trials."""

    point: int
    values: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beliefs:
    """What is thought of every design, by figure; belief k is of design ``places[k]``."""

    places: Mapping[int, int]
    """Design to its row."""
    by_figure: Mapping[str, Belief]
    meets: Floats
    """Chance that all goals are met."""


@dataclass(slots=True)
class Chooser:
    """Chooses families of designs by what the simulated ones say."""

    space: Space
    question: Question
    figures: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        asked = [goal.figure for goal in self.question.goals]
        self.figures = tuple(dict.fromkeys([*asked, self.question.objective.figure]))

    def first(self, families: Sequence[int], count: int) -> list[int]:
        """Return families spread evenly over the space: a Sobol sequence with a fixed seed."""
        from scipy.stats import qmc

        size = self.space.size_axis
        shape = [n for place, n in enumerate(self.space.shape) if place != size]
        left = set(families)
        chosen: list[int] = []
        sequence = qmc.Sobol(len(shape), seed=0)
        for _ in range(64):
            for row in sequence.random(64):
                levels = tuple(
                    min(int(share * n), n - 1) for share, n in zip(row.tolist(), shape, strict=True)
                )
                family = int(np.ravel_multi_index(levels, tuple(shape)))
                if family in left:
                    left.remove(family)
                    chosen.append(family)
                if len(chosen) == min(count, len(families)):
                    return chosen
        return chosen + sorted(left)[: count - len(chosen)]

    def beliefs(self, simulated: Sequence[Simulated], points: Sequence[int]) -> Beliefs:
        """Return what is thought of designs."""
        sharing = self._sharing(simulated)
        known = surrogate.features(self.space, [entry.point for entry in simulated])
        asked = surrogate.features(self.space, points)
        found: dict[str, Belief] = {}
        for figure in self.figures:
            values = [entry.values[figure] for entry in simulated]
            fitted: Surrogate = surrogate.fit(kind_of(figure), known, values, sharing=sharing)
            found[figure] = fitted.at(asked)
        meets = np.ones(len(points))
        for goal in self.question.goals:
            meets = meets * found[goal.figure].chance(goal.value, at_least=goal.at_least)
        return Beliefs(places={point: row for row, point in enumerate(points)}, by_figure=found, meets=meets)

    def _sharing(self, simulated: Sequence[Simulated]) -> Floats:
        """Return how many simulated designs share the patients of each."""
        size = self.space.size_axis
        rest = [
            tuple(level for place, level in enumerate(self.space.levels(entry.point)) if place != size)
            for entry in simulated
        ]
        return np.array([float(rest.count(levels)) if size is not None else 1.0 for levels in rest])

    def promise(self, beliefs: Beliefs, simulated: Sequence[Simulated]) -> Floats:
        """Return what simulating a design promises: improvement of the objective, times the chance to meet.

        Where no simulated design meets the goals yet, the chance alone.
        """
        objective = self.question.objective
        belief = beliefs.by_figure[objective.figure]
        rows = [beliefs.places[entry.point] for entry in simulated if entry.point in beliefs.places]
        meeting = [row for row in rows if beliefs.meets[row] >= LIKELY]
        if self.question.goals and not meeting:
            return beliefs.meets
        known = belief.mean[meeting or rows]
        best = float(known.max() if objective.largest else known.min())
        promise = belief.improvement(best, largest=objective.largest) * beliefs.meets
        promise[rows] = 0.0
        return promise

    def recommended(self, simulated: Sequence[Simulated], beliefs: Beliefs | None) -> list[int]:
        """Return simulated designs that meet the goals, the best first.

        By the surrogate, which takes the luck of single designs away; by the figures themselves without one.
        """
        scored = []
        for entry in simulated:
            values = self._smoothed(entry, beliefs)
            if all(goal.met(values[goal.figure]) for goal in self.question.goals):
                scored.append((self._order(values), entry.point))
        return [point for _, point in sorted(scored)]

    def _order(self, values: Mapping[str, float]) -> tuple[float, ...]:
        objective = self.question.objective
        own = -values[objective.figure] if objective.largest else values[objective.figure]
        return (round(own, 9), *(-values[goal.figure] for goal in self.question.goals))

    def nearest(self, simulated: Sequence[Simulated], beliefs: Beliefs | None) -> int:
        """Return the simulated design that comes nearest to meeting the goals."""

        def lack(entry: Simulated) -> float:
            values = self._smoothed(entry, beliefs)
            short = 0.0
            for goal in self.question.goals:
                gap = (goal.value - values[goal.figure]) * (1 if goal.at_least else -1)
                short += max(0.0, gap) / max(abs(goal.value), 1e-9)
            return short

        return min(simulated, key=lambda entry: (lack(entry), entry.point)).point

    def _smoothed(self, entry: Simulated, beliefs: Beliefs | None) -> dict[str, float]:
        if beliefs is None:
            return {figure: entry.values[figure].value for figure in self.figures}
        row = beliefs.places[entry.point]
        return {
            # an amount is known well from its trials; a share is not, and is read off the surface
            figure: float(belief.value()[row])
            if kind_of(figure).value == "share"
            else entry.values[figure].value
            for figure, belief in beliefs.by_figure.items()
        }


def front(costs: Floats, gains: Floats) -> NDArray[np.bool_]:
    """Return which designs are on the Pareto front: none other costs no more and gains more."""
    order = np.lexsort((-gains, costs))
    found = np.zeros(costs.size, dtype=bool)
    best = -np.inf
    for row in order:
        if gains[row] > best:
            found[row] = True
            best = float(gains[row])
    return found
