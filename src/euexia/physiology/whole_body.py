"""The whole patient: the only place where the blocks meet.

Two cascades.  The disease (tumour, inflammatory signal, C-reactive protein, GDF-15) runs by itself; the
host (appetite, tissues, water, activity, strength) feels it only as a ``Drive``.  Without disease the host
is the dynamic model of body weight of Hall et al. 2011, exactly.
"""

from __future__ import annotations

from typing import NamedTuple

from euexia.model.antibody import Antibody, bound_share, free_antibody
from euexia.model.effects import Effects
from euexia.model.elementary import Value, log
from euexia.physiology import (
    activity,
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
    tumour,
    water,
)
from euexia.physiology.body import (
    Body,
    Constants,
    Disease,
    Drive,
    Hazard,
    Host,
    Marrow,
    Personal,
    Premorbid,
    State,
)


def premorbid_person(
    weight: Value, height: Value, age: Value, male: Value, activity_level: Value, c: Constants
) -> Premorbid:
    r"""Return the healthy person of a weight, in exact balance of energy, glycogen, water and muscle.

    .. math:: EI_p = PAL \cdot RMR_p, \quad K = EI_p - \gamma_L L_p - \gamma_F F_p - \delta BW_p, \quad
        k_G = CI_p/G_p^2
    """
    person = (weight, height, age, male, c.premorbid)
    resting = premorbid.resting_expenditure(*person)
    fat = premorbid.fat_mass(*person)
    fluid = premorbid.extracellular_water(*person)
    glycogen = c.premorbid.glycogen
    lean = weight - fat - fluid - (1 + c.energy_balance.glycogen_water) * glycogen
    share = premorbid.muscle_share(male, c.premorbid)
    eaten = activity_level * resting
    cost = expenditure.activity_cost(activity_level, resting, weight, c.expenditure)
    return Premorbid(
        weight=weight,
        fat=fat,
        muscle=share * lean,
        other_lean=(1 - share) * lean,
        water=fluid,
        intake=eaten,
        activity_cost=cost,
        constant=eaten - expenditure.tissue_expenditure(fat, lean, c.expenditure) - cost * weight,
        resting=resting,
        glycogen_breakdown=c.energy_balance.carbohydrate_share * eaten / (glycogen * glycogen),
        skeletal_muscle=premorbid.skeletal_muscle(*person),
    )


def healthy_host(person: Premorbid, c: Constants) -> Host:
    """Return the host in the premorbid state, where every rate of change is zero."""
    one = person.weight / person.weight
    return Host(
        appetite=one,
        fat=person.fat,
        muscle=person.muscle,
        other_lean=person.other_lean,
        water=person.water,
        glycogen=c.premorbid.glycogen * one,
        adaptation=0 * person.intake,
        activity=one,
        quality=one,
        igf1=one,
    )


def drive(disease: Disease, effects: Effects, c: Constants) -> Drive:
    """Return what the host feels of the disease."""
    return Drive(
        tumour_mass=disease.tumour_mass,
        inflammation=inflammation.inflammation(disease.signal, c.inflammation),
        gdf15=gdf15.gdf15_effect(disease.gdf15, effects.receptor_occupancy, c.gdf15),
    )


class Binding(NamedTuple):
    """What an antibody does to GDF-15."""

    free_antibody: Value
    """C_f [nmol/L]."""
    bound: Value
    """Share of GDF-15 that is bound."""


def binding(disease: Disease, antibody: Antibody, c: Constants) -> Binding:
    """Return how much of GDF-15 an antibody binds."""
    total = gdf15.molar_gdf15(disease.gdf15, c.gdf15)
    free = free_antibody(antibody.central, total, antibody.serum_dissociation)
    return Binding(free, bound_share(free, antibody.serum_dissociation))


def bound_drive(disease: Disease, antibody: Antibody, body: Body, effects: Effects, c: Constants) -> Drive:
    """Return what the host feels of the disease while an antibody binds GDF-15."""
    free = binding(disease, antibody, c).free_antibody
    of_tumour = body.personal.gdf15_drive * disease.tumour_mass
    acting = gdf15.gdf15_at_site(of_tumour, free, antibody.site_half_effect, c.gdf15)
    return drive(disease._replace(gdf15=acting), effects, c)


