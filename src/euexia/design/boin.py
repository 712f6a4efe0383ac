"""Bayesian optimal interval design: when a dose-finding trial goes up, stays or comes down."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log

from scipy.special import betainc

from euexia.core.errors import InputError
from euexia.statistics.proportions import check_probability, check_size

_ROUNDING = 1e-12
LEAST_TO_ELIMINATE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BoinBoundaries:
    """Observed toxicity rates that move the dose."""

    target: float
    escalate: float
    """Go up while the observed rate is at most this (lambda_e)."""
    deescalate: float
    """Come down once it is at least this (lambda_d)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoinRow:
    """Counts for a number of patients at a dose."""

    patients: int
    escalate_at_most: int
    deescalate_at_least: int
    eliminate_at_least: int | None
    """Toxicities at which the dose is given up; None where no count is."""


def boin_boundaries(target: float, low: float | None = None, high: float | None = None) -> BoinBoundaries:
    r"""Return the boundaries of the local BOIN design.

    .. math:: \lambda_e = \frac{\ln\frac{1 - \phi_1}{1 - \phi}}{\ln\frac{\phi(1 - \phi_1)}{\phi_1(1 - \phi)}},
              \qquad
              \lambda_d = \frac{\ln\frac{1 - \phi}{1 - \phi_2}}{\ln\frac{\phi_2(1 - \phi)}{\phi(1 - \phi_2)}}

    target: phi.  low, high: phi_1 and phi_2, rates that are too low and too high; 0.6 and 1.4 times the
    target unless given.  Source: Liu and Yuan, Journal of the Royal Statistical Society C 2015;64:507-523.
    """
    check_probability("target", target)
    below = 0.6 * target if low is None else low
    above = 1.4 * target if high is None else high
    if not 0 < below < target < above < 1:
        raise InputError(
            f"'target' is {target:g}, too low {below:g}, too high {above:g}. Give rates between 0 and 1 in "
            "the order low, target, high."
        )
    return BoinBoundaries(
        target=target,
        escalate=log((1 - below) / (1 - target)) / log(target * (1 - below) / (below * (1 - target))),
        deescalate=log((1 - target) / (1 - above)) / log(above * (1 - target) / (target * (1 - above))),
    )


def boin_table(boundaries: BoinBoundaries, patients: int, eliminate: float = 0.95) -> tuple[BoinRow, ...]:
    r"""Return the decisions for 1 to ``patients`` patients at a dose.

    A dose is given up when, with a uniform prior, :math:`P(p > \phi \mid \text{data})` exceeds ``eliminate``
    and at least 3 patients were treated.
    """
    check_size("patients", patients)
    check_probability("eliminate", eliminate)
    return tuple(
        BoinRow(
            patients=count,
            escalate_at_most=floor(count * boundaries.escalate + _ROUNDING),
            deescalate_at_least=ceil(count * boundaries.deescalate - _ROUNDING),
            eliminate_at_least=_eliminate(count, boundaries.target, eliminate),
        )
        for count in range(1, patients + 1)
    )


def _eliminate(count: int, target: float, limit: float) -> int | None:
    if count < LEAST_TO_ELIMINATE:
        return None
    for toxic in range(count + 1):
        if 1.0 - betainc(1 + toxic, 1 + count - toxic, target) > limit:
            return toxic
    return None
