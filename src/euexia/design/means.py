"""Two arms compared by their means: z test, t test, analysis of covariance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import chdtr, nctdtr, ndtr, ndtri, stdtrit

from euexia.core.errors import InputError
from euexia.design.allocation import TwoArmSize, sized
from euexia.design.input_checks import check_alpha, check_difference, check_positive, check_power, check_ratio

Floats = NDArray[np.float64]

LARGEST_TOTAL = 10_000_000
_FAR = 100.0
_IMBALANCE_POINTS = 40
_IMBALANCE_REACH = 7.0


def z_size(variance: float, difference: float, alpha: float, power: float, ratio: float = 1.0) -> TwoArmSize:
    r"""Return the size of a comparison of two means with known variance.

    .. math:: N = \frac{(1 + r)^2}{r}\frac{(z_{1-\alpha} + z_{1-\beta})^2 \sigma^2}{\delta^2}

    variance: sigma squared.  difference: delta.  ratio: r, treated per control.  alpha: one-sided.  Textbook.
    """
    _check(variance**0.5, difference, alpha, power, ratio)
    scale = (1.0 + ratio) ** 2 / ratio * variance / difference**2

    def reached(treated: float, control: float) -> float:
        return z_power(treated, control, difference, variance, alpha)

    return sized(scale * float(ndtri(1.0 - alpha) + ndtri(power)) ** 2, ratio, reached)


def z_power(treated: float, control: float, difference: float, variance: float, alpha: float) -> float:
    """Return the power of a comparison of two means with known variance, one-sided towards the difference."""
    spread = np.sqrt(variance * (1.0 / treated + 1.0 / control))
    return float(ndtr(abs(difference) / spread - ndtri(1.0 - alpha)))


def t_power(treated: float, control: float, difference: float, deviation: float, alpha: float) -> float:
    r"""Return the power of the t test of two arms, one-sided towards the difference.

    .. math:: P(T_{\nu,\lambda} > t_{1-\alpha,\nu}), \quad
              \lambda = |\delta| / (\sigma\sqrt{1/n_1 + 1/n_0}), \quad \nu = n_1 + n_0 - 2

    treated, control: n1, n0, at least 2 together with one to spare.  deviation: sigma.  A two-sided test at
    twice alpha has this power towards the difference; it rejecting the other way is no success.  Textbook.
    """
    freedom = treated + control - 2.0
    if freedom <= 0:
        raise InputError(
            f"{treated:g} and {control:g} patients leave nothing to estimate the variance from. Give more."
        )
    shift = abs(difference) / (deviation * np.sqrt(1.0 / treated + 1.0 / control))
    return float(t_probability(freedom, shift, alpha))


def t_probability(freedom: float, shift: ArrayLike, alpha: float) -> Floats:
    """Return the probability that a noncentral t exceeds the critical value of a one-sided test.

    Beyond a noncentrality of 100 the normal part is as good as constant, and the variance alone decides.
    """
    moved = np.asarray(shift, dtype=float)
    critical = stdtrit(freedom, 1.0 - alpha)
    near = 1.0 - nctdtr(freedom, np.minimum(moved, _FAR), critical)
    far = chdtr(freedom, freedom * np.minimum(moved / critical, _FAR) ** 2)
    return np.where((moved > _FAR) | np.isnan(near), far, near)


def t_size(difference: float, deviation: float, alpha: float, power: float, ratio: float = 1.0) -> TwoArmSize:
    """Return the size of the t test of two arms, by its exact power; arguments as for t_power and z_size."""
    _check(deviation, difference, alpha, power, ratio)
    return searched(lambda n1, n0: t_power(n1, n0, difference, deviation, alpha), power, ratio, 2)


def ancova_power(
    treated: float, control: float, difference: float, deviation: float, alpha: float, correlation: float
) -> float:
    r"""Return the power of the comparison of two arms adjusted for one normal covariate.

    .. math:: E_F\!\left[P(T_{\nu,\lambda_F} > t_{1-\alpha,\nu})\right], \quad
              \lambda_F = \frac{|\delta|}{\sigma\sqrt{(1-\rho^2)(1/n_1 + 1/n_0)(1 + F/(N-2))}}, \quad
              F \sim F_{1, N-2}, \quad \nu = N - 3

    correlation: rho, of covariate (often baseline) and outcome.  F is the chance imbalance of the covariate;
    the power is averaged over it.  Source of the average: Shieh, Psychological Methods 2020; of 1 - rho
    squared: Borm, Fransen and Lemmens, Journal of Clinical Epidemiology 2007;60:1234-1238.
    """
    total = treated + control
    freedom = total - 3.0
    if freedom <= 0:
        raise InputError(f"{total:g} patients leave nothing to estimate the variance from. Give more.")
    nodes, weights = np.polynomial.legendre.leggauss(_IMBALANCE_POINTS)
    places = _IMBALANCE_REACH * (nodes + 1.0) / 2.0
    shares = weights * np.exp(-0.5 * places**2)
    imbalance = stdtrit(total - 2.0, ndtr(places)) ** 2  # F is a squared t, reached through normal quantiles
    variance = (1.0 - correlation**2) * (1.0 / treated + 1.0 / control) * (1.0 + imbalance / (total - 2.0))
    shift = abs(difference) / (deviation * np.sqrt(variance))
    powers = t_probability(freedom, shift, alpha)
    return float((powers * shares).sum() / shares.sum())


def ancova_size(
    difference: float, deviation: float, alpha: float, power: float, correlation: float, ratio: float = 1.0
) -> TwoArmSize:
    """Return the size of a comparison adjusted for a covariate; arguments as for ancova_power and z_size."""
    _check(deviation, difference, alpha, power, ratio)
    if not -1 < correlation < 1:
        raise InputError(
            f"'correlation' is {correlation:g}. Give the correlation of covariate and outcome, between -1 "
            "and 1."
        )
    return searched(
        lambda n1, n0: ancova_power(n1, n0, difference, deviation, alpha, correlation), power, ratio, 3
    )


def _check(deviation: float, difference: float, alpha: float, power: float, ratio: float) -> None:
    check_positive("deviation", deviation, "the standard deviation between patients")
    check_difference("difference", difference)
    check_alpha(alpha)
    check_power(power, alpha)
    check_ratio(ratio)


def searched(
    power_of: Callable[[float, float], float], power: float, ratio: float, parameters: float
) -> TwoArmSize:
    """Return the smallest arms that reach a power; ``needed`` is the real number at which it is reached."""

    def lacking(total: float) -> float:
        return power_of(total * ratio / (1.0 + ratio), total / (1.0 + ratio)) - power

    least = parameters + 0.1  # below, nothing is left to estimate the variance from
    high = 2.0 * least
    while lacking(high) < 0:
        high *= 2.0
        if high > LARGEST_TOTAL:
            raise InputError(
                f"More than {LARGEST_TOTAL} patients would be needed. Ask for a larger difference."
            )
    needed = least if lacking(least) >= 0 else float(brentq(lacking, least, high, xtol=1e-8))
    return sized(max(needed, parameters + 1.0), ratio, power_of)