def bound_disease_change(
    disease: Disease, antibody: Antibody, day: Value, body: Body, effects: Effects, c: Constants
) -> Disease:
    """Return the rates of change of the disease in the trial while an antibody binds GDF-15."""
    of_tumour = body.personal.gdf15_drive * disease.tumour_mass
    bound = binding(disease, antibody, c).bound
    rate = gdf15.bound_gdf15_change(disease.gdf15, of_tumour, bound, antibody.elimination, c.gdf15)
    return disease_change(disease, day, 1, body, effects, c)._replace(gdf15=rate)


def untreated_disease(day: Value, body: Body, c: Constants) -> Disease:
    """Return the disease before day 0, in closed form: the tumour grows exponentially and all else follows.

    day: at most 0.  C-reactive protein has forgotten its own start (at least 180 days ago at every recorded
    day).
    """
    person = body.personal
    mass = tumour.untreated_mass(person.tumour_mass, person.tumour_growth, day)
    first = tumour.untreated_mass(person.tumour_mass, person.tumour_growth, -person.run_in_days)
    elapsed = day + person.run_in_days
    excess = inflammation.untreated_signal(
        person.inflammation_drive * mass,
        person.inflammation_drive * first,
        person.tumour_growth,
        elapsed,
        c.inflammation,
    )
    return Disease(
        tumour_mass=mass,
        signal=c.inflammation.signal_healthy + excess,
        crp=inflammation.untreated_crp(excess, person.tumour_growth, c.inflammation),
        gdf15=gdf15.untreated_gdf15(
            person.gdf15_drive * mass, person.gdf15_drive * first, person.tumour_growth, elapsed, c.gdf15
        ),
    )


def disease_change(
    disease: Disease, day: Value, in_trial: Value, body: Body, effects: Effects, c: Constants
) -> Disease:
    """Return the rates of change of the disease; in_trial: 1 from day 0 on, else 0."""
    person = body.personal
    mass = disease.tumour_mass
    treated = in_trial * person.chemotherapy
    return Disease(
        tumour_mass=tumour.tumour_change(
            mass, person.tumour_growth, person.tumour_kill, treated, day, c.tumour
        ),
        signal=inflammation.signal_change(
            disease.signal, person.inflammation_drive * mass, effects.inflammation_suppression, c.inflammation
        ),
        crp=inflammation.crp_change(disease.crp, disease.signal, c.inflammation),
        gdf15=gdf15.gdf15_change(disease.gdf15, person.gdf15_drive * mass, c.gdf15),
    )


class Balance(NamedTuple):
    """Energy of one day, and the weight it belongs to."""

    intake: Value
    """EI [kcal/day]."""
    spent: Value
    """B: expenditure without the cost of laying down tissue [kcal/day]."""
    resting: Value
    """RMR [kcal/day]."""
    weight: Value
    """BW [kg]."""
    inflammation_expenditure: Value
    """REE_inf [kcal/day]."""


def body_weight(host: Host, c: Constants) -> Value:
    """Return body weight [kg]."""
    lean = host.muscle + host.other_lean
    return energy_balance.body_weight(host.fat, lean, host.water, host.glycogen, c.energy_balance)


def balance(host: Host, felt: Drive, addition: Value, body: Body, c: Constants) -> Balance:
    r"""Return intake and expenditure.

    .. math:: B = K + \gamma_F F + \gamma_L L + \delta BW\,PA
        + \beta (EI - EI_p) + AT + REE_{inf} + \varepsilon_T T

    addition: intake by trial care and feeding [kcal/day].
    """
    person, own = body.premorbid, body.personal
    weight = body_weight(host, c)
    eaten = intake.energy_intake(
        host.appetite, person.weight - weight, addition, person.intake, own.feedback, c.intake
    )
    tissues = expenditure.tissue_expenditure(host.fat, host.muscle + host.other_lean, c.expenditure)
    inflamed = c.expenditure.inflammation_effect * own.expenditure_effect * felt.inflammation * person.resting
    of_tumour = c.expenditure.tumour_expenditure * felt.tumour_mass
    fixed = expenditure.resting_part(person.constant, tissues, host.adaptation, inflamed, of_tumour)
    moving = person.activity_cost * weight * host.activity
    digestion = c.expenditure.thermic_effect * (eaten - person.intake)
    resting = fixed - c.expenditure.thermic_effect * person.intake
    return Balance(eaten, fixed + moving + digestion, resting, weight, inflamed)


