"""Tumour burden, its kill by chemotherapy, and its size on images."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value, exp


class Constants(NamedTuple):
    """Numbers of the block ``tumour``."""

    kill_decay: Value
    tissue_density: Value
    target_lesions: Value
    target_share: Value
    sphere_volume: Value
    cubic_millimetres: Value
    root: Value


def tumour_change(
    mass: Value, growth: Value, kill: Value, under_treatment: Value, day: Value, c: Constants
) -> Value:
    r"""Return the rate of change of tumour burden [kg/day].

    .. math:: \dot T = K_G T - ch\, K_D e^{-\lambda t} T

    under_treatment: 1 while chemotherapy runs, else 0.  day: since chemotherapy began.
    """
    return (growth - under_treatment * kill * exp(-c.kill_decay * day)) * mass


def untreated_mass(mass: Value, growth: Value, day: Value) -> Value:
    r"""Return the untreated burden at a day [kg]: :math:`T = T_0 e^{K_G t}`.

    mass: burden on day 0 [kg].
    """
    return mass * exp(growth * day)


def target_diameters(mass: Value, c: Constants) -> Value:
    r"""Return the sum of diameters of the target lesions [mm], taken as equal spheres.

    .. math:: \sum d = n \left(\frac{s T/\rho}{n\,\pi/6}\right)^{1/3}
    """
    volume = c.target_share * mass / c.tissue_density * c.cubic_millimetres / c.target_lesions
    return c.target_lesions * (volume / c.sphere_volume) ** c.root
