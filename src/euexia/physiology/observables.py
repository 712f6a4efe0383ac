"""What can be observed of a patient, without measurement error."""

from __future__ import annotations

from euexia.model.antibody import Antibody
from euexia.model.effects import Effects
from euexia.model.elementary import Value
from euexia.physiology import activity, body_composition, strength, symptoms, tumour, whole_body
from euexia.physiology.body import Body, Constants, Drive, State

NAMES: tuple[str, ...] = (
    "body_weight",
    "skeletal_muscle_area",
    "lean_mass_ct",
    "fat_mass_ct",
    "lean_mass_dxa",
    "fat_mass",
    "handgrip_strength",
    "crp",
    "gdf15",
    "free_gdf15",
    "energy_intake",
    "resting_expenditure",
    "daily_steps",
    "faact_acs",
    "tumour_size",
    "neutrophils",
    "platelets",
    "weight_loss_6_months",
    "cumulative_death",
    "cumulative_dropout",
    "cumulative_serious",
)
"""Every observable, in order."""


def observables(
    state: State,
    body: Body,
    day: Value,
    in_trial: Value,
    intake_addition: Value,
    occupancy: Value,
    c: Constants,
    antibody: Antibody | None = None,
) -> dict[str, Value]:
    """Return every observable by its measure's name, plus the cumulative hazards.

    in_trial: 1 after day 0, else 0.  intake_addition, occupancy: effects of the present treatment.  antibody:
    one that binds GDF-15, if the patient has any.
    """
    felt, free_gdf15 = _felt(state, body, occupancy, c, antibody)
    addition = whole_body.care(felt.tumour_mass, in_trial, body.personal, c) + intake_addition
    energy = whole_body.balance(state.host, felt, addition, body, c)
    return {
        "body_weight": energy.weight,
        **_composition(state, body, c),
        "handgrip_strength": _handgrip(state, body, c),
        "crp": state.disease.crp,
        "gdf15": state.disease.gdf15,
        "free_gdf15": free_gdf15,
        "energy_intake": energy.intake,
        "resting_expenditure": energy.resting,
        "daily_steps": activity.daily_steps(state.host.activity, c.activity),
        "faact_acs": symptoms.faact_score(
            state.host.appetite, felt.inflammation, felt.gdf15, day, c.symptoms
        ),
        "tumour_size": tumour.target_diameters(state.disease.tumour_mass, c.tumour),
        "neutrophils": state.marrow.neutrophils,
        "platelets": state.marrow.platelets,
        "weight_loss_6_months": whole_body.weight_loss(energy.weight, day, body),
        "cumulative_death": state.hazard.death,
        "cumulative_dropout": state.hazard.dropout,
        "cumulative_serious": state.hazard.serious,
    }


def _felt(
    state: State, body: Body, occupancy: Value, c: Constants, antibody: Antibody | None
) -> tuple[Drive, Value]:
    """Return what the host feels of the disease, and the GDF-15 that is not bound [ng/mL]."""
    treated = Effects(receptor_occupancy=occupancy)
    total = state.disease.gdf15
    if antibody is None:
        return whole_body.drive(state.disease, treated, c), total
    bound = whole_body.binding(state.disease, antibody, c).bound
    felt = whole_body.bound_drive(state.disease, antibody, body, treated, c)
    return felt, (1 - bound) * total


def _composition(state: State, body: Body, c: Constants) -> dict[str, Value]:
    """Return what images show of body composition."""
    person, host, b = body.premorbid, state.host, c.body_composition
    area = body_composition.premorbid_area(person.weight, person.fat, b) * (host.muscle / person.muscle)
    glycogen = (1 + c.energy_balance.glycogen_water) * host.glycogen
    return {
        "skeletal_muscle_area": area,
        "lean_mass_ct": body_composition.lean_mass_from_area(area, b),
        "fat_mass_ct": body_composition.fat_mass_from_area(body_composition.fat_area(host.fat, b), b),
        "lean_mass_dxa": body_composition.lean_mass_by_dxa(
            host.muscle + host.other_lean, host.water, glycogen, b
        ),
        "fat_mass": host.fat,
    }


def _handgrip(state: State, body: Body, c: Constants) -> Value:
    """Return handgrip strength [kg]: premorbid grip times relative strength."""
    person = body.premorbid
    healthy = c.premorbid.grip_per_muscle * body.personal.handgrip_effect * person.skeletal_muscle
    return healthy * strength.relative_strength(state.host.muscle, person.muscle, state.host.quality)
