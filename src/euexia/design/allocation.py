"""How patients are divided between two arms."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from euexia.core.errors import InputError

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoArmSize:
    """How many patients two arms need."""

    needed: float
    """Both arms together, as a real number."""
    treated: int
    control: int
    power: float
    """With the whole numbers of patients."""

    @property
    def total(self) -> int:
        """Return the patients of both arms."""
        return self.treated + self.control


def arm_sizes(total: float, ratio: float) -> tuple[int, int]:
    """Return whole sizes (treated, control) that suffice for a total; ratio: treated per control."""
    control = math.ceil(total / (1.0 + ratio) - _ROUNDING)
    return max(1, math.ceil(total * ratio / (1.0 + ratio) - _ROUNDING)), max(1, control)


def sized(needed: float, ratio: float, power: Callable[[float, float], float]) -> TwoArmSize:
    """Return whole arms for a total that a formula asks for; power: of (treated, control) patients."""
    treated, control = arm_sizes(needed, ratio)
    return TwoArmSize(needed=needed, treated=treated, control=control, power=power(treated, control))


def smallest_control(reached: Callable[[int], bool], start: int, largest: int) -> int:
    """Return the smallest control arm from which on a power is reached, for a power that grows with it.

    start: where to begin looking; the search doubles, then halves.  Raises InputError if ``largest`` is not
    enough.
    """
    low, high = start - 1, start
    while not reached(high):
        if high >= largest:
            raise InputError(
                f"More than {largest} patients per arm would be needed. Ask for less power or a larger "
                "difference."
            )
        low, high = high, min(2 * high, largest)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
