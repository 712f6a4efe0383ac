"""Injected antibodies in whole trials, and personal factors of treatments."""

import dataclasses

import numpy as np
import pytest

from euexia import parameters
from euexia import protocol as protocols
from euexia.drugs.variation import personal_factors
from euexia.protocol.protocol import Treatment
from euexia.study import simulated
from euexia.study.injections import injection_days
from euexia.study.prescribing import Prescriber

REFERENCE = protocols.load("lenalidomide")
ANTIBODY = (
    Treatment(drug="ponsegromab", dose=400.0, every=28.0),
    Treatment(drug="anamorelin", dose=100.0),
)


def with_antibody():
    """Return the reference trial, small, with an antibody and anamorelin in its first arm."""
    first, *others = REFERENCE.arms
    arms = (dataclasses.replace(first, treatments=ANTIBODY), *others)
    return dataclasses.replace(REFERENCE, size=10, arms=arms)


@pytest.fixture(scope="module")
def trial():
    return simulated.recruit_trials(with_antibody(), trials=2, seed=5)


def test_injections_come_at_their_interval():
    """Every 28 days from day 0 as long as treatment lasts; without injected drugs never."""
    length = REFERENCE.schedule.treatment
    assert injection_days(with_antibody()) == tuple(np.arange(0.0, length, 28.0))
    assert injection_days(REFERENCE) == ()


def test_the_antibody_binds_gdf15_in_its_arm_alone(trial):
    """Total GDF-15 rises more than tenfold in the arm that has it; the others are as without, bit for bit."""
    cohort, protocol = trial.cohort, trial.protocol
    found = []
    for without_effect in (False, True):
        prescriber = Prescriber(protocol, cohort.columns, cohort.address, trial.arm)
        found.append(simulated.follow(trial, prescriber, without_effect=without_effect))
    treated, inert = found
    last = (treated.at(56.0), inert.at(56.0))
    ratio = treated.truth["gdf15"][:, last[0]] / inert.truth["gdf15"][:, last[1]]
    assert np.all(ratio[trial.arm == 0] > 10)
    gain = treated.truth["body_weight"][:, last[0]] - inert.truth["body_weight"][:, last[1]]
    assert np.all(gain[trial.arm == 0] > 0)
    control = trial.arm == len(protocol.arms) - 1
    assert np.all(ratio[control] == 1)


def test_the_whole_chain_runs_with_an_antibody(trial):
    """Doses are written down as prescribed."""
    data = simulated.conduct(trial)
    assert np.nanmax(data.dosing["ponsegromab"].dose) == pytest.approx(400 / 28)


def test_personal_factors_have_the_spread_of_the_file():
    """Median 1 and the coefficient of variation of each number; the same for everyone who asks."""
    chosen = parameters.load()
    trials, candidates = np.zeros(20_000, dtype=np.int64), np.arange(20_000)
    found = personal_factors(("ponsegromab", "progestin"), chosen, 3, trials, candidates)
    assert set(found) == {"ponsegromab_clearance_effect", "ponsegromab_volume_effect"}
    clearance = found["ponsegromab_clearance_effect"]
    assert np.median(clearance) == pytest.approx(1, abs=0.01)
    assert np.std(clearance) / np.mean(clearance) == pytest.approx(0.3, abs=0.01)
    one = personal_factors(("ponsegromab",), chosen, 3, trials[7:8], candidates[7:8])
    assert one["ponsegromab_clearance_effect"][0] == clearance[7]


def test_physical_function_is_read_where_a_visit_asks_for_it():
    """A visit may name the six-minute walk and Karnofsky status; other trials do not compute them."""
    visits = tuple(
        dataclasses.replace(visit, measures=(*visit.measures, "six_minute_walk", "karnofsky"))
        if visit.day in (0.0, 56.0)
        else visit
        for visit in REFERENCE.schedule.visits
    )
    schedule = dataclasses.replace(REFERENCE.schedule, visits=visits)
    data = simulated.simulate(dataclasses.replace(REFERENCE, size=5, schedule=schedule), trials=2, seed=4)
    walked = data.readings["six_minute_walk"].value
    assert np.all(np.isfinite(walked[..., 0]) & (walked[..., 0] > 50))
    assert np.all(np.nan_to_num(data.readings["karnofsky"].value) % 10 == 0)
