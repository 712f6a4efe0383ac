"""Two co-primary endpoints: the trial succeeds only if both tests reject, so no alpha is divided.

Positive correlation of the endpoints helps; none is the cautious assumption.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, ndtr, ndtri, stdtrit

from euexia.core.errors import InputError
from euexia.design.allocation import TwoArmSize, arm_sizes, smallest_control
from euexia.design.bivariate import (
    bivariate_binomial,
    bivariate_normal,
    check_correlation,
    correlation_bounds,
)
from euexia.design.input_checks import check_alpha, check_power, check_ratio
from euexia.design.two_arm import RateTest, rejection_region
from euexia.statistics.proportions import check_probability

Floats = NDArray[np.float64]

LARGEST_ARM = 1_000_000
LARGEST_EXACT_ARM = 300
_VARIANCE_POINTS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuousEndpoint:
    """An endpoint compared by its mean."""

    effect: float
    """Standardised: difference over standard deviation, in the hoped-for direction."""

    def __post_init__(self) -> None:
        """Refuse an effect that is none."""
        if not (np.isfinite(self.effect) and self.effect > 0):
            raise InputError(
                f"'effect' is {self.effect:g}. Give the difference over its standard deviation, positive in "
                "the hoped-for direction."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryEndpoint:
    """An endpoint compared by its response rate."""

    rate: float
    control_rate: float

    def __post_init__(self) -> None:
        """Refuse rates that are none, or show nothing."""
        check_probability("rate", self.rate)
        check_probability("control_rate", self.control_rate)
        if self.rate <= self.control_rate:
            raise InputError(
                f"'rate' ({self.rate:g}) is not above 'control_rate' ({self.control_rate:g}). Give the rate "
                "hoped for in the treated arm."
            )


Endpoint = ContinuousEndpoint | BinaryEndpoint


def power(
    first: Endpoint,
    second: Endpoint,
    correlation: float,
    treated: float,
    control: float,
    alpha: float,
    *,
    known_variance: bool = True,
) -> float:
    r"""Return the power to win on both endpoints, each at one-sided alpha, by the normal approximation.

    .. math:: \Phi_2(m_1, m_2; \rho_Z), \quad
              m = \delta\sqrt{\tfrac{n_1 n_0}{n_1 + n_0}} - z_{1-\alpha} \text{ (means)}, \quad
              m = \frac{p_1 - p_0 - z_{1-\alpha}\sqrt{\bar p\bar q(1/n_1 + 1/n_0)}}
                  {\sqrt{p_1 q_1/n_1 + p_0 q_0/n_0}} \text{ (rates)}

    correlation: of the endpoints within an arm.  Of two means: of the readings; of two rates: of the
    yes-or-no answers; of a mean and a rate: of the reading and the normal variable whose threshold makes the
    answer (biserial).  treated, control: patients.  known_variance: of two means; if not, both t tests are
    averaged over the Wishart distribution of their variances. Sources: Sozu, Sugimoto and Hamasaki,
    Statistics in Medicine 2010;29:2169-2179 (rates); Sozu, Sugimoto and Hamasaki, Journal of
    Biopharmaceutical Statistics 2011;21:650-668 (means); Sozu, Sugimoto and Hamasaki, Biometrical Journal
    2012;54:716-729 (mixed).
    """
    _check(first, second, correlation, alpha)
    if not known_variance:
        if isinstance(first, BinaryEndpoint) or isinstance(second, BinaryEndpoint):
            raise InputError(
                "An unknown variance is for two means. Leave 'known_variance' for endpoints with rates."
            )
        return _wishart_power(first, second, correlation, treated, control, alpha)
    rho = _statistics_correlation(first, second, correlation, treated, control)
    margin, other = (_margin(endpoint, treated, control, alpha) for endpoint in (first, second))
    return float(bivariate_normal(margin, other, rho))


def size(
    first: Endpoint,
    second: Endpoint,
    correlation: float,
    alpha: float,
    wanted_power: float,
    *,
    ratio: float = 1.0,
    known_variance: bool = True,
) -> TwoArmSize:
    """Return the smallest arms with the power to win on both endpoints; arguments as for ``power``."""
    _check(first, second, correlation, alpha)
    check_power(wanted_power, alpha**2)
    check_ratio(ratio)

    def at(control: int) -> tuple[int, float]:
        treated = max(2, arm_sizes(control * (1.0 + ratio), ratio)[0])
        reached = power(first, second, correlation, treated, control, alpha, known_variance=known_variance)
        return treated, reached

    control = smallest_control(lambda count: at(count)[1] >= wanted_power, 2, LARGEST_ARM)
    treated, reached = at(control)
    return TwoArmSize(needed=float(treated + control), treated=treated, control=control, power=reached)


def exact_power(
    first: BinaryEndpoint,
    second: BinaryEndpoint,
    correlation: float,
    treated: int,
    control: int,
    alpha: float,
    test: RateTest,
) -> float:
    r"""Return the exact power to win on both rates.

    .. math:: \sum P_1(x_1, y_1) P_0(x_0, y_0) [(x_1, x_0) \in R] [(y_1, y_0) \in R]

    R is what the test rejects, P are bivariate binomial.  correlation: of the answers, the same in both
    arms.  Written as a product of matrices, R P_0 R^T, it costs the cube of the arm's size.  Source: Homma
    and Yoshida, Statistical Methods in Medical Research 2025.
    """
    _check(first, second, correlation, alpha)
    of_treated = bivariate_binomial(treated, first.rate, second.rate, correlation)
    of_control = bivariate_binomial(control, first.control_rate, second.control_rate, correlation)
    region = rejection_region(treated, control, alpha, test).astype(float)
    return float((of_treated * (region @ of_control @ region.T)).sum())


def exact_size(
    first: BinaryEndpoint,
    second: BinaryEndpoint,
    correlation: float,
    alpha: float,
    wanted_power: float,
    test: RateTest,
    *,
    ratio: float = 1.0,
    lasting: int = 5,
) -> TwoArmSize:
    """Return the smallest arms whose exact power is reached by them and the next few sizes (a saw-tooth)."""
    guess = size(first, second, correlation, alpha, wanted_power, ratio=ratio)
    run: list[TwoArmSize] = []
    for control in range(max(2, int(0.8 * guess.control)), LARGEST_EXACT_ARM + 1):
        treated = max(1, arm_sizes(control * (1.0 + ratio), ratio)[0])
        reached = exact_power(first, second, correlation, treated, control, alpha, test)
        found = TwoArmSize(needed=float(treated + control), treated=treated, control=control, power=reached)
        run = [*run, found] if reached >= wanted_power else []
        if len(run) > lasting:
            return run[0]
    raise InputError(
        f"No size up to {LARGEST_EXACT_ARM} per arm reaches power {wanted_power:g} by exact enumeration. Use "
        f"the formula, which says {guess.control} controls."
    )


def bounds(first: Endpoint, second: Endpoint) -> tuple[float, float]:
    """Return the correlations that two endpoints can have: in both arms at once."""
    if isinstance(first, BinaryEndpoint) and isinstance(second, BinaryEndpoint):
        treated = correlation_bounds(first.rate, second.rate)
        control = correlation_bounds(first.control_rate, second.control_rate)
        return max(treated[0], control[0]), min(treated[1], control[1])
    return -1.0, 1.0


def _check(first: Endpoint, second: Endpoint, correlation: float, alpha: float) -> None:
    check_alpha(alpha)
    check_correlation("correlation", correlation, bounds(first, second))


def _margin(endpoint: Endpoint, treated: float, control: float, alpha: float) -> float:
    """Return how far the expected statistic lies above its critical value."""
    critical = float(ndtri(1.0 - alpha))
    if isinstance(endpoint, ContinuousEndpoint):
        return endpoint.effect * float(np.sqrt(treated * control / (treated + control))) - critical
    p, q = endpoint.rate, endpoint.control_rate
    pooled = (treated * p + control * q) / (treated + control)
    under_null = np.sqrt(pooled * (1 - pooled) * (1 / treated + 1 / control))
    return float((p - q - critical * under_null) / np.sqrt(p * (1 - p) / treated + q * (1 - q) / control))


def _statistics_correlation(
    first: Endpoint, second: Endpoint, correlation: float, treated: float, control: float
) -> float:
    r"""Return the correlation of the two test statistics.

    .. math:: \frac{\sum_a c_a / n_a}{\sqrt{\sum_a v_{a1}/n_a \sum_a v_{a2}/n_a}}

    with c the covariance and v the variances of the endpoints in arm a.
    """
    covariance, spread, other = 0.0, 0.0, 0.0
    for arm, patients in enumerate((treated, control)):
        one, two = _deviation(first, arm), _deviation(second, arm)
        covariance += correlation * _attenuation(first, second, arm) * one * two / patients
        spread += one**2 / patients
        other += two**2 / patients
    return float(np.clip(covariance / np.sqrt(spread * other), -1.0, 1.0))


def _rate(endpoint: BinaryEndpoint, arm: int) -> float:
    return endpoint.control_rate if arm else endpoint.rate


def _deviation(endpoint: Endpoint, arm: int) -> float:
    if isinstance(endpoint, ContinuousEndpoint):
        return 1.0
    rate = _rate(endpoint, arm)
    return float(np.sqrt(rate * (1.0 - rate)))


def _attenuation(first: Endpoint, second: Endpoint, arm: int) -> float:
    r"""Return by what a biserial correlation shrinks when the variable is cut at a threshold.

    .. math:: \varphi(\Phi^{-1}(p)) / \sqrt{p(1-p)}
    """
    cut = [endpoint for endpoint in (first, second) if isinstance(endpoint, BinaryEndpoint)]
    if len(cut) != 1:
        return 1.0
    rate = _rate(cut[0], arm)
    return float(np.exp(-0.5 * ndtri(rate) ** 2) / np.sqrt(2 * np.pi * rate * (1 - rate)))


def _wishart_power(
    first: ContinuousEndpoint,
    second: ContinuousEndpoint,
    correlation: float,
    treated: float,
    control: float,
    alpha: float,
) -> float:
    r"""Return the power of two t tests.

    .. math:: E\left[\Phi_2\left(m_1(w_{11}), m_2(w_{22}); \rho\right)\right], \quad
              m(w) = \delta\sqrt{\tfrac{n_1 n_0}{n_1 + n_0}} - t_{1-\alpha,\nu}\sqrt{w/\nu}

    W is Wishart with nu = N - 2 degrees of freedom.  By Bartlett's decomposition its diagonal is made of two
    independent chi-squares and a normal variable, each integrated by its quantiles.
    """
    freedom = treated + control - 2.0
    if freedom < 2:
        raise InputError(
            f"{treated:g} and {control:g} patients are too few for two t tests. Give at least 4."
        )
    nodes, weights = np.polynomial.legendre.leggauss(_VARIANCE_POINTS)
    reach = 7.0
    places = reach * nodes
    share = weights * np.exp(-0.5 * places**2)
    share /= share.sum()
    upper = ndtr(-places)
    chi, chi_less = np.sqrt(chdtri(freedom, upper)), chdtri(freedom - 1.0, upper)
    rest = np.sqrt(1.0 - correlation**2)
    mixed = correlation * chi[:, None] + rest * places[None, :]
    second_sum = mixed[:, :, None] ** 2 + (1.0 - correlation**2) * chi_less[None, None, :]
    scale = np.sqrt(treated * control / (treated + control))
    critical = stdtrit(freedom, 1.0 - alpha) / np.sqrt(freedom)
    at_first = (first.effect * scale - critical * chi)[:, None, None]
    at_second = second.effect * scale - critical * np.sqrt(second_sum)
    powers = bivariate_normal(at_first, at_second, correlation)
    return float((powers * share[:, None, None] * share[None, :, None] * share[None, None, :]).sum())
