"""Permuted blocks."""

import dataclasses

import numpy as np
import pytest

from euexia import protocol as protocols
from euexia.simulate.randomisation import allot

PROTOCOL = protocols.load("lenalidomide")


def no_strata(trials, subjects):
    return np.zeros((trials, subjects), dtype=np.int64)


def test_every_block_is_balanced():
    """Blocks of 10 at 2:2:1: four, four and two in each, always."""
    arm = allot(PROTOCOL, 1, np.arange(50), no_strata(50, 60))
    blocks = arm.reshape(50, 6, 10)
    for index, count in enumerate((4, 4, 2)):
        assert ((blocks == index).sum(axis=-1) == count).all()


def test_more_patients_and_other_trials_change_nobody():
    wide = allot(PROTOCOL, 1, np.arange(20), no_strata(20, 100))
    narrow = allot(PROTOCOL, 1, np.array([7]), no_strata(1, 33))
    assert (narrow[0] == wide[7, :33]).all()


def test_order_within_blocks_is_random():
    """Each place of a block holds each arm in proportion: 4,000 blocks, standard error 0.008."""
    arm = allot(PROTOCOL, 1, np.arange(4000), no_strata(4000, 10))
    for place in range(10):
        assert np.mean(arm[:, place] == 2) == pytest.approx(0.2, abs=0.03)
    assert np.unique(arm, axis=0).shape[0] > 1500  # of 3150 possible orders


def test_each_stratum_is_balanced_by_itself():
    stratum = np.tile([0, 1, 1], (30, 20))
    arm = allot(PROTOCOL, 3, np.arange(30), stratum)
    for number, size in ((0, 20), (1, 40)):
        inside = arm[stratum == number].reshape(30, size // 10, 10)
        assert ((inside == 0).sum(axis=-1) == 4).all()


def test_a_block_twice_as_long_keeps_the_ratio():
    longer = dataclasses.replace(
        PROTOCOL, randomisation=dataclasses.replace(PROTOCOL.randomisation, block_size=20)
    )
    arm = allot(longer, 1, np.arange(10), no_strata(10, 40))
    assert ((arm.reshape(10, 2, 20) == 2).sum(axis=-1) == 4).all()
