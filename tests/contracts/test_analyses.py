"""Every method and every estimand strategy keeps the same promises."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import product

import numpy as np
import pytest

from builders.plans import ALL_ANALYSES, eventful_stack, full_protocol
from builders.trials import make_events, make_readings, make_trial, pairs
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


def all_dead(table):
    """Return the table of trials in which everybody in the first arm died on day 5, before any reading."""

    def of(derived):
        here = table.arm == 0
        blank = np.where(here, np.nan, derived.value)
        days = {**derived.days, "death": np.where(here, 5.0, derived.days["death"])}
        series = derived.series and replace(
            derived.series, value=np.where(here[..., np.newaxis], np.nan, derived.series.value)
        )
        times = derived.times and replace(
            derived.times,
            awaited=np.where(here, np.nan, derived.times.awaited),
            end=np.where(here, 5.0, derived.times.end),
        )
        steps = tuple(
            replace(
                step,
                value=np.where(here, np.nan if step.event is None else 5.0, step.value),
                event=None if step.event is None else step.event | here,
            )
            for step in derived.steps
        )
        return replace(
            derived, value=blank, dead=derived.dead | here, days=days, series=series, times=times, steps=steps
        )

    return replace(table, endpoints={name: of(part) for name, part in table.endpoints.items()})


def one_arm(table):
    """Return the table of trials in which everybody was randomised to the control."""
    return replace(table, arm=np.ones_like(table.arm))


def identical(table):
    """Return the table of trials in which everybody alive and read has the same values."""

    def same(array, value=1.0):
        return np.where(np.isnan(array), np.nan, value)

    def of(derived):
        return replace(
            derived,
            value=same(derived.value),
            baseline=same(derived.baseline, 40.0),
            on_treatment=None if derived.on_treatment is None else same(derived.on_treatment),
            series=derived.series and replace(derived.series, value=same(derived.series.value)),
            steps=tuple(replace(step, value=same(step.value)) for step in derived.steps),
        )

    return replace(table, endpoints={name: of(part) for name, part in table.endpoints.items()})


def infinite(table):
    """Return the table of trials in which one value of an analysed patient is infinite; counts never are."""

    def of(derived):
        if derived.name == "serious":
            return derived
        known = ~np.isnan(derived.value) & ~derived.dead & ~derived.stopped & ~derived.rescued
        first = known & (np.cumsum(known, axis=1) == 1)
        series = derived.series and replace(
            derived.series,
            value=np.where(first[..., np.newaxis], np.inf, derived.series.value),
        )
        return replace(derived, value=np.where(first, np.inf, derived.value), series=series)

    return replace(table, endpoints={name: of(part) for name, part in table.endpoints.items()})


def no_reading_at_a_visit(table):
    """Return the table of trials in which nobody was read at the second visit, nor at the last."""

    def of(derived):
        if derived.series is None:
            return replace(derived, value=np.full_like(derived.value, np.nan))
        value = derived.series.value.copy()
        value[..., 1] = np.nan
        return replace(derived, series=replace(derived.series, value=value))

    return replace(table, endpoints={name: of(part) for name, part in table.endpoints.items()})


STANDS_ALONE = {Method.EXACT_BINOMIAL, Method.CATEGORY_TABLE}
"""Methods that need no comparison."""
OF_LIVING = {
    Method.MEAN_DIFFERENCE,
    Method.ANCOVA,
    Method.POSTERIOR_MEAN,
    Method.HODGES_LEHMANN,
    Method.MEDIAN_DIFFERENCE,
    Method.SURVIVOR_BOUNDS,
    Method.MMRM,
    Method.REFERENCE_BASED,
    Method.MULTIPLE_IMPUTATION,
    Method.IMPUTED_RESPONSE,
    Method.TIPPING_POINT,
}
"""Methods of values that only the living have."""


@pytest.mark.parametrize("extreme", [all_dead, one_arm, identical, infinite, no_reading_at_a_visit])
@pytest.mark.parametrize("method", Method)
def test_extreme_data_give_a_diagnosis_and_no_wrong_number(method, extreme):
    result = result_of(extreme(TABLES[method]), method)
    assert len(result.diagnosis) == TRIALS
    told = np.isfinite(result.estimate)
    for trial in range(TRIALS):
        counts_only = method is Method.CATEGORY_TABLE  # it estimates nothing: its counts are its result
        assert told[trial] or counts_only or result.diagnosis[trial], "no estimate and no reason"
        assert told[trial] or not result.reject[trial] or method is Method.LOG_RANK
    limits_told = np.isfinite(result.low) & np.isfinite(result.high)
    assert (told | ~limits_told).all()
    if extreme is one_arm and method not in STANDS_ALONE:
        assert not told.any()
        assert not result.reject.any()
    if (extreme is all_dead and method in OF_LIVING) or (
        extreme is infinite and FITS[method] & FITS[Method.ANCOVA] and method is not Method.RANKED_ANCOVA
    ):
        assert not told.any()


def beneficial():
    """Return one trial in which the drug helps in every respect, though not every patient."""
    size = 60
    rng = np.random.default_rng(8)
    arm = np.repeat([0, 1], size // 2)
    good = (arm == 0)[np.newaxis] ^ (rng.random((1, size)) < 0.15)
    death = np.where(~good & (rng.random((1, size)) < 0.5), rng.uniform(10, 50, (1, size)), np.nan)
    end = np.fmin(death, 84.0)
    days = np.array([0.0, 14.0, 28.0, 42.0, 56.0])
    slope = np.where(good, 0.05, -0.05)[..., np.newaxis]
    weight = 65.0 + slope * days + rng.normal(0, 0.5, (1, size, 5))

    def ended(first, gain):
        last = first + np.where(good, gain, -gain) + rng.normal(0, 0.4 * abs(gain), (1, size))
        return pairs(np.full((1, size), first), np.where(end < 56, np.nan, last))

    rows = [(0, int(s), 5.0, "rash", 3, True) for s in np.flatnonzero(~good[0])[:20]]
    return make_trial(
        arm,
        readings={
            "lean_mass_ct": ended(40.0, 3.0),
            "handgrip_strength": ended(26.0, 6.0),
            "crp": ended(50.0, -20.0),
            "tumour_size": ended(80.0, 5.0),
            "body_weight": make_readings(
                np.broadcast_to(days, weight.shape),
                np.where(days <= end[..., np.newaxis], weight, np.nan),
                days,
            ),
        },
        events=make_events(rows),
        age=rng.uniform(40, 80, (1, size)),
        sex=(rng.random((1, size)) < 0.5).astype(float),
        death_day=death,
        last_contact_day=end,
    )


@pytest.mark.parametrize("method", sorted(set(Method) - UNTESTED))
def test_a_benefit_is_found_on_the_right_side(method):
    """One-sided: the drug against control rejects, control against the drug does not."""
    analysis = replace(BY_METHOD[method], one_sided=True)
    plan = full_protocol(analysis)
    (found,) = analyse.run(endpoints.derive(beneficial(), plan), plan)
    assert found.diagnosis == ("",)
    assert found.p_value[0] < 0.05
    assert found.level == pytest.approx(0.9)
    if analysis.control is not None:
        plan = full_protocol(replace(analysis, arm="control", control="drug"))
        (found,) = analyse.run(endpoints.derive(beneficial(), plan), plan)
        assert found.p_value[0] > 0.5
