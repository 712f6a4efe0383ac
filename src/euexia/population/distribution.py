"""Distributions of patients' characteristics, each given by its inverse cumulative distribution function.

A column is made from one latent standard-normal number per patient; correlation between columns is
correlation between their latent numbers (a Gaussian copula), and truncation keeps the shape of the
distribution inside the limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr, ndtri

Floats = NDArray[np.float64]


class Distribution(StrEnum):
    """How a column varies between patients."""

    CONSTANT = "constant"
    BERNOULLI = "bernoulli"
    CATEGORICAL = "categorical"
    NORMAL = "normal"
    LOG_NORMAL = "log_normal"
    LOGISTIC = "logistic"
    DERIVED = "derived"


REQUIRED: Mapping[Distribution, tuple[tuple[str, ...], ...]] = {
    Distribution.CONSTANT: (("value",),),
    Distribution.BERNOULLI: (("probability",),),
    Distribution.CATEGORICAL: (("values",), ("shares",)),
    Distribution.NORMAL: (("mean",), ("sd",)),
    Distribution.LOG_NORMAL: (("mean", "median"), ("cv", "log_sd")),
    Distribution.LOGISTIC: (("mean",), ("scale",)),
    Distribution.DERIVED: (("formula",),),
}
"""Exactly one key of each group must be given."""


def log_sd_of(numbers: Mapping[str, Floats | float]) -> Floats | float:
    r"""Return the standard deviation of the logarithm, from itself or from the coefficient of variation.

    .. math:: \sigma = \sqrt{\ln(1 + CV^2)}
    """
    if "log_sd" in numbers:
        return numbers["log_sd"]
    spread: Floats | float = np.sqrt(np.log1p(np.square(numbers["cv"])))
    return spread


def log_median_of(numbers: Mapping[str, Floats | float]) -> Floats | float:
    r"""Return the logarithm of the median, from itself or from the mean.

    .. math:: \ln m = \ln \mu - \sigma^2 / 2
    """
    if "median" in numbers:
        centre: Floats | float = np.log(numbers["median"])
        return centre
    shifted: Floats | float = np.log(numbers["mean"]) - np.square(log_sd_of(numbers)) / 2
    return shifted


def standardise(distribution: Distribution, numbers: Mapping[str, Floats | float], limit: float) -> Floats:
    """Return the latent standard-normal number at which a normal or log-normal column reaches a limit."""
    if distribution is Distribution.LOG_NORMAL:
        return np.asarray((np.log(limit) - log_median_of(numbers)) / log_sd_of(numbers))
    return np.asarray((limit - numbers["mean"]) / numbers["sd"])


def value_at(distribution: Distribution, numbers: Mapping[str, Floats | float], latent: Floats) -> Floats:
    """Return the value of a column at its latent number.

    numbers: the distribution's numbers in canonical units, scalars or arrays of the shape of latent.
    latent: standard-normal numbers, any shape.
    """
    match distribution:
        case Distribution.CONSTANT:
            return np.broadcast_to(np.asarray(numbers["value"], dtype=float), latent.shape).copy()
        case Distribution.BERNOULLI:
            return np.asarray(latent > -ndtri(numbers["probability"]), dtype=float)
        case Distribution.NORMAL:
            return np.asarray(numbers["mean"] + numbers["sd"] * latent)
        case Distribution.LOG_NORMAL:
            return np.asarray(np.exp(log_median_of(numbers) + log_sd_of(numbers) * latent))
        case Distribution.LOGISTIC:
            logit = log_ndtr(latent) - log_ndtr(-latent)
            return np.asarray(numbers["mean"] + numbers["scale"] * logit)
        case Distribution.CATEGORICAL | Distribution.DERIVED:
            raise ValueError(f"{distribution.value} has no continuous quantile function")
        case _:
            assert_never(distribution)


def category_at(values: Floats, shares: Floats, latent: Floats) -> Floats:
    """Return the category at a latent number; shares add up to 1, in the order of values."""
    edges = np.cumsum(shares)[:-1]
    return np.asarray(values[np.searchsorted(edges, ndtr(latent), side="right")], dtype=float)
