"""The readings that decided on eligibility are trial data: same bits, days before 0, and no baseline."""

import dataclasses

import numpy as np
import pytest

from builders.toy_engine import ToyEngine
from euexia import parameters as parameter_files
from euexia import protocol as protocols
from euexia.core.logic import TRUE, Comparison
from euexia.criteria.measures import MEASURES
from euexia.endpoints import derive
from euexia.protocol.condition import MeasureHistory, evaluate, measures_of, once
from euexia.protocol.protocol import Criterion, Stratum, Visit
from euexia.protocol.statement import Condition
from euexia.study import simulated
from euexia.study.block import reduce_block
from euexia.trialdata import tables
from euexia.trialdata.checks import check

PROTOCOL = dataclasses.replace(protocols.load("lenalidomide"), size=12)
PARAMETERS = parameter_files.load()
HISTORY = ("weight_6_months_ago", "weight_2_months_ago", "weight_4_weeks_ago")


@pytest.fixture(autouse=True)
def toy_engine(monkeypatch):
    monkeypatch.setattr(simulated, "engine_for", lambda parameters: ToyEngine())


@pytest.fixture
def recruited():
    return simulated.recruit_trials(PROTOCOL, trials=3, seed=3, parameters=PARAMETERS)


@pytest.fixture
def data(recruited):
    return simulated.conduct(recruited)


def at(readings, visit):
    return readings.value[..., readings.visits.index(visit)]


def test_every_measure_of_the_criteria_is_written_down(data):
    """All but the age, which is a column of the subjects."""
    wanted = {name for line in PROTOCOL.eligibility for name in measures_of(line.require)} - {"age"}
    screened = {name for name, readings in data.readings.items() if "screening" in readings.visits}
    assert screened == wanted
    for name in wanted:
        readings = data.readings[name]
        place = readings.visits.index("screening")
        assert readings.planned[place] == PROTOCOL.schedule.screening
        assert (readings.day[..., place] == PROTOCOL.schedule.screening).all()
        assert not np.isnan(readings.value[..., place]).any()


def test_they_are_the_readings_that_decided(recruited, data):
    for name, values in recruited.cohort.screening.items():
        if name != "age":
            np.testing.assert_array_equal(at(data.readings[name], "screening").ravel(), values)


def test_eligibility_can_be_decided_again_from_the_trial_data_alone(data):
    """A sponsor's re-check: every criterion is met by what is written down, for every patient."""
    shape = (data.trials * data.size, -1)
    weights = data.readings["body_weight"]
    known = weights.planned < 0
    days, values = weights.planned[known], weights.value.reshape(shape)[:, known]
    found = {
        name: once(at(readings, "screening").ravel(), PROTOCOL.schedule.screening)
        for name, readings in data.readings.items()
        if "screening" in readings.visits
    }
    found["body_weight"] = MeasureHistory(days, values, days.size - 1)
    found["age"] = once(data.subjects["age"].ravel(), PROTOCOL.schedule.screening)
    for line in PROTOCOL.eligibility:
        assert (evaluate(line.require, found) == TRUE).all(), line.id


def test_the_weight_history_has_its_days(data):
    """Screening on day -7; 28 and 61 days before it; six months as far as the history reaches."""
    readings = data.readings["body_weight"]
    assert readings.visits[:5] == (*HISTORY, "screening", "baseline")
    assert readings.planned[:5].tolist() == [-180, -68, -35, -7, 0]
    weights = [at(readings, visit).mean() for visit in (*HISTORY, "baseline")]
    assert weights == sorted(weights, reverse=True)  # the toy patient loses weight steadily


def test_the_baseline_stays_the_reading_of_day_0(data):
    """Without the readings before day 0 every endpoint is the same, bit for bit."""
    after = {}
    for name, readings in data.readings.items():
        kept = readings.planned >= 0
        if kept.any():
            after[name] = dataclasses.replace(
                readings,
                visits=tuple(v for v, k in zip(readings.visits, kept, strict=True) if k),
                planned=readings.planned[kept],
                day=readings.day[..., kept],
                value=readings.value[..., kept],
            )
    without = derive(dataclasses.replace(data, readings=after), PROTOCOL)
    for name, endpoint in derive(data, PROTOCOL).endpoints.items():
        np.testing.assert_array_equal(endpoint.value, without.endpoints[name].value, err_msg=name)
        np.testing.assert_array_equal(endpoint.baseline, without.endpoints[name].baseline, err_msg=name)


def test_the_measures_of_the_trial_stand_first(data):
    """What only screening reads comes after, so that tables begin with what the trial is about."""
    names = list(data.readings)
    of_trial = [name for name in names if (data.readings[name].planned >= 0).any()]
    assert names[: len(of_trial)] == of_trial
    assert of_trial[0] == "body_weight"


