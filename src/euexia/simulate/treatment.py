"""What a patient takes of what is prescribed."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from euexia.core.streams import Purpose, uniform

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def uptake(seed: int, treatment: str, mean: float, trial: Integers, candidate: Integers) -> Floats:
    r"""Return the personal share of a treatment that is taken up, between 0 and 1, with the given mean.

    .. math:: X = U^{(1-m)/m}, \quad E X = m

    A Beta(m/(1-m), 1) variable: most people near full uptake when the mean m is high, most near none when it
    is low.
    treatment: its name, the address of its chance.  mean: m, in [0, 1].  trial, candidate: shape (patients,).
    """
    if mean <= 0:
        return np.zeros(trial.shape)
    item = zlib.crc32(treatment.encode())
    draws = uniform(seed, Purpose.ADHERENCE, trial, candidate, 0, item)
    return np.asarray(draws ** ((1 - mean) / mean))
