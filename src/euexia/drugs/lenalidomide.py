"""Lenalidomide: taken daily, cleared by the kidney; lowers the inflammatory drive and the blood counts."""

from __future__ import annotations

from typing import NamedTuple

from euexia.drugs.drug import Columns, Drug
from euexia.model.effects import Effects
from euexia.model.elementary import Value, exp, log, where
from euexia.model.pharmacokinetics import DailyExposure, area_under_curve, mean_effect, steady_state
from euexia.parameters import ParameterSet


class Constants(NamedTuple):
    """Numbers of the drug ``lenalidomide``."""

    clearance_offset: Value
    clearance_slope: Value
    volume: Value
    dosing_interval: Value
    maximal_suppression: Value
    half_effect_concentration: Value
    appetite_effect: Value
    reference_dose: Value
    reference_exposure: Value
    marrow_slope: Value
    neutropenia_intercept: Value
    neutropenia_boundary: Value
    neutropenia_steepness: Value
    thrombocytopenia_intercept: Value
    thrombocytopenia_boundary: Value
    thrombocytopenia_steepness: Value
    thrombosis_ratio: Value
    serious_ratio: Value
    dropout_ratio: Value
    rash_ratio: Value


def clearance(creatinine_clearance: Value, personal: Value, c: Constants) -> Value:
    r"""Return apparent clearance [L/h]: :math:`CL/F = (0.6 + 0.1425\,CrCl)\,\eta`.

    creatinine_clearance: [mL/min].  personal: eta, the patient's own factor.
    """
    return (c.clearance_offset + c.clearance_slope * creatinine_clearance) * personal


def exposure(dose: Value, cleared: Value, personal_volume: Value, c: Constants) -> DailyExposure:
    """Return the steady state of daily dosing; personal_volume: the patient's own factor."""
    return steady_state(dose, cleared, c.volume * personal_volume, c.dosing_interval)


def toxicity_logit(intercept: Value, area: Value, susceptibility: Value, c: Constants) -> Value:
    r"""Return the latent severity of a marrow toxicity; above 0 it is grade 3 or worse.

    .. math:: \ell = \alpha + 1.2 \ln(AUC/AUC_{ref}) + \varepsilon, \quad \varepsilon \sim \text{logistic}

    so that the share of patients above 0 is the published logistic risk.  area: AUC [mg h/L].
    susceptibility: epsilon.
    """
    return intercept + c.marrow_slope * log(area / c.reference_exposure) + susceptibility


def ceiling(logit: Value, boundary: Value, steepness: Value) -> Value:
    r"""Return the count that a lasting dose leads to [10^9/L]: :math:`N_{G3}\,e^{-s \ell}`."""
    return boundary * exp(-steepness * logit)


def effects(dose: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what a daily dose [mg] does; an untaken drug does nothing, bit for bit."""
    c = parameters.constants("lenalidomide", Constants)
    taken = dose > 0
    given = where(taken, dose, c.reference_dose)
    cleared = clearance(columns["creatinine_clearance"], columns["lenalidomide_clearance_effect"], c)
    reached = exposure(given, cleared, columns["lenalidomide_volume_effect"], c)
    area = area_under_curve(given, cleared)
    neutropenia = toxicity_logit(c.neutropenia_intercept, area, columns["neutropenia_susceptibility"], c)
    thrombocytopenia = toxicity_logit(
        c.thrombocytopenia_intercept, area, columns["thrombocytopenia_susceptibility"], c
    )
    neutral, strength = Effects(), given / c.reference_dose
    suppression = mean_effect(reached, c.maximal_suppression, c.half_effect_concentration)
    neutrophils = ceiling(neutropenia, c.neutropenia_boundary, c.neutropenia_steepness)
    platelets = ceiling(thrombocytopenia, c.thrombocytopenia_boundary, c.thrombocytopenia_steepness)
    return Effects(
        inflammation_suppression=where(taken, suppression, neutral.inflammation_suppression),
        appetite_factor=where(taken, 1 + c.appetite_effect * strength, neutral.appetite_factor),
        neutrophil_ceiling=where(taken, neutrophils, neutral.neutrophil_ceiling),
        platelet_ceiling=where(taken, platelets, neutral.platelet_ceiling),
        dropout_factor=where(taken, c.dropout_ratio, neutral.dropout_factor),
        serious_factor=where(taken, c.serious_ratio, neutral.serious_factor),
        thrombosis_factor=where(taken, c.thrombosis_ratio, neutral.thrombosis_factor),
        rash_factor=where(taken, 1 + (c.rash_ratio - 1) * strength, neutral.rash_factor),
    )


LENALIDOMIDE = Drug(
    name="lenalidomide",
    label="lenalidomide",
    amount="oral_dose",
    effects=effects,
    needs=(
        "creatinine_clearance",
        "lenalidomide_clearance_effect",
        "lenalidomide_volume_effect",
        "neutropenia_susceptibility",
        "thrombocytopenia_susceptibility",
    ),
)
