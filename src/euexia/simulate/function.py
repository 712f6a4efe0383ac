"""Physical function, performance status and albumin of engine states; computed when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from euexia.core.choices import choose
from euexia.parameters import ParameterSet
from euexia.physiology import function, strength

if TYPE_CHECKING:
    from euexia.simulate.engine import Engine

Floats = NDArray[np.float64]

FUNCTION = ("six_minute_walk", "stair_climb_power", "chair_stand_30s", "karnofsky")
"""Measures that a trial reads only if a visit asks for them."""

NEEDS = ("male", "age", "height")
"""Columns of the patients that are read."""


def observe_function(
    engine: Engine,
    state: Floats,
    body: Floats,
    columns: Mapping[str, Floats],
    parameters: ParameterSet,
    *,
    day: float,
) -> dict[str, Floats]:
    """Return physical function on a day, by measure, each of shape (patients,).

    ``six_minute_walk`` m, ``stair_climb_power`` W, ``chair_stand_30s`` stands, ``karnofsky`` and ``ecog``
    points, ``albumin`` g/L: without measurement error, by relations that are largely assumed.  columns: age
    [year], height [cm], sex.  Raises UnknownNameError for a missing column.
    """
    from euexia.simulate.engine_kernels import BODY, CARRIED, nest

    male, age, height = (choose("patient column", name, columns, asked_in="function") for name in NEEDS)
    c = parameters.constants("function", function.Constants)
    person, host = nest(BODY, body).premorbid, nest(CARRIED, state).host
    truth = engine.observe(state, body, day=day)
    force = strength.relative_strength(host.muscle, person.muscle, host.quality)
    healthy = function.healthy_walk(person.weight, height, age, male, c)
    status = function.karnofsky(host.activity, c)
    return {
        "six_minute_walk": function.six_minute_walk(healthy, force, host.activity, c),
        "stair_climb_power": function.stair_climb_power(person.skeletal_muscle, force, c),
        "chair_stand_30s": function.chair_stands(force, truth["body_weight"], person.weight, c),
        "karnofsky": status,
        "ecog": np.asarray(function.ecog(status, c)),
        "albumin": function.albumin(truth["crp"], host.muscle, person.muscle, c),
    }


class FunctionEngine:
    """An engine whose readings include physical function."""

    def __init__(self, engine: Engine, columns: Mapping[str, Floats], parameters: ParameterSet) -> None:
        self._engine, self._columns, self._parameters = engine, columns, parameters
        self.advance = engine.advance

    def observe(self, state: Floats, body: Floats, *, day: float) -> dict[str, Floats]:
        """Return every observable and FUNCTION on a day, each of shape (patients,)."""
        found = observe_function(self._engine, state, body, self._columns, self._parameters, day=day)
        return {
            **self._engine.observe(state, body, day=day),
            **{name: found[name] for name in FUNCTION},
        }
