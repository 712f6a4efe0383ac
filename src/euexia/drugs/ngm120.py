"""NGM120: an antibody under the skin that blocks the GDF-15 receptor GFRAL, as its mean exposure."""

from __future__ import annotations

from typing import NamedTuple

from euexia.drugs.drug import Columns, Drug, own_factor
from euexia.model.effects import Effects
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet


class Constants(NamedTuple):
    """Numbers of the drug ``ngm120``."""

    bioavailability: Value
    clearance: Value
    half_occupancy_concentration: Value


def occupancy(dose_rate: Value, personal_clearance: Value, c: Constants) -> Value:
    r"""Return the share of receptors blocked by a mean dose [mg/day].

    .. math:: RO = \frac{C_{av}}{K_{RO} + C_{av}}, \quad C_{av} = \frac{F \dot D}{CL}

    personal_clearance: the patient's own factor.
    """
    mean = c.bioavailability * dose_rate / (c.clearance * personal_clearance)
    return mean / (c.half_occupancy_concentration + mean)


def effects(dose: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what a mean dose [mg/day] does."""
    c = parameters.constants("ngm120", Constants)
    return Effects(receptor_occupancy=occupancy(dose, own_factor(columns, "ngm120_clearance_effect"), c))


NGM120 = Drug(name="ngm120", label="NGM120", amount="oral_dose", effects=effects)
