"""Thalidomide: taken daily; lowers the inflammatory drive and nausea."""

from __future__ import annotations

from typing import NamedTuple

from euexia.drugs.drug import Columns, Drug, own_factor
from euexia.model.effects import Effects
from euexia.model.elementary import Value, where
from euexia.model.pharmacokinetics import DailyExposure, mean_effect, steady_state
from euexia.parameters import ParameterSet


class Constants(NamedTuple):
    """Numbers of the drug ``thalidomide``."""

    dose: Value
    clearance: Value
    volume: Value
    dosing_interval: Value
    maximal_suppression: Value
    half_effect_concentration: Value
    appetite_effect: Value
    water_effect: Value
    thrombosis_ratio: Value
    serious_ratio: Value
    dropout_ratio: Value
    rash_ratio: Value


def exposure(dose: Value, personal_clearance: Value, personal_volume: Value, c: Constants) -> DailyExposure:
    """Return the steady state of daily dosing; the personal arguments are the patient's own factors."""
    return steady_state(dose, c.clearance * personal_clearance, c.volume * personal_volume, c.dosing_interval)


def effects(dose: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    r"""Return what a daily dose [mg] does; an untaken drug does nothing, bit for bit.

    Suppression is the exact daily mean of :math:`E_{max} C/(IC_{50} + C)`; appetite and water go with the
    dose.
    """
    c = parameters.constants("thalidomide", Constants)
    taken = dose > 0
    given = where(taken, dose, c.dose)
    reached = exposure(
        given,
        own_factor(columns, "thalidomide_clearance_effect"),
        own_factor(columns, "thalidomide_volume_effect"),
        c,
    )
    suppression = mean_effect(reached, c.maximal_suppression, c.half_effect_concentration)
    strength = dose / c.dose
    neutral = Effects()
    return Effects(
        inflammation_suppression=where(taken, suppression, neutral.inflammation_suppression),
        appetite_factor=1 + c.appetite_effect * strength,
        water_addition=c.water_effect * strength,
        thrombosis_factor=where(taken, c.thrombosis_ratio, neutral.thrombosis_factor),
        serious_factor=where(taken, c.serious_ratio, neutral.serious_factor),
        dropout_factor=where(taken, c.dropout_ratio, neutral.dropout_factor),
        rash_factor=1 + (c.rash_ratio - 1) * strength,
    )


THALIDOMIDE = Drug(name="thalidomide", label="thalidomide", amount="oral_dose", effects=effects)
