"""Patients with numbers of their own: the same engine, and the same person in another life."""

import numpy as np
import pytest

from builders.patients import typical_patient
from euexia import parameters
from euexia.core.errors import InputError
from euexia.model.effects import NEUTRAL
from euexia.simulate.engine import Engine
from euexia.simulate.individual import IndividualEngine, premorbid
from euexia.study.drivers import with_values

PARAMETERS = parameters.load()
OTHER = with_values(PARAMETERS, {"intake.gdf15_effect": 0.5})


@pytest.mark.slow
def test_each_patient_lives_by_his_own_numbers():
    """Patient 0 as the plain engine has him, patient 1 as the plain engine of the other numbers."""
    engine = IndividualEngine([PARAMETERS, OTHER])
    body, state, _ = engine.run_in(typical_patient(crp=[60.0, 60.0]))
    found = engine.observe(engine.advance(state, body, NEUTRAL, start=0, days=84), body, day=84)
    for index, numbers in enumerate((PARAMETERS, OTHER)):
        plain = Engine(numbers)
        own_body, own_state, _ = plain.run_in(typical_patient())
        own_state = plain.advance(own_state, own_body, NEUTRAL, start=0, days=84)
        for name, values in plain.observe(own_state, own_body, day=84).items():
            assert found[name][index] == pytest.approx(values[0], rel=1e-10, abs=1e-12), name


@pytest.mark.slow
def test_falling_ill_from_the_premorbid_weight_leads_to_today():
    engine = IndividualEngine([PARAMETERS])
    body, state, _ = engine.run_in(typical_patient(), days=())
    again_body, again = engine.fall_ill(typical_patient(), premorbid(body).weight)
    now, then = engine.observe(again, again_body, day=0), engine.observe(state, body, day=0)
    for name, values in then.items():
        np.testing.assert_allclose(now[name], values, rtol=1e-10, atol=1e-12, err_msg=name)


def test_many_sets_are_taken_in_one_call_whatever_the_company() -> None:
    """600 patients by two sets: each as in an engine of few, bit for bit."""
    index = np.arange(600) % 2
    many, few = IndividualEngine([PARAMETERS, OTHER], index), IndividualEngine([OTHER, PARAMETERS])
    weights = []
    for engine, patients in ((many, 600), (few, 2)):
        body, state, _ = engine.run_in(typical_patient(crp=[60.0] * patients), days=())
        state = engine.advance(state, body, NEUTRAL, start=0, days=7)
        weights.append(engine.observe(state, body, day=7)["body_weight"])
    np.testing.assert_array_equal(weights[0], weights[1][1 - index])


def test_wrong_numbers_of_sets_or_patients_are_refused() -> None:
    with pytest.raises(InputError, match="at least 1 parameter set"):
        IndividualEngine([])
    with pytest.raises(InputError, match="parameter set 2, but they are 0 to 1"):
        IndividualEngine([PARAMETERS, OTHER], [0, 2])
    with pytest.raises(InputError, match="numbers of 2 patients and was given 3"):
        IndividualEngine([PARAMETERS, OTHER]).run_in(typical_patient(crp=[60.0] * 3))
