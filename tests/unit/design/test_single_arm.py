"""Exact one-arm designs against published power, and the saw-tooth."""

import numpy as np
import pytest

from euexia.core.errors import InputError
from euexia.design.single_arm import (
    confidence_interval,
    exact_design,
    first_size,
    power_curve,
    smallest_size,
)

PUBLISHED = {25: 0.57932569, 28: 0.6851126, 30: 0.74476675, 33: 0.81787426, 35: 0.72790831}
"""gsDesign's independent tests against East 6.5: exact power, p0 = .05, p1 = .20, one-sided .025."""


@pytest.mark.parametrize(("size", "power"), PUBLISHED.items())
def test_published_power(size, power):
    assert exact_design(size, 0.05, 0.20, 0.025).power == pytest.approx(power, abs=1e-7)


def test_the_trials_own_question():
    """5 % against 25 % in 40 patients, one-sided 5 %: 5 responders; binomial sums by R 4.2.2."""
    design = exact_design(40, 0.05, 0.25, 0.05)
    assert design.critical_value == 5
    assert design.level == pytest.approx(0.0480282602542154, rel=1e-12)
    assert design.power == pytest.approx(0.98395776, abs=1e-8)


def test_power_falls_where_the_critical_value_rises():
    """33 patients have more power than 35 (published above): a patient more can cost power."""
    first, safe = first_size(0.05, 0.20, 0.025, 0.80), smallest_size(0.05, 0.20, 0.025, 0.80)
    assert first.size == 33
    assert safe.size > first.size
    for size in range(safe.size, safe.size + 60):
        assert exact_design(size, 0.05, 0.20, 0.025).power >= 0.80
    assert exact_design(safe.size - 1, 0.05, 0.20, 0.025).power < 0.80


def test_the_power_curve_is_level_at_the_null_and_power_at_the_alternative():
    design = exact_design(40, 0.05, 0.25, 0.05)
    curve = power_curve(design, np.array([0.0, 0.05, 0.25, 1.0]))
    assert curve == pytest.approx([0.0, design.level, design.power, 1.0])


def test_the_interval_is_exact():
    """Nobody of 16: the upper 95 % limit is 1 - 0.025^(1/16)."""
    assert confidence_interval(0, 16, 0.95) == pytest.approx((0.0, 1 - 0.025 ** (1 / 16)))


def test_numbers_that_make_no_design_are_refused():
    with pytest.raises(InputError, match="not above 'null'"):
        exact_design(40, 0.25, 0.05, 0.05)
    with pytest.raises(InputError, match="'size' is 0"):
        exact_design(0, 0.05, 0.25, 0.05)
    with pytest.raises(InputError, match="'alpha' is 5"):
        exact_design(40, 0.05, 0.25, 5)
    with pytest.raises(InputError, match="there are 16 patients"):
        confidence_interval(17, 16, 0.95)
    with pytest.raises(InputError, match="No size up to 2000"):
        smallest_size(0.05, 0.0501, 0.05, 0.9)
