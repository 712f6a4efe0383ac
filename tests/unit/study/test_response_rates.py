"""Headline response rates and their parts follow the estimand of the primary endpoint, as the tests do."""

import dataclasses
from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from builders.protocols import make_protocol
from builders.trials import make_trial, pairs
from euexia.analyse import run as analyse
from euexia.core.errors import InputError
from euexia.endpoints.derive import derive
from euexia.protocol.analysis_plan import Estimand, Strategy
from euexia.study.block import reduce_block
from euexia.study.tally import scenario

ESTIMANDS = {
    "composite": {},
    "survivors_only": {"death": Strategy.EXCLUDE, "missing": Strategy.EXCLUDE},
    "while_alive": {"death": Strategy.WHILE_ALIVE, "missing": Strategy.HYPOTHETICAL},
    "hypothetical": {
        "death": Strategy.COMPOSITE_FAILURE,
        "discontinuation": Strategy.HYPOTHETICAL,
        "missing": Strategy.HYPOTHETICAL,
    },
}


def protocol_with(strategies):
    protocol = make_protocol()
    chosen = {**protocol.estimands, "response": Estimand(endpoint="response", **strategies)}
    return dataclasses.replace(protocol, estimands=chosen)


def random_trials(trials=7, subjects=30, seed=3):
    """Give trials with early deaths, withdrawals, stopped treatment and unread handgrip."""
    rng = np.random.default_rng(seed)
    shape = (trials, subjects)
    arm = rng.integers(0, 2, shape)
    death = np.where(rng.random(shape) < 0.2, rng.uniform(10, 70, shape), np.nan)
    withdrawal = np.where(np.isnan(death) & (rng.random(shape) < 0.2), rng.uniform(5, 80, shape), np.nan)
    stop = np.where(rng.random(shape) < 0.3, rng.uniform(5, 50, shape), np.nan)
    gone = np.fmin(death, withdrawal) < 56
    lean, grip = rng.normal(45, 5, shape), rng.normal(27, 4, shape)
    lean_later = np.where(gone, np.nan, lean * rng.normal(1.02, 0.03, shape))
    grip_later = np.where(gone | (rng.random(shape) < 0.15), np.nan, grip + rng.normal(4, 4, shape))
    return make_trial(
        arm,
        readings={"lean_mass_ct": pairs(lean, lean_later), "handgrip_strength": pairs(grip, grip_later)},
        death_day=death,
        withdrawal_day=withdrawal,
        treatment_stop_day=stop,
    )


@pytest.mark.parametrize("strategies", ESTIMANDS.values(), ids=ESTIMANDS.keys())
def test_rates_are_those_of_the_tests_in_every_trial(strategies):
    protocol, data = protocol_with(strategies), random_trials()
    table = derive(data, protocol)
    results = {result.analysis: result for result in analyse(table, protocol)}
    block = reduce_block(0, protocol, data, table, tuple(results.values()))
    numbers = results["response_fisher"].numbers
    for arm, suffix in enumerate(("", "_control")):
        assert_array_equal(block.arms.responders[:, arm], numbers[f"responders{suffix}"])
        assert_array_equal(block.arms.analysed[:, arm], numbers[f"analysed{suffix}"])
    found = scenario("x", "X", protocol, [block]).arms[0]
    assert_array_equal(found.responder_rates, np.sort(results["response_drug"].estimate))
    assert found.responder_rate.value == numbers["responders"].sum() / numbers["analysed"].sum()


@pytest.mark.parametrize("strategies", ESTIMANDS.values(), ids=ESTIMANDS.keys())
def test_a_part_is_what_a_test_of_that_part_alone_would_give(strategies):
    """Each part alone as the primary endpoint of a protocol that is otherwise the same."""
    protocol, data = protocol_with(strategies), random_trials()
    table = derive(data, protocol)
    whole = reduce_block(0, protocol, data, table, (), with_series=False).arms
    response = protocol.endpoints[0]
    for leaf, text in zip(response.condition.all, whole.components, strict=True):
        alone = dataclasses.replace(
            protocol, endpoints=(dataclasses.replace(response, condition=leaf), *protocol.endpoints[1:])
        )
        part = reduce_block(0, alone, data, derive(data, alone), (), with_series=False).arms
        assert_array_equal(whole.components[text], part.responders)
        assert_array_equal(whole.components_analysed[text], part.analysed)


