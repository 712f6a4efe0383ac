"""Simon's designs against his tables."""

import pytest

from euexia.core.errors import InputError
from euexia.design.two_stage import Aim, rejection_probability, simon

TABLE = (
    (
        0.05,
        0.25,
        0.10,
        0.10,
        (0, 9, 2, 24, 14.55, 0.6302, 0.0931, 0.9028),
        (0, 13, 2, 20, 16.41, 0.5133, 0.0736, 0.9030),
    ),
    (
        0.05,
        0.25,
        0.05,
        0.20,
        (0, 9, 2, 17, 11.96, 0.6302, 0.0466, 0.8122),
        (0, 12, 2, 16, 13.84, 0.5404, 0.0427, 0.8013),
    ),
    (
        0.05,
        0.25,
        0.05,
        0.10,
        (0, 9, 3, 30, 16.76, 0.6302, 0.0489, 0.9019),
        (0, 15, 3, 25, 20.37, 0.4633, 0.0336, 0.9008),
    ),
    (
        0.10,
        0.30,
        0.10,
        0.10,
        (1, 12, 5, 35, 19.84, 0.6590, 0.0977, 0.9014),
        (1, 16, 4, 25, 20.37, 0.5147, 0.0951, 0.9030),
    ),
    (
        0.10,
        0.30,
        0.05,
        0.20,
        (1, 10, 5, 29, 15.01, 0.7361, 0.0471, 0.8051),
        (1, 15, 5, 25, 19.51, 0.5490, 0.0328, 0.8017),
    ),
    (
        0.05,
        0.20,
        0.05,
        0.20,
        (0, 10, 3, 29, 17.62, 0.5987, 0.0468, 0.8011),
        (0, 13, 3, 27, 19.81, 0.5133, 0.0416, 0.8011),
    ),
    (
        0.20,
        0.40,
        0.05,
        0.20,
        (3, 13, 12, 43, 20.58, 0.7473, 0.0496, 0.8002),
        (4, 18, 10, 33, 22.25, 0.7164, 0.0458, 0.8011),
    ),
    (
        0.20,
        0.40,
        0.05,
        0.10,
        (4, 19, 15, 54, 30.43, 0.6733, 0.0482, 0.9045),
        (5, 24, 13, 45, 31.23, 0.6559, 0.0483, 0.9001),
    ),
)
"""p0, p1, alpha, beta; optimal and minimax: r1, n1, r, n, EN(p0), PET(p0), level, power (Simon 1989)."""


@pytest.mark.parametrize(("null", "alternative", "alpha", "beta", "optimal", "minimax"), TABLE)
def test_published_designs(null, alternative, alpha, beta, optimal, minimax):
    """Simon, Controlled Clinical Trials 1989;10:1-10."""
    for aim, expected in ((Aim.OPTIMAL, optimal), (Aim.MINIMAX, minimax)):
        design = simon(null, alternative, alpha, 1 - beta, aim)
        assert (design.first_limit, design.first_size, design.limit, design.size) == expected[:4]
        assert design.expected_size == pytest.approx(expected[4], abs=0.005)
        found = (design.early_stop, design.level, design.power)
        assert found == pytest.approx(expected[5:], abs=5e-5)


def test_a_design_that_is_not_optimal_is_not_returned():
    """A circulating example calls 2/18, 4/26 (EN 20.13) optimal; Simon's 1/12, 5/35 expects fewer."""
    design = simon(0.10, 0.30, 0.10, 0.90, Aim.OPTIMAL)
    assert (design.first_limit, design.first_size, design.limit, design.size) == (1, 12, 5, 35)
    assert design.expected_size < 20.13


def test_rejection_probability_by_hand():
    """Two and two patients, on above 0, reject above 2: P(3 or 4 of 4), never with 0 of the first 2."""
    p = 0.5
    expected = 4 * p**3 * (1 - p) + p**4
    assert rejection_probability(0, 2, 2, 4, p) == pytest.approx(expected)


def test_numbers_that_make_no_design_are_refused():
    with pytest.raises(InputError, match="not above 'null'"):
        simon(0.3, 0.1, 0.05, 0.8, Aim.OPTIMAL)
    with pytest.raises(InputError, match="No two-stage design of up to 10 patients"):
        simon(0.05, 0.06, 0.05, 0.8, Aim.OPTIMAL, largest=10)
