"""Physical function, performance status and albumin from the state: bounds, directions and known values."""

from __future__ import annotations

import numpy as np
import pytest

from builders.patients import random_patients, typical_patient
from euexia import drugs, parameters
from euexia.core.errors import UnknownNameError
from euexia.criteria.walking import six_minute_walk
from euexia.model.effects import NEUTRAL
from euexia.physiology import function
from euexia.simulate.engine import Engine
from euexia.simulate.function import observe_function

PARAMETERS = parameters.load()
ENGINE = Engine(PARAMETERS)
C = PARAMETERS.constants("function", function.Constants)


@pytest.mark.parametrize("male", [0.0, 1.0])
def test_healthy_walk_is_the_published_equation(male: float) -> None:
    """Enright and Sherrill 1998, as written down independently among the criteria."""
    expected = six_minute_walk(male, 63.0, 170.0, 70.0).distance
    assert function.healthy_walk(70.0, 170.0, 63.0, male, C) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("points", "status"), [(100, 0), (90, 0), (80, 1), (70, 1), (60, 2), (50, 2), (40, 3), (20, 4)]
)
def test_ecog_of_karnofsky(points: float, status: int) -> None:
    """The usual table of both scales: 90 to 100 is 0, 70 to 80 is 1, 50 to 60 is 2, 30 to 40 is 3."""
    assert function.ecog(float(points), C) == status


def test_measures_are_possible_and_move_with_the_disease() -> None:
    """Everything is finite and in its range; as the disease goes on everything gets worse."""
    inputs = random_patients(400)
    columns = {name: getattr(inputs, name) for name in ("male", "age", "height")}
    body, state, _ = ENGINE.run_in(inputs)
    later = ENGINE.advance(state, body, NEUTRAL, start=0.0, days=84.0)
    now, then = (
        observe_function(ENGINE, s, body, columns, PARAMETERS, day=d)
        for s, d in ((state, 0.0), (later, 84.0))
    )
    for values in (now, then):
        for name, seen in values.items():
            assert np.all(np.isfinite(seen) & (seen >= 0)), name
        assert np.all(values["karnofsky"] <= 100)
        assert set(values["ecog"]) <= {0, 1, 2, 3, 4}
        assert np.all((values["albumin"] > 5) & (values["albumin"] <= 43))
    for name, sign in {"six_minute_walk": 1, "stair_climb_power": 1, "ecog": -1, "albumin": 1}.items():
        assert sign * np.mean(now[name] - then[name]) > 0, name


def test_exercise_improves_function() -> None:
    """A patient who trains walks further and has more power than one who does not."""
    inputs = typical_patient()
    columns = {name: getattr(inputs, name) for name in ("male", "age", "height")}
    body, state, _ = ENGINE.run_in(inputs)
    found = []
    for regimen in ({}, {"exercise": 1.0}):
        acting = drugs.effects(regimen, columns, PARAMETERS)
        later = ENGINE.advance(state, body, acting, start=0.0, days=84.0)
        found.append(observe_function(ENGINE, later, body, columns, PARAMETERS, day=84.0))
    for name in ("six_minute_walk", "stair_climb_power", "chair_stand_30s", "karnofsky"):
        assert found[1][name] > found[0][name], name


def test_a_missing_column_is_named() -> None:
    """Height is needed for the healthy walk."""
    body, state, _ = ENGINE.run_in(typical_patient())
    with pytest.raises(UnknownNameError, match="height"):
        observe_function(ENGINE, state, body, {"male": 1.0, "age": 60.0}, PARAMETERS, day=0.0)
