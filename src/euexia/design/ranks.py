"""Two arms compared by who does better: win odds, the Wilcoxon test, ordered categories."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from euexia.core.errors import InputError
from euexia.design.allocation import TwoArmSize, sized
from euexia.design.input_checks import check_alpha, check_positive, check_power, check_ratio

Floats = NDArray[np.float64]


class Spread(StrEnum):
    """What is assumed of the variance of the win probability."""

    SHIFT = "shift"
    """Of two like distributions without ties: 1 / (12 k (1 - k)), as for the Wilcoxon test."""
    LARGEST = "largest"
    """The largest that any pair of distributions can have: p (1 - p) / min(k, 1 - k)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WinSize:
    """Size of a comparison by win odds."""

    size: TwoArmSize
    win_odds: float
    win_probability: float
    """That a treated patient does better than a control one, ties counted half."""
    deviation: float
    """Standard deviation of the estimated win probability times the root of all patients."""


def win_odds_size(
    win_odds: float,
    alpha: float,
    power: float,
    *,
    ratio: float = 1.0,
    spread: Spread = Spread.SHIFT,
    tied: float = 0.0,
) -> WinSize:
    r"""Return the size of a comparison of two arms by win odds.

    .. math:: N = \frac{(z_{1-\alpha} + z_{1-\beta})^2 \sigma^2}{(p - 1/2)^2}, \quad p = \frac{WO}{1 + WO},
              \quad \sigma^2 = \frac{1 - T}{12 k (1 - k)}

    win_odds: WO, wins plus half the ties over losses plus half the ties.  alpha: one-sided.  ratio: treated
    per control; k their share.  tied: T, the sum of cubes of the shares that tie with each other (0 without
    ties). Sources: Gasparyan, Kowalewski, Folkvaljon, Bengtsson, Buenconsejo, Adler and Koch, Journal of
    Biopharmaceutical Statistics 2021;31:765-787; Noether, Journal of the American Statistical Association
    1987;82:645-647; the ties: Zhao, Rahardja and Qu, Statistics in Medicine 2008;27:462-468.
    """
    check_positive("win_odds", win_odds, "wins over losses, ties counted half each, for example 1.5")
    if win_odds == 1:
        raise InputError("'win_odds' is 1: neither arm does better. Give, for example, 1.5.")
    check_alpha(alpha)
    check_power(power, alpha)
    check_ratio(ratio)
    if not 0 <= tied < 1:
        raise InputError(
            f"'tied' is {tied:g}. Give the sum of cubed shares of the tied groups, from 0 to below 1."
        )
    probability = win_odds / (1.0 + win_odds)
    share = ratio / (1.0 + ratio)
    variance = win_variance(probability, share, spread) * (1.0 - tied if spread is Spread.SHIFT else 1.0)

    def reached(treated: float, control: float) -> float:
        whole = treated / (treated + control)
        scaled = (
            variance * win_variance(probability, whole, spread) / win_variance(probability, share, spread)
        )
        moved = abs(probability - 0.5) * np.sqrt((treated + control) / scaled)
        return float(ndtr(moved - ndtri(1.0 - alpha)))

    needed = variance * float(ndtri(1.0 - alpha) + ndtri(power)) ** 2 / (probability - 0.5) ** 2
    return WinSize(
        size=sized(needed, ratio, reached),
        win_odds=win_odds,
        win_probability=probability,
        deviation=variance**0.5,
    )


def win_variance(probability: float, share: float, spread: Spread) -> float:
    """Return the variance of the estimated win probability times all patients; share: of the treated."""
    match spread:
        case Spread.SHIFT:
            return 1.0 / (12.0 * share * (1.0 - share))
        case Spread.LARGEST:
            return probability * (1.0 - probability) / min(share, 1.0 - share)
        case _:
            assert_never(spread)


def win_probability_of_effect(effect: float) -> float:
    r"""Return the win probability of two normal distributions a standardised effect apart.

    .. math:: p = \Phi(d / \sqrt 2)
    """
    return float(ndtr(effect / np.sqrt(2.0)))


def win_odds_of_categories(treated: ArrayLike, control: ArrayLike, ratio: float = 1.0) -> tuple[float, float]:
    r"""Return win odds and tied share T of ordered categories, worst first.

    .. math:: p = \sum_i \pi_i \left(\sum_{j<i} \kappa_j + \tfrac12 \kappa_i\right), \quad
              T = \sum_i (k\pi_i + (1-k)\kappa_i)^3

    treated, control: pi and kappa, shares of the patients of each arm, shape (categories,), each summing to
    1.
    """
    better, other = np.asarray(treated, dtype=float), np.asarray(control, dtype=float)
    for name, shares in (("treated", better), ("control", other)):
        if (
            shares.ndim != 1
            or shares.shape != better.shape
            or (shares < 0).any()
            or abs(shares.sum() - 1) > 1e-6
        ):
            raise InputError(
                f"'{name}' must give the share of each category, at least 0, with sum 1, in both arms."
            )
    probability = float((better * (np.cumsum(other) - other / 2.0)).sum())
    mixed = (ratio * better + other) / (1.0 + ratio)
    if probability == 1:
        raise InputError(
            "Every treated patient does better than every control: no trial is needed to see that."
        )
    return probability / (1.0 - probability), float((mixed**3).sum())