def test_tables_hold_them_and_give_them_back(data):
    """Round trip through tidy tables: the same bits, flags included."""
    assert check(data) is data
    again = tables.from_tables(tables.to_tables(data))
    assert set(again.readings) == set(data.readings)
    for name, readings in data.readings.items():
        assert again.readings[name].visits == readings.visits
        np.testing.assert_array_equal(again.readings[name].planned, readings.planned)
        np.testing.assert_array_equal(again.readings[name].value, readings.value, err_msg=name)
        np.testing.assert_array_equal(again.readings[name].day, readings.day, err_msg=name)
    flags = {name for name in data.readings if MEASURES[name].is_flag}
    assert {"fluid_retention", "able_to_eat"} <= flags


def test_series_over_time_begin_at_baseline(data):
    block = reduce_block(0, PROTOCOL, data, derive(data, PROTOCOL), ())
    assert "bilirubin" in data.readings
    assert "bilirubin" not in block.series
    for name, series in block.series.items():
        assert series.day[0] >= 0, name


def test_a_screening_visit_of_the_protocol_keeps_its_name_and_reads_more():
    """What the protocol measures there besides is read too, of everybody: who is randomised was screened."""
    visit = Visit(name="visit_1", day=-7.0, measures=("crp", "handgrip_strength"), attendance=0.5, window=1.0)
    schedule = dataclasses.replace(PROTOCOL.schedule, visits=(visit, *PROTOCOL.schedule.visits))
    protocol = dataclasses.replace(PROTOCOL, schedule=schedule)
    recruited = simulated.recruit_trials(protocol, trials=2, seed=3, parameters=PARAMETERS)
    data = check(simulated.conduct(recruited))
    for name in ("crp", "handgrip_strength", "bilirubin"):
        assert data.readings[name].visits[0] == "visit_1"
        assert (data.readings[name].day[..., 0] == -7).all()
        assert not np.isnan(data.readings[name].value[..., 0]).any()
    np.testing.assert_array_equal(
        data.readings["crp"].value[..., 0].ravel(), recruited.cohort.screening["crp"]
    )


def test_a_name_that_the_protocol_has_taken_is_not_used_twice():
    """A later visit called 'screening' keeps its name."""
    visits = tuple(
        dataclasses.replace(visit, name="screening") if visit.name == "week_12" else visit
        for visit in PROTOCOL.schedule.visits
    )
    protocol = dataclasses.replace(PROTOCOL, schedule=dataclasses.replace(PROTOCOL.schedule, visits=visits))
    data = simulated.simulate(protocol, trials=1, seed=3, parameters=PARAMETERS)
    visits = data.readings["crp"].visits
    assert (visits[0], visits[-1]) == ("screening_for_eligibility", "screening")


def test_a_criterion_may_ask_for_what_only_an_examination_tells():
    """Handgrip and lean mass at screening wait for stage 2, refuse then, and are written down."""
    weak = Criterion(
        id="weak",
        text="Handgrip strength below 28 kg",
        require=Condition(measure="handgrip_strength", comparison=Comparison.BELOW, threshold=28.0),
    )
    thin = Criterion(
        id="thin",
        text="Lean mass below 60 kg",
        require=Condition(measure="lean_mass_ct", comparison=Comparison.BELOW, threshold=60.0),
    )
    protocol = dataclasses.replace(PROTOCOL, eligibility=(*PROTOCOL.eligibility, weak, thin))
    data = check(simulated.simulate(protocol, trials=2, seed=3, parameters=PARAMETERS))
    assert (at(data.readings["handgrip_strength"], "screening") < 28).all()
    assert (at(data.readings["lean_mass_ct"], "screening") < 60).all()
    log = data.screening
    codes = log.failed[:, log.criteria.index(weak.text)]
    assert set(codes) == {-1, 0, 1}
    assert (codes[log.enrolled] == 0).all()


def test_a_stratum_may_be_of_what_only_an_examination_tells():
    strata = (Stratum(measure="handgrip_strength", cuts=(28.0,)),)
    randomisation = dataclasses.replace(PROTOCOL.randomisation, strata=strata)
    protocol = dataclasses.replace(PROTOCOL, randomisation=randomisation)
    data = check(simulated.simulate(protocol, trials=2, seed=3, parameters=PARAMETERS))
    assert not np.isnan(at(data.readings["handgrip_strength"], "screening")).any()


def test_screening_on_day_0_is_part_of_the_baseline_visit():
    """One visit on day 0, which reads what the protocol plans and what the criteria ask for."""
    schedule = dataclasses.replace(PROTOCOL.schedule, screening=0.0)
    protocol = dataclasses.replace(PROTOCOL, schedule=schedule)
    data = check(simulated.simulate(protocol, trials=2, seed=3, parameters=PARAMETERS))
    for name in ("crp", "body_weight", "bilirubin", "handgrip_strength"):
        readings = data.readings[name]
        assert list(readings.planned).count(0.0) == 1
        assert readings.visits[list(readings.planned).index(0.0)] == "baseline"
        assert "screening" not in readings.visits
