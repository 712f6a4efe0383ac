"""Chance that belongs to a trial: told from its data, so that trials are independent and order is nothing."""

import numpy as np

from euexia.analyse.inference import own_number


def test_data_decide_the_number():
    values = np.array([[1.0, np.nan], [-0.0, 2.0]])
    assert own_number(values) == own_number(np.array([[1.0, np.nan], [0.0, 2.0]]))
    assert own_number(values) != own_number(values + 1.0)
    assert own_number(values, values) != own_number(values)


def test_numbers_fit_an_address():
    """A 32-bit checksum: an address is a whole number from 0."""
    rng = np.random.default_rng(1)
    numbers = {own_number(rng.normal(size=5)) for _ in range(200)}
    assert len(numbers) == 200
    assert all(0 <= number < 2**32 for number in numbers)
