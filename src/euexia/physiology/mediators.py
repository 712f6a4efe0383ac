"""Mediators that are known and whose size in patients is not: RANKL and lipocalin-2; off by default.

No trial seen so far tells their effects apart from those of inflammation at large, so both effects are 0 in
the reference set.  An overlay switches them on.
"""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value


class Constants(NamedTuple):
    """Numbers of the block ``mediators``."""

    rankl: Value
    rankl_effect: Value
    lipocalin2: Value
    lipocalin2_half_effect: Value
    lipocalin2_effect: Value


def rankl_gain(c: Constants) -> Value:
    r"""Return the factor of inflammation's effect on muscle breakdown and quality: :math:`1 + e_R r`."""
    return 1 + c.rankl_effect * c.rankl


def appetite_factor(c: Constants) -> Value:
    r"""Return the factor of appetite by lipocalin-2: :math:`1 - A_L z/(EC_{50} + z)`."""
    return 1 - c.lipocalin2_effect * c.lipocalin2 / (c.lipocalin2_half_effect + c.lipocalin2)
