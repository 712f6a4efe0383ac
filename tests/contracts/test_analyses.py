"""Every method and every estimand strategy keeps the same promises."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import product

import numpy as np
import pytest

from builders.plans import ALL_ANALYSES, eventful_stack, full_protocol
from euexia import analyse, endpoints
from euexia.analyse.methods import ESTIMATORS
from euexia.analyse.run import FITS
from euexia.core.errors import InputError
from euexia.protocol.analysis_plan import AnalysisSet, Method, Strategy
from euexia.protocol.estimand_rules import endpoint_refusals, refusals

BY_METHOD = {analysis.method: analysis for analysis in ALL_ANALYSES}
TRIALS, SIZE = 3, 40
EVENTS = ("death", "discontinuation", "missing", "rescue")
PARTS = ("observed", *EVENTS, "outside")
DATA = eventful_stack(TRIALS, SIZE)
TABLES = {method: endpoints.derive(DATA, full_protocol(analysis)) for method, analysis in BY_METHOD.items()}
ARRAYS = ("estimate", "low", "high", "p_value", "reject")
UNTESTED = {Method.CATEGORY_TABLE, Method.SURVIVOR_BOUNDS}


def result_of(table, method):
    (result,) = analyse.run(table, full_protocol(BY_METHOD[method]))
    return result


def test_every_method_is_covered_here():
    assert set(BY_METHOD) == set(Method) == set(FITS) == set(ESTIMATORS)


@pytest.mark.parametrize("method", Method)
def test_a_result_is_complete_and_shaped_by_trial(method):
    result = result_of(TABLES[method], method)
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray):
            assert value.shape == (TRIALS,), field.name
    for name, value in {**result.numbers, **result.settled}.items():
        assert value.shape == (TRIALS,), name
    assert result.method == method.value
    assert result.estimand.startswith("All randomised patients.")
    assert result.notes
    assert len(result.diagnosis) == TRIALS
    assert "euexia.analyse" in result.code
    known = ~np.isnan(result.p_value)
    assert known.any() or method in UNTESTED
    assert ((result.p_value[known] >= 0) & (result.p_value[known] <= 1)).all()
    np.testing.assert_array_equal(result.reject, known & (result.p_value <= result.alpha))
    has_limits = ~np.isnan(result.low)
    assert (result.low[has_limits] <= result.estimate[has_limits]).all()
    assert (result.estimate[has_limits] <= result.high[has_limits]).all()


@pytest.mark.parametrize("method", Method)
def test_a_stack_gives_the_same_bits_as_trial_by_trial(method):
    together = result_of(TABLES[method], method)
    for trial in range(TRIALS):
        alone = result_of(cut(TABLES[method], [trial]), method)
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[trial])
        for name, value in alone.numbers.items():
            np.testing.assert_array_equal(value[0], together.numbers[name][trial], err_msg=name)
        assert alone.diagnosis[0] == together.diagnosis[trial]


@pytest.mark.parametrize(("method", "event", "strategy"), list(product(Method, EVENTS, Strategy)))
def test_every_strategy_accounts_for_every_patient_or_is_refused(method, event, strategy):
    analysis = BY_METHOD[method]
    plan = full_protocol(analysis)
    estimand = replace(plan.estimands[analysis.estimand_name], **{event: strategy})
    plan = replace(plan, estimands={**plan.estimands, analysis.estimand_name: estimand})
    endpoint = next(e for e in plan.endpoints if e.name == analysis.endpoint)
    table = cut(TABLES[method], [0])
    if any(refusals(estimand, endpoint.kind)) or any(endpoint_refusals(estimand, endpoint)):
        with pytest.raises(InputError, match="cannot be done as planned"):
            analyse.run(table, plan)
        return
    (result,) = analyse.run(table, plan)
    assert_accounted(result)
    if strategy is Strategy.EXCLUDE and event == "death":
        assert any("Survivors only" in note for note in result.notes)


@pytest.mark.parametrize("method", Method)
def test_a_population_that_is_not_everybody_is_said_and_counted(method):
    analysis = BY_METHOD[method]
    plan = full_protocol(analysis)
    estimand = replace(plan.estimands[analysis.estimand_name], population=AnalysisSet.PER_PROTOCOL)
    plan = replace(plan, estimands={**plan.estimands, analysis.estimand_name: estimand})
    (result,) = analyse.run(cut(endpoints.derive(DATA, plan), [0]), plan)
    assert_accounted(result)
    assert (result.settled["outside"] > 0).any()
    assert any(note.startswith("Per protocol") for note in result.notes)


@pytest.mark.parametrize("method", Method)
def test_the_order_of_patients_changes_nothing(method):
    """Sums may be taken in another order, so equality is to rounding and not to the bit."""
    order = np.random.default_rng(2).permutation(SIZE)
    expected, found = result_of(TABLES[method], method), result_of(reorder(TABLES[method], order), method)
    for name in ARRAYS:
        np.testing.assert_allclose(
            np.asarray(getattr(found, name), dtype=float),
            np.asarray(getattr(expected, name), dtype=float),
            rtol=1e-6,
            atol=1e-9,
            err_msg=name,
        )


@pytest.mark.parametrize("method", Method)
def test_the_order_of_arms_in_the_protocol_changes_nothing(method):
    table = TABLES[method]
    plan = full_protocol(BY_METHOD[method])
    turned = replace(plan, arms=tuple(reversed(plan.arms)))
    (found,) = analyse.run(replace(table, arms=tuple(reversed(table.arms)), arm=1 - table.arm), turned)
    expected = result_of(table, method)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)


def assert_accounted(result):
    """Assert that everybody randomised was decided by one thing, and is analysed or counted as not."""
    for suffix in ("",) if result.control is None else ("", "_control"):
        accounted = sum(result.settled.get(f"{part}{suffix}", 0.0) for part in PARTS)
        np.testing.assert_array_equal(accounted, result.numbers[f"randomised{suffix}"])
        analysed = result.numbers[f"randomised{suffix}"] - result.settled[f"not_analysed{suffix}"]
        np.testing.assert_array_equal(analysed, result.numbers[f"analysed{suffix}"])


def cut(value, trials):
    """Return the same table of some trials of a stack: every array loses its other trials."""
    return changed(value, lambda array: array[trials] if array.shape[:1] == (TRIALS,) else array)


def reorder(value, order):
    """Return the same table with the patients of every trial in another order."""
    shape = (TRIALS, SIZE)
    return changed(value, lambda array: array[:, order] if array.shape[:2] == shape else array)


def changed(value, change):
    """Return the same nested values with every array changed."""
    if isinstance(value, np.ndarray):
        return change(value)
    if isinstance(value, Mapping):
        return {name: changed(part, change) for name, part in value.items()}
    if isinstance(value, tuple):
        return tuple(changed(part, change) for part in value)
    if is_dataclass(value):
        return replace(value, **{f.name: changed(getattr(value, f.name), change) for f in fields(value)})
    return value
