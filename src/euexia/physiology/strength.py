"""Muscle quality (force per muscle mass) and handgrip strength.

Quality is the place where mitochondria and nerves act: what they lose under inflammation, inactivity and
chemotherapy, and gain by training, changes force without changing mass.  They have no states of their own.
"""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, positive_part


class Constants(NamedTuple):
    """Numbers of the block ``strength``."""

    quality_turnover: Value
    inflammation_effect: Value
    inactivity_effect: Value
    chemotherapy_effect: Value
    exercise_effect: Value
    dilution: Value
    recovery: Value


def quality_target(
    inflammation: Value, activity: Value, chemotherapy: Value, exercise: Value, personal: Value, c: Constants
) -> Value:
    r"""Return the muscle quality towards which the patient moves (1 = own healthy).

    .. math:: Q^* = (1 - z q_i h)(1 - z q_{pa} (1 - PA))(1 - z q_{ch} ch)(1 + q_{ex} Ex)

    personal: z, the patient's own size of these effects.
    """
    inflamed = 1 - personal * c.inflammation_effect * inflammation
    inactive = 1 - personal * c.inactivity_effect * (1 - activity)
    treated = 1 - personal * c.chemotherapy_effect * chemotherapy
    return inflamed * inactive * treated * (1 + c.exercise_effect * exercise)


def quality_change(quality: Value, target: Value, growth: Value, c: Constants) -> Value:
    r"""Return the rate of change of muscle quality [1/day].

    .. math:: \dot Q = k_Q [(Q^* - Q) - (1 - r_Q) (Q^* - Q)_+] - \theta Q (\dot L_m/L_m)_+

    growth: relative growth of muscle [1/day].  r_Q below 1: quality comes back more slowly than it goes.
    """
    gap = target - quality
    gap = gap - (1 - c.recovery) * positive_part(gap)
    return c.quality_turnover * gap - c.dilution * quality * positive_part(growth)


def relative_strength(muscle: Value, premorbid_muscle: Value, quality: Value) -> Value:
    r"""Return strength relative to the healthy person: :math:`HGS/HGS_p = (L_m/L_{m,p}) Q`."""
    return muscle / premorbid_muscle * quality
