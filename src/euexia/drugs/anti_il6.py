"""An antibody against interleukin-6, into a vein, as its mean exposure."""

from __future__ import annotations

from typing import NamedTuple

from euexia.drugs.drug import Columns, Drug, own_factor
from euexia.model.effects import Effects
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet


class Constants(NamedTuple):
    """Numbers of the drug ``anti_il6``."""

    clearance: Value
    half_effect_concentration: Value
    suppression: Value


def suppressed(dose_rate: Value, personal_clearance: Value, c: Constants) -> Value:
    r"""Return the share of the inflammatory drive that a mean dose [mg/day] suppresses.

    .. math:: E = E_{max} \frac{C_{av}}{C_{50} + C_{av}}, \quad C_{av} = \frac{\dot D}{CL}

    personal_clearance: the patient's own factor.
    """
    mean = dose_rate / (c.clearance * personal_clearance)
    return c.suppression * mean / (c.half_effect_concentration + mean)


def effects(dose: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what a mean dose [mg/day] does."""
    c = parameters.constants("anti_il6", Constants)
    personal = own_factor(columns, "anti_il6_clearance_effect")
    return Effects(inflammation_suppression=suppressed(dose, personal, c))


ANTI_IL6 = Drug(name="anti_il6", label="anti-interleukin-6 antibody", amount="oral_dose", effects=effects)
