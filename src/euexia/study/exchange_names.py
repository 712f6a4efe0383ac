"""Names, units and meanings in an exported model of what has no entry of its own in a data file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Known(NamedTuple):
    """What a reader must know about a quantity."""

    name: str
    unit: str
    meaning: str


STATES: Mapping[str, tuple[Known, ...]] = {
    "disease": (
        Known("tumour_mass", "kg", "Tumour burden"),
        Known("signal", "pg/mL", "Inflammatory signal, like interleukin-6"),
        Known("crp", "mg/L", "C-reactive protein"),
        Known("gdf15", "ng/mL", "GDF-15, free and bound"),
    ),
    "host": (
        Known("appetite", "1", "Appetite, relative to health"),
        Known("fat", "kg", "Fat mass"),
        Known("muscle", "kg", "Cells of skeletal muscle"),
        Known("other_lean", "kg", "Other lean tissue"),
        Known("water", "kg", "Extracellular water"),
        Known("glycogen", "kg", "Glycogen, without its water"),
        Known("adaptation", "kcal/day", "Adaptive thermogenesis"),
        Known("activity", "1", "Physical activity, relative to health"),
        Known("quality", "1", "Force per muscle mass, relative to health"),
        Known("igf1", "1", "Insulin-like growth factor 1, relative to health"),
    ),
    "marrow": (
        Known("neutrophils", "1e9/L", "Neutrophil count"),
        Known("platelets", "1e9/L", "Platelet count"),
    ),
    "hazard": (
        Known("cumulative_death", "1", "Cumulative hazard of death since day 0"),
        Known("cumulative_dropout", "1", "Cumulative hazard of dropout since day 0"),
        Known("cumulative_serious", "1", "Cumulative hazard of serious adverse events since day 0"),
    ),
}
"""State variables by part of the state, in the order of its fields."""

ANTIBODY_STATES = (
    Known("antibody_depot", "nmol/L", "Antibody not yet absorbed, per volume of distribution"),
    Known("antibody_serum", "nmol/L", "Antibody in serum, free and bound"),
)

PREMORBID: Mapping[str, tuple[str, str]] = {
    "weight": ("kg", "Body weight in health"),
    "fat": ("kg", "Fat mass in health"),
    "muscle": ("kg", "Cells of skeletal muscle in health"),
    "other_lean": ("kg", "Other lean tissue in health"),
    "water": ("kg", "Extracellular water in health"),
    "intake": ("kcal/day", "Energy intake in health"),
    "activity_cost": ("kcal/kg/day", "Energy cost of activity in health"),
    "constant": ("kcal/day", "Constant that closes the energy budget in health"),
    "resting": ("kcal/day", "Resting expenditure in health"),
    "glycogen_breakdown": ("kcal/kg^2/day", "Breakdown of glycogen"),
    "skeletal_muscle": ("kg", "Skeletal muscle with its water in health"),
}
"""Unit and meaning of each field of the healthy person."""

PERSONAL: Mapping[str, tuple[str, str]] = {
    "tumour_mass": ("kg", "Tumour burden on day 0"),
    "tumour_growth": ("1/day", "Growth rate of the tumour"),
    "tumour_kill": ("1/day", "Kill rate when chemotherapy starts"),
    "chemotherapy": ("1", "1 if chemotherapy starts on day 0, else 0"),
    "inflammation_drive": ("pg/mL/kg", "Inflammatory signal per tumour burden"),
    "gdf15_drive": ("ng/mL/kg", "GDF-15 per tumour burden"),
    "trial_intake": ("kcal/day", "Intake added by trial care"),
    "appetite_inflammation_effect": ("1", "The patient's factor: inflammation on appetite"),
    "appetite_gdf15_effect": ("1", "The patient's factor: GDF-15 on appetite"),
    "expenditure_effect": ("1", "The patient's factor: inflammation on expenditure"),
    "muscle_effect": ("1", "The patient's factor: inflammation on breakdown of muscle"),
    "quality_effect": ("1", "The patient's factor: all effects on force per muscle mass"),
    "feedback": ("1", "Share left of the healthy feedback of weight on intake"),
    "handgrip_effect": ("1", "The patient's factor: handgrip strength per muscle in health"),
    "run_in_days": ("day", "Days from health to day 0"),
    "ecog": ("1", "ECOG performance status"),
    "neutrophils": ("1e9/L", "Neutrophil count without treatment"),
    "platelets": ("1e9/L", "Platelet count without treatment"),
}
"""Unit and meaning of each field of what is the patient's own."""

