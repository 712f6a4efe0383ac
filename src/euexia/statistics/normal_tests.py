"""Tests by the normal approximation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]


def normal_p_value(z: Floats) -> Floats:
    """Return the two-sided p-value of a standard normal statistic."""
    return np.asarray(2.0 * ndtr(-np.abs(z)), dtype=float)


def half_width(level: float) -> float:
    """Return how many standard errors lie on each side of an interval of this level."""
    return float(ndtri(1.0 - (1.0 - level) / 2.0))


def on_inverse_tanh_scale(estimate: Floats, error: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    r"""Return limits and p-value of an estimate between -1 and 1.

    .. math:: \tanh\Bigl(\mathrm{artanh}\,\hat\theta
              \pm z\, \frac{\mathrm{se}}{1 - \hat\theta^2}\Bigr)

    estimate, error: any one shape; the p-value is that of 0.  NaN where the error is.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.arctanh(estimate)
        spread = error / (1.0 - estimate * estimate)
        half = half_width(level) * spread
        p_value = normal_p_value(centre / spread)
        return np.tanh(centre - half), np.tanh(centre + half), p_value
