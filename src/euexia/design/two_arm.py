"""Two arms compared by an exact test: power by enumerating every possible table."""

from __future__ import annotations

from dataclasses import dataclass

from euexia.statistics.proportions import (
    Alternative,
    check_probability,
    check_size,
    fisher_p_values,
    two_arm_probabilities,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FisherDesign:
    """Two arms compared by Fisher's exact test."""

    size: int
    control_size: int
    rate: float
    control_rate: float
    alpha: float
    alternative: Alternative
    level: float
    """Probability of rejecting when both arms respond at the control rate."""
    power: float


def fisher_design(
    size: int,
    control_size: int,
    rate: float,
    control_rate: float,
    alpha: float,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> FisherDesign:
    r"""Return level and power of Fisher's exact test.

    .. math:: \sum_{a,b} \mathrm{Bin}(a; n_1, p_1) \mathrm{Bin}(b; n_0, p_0) [p(a, b) \le \alpha]

    size, control_size: n1 and n0.  rate, control_rate: p1 and p0.  Raises InputError for numbers that make no
    design.
    """
    check_size("size", size)
    check_size("control_size", control_size)
    for name, value in (("rate", rate), ("control_rate", control_rate), ("alpha", alpha)):
        check_probability(name, value)
    rejected = fisher_p_values(size, control_size, alternative) <= alpha
    return FisherDesign(
        size=size,
        control_size=control_size,
        rate=rate,
        control_rate=control_rate,
        alpha=alpha,
        alternative=alternative,
        level=float(two_arm_probabilities(size, control_size, control_rate, control_rate)[rejected].sum()),
        power=float(two_arm_probabilities(size, control_size, rate, control_rate)[rejected].sum()),
    )
