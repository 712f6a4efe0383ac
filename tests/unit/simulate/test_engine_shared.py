"""Engines share what is compiled: another parameter set, or other days of the run-in, compile nothing."""

from concurrent.futures import ThreadPoolExecutor

from builders.patients import typical_patient
from euexia import parameters
from euexia.model.effects import NEUTRAL
from euexia.simulate.engine import Engine
from euexia.study import simulated
from euexia.study.drivers import with_values

PARAMETERS = parameters.load()
OTHER = with_values(PARAMETERS, {"intake.gdf15_effect": 0.5})


def weight(engine: Engine, days: tuple[float, ...] = (-60.0,)) -> float:
    """Return the weight of one patient after a week."""
    body, state, _ = engine.run_in(typical_patient(), days)
    state = engine.advance(state, body, NEUTRAL, start=0, days=7)
    return float(engine.observe(state, body, day=7)["body_weight"][0])


def test_other_numbers_and_other_days_compile_nothing() -> None:
    one = Engine(PARAMETERS)
    first = weight(one)
    shared = (one._kernels.advance, one._kernels.observe, one._run_in_kernels.run_in)
    before = [kernel._cache_size() for kernel in shared]  # type: ignore[attr-defined]
    other = Engine(OTHER)
    assert weight(other, (-150.0, -90.0, -28.0, -14.0)) != first
    assert (other._kernels.advance, other._kernels.observe, other._run_in_kernels.run_in) == shared
    assert [kernel._cache_size() for kernel in shared] == before  # type: ignore[attr-defined]


def test_threads_that_ask_at_once_get_the_same_kernels() -> None:
    with ThreadPoolExecutor(8) as pool:
        engines = list(pool.map(lambda _: Engine(PARAMETERS), range(16)))
    assert len({id(engine._kernels) for engine in engines}) == 1


def test_engines_of_old_parameter_sets_are_let_go() -> None:
    """An outer loop over draws of the parameters does not keep an engine for each."""
    for index in range(simulated.MOST_ENGINES + 3):
        simulated.engine_for(with_values(PARAMETERS, {"intake.gdf15_effect": 0.3 + 0.01 * index}))
    assert len(simulated._ENGINES) == simulated.MOST_ENGINES
