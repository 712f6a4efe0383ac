"""Chance that is addressed, not consumed.

Every draw is a pure function of (seed, purpose, trial, subject, occasion, item), computed with the
counter-based generator Philox4x32-10 (Salmon et al., SC'11, doi:10.1145/2063384.2063405): the seed and the
purpose are the key, the address is the counter.  Adding a patient, a visit, an arm, a worker or a block
changes nobody else's draws.
"""

from __future__ import annotations

from enum import IntEnum, unique

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Draws = NDArray[np.float64]


@unique
class Purpose(IntEnum):
    """What a draw is for.  Closed: add at the end, never renumber (that would change every result)."""

    PATIENT = 1
    SCREENING = 2
    ARRIVAL = 3
    RANDOMISATION = 4
    MEASUREMENT = 5
    ATTENDANCE = 6
    VISIT_TIMING = 7
    DEATH = 8
    DROPOUT = 9
    SERIOUS_EVENT = 10
    ADVERSE_EVENT = 11
    ADHERENCE = 12
    TOXICITY = 13
    BOOTSTRAP = 14
    PARAMETER = 15
    OPERATION = 16
    IMPUTATION = 17
    FLUCTUATION = 19
    INFERENCE = 18


_ROUND_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_KEY_STEPS = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_ROUNDS = 10


def philox(
    counter: tuple[NDArray[np.uint64], ...], key: tuple[np.uint64, np.uint64]
) -> tuple[NDArray[np.uint64], ...]:
    """Return the four 32-bit words of Philox4x32-10, each in a uint64 array.

    counter: four broadcastable arrays of 32-bit words.  key: two 32-bit words.
    """
    c0, c1, c2, c3 = np.broadcast_arrays(*counter)
    k0, k1 = key
    for _ in range(_ROUNDS):
        p0 = c0 * _ROUND_MULTIPLIERS[0]
        p1 = c2 * _ROUND_MULTIPLIERS[1]
        c0, c1, c2, c3 = (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _LOW, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _LOW
        k0 = np.uint64((int(k0) + int(_KEY_STEPS[0])) & 0xFFFFFFFF)
        k1 = np.uint64((int(k1) + int(_KEY_STEPS[1])) & 0xFFFFFFFF)
    return c0, c1, c2, c3


def uniform(
    seed: int,
    purpose: Purpose,
    trial: ArrayLike,
    subject: ArrayLike,
    occasion: ArrayLike = 0,
    item: ArrayLike = 0,
) -> Draws:
    """Draw from the open interval (0, 1); the shape is the broadcast shape of the address.

    seed: any integer in [0, 2**48).  trial, subject, occasion: integers in [0, 2**32).
    item: which of several draws of one occasion, in [0, 2**32).
    """
    key = (np.uint64(seed & 0xFFFFFFFF), np.uint64(((seed >> 32) & 0xFFFF) << 16 | int(purpose)))
    words = tuple(np.asarray(part, dtype=np.uint64) for part in (trial, subject, occasion, item))
    high, low, _, _ = philox(words, key)
    bits = ((high << np.uint64(20)) ^ (low >> np.uint64(12))) & np.uint64((1 << 52) - 1)
    return (bits.astype(np.float64) + 0.5) * 2.0**-52


def normal(
    seed: int,
    purpose: Purpose,
    trial: ArrayLike,
    subject: ArrayLike,
    occasion: ArrayLike = 0,
    item: ArrayLike = 0,
) -> Draws:
    """Draw from the standard normal distribution, by inversion; arguments as for uniform."""
    return np.asarray(ndtri(uniform(seed, purpose, trial, subject, occasion, item)))


def exponential(
    seed: int,
    purpose: Purpose,
    trial: ArrayLike,
    subject: ArrayLike,
    occasion: ArrayLike = 0,
    item: ArrayLike = 0,
) -> Draws:
    """Draw from the exponential distribution of mean 1, by inversion; arguments as for uniform."""
    return -np.log(uniform(seed, purpose, trial, subject, occasion, item))
