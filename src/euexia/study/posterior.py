r"""Samples from a posterior by a sequence of tempered distributions.

Particles begin as draws from the prior, which is standard normal in every coordinate, and go through
distributions

.. math:: p_t(z) \propto N(z; 0, I)\, L(z)^{t}, \quad 0 = t_0 < t_1 < \dots < 1,

reweighted and resampled at each temperature (which is chosen so that half the weight is kept) and moved by
Metropolis steps whose scale follows the particles (Del Moral, Doucet and Jasra 2006, J R Stat Soc
B 68:411-436).  Two islands of particles never meet; where they disagree, the sample has not converged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from euexia.core.streams import Purpose, normal, uniform

Floats = NDArray[np.float64]
LogLikelihood = Callable[[Floats], Floats]
"""From coordinates, shape (particles, dimensions), to log likelihoods, shape (particles,)."""

ISLANDS = 2
KEPT = 0.5
"""Share of the effective number of particles that is kept at each temperature."""
WANTED_ACCEPTANCE = 0.25
ENOUGH_MOVES = 4.0
"""Accepted steps of the average particle at each temperature, at the last one twice as many."""
MOST_MOVES = 40
LEAST_STEP = 1e-6
RESAMPLING, ACCEPTANCE = 1_000_001, 1_000_002
"""Items of the chance that does not belong to a coordinate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Draws of a posterior.

    coordinates: shape (particles, dimensions), island after island.  log_evidence: of each island, shape
    (islands,).  stages: temperatures of the slowest island.  disagreement: greatest difference between the
    islands' means in any coordinate, in posterior standard deviations.
    """

    coordinates: Floats
    log_evidence: Floats
    stages: int
    disagreement: float


def draw(
    log_likelihood: LogLikelihood,
    dimensions: int,
    *,
    particles: int,
    seed: int,
    progress: Callable[[float], None] | None = None,
) -> Sample:
    """Draw from the posterior of coordinates that are standard normal before the data.

    particles: in all.  progress: told the share that is done.
    """
    each = particles // ISLANDS
    islands = []
    for island in range(ISLANDS):

        def tell(temperature: float, island: int = island) -> None:
            if progress is not None:
                progress((island + temperature) / ISLANDS)

        islands.append(_Island(log_likelihood, dimensions, each, seed, island).run(tell))
    coordinates = np.concatenate([found.places for found in islands])
    means = np.stack([found.places.mean(axis=0) for found in islands])
    return Sample(
        coordinates=coordinates,
        log_evidence=np.array([found.log_evidence for found in islands]),
        stages=max(found.stage for found in islands),
        disagreement=float(np.max(np.ptp(means, axis=0) / coordinates.std(axis=0))),
    )


def prior_places(dimensions: int, *, particles: int, seed: int) -> Floats:
    """Return where the particles begin, shape (particles, dimensions)."""
    people = np.arange(particles // ISLANDS)[:, None]
    return np.concatenate(
        [
            normal(seed, Purpose.INFERENCE, island, people, 0, np.arange(dimensions))
            for island in range(ISLANDS)
        ]
    )


class _Island:
    """Particles that go from the prior to the posterior together."""

    def __init__(
        self, log_likelihood: LogLikelihood, dimensions: int, size: int, seed: int, island: int
    ) -> None:
        self._log_likelihood = log_likelihood
        self._seed, self._island, self._size = seed, island, size
        self._items = np.arange(dimensions)
        self.stage, self._occasion, self.log_evidence, self._scale = 0, 0, 0.0, 2.0 / np.sqrt(dimensions)
        self.places = self._normal()
        self._values = log_likelihood(self.places)

    def run(self, tell: Callable[[float], None]) -> _Island:
        """Go to the posterior; tell each temperature."""
        temperature = 0.0
        while temperature < 1:
            step = self._step(1 - temperature)
            temperature = 1.0 if step >= 1 - temperature else temperature + step
            self.stage += 1
            self._resample(step)
            self._move(temperature)
            tell(temperature)
        return self

    def _normal(self) -> Floats:
        """Return fresh standard normal numbers for every particle."""
        people = np.arange(self._size)[:, None]
        drawn = normal(self._seed, Purpose.INFERENCE, self._island, people, self._occasion, self._items)
        self._occasion += 1
        return drawn

    def _uniform(self, people: NDArray[np.int64], item: int) -> Floats:
        return uniform(self._seed, Purpose.INFERENCE, self._island, people, self._occasion, item)

    def _step(self, left: float) -> float:
        """Return by how much the temperature may rise, by bisection."""
        if self._effective(left) >= KEPT:
            return left
        low, high = 0.0, left
        while high - low > LEAST_STEP * left:
            middle = (low + high) / 2
            low, high = (middle, high) if self._effective(middle) >= KEPT else (low, middle)
        return max(low, LEAST_STEP * left)

    def _effective(self, step: float) -> float:
        """Return the effective number of particles after a step, as a share."""
        weights = step * self._values
        return float(np.exp(2 * logsumexp(weights) - logsumexp(2 * weights)) / self._size)

    def _resample(self, step: float) -> None:
        weights = step * self._values
        self.log_evidence += float(logsumexp(weights) - np.log(self._size))
        shares = np.exp(weights - logsumexp(weights))
        start = self._uniform(np.zeros(1, dtype=np.int64), RESAMPLING)
        levels = (np.arange(self._size) + start) / self._size
        chosen = np.minimum(np.searchsorted(np.cumsum(shares), levels), self._size - 1)
        self.places, self._values = self.places[chosen], self._values[chosen]

    def _move(self, temperature: float) -> None:
        """Take Metropolis steps until the particles have forgotten whose copies they are."""
        spread = np.cov(self.places, rowvar=False)
        factor = np.linalg.cholesky(spread + LEAST_STEP * np.eye(len(spread)))
        people, accepted = np.arange(self._size), 0.0
        enough = ENOUGH_MOVES * (2 if temperature == 1 else 1)
        for _ in range(MOST_MOVES):
            chance = self._uniform(people, ACCEPTANCE)
            proposed = self.places + self._scale * np.einsum("ij,kj->ki", factor, self._normal())
            values = self._log_likelihood(proposed)
            gain = temperature * (values - self._values)
            gain -= (np.sum(proposed**2, axis=1) - np.sum(self.places**2, axis=1)) / 2
            taken = np.log(chance) < gain
            self.places = np.where(taken[:, None], proposed, self.places)
            self._values = np.where(taken, values, self._values)
            share = float(taken.mean())
            self._scale *= float(np.exp(share - WANTED_ACCEPTANCE))
            accepted += share
            if accepted >= enough:
                return
