"""Bad input to the methods for missing data: a named diagnosis, NaN, and neighbours left in peace."""

import numpy as np
import pytest

from builders.longitudinal import dropout_trials
from euexia.core.errors import InputError
from euexia.statistics import conditional_mean, multiple_imputation, tipping_point
from euexia.statistics.imputation_data import ImputationDiagnosis, Strategy, prepare

Found = ImputationDiagnosis
J2R = Strategy.JUMP_TO_REFERENCE


def reference_empties(values, baseline, arm, event):
    values[arm == 0, -1] = np.nan
    event[arm == 0] = np.minimum(event[arm == 0], 3)


def treated_empty(values, baseline, arm, event):
    values[arm == 1, 2:] = np.nan


def visit_empties(values, baseline, arm, event):
    values[:, 1] = np.nan


def one_arm(values, baseline, arm, event):
    arm[:] = 0


def infinite(values, baseline, arm, event):
    values[3, 0] = np.inf


def infinite_baseline(values, baseline, arm, event):
    baseline[3] = -np.inf


def no_baseline(values, baseline, arm, event):
    baseline[5] = np.nan


def identical(values, baseline, arm, event):
    values[~np.isnan(values)] = 4.0


def baseline_is_the_arm(values, baseline, arm, event):
    baseline[:] = arm


def same_baseline(values, baseline, arm, event):
    baseline[:] = 20.0


def repeated_visits(values, baseline, arm, event):
    values[:, 1] = values[:, 0]


def nobody_twice(values, baseline, arm, event):
    values[::2, 1] = np.nan
    values[1::2, :1] = np.nan
    values[1::2, 2:] = np.nan
    event[:] = 4


def one_left(values, baseline, arm, event):
    gone = np.flatnonzero((arm == 1) & (event == 4))[1:]
    values[gone, -1] = np.nan
    event[gone] = 3


def three_subjects(values, baseline, arm, event):
    arm[:] = -1
    arm[[0, 1, 30]] = 0, 0, 1
    values[[0, 1, 30]] = np.arange(12.0).reshape(3, 4) ** 2
    event[:] = 4


CASES = [
    (reference_empties, {Found.NOBODY_LEFT_IN_REFERENCE}),
    (treated_empty, {Found.NOBODY_LEFT_IN_ARM}),
    (visit_empties, {Found.VISIT_WITHOUT_OBSERVATION}),
    (one_arm, {Found.ONE_ARM}),
    (infinite, {Found.INFINITE_VALUE}),
    (infinite_baseline, {Found.INFINITE_VALUE}),
    (no_baseline, {Found.MISSING_COVARIATE}),
    (identical, {Found.IDENTICAL_VALUES}),
    (baseline_is_the_arm, {Found.SINGULAR_DESIGN}),
    (same_baseline, {Found.SINGULAR_DESIGN}),
    (repeated_visits, {Found.COVARIANCE_NOT_POSITIVE_DEFINITE}),
    (nobody_twice, {Found.COVARIANCE_NOT_POSITIVE_DEFINITE}),
    (one_left, {Found.TOO_FEW_SUBJECTS}),
    (three_subjects, {Found.NO_FREEDOM}),
]


@pytest.mark.parametrize(("spoil", "expected"), CASES, ids=[spoil.__name__ for spoil, _ in CASES])
def test_a_spoilt_trial_is_named_and_its_neighbours_do_not_notice(spoil, expected):
    values, baseline, arm, event = dropout_trials(3, 20, seed=13)
    healthy = conditional_mean.estimate(values, baseline, arm, event, J2R)
    spoil(values[1], baseline[1], arm[1], event[1])
    result = conditional_mean.estimate(values, baseline, arm, event, J2R)
    assert Found(int(result.diagnosis[1])) in expected
    assert result.diagnosis_text[1] == Found(int(result.diagnosis[1])).text
    for name in ("estimate", "standard_error", "low", "high", "p_value"):
        assert np.isnan(getattr(result, name)[1])
        np.testing.assert_array_equal(getattr(result, name)[[0, 2]], getattr(healthy, name)[[0, 2]])


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [case for case in CASES if case[0] is not one_left],
    ids=[spoil.__name__ for spoil, _ in CASES if spoil is not one_left],
)
def test_multiple_imputation_names_it_too(spoil, expected):
    trial = tuple(part[0].copy() for part in dropout_trials(1, 20, seed=13))
    spoil(*trial)
    result = multiple_imputation.estimate(*trial, J2R, seed=1, imputations=4, iterations=3)
    assert Found(int(result.diagnosis[0])) in expected
    assert np.isnan(result.pooled.estimate[0])
    assert np.isnan(result.pooled.p_value[0])
    assert result.responses == (None,)


