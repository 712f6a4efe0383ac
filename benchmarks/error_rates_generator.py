r"""The trials in which error rates are measured: repeated values, dropout and death that follow from them.

Patients i of three arms (control, treated, a second dose without effect), visits t = 1..4 at weeks 3, 6, 9
and 12:

.. math:: b_i \sim N(0, 1), \quad e_i \sim N(0, \Sigma), \quad \Sigma_{st} = \sigma_s \sigma_t 0.8^{|s-t|}

.. math:: y_{it} = -\tfrac t4 - \tfrac12 b_i + \delta_a \tfrac t4 + e_{it} \; [kg], \quad
          v_{i0} = b_i, \quad v_{it} = (y_{it} + \tfrac t4) / \sigma_t

.. math:: \text{hazard of leaving in } (w_{t-1}, w_t]: \kappa e^{-v_{i,t-1}} \; (t \ge 2), \quad
          \text{of dying: } 0.02\, \theta_a e^{-v_{i,t-1}/2} \text{ a week}

b is the standardised baseline.  Who is a standard deviation worse at the last visit leaves 2.7 times as fast
and dies 1.6 times as fast: dropout is informative, and at random given what was seen.  kappa is such that the
share asked for leaves within 12 weeks under the null.  The alternative has delta = 1.5 kg and theta = 0.6.

Every draw has an address (seed, cell, replicate, patient, visit): a trial is the same in whatever block.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from euexia.core.streams import Purpose, exponential, normal

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SEED = 584_217
"""Of all error rates; no other script of the project uses it."""

SIZES = (20, 50, 200)
SHARES = (0.0, 0.2, 0.4)
WEEKS = np.array([0.0, 3.0, 6.0, 9.0, 12.0])
END = 12.0
VISITS = 4
SPREAD = np.array([2.0, 2.5, 3.0, 3.5])
FACTOR = np.linalg.cholesky(
    np.outer(SPREAD, SPREAD) * 0.8 ** np.abs(np.subtract.outer(np.arange(VISITS), np.arange(VISITS)))
)
DECLINE = -np.arange(1, VISITS + 1) / VISITS
SLOPE = -0.5
DELTA = 1.5
DEATH_RATE = 0.02
DEATH_RATIO = 0.6
LEAVING_STRENGTH, DEATH_STRENGTH = 1.0, 0.5
PROGRESSION = -4.0
"""A visit at which a patient has lost this much [kg] is progression, the event that death competes with."""

_REPLICATES = 1_000_000
"""Addresses of one cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Patients an arm, the share that leaves, and whether the first dose works."""

    size: int
    share: float
    effect: bool

    @property
    def address(self) -> int:
        """Return where the replicates of the cell begin."""
        return _REPLICATES * (2 * (3 * SIZES.index(self.size) + SHARES.index(self.share)) + self.effect)


CELLS = tuple(Cell(size=n, share=p, effect=e) for n in SIZES for p in SHARES for e in (False, True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Trials before anything is lost: arrays of shape (trials, arms, patients[, visits])."""

    baseline: Floats
    change: Floats
    left: Floats
    """Week of leaving, infinite where the patient stays."""
    death: Floats
    """Week of death, infinite where it is not within 12 weeks."""


def draw(trials: NDArray[np.int64], size: int, effect: bool, rate: float, seed: int = SEED) -> Drawn:
    """Draw the trials at these addresses; rate: kappa, per week."""
    trial = trials[:, np.newaxis, np.newaxis]
    patient = np.arange(3 * size).reshape(1, 3, size)
    baseline = normal(seed, Purpose.PATIENT, trial, patient)
    visit = np.arange(VISITS)
    noise = normal(seed, Purpose.MEASUREMENT, trial[..., np.newaxis], patient[..., np.newaxis], visit)
    treated = np.array([0.0, 1.0, 0.0])[:, np.newaxis] * effect
    gain = DELTA * (visit + 1) / VISITS
    shift = SLOPE * baseline[..., np.newaxis] + treated[..., np.newaxis] * gain
    worth = (shift + np.einsum("...s,ts->...t", noise, FACTOR)) / SPREAD
    before = np.concatenate([baseline[..., np.newaxis], worth[..., :-1]], axis=-1)
    leaving = rate * np.exp(-LEAVING_STRENGTH * before)
    leaving[..., 0] = 0.0
    dying = DEATH_RATE * DEATH_RATIO ** treated[..., np.newaxis] * np.exp(-DEATH_STRENGTH * before)
    return Drawn(
        baseline=baseline,
        change=worth * SPREAD + DECLINE,
        left=_week(leaving, exponential(seed, Purpose.DROPOUT, trial, patient)),
        death=_week(dying, exponential(seed, Purpose.DEATH, trial, patient)),
    )


