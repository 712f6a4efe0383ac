"""Treatments of every kind in whole trials on a toy engine: loading, delay, length, exercise, crossover."""

import dataclasses

import numpy as np
import pytest

from builders.toy_engine import ToyEngine
from euexia import drugs
from euexia import parameters as parameter_files
from euexia import protocol as protocols
from euexia.core.errors import InputError
from euexia.core.logic import Comparison
from euexia.drugs import exercise
from euexia.endpoints import people
from euexia.protocol.design import Boundary, Crossover, ExerciseType, Interim, Masking, Programme
from euexia.protocol.protocol import Action as Do
from euexia.protocol.protocol import (
    Arm,
    Clause,
    DosingRule,
    Imbalance,
    Randomisation,
    RandomisationMethod,
    Stratum,
    Treatment,
)
from euexia.protocol.statement import Condition, Quantity
from euexia.study import courses, feasibility, simulated
from euexia.study.prescribing import NO_DECISION, Prescriber
from euexia.study.recruitment import factors_of, stratum_of
from euexia.study.run_in import background_care
from euexia.trialdata.checks import check

BASE = protocols.load("lenalidomide")
PARAMETERS = parameter_files.load()
SIZE = 12


class Recorder(ToyEngine):
    """A toy engine that remembers injections."""

    def __init__(self):
        self.given = []

    def inject(self, state, injection):
        """Return the state unchanged, and remember what was given."""
        self.given.append(np.asarray(injection.depot))
        return state

    def observe(self, state, body, *, day):
        """Return every observable, lean mass by DXA too."""
        truth = super().observe(state, body, day=day)
        return {**truth, "lean_mass_dxa": 0.7 * truth["body_weight"]}


@pytest.fixture(autouse=True)
def engine(monkeypatch):
    toy = Recorder()
    monkeypatch.setattr(simulated, "engine_for", lambda parameters: toy)
    return toy


def trial(*arms, **changes):
    """Return the reference trial, small, with these lists of treatments as its arms."""
    named = tuple(
        Arm(name=f"arm_{number}", label=f"Arm {number}", ratio=1, treatments=tuple(treatments))
        for number, treatments in enumerate(arms)
    )
    plan = Randomisation(method=RandomisationMethod.PERMUTED_BLOCKS, block_size=2 * len(arms))
    return dataclasses.replace(
        BASE, arms=named, rules={}, background=(), size=SIZE, randomisation=plan, **changes
    )


def simulate(protocol, trials=2, seed=3, **more):
    return simulated.simulate(protocol, trials=trials, seed=seed, parameters=PARAMETERS, **more)


def doses(data, drug, arm):
    """Return dose [mg/day] by decision of the patients of an arm who are followed to the end."""
    found = data.dosing[drug].dose[data.subjects["arm"] == arm]
    return found[~np.isnan(found).any(axis=1)]


def reasons(data, drug, arm):
    """Return the reasons of decisions by name, of the first patient of an arm who is followed to the end."""
    dosing = data.dosing[drug]
    mine = (data.subjects["arm"] == arm) & ~np.isnan(dosing.dose).any(axis=-1)
    return ["" if code == NO_DECISION else dosing.reasons[code] for code in dosing.reason[mine][0]]


ORAL = Treatment(drug="anamorelin", dose=100.0)


def test_loading_doses_come_first():
    """300 mg, 200 mg, then 100 mg, every 14 days: per day 300/14, 200/14, 100/14."""
    loaded = Treatment(drug="ponsegromab", dose=100.0, every=14.0, loading=(300.0, 200.0))
    data = check(simulate(trial([loaded], [])), plausible=False)
    planned = data.dosing["ponsegromab"].planned
    expected = np.select([planned < 14, planned < 28], [300 / 14, 200 / 14], 100 / 14)
    np.testing.assert_allclose(
        doses(data, "ponsegromab", 0), np.tile(expected, (len(doses(data, "ponsegromab", 0)), 1))
    )
    assert (doses(data, "ponsegromab", 1) == 0).all()
    said = dict(zip(planned.tolist(), reasons(data, "ponsegromab", 0), strict=True))
    assert (said[0.0], said[14.0], said[28.0]) == ("start", "loading", "loading")


