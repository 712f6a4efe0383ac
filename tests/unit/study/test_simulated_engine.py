"""Whole trials on the real engine: the same bits in any block, and patients near the published ones."""

import dataclasses

import numpy as np
import pytest

from euexia import protocol as protocols
from euexia.simulate.referral import inputs_of
from euexia.study import simulated
from euexia.study.prescribing import Prescriber
from euexia.trialdata.checks import check

SMALL = dataclasses.replace(protocols.load("lenalidomide"), size=10)


@pytest.fixture(scope="module")
def recruited():
    return simulated.recruit_trials(SMALL, trials=3, seed=11)


def test_trials_together_and_alone_are_the_same_bits(recruited):
    together = check(simulated.conduct(recruited))
    for trial in range(3):
        alone = simulated.simulate(SMALL, trials=1, seed=11, first_trial=trial)
        for name, values in alone.subjects.items():
            np.testing.assert_array_equal(values[0], together.subjects[name][trial], err_msg=name)
        for name, readings in alone.readings.items():
            np.testing.assert_array_equal(
                readings.value[0], together.readings[name].value[trial], err_msg=name
            )
        for drug, dosing in alone.dosing.items():
            np.testing.assert_array_equal(dosing.dose[0], together.dosing[drug].dose[trial])
            np.testing.assert_array_equal(dosing.reason[0], together.dosing[drug].reason[trial])


def test_the_disease_at_screening_is_that_of_the_run_in(recruited):
    """Stage 1 takes C-reactive protein from its closed form; the run-in, which comes later, must agree."""
    cohort = recruited.cohort
    inputs = inputs_of(cohort.columns)
    engine = simulated.engine_for(recruited.parameters)
    day = SMALL.schedule.screening
    _, _, history = engine.run_in(inputs, days=(-180.0, -68.0, -35.0, day))
    for name in ("crp", "gdf15"):
        np.testing.assert_allclose(cohort.before[day][name], history[day][name], rtol=1e-9)


def test_without_effect_is_the_truth_of_the_control(recruited):
    """Whoever is given a drug without effect fares, bit for bit, as if given none."""
    cohort = recruited.cohort
    prescriber = Prescriber(SMALL, cohort.columns, cohort.address, recruited.arm)
    inert = simulated.follow(recruited, prescriber, without_effect=True)
    nobody = tuple(dataclasses.replace(arm, treatments=()) for arm in SMALL.arms)
    undosed = dataclasses.replace(recruited, protocol=dataclasses.replace(SMALL, arms=nobody))
    none = Prescriber(undosed.protocol, cohort.columns, cohort.address, recruited.arm)
    untreated = simulated.follow(undosed, none, without_effect=False)
    for name, values in inert.truth.items():
        np.testing.assert_array_equal(values, untreated.truth[name], err_msg=name)


def test_the_first_dose_changes_nothing_before_it(recruited):
    """Treated or not, the truth of day 0 is the same; afterwards it is not."""
    active, inert = (
        simulated.follow(
            recruited,
            Prescriber(SMALL, recruited.cohort.columns, recruited.cohort.address, recruited.arm),
            without_effect=without,
        )
        for without in (False, True)
    )
    for name, values in active.truth.items():
        np.testing.assert_array_equal(values[:, 0], inert.truth[name][:, 0], err_msg=name)
    fixed = recruited.arm == 0
    assert (active.truth["crp"][fixed, -1] < inert.truth["crp"][fixed, -1]).all()


def with_run_in(protocol, days, screening):
    schedule = dataclasses.replace(protocol.schedule, run_in=days, screening=screening)
    return dataclasses.replace(protocol, schedule=schedule)


def test_with_a_run_in_trials_together_and_alone_are_the_same_bits():
    protocol = with_run_in(SMALL, 14.0, -21.0)
    together = check(simulated.simulate(protocol, trials=2, seed=11))
    alone = simulated.simulate(protocol, trials=1, seed=11, first_trial=1)
    for name, values in alone.subjects.items():
        np.testing.assert_array_equal(values[0], together.subjects[name][1], err_msg=name)
    for name, readings in alone.readings.items():
        np.testing.assert_array_equal(readings.value[0], together.readings[name].value[1], err_msg=name)


def test_care_acts_before_day_0_when_there_is_a_run_in():
    """Four weeks of care at the patients' own intake: at day 0 those who eat more of it weigh more.

    The disease is no different for it: nothing in care acts on the tumour, so CRP at day 0 is what four
    weeks of growth of 0.7 % a day (median) make of it, and not less.
    """
    protocol = with_run_in(SMALL, 28.0, -35.0)
    cohort = simulated.recruit_trials(protocol, trials=4, seed=11).cohort
    engine = simulated.engine_for(simulated.recruit_trials(SMALL, trials=1, seed=11).parameters)
    now = engine.observe(cohort.state, cohort.body, day=28.0)
    gained = now["body_weight"] - cohort.columns["weight"]
    assert np.corrcoef(gained, cohort.columns["trial_intake"])[0, 1] > 0.5
    assert (now["crp"] > cohort.columns["crp"]).all()
    assert (cohort.before[-35.0]["crp"] < cohort.columns["crp"]).all()


def test_what_the_trial_does_to_ratings_is_spent_in_a_long_run_in():
    """1.8 points (1 - exp(-t/14)) counts from the first day of care: after 8 weeks 98 % of it is there."""
    protocol = with_run_in(SMALL, 56.0, -63.0)
    cohort = simulated.recruit_trials(protocol, trials=2, seed=11).cohort
    engine = simulated.engine_for(simulated.recruit_trials(SMALL, trials=1, seed=11).parameters)
    with_care = engine.observe(cohort.state, cohort.body, day=56.0)["faact_acs"]
    without = engine.observe(cohort.state, cohort.body, day=0.0)["faact_acs"]
    np.testing.assert_allclose(with_care - without, 1.8 * (1 - np.exp(-56 / 14)), rtol=1e-9)


@pytest.mark.slow
def test_the_enrolled_look_like_the_published_patients():
    """Abstract of NCT01127386 (n=16): age 67, 25 % women, 64.7 kg (39.8-87.2, so SD 13.4).

    Deaths by week 12: the hazards of the model give 25 % for CRP 60 and ECOG 1.5; 2,000 patients, SE 1 %.
    """
    protocol = dataclasses.replace(SMALL, size=100)
    recruited = simulated.recruit_trials(protocol, trials=20, seed=1)
    people = recruited.cohort.columns
    assert people["age"].mean() == pytest.approx(67, abs=1)
    assert 1 - people["male"].mean() == pytest.approx(0.25, abs=0.03)
    assert people["weight"].mean() == pytest.approx(64.7, abs=1)
    assert people["weight"].std() == pytest.approx(13.4, abs=1.5)
    assert people["ecog"].mean() == pytest.approx(1.5, abs=0.1)
    data = simulated.conduct(recruited)
    died = ~np.isnan(data.subjects["death_day"])
    left = ~np.isnan(data.subjects["withdrawal_day"])
    assert 0.20 <= died.mean() <= 0.30
    assert 0.20 <= left.mean() <= 0.32
