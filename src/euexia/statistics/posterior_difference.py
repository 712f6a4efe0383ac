"""The posterior of a difference from its estimate and standard error, with a flat or a normal prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from euexia.core.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalPrior:
    """What is believed of a difference before the trial; mean and sd in the unit of the difference."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """What is believed of a difference after the trial; arrays have shape (trials,), NaN where unknown.

    median: also its mean and mode.  scale: standard deviation; of a t distribution its scale.  freedom:
    degrees of freedom of the t distribution, infinite of a normal one.
    """

    median: Floats
    scale: Floats
    freedom: Floats

    def above(self, threshold: float) -> Floats:
        """Return the probability that the difference is more than a threshold."""
        known = self.scale > 0
        z = np.divide(self.median - threshold, self.scale, out=np.full_like(self.median, np.nan), where=known)
        return np.where(np.isinf(self.freedom), ndtr(z), stdtr(_finite(self.freedom), z))

    def interval(self, level: float) -> tuple[Floats, Floats]:
        """Return the limits between which the difference lies with a probability, as much on either side."""
        tail = (1.0 + level) / 2.0
        half = np.where(np.isinf(self.freedom), ndtri(tail), stdtrit(_finite(self.freedom), tail))
        half = np.where(self.scale > 0, half * self.scale, np.nan)
        return self.median - half, self.median + half


def posterior(
    estimate: Floats, error: Floats, freedom: Floats, prior: NormalPrior | None = None
) -> Posterior:
    r"""Return the posterior of a difference with an estimate, its standard error and degrees of freedom.

    Without a prior it is the t distribution around the estimate,

    .. math:: \frac{\delta - d}{s} \sim t_\nu

    exact for a linear model under the prior :math:`p(\beta, \sigma^2) \propto 1/\sigma^2` (Gelman and others,
    Bayesian Data Analysis, chapter on regression), and an approximation for a mixed model.  With a normal
    prior the estimate is taken as normal with known error, and the posterior is normal:

    .. math:: m_1 = w d + (1 - w) m_0, \quad v_1 = w s^2, \quad w = \frac{s_0^2}{s_0^2 + s^2}

    estimate, error, freedom: shape (trials,).  Raises InputError for a prior that is none.
    """
    if prior is None:
        usable = (freedom > 0) & (error > 0)
        return Posterior(
            median=np.where(usable, estimate, np.nan),
            scale=np.where(usable, error, np.nan),
            freedom=np.where(usable, freedom, np.nan),
        )
    if not (np.isfinite(prior.mean) and np.isfinite(prior.sd) and prior.sd > 0):
        raise InputError(
            f"A normal prior with mean {prior.mean:g} and standard deviation {prior.sd:g} says nothing. "
            "Give a number and a positive number."
        )
    usable = np.isfinite(estimate) & (error > 0)
    weight = prior.sd**2 / (prior.sd**2 + error**2)
    return Posterior(
        median=np.where(usable, weight * estimate + (1.0 - weight) * prior.mean, np.nan),
        scale=np.where(usable, np.sqrt(weight) * error, np.nan),
        freedom=np.where(usable, np.inf, np.nan),
    )


def _finite(freedom: Floats) -> Floats:
    return np.where(np.isinf(freedom), 1.0, freedom)
