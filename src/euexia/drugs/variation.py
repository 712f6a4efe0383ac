"""How treatments differ between patients: personal factors of the numbers that have a spread."""

from __future__ import annotations

import zlib
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from euexia.core.streams import Purpose, normal
from euexia.parameters import ParameterSet

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OCCASION = 1
"""Tells these draws from those of a population, whose occasion is 0."""


def personal_factors(
    names: Collection[str], parameters: ParameterSet, seed: int, trial: Integers, candidate: Integers
) -> dict[str, Floats]:
    r"""Return the personal factors of treatments, by column, each of the shape of trial and candidate.

    A number with a spread (coefficient of variation v) has the column ``<treatment>_<number>_effect``,

    .. math:: \eta = e^{\sigma z}, \quad \sigma^2 = \ln(1 + v^2)

    with median 1.  A factor depends on the seed, the trial, the candidate and the column's name alone.
    """
    factors: dict[str, Floats] = {}
    for name in sorted(names):
        for short, entry in parameters.block(name).items():
            if entry.spread > 0:
                column = f"{name}_{short}_effect"
                draws = normal(seed, Purpose.PATIENT, trial, candidate, OCCASION, zlib.crc32(column.encode()))
                factors[column] = np.exp(np.sqrt(np.log1p(entry.spread**2)) * draws)
    return factors
