"""Ensemble Kalman inversion from prior to posterior in adaptive steps, for any model; NumPy alone.

Members u_j move against the data y by

    u_j <- u_j + C_ug (C_gg + Gamma / h)^-1 (y + xi_j - G(u_j)),   xi_j ~ N(0, Gamma / h),

with steps h that add up to one (Iglesias, Law and Stuart, Inverse Problems 2013;29:045001; step sizes by the
data misfit: Iglesias and Yang, Inverse Problems 2021;37:025008).  For a linear model and a large ensemble the
members are then draws from the posterior.  There is no localisation and no inflation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import NumericalError
from euexia.core.streams import Purpose, normal

Floats = NDArray[np.float64]

NOISE = 3
"""Occasion of the draws that perturb the data; each step has its own."""
MOST_FAILURES = 0.1
"""Share of members that may fail before a step is given up."""
LEAST_STEP, MOST_STEP = 1e-4, 0.34
"""A model that is not linear asks for several steps even where the misfit would allow one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What members are compared with: values and the covariance of their errors."""

    value: Floats
    covariance: Floats

    def misfit(self, predicted: Floats) -> Floats:
        """Return half the squared distance of predictions, shape (members,)."""
        root = np.linalg.cholesky(self.covariance)
        away = np.linalg.solve(root, (predicted - self.value).T)
        return np.asarray(0.5 * (away**2).sum(axis=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: how far it goes, where the members then are, and what it was taken on."""

    size: float
    reached: float
    """Sum of all steps; 1 is the posterior."""
    members: Floats
    misfit: float
    """Mean of the misfit before the step."""
    failed: int


def step_size(misfit: Floats, targets: int, reached: float) -> float:
    """Return how far to go: further when the misfit is small or alike in all members; never beyond one."""
    mean, variance = float(misfit.mean()), float(misfit.var())
    wish = max(targets / (2 * mean), np.sqrt(targets / (2 * variance))) if variance > 0 else 1.0
    return float(min(max(wish, LEAST_STEP), MOST_STEP, 1.0 - reached))


def advance(
    members: Floats, predicted: Floats, data: Data, *, reached: float, seed: int, ensemble: int, number: int
) -> Step:
    """Take one step.

    members: free values, shape (members, parameters).  predicted: what the model says of them, shape
    (members, targets); a member with NaN failed and starts again from a random pair of those that did not.
    number: of the step; its noise is addressed by it.
    Raises NumericalError when more than a tenth of the members failed.
    """
    good = np.asarray(np.isfinite(predicted).all(axis=1))
    failed = int((~good).sum())
    if failed > MOST_FAILURES * len(members):
        raise NumericalError(
            f"{failed} of {len(members)} members failed in step {number}: the model could not be computed "
            "there. Narrow the ranges of the uncertain parameters."
        )
    held, said = members[good], predicted[good]
    misfit = data.misfit(said)
    size = step_size(misfit, len(data.value), reached)
    noise = _noise(good, data, seed, ensemble, number) / np.sqrt(size)
    moved = np.asarray(held + _shift(held, said, data, size, noise))
    whole = np.empty_like(members)
    whole[good] = moved
    if failed:
        whole[~good] = moved[: 2 * failed].reshape(2, failed, -1).mean(axis=0)
    return Step(
        size=size,
        reached=1.0 if np.isclose(reached + size, 1.0) else reached + size,
        members=whole,
        misfit=float(misfit.mean()),
        failed=failed,
    )


def _noise(good: NDArray[np.bool_], data: Data, seed: int, ensemble: int, number: int) -> Floats:
    """Return draws from N(0, Gamma) for the members that go on, centred, so that they shift nobody."""
    place = np.flatnonzero(good)[:, None]
    item = np.arange(len(data.value))[None, :]
    chance = normal(seed, Purpose.PARAMETER, ensemble, place, NOISE + number, item)
    centred = chance - chance.mean(axis=0)
    return np.asarray(centred @ np.linalg.cholesky(data.covariance).T)


def _shift(members: Floats, predicted: Floats, data: Data, size: float, noise: Floats) -> Floats:
    around = members - members.mean(axis=0)
    about = predicted - predicted.mean(axis=0)
    degrees = len(members) - 1
    cross = around.T @ about / degrees
    own = about.T @ about / degrees
    away = data.value + noise - predicted
    return np.asarray(away @ np.linalg.solve(own + data.covariance / size, cross.T))
