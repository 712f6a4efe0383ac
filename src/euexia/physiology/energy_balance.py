"""How energy is shared between fat, lean tissue and glycogen (Hall et al. 2011, extended)."""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.elementary import Value


class Constants(NamedTuple):
    """Numbers of the block ``energy_balance``."""

    fat_energy_density: Value
    lean_energy_density: Value
    glycogen_energy_density: Value
    fat_deposition_cost: Value
    lean_deposition_cost: Value
    forbes_constant: Value
    glycogen_water: Value
    carbohydrate_share: Value
    lipolysis: Value


def body_weight(fat: Value, lean: Value, water: Value, glycogen: Value, c: Constants) -> Value:
    r"""Return body weight [kg]: :math:`BW = F + L + W + 3.7\,G`."""
    return fat + lean + water + (1 + c.glycogen_water) * glycogen


def glycogen_change(intake: Value, glycogen: Value, breakdown: Value, c: Constants) -> Value:
    r"""Return the rate of change of glycogen [kg/day]: :math:`(CI - k_G G^2)/\rho_G`.

    breakdown: kG [kcal/kg^2/day].
    """
    return (c.carbohydrate_share * intake - breakdown * glycogen * glycogen) / c.glycogen_energy_density


def lean_per_fat(inflammation: Value, c: Constants) -> Value:
    r"""Return the change of lean mass per relative change of fat mass [kg]: :math:`C_F (1 - \lambda h_0)`.

    inflammation: h_0 on day 0, the inflammation of the patient's own disease; it does not change with
    treatment, so fat and lean mass belong together whichever way they were reached.
    """
    return c.forbes_constant * (1 - c.lipolysis * inflammation)


def fat_change(surplus: Value, own_lean_change: Value, fat: Value, forbes: Value, c: Constants) -> Value:
    r"""Return the rate of change of fat mass [kg/day].

    .. math:: \dot F =
        \frac{EI - B - \rho_G \dot G - (\rho_L + \eta_L) J}{\rho_F + \eta_F + (\rho_L + \eta_L) C_F/F}

    surplus: EI - B - rhoG dG/dt, energy not spent otherwise [kcal/day].  own_lean_change: J, the change of
    lean tissue that does not follow fat [kg/day]; what lean tissue loses by itself feeds the fat.
    forbes: C_F of the patient [kg].
    """
    lean_cost = c.lean_energy_density + c.lean_deposition_cost
    fat_cost = c.fat_energy_density + c.fat_deposition_cost
    return (surplus - lean_cost * own_lean_change) / (fat_cost + lean_cost * forbes / fat)


def lean_following_fat(fat_rate: Value, fat: Value, forbes: Value) -> Value:
    r"""Return the change of lean mass that goes with fat [kg/day], after Forbes: :math:`C_F \dot F / F`."""
    return forbes / fat * fat_rate


def deposition_cost(fat_rate: Value, lean_rate: Value, c: Constants) -> Value:
    r"""Return energy spent on laying down tissue [kcal/day]: :math:`\eta_F \dot F + \eta_L \dot L`."""
    return c.fat_deposition_cost * fat_rate + c.lean_deposition_cost * lean_rate