def test_a_bootstrap_without_an_arm_at_a_visit_is_named():
    """One subject left at the last visit: many samples miss it, and no estimate is made up."""
    trial = tuple(part[0].copy() for part in dropout_trials(1, 20, seed=13))
    one_left(*trial)
    result = multiple_imputation.estimate(
        *trial, J2R, seed=1, imputations=50, draws=multiple_imputation.Draws.BOOTSTRAP
    )
    assert np.isnan(result.pooled.estimate[0])
    assert result.diagnosis[0] == Found.SINGULAR_DESIGN


def test_last_means_cannot_be_carried_from_before_the_first_visit():
    values, baseline, arm, event = (part[0] for part in dropout_trials(1, 20, seed=13))
    values[4], event[4] = np.nan, 0
    carried = conditional_mean.estimate(
        values, baseline, arm, event, Strategy.LAST_MEAN_CARRIED_FORWARD, jackknife=False
    )
    assert carried.diagnosis_text == (Found.EVENT_BEFORE_FIRST_VISIT.text,)
    for strategy in (J2R, Strategy.COPY_REFERENCE, Strategy.COPY_INCREMENTS, Strategy.MISSING_AT_RANDOM):
        result = conditional_mean.estimate(values, baseline, arm, event, strategy)
        assert np.isfinite(result.standard_error[0])


def test_a_trial_without_estimate_has_no_tipping_point():
    values, baseline, arm, event = dropout_trials(1, 20, seed=13)
    values[0, :, 1] = np.nan
    result = conditional_mean.estimate(values, baseline, arm, event, J2R)
    found = tipping_point.tipping_point(result, 5.0)
    assert np.isnan(found.delta).all()
    assert not found.tips.any()
    completed = multiple_imputation.complete(values, baseline, arm, event, J2R, seed=1, imputations=3)
    assert np.isnan(completed.values).all()
    assert np.isnan(tipping_point.imputed_surface(completed, [1.0]).estimate).all()
    assert np.isnan(tipping_point.imputed_tipping_point(completed, 5.0).delta).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"imputations": 1}, "'imputations' is 1"),
        ({"level": 95.0}, "'level' is 95"),
        ({"strategy": "jump"}, "'strategy' has no 'jump'"),
        ({"arm": np.zeros(3)}, "'arm' has the shape"),
        ({"baseline": np.zeros(3)}, "'baseline' has the shape"),
        ({"event_visit": np.full(40, np.nan)}, "'event_visit' is not known"),
        ({"reference": 1}, "give two different arms"),
        ({"strategy": np.array([J2R] * 3)}, "'strategy' has the shape"),
        ({"values": np.zeros((2, 2, 2, 2))}, "'values' must have the shape"),
    ],
)
def test_what_cannot_be_meant_is_refused(change, message):
    values, baseline, arm, event = (part[0] for part in dropout_trials(1, 20, seed=13))
    given = {
        "values": values, "baseline": baseline, "arm": arm, "event_visit": event, "strategy": J2R,
        "seed": 1, "imputations": 3, "iterations": 2, **change,
    }  # fmt: skip
    with pytest.raises(InputError, match=message):
        multiple_imputation.estimate(**given)


def test_every_diagnosis_has_words():
    assert len({found.text for found in Found}) == len(Found)


def test_strategies_may_differ_between_subjects():
    """Half under one strategy and half at random is the same as events for that half alone."""
    values, baseline, arm, event = dropout_trials(1, 25, seed=13)
    chosen = np.where(np.arange(50) % 2 == 0, str(J2R), str(Strategy.MISSING_AT_RANDOM))[np.newaxis]
    mixed = conditional_mean.estimate(values, baseline, arm, event, chosen)
    only = np.where(np.arange(50) % 2 == 0, event, 4)
    same = conditional_mean.estimate(values, baseline, arm, only, J2R)
    np.testing.assert_allclose(mixed.estimate, same.estimate, rtol=1e-9)
    np.testing.assert_allclose(mixed.standard_error, same.standard_error, rtol=1e-6)
    assert prepare(values, baseline, arm, event, chosen).visits == 4
