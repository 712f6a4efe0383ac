"""Addressed chance: known answers, independence from everything that is not in the address."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euexia.core import streams
from euexia.core.streams import Purpose


def _words(*values: int) -> tuple[np.ndarray, ...]:
    return tuple(np.array([value], dtype=np.uint64) for value in values)


def test_philox_known_answers():
    """Known answers of Philox4x32-10 published with Random123 (kat_vectors, philox4x32 10)."""
    zero = streams.philox(_words(0, 0, 0, 0), (np.uint64(0), np.uint64(0)))
    assert [int(word[0]) for word in zero] == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    ones = (0xFFFFFFFF,) * 4
    all_ones = streams.philox(_words(*ones), (np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFF)))
    assert [int(word[0]) for word in all_ones] == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]
    pi = streams.philox(
        _words(0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (np.uint64(0xA4093822), np.uint64(0x299F31D0))
    )
    assert [int(word[0]) for word in pi] == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_draw_depends_on_its_address_alone(seed, trial, subject):
    alone = streams.uniform(seed, Purpose.DEATH, trial, subject)
    neighbours = (subject + np.arange(5)) % 2**32
    among_others = streams.uniform(seed, Purpose.DEATH, trial, neighbours)
    assert alone == among_others[0]
    assert 0 < alone < 1


@pytest.mark.parametrize("changed", ["seed", "purpose", "trial", "subject", "occasion", "item"])
def test_every_part_of_the_address_matters(changed):
    address = {"seed": 1, "purpose": Purpose.DEATH, "trial": 2, "subject": 3, "occasion": 4, "item": 5}
    other = address | {changed: Purpose.DROPOUT if changed == "purpose" else 9}
    assert streams.uniform(**address) != streams.uniform(**other)


def test_moments_of_the_three_distributions():
    """A million draws: mean and variance within five standard errors of the closed form."""
    subject = np.arange(1_000_000)
    uniform = streams.uniform(7, Purpose.PATIENT, 0, subject)
    normal = streams.normal(7, Purpose.PATIENT, 1, subject)
    exponential = streams.exponential(7, Purpose.PATIENT, 2, subject)
    assert abs(uniform.mean() - 1 / 2) < 5 * np.sqrt(1 / 12 / 1e6)
    assert abs(normal.mean()) < 5e-3
    assert abs(normal.var() - 1) < 5 * np.sqrt(2 / 1e6)
    assert abs(exponential.mean() - 1) < 5e-3
    assert abs(np.corrcoef(normal[:-1], normal[1:])[0, 1]) < 5e-3


def test_purposes_are_never_renumbered():
    """Frozen: renumbering would change every published result."""
    assert Purpose.PATIENT == 1
    assert Purpose.MEASUREMENT == 5
    assert Purpose.OPERATION == 16
