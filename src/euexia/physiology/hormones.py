"""Insulin-like growth factor 1, relative to the healthy person."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value


class Constants(NamedTuple):
    """Numbers of the block ``hormones``."""

    igf1_turnover: Value
    inflammation_effect: Value


def igf1_change(igf1: Value, inflammation: Value, stimulation: Value, c: Constants) -> Value:
    r"""Return the rate of change of IGF-1 [1/day]: :math:`k_{igf} ((1 - i_{inf} h)(1 + e_{igf}) - IGF)`."""
    target = (1 - c.inflammation_effect * inflammation) * (1 + stimulation)
    return c.igf1_turnover * (target - igf1)
