r"""A smooth guess at a figure of designs that were not simulated, with how sure it is: Gaussian processes.

Shares are taken to the scale on which their Monte-Carlo variance is known and the same everywhere,

.. math:: y = \arcsin\sqrt{\frac{x + 3/8}{n + 3/4}}, \quad \mathrm{var}(y) = \frac{1}{4n + 2},

(Anscombe, Biometrika 1948;35:246), amounts to their logarithm with the delta method.  That variance is given
to the process as the noise of each point, so that what it smooths away is chance and nothing else.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.study.operating import Estimate
from euexia.study.search_space import Axis, Space
from euexia.study.trial_figures import Kind

Floats = NDArray[np.float64]

LEAST_NOISE = 1e-6
LENGTHS = (0.1, 20.0)
"""Least and largest length over which a figure changes, in whole ranges of an axis."""
SMOOTHNESS = 2.5
MISSING = (
    "A search that is not a full grid needs scikit-learn for its surrogate. Install it: pip install "
    "'euexia[search]'; or give fewer values, or a larger --points, so that every design is simulated."
)


def features(space: Space, points: Sequence[int]) -> Floats:
    """Return designs as numbers, shape (points, features): numeric axes from 0 to 1, others one by one."""
    levels = np.array([space.levels(point) for point in points], dtype=np.int64)
    return np.concatenate([_columns(axis, levels[:, k]) for k, axis in enumerate(space.axes)], axis=1)


def _columns(axis: Axis, levels: NDArray[np.int64]) -> Floats:
    numbers = axis.numbers
    if numbers is None:
        return np.asarray(np.eye(len(axis.values))[levels] / np.sqrt(2))
    scaled = np.sqrt(numbers) if axis.is_size else numbers
    span = float(np.ptp(scaled)) or 1.0
    return np.asarray(((scaled - scaled.min()) / span)[levels][:, np.newaxis])


def is_available() -> bool:
    """Return whether the surrogate's library is installed."""
    try:
        import sklearn.gaussian_process  # type: ignore[import-untyped]  # noqa: F401
    except ImportError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Belief:
    """What is thought of a figure, on the scale of the process, shape (points,) each."""

    kind: Kind
    mean: Floats
    error: Floats

    def value(self, deviations: float = 0.0) -> Floats:
        """Return the figure itself, so many errors above its middle."""
        return _back(self.kind, self.mean + deviations * self.error)

    def chance(self, limit: float, *, at_least: bool) -> Floats:
        """Return the chance that the figure is on one side of a limit."""
        from scipy.stats import norm

        distance = (self.mean - _scale(self.kind, limit)) / np.maximum(self.error, 1e-9)
        return np.asarray(norm.cdf(distance if at_least else -distance))

    def improvement(self, best: float, *, largest: bool) -> Floats:
        """Return the expected improvement over the best value so far, on the scale of the process."""
        from scipy.stats import norm

        error = np.maximum(self.error, 1e-9)
        gain = (self.mean - best) if largest else (best - self.mean)
        return np.asarray(gain * norm.cdf(gain / error) + error * norm.pdf(gain / error))


@dataclass(frozen=True, slots=True)
class Surrogate:
    """A process fitted to the simulated designs."""

    kind: Kind
    process: Any

    def at(self, designs: Floats) -> Belief:
        """Return what is thought of designs, given as features."""
        mean, error = self.process.predict(designs, return_std=True)
        return Belief(self.kind, np.asarray(mean), np.asarray(error))


def fit(kind: Kind, designs: Floats, values: Sequence[Estimate], *, sharing: Floats) -> Surrogate:
    """Return the surrogate of a figure.

    designs: features of the simulated designs.  values: the figure of each.  sharing: how many designs share
    the patients of each: so much larger is the noise they are given, for it is one noise and not several.
    Raises InputError when scikit-learn is not installed.
    """
    try:
        from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import (  # type: ignore[import-untyped]
            ConstantKernel,
            Matern,
        )
    except ImportError as error:
        raise InputError(MISSING) from error
    outcomes, noise = _observed(kind, values)
    spread = float(np.std(outcomes)) or 1.0
    kernel = ConstantKernel(spread**2, (spread**2 * 1e-2, spread**2 * 1e2)) * Matern(
        np.full(designs.shape[1], 1.0), LENGTHS, nu=SMOOTHNESS
    )
    process = GaussianProcessRegressor(
        kernel,
        alpha=np.maximum(noise * sharing, LEAST_NOISE * spread**2),
        n_restarts_optimizer=1,
        random_state=0,
    )
    with warnings.catch_warnings():  # a length at the end of its bounds says: no change along this axis
        warnings.simplefilter("ignore", ConvergenceWarning)
        middle = float(np.mean(outcomes))
        process.fit(designs, outcomes - middle)
    return Surrogate(kind, _Shifted(process, middle))


@dataclass(frozen=True, slots=True)
class _Shifted:
    """A process around a constant."""

    process: Any
    middle: float

    def predict(self, designs: Floats, *, return_std: bool) -> tuple[Floats, Floats]:
        mean, error = self.process.predict(designs, return_std=return_std)
        return mean + self.middle, error


def _observed(kind: Kind, values: Sequence[Estimate]) -> tuple[Floats, Floats]:
    """Return the values on the scale of the process, and their variances."""
    value = np.array([entry.value for entry in values])
    trials = np.array([float(entry.trials) for entry in values])
    if kind is Kind.SHARE:
        shown = (value * trials + 0.375) / (trials + 0.75)
        return np.arcsin(np.sqrt(shown)), 1 / (4 * trials + 2)
    error = np.array([entry.error for entry in values])
    positive = np.maximum(value, 1e-9)
    return np.log(positive), np.nan_to_num(error / positive) ** 2


def _scale(kind: Kind, value: float) -> float:
    return float(np.arcsin(np.sqrt(value))) if kind is Kind.SHARE else float(np.log(max(value, 1e-9)))


def _back(kind: Kind, value: Floats) -> Floats:
    if kind is Kind.SHARE:
        return np.asarray(np.sin(np.clip(value, 0, np.pi / 2)) ** 2)
    return np.asarray(np.exp(value))
