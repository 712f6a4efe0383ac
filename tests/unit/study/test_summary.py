"""Summaries over trials: errors by closed form, and no trace of how the trials were cut into blocks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from builders.trials import make_readings, make_trial
from euexia.core.errors import InputError
from euexia.study import summary
from euexia.study.series import BINS, add, axis_of, characterise, reduce_data, reduce_series, scales_of
from euexia.study.tally import Share


def test_error_of_a_share():
    """Binomial: 30 of 100 trials, standard error sqrt(0.3 * 0.7 / 100) = 0.0458."""
    estimate = summary.proportion(np.arange(100) < 30)
    assert estimate.value == pytest.approx(0.3)
    assert estimate.error == pytest.approx(0.045826, abs=1e-6)
    assert estimate.trials == 100


def test_error_of_a_mean_leaves_out_trials_without_a_value():
    """Values 1, 2, 3: mean 2, standard deviation 1, standard error 1 / sqrt(3)."""
    estimate = summary.mean(np.array([1.0, np.nan, 2.0, 3.0]))
    assert (estimate.value, estimate.trials) == (2.0, 3)
    assert estimate.error == pytest.approx(1 / np.sqrt(3))
    assert np.isnan(summary.mean(np.array([np.nan])).value)


def test_error_of_a_ratio_is_the_binomial_one_for_equal_arms():
    """With equal arms the delta-method error comes near sqrt(p (1 - p) / patients)."""
    generator = np.random.default_rng(1)
    patients = np.full(4000, 50)
    responders = generator.binomial(50, 0.2, 4000)
    share = Share()
    share.add(responders, patients)
    estimate = share.estimate()
    assert estimate.error == pytest.approx(np.sqrt(0.2 * 0.8 / (4000 * 50)), rel=0.05)


def _series(values, arm, arms=2, name="body_weight"):
    one_hot = arm[..., None] == np.arange(arms)
    return reduce_series(np.arange(values.shape[-1], dtype=float), values, one_hot, axis_of(name))


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_blocking_leaves_no_trace(cut, seed):
    generator = np.random.default_rng(seed)
    values = generator.normal(65, 10, (6, 9, 3))
    values[generator.random(values.shape) < 0.2] = np.nan
    arm = generator.integers(0, 2, (6, 9))
    whole = _series(values, arm)
    parts = [_series(values[:cut], arm[:cut]), _series(values[cut:], arm[cut:])]
    together = add(*parts)
    for name in ("count", "total", "square", "histogram"):
        assert_array_equal(getattr(together, name), getattr(whole, name))


def test_series_agrees_with_numpy():
    """Mean, standard deviation and median of 5000 weights, against NumPy on the same values."""
    generator = np.random.default_rng(2)
    values = generator.normal(65, 8, (50, 100, 2))
    arm = np.zeros((50, 100), dtype=int)

    found = characterise("body_weight", _series(values, arm))[0]
    flat = values.reshape(-1, 2)
    axis = axis_of("body_weight")
    assert_allclose(found.mean, flat.mean(axis=0), rtol=1e-12)
    assert_allclose(found.sd, flat.std(axis=0, ddof=1), rtol=1e-9)
    assert_allclose(found.quantiles["0.5"], np.median(flat, axis=0), atol=(axis.high - axis.low) / BINS)
    assert_array_equal(found.count, [5000, 5000])


def test_changes_are_from_each_patients_own_baseline():
    """By hand: three patients; the first has no reading on day 0 but one at screening, the last has none.

    Lean mass 40 to 42 is +2 kg and +5 %, 50 to 49 is -1 kg and -2 %.
    """
    value = np.array([[[40.0, np.nan, 42.0], [50.0, 50.0, 49.0], [np.nan, np.nan, 45.0]]])
    data = make_trial([[0, 0, 0]], readings={"lean_mass_ct": make_readings([-7.0, 0.0, 56.0], value)})
    found = reduce_data(data, np.ones((1, 3, 1), dtype=bool))
    change = characterise("lean_mass_ct.change", found["lean_mass_ct.change"])[0]
    assert change.day.tolist() == [0.0, 56.0]
    assert change.count.tolist() == [1.0, 2.0]
    assert change.mean[1] == pytest.approx(0.5)
    percent = characterise("lean_mass_ct.percent_change", found["lean_mass_ct.percent_change"])[0]
    assert percent.mean[1] == pytest.approx(0.015)
    assert characterise("lean_mass_ct", found["lean_mass_ct"])[0].count.tolist() == [1.0, 3.0]


def test_ratios_are_summarised_by_their_logarithm():
    """By hand: CRP 50 to 25 and 50 to 200 are ratios 1/2 and 4, with geometric mean sqrt(2).

    From a baseline of 0 there is no ratio; a reading of 0 counts as the lowest ratio, 1/100.
    """
    readings = make_readings([0.0, 56.0], [[[50.0, 25.0], [50.0, 200.0], [0.0, 10.0]]])
    found = reduce_data(make_trial([[0, 0, 0]], readings={"crp": readings}), np.ones((1, 3, 1), dtype=bool))
    ratio = characterise("crp.ratio", found["crp.ratio"])[0]
    assert ratio.count.tolist() == [2.0, 2.0]
    assert ratio.mean[1] == pytest.approx(np.sqrt(2))
    assert ratio.sd[1] == pytest.approx(np.log(8) / np.sqrt(2))
    assert ratio.quantiles["0.25"][1] == pytest.approx(0.5, rel=0.003)
    assert ratio.quantiles["0.9"][1] == pytest.approx(4.0, rel=0.003)
    vanished = make_readings([0.0, 56.0], [[[50.0, 0.0]]])
    found = reduce_data(make_trial([[0]], readings={"crp": vanished}), np.ones((1, 1, 1), dtype=bool))
    assert characterise("crp.ratio", found["crp.ratio"])[0].mean[1] == pytest.approx(0.01)


@pytest.mark.parametrize("name", ["body_weight.change", "lean_mass_ct.percent_change", "crp.ratio"])
def test_cells_of_changes_are_finer_than_what_is_printed(name):
    """A cell is at most 0.02 kg, 0.03 percentage points or 0.3 per cent wide."""
    axis = axis_of(name)
    width = (axis.high - axis.low) / BINS
    assert (
        width <= {"body_weight.change": 0.02, "lean_mass_ct.percent_change": 0.0003, "crp.ratio": 0.003}[name]
    )
    assert axis.back(np.array([0.0]))[0] == (1.0 if axis.logarithmic else 0.0)


def test_changes_that_are_not_summarised_are_explained():
    assert scales_of("platelets") == ()
    with pytest.raises(InputError, match="'platelets' are not summarised as change"):
        axis_of("platelets.change")