def _week(hazard: Floats, threshold: Floats) -> Floats:
    """Return when the cumulative hazard, constant between visits, reaches the threshold."""
    found = np.full(threshold.shape, np.inf)
    spent = np.zeros(threshold.shape)
    for interval in range(VISITS):
        width = WEEKS[interval + 1] - WEEKS[interval]
        now = hazard[..., interval]
        reached = np.isinf(found) & (spent + now * width >= threshold) & (now > 0)
        after = (threshold - spent) / np.where(now > 0, now, 1.0)
        found = np.where(reached, WEEKS[interval] + after, found)
        spent = spent + now * width
    return found


@lru_cache(maxsize=8)
def leaving_rate(share: float) -> float:
    """Return kappa [1/week] at which this share leaves within 12 weeks, by halving over 120,000 patients."""
    if share == 0.0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = (low + high) / 2.0
        drawn = draw(np.arange(100), 400, False, middle, SEED + 1)
        low, high = (middle, high) if float(np.isfinite(drawn.left).mean()) < share else (low, middle)
    return low


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """What a trial sees; the first axis is the trial, the second the patient, arm after arm."""

    arm: NDArray[np.int64]
    baseline: Floats
    values: Floats
    """Change at each visit, NaN after leaving; nobody dies here.  Shape (trials, patients, visits)."""
    response: Floats
    """1 where the change at week 12 was seen and is no loss; who left did not respond."""
    time: Floats
    """Week of death, leaving or the end, with deaths."""
    died: Flags
    function: Floats
    """Change at week 12 of those alive and there."""
    progression_time: Floats
    cause: NDArray[np.int64]
    """1: progression at a visit; 2: death before; 0: neither until leaving or the end."""

    def arms(self, *chosen: int) -> Trials:
        """Return the patients of some arms."""
        here = np.isin(self.arm[0], chosen)
        return Trials(**{name: getattr(self, name)[:, here] for name in self.__slots__})


def observed(drawn: Drawn) -> Trials:
    """Take away what dropout and death take away."""
    trials, arms, size = drawn.baseline.shape
    there = drawn.left[..., np.newaxis] > WEEKS[1:]
    values = np.where(there, drawn.change, np.nan)
    last = values[..., -1]
    time = np.minimum(np.minimum(drawn.death, drawn.left), END)
    died = drawn.death <= time
    lost = np.where(drawn.change <= PROGRESSION, WEEKS[1:], np.inf).min(axis=-1)
    progressed = lost <= time
    parts = {
        "arm": np.broadcast_to(np.arange(arms)[:, np.newaxis], (trials, arms, size)),
        "baseline": drawn.baseline,
        "response": np.where(last >= 0.0, 1.0, 0.0),
        "time": time,
        "died": died,
        "function": np.where(np.isfinite(drawn.death), np.nan, last),
        "progression_time": np.where(progressed, lost, time),
        "cause": np.where(progressed, 1, np.where(died, 2, 0)),
    }
    flat = {name: np.ascontiguousarray(part.reshape(trials, -1)) for name, part in parts.items()}
    return Trials(values=values.reshape(trials, -1, VISITS), **flat)


def trials_of(cell: Cell, first: int, count: int) -> Trials:
    """Return replicates first, first + 1, ... of a cell."""
    addresses = cell.address + np.arange(first, first + count)
    return observed(draw(addresses, cell.size, cell.effect, leaving_rate(cell.share)))
