"""Units are executed, not commented: every rate function runs on floats and on quantities, and both agree.

A wrong dimension makes the unit library raise; a wrong scale makes the two results differ.
"""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from euexia import parameters
from euexia.core.quantities import canonical_unit, quantity
from euexia.drugs import anamorelin, exercise, lenalidomide, ngm120, ponsegromab
from euexia.model import antibody, pharmacokinetics
from euexia.physiology import (
    activity,
    body_composition,
    coordinates,
    energy_balance,
    expenditure,
    function,
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
from euexia.physiology.body import Constants

PARAMETERS = parameters.load()
GLYCOGEN_BREAKDOWN = "kcal/kg^2/day"

Argument = tuple[float, str | None]
"""Value and kind (None: a plain number)."""


def block_of(module: ModuleType) -> str:
    """Return the name of a module's block of parameters."""
    return module.__name__.rpartition(".")[2]


def constants_of(module: ModuleType, *, with_units: bool) -> Any:
    """Return a block's constants as floats or as quantities."""
    values = PARAMETERS.block(block_of(module))
    names = module.Constants._fields
    if with_units:
        return module.Constants(*(quantity(values[name].value, values[name].kind) for name in names))
    return module.Constants(*(values[name].value for name in names))


def given(argument: Argument, *, with_units: bool) -> Any:
    """Return an argument as a float or as a quantity."""
    value, kind = argument
    if kind is None or not with_units:
        return value
    if kind == GLYCOGEN_BREAKDOWN:
        return quantity(value, "energy_rate_density") / quantity(1.0, "mass")
    if kind == "mass_rate":
        return quantity(value, "mass") / quantity(1.0, "duration")
    if kind == "dose_rate":
        return quantity(value, "oral_dose") / quantity(1.0, "duration")
    return quantity(value, kind)


def in_unit(value: Any, unit: str) -> float:
    """Return the number of a quantity in a unit; a plain number has unit 1."""
    if unit.startswith("1e9/"):
        return in_unit(value, unit.replace("1e9/", "1/")) / 1e9
    if hasattr(value, "to"):
        return float(value.to(unit).magnitude)
    assert unit == "1"
    return float(value)


BY_KIND: dict[str | None, dict[str, float]] = {
    None: {"male": 1, "in_trial": 0, "under_treatment": 1, "chemotherapy": 1},
    "mass": {
        "weight": 70, "mass": 0.3, "tumour_mass": 0.35, "fat": 15, "lean": 30, "water": 19, "glycogen": 0.45,
        "weight_lost": 6, "muscle": 19, "other": 10, "set_point": 20, "premorbid": 21, "following": -1,
        "lean_change": -3, "premorbid_muscle": 21, "glycogen_with_water": 1.7, "skeletal_muscle": 26,
        "premorbid_weight": 75, "forbes": 10.4,
    },
    "mass_rate": {"own_lean_change": -0.01, "fat_rate": -0.02, "lean_rate": -0.01},
    "height": {"height": 172},
    "years": {"age": 67},
    "molar_concentration": {"central": 80, "ligand": 4, "dissociation": 0.008, "free": 70, "antibody": 70},
    "event_rate": {"sessions": 0.3},
    "volume": {"volume": 5.5},
    "rate": {"elimination": 0.036, "growth": 0.007, "kill": 0.02, "turnover": 0.2},
    "duration": {"day": 9, "elapsed": 0.4},
    "concentration": {"crp": 60, "present": 60, "baseline": 40},
    "cytokine": {"signal": 20, "tumour_signal": 29, "first": 2, "excess": 29},
    "gdf15": {"tumour_gdf15": 1.8},
    "energy_rate": {
        "intake": 1800, "addition": 70, "premorbid_intake": 2300, "resting": 1500, "adaptation": -20,
        "intake_change": -400, "constant": 600, "tissues": 700, "inflamed": 90, "tumour": 70, "surplus": -200,
        "trial_intake": 125,
    },
    "fraction": {
        "suppression": 0.2, "inflammation": 0.4, "gdf15": 0.3, "occupancy": 0.3, "inflammation_loss": 0.1,
        "gdf15_loss": 0.2, "treatment_factor": 0.98, "appetite": 0.8, "target": 0.7, "feedback": 0.15,
        "activity_level": 1.5, "igf1": 0.8, "exercise": 0.5, "activity": 0.7, "made": 1, "broken": 1.06,
        "carbohydrate": 0.8, "strength": 0.8, "personal": 1.1, "quality": 0.85, "stimulation": 0.1,
        "weight_loss": 0.08, "ecog": 1, "tumour_ratio": 1.2, "factor": 1.4, "intercept": -1.77,
        "susceptibility": 0.3, "bound": 0.9, "personal_clearance": 1.2, "load": 0.6, "capacity": 0.9,
        "share": 0.8, "karnofsky": 62, "tumour_share": 0.9,
    },
    "cell_count": {"count": 5, "own": 5, "ceiling": 2},
    "area": {"area": 140},
    "renal_clearance": {"creatinine_clearance": 75},
    GLYCOGEN_BREAKDOWN: {"breakdown": 4600},
}  # fmt: skip
"""Value of each argument by its name, under its usual kind."""

ARGUMENTS = {name: (value, kind) for kind, names in BY_KIND.items() for name, value in names.items()}

Case = tuple[ModuleType, str, str, dict[str, Argument]]
"""Block, function, canonical unit of its result, arguments of another kind than usual."""

CASES: list[Case] = [
    (premorbid, "resting_expenditure", "kcal/day", {}),
    (premorbid, "fat_mass", "kg", {}),
    (premorbid, "extracellular_water", "kg", {}),
    (premorbid, "skeletal_muscle", "kg", {}),
    (premorbid, "muscle_share", "1", {}),
    (premorbid, "grip_factor", "1", {}),
    (tumour, "tumour_change", "kg/day", {}),
    (tumour, "untreated_mass", "kg", {}),
    (tumour, "target_diameters", "mm", {}),
    (inflammation, "drive", "pg/mL/kg", {}),
    (inflammation, "signal_change", "pg/mL/day", {}),
    (inflammation, "untreated_signal", "pg/mL", {}),
    (inflammation, "crp_change", "mg/L/day", {}),
    (inflammation, "untreated_crp", "mg/L", {}),
    (inflammation, "inflammation", "1", {}),
    (gdf15, "drive", "ng/mL/kg", {"gdf15": (2.5, "gdf15")}),
    (gdf15, "gdf15_change", "ng/mL/day", {"gdf15": (2.5, "gdf15")}),
    (gdf15, "untreated_gdf15", "ng/mL", {"first": (0.2, "gdf15")}),
    (gdf15, "gdf15_effect", "1", {"gdf15": (2.5, "gdf15")}),
    (gdf15, "bound_gdf15_change", "ng/mL/day", {"gdf15": (2.5, "gdf15")}),
    (gdf15, "gdf15_at_site", "ng/mL", {"half_effect": (65, "molar_concentration")}),
    (gdf15, "molar_gdf15", "nmol/L", {"gdf15": (2.5, "gdf15")}),
    (intake, "appetite_target", "1", {}),
    (intake, "appetite_change", "1/day", {}),
    (intake, "care", "kcal/day", {}),
    (intake, "energy_intake", "kcal/day", {}),
    (expenditure, "activity_cost", "kcal/kg/day", {}),
    (expenditure, "tissue_expenditure", "kcal/day", {}),
    (expenditure, "adaptation_change", "kcal/day/day", {}),
    (expenditure, "resting_part", "kcal/day", {}),
    (energy_balance, "body_weight", "kg", {}),
    (energy_balance, "glycogen_change", "kg/day", {}),
    (energy_balance, "lean_per_fat", "kg", {}),
    (energy_balance, "fat_change", "kg/day", {}),
    (energy_balance, "lean_following_fat", "kg/day", {}),
    (energy_balance, "deposition_cost", "kcal/day", {}),
    (muscle, "synthesis", "1", {}),
    (muscle, "breakdown", "1", {"addition": (0.02, "fraction")}),
    (muscle, "inflammatory_breakdown", "1", {}),
    (muscle, "muscle_set_point", "kg", {}),
    (muscle, "other_set_point", "kg", {}),
    (muscle, "own_muscle_change", "kg/day", {}),
    (muscle, "own_other_change", "kg/day", {}),
    (water, "turnover", "1/day", {}),
    (water, "water_target", "kg", {"addition": (0.2, "mass")}),
    (water, "water_change", "kg/day", {"target": (18.5, "mass")}),
    (activity, "activity_target", "1", {}),
    (activity, "activity_change", "1/day", {}),
    (activity, "daily_steps", "1/day", {}),
    (strength, "quality_target", "1", {}),
    (strength, "quality_change", "1/day", {}),
    (strength, "relative_strength", "1", {}),
    (hormones, "igf1_change", "1/day", {}),
    (symptoms, "faact_score", "1", {}),
    (function, "healthy_walk", "m", {}),
    (function, "six_minute_walk", "m", {"healthy": (500, "distance")}),
    (function, "stair_climb_power", "W", {}),
    (function, "chair_stands", "1", {}),
    (function, "karnofsky", "1", {}),
    (function, "ecog", "1", {}),
    (function, "albumin", "g/L", {}),
    (mediators, "rankl_gain", "1", {}),
    (mediators, "appetite_factor", "1", {}),
    (marrow, "count_change", "1e9/L/day", {}),
    (hazards, "death_rate", "1/day", {}),
    (hazards, "dropout_rate", "1/day", {}),
    (hazards, "serious_rate", "1/day", {}),
    (hazards, "causal_value", "mg/L", {}),
    (body_composition, "premorbid_area", "cm^2", {}),
    (body_composition, "lean_mass_from_area", "kg", {}),
    (body_composition, "fat_area", "cm^2", {}),
    (body_composition, "fat_mass_from_area", "kg", {}),
    (body_composition, "lean_mass_by_dxa", "kg", {}),
    (antibody, "free_antibody", "nmol/L", {}),
    (antibody, "bound_share", "1", {}),
    (anamorelin, "saturation", "1", {"dose": (100, "oral_dose")}),
    (ponsegromab, "size", "1", {}),
    (ponsegromab, "depot", "nmol/L", {"dose": (400, "oral_dose")}),
    (ngm120, "occupancy", "1", {"dose_rate": (1.1, "dose_rate")}),
    (exercise, "relative_load", "1", {}),
    (exercise, "stimulus", "1", {}),
    (lenalidomide, "clearance", "L/h", {}),
    (lenalidomide, "toxicity_logit", "1", {"area": (2.2, "area_under_curve")}),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{block_of(case[0])}.{case[1]}" for case in CASES])
def test_floats_and_quantities_agree(case: Case) -> None:
    """The float result is the quantity's number in the canonical unit."""
    module, name, unit, unusual = case
    function = getattr(module, name)
    results = []
    for with_units in (False, True):
        values = {
            argument: constants_of(module, with_units=with_units)
            if argument == "c"
            else given(
                unusual[argument] if argument in unusual else ARGUMENTS[argument], with_units=with_units
            )
            for argument in inspect.signature(function).parameters
        }
        results.append(function(**values))
    assert in_unit(results[1], unit) == pytest.approx(float(results[0]), rel=1e-12)


BLOCKS = {
    module.__name__: module
    for module in (
        activity, body_composition, energy_balance, expenditure, function, gdf15, hazards, hormones,
        inflammation, intake, marrow, mediators, muscle, premorbid, strength, symptoms, tumour, water,
    )
}  # fmt: skip


@pytest.mark.parametrize("module", BLOCKS.values(), ids=BLOCKS.keys())
def test_every_function_of_every_block_is_tried(module: ModuleType) -> None:
    """No rate function is left out of the table above."""
    own = {
        function.__name__
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
    }
    tried = {case[1] for case in CASES if case[0] is module}
    assert own == tried


def test_pharmacokinetics_on_quantities() -> None:
    """Peak and trough are mg/L, the mean effect is a share, the exposure mg h/L."""
    results = []
    for with_units in (False, True):
        dose, cleared, volume, interval, half = (
            given(argument, with_units=with_units)
            for argument in (
                (25.0, "oral_dose"), (12.0, "clearance"), (68.8, "volume"), (24.0, "time_h"),
                (0.05, "concentration"),
            )
        )  # fmt: skip
        reached = pharmacokinetics.steady_state(dose, cleared, volume, interval)
        effect = pharmacokinetics.mean_effect(reached, 0.45, half)
        results.append(
            (reached.peak, reached.trough, effect, pharmacokinetics.area_under_curve(dose, cleared))
        )
    units = ("mg/L", "mg/L", "1", "mg*h/L")
    for plain, with_unit, unit in zip(*results, units, strict=True):
        assert in_unit(with_unit, unit) == pytest.approx(float(plain), rel=1e-12)


def test_slow_coordinates_on_quantities() -> None:
    """The couplings are plain ratios of masses."""
    blocks = {"energy_balance": energy_balance, "muscle": muscle}
    found = []
    for with_units in (False, True):
        held = {name: constants_of(module, with_units=with_units) for name, module in blocks.items()}
        c = Constants(**{name: held.get(name) for name in Constants._fields})
        found.append(coordinates.coupling(given((15.0, "mass"), with_units=with_units), c))
    np.testing.assert_allclose([in_unit(value, "1") for value in found[1]], found[0], rtol=1e-12)


def test_every_parameter_has_a_known_kind() -> None:
    """A kind fixes the canonical unit."""
    for parameter in PARAMETERS.values():
        assert canonical_unit(parameter.kind)
