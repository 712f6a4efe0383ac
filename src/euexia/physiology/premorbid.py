"""The healthy person before the disease: composition, expenditure and intake in exact balance.

Hall et al., Lancet 2011;378:826 (Mifflin-St Jeor, Jackson, and extracellular water regressions as used
there); skeletal muscle after Lee et al. 2000.
"""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, exp, log, maximum, where


class Constants(NamedTuple):
    """Numbers of the block ``premorbid``."""

    resting_weight: Value
    resting_height: Value
    resting_age: Value
    resting_offset_men: Value
    resting_offset_women: Value
    fat_age: Value
    fat_log_index_men: Value
    fat_log_index_women: Value
    fat_offset_men: Value
    fat_offset_women: Value
    fat_floor_men: Value
    fat_floor_women: Value
    body_mass_index_unit: Value
    water_age_men: Value
    water_age_women: Value
    water_height_men: Value
    water_height_women: Value
    water_weight_men: Value
    water_weight_women: Value
    water_offset_men: Value
    water_offset_women: Value
    glycogen: Value
    muscle_share_men: Value
    muscle_share_women: Value
    muscle_weight: Value
    muscle_height: Value
    muscle_men: Value
    muscle_age: Value
    muscle_offset: Value
    grip_per_muscle: Value
    grip_women: Value
    grip_age: Value
    grip_reference_age: Value


def resting_expenditure(weight: Value, height: Value, age: Value, male: Value, c: Constants) -> Value:
    r"""Return resting energy expenditure of a healthy person [kcal/day].

    .. math:: RMR = 9.99\,BW + 625\,H - 4.92\,age + (5 \text{ men} \mid -161 \text{ women})
    """
    offset = where(male > 0, c.resting_offset_men, c.resting_offset_women)
    return c.resting_weight * weight + c.resting_height * height - c.resting_age * age + offset


def fat_mass(weight: Value, height: Value, age: Value, male: Value, c: Constants) -> Value:
    r"""Return fat mass of a healthy person [kg], not below a floor.

    .. math:: F = BW (0.14\,age + a \ln BMI - b)/100
    """
    index = weight / (height * height) / c.body_mass_index_unit
    slope = where(male > 0, c.fat_log_index_men, c.fat_log_index_women)
    offset = where(male > 0, c.fat_offset_men, c.fat_offset_women)
    floor = where(male > 0, c.fat_floor_men, c.fat_floor_women)
    return weight * maximum(c.fat_age * age + slope * log(index) + offset, floor)


def extracellular_water(weight: Value, height: Value, age: Value, male: Value, c: Constants) -> Value:
    r"""Return extracellular water of a healthy person [kg].

    .. math:: W = 0.025\,age + 9.57\,H + 0.191\,BW - 12.4 \text{ (men)}; \;
        5.98\,H + 0.167\,BW - 4.0 \text{ (women)}
    """
    per_age = where(male > 0, c.water_age_men, c.water_age_women)
    per_height = where(male > 0, c.water_height_men, c.water_height_women)
    per_weight = where(male > 0, c.water_weight_men, c.water_weight_women)
    offset = where(male > 0, c.water_offset_men, c.water_offset_women)
    return per_age * age + per_height * height + per_weight * weight + offset


def skeletal_muscle(weight: Value, height: Value, age: Value, male: Value, c: Constants) -> Value:
    r"""Return skeletal muscle mass of a healthy person [kg].

    .. math:: SM = 0.244\,BW + 7.80\,H + 6.6\,male - 0.098\,age - 3.3
    """
    size = c.muscle_weight * weight + c.muscle_height * height
    return size + male * c.muscle_men - c.muscle_age * age + c.muscle_offset


def muscle_share(male: Value, c: Constants) -> Value:
    """Return the share of muscle cells in lean tissue without extracellular water."""
    return where(male > 0, c.muscle_share_men, c.muscle_share_women)


def grip_factor(age: Value, male: Value, c: Constants) -> Value:
    r"""Return healthy handgrip per muscle mass relative to a man of the reference age.

    .. math:: (1 \text{ men} \mid w \text{ women}) \; e^{a (age - age_0)}
    """
    return where(male > 0, 1.0, c.grip_women) * exp(c.grip_age * (age - c.grip_reference_age))
