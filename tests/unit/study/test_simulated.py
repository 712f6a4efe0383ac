"""The whole chain from protocol to trial data, on a toy engine."""

import dataclasses

import numpy as np
import pytest

from builders.toy_engine import ToyEngine
from euexia import parameters as parameter_files
from euexia import population
from euexia import protocol as protocols
from euexia.core.errors import InputError, UnknownNameError
from euexia.core.logic import Comparison
from euexia.criteria.measures import MEASURES
from euexia.observe.measurement import Address, read_all
from euexia.protocol.protocol import Stratum, Treatment
from euexia.study import recruitment, screening, simulated
from euexia.study.prescribing import Prescriber
from euexia.trialdata.checks import check
from euexia.trialdata.columns import SUBJECT_COLUMNS

SIZE = 20
PROTOCOL = dataclasses.replace(protocols.load("lenalidomide"), size=SIZE)
PARAMETERS = parameter_files.load()


@pytest.fixture(autouse=True)
def toy_engine(monkeypatch):
    monkeypatch.setattr(simulated, "engine_for", lambda parameters: ToyEngine())


@pytest.fixture
def data():
    return simulated.simulate(PROTOCOL, trials=6, seed=3, parameters=PARAMETERS)


def baseline(readings):
    """Return the readings of the visit on day 0, shape (trials, subjects)."""
    return readings.value[..., readings.visits.index("baseline")]


def assert_same(one, other):
    """Bitwise equality of two stacks of trial data, missing values included."""
    for name in one.subjects:
        np.testing.assert_array_equal(one.subjects[name], other.subjects[name], err_msg=name)
    for name in one.readings:
        np.testing.assert_array_equal(one.readings[name].value, other.readings[name].value, err_msg=name)
        np.testing.assert_array_equal(one.readings[name].day, other.readings[name].day, err_msg=name)
    for drug in one.dosing:
        np.testing.assert_array_equal(one.dosing[drug].dose, other.dosing[drug].dose)
        np.testing.assert_array_equal(one.dosing[drug].reason, other.dosing[drug].reason)
    for column in ("subject", "day", "term", "grade", "serious"):
        np.testing.assert_array_equal(getattr(one.events, column), getattr(other.events, column))
    for column in ("candidate", "day", "enrolled", "failed"):
        np.testing.assert_array_equal(getattr(one.screening, column), getattr(other.screening, column))


def pick(data, trial):
    """Return one trial of a stack as a stack of one."""
    events, screening = data.events, data.screening
    rows, looked = events.trial == trial, screening.trial == trial
    return dataclasses.replace(
        data,
        subjects={name: values[trial : trial + 1] for name, values in data.subjects.items()},
        readings={
            name: dataclasses.replace(r, day=r.day[trial : trial + 1], value=r.value[trial : trial + 1])
            for name, r in data.readings.items()
        },
        dosing={
            drug: dataclasses.replace(d, dose=d.dose[trial : trial + 1], reason=d.reason[trial : trial + 1])
            for drug, d in data.dosing.items()
        },
        events=dataclasses.replace(
            events,
            trial=np.zeros(rows.sum(), dtype=np.int64),
            **{c: getattr(events, c)[rows] for c in ("subject", "day", "term", "grade", "serious")},
        ),
        screening=dataclasses.replace(
            screening,
            trial=np.zeros(looked.sum(), dtype=np.int64),
            **{c: getattr(screening, c)[looked] for c in ("candidate", "day", "enrolled", "failed")},
        ),
    )


def test_what_comes_out_is_trial_data(data):
    assert check(data) is data
    assert (data.trials, data.size) == (6, SIZE)


def test_any_block_partition_gives_the_same_bits(data):
    """Trials 0 to 5 at once, one by one, and as two halves."""
    for trial in range(6):
        alone = simulated.simulate(PROTOCOL, trials=1, seed=3, first_trial=trial, parameters=PARAMETERS)
        assert_same(pick(data, trial), alone)
    half = simulated.simulate(PROTOCOL, trials=3, seed=3, first_trial=3, parameters=PARAMETERS)
    for trial in range(3):
        assert_same(pick(data, 3 + trial), pick(half, trial))


def test_the_size_of_screening_rounds_changes_nothing(data, monkeypatch):
    """Candidates looked at 4 or 64 at a time, whoever else waits: the same bits."""
    monkeypatch.setattr(recruitment, "FEWEST_PER_ROUND", 64)
    assert_same(simulated.simulate(PROTOCOL, trials=6, seed=3, parameters=PARAMETERS), data)


