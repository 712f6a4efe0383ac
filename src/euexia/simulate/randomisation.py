"""Allotment of patients to arms by permuted blocks, within strata."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.core.streams import Purpose, uniform
from euexia.protocol.protocol import Protocol, RandomisationMethod

Integers = NDArray[np.int64]


def allot(protocol: Protocol, seed: int, trial: Integers, stratum: Integers) -> Integers:
    """Return the arm of every patient, as an index into the protocol's arms.

    trial: number of each trial, shape (trials,).  stratum: of the patients in order of enrolment, shape
    (trials, subjects). A patient's arm depends on the seed, the trial, the stratum and the place in that
    stratum alone.
    """
    match protocol.randomisation.method:
        case RandomisationMethod.PERMUTED_BLOCKS:
            return _permuted_blocks(protocol, seed, trial, stratum)
        case _:
            assert_never(protocol.randomisation.method)


def _place_in_stratum(stratum: Integers) -> Integers:
    """Return how many earlier patients of the trial share the stratum, shape (trials, subjects)."""
    place = np.zeros(stratum.shape, dtype=np.int64)
    for number in np.unique(stratum):
        member = stratum == number
        place = np.where(member, np.cumsum(member, axis=1) - 1, place)
    return place


def _permuted_blocks(protocol: Protocol, seed: int, trial: Integers, stratum: Integers) -> Integers:
    size = protocol.randomisation.block_size
    ratios = [arm.ratio for arm in protocol.arms]
    block_of_arms = np.repeat(np.arange(len(ratios)), ratios)
    block_of_arms = np.tile(block_of_arms, size // block_of_arms.size)
    place = _place_in_stratum(stratum)
    block, position = np.divmod(place, size)
    keys = uniform(
        seed,
        Purpose.RANDOMISATION,
        trial[:, None, None],
        block[:, :, None],
        stratum[:, :, None],
        np.arange(size),
    )
    order = np.argsort(keys, axis=-1, kind="stable")
    chosen = np.take_along_axis(order, position[:, :, None], axis=-1)[:, :, 0]
    return np.asarray(block_of_arms[chosen], dtype=np.int64)
