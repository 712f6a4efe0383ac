"""Extracellular water."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value


class Constants(NamedTuple):
    """Numbers of the block ``water``."""

    sodium_concentration: Value
    sodium_excretion: Value
    carbohydrate_excretion: Value
    lean_coupling: Value
    inflammation_water: Value


def turnover(c: Constants) -> Value:
    r"""Return the turnover rate of extracellular water [1/day]: :math:`\xi_{Na}/[Na]`."""
    return c.sodium_excretion / c.sodium_concentration


def water_target(
    premorbid: Value,
    lean_change: Value,
    inflammation: Value,
    addition: Value,
    carbohydrate: Value,
    c: Constants,
) -> Value:
    r"""Return the extracellular water towards which the patient moves [kg].

    .. math:: W^* = W_p + \chi (L - L_p) + w_{inf} h + w_{drug} - \frac{\xi_{CI}}{\xi_{Na}} (1 - CI/CI_p)

    lean_change: L - L_p [kg].  addition: by treatment [kg].  carbohydrate: CI/CI_p.
    """
    retained = c.lean_coupling * lean_change + c.inflammation_water * inflammation + addition
    return premorbid + retained - c.carbohydrate_excretion / c.sodium_excretion * (1 - carbohydrate)


def water_change(water: Value, target: Value, c: Constants) -> Value:
    r"""Return the rate of change of extracellular water [kg/day]: :math:`(\xi_{Na}/[Na]) (W^* - W)`."""
    return turnover(c) * (target - water)
