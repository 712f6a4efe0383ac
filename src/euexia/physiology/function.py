"""Physical function, performance status and albumin, from strength, activity, weight and inflammation.

Healthy walking is a published equation.  How far disease takes a patient below health is a simple assumed
relation: force per body weight limits rising from a chair, force limits power, force and endurance limit
walking.
"""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, log, maximum, minimum, positive_part, where


class Constants(NamedTuple):
    """Numbers of the block ``function``."""

    walk_height_men: Value
    walk_height_women: Value
    walk_age_men: Value
    walk_age_women: Value
    walk_weight_men: Value
    walk_weight_women: Value
    walk_offset_men: Value
    walk_offset_women: Value
    walk_floor: Value
    walk_strength_exponent: Value
    walk_activity_exponent: Value
    power_per_muscle: Value
    stands: Value
    karnofsky_healthy: Value
    activity_points: Value
    ecog_first: Value
    ecog_step: Value
    ecog_highest: Value
    albumin_healthy: Value
    albumin_crp_slope: Value
    albumin_crp_reference: Value
    albumin_muscle_slope: Value


def healthy_walk(weight: Value, height: Value, age: Value, male: Value, c: Constants) -> Value:
    r"""Return the six-minute walk of a healthy person [m] (Enright and Sherrill 1998), not below a floor.

    .. math:: 7.57\,H - 5.02\,age - 1.76\,BW - 309 \text{ (men)}; \;
        2.11\,H - 5.78\,age - 2.29\,BW + 667 \text{ (women)}
    """
    per_height = where(male > 0, c.walk_height_men, c.walk_height_women)
    per_age = where(male > 0, c.walk_age_men, c.walk_age_women)
    per_weight = where(male > 0, c.walk_weight_men, c.walk_weight_women)
    offset = where(male > 0, c.walk_offset_men, c.walk_offset_women)
    return maximum(per_height * height - per_age * age - per_weight * weight + offset, c.walk_floor)


def six_minute_walk(healthy: Value, strength: Value, activity: Value, c: Constants) -> Value:
    r"""Return the six-minute walk [m]: :math:`D_p (HGS/HGS_p)_+^a PA^b`; assumed.

    healthy: D_p [m].  strength: HGS/HGS_p; where nothing of it is left nobody walks.
    """
    return healthy * positive_part(strength) ** c.walk_strength_exponent * activity**c.walk_activity_exponent


def stair_climb_power(skeletal_muscle: Value, strength: Value, c: Constants) -> Value:
    r"""Return the power of climbing stairs [W]: :math:`p\,SM_p\,HGS/HGS_p`; assumed.

    skeletal_muscle: SM_p, of the healthy person [kg].  strength: HGS/HGS_p.
    """
    return c.power_per_muscle * skeletal_muscle * strength


def chair_stands(strength: Value, weight: Value, premorbid_weight: Value, c: Constants) -> Value:
    r"""Return chair stands in 30 seconds: :math:`n (HGS/HGS_p)/(BW/BW_p)`; assumed.

    strength: HGS/HGS_p.
    """
    return c.stands * strength * premorbid_weight / weight


def karnofsky(activity: Value, c: Constants) -> Value:
    r"""Return Karnofsky performance status: :math:`100 - 75 (1 - PA)_+`, not below 0; assumed."""
    return maximum(c.karnofsky_healthy - c.activity_points * positive_part(1 - activity), 0)


def ecog(karnofsky: Value, c: Constants) -> Value:
    """Return ECOG performance status, a whole number, from Karnofsky performance status."""
    status = 0 * karnofsky
    for step in range(2 * 2):
        status = status + where(karnofsky < c.ecog_first - step * c.ecog_step, 1, 0)
    return minimum(status, c.ecog_highest)


def albumin(crp: Value, muscle: Value, premorbid_muscle: Value, c: Constants) -> Value:
    r"""Return serum albumin [g/L]: :math:`43 - 2.48 \ln(CRP/2)_+ - 10 (1 - L_m/L_{m,p})_+`.

    It falls with inflammation and with the loss of cell mass.
    """
    inflamed = c.albumin_crp_slope * positive_part(log(crp / c.albumin_crp_reference))
    wasted = c.albumin_muscle_slope * positive_part(1 - muscle / premorbid_muscle)
    return c.albumin_healthy - inflamed - wasted
