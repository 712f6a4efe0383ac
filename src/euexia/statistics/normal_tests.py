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