def test_more_patients_change_nobody(data):
    """The first 20 patients of a trial of 30 are the trial of 20."""
    larger = dataclasses.replace(PROTOCOL, size=30)
    more = simulated.simulate(larger, trials=2, seed=3, parameters=PARAMETERS)
    for name in data.subjects:
        np.testing.assert_array_equal(more.subjects[name][:, :SIZE], data.subjects[name][:2])
    for name, readings in data.readings.items():
        np.testing.assert_array_equal(more.readings[name].value[:, :SIZE], readings.value[:2])


def test_another_arm_changes_no_draw_of_the_others(data):
    """With a fourth arm patients are allotted anew, but who they are and when they come stays."""
    fourth = dataclasses.replace(PROTOCOL.arms[2], name="observation")
    wider = dataclasses.replace(
        PROTOCOL,
        arms=(*PROTOCOL.arms, fourth),
        randomisation=dataclasses.replace(PROTOCOL.randomisation, block_size=12),
    )
    other = simulated.simulate(wider, trials=6, seed=3, parameters=PARAMETERS)
    for name in ("age", "sex", "height", "enrolled_day"):
        np.testing.assert_array_equal(other.subjects[name], data.subjects[name])
    for name in ("body_weight", "crp", "handgrip_strength"):
        np.testing.assert_array_equal(baseline(other.readings[name]), baseline(data.readings[name]))
    same = (other.subjects["arm"] == 2) & (data.subjects["arm"] == 2)
    assert same.any()
    np.testing.assert_array_equal(
        other.readings["body_weight"].value[same], data.readings["body_weight"].value[same]
    )


def test_another_seed_is_another_trial(data):
    other = simulated.simulate(PROTOCOL, trials=1, seed=4, parameters=PARAMETERS)
    assert (baseline(other.readings["body_weight"])[0] != baseline(data.readings["body_weight"])[0]).all()


def test_arms_are_in_ratio(data):
    """2:2:1 in blocks of 10: eight, eight and four of 20."""
    for index, count in enumerate((8, 8, 4)):
        assert ((data.subjects["arm"] == index).sum(axis=1) == count).all()


def test_the_reading_that_set_a_dose_is_the_reading_written_down(monkeypatch):
    """Bitwise: every reading a rule saw is in the trial data, unless the patient had died or left."""
    seen = []
    original = Prescriber._read

    def spy(self, course, visit, came, truth):
        original(self, course, visit, came, truth)
        latest = {name: values[-1] for name, values in course.histories.items()}
        seen.append((course.members, visit.name, latest))

    monkeypatch.setattr(Prescriber, "_read", spy)
    data = simulated.simulate(PROTOCOL, trials=2, seed=3, parameters=PARAMETERS)
    compared = 0
    for members, visit, latest in seen:
        for name, values in latest.items():
            readings = data.readings[name]
            written = readings.value.reshape(2 * SIZE, -1)[members, readings.visits.index(visit)]
            known = ~np.isnan(written)
            assert (written[known] == values[known]).all()
            compared += int(known.sum())
    assert compared > 1000


def test_a_written_reading_can_be_made_again_from_the_truth():
    """Measurement is pure: the truth of day 0 and the address give the written baseline, bit for bit."""
    recruited = simulated.recruit_trials(PROTOCOL, trials=2, seed=3, parameters=PARAMETERS)
    data = simulated.conduct(recruited)
    cohort = recruited.cohort
    truth = {**cohort.columns, **ToyEngine().observe(cohort.state, cohort.body, day=0)}
    names = ("body_weight", "crp", "handgrip_strength")
    again = read_all(names, truth, cohort.address, 0.0)
    for name in names:
        np.testing.assert_array_equal(again[name], baseline(data.readings[name]).ravel())


def test_without_effect_is_the_truth_of_dose_zero():
    """The drug is dosed by its rule, but the truth is that of a trial in which nobody is given any."""
    recruited = simulated.recruit_trials(PROTOCOL, trials=3, seed=5, parameters=PARAMETERS)
    cohort = recruited.cohort
    prescriber = Prescriber(PROTOCOL, cohort.columns, cohort.address, recruited.arm)
    inert = simulated.follow(recruited, prescriber, without_effect=True)
    nothing = tuple(dataclasses.replace(arm, treatments=()) for arm in PROTOCOL.arms)
    undosed = dataclasses.replace(recruited, protocol=dataclasses.replace(PROTOCOL, arms=nothing))
    none = Prescriber(undosed.protocol, cohort.columns, cohort.address, recruited.arm)
    control = simulated.follow(undosed, none, without_effect=False)
    for name, values in inert.truth.items():
        np.testing.assert_array_equal(values, control.truth[name], err_msg=name)
    assert inert.doses["lenalidomide"][:, 0].max() == 25


