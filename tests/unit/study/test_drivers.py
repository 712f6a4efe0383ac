"""Shapley values of known games; the shares of a patient's loss; what treatments give back."""

from itertools import permutations

import numpy as np
import pytest

from euexia import parameters
from euexia.population import archetypes
from euexia.study import drivers, recovery
from euexia.study.drivers import CHANNELS, OUTCOMES, coalitions, explain, shapley
from euexia.study.regimen import parse

PARAMETERS = parameters.load()


@pytest.fixture(scope="module")
def explained():
    return explain(archetypes.load("nsclc"), parameters=PARAMETERS)


def test_the_glove_game():
    """One left and two right gloves make a pair: the left one is worth 2/3, each right one 1/6 (textbook)."""
    present = coalitions(3)
    worth = (present[:, 0] & (present[:, 1] | present[:, 2])).astype(float)
    np.testing.assert_allclose(shapley(worth), [2 / 3, 1 / 6, 1 / 6])


def test_it_is_the_mean_over_all_orders():
    """The definition itself: the marginal gain of each, averaged over all 24 orders of four."""
    worth = np.random.default_rng(1).normal(size=16)
    expected = np.zeros(4)
    for order in permutations(range(4)):
        joined = 0
        for channel in order:
            expected[channel] += (worth[joined | 1 << channel] - worth[joined]) / 24
            joined |= 1 << channel
    np.testing.assert_allclose(shapley(worth), expected)


@pytest.mark.slow
def test_the_shares_add_up_to_the_whole_loss(explained):
    for period in (explained.until_today, explained.ahead):
        for outcome in OUTCOMES:
            assert sum(period.shares[outcome].values()) == pytest.approx(period.lost(outcome), abs=1e-6)


@pytest.mark.slow
def test_the_loss_is_that_of_the_patient(explained):
    """Expected: the patient of the proof run; 71.3 kg and 40 kg of grip before the disease, then -0.41 kg."""
    assert explained.until_today.first["body_weight"] == pytest.approx(71.26, abs=0.01)
    assert explained.until_today.first["handgrip_strength"] == pytest.approx(40, abs=1e-6)
    assert explained.until_today.last["body_weight"] == pytest.approx(66, abs=1e-3)
    assert explained.ahead.lost("body_weight") == pytest.approx(0.41, abs=0.01)


@pytest.mark.slow
def test_nobody_is_blamed_for_what_is_not_there(explained):
    """Before day 0 there is neither chemotherapy nor care; inactivity spares weight."""
    until = explained.until_today.shares
    for outcome in OUTCOMES:
        assert until[outcome]["chemotherapy"] == 0
        assert until[outcome]["care"] == 0
        assert until[outcome]["appetite_gdf15"] > 0
    assert until["body_weight"]["inactivity"] < 0
    assert max(until["handgrip_strength"], key=until["handgrip_strength"].get) == "muscle_quality"
    assert explained.ahead.shares["body_weight"]["care"] < 0


@pytest.mark.slow
def test_a_healthy_person_loses_nothing_to_inflammation():
    text = archetypes.template().replace("crp: 20 mg/L", "crp: 0.5 mg/L")
    found = explain(archetypes.read(text, "mine.yaml"), parameters=PARAMETERS)
    assert found.until_today.shares["body_weight"]["appetite_inflammation"] == pytest.approx(0, abs=1e-9)
    assert found.until_today.shares["body_weight"]["appetite_gdf15"] > 0


def test_every_switch_is_a_number_of_the_model():
    for channel in CHANNELS:
        assert channel.inputs or channel.numbers
        for name in channel.numbers:
            assert name in PARAMETERS


@pytest.mark.slow
def test_what_is_given_back_has_an_honest_interval():
    """The stated gain is the difference of two single courses; draws are the same whenever they are made."""
    patient = archetypes.load("gdf15_high")
    regimens = [parse(text, PARAMETERS) for text in ("ponsegromab 400 mg every 4 weeks", "exercise 0 %")]
    found, again = (
        recovery.recover(patient, parameters=PARAMETERS, regimens=regimens, draws=40, seed=3)
        for _ in range(2)
    )
    first, nothing = found.treatments
    assert first.gains["body_weight"].stated == pytest.approx(2.97, abs=0.02)
    assert (
        first.gains["body_weight"].low < first.gains["body_weight"].stated < first.gains["body_weight"].high
    )
    assert nothing.gains["body_weight"] == recovery.Gain(stated=0.0, low=0.0, high=0.0)
    assert found.treatments[0].gains == again.treatments[0].gains
    assert not found.left_out


@pytest.mark.slow
def test_a_very_ill_patient_still_has_intervals():
    """Draws in which nobody could have come to this weight are left out, and counted."""
    text = (
        archetypes.template()
        .replace("sex: man", "sex: woman")
        .replace("crp: 20 mg/L", "crp: 300 mg/L")
        .replace("# gdf15: 2.5 ng/mL", "gdf15: 20 ng/mL")
        .replace("weight: 66 kg", "weight: 42 kg")
    )
    patient = archetypes.read(text, "mine.yaml")
    found = recovery.recover(
        patient, parameters=PARAMETERS, regimens=[parse("exercise", PARAMETERS)], draws=60
    )
    assert 20 < found.used < 60
    gain = found.treatments[0].gains["handgrip_strength"]
    assert 0 < gain.low < gain.stated < gain.high
    period = explain(patient, parameters=PARAMETERS).until_today
    for outcome in OUTCOMES:
        assert sum(period.shares[outcome].values()) == pytest.approx(period.lost(outcome), abs=1e-6)


def test_draws_stay_within_the_stated_ranges():
    for number in range(5):
        drawn = recovery.drawn_set(PARAMETERS, 1, number)
        for name, entry in drawn.items():
            stated = PARAMETERS[name]
            if stated.value == 0:
                assert entry.value == 0, "what is off stays off"
            elif stated.low is not None and stated.high is not None:
                assert stated.low <= entry.value <= stated.high
            else:
                assert entry.value == stated.value
        assert drawn["lenalidomide.dose"].value == PARAMETERS["lenalidomide.dose"].value
    assert drivers.with_values(PARAMETERS, {}) is PARAMETERS


@pytest.mark.slow
def test_a_treatment_that_needs_more_is_left_out_with_the_reason():
    patient = archetypes.read(archetypes.template(), "mine.yaml")
    regimens = [parse("lenalidomide 25 mg daily", PARAMETERS)]
    found = recovery.recover(patient, parameters=PARAMETERS, regimens=regimens, draws=20)
    assert found.treatments == ()
    assert "creatinine_clearance" in found.left_out["lenalidomide 25 mg daily"]
