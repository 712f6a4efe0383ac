"""Ponsegromab (PF-06946860): an antibody under the skin that binds GDF-15."""

from __future__ import annotations

from typing import NamedTuple

from euexia.drugs.drug import Columns, Drug, own_factor
from euexia.model.antibody import Injection
from euexia.model.effects import NEUTRAL, Effects
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet


class Constants(NamedTuple):
    """Numbers of the drug ``ponsegromab``."""

    absorption: Value
    bioavailability: Value
    volume: Value
    clearance: Value
    reference_weight: Value
    weight_exponent: Value
    amount_per_mass: Value
    serum_dissociation: Value
    site_half_effect: Value


def size(weight: Value, c: Constants) -> Value:
    r"""Return the factor of clearance and volume of a body weight [kg]: :math:`(BW/BW_{ref})^x`."""
    return (weight / c.reference_weight) ** c.weight_exponent


def depot(dose: Value, volume: Value, c: Constants) -> Value:
    r"""Return what one dose [mg] puts under the skin [nmol/L of the volume]: :math:`F D/(M V)`."""
    return c.bioavailability * dose * c.amount_per_mass / volume


def injection(dose: Value, columns: Columns, parameters: ParameterSet) -> Injection:
    """Return what one dose [mg] brings into the body."""
    c = parameters.constants("ponsegromab", Constants)
    scale = size(columns["weight"], c)
    volume = c.volume * scale * own_factor(columns, "ponsegromab_volume_effect")
    cleared = c.clearance * scale * own_factor(columns, "ponsegromab_clearance_effect")
    return Injection(
        depot=depot(dose, volume, c),
        absorption=c.absorption,
        elimination=cleared / volume,
        serum_dissociation=c.serum_dissociation,
        site_half_effect=c.site_half_effect,
    )


def effects(dose: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return no effects: it acts by binding GDF-15 alone, which the engine follows from each injection."""
    return NEUTRAL


PONSEGROMAB = Drug(
    name="ponsegromab",
    label="ponsegromab",
    amount="oral_dose",
    effects=effects,
    needs=("weight",),
    injection=injection,
)