def test_without_effect_keeps_patients_and_arms(data):
    inert = simulated.simulate(PROTOCOL, trials=6, seed=3, parameters=PARAMETERS, without_effect=True)
    np.testing.assert_array_equal(inert.subjects["arm"], data.subjects["arm"])
    np.testing.assert_array_equal(baseline(inert.readings["crp"]), baseline(data.readings["crp"]))
    control = data.subjects["arm"] == 2
    for name, readings in data.readings.items():
        np.testing.assert_array_equal(inert.readings[name].value[control], readings.value[control])


def test_a_drug_started_later_leaves_earlier_readings_unchanged():
    """Dose 0 until the check on day 24, then 25 mg: everything read by then is as without the drug."""
    from euexia.simulate.run import run

    recruited = simulated.recruit_trials(PROTOCOL, trials=1, seed=3, parameters=PARAMETERS)
    days = (0.0, 7.0, 14.0, 24.0, 28.0, 56.0)

    def follow(start):
        from euexia import drugs

        def decide(index, day, truth):
            return {"lenalidomide": np.full(SIZE, 25.0 if day >= start else 0.0)}

        def effects_of(day, doses):
            return drugs.effects(doses, recruited.cohort.columns, PARAMETERS)

        return run(
            ToyEngine(),
            recruited.cohort.body,
            recruited.cohort.state,
            days,
            decide,
            effects_of,
            keep=("crp",),
        )

    late, never = follow(24.0), follow(1000.0)
    np.testing.assert_array_equal(late.truth["crp"][:, :4], never.truth["crp"][:, :4])
    assert (late.truth["crp"][:, 4] < never.truth["crp"][:, 4]).all()


def test_the_screening_log_is_complete_and_in_order(data):
    log = data.screening
    for trial in range(6):
        rows = log.trial == trial
        assert log.candidate[rows].tolist() == list(range(rows.sum()))
        assert log.enrolled[rows].sum() == SIZE
        assert log.enrolled[rows][-1]  # it ends with the last one needed
        assert (np.diff(log.day[rows]) > 0).all()


def test_who_is_enrolled_meets_every_criterion_and_nobody_else_does(data):
    log = data.screening
    assert (log.failed[log.enrolled] == 0).all()
    refused = log.failed[~log.enrolled]
    assert (refused == 1).any(axis=1).all()


def test_the_weight_history_is_only_taken_of_who_passes_the_first_stage(data):
    log = data.screening
    second = np.array([line.stage == 2 for line in PROTOCOL.eligibility])
    refused_first = (log.failed[:, ~second] == 1).any(axis=1)
    waits = np.array([line.id == "creatinine_clearance" for line in PROTOCOL.eligibility])
    early = (log.failed[:, ~second & ~waits] == 1).any(axis=1)
    assert (log.failed[early][:, second] == -1).all()
    assert (log.failed[~refused_first][:, second] != -1).all()


def test_enrolled_readings_at_screening_meet_the_criteria():
    """From the readings themselves, not from the log: CRP at least 30, neutrophils 1.5, clearance 50."""
    recruited = simulated.recruit_trials(PROTOCOL, trials=4, seed=3, parameters=PARAMETERS)
    readings = recruited.cohort.screening
    assert (readings["crp"] >= 30).all()
    assert (readings["neutrophils"] >= 1.5).all()
    assert (readings["creatinine_clearance"] >= 50).all()
    assert (readings["fluid_retention"] == 0).all()


def test_randomisation_comes_after_screening(data):
    log = data.screening
    screened = log.day[log.enrolled].reshape(6, SIZE)
    waited = data.subjects["enrolled_day"] - screened
    assert ((waited > -PROTOCOL.schedule.screening - 1) & (waited <= -PROTOCOL.schedule.screening)).all()


def test_the_dead_and_the_withdrawn_are_not_read(data):
    end = np.fmin(data.subjects["death_day"], data.subjects["withdrawal_day"])
    assert np.isfinite(end).any()
    for readings in data.readings.values():
        known = ~np.isnan(readings.value)
        assert not (known & (readings.day > end[..., None])).any()
        assert (np.isnan(readings.day) == np.isnan(readings.value)).all()


