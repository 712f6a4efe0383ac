"""Body composition as CT of the third lumbar vertebra (Mourtzakis et al. 2008) and DXA show it."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, positive_part


class Constants(NamedTuple):
    """Numbers of the block ``body_composition``."""

    lean_per_area: Value
    lean_offset: Value
    fat_per_area: Value
    fat_offset: Value
    bone: Value


def premorbid_area(weight: Value, fat: Value, c: Constants) -> Value:
    r"""Return the skeletal muscle area of the healthy person [cm^2]: :math:`(BW_p - F_p - 6.06)/0.30`."""
    return (weight - fat - c.lean_offset) / c.lean_per_area


def lean_mass_from_area(area: Value, c: Constants) -> Value:
    r"""Return lean mass by CT [kg]: :math:`0.30\,SMA + 6.06`."""
    return c.lean_per_area * area + c.lean_offset


def fat_area(fat: Value, c: Constants) -> Value:
    r"""Return the fat area on CT [cm^2]: :math:`(F - 11.2)_+/0.042`."""
    return positive_part(fat - c.fat_offset) / c.fat_per_area


def fat_mass_from_area(area: Value, c: Constants) -> Value:
    r"""Return fat mass by CT [kg]: :math:`0.042\,A + 11.2`."""
    return c.fat_per_area * area + c.fat_offset


def lean_mass_by_dxa(lean: Value, water: Value, glycogen_with_water: Value, c: Constants) -> Value:
    r"""Return lean mass by DXA [kg]: :math:`L + W + 3.7\,G - 2.6` (bone)."""
    return lean + water + glycogen_with_water - c.bone
