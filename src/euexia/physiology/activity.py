"""Physical activity, relative to the healthy person."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, sqrt


class Constants(NamedTuple):
    """Numbers of the block ``activity``."""

    turnover: Value
    inflammation_effect: Value
    gdf15_effect: Value
    exercise_effect: Value
    healthy_steps: Value


def activity_target(
    inflammation: Value, gdf15: Value, strength: Value, exercise: Value, c: Constants
) -> Value:
    r"""Return the activity towards which the patient moves.

    .. math:: PA^* = (1 - p_i h)(1 - p_g g) \sqrt{HGS/HGS_p}\,(1 + 0.15\,Ex)

    strength: HGS/HGS_p.
    """
    depressed = (1 - c.inflammation_effect * inflammation) * (1 - c.gdf15_effect * gdf15)
    return depressed * sqrt(strength) * (1 + c.exercise_effect * exercise)


def activity_change(activity: Value, target: Value, c: Constants) -> Value:
    r"""Return the rate of change of activity [1/day]: :math:`k_{pa} (PA^* - PA)`."""
    return c.turnover * (target - activity)


def daily_steps(activity: Value, c: Constants) -> Value:
    """Return steps per day."""
    return c.healthy_steps * activity