def test_injections_are_those_of_the_plan(engine):
    """Day 0 and 14 loaded, 28 and 42 as usual; treatment ends on day 56; amounts as 3 : 2 : 1 : 1."""
    loaded = Treatment(drug="ponsegromab", dose=100.0, every=14.0, loading=(300.0, 200.0))
    protocol = trial([loaded], [])
    assert courses.injection_days(protocol) == (0.0, 14.0, 28.0, 42.0)
    simulate(protocol)
    given = np.stack(engine.given)
    dosed = given[0] > 0
    assert dosed.sum() == SIZE  # half of two trials
    assert (given[:, ~dosed] == 0).all()
    np.testing.assert_allclose(given[:, dosed] / given[-1, dosed], np.tile([[3], [2], [1], [1]], dosed.sum()))


def test_a_treatment_may_begin_later_and_end_sooner():
    """From day 10 for 20 days: nothing before, 100 mg a day until day 30, nothing after, with the reasons."""
    later = dataclasses.replace(ORAL, begins=10.0, lasts=20.0)
    data = simulate(trial([later], [ORAL]))
    planned = data.dosing["anamorelin"].planned
    expected = np.where((planned >= 10) & (planned < 30), 100.0, 0.0)
    assert {10.0, 30.0} <= set(planned)
    assert (doses(data, "anamorelin", 0) == expected).all()
    assert (doses(data, "anamorelin", 1) == 100).all()
    said = dict(zip(planned.tolist(), reasons(data, "anamorelin", 0), strict=True))
    assert (said[0.0], said[10.0], said[30.0]) == ("", "start", "end")


def test_an_arm_may_be_treated_for_a_time_of_its_own():
    short = trial([ORAL], [ORAL])
    arms = (dataclasses.replace(short.arms[0], duration=28.0), short.arms[1])
    data = simulate(dataclasses.replace(short, arms=arms))
    planned = data.dosing["anamorelin"].planned
    assert (doses(data, "anamorelin", 0) == np.where(planned < 28, 100.0, 0.0)).all()


def followed(protocol, without_effect=False):
    recruited = simulated.recruit_trials(protocol, trials=1, seed=3, parameters=PARAMETERS)
    cohort = recruited.cohort
    prescriber = Prescriber(protocol, cohort.columns, cohort.address, recruited.arm)
    trajectories = simulated.follow(recruited, prescriber, without_effect=without_effect)
    return recruited, prescriber, trajectories


def test_exercise_is_a_share_of_a_full_programme():
    """1.5 sessions a week of 3, load 0.45 of 0.7 over 0.2, resistance: 0.5 x 0.5 of full, taken fully."""
    programme = Programme(type=ExerciseType.RESISTANCE, sessions=1.5 / 7, load=0.45)
    half = Treatment(drug="exercise", programme=programme)
    recruited, prescriber, _ = followed(trial([half], []))
    care = simulated._care({}, prescriber, 0.0, PARAMETERS)
    assert care["exercise"][recruited.arm == 0] == pytest.approx(0.25)
    assert (care["exercise"][recruited.arm == 1] == 0).all()
    assert exercise.Type(ExerciseType.COMBINED.value) is exercise.Type.COMBINED
    assert [kind.value for kind in ExerciseType] == [kind.value for kind in exercise.Type]


def test_care_of_an_arm_ends_with_its_treatment_and_adds_to_that_of_all():
    """Counselling in an arm on top of counselling for all: the arm's uptake holds until day 56."""
    arm_care = Treatment(drug="nutrition_counselling")
    protocol = dataclasses.replace(
        trial([arm_care, Treatment(drug="nsaid", adherence=0.5)], []),
        background=(Treatment(drug="nutrition_counselling", adherence=0.2),),
    )
    recruited, prescriber, _ = followed(protocol)
    background = background_care(protocol, recruited.cohort.address)
    first, last = (simulated._care(background, prescriber, day, PARAMETERS) for day in (0.0, 56.0))
    treated = recruited.arm == 0
    assert (first["nutrition_counselling"][treated] == 1).all()
    assert (last["nutrition_counselling"][treated] < 1).all()
    assert (last["nsaid"] == 0).all()
    untreated = ~treated
    assert (first["nutrition_counselling"][untreated] == last["nutrition_counselling"][untreated]).all()


def test_without_effect_care_of_an_arm_does_nothing():
    """The same truth as in a trial in which that arm has no care at all."""
    plans = (trial([Treatment(drug="nutrition_counselling")], []), trial([], []))
    _, _, inert = followed(plans[0], without_effect=True)
    _, _, none = followed(plans[1])
    _, _, treated = followed(plans[0])
    np.testing.assert_array_equal(inert.truth["body_weight"], none.truth["body_weight"])
    assert (treated.truth["body_weight"] != none.truth["body_weight"]).any()


CROSSING = Crossover(name="extension", arms=("arm_0", "arm_1"), to="arm_1", day=28.0)


