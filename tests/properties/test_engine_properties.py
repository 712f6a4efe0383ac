"""Properties of the engine that hold whatever the patients: company and cutting change no bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.patients import choose, random_columns, random_patients
from euexia import drugs, parameters
from euexia.core.errors import InputError
from euexia.model.effects import NEUTRAL, Effects
from euexia.simulate.engine import BLOCK, Engine

PARAMETERS = parameters.load()
ENGINE = Engine(PARAMETERS)
COUNT = BLOCK + 88
PATIENTS = random_patients(COUNT, seed=11)
COLUMNS = random_columns(COUNT)


def whole_path(index: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return body, state on day 0 and state on day 7 of some patients."""
    chosen = {name: values[index] for name, values in COLUMNS.items()}
    body, state, _ = ENGINE.run_in(choose(PATIENTS, index))
    acting = drugs.effects({"lenalidomide": np.full(index.size, 10.0), "prokinetic": 0.5}, chosen, PARAMETERS)
    return body, state, ENGINE.advance(state, body, acting, start=0.0, days=7.0)


ALL = whole_path(np.arange(COUNT))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=40))
def test_company_and_order_change_no_bit(chosen: list[int]) -> None:
    """Any patients in any order, even repeated, come out as they do among all."""
    index = np.array(chosen)
    for part, whole in zip(whole_path(index), ALL, strict=True):
        np.testing.assert_array_equal(part, whole[:, index])


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, COUNT - 1))
def test_cutting_changes_no_bit(cut: int) -> None:
    """Two parts put together are the whole."""
    parts = [whole_path(np.arange(cut)), whole_path(np.arange(cut, COUNT))]
    for first, second, whole in zip(*parts, ALL, strict=True):
        np.testing.assert_array_equal(np.concatenate([first, second], axis=1), whole)


def test_cutting_a_span_into_days_changes_no_bit() -> None:
    """Four days at once are four single days: a dose check that changes nothing changes nothing."""
    body, state, _ = ALL
    at_once = ENGINE.advance(state, body, NEUTRAL, start=0.0, days=4.0)
    for day in range(4):
        state = ENGINE.advance(state, body, NEUTRAL, start=float(day), days=1.0)
    np.testing.assert_array_equal(state, at_once)


def test_the_weight_on_day_0_is_the_given_one() -> None:
    """The premorbid solve meets the weight to 1e-6 for every patient inside the bracket."""
    body, _, history = ENGINE.run_in(PATIENTS)
    inside = (body[0] < 1.4999 * PATIENTS.weight) & (body[0] > 0.9801 * PATIENTS.weight)
    assert inside.mean() > 0.95
    np.testing.assert_allclose(history[0.0]["body_weight"][inside], PATIENTS.weight[inside], rtol=1e-6)


def test_no_patients_is_no_error() -> None:
    """A block of nobody gives arrays of nobody."""
    body, state, history = ENGINE.run_in(choose(PATIENTS, np.arange(0)))
    assert body.shape[1] == state.shape[1] == 0
    later = ENGINE.advance(state, body, NEUTRAL, start=0.0, days=4.0)
    assert ENGINE.observe(later, body, day=4.0)["crp"].shape == (0,)
    assert history[0.0]["body_weight"].shape == (0,)


def test_days_outside_the_run_in_are_refused() -> None:
    """The message names the days and the way out."""
    with pytest.raises(InputError, match="longer run-in"):
        ENGINE.run_in(choose(PATIENTS, np.arange(2)), days=(-400.0,))


def test_a_span_before_day_0_is_refused() -> None:
    """A trial begins on day 0."""
    body, state, _ = ALL
    with pytest.raises(InputError, match="cannot start"):
        ENGINE.advance(state, body, NEUTRAL, start=-3.0, days=1.0)


def test_history_reaches_as_far_back_as_asked() -> None:
    """Days before -180 are recorded too; recording more days moves weights by less than 1e-5."""
    inputs = choose(PATIENTS, np.arange(50))
    _, _, far = ENGINE.run_in(inputs, days=(-194.0, -74.0, -14.0))
    _, _, near = ENGINE.run_in(inputs)
    assert set(far) == {-194.0, -74.0, -14.0, 0.0}
    np.testing.assert_allclose(far[-14.0]["body_weight"], near[-14.0]["body_weight"], rtol=1e-5)
    assert np.all(np.isfinite(far[-194.0]["body_weight"]))


@settings(max_examples=10, deadline=None)
@given(st.floats(0, 0.9), st.floats(0.8, 1.2), st.floats(0, 300), st.floats(0, 1))
def test_every_effect_leaves_a_living_patient(
    suppression: float, appetite: float, fed: float, exercise: float
) -> None:
    """Masses, readings and hazards stay finite and positive for any effects in their range."""
    body, state, _ = ALL
    acting = Effects(
        inflammation_suppression=suppression, appetite_factor=appetite, intake_addition=fed, exercise=exercise
    )
    later = ENGINE.advance(state, body, acting, start=0.0, days=56.0)
    truth = ENGINE.observe(later, body, day=56.0)
    for name in set(truth) - {"weight_loss_6_months"}:
        assert np.all(np.isfinite(truth[name]) & (truth[name] >= 0)), name