def host_change(host: Host, felt: Drive, in_trial: Value, body: Body, effects: Effects, c: Constants) -> Host:
    """Return the rates of change of the host; in_trial: 1 from day 0 on, else 0."""
    person, own = body.premorbid, body.personal
    chemotherapy = in_trial * own.chemotherapy
    addition = care(felt.tumour_mass, in_trial, own, c) + effects.intake_addition
    energy = balance(host, felt, addition, body, c)
    change = lean_and_fat_change(host, felt, energy, chemotherapy, body, effects, c)
    sickness = own.appetite_inflammation_effect * c.intake.inflammation_effect * felt.inflammation
    nausea = own.appetite_gdf15_effect * c.intake.gdf15_effect * felt.gdf15
    hunger = effects.appetite_factor * mediators.appetite_factor(c.mediators)
    appetite_target = intake.appetite_target(sickness, nausea, hunger)
    lean_change = host.muscle + host.other_lean - (person.muscle + person.other_lean)
    water_target = water.water_target(
        person.water,
        lean_change,
        felt.inflammation,
        effects.water_addition,
        energy.intake / person.intake,
        c.water,
    )
    force = strength.relative_strength(host.muscle, person.muscle, host.quality)
    moving = activity.activity_target(felt.inflammation, felt.gdf15, force, effects.exercise, c.activity)
    quality_target = strength.quality_target(
        felt.inflammation * mediators.rankl_gain(c.mediators),
        host.activity,
        chemotherapy,
        effects.exercise,
        own.quality_effect,
        c.strength,
    )
    return Host(
        appetite=intake.appetite_change(host.appetite, appetite_target, c.intake),
        fat=change.fat,
        muscle=change.muscle,
        other_lean=change.other_lean,
        water=water.water_change(host.water, water_target, c.water),
        glycogen=change.glycogen,
        adaptation=expenditure.adaptation_change(
            host.adaptation, energy.intake - person.intake, felt.inflammation, c.expenditure
        ),
        activity=activity.activity_change(host.activity, moving, c.activity),
        quality=strength.quality_change(
            host.quality, quality_target, change.muscle / host.muscle, c.strength
        ),
        igf1=hormones.igf1_change(host.igf1, felt.inflammation, effects.igf1_stimulation, c.hormones),
    )


def care(tumour_mass: Value, in_trial: Value, own: Personal, c: Constants) -> Value:
    """Return the change of intake by care, or before the trial by the lack of it [kcal/day]."""
    return intake.care(own.trial_intake, in_trial, tumour_mass / own.tumour_mass, c.intake)


def own_inflammation(own: Personal, c: Constants) -> Value:
    """Return the inflammation of the patient's own disease on day 0, h_0."""
    signal = c.inflammation.signal_healthy + own.inflammation_drive * own.tumour_mass
    return inflammation.inflammation(signal, c.inflammation)


class TissueChange(NamedTuple):
    """Rates of change of the tissues [kg/day]."""

    fat: Value
    muscle: Value
    other_lean: Value
    glycogen: Value