def test_controls_change_to_the_treatment_on_the_day():
    """Nothing until day 28, then 100 mg to the end of follow-up; the treated go on and are no crossovers."""
    data = check(simulate(trial([], [ORAL], crossovers=(CROSSING,))), plausible=False)
    planned = data.dosing["anamorelin"].planned
    assert (doses(data, "anamorelin", 0) == np.where(planned < 28, 0.0, 100.0)).all()
    assert (doses(data, "anamorelin", 1) == 100).all()
    crossed = data.subjects["crossover_day"]
    stayed = data.subjects["last_contact_day"] >= 28
    visited = data.readings["handgrip_strength"].day[..., 1]  # week 4, a day early or late
    expected = np.where(np.isnan(visited), 28, visited)
    mine = (data.subjects["arm"] == 0) & stayed
    assert (crossed[mine] == expected[mine]).all()
    assert np.isnan(crossed[(data.subjects["arm"] == 1) | ~stayed]).all()
    said = dict(zip(planned.tolist(), reasons(data, "anamorelin", 0), strict=True))
    assert said[28.0] == "crossover"


def test_an_estimand_may_set_aside_what_comes_after_a_crossover():
    """Changed at week 4: by week 8 it is a rescue, at the visit of week 4 itself it is not yet one."""
    protocol = trial([], [ORAL], crossovers=(dataclasses.replace(CROSSING, arms=("arm_0",)),))
    data = simulate(protocol)
    crossed = ~np.isnan(data.subjects["crossover_day"])
    assert crossed.any()
    assert (people.rescued_by(data, protocol, 56.0) == crossed).all()
    assert not people.rescued_by(data, protocol, 28.0).any()
    assert (people.off_treatment(data)[crossed] == data.subjects["crossover_day"][crossed]).all()


def test_a_crossover_ends_after_its_length_and_not_all_agree():
    plan = dataclasses.replace(CROSSING, arms=("arm_0",), lasts=14.0, uptake=0.5)
    data = simulate(trial([], [ORAL], crossovers=(plan,)), trials=20)
    planned = data.dosing["anamorelin"].planned
    found = doses(data, "anamorelin", 0)
    agreed = found[:, planned == 28].ravel() == 100
    assert agreed.mean() == pytest.approx(0.5, abs=0.15)
    assert (found[agreed] == np.where((planned >= 28) & (planned < 42), 100.0, 0.0)).all()
    assert (found[~agreed] == 0).all()
    assert (doses(data, "anamorelin", 1) == np.where(planned < 56, 100.0, 0.0)).all()


def test_a_crossover_may_wait_for_a_condition():
    """CRP above 60 mg/L at a dose check from day 7 on: who changes had that reading on that day, first."""
    when = Condition(measure="crp", comparison=Comparison.ABOVE, threshold=60.0)
    plan = dataclasses.replace(CROSSING, arms=("arm_0",), day=7.0, when=when)
    data = simulate(trial([], [ORAL], crossovers=(plan,)), trials=6)
    day, crp = data.subjects["crossover_day"], data.readings["crp"]
    crossed = np.argwhere(~np.isnan(day))
    assert len(crossed) > 10
    for one, subject in crossed:
        visits = np.flatnonzero(crp.planned >= 7)
        read = crp.value[one, subject, visits]
        first = visits[np.flatnonzero(read > 60)[0]]
        assert day[one, subject] == crp.day[one, subject, first]
    assert set(data.subjects["arm"][tuple(crossed.T)]) == {0.0}


def test_injections_after_a_crossover_count_from_its_day(engine):
    antibody = Treatment(drug="ponsegromab", dose=400.0, every=28.0)
    protocol = trial([], [antibody], crossovers=(dataclasses.replace(CROSSING, day=35.0, lasts=40.0),))
    assert courses.injection_days(protocol) == (0.0, 28.0, 35.0, 63.0)


CONFIRMED = DosingRule(
    name="titrate",
    levels=(50.0, 100.0),
    clauses=(
        Clause(
            id="down",
            do=Do.REDUCE,
            when=Condition(measure="crp", comparison=Comparison.AT_LEAST, threshold=1.0),
            confirm=3,
        ),
    ),
)


def test_a_clause_waits_until_it_is_confirmed():
    """Always TRUE: kept with 'recheck' at the first two checks attended, reduced at the third."""
    guided = dataclasses.replace(ORAL, rule="titrate")
    protocol = dataclasses.replace(trial([guided], []), rules={"titrate": CONFIRMED})
    data = simulate(protocol)
    said = [name for name in reasons(data, "anamorelin", 0) if name]
    assert said[:4] == ["start", "titrate.down.recheck", "titrate.down.recheck", "titrate.down"]
    assert set(doses(data, "anamorelin", 0)[:, -1]) == {50.0}


