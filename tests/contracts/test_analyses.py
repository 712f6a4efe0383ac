"""Every method and every estimand strategy keeps the same promises."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import product

import numpy as np
import pytest

from builders import make_protocol, make_trial
from builders.protocols import ANALYSES
from builders.trials import make_events, pairs
from euexia import analyse, endpoints
from euexia.analyse.methods import ESTIMATORS
from euexia.core.errors import InputError
from euexia.protocol.analysis_plan import Strategy
from euexia.protocol.estimand_rules import refusals

BY_METHOD = {analysis.method: analysis for analysis in ANALYSES}
TRIALS, SIZE = 7, 24
PARTS = ("observed", "death", "discontinuation", "missing", "rescue", "outside")


def stack():
    """Return a stack in which everything happens: deaths, withdrawals, stops, missed visits, events."""
    rng = np.random.default_rng(5)
    shape = (TRIALS, SIZE)
    death = np.where(rng.random(shape) < 0.15, 30.0, np.nan)
    withdrawal = np.where(np.isnan(death) & (rng.random(shape) < 0.1), 20.0, np.nan)
    gone = ~np.isnan(death) | ~np.isnan(withdrawal)

    def reading(first, spread):
        change = rng.normal(0.05 * first, spread, shape)
        return pairs(
            np.full(shape, first), np.where(gone | (rng.random(shape) < 0.1), np.nan, first + change)
        )

    rows = [(int(t), int(s), 9.0, "rash", 3, True) for t, s in np.argwhere(rng.random(shape) < 0.2)]
    return make_trial(
        np.tile(np.repeat([0, 1], SIZE // 2), (TRIALS, 1)),
        readings={
            "lean_mass_ct": reading(40.0, 2.0),
            "handgrip_strength": reading(26.0, 8.0),
            "crp": pairs(rng.uniform(30, 90, shape), np.where(gone, np.nan, rng.uniform(10, 90, shape))),
            "tumour_size": reading(80.0, 30.0),
        },
        events=make_events(rows),
        death_day=death,
        withdrawal_day=withdrawal,
        treatment_stop_day=np.where(rng.random(shape) < 0.2, 15.0, np.nan),
        rescue_day=np.where(rng.random(shape) < 0.1, 40.0, np.nan),
        last_contact_day=np.fmin(np.fmin(death, withdrawal), 84.0),
    )


DATA = stack()


def test_every_method_is_covered_here():
    assert set(BY_METHOD) == set(ESTIMATORS)


@pytest.mark.parametrize("method", BY_METHOD)
def test_a_result_is_complete_and_shaped_by_trial(method):
    plan = make_protocol(analyses=(BY_METHOD[method],))
    (result,) = analyse.run(endpoints.derive(DATA, plan), plan)
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray):
            assert value.shape == (TRIALS,), field.name
    for name, value in {**result.numbers, **result.settled}.items():
        assert value.shape == (TRIALS,), name
    assert result.method == method.value
    assert result.estimand.startswith("All randomised patients.")
    assert result.notes
    known = ~np.isnan(result.p_value)
    assert ((result.p_value[known] >= 0) & (result.p_value[known] <= 1)).all()
    np.testing.assert_array_equal(result.reject, known & (result.p_value <= result.alpha))
    has_limits = ~np.isnan(result.low)
    assert (result.low[has_limits] <= result.estimate[has_limits]).all()
    assert (result.estimate[has_limits] <= result.high[has_limits]).all()


@pytest.mark.parametrize("method", BY_METHOD)
def test_a_stack_gives_the_same_bits_as_trial_by_trial(method):
    plan = make_protocol(analyses=(BY_METHOD[method],))
    table = endpoints.derive(DATA, plan)
    (together,) = analyse.run(table, plan)
    for trial in range(TRIALS):
        (alone,) = analyse.run(cut(table, [trial]), plan)
        for name in ("estimate", "low", "high", "p_value", "reject"):
            np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[trial])
        for name, value in alone.numbers.items():
            np.testing.assert_array_equal(value[0], together.numbers[name][trial])


@pytest.mark.parametrize(
    ("method", "event", "strategy"),
    list(product(BY_METHOD, ("death", "discontinuation", "missing", "rescue"), Strategy)),
)
def test_every_strategy_accounts_for_every_patient_or_is_refused(method, event, strategy):
    analysis = BY_METHOD[method]
    plan = make_protocol(analyses=(analysis,))
    estimand = replace(plan.estimands[analysis.endpoint], **{event: strategy})
    plan = replace(plan, estimands={**plan.estimands, analysis.endpoint: estimand})
    kind = next(e.kind for e in plan.endpoints if e.name == analysis.endpoint)
    table = endpoints.derive(DATA, plan)
    if tuple(refusals(estimand, kind)):
        with pytest.raises(InputError, match="cannot be done as planned"):
            analyse.run(table, plan)
        return
    (result,) = analyse.run(table, plan)
    for suffix in ("",) if analysis.control is None else ("", "_control"):
        accounted = sum(result.settled.get(f"{part}{suffix}", 0.0) for part in PARTS)
        np.testing.assert_array_equal(accounted, result.numbers[f"randomised{suffix}"])
        analysed = result.numbers[f"randomised{suffix}"] - result.settled[f"not_analysed{suffix}"]
        np.testing.assert_array_equal(analysed, result.numbers[f"analysed{suffix}"])
    if strategy is Strategy.EXCLUDE and event == "death":
        assert any("Survivors only" in note for note in result.notes)


def cut(value, trials):
    """Return the same table of some trials of a stack: every array loses its other trials."""
    if isinstance(value, np.ndarray):
        return value[trials] if value.shape[:1] == (TRIALS,) else value
    if isinstance(value, Mapping):
        return {name: cut(part, trials) for name, part in value.items()}
    if isinstance(value, tuple):
        return tuple(cut(part, trials) for part in value)
    if is_dataclass(value):
        return replace(value, **{f.name: cut(getattr(value, f.name), trials) for f in fields(value)})
    return value
