"""What every design asks of its inputs, and how it says no."""

from __future__ import annotations

import math

from euexia.core.errors import InputError
from euexia.statistics.proportions import check_probability

MOST_UNEVEN = 100.0


def check_alpha(alpha: float) -> None:
    """Raise InputError unless alpha is a significance level that a test could have."""
    check_probability("alpha", alpha)
    if alpha >= 0.5:
        raise InputError(
            f"'alpha' is {alpha:g}. A test must err in less than half of all trials: give, for example, "
            "0.025 or 0.05."
        )


def check_sides(sides: int) -> None:
    """Raise InputError unless a test has one side or two."""
    if sides not in (1, 2):
        raise InputError(f"'sides' is {sides}. A test has 1 or 2.")


def check_power(power: float, alpha: float) -> None:
    """Raise InputError unless the power is one that a test of this one-sided level could be planned for."""
    check_probability("power", power)
    if power <= alpha:
        raise InputError(
            f"'power' ({power:g}) is not above the one-sided 'alpha' ({alpha:g}): a coin would do. Give, for "
            "example, 0.8 or 0.9."
        )


def check_rates(null: float, alternative: float) -> None:
    """Raise InputError unless both are response rates, the alternative above the null."""
    check_probability("null", null)
    check_probability("alternative", alternative)
    if alternative <= null:
        raise InputError(
            f"'alternative' ({alternative:g}) is not above 'null' ({null:g}). Give the rate hoped for as the "
            "alternative."
        )


def check_ratio(ratio: float) -> None:
    """Raise InputError unless the ratio of treated to control patients is usable."""
    check_positive("ratio", ratio, "the patients treated per control, for example 1 or 2")
    if not 1 / MOST_UNEVEN <= ratio <= MOST_UNEVEN:
        raise InputError(
            f"'ratio' is {ratio:g}. Give the patients treated per control, from {1 / MOST_UNEVEN:g} to "
            f"{MOST_UNEVEN:g}."
        )


def check_positive(name: str, value: float, meaning: str) -> None:
    """Raise InputError unless value is a positive, finite number."""
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"'{name}' is {value:g}. Give {meaning}: a positive number.")


def check_difference(name: str, value: float) -> None:
    """Raise InputError unless a difference between the arms is finite and not zero."""
    if not math.isfinite(value) or value == 0:
        raise InputError(f"'{name}' is {value:g}. Give the difference the trial should detect, other than 0.")