def one_dead_responder(strategies):
    """Give one arm's counts of four patients who gained on both; the first died on day 55, after reading."""
    lean, grip = [[45.0, 45.0, 45.0, 45.0]], [[27.0, 27.0, 27.0, 27.0]]
    data = make_trial(
        [[0, 0, 0, 0]],
        readings={
            "lean_mass_ct": pairs(lean, [[47.0, 47.0, 47.0, 47.0]], 54.0),
            "handgrip_strength": pairs(grip, [[32.0, 32.0, 32.0, np.nan]], 54.0),
        },
        death_day=[[55.0, np.nan, np.nan, np.nan]],
    )
    protocol = protocol_with(strategies)
    return reduce_block(0, protocol, data, derive(data, protocol), (), with_series=False).arms


@pytest.mark.parametrize(
    ("estimand", "rate", "parts"),
    [
        ("composite", (2, 4), [(3, 4), (2, 4)]),
        ("survivors_only", (2, 2), [(3, 3), (2, 2)]),
        ("while_alive", (3, 3), [(4, 4), (3, 3)]),
    ],
)
def test_what_a_death_after_the_reading_does(estimand, rate, parts):
    """By hand: a composite failure meets no part; survivors only leaves it out; while alive, it counts."""
    arms = one_dead_responder(ESTIMANDS[estimand])
    assert (arms.responders[0, 0], arms.analysed[0, 0]) == rate
    counts = zip(arms.components.values(), arms.components_analysed.values(), strict=True)
    assert [(met[0, 0], known[0, 0]) for met, known in counts] == parts


def test_a_trial_in_which_nobody_is_analysed_has_no_rate():
    data = make_trial([[0, 1], [0, 1]], death_day=[[10.0, 10.0], [np.nan, np.nan]])
    protocol = protocol_with(ESTIMANDS["survivors_only"])
    block = reduce_block(0, protocol, data, derive(data, protocol), analyse(derive(data, protocol), protocol))
    arm = scenario("x", "X", protocol, [block]).arms[0]
    assert arm.responder_rates.tolist() == [0.0]
    assert (arm.patients, arm.analysed) == (1.0, 0.5)


@pytest.mark.parametrize("first", range(1, 7))
def test_blocks_leave_no_trace_on_rates(first):
    protocol, data = protocol_with(ESTIMANDS["while_alive"]), random_trials()

    def block(start, stop):
        part = dataclasses.replace(
            data,
            subjects={name: values[start:stop] for name, values in data.subjects.items()},
            readings={
                name: dataclasses.replace(found, day=found.day[start:stop], value=found.value[start:stop])
                for name, found in data.readings.items()
            },
        )
        table = derive(part, protocol)
        return reduce_block(start, protocol, part, table, analyse(table, protocol))

    whole = scenario("x", "X", protocol, [block(0, 7)])
    cut = scenario("x", "X", protocol, [block(first, 7), block(0, first)])
    for one, other in product(whole.arms, cut.arms):
        if one.arm != other.arm:
            continue
        assert one.responder_rate == other.responder_rate
        assert one.components == other.components
        for name, series in one.series.items():
            assert_array_equal(series.mean, other.series[name].mean)
            for quantile, values in series.quantiles.items():
                assert_array_equal(values, other.series[name].quantiles[quantile])


def test_a_primary_endpoint_without_an_estimand_is_explained():
    protocol, data = make_protocol(), random_trials(1)
    table = derive(data, protocol)
    without = dataclasses.replace(protocol, estimands={})
    with pytest.raises(InputError, match="'response' of protocol 'two_arms' has no estimand"):
        reduce_block(0, without, data, table, ())
    nothing = dataclasses.replace(protocol, endpoints=protocol.endpoints[1:])
    with pytest.raises(InputError, match="no primary endpoint, and a trial is told by one"):
        reduce_block(0, nothing, data, table, ())
