"""Whatever the run-in and the day of screening: whole trials, trial data, and the same bits in any block."""

import dataclasses
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.toy_engine import ToyEngine
from euexia import parameters as parameter_files
from euexia import protocol as protocols
from euexia.study import simulated
from euexia.trialdata.checks import check

SIZE = 5
PROTOCOL = dataclasses.replace(protocols.load("lenalidomide"), size=SIZE)
PARAMETERS = parameter_files.load()


def simulate(run_in, before, seed, first, trials):
    schedule = dataclasses.replace(PROTOCOL.schedule, run_in=run_in, screening=-run_in - before)
    protocol = dataclasses.replace(PROTOCOL, schedule=schedule)
    with mock.patch.object(simulated, "engine_for", return_value=ToyEngine()):
        return simulated.simulate(
            protocol, trials=trials, seed=seed, first_trial=first, parameters=PARAMETERS
        )


@settings(max_examples=8, deadline=None)
@given(
    run_in=st.sampled_from([0.0, 0.5, 7.0, 14.0, 28.0]) | st.floats(0.1, 60.0),
    before=st.sampled_from([0.0, 1.0, 7.0]) | st.floats(0.0, 30.0),
    seed=st.integers(0, 2**48 - 1),
)
def test_every_run_in_gives_whole_trials(run_in, before, seed):
    data = check(simulate(run_in, before, seed, 0, 2))
    log = data.screening
    assert np.bincount(log.trial, weights=log.enrolled).tolist() == [SIZE, SIZE]
    np.testing.assert_array_equal((log.failed == 0).all(axis=1), log.enrolled)
    assert len(log.criteria) == len(PROTOCOL.eligibility) + (run_in > 0)
    assert (data.events.day >= 0).all()
    for name, readings in data.readings.items():
        screening = readings.visits.index("screening") if "screening" in readings.visits else None
        assert screening is None or readings.planned[screening] == -run_in - before, name
        assert (np.diff(readings.planned) > 0).all(), name
    alone = simulate(run_in, before, seed, 1, 1)
    for name, readings in alone.readings.items():
        np.testing.assert_array_equal(readings.value[0], data.readings[name].value[1], err_msg=name)
    for name, values in alone.subjects.items():
        np.testing.assert_array_equal(values[0], data.subjects[name][1], err_msg=name)
