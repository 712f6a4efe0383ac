"""Anamorelin: a ghrelin receptor agonist taken daily; raises appetite and IGF-1, retains water."""

from __future__ import annotations

from typing import NamedTuple

from euexia.drugs.drug import Columns, Drug, own_factor
from euexia.model.effects import Effects
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet


class Constants(NamedTuple):
    """Numbers of the drug ``anamorelin``."""

    clearance: Value
    dosing_interval: Value
    maximal_appetite_effect: Value
    half_effect_concentration: Value
    maximal_igf1_stimulation: Value
    maximal_water_effect: Value


def saturation(dose: Value, personal_clearance: Value, c: Constants) -> Value:
    r"""Return the share of the largest effect that a daily dose [mg] reaches.

    .. math:: \frac{C_{av}}{EC_{50} + C_{av}}, \quad C_{av} = \frac{D}{\tau\,CL}

    personal_clearance: the patient's own factor.
    """
    mean = dose / (c.clearance * personal_clearance * c.dosing_interval)
    return mean / (c.half_effect_concentration + mean)


def effects(dose: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what a daily dose [mg] does."""
    c = parameters.constants("anamorelin", Constants)
    share = saturation(dose, own_factor(columns, "anamorelin_clearance_effect"), c)
    return Effects(
        appetite_factor=1 + c.maximal_appetite_effect * share,
        igf1_stimulation=c.maximal_igf1_stimulation * share,
        water_addition=c.maximal_water_effect * share,
    )


ANAMORELIN = Drug(name="anamorelin", label="anamorelin", amount="oral_dose", effects=effects)