BASELINE: Mapping[str, tuple[str, str]] = {
    "crp": ("mg/L", "C-reactive protein on day 0"),
    "weight_before": ("kg", "Body weight on day -180"),
    "weight_trend": ("kg/day", "Mean change of weight from day -180 to day 0"),
    "weight_loss": ("1", "Share of weight lost from day -180 to day 0"),
}
"""Unit and meaning of each field of what is known on day 0."""

EFFECTS: Mapping[str, tuple[str, str]] = {
    "inflammation_suppression": ("1", "Share of the inflammatory drive of the tumour that is suppressed"),
    "receptor_occupancy": ("1", "Share of receptors of GDF-15 that is blocked"),
    "appetite_factor": ("1", "Factor of appetite"),
    "intake_addition": ("kcal/day", "Intake added by feeding"),
    "exercise": ("1", "Exercise, as a share of a full supervised programme"),
    "igf1_stimulation": ("1", "Relative rise of the production of IGF-1"),
    "breakdown_addition": ("1", "Relative rise of the breakdown of muscle"),
    "water_addition": ("kg", "Extracellular water that is retained"),
    "neutrophil_ceiling": ("1e9/L", "Count to which neutrophils fall if they are above"),
    "platelet_ceiling": ("1e9/L", "Count to which platelets fall if they are above"),
    "dropout_factor": ("1", "Factor of the rate of dropout"),
    "serious_factor": ("1", "Factor of the rate of serious adverse events"),
    "thrombosis_factor": ("1", "Factor of the rate of venous thromboembolism"),
    "rash_factor": ("1", "Factor of the rate of rash"),
}
"""Unit and meaning of each channel of treatment."""

ANTIBODY: Mapping[str, tuple[str, str]] = {
    "absorption": ("1/day", "Absorption of the antibody"),
    "elimination": ("1/day", "Elimination of the antibody, free and bound"),
    "serum_dissociation": ("nmol/L", "Constant of binding in serum"),
    "site_half_effect": ("nmol/L", "Free antibody that halves GDF-15 where it acts"),
}
"""Unit and meaning of each number of an antibody."""

PARTS: tuple[Known, ...] = (
    Known("inflammation_effect", "1", "Inflammatory effect, 0 in health to 1"),
    Known("gdf15_effect", "1", "Effect of GDF-15, 0 in health to 1"),
    Known("expenditure_spent", "kcal/day", "Expenditure without the cost of laying down tissue"),
    Known("fat_change", "kg/day", "Rate of change of fat mass"),
    Known("muscle_change", "kg/day", "Rate of change of the cells of skeletal muscle"),
    Known("glycogen_change", "kg/day", "Rate of change of glycogen"),
    Known("relative_strength", "1", "Strength relative to the healthy person"),
)
"""Intermediate results that get a name, so that the equations can be read."""

OTHER_RESULTS: Mapping[str, tuple[str, str]] = {
    "lean_mass_dxa": ("kg", "Lean mass by DXA"),
    "fat_mass": ("kg", "Fat mass"),
    "free_gdf15": ("ng/mL", "GDF-15 that is not bound"),
    "weight_loss_6_months": ("1", "Share of weight lost in six months"),
}
"""Unit and meaning of observables that are no measure of a trial."""