def test_events_lie_inside_follow_up_and_before_death(data):
    last = data.subjects["last_contact_day"][data.events.trial, data.events.subject]
    assert (data.events.day >= 0).all()
    assert (data.events.day <= last).all()
    assert (data.subjects["last_contact_day"] <= PROTOCOL.schedule.follow_up).all()


def test_serious_events_may_come_more_than_once(data):
    serious = data.events.term == "serious_adverse_event"
    place = data.events.trial[serious] * SIZE + data.events.subject[serious]
    assert np.bincount(place).max() > 1
    assert data.events.serious[serious].all()


def test_doses_end_with_observation(data):
    dosing = data.dosing["lenalidomide"]
    end = np.fmin(data.subjects["death_day"], data.subjects["withdrawal_day"])
    gone = dosing.planned > end[..., None]
    assert np.isnan(dosing.dose[gone]).all()
    control = data.subjects["arm"] == 2
    given = dosing.dose[control]
    assert (given[~np.isnan(given)] == 0).all()
    fixed = dosing.dose[data.subjects["arm"] == 0]
    assert (fixed[:, 0] == 25).all()


def test_no_decision_without_a_visit(data):
    """Who misses a dose check keeps the dose, and no reason is written."""
    dosing = data.dosing["lenalidomide"]
    crp = data.readings["crp"]
    for index, day in enumerate(dosing.planned):
        visit = int(np.flatnonzero(crp.planned == day)[0])
        missed = np.isnan(crp.value[..., visit])
        assert (dosing.reason[..., index][missed] == -1).all()
        if index:
            kept = missed & ~np.isnan(dosing.dose[..., index])
            assert (dosing.dose[..., index][kept] == dosing.dose[..., index - 1][kept]).all()


def test_nothing_latent_passes_into_the_data(data):
    """Every name in the trial data is one a sponsor could have."""
    names = set(data.subjects) | set(data.readings)
    assert set(data.subjects) <= set(SUBJECT_COLUMNS)
    assert set(data.readings) <= set(MEASURES)
    latent = set(population.load("inflammatory_cachexia").columns) - set(MEASURES) - set(SUBJECT_COLUMNS)
    assert not names & latent


def test_strata_are_balanced():
    """Stratified by CRP at 60 mg/L on the screening reading: both strata near 2:2:1."""
    stratified = dataclasses.replace(
        PROTOCOL,
        randomisation=dataclasses.replace(
            PROTOCOL.randomisation, strata=(Stratum(measure="crp", cuts=(60.0,)),)
        ),
    )
    recruited = simulated.recruit_trials(stratified, trials=20, seed=3, parameters=PARAMETERS)
    high = recruited.cohort.screening["crp"] >= 60
    for group in (high, ~high):
        assert np.mean(recruited.arm[group] == 2) == pytest.approx(0.2, abs=0.06)


def test_an_unknown_drug_is_named_with_the_way_out():
    wrong = dataclasses.replace(PROTOCOL, background=(Treatment(drug="prokinetics"),))
    with pytest.raises(UnknownNameError, match="Did you mean 'prokinetic'"):
        simulated.simulate(wrong, parameters=PARAMETERS)


def test_no_trials_are_refused():
    with pytest.raises(InputError, match="at least 1"):
        simulated.simulate(PROTOCOL, trials=0, parameters=PARAMETERS)


def test_a_protocol_that_nobody_meets_is_given_up(monkeypatch):
    """CRP above 600 mg/L: screening ends with a message instead of going on for ever."""
    monkeypatch.setattr(recruitment, "MOST_PER_PATIENT", 20)
    lines = [
        dataclasses.replace(
            line, require=dataclasses.replace(line.require, comparison=Comparison.ABOVE, threshold=600.0)
        )
        if line.id == "inflammation"
        else line
        for line in PROTOCOL.eligibility
    ]
    with pytest.raises(InputError, match="finds no patients"):
        simulated.simulate(dataclasses.replace(PROTOCOL, eligibility=tuple(lines)), parameters=PARAMETERS)


def test_the_history_looks_back_from_screening():
    """Screening on day -7; 2 months and 4 weeks before it; 6 months as far as the run-in reaches."""
    assert screening.history_days(PROTOCOL) == (-180.0, -68.0, -35.0, -7.0)


def test_an_address_tells_trials_and_candidates_apart():
    one = Address(seed=1, trial=np.array([0]), candidate=np.array([1]))
    other = Address(seed=1, trial=np.array([1]), candidate=np.array([0]))
    truth = {"body_weight": np.array([60.0])}
    assert read_all(("body_weight",), truth, one, 0) != read_all(("body_weight",), truth, other, 0)
