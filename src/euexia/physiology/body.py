"""What a patient is made of: the person, the state, and the numbers of the model, as named tuples."""

from __future__ import annotations

from typing import Any, NamedTuple

from euexia.model.elementary import Value
from euexia.parameters import ParameterSet
from euexia.physiology import (
    activity,
    body_composition,
    energy_balance,
    expenditure,
    gdf15,
    hazards,
    hormones,
    inflammation,
    intake,
    marrow,
    mediators,
    muscle,
    premorbid,
    strength,
    symptoms,
    tumour,
    water,
)
from euexia.physiology.inputs import PatientInputs


class Constants(NamedTuple):
    """The numbers of every block."""

    premorbid: premorbid.Constants
    energy_balance: energy_balance.Constants
    expenditure: expenditure.Constants
    tumour: tumour.Constants
    inflammation: inflammation.Constants
    gdf15: gdf15.Constants
    intake: intake.Constants
    muscle: muscle.Constants
    water: water.Constants
    activity: activity.Constants
    strength: strength.Constants
    hormones: hormones.Constants
    symptoms: symptoms.Constants
    hazards: hazards.Constants
    marrow: marrow.Constants
    body_composition: body_composition.Constants
    mediators: mediators.Constants


def constants(parameters: ParameterSet) -> Constants:
    """Return the numbers of every block from a parameter set."""
    return Constants(
        premorbid=parameters.constants("premorbid", premorbid.Constants),
        energy_balance=parameters.constants("energy_balance", energy_balance.Constants),
        expenditure=parameters.constants("expenditure", expenditure.Constants),
        tumour=parameters.constants("tumour", tumour.Constants),
        inflammation=parameters.constants("inflammation", inflammation.Constants),
        gdf15=parameters.constants("gdf15", gdf15.Constants),
        intake=parameters.constants("intake", intake.Constants),
        muscle=parameters.constants("muscle", muscle.Constants),
        water=parameters.constants("water", water.Constants),
        activity=parameters.constants("activity", activity.Constants),
        strength=parameters.constants("strength", strength.Constants),
        hormones=parameters.constants("hormones", hormones.Constants),
        symptoms=parameters.constants("symptoms", symptoms.Constants),
        hazards=parameters.constants("hazards", hazards.Constants),
        marrow=parameters.constants("marrow", marrow.Constants),
        body_composition=parameters.constants("body_composition", body_composition.Constants),
        mediators=parameters.constants("mediators", mediators.Constants),
    )


class Premorbid(NamedTuple):
    """The healthy person (subscript p in the equations)."""

    weight: Value
    """BW_p [kg]."""
    fat: Value
    """F_p [kg]."""
    muscle: Value
    """L_m,p: skeletal-muscle cells [kg]."""
    other_lean: Value
    """L_o,p [kg]."""
    water: Value
    """W_p: extracellular water [kg]."""
    intake: Value
    """EI_p [kcal/day]."""
    activity_cost: Value
    """delta [kcal/kg/day]."""
    constant: Value
    """K: closes the energy budget [kcal/day]."""
    resting: Value
    """RMR_p [kcal/day]."""
    glycogen_breakdown: Value
    """k_G [kcal/kg^2/day]."""
    skeletal_muscle: Value
    """SM_p: skeletal muscle with its water [kg]."""


class Personal(NamedTuple):
    """What is the patient's own and does not change."""

    tumour_mass: Value
    """T_0: burden on day 0 [kg]."""
    tumour_growth: Value
    tumour_kill: Value
    chemotherapy: Value
    inflammation_drive: Value
    """s_6 [pg/mL/kg]."""
    gdf15_drive: Value
    """s_G [ng/mL/kg]."""
    trial_intake: Value
    appetite_inflammation_effect: Value
    appetite_gdf15_effect: Value
    expenditure_effect: Value
    muscle_effect: Value
    quality_effect: Value
    feedback: Value
    handgrip_effect: Value
    run_in_days: Value
    ecog: Value
    neutrophils: Value
    platelets: Value


class Baseline(NamedTuple):
    """What the run-in has shown on day 0."""

    crp: Value
    """[mg/L]"""
    weight_before: Value
    """Body weight on day -180 [kg]."""
    weight_trend: Value
    """Mean change of weight from day -180 to day 0 [kg/day]."""
    weight_loss: Value
    """Share of weight lost from day -180 to day 0."""


class Body(NamedTuple):
    """One block of patients, apart from their state."""

    premorbid: Premorbid
    personal: Personal
    baseline: Baseline


class Disease(NamedTuple):
    """State of the disease."""

    tumour_mass: Value
    """T [kg]."""
    signal: Value
    """I6: interleukin-6-like inflammatory signal [pg/mL]."""
    crp: Value
    """[mg/L]"""
    gdf15: Value
    """[ng/mL]"""


class Host(NamedTuple):
    """State of the host."""

    appetite: Value
    fat: Value
    """F [kg]."""
    muscle: Value
    """L_m: skeletal-muscle cells [kg]."""
    other_lean: Value
    """L_o [kg]."""
    water: Value
    """W: extracellular water [kg]."""
    glycogen: Value
    """G [kg]."""
    adaptation: Value
    """AT: adaptive thermogenesis [kcal/day]."""
    activity: Value
    """PA, relative to health."""
    quality: Value
    """Q: force per muscle mass, relative to health."""
    igf1: Value
    """Relative to health."""


class Marrow(NamedTuple):
    """Blood counts [10^9/L]."""

    neutrophils: Value
    platelets: Value


class Hazard(NamedTuple):
    """Cumulative hazards since day 0 (or, as a rate of change, the hazards)."""

    death: Value
    dropout: Value
    serious: Value


class State(NamedTuple):
    """The state of a patient: 19 numbers."""

    disease: Disease
    host: Host
    marrow: Marrow
    hazard: Hazard


class Drive(NamedTuple):
    """What the host feels of the disease."""

    tumour_mass: Value
    inflammation: Value
    """h, 0 to 1."""
    gdf15: Value
    """g, 0 to 1."""


def personal(inputs: PatientInputs | Any, c: Constants) -> Personal:
    """Return what is the patient's own; inputs: PatientInputs, or anything with its attributes."""
    own = {name: getattr(inputs, name) for name in Personal._fields if hasattr(inputs, name)}
    own["muscle_effect"] = muscle.inflammatory_breakdown(inputs.muscle_effect, inputs.male, c.muscle)
    grip = premorbid.grip_factor(inputs.age, inputs.male, c.premorbid)
    own["handgrip_effect"] = inputs.handgrip_effect * grip
    return Personal(
        inflammation_drive=inflammation.drive(inputs.crp, inputs.tumour_mass, c.inflammation),
        gdf15_drive=gdf15.drive(inputs.gdf15, inputs.tumour_mass, c.gdf15),
        **own,
    )
