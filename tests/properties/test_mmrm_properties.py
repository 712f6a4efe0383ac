"""What must hold for any repeated measurements: units, order, labels and nuisance do not change inference."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.repeated import stack
from euexia.statistics.covariance import Structure
from euexia.statistics.mmrm_result import Diagnosis
from euexia.statistics.mmrm_visits import treatment_by_visit

GENTLE = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 10_000)
structures = st.sampled_from(
    [Structure.UNSTRUCTURED, Structure.HETEROGENEOUS_TOEPLITZ, Structure.AUTOREGRESSIVE]
)


def effects(values, arm, baseline, structure=Structure.UNSTRUCTURED):
    return treatment_by_visit(values, arm, baseline, structures=(structure,))


def usable(found):
    return (found.diagnosis == Diagnosis.FITTED).all()


@GENTLE
@given(seed=seeds, scale=st.floats(1e-3, 1e3), shift=st.floats(-100, 100), structure=structures)
def test_units_carry_through(seed, scale, shift, structure):
    """Values a + b y: differences times b, the same t, degrees of freedom and p."""
    values, arm, baseline = stack(1, 40, 3, seed=seed)
    found, other = (effects(part, arm, baseline, structure) for part in (values, shift + scale * values))
    if usable(found):
        assert other.differences.estimate == pytest.approx(
            scale * found.differences.estimate, rel=1e-6, abs=1e-9
        )
        assert other.differences.freedom == pytest.approx(found.differences.freedom, rel=1e-5)
        assert other.differences.p_value == pytest.approx(found.differences.p_value, rel=1e-4, abs=1e-12)


@GENTLE
@given(seed=seeds, structure=structures)
def test_order_of_patients_does_not_matter(seed, structure):
    """Patients shuffled: the same to rounding."""
    values, arm, baseline = stack(1, 40, 3, seed=seed)
    order = np.random.default_rng(seed).permutation(40)
    found = effects(values, arm, baseline, structure)
    other = effects(values[:, order], arm[:, order], baseline[:, order], structure)
    if usable(found):
        assert other.differences.p_value == pytest.approx(found.differences.p_value, rel=1e-6, abs=1e-12)


@GENTLE
@given(seed=seeds, structure=structures)
def test_swapping_arms_changes_signs_only(seed, structure):
    """Arm 1 - arm 0 becomes its negative."""
    values, arm, baseline = stack(1, 40, 3, seed=seed)
    found, other = effects(values, arm, baseline, structure), effects(values, 1 - arm, baseline, structure)
    if usable(found):
        assert other.differences.estimate == pytest.approx(-found.differences.estimate, rel=1e-6, abs=1e-8)
        assert other.differences.error == pytest.approx(found.differences.error, rel=1e-6)


@GENTLE
@given(seed=seeds)
def test_unstructured_does_not_know_the_order_of_visits(seed):
    """Visits permuted: effects permuted."""
    values, arm, baseline = stack(1, 40, 3, seed=seed)
    order = np.random.default_rng(seed).permutation(3)
    found, other = effects(values, arm, baseline), effects(values[:, :, order], arm, baseline)
    if usable(found):
        expected = found.differences.estimate[..., order]
        assert other.differences.estimate == pytest.approx(expected, rel=1e-6, abs=1e-7)


@GENTLE
@given(seed=seeds)
def test_change_and_value_give_the_same_differences(seed):
    """With baseline by visit in the model, change from baseline and the value say the same of the arms."""
    values, arm, baseline = stack(1, 40, 3, seed=seed)
    found, change = effects(values, arm, baseline), effects(values - baseline[..., None], arm, baseline)
    if usable(found):
        assert change.differences.estimate == pytest.approx(found.differences.estimate, rel=1e-6, abs=1e-7)
        assert change.differences.p_value == pytest.approx(found.differences.p_value, rel=1e-5, abs=1e-12)


@GENTLE
@given(seed=seeds, place=st.integers(0, 4))
def test_neighbours_do_not_matter(seed, place):
    """Bit for bit, wherever in a stack a trial stands."""
    values, arm, baseline = stack(5, 24, 3, seed=seed, missing=0.15)
    whole = treatment_by_visit(values, arm, baseline)
    alone = treatment_by_visit(values[place : place + 1], arm[:1], baseline[place : place + 1])
    for name in ("estimate", "error", "freedom", "p_value"):
        together = getattr(whole.differences, name)[place]
        assert np.array_equal(together, getattr(alone.differences, name)[0], equal_nan=True)
