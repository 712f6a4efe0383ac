"""Neutrophils and platelets."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, minimum


class Constants(NamedTuple):
    """Numbers of the block ``marrow``."""

    neutrophil_turnover: Value
    platelet_turnover: Value


def count_change(count: Value, own: Value, ceiling: Value, turnover: Value) -> Value:
    r"""Return the rate of change of a blood count [10^9/L/day]: :math:`k (\min(N_0, c) - N)`.

    own: N0, the count without treatment.  ceiling: c, to which a drug brings the count down.
    """
    return turnover * (minimum(own, ceiling) - count)