def test_a_rule_is_applied_at_its_own_visits():
    rule = dataclasses.replace(
        CONFIRMED, clauses=(dataclasses.replace(CONFIRMED.clauses[0], confirm=1),), at=("week_4",)
    )
    guided = dataclasses.replace(ORAL, rule="titrate")
    data = simulate(dataclasses.replace(trial([guided], []), rules={"titrate": rule}))
    planned = data.dosing["anamorelin"].planned
    assert (doses(data, "anamorelin", 0)[:, planned < 28] == 100).all()
    assert (doses(data, "anamorelin", 0)[:, planned > 28] == 50).any()


def rich_trial():
    """Return a trial that uses everything at once."""
    factors = (
        Stratum(measure="crp", cuts=(60.0,)),
        Stratum(measure="liver_metastases", weight=2.0),
        Stratum(measure="body_weight", of=Quantity.PERCENT_LOSS, over=182.625, cuts=(0.1,)),
    )
    antibody = Treatment(drug="ponsegromab", dose=100.0, every=14.0, loading=(300.0,), adherence=0.9)
    programme = Programme(type=ExerciseType.COMBINED, sessions=3 / 7, load=0.6)
    when = Condition(measure="crp", comparison=Comparison.ABOVE, threshold=80.0)
    return dataclasses.replace(
        trial([], [antibody, Treatment(drug="exercise", programme=programme, adherence=0.6)], [ORAL]),
        randomisation=Randomisation(
            method=RandomisationMethod.MINIMISATION, strata=factors, imbalance=Imbalance.VARIANCE
        ),
        crossovers=(
            Crossover(name="rescue", arms=("arm_0",), to="arm_2", day=14.0, when=when, uptake=0.7),
            Crossover(name="extension", arms=("arm_0", "arm_1"), to="arm_1", day=56.0),
        ),
        masking=Masking.ASSESSOR,
    )


def test_a_trial_is_the_same_alone_and_among_others():
    """Bitwise, with minimisation, crossover, loading, exercise and a rule at once."""
    protocol = rich_trial()
    together = simulate(protocol, trials=4)
    for number in range(4):
        alone = simulate(protocol, trials=1, first_trial=number)
        for name, values in together.subjects.items():
            np.testing.assert_array_equal(alone.subjects[name][0], values[number], err_msg=name)
        for name, readings in together.readings.items():
            np.testing.assert_array_equal(alone.readings[name].value[0], readings.value[number], err_msg=name)
        for name, dosing in together.dosing.items():
            np.testing.assert_array_equal(alone.dosing[name].dose[0], dosing.dose[number], err_msg=name)
            np.testing.assert_array_equal(alone.dosing[name].reason[0], dosing.reason[number], err_msg=name)


def test_loss_before_screening_can_be_a_factor():
    """Level 1 is a loss of a tenth or more in six months, by the weights that were written down."""
    recruited = simulated.recruit_trials(rich_trial(), trials=3, seed=3, parameters=PARAMETERS)
    cohort = recruited.cohort
    earliest = min(cohort.weights)
    loss = 1 - cohort.screening["body_weight"] / cohort.weights[earliest]
    level = factors_of(rich_trial(), cohort)[2].ravel()
    assert (level == (loss >= 0.1)).all()
    assert set(level) == {0, 1}


def test_analyses_know_the_strata_of_the_randomisation():
    """What the trial data tell of the strata is what patients were allotted by: one for one."""
    protocol = rich_trial()
    recruited = simulated.recruit_trials(protocol, trials=3, seed=3, parameters=PARAMETERS)
    allotted = stratum_of(protocol, recruited.cohort)
    told = people._randomisation_stratum(simulated.conduct(recruited), protocol)
    assert np.isfinite(told).all()
    pairs = set(zip(allotted.ravel().tolist(), told.ravel().tolist(), strict=True))
    assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs}) > 3


GUIDES = (
    "body_weight",
    "handgrip_strength",
    "lean_mass_dxa",
    "body_mass_index",
    "faact_5iass",
    "skeletal_muscle_index",
)


