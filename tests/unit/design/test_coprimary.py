"""Two co-primary endpoints: distributions by another route, bounds, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from euexia.core.errors import InputError
from euexia.design import coprimary
from euexia.design.bivariate import bivariate_binomial, bivariate_normal, correlation_bounds
from euexia.design.coprimary import BinaryEndpoint, ContinuousEndpoint
from euexia.design.means import t_power
from euexia.design.two_arm import RateTest, rate_design, rate_power, rejection_region

MEAN = ContinuousEndpoint(effect=0.5)
OTHER = ContinuousEndpoint(effect=0.35)
RATE = BinaryEndpoint(rate=0.6, control_rate=0.4)


@settings(max_examples=40, deadline=None)
@given(h=st.floats(-4, 4), k=st.floats(-4, 4), rho=st.floats(-0.99, 0.99))
def test_the_bivariate_normal_agrees_with_scipy(h, k, rho):
    """The algorithm of Genz in scipy; 1e-7, as scipy may integrate by quasi-Monte Carlo."""
    expected = stats.multivariate_normal.cdf([h, k], cov=[[1, rho], [rho, 1]])
    assert bivariate_normal(h, k, rho) == pytest.approx(expected, abs=1e-7)


def test_the_bivariate_normal_at_its_edges():
    """Independence, identity, opposition, infinity, and the origin: 1/4 + arcsin(rho) / (2 pi)."""
    h, k = 0.3, -1.2
    assert bivariate_normal(h, k, 0.0) == pytest.approx(stats.norm.cdf(h) * stats.norm.cdf(k))
    assert bivariate_normal(h, k, 1.0) == pytest.approx(stats.norm.cdf(k))
    assert bivariate_normal(h, 1.0, -1.0) == pytest.approx(stats.norm.cdf(h) + stats.norm.cdf(1.0) - 1)
    assert bivariate_normal(np.inf, k, 0.5) == pytest.approx(stats.norm.cdf(k))
    assert bivariate_normal(-np.inf, k, 0.5) == 0
    assert bivariate_normal(0.0, 0.0, 0.5) == pytest.approx(1 / 3)


def test_pairs_of_counts_by_enumeration():
    """All 4^3 outcomes of three patients, one by one."""
    p, q, rho = 0.3, 0.5, 0.4
    both = p * q + rho * np.sqrt(p * (1 - p) * q * (1 - q))
    cells = {(1, 1): both, (1, 0): p - both, (0, 1): q - both, (0, 0): 1 - p - q + both}
    expected = np.zeros((4, 4))
    for one, chance in cells.items():
        for two, more in cells.items():
            for three, last in cells.items():
                x, y = np.sum([one, two, three], axis=0)
                expected[x, y] += chance * more * last
    found = bivariate_binomial(3, p, q, rho)
    assert found == pytest.approx(expected, abs=1e-15)
    assert bivariate_binomial(60, p, q, rho).sum(axis=1) == pytest.approx(stats.binom.pmf(range(61), 60, p))


def test_correlation_bounds_are_reached():
    """At the bounds one of the four cells is empty."""
    low, high = correlation_bounds(0.7, 0.5)
    assert bivariate_binomial(1, 0.7, 0.5, low)[0, 0] == pytest.approx(0.0)
    assert bivariate_binomial(1, 0.7, 0.5, high)[0, 1] == pytest.approx(0.0)


def test_exact_power_without_correlation_is_a_product():
    one, two = BinaryEndpoint(rate=0.6, control_rate=0.3), BinaryEndpoint(rate=0.5, control_rate=0.2)
    alone = [
        rate_design(30, 25, end.rate, end.control_rate, 0.025, RateTest.FISHER).power for end in (one, two)
    ]
    found = coprimary.exact_power(one, two, 0.0, 30, 25, 0.025, RateTest.FISHER)
    assert found == pytest.approx(alone[0] * alone[1])


def test_exact_power_by_plain_loops():
    """The sum over all quadruples of counts for 6 and 5 patients."""
    one, two = BinaryEndpoint(rate=0.8, control_rate=0.3), BinaryEndpoint(rate=0.7, control_rate=0.2)
    treated, control = bivariate_binomial(6, 0.8, 0.7, 0.3), bivariate_binomial(5, 0.3, 0.2, 0.3)
    region = rejection_region(6, 5, 0.1, RateTest.CHI_SQUARE)
    expected = sum(
        treated[a, b] * control[c, d]
        for a in range(7)
        for b in range(7)
        for c in range(6)
        for d in range(6)
        if region[a, c] and region[b, d]
    )
    assert coprimary.exact_power(one, two, 0.3, 6, 5, 0.1, RateTest.CHI_SQUARE) == pytest.approx(expected)


def test_unknown_variances_cost_power_and_cost_less_in_large_trials():
    shares = []
    for size in (10, 40, 400):
        known = coprimary.power(MEAN, OTHER, 0.4, size, size, 0.025)
        unknown = coprimary.power(MEAN, OTHER, 0.4, size, size, 0.025, known_variance=False)
        shares.append(unknown / known)
    assert shares[0] < shares[1] < shares[2] < 1


def test_two_t_tests_without_correlation_are_a_product():
    """At correlation 0 means and variances are independent; 1e-8 for the quadrature over both."""
    found = coprimary.power(MEAN, OTHER, 0.0, 30, 20, 0.025, known_variance=False)
    assert found == pytest.approx(t_power(30, 20, 0.5, 1, 0.025) * t_power(30, 20, 0.35, 1, 0.025), abs=1e-8)


def test_a_mean_and_a_rate_without_correlation_are_a_product():
    alone = stats.norm.cdf(0.5 * np.sqrt(40 * 50 / 90) - stats.norm.isf(0.025))
    found = coprimary.power(MEAN, RATE, 0.0, 40, 50, 0.025)
    assert found == pytest.approx(alone * rate_power(40, 50, 0.6, 0.4, 0.025))


@settings(max_examples=20, deadline=None)
@given(rho=st.floats(-0.3, 0.6), more=st.floats(0.01, 0.15))
def test_correlation_helps(rho, more):
    for one, two in ((MEAN, OTHER), (MEAN, RATE), (RATE, BinaryEndpoint(rate=0.5, control_rate=0.35))):
        lower, higher = (coprimary.power(one, two, value, 80, 80, 0.025) for value in (rho, rho + more))
        assert higher > lower


def test_the_size_found_is_the_smallest():
    for one, two in ((MEAN, OTHER), (RATE, MEAN)):
        found = coprimary.size(one, two, 0.3, 0.025, 0.9, ratio=2.0)
        assert found.power >= 0.9
        assert found.treated == 2 * found.control
        smaller = coprimary.power(one, two, 0.3, found.treated - 2, found.control - 1, 0.025)
        assert smaller < 0.9


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ContinuousEndpoint(effect=-0.5), "'effect' is -0.5"),
        (lambda: BinaryEndpoint(rate=0.3, control_rate=0.5), "not above 'control_rate'"),
        (lambda: coprimary.size(MEAN, OTHER, 1.5, 0.025, 0.8), "'correlation' is 1.5"),
        (
            lambda: coprimary.size(
                BinaryEndpoint(rate=0.95, control_rate=0.9),
                BinaryEndpoint(rate=0.6, control_rate=0.4),
                0.8,
                0.025,
                0.8,
            ),
            "for these response rates",
        ),
        (lambda: coprimary.power(MEAN, RATE, 0.3, 20, 20, 0.025, known_variance=False), "is for two means"),
        (lambda: coprimary.power(MEAN, OTHER, 0.3, 1, 1, 0.025, known_variance=False), "too few"),
        (lambda: coprimary.size(MEAN, OTHER, 0.3, 0.025, 0.8, ratio=-1.0), "'ratio' is -1"),
        (lambda: coprimary.size(MEAN, ContinuousEndpoint(effect=1e-5), 0.3, 0.025, 0.8), "More than"),
        (lambda: coprimary.exact_size(RATE, RATE, 0.3, 0.025, 0.9999, RateTest.FISHER), "Use the formula"),
    ],
)
def test_what_makes_no_design_is_refused(call, said):
    with pytest.raises(InputError, match=said):
        call()
