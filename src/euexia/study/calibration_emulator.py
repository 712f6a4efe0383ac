"""A quadratic emulator of the twins, learnt from every set that an ensemble lived, and its error.

Ensembles that can be afforded are small, and small ensembles move numbers that nothing informs.  So the moves
of the simulated ensembles are a design, and the posterior is found by large ensembles on the emulator:
calibrate, emulate, sample (Cleary et al., J Comput Phys 2021;424:109716).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.study.calibration_ensemble import Data
from euexia.study.calibration_prior import Prior

Floats = NDArray[np.float64]

PENALTIES = tuple(10.0**power for power in range(-2, 5))
"""Penalties of the ridge that are tried; cross-validation chooses, for each figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """Figures as quadratic functions of free values.

    coefficients: shape (features, targets).  error: SD of what it misses in a set left out, by target.
    """

    prior: Prior
    coefficients: Floats
    error: Floats

    def __call__(self, free: Floats) -> Floats:
        """Return the figures of sets, shape (sets, targets); free: shape (sets, parameters)."""
        return np.asarray(_features(self.prior, free) @ self.coefficients)

    def data(self, data: Data) -> Data:
        """Return what is compared with, its own error added."""
        return Data(value=data.value, covariance=data.covariance + np.diag(self.error**2))


def learn(prior: Prior, free: Floats, said: Floats) -> Emulator:
    """Return the emulator of what the model said.

    free: shape (sets, parameters).  said: shape (sets, targets); sets with NaN are left out.
    """
    good = np.isfinite(said).all(axis=1)
    features, values = _features(prior, free[good]), said[good]
    middle = values.mean(axis=0)
    left, sizes, right = np.linalg.svd(features, full_matrices=False)
    projected = left.T @ (values - middle)
    best = np.full(values.shape[1], np.inf)
    coefficients = np.zeros((features.shape[1], values.shape[1]))
    for penalty in PENALTIES:
        shrunk = sizes**2 / (sizes**2 + penalty)
        lever = (left**2 * shrunk).sum(axis=1)
        residual = values - middle - left @ (shrunk[:, None] * projected)
        squared = ((residual / (1 - lever)[:, None]) ** 2).mean(axis=0)
        found = right.T @ ((shrunk / sizes)[:, None] * projected)
        better = squared < best
        best = np.where(better, squared, best)
        coefficients[:, better] = found[:, better]
    coefficients[0] += middle
    return Emulator(prior=prior, coefficients=coefficients, error=np.sqrt(best))


def _features(prior: Prior, free: Floats) -> Floats:
    """Return one, every number, every square and every product, on the scale of the prior."""
    scaled = (free - prior.mean) / prior.sd
    rows, columns = np.triu_indices(scaled.shape[1])
    one = np.ones((len(scaled), 1))
    return np.concatenate([one, scaled, scaled[:, rows] * scaled[:, columns]], axis=1)