@pytest.mark.parametrize("measure", GUIDES)
def test_a_dose_may_follow_any_measure_up_and_down(measure):
    """Below the baseline: up; at or above it: down.  Each decision agrees with the reading written down."""
    up, down = (
        Condition(measure=measure, of=Quantity.CHANGE, comparison=comparison, threshold=0.0)
        for comparison in (Comparison.BELOW, Comparison.AT_LEAST)
    )
    rule = DosingRule(
        name="guided",
        levels=(25.0, 50.0, 75.0, 100.0),
        clauses=(Clause(id="up", do=Do.RAISE, when=up), Clause(id="down", do=Do.REDUCE, when=down)),
    )
    visits = tuple(
        dataclasses.replace(visit, measures=tuple(dict.fromkeys((*visit.measures, measure))))
        for visit in BASE.schedule.visits
    )
    guided = dataclasses.replace(ORAL, dose=50.0, rule="guided")
    protocol = trial([guided], [], schedule=dataclasses.replace(BASE.schedule, visits=visits))
    data = simulate(dataclasses.replace(protocol, rules={"guided": rule}))
    dosing, readings = data.dosing["anamorelin"], data.readings[measure]
    first = readings.value[..., readings.visits.index("baseline")]
    seen = set()
    for place, day in enumerate(dosing.planned.tolist()):
        change = readings.value[..., readings.planned == day][..., 0] - first
        for name, lower in (("guided.up", True), ("guided.down", False)):
            chosen = dosing.reason[..., place] == dosing.reasons.index(name)
            assert ((change[chosen] < 0) == lower).all()
            seen |= {name} if chosen.any() else set()
    assert seen == {"guided.up", "guided.down"}


def test_dxa_and_indices_are_read_where_a_visit_asks():
    """DXA scatters by 1 %; an index is the reading over the square of the height."""
    more = (
        "lean_mass_dxa",
        "body_mass_index",
        "skeletal_muscle_index",
        "faact_5iass",
        "appetite_score",
        "activity_time",
    )
    visits = tuple(
        dataclasses.replace(visit, measures=(*visit.measures, *more)) if visit.day == 0 else visit
        for visit in BASE.schedule.visits
    )
    schedule = dataclasses.replace(BASE.schedule, visits=visits)
    data = simulate(trial([], [ORAL], schedule=schedule))
    first = {name: data.readings[name].value[..., 0] for name in more}
    weight = data.readings["body_weight"]
    weight = weight.value[..., weight.visits.index("baseline")]
    assert first["lean_mass_dxa"] / weight == pytest.approx(0.7, rel=0.06)
    height = data.subjects["height"] / 100
    assert first["body_mass_index"] == pytest.approx(weight / height**2, rel=0.01)
    area = data.readings["skeletal_muscle_area"].value[..., 0]
    assert first["skeletal_muscle_index"] == pytest.approx(area / height**2, rel=0.01)
    assert first["faact_5iass"].mean() == pytest.approx(28 * 20 / 48, abs=1.5)
    assert first["appetite_score"].mean() == pytest.approx(28 * 10 / 48, abs=1)
    assert first["activity_time"].mean() == pytest.approx(3.2, rel=0.1)


def test_every_reason_not_to_simulate_is_said_at_once():
    protocol = dataclasses.replace(
        trial([Treatment(drug="exercise", dose=5.0)], [Treatment(drug="anamorelin")]),
        randomisation=Randomisation(
            method=RandomisationMethod.MINIMISATION,
            strata=(Stratum(measure="cancer_type"), Stratum(measure="six_minute_walk", cuts=(300.0,))),
        ),
    )
    with pytest.raises(InputError) as caught:
        simulate(protocol)
    text = str(caught.value)
    for part in (
        "'exercise' is given as an uptake",
        "'anamorelin' is dosed in mg",
        "says nothing of 'cancer_type'",
    ):
        assert part in text
    assert "'six_minute_walk' (randomisation) is not known at screening" in text


def test_interim_looks_are_announced_as_not_carried_out():
    look = Interim(name="half", analysis="response_fixed", information=0.5, futility=Boundary(p_value=0.5))
    assert feasibility.notices(BASE) == ()
    (said,) = feasibility.notices(dataclasses.replace(BASE, interims=(look,)))
    assert "'half'" in said
    assert "will not be carried out" in said


@pytest.mark.parametrize("name", sorted(drugs.DRUGS))
def test_every_treatment_can_be_given_in_any_arm(name):
    """By its own kind of amount; two of them in one arm, one in the other."""
    drug = drugs.DRUGS[name]
    dose = None if drug.amount == "fraction" else PARAMETERS.value(f"{name}.dose")
    mine = Treatment(drug=name, dose=dose, every=28.0 if drug.injection else 1.0)
    other = Treatment(drug="prokinetic" if name != "prokinetic" else "nsaid", adherence=0.5)
    data = check(simulate(trial([mine, other], [mine]), trials=1), plausible=False)
    assert (name in data.dosing) == (dose is not None)