def lean_and_fat_change(
    host: Host, felt: Drive, energy: Balance, chemotherapy: Value, body: Body, effects: Effects, c: Constants
) -> TissueChange:
    r"""Return how energy and turnover change the tissues.

    .. math:: \dot L_m = \pi \frac{C_F}{F} \dot F + J_m, \quad \dot L_o = (1 - \pi) \frac{C_F}{F} \dot F + J_o
    """
    person = body.premorbid
    made = muscle.synthesis(host.igf1, effects.exercise, felt.inflammation, chemotherapy, c.muscle)
    inflamed = body.personal.muscle_effect * felt.inflammation * mediators.rankl_gain(c.mediators)
    broken = muscle.breakdown(inflamed, host.activity, chemotherapy, effects.breakdown_addition, c.muscle)
    forbes = energy_balance.lean_per_fat(own_inflammation(body.personal, c), c.energy_balance)
    following = forbes * log(host.fat / person.fat)
    muscle_goal = muscle.muscle_set_point(person.muscle, following, c.muscle)
    own_muscle = muscle.own_muscle_change(host.muscle, muscle_goal, made, broken, c.muscle)
    other_goal = muscle.other_set_point(person.other_lean, following, c.muscle)
    own_other = muscle.own_other_change(host.other_lean, other_goal, c.muscle)
    glycogen = energy_balance.glycogen_change(
        energy.intake, host.glycogen, person.glycogen_breakdown, c.energy_balance
    )
    surplus = energy.intake - energy.spent - c.energy_balance.glycogen_energy_density * glycogen
    fat = energy_balance.fat_change(surplus, own_muscle + own_other, host.fat, forbes, c.energy_balance)
    with_fat = energy_balance.lean_following_fat(fat, host.fat, forbes)
    return TissueChange(
        fat=fat,
        muscle=c.muscle.forbes_share * with_fat + own_muscle,
        other_lean=(1 - c.muscle.forbes_share) * with_fat + own_other,
        glycogen=glycogen,
    )


def marrow_change(counts: Marrow, body: Body, effects: Effects, c: Constants) -> Marrow:
    """Return the rates of change of the blood counts."""
    own, ceiling = body.personal, effects
    return Marrow(
        neutrophils=marrow.count_change(
            counts.neutrophils, own.neutrophils, ceiling.neutrophil_ceiling, c.marrow.neutrophil_turnover
        ),
        platelets=marrow.count_change(
            counts.platelets, own.platelets, ceiling.platelet_ceiling, c.marrow.platelet_turnover
        ),
    )


def weight_loss(weight: Value, day: Value, body: Body) -> Value:
    """Return the share of weight lost over the last 180 days.

    The weight of then is read off the straight line from day -180 to day 0.
    """
    then = body.baseline.weight_before + body.baseline.weight_trend * day
    return 1 - weight / then


def hazard_rates(
    disease: Disease, host: Host, day: Value, body: Body, effects: Effects, c: Constants
) -> Hazard:
    """Return the rates at which the cumulative hazards grow [1/day], from day 0 on."""
    own, then = body.personal, body.baseline
    lost = weight_loss(body_weight(host, c), day, body)
    crp = hazards.causal_value(disease.crp, then.crp, c.hazards)
    loss = hazards.causal_value(lost, then.weight_loss, c.hazards)
    return Hazard(
        death=hazards.death_rate(crp, loss, own.ecog, disease.tumour_mass / own.tumour_mass, c.hazards),
        dropout=hazards.dropout_rate(disease.crp, effects.dropout_factor, c.hazards),
        serious=hazards.serious_rate(disease.crp, own.ecog, effects.serious_factor, c.hazards),
    )


def change(
    state: State,
    day: Value,
    in_trial: Value,
    body: Body,
    effects: Effects,
    c: Constants,
    antibody: Antibody | None = None,
) -> State:
    """Return the rates of change of the whole patient.

    in_trial: 1 from day 0 on, else 0.  antibody: one that binds GDF-15, if the patient has any (in trial).
    """
    if antibody is None:
        felt = drive(state.disease, effects, c)
        disease = disease_change(state.disease, day, in_trial, body, effects, c)
    else:
        felt = bound_drive(state.disease, antibody, body, effects, c)
        disease = bound_disease_change(state.disease, antibody, day, body, effects, c)
    rates = hazard_rates(state.disease, state.host, day, body, effects, c)
    return State(
        disease=disease,
        host=host_change(state.host, felt, in_trial, body, effects, c),
        marrow=marrow_change(state.marrow, body, effects, c),
        hazard=Hazard(*(in_trial * rate for rate in rates)),
    )
