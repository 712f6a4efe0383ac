"""Fits of stacks: against the plain reference, alone and among neighbours, and what cannot be fitted."""

from dataclasses import fields

import numpy as np
import pytest

from builders.repeated import judged_design, stack
from euexia.core.errors import InputError
from euexia.statistics.covariance import Structure, matrix
from euexia.statistics.mmrm import fit
from euexia.statistics.mmrm_freedom import contrasts
from euexia.statistics.mmrm_reference import fit_plainly
from euexia.statistics.mmrm_result import CONVENTIONAL, Diagnosis, Fit, Freedom, Method


def designs(arm, baseline, visits):
    """Return one design per trial."""
    return np.stack(
        [judged_design(a.astype(float), b, visits)[0] for a, b in zip(arm, baseline, strict=True)]
    )


@pytest.mark.parametrize("method", Method)
def test_agrees_with_the_plain_reference(method):
    """mmrm_reference: the definition, a general optimiser, derivatives by differences (1e-4 relative)."""
    values, arm, baseline = stack(1, 18, 3, seed=11)
    design = designs(arm, baseline, 3)
    found = fit(values, design, method=method)
    plain = fit_plainly(values[0], design[0], restricted=method is Method.REML)
    rows = contrasts(found, np.eye(7))
    assert found.objective[0] == pytest.approx(plain.objective, abs=1e-6)
    assert found.coefficients[0] == pytest.approx(plain.coefficients, rel=1e-3, abs=1e-4)
    assert found.sigma[0, 0] == pytest.approx(plain.sigma, rel=1e-3, abs=1e-3)
    assert rows.freedom[0] == pytest.approx(plain.freedom, rel=1e-2)


@pytest.mark.parametrize("structure", [kind for kind in Structure if kind is not Structure.UNSTRUCTURED])
def test_structures_agree_with_the_plain_reference(structure):
    """The same with each structure's own matrix."""
    values, arm, baseline = stack(1, 20, 3, seed=7)
    design = designs(arm, baseline, 3)
    times = (1.0, 2.0, 4.0)
    found = fit(values, design, structures=(structure,), times=times)
    begin = np.zeros(found.parameters[0])
    begin[: 3 if structure.startswith("heterogeneous") else 1] = 0.7
    plain = fit_plainly(
        values[0], design[0], sigma_of=lambda at, _: matrix(structure, at, times), begin=begin
    )
    assert found.diagnosis[0] == Diagnosis.FITTED
    assert found.objective[0] == pytest.approx(plain.objective, abs=1e-6)
    assert contrasts(found, np.eye(7)).freedom[0] == pytest.approx(plain.freedom, rel=1e-2)


@pytest.mark.parametrize("freedom", [Freedom.SATTERTHWAITE, Freedom.KENWARD_ROGER_LINEAR])
@pytest.mark.parametrize("structure", [kind for kind in Structure if kind.startswith("heterogeneous")])
def test_two_visits_have_one_covariance_matrix(structure, freedom):
    """With two visits every heterogeneous structure is the unstructured one: all inference is the same."""
    values, arm, baseline = stack(1, 24, 2, seed=13)
    design = designs(arm, baseline, 2)
    rows = np.eye(5)
    found, expected = (
        contrasts(fit(values, design, structures=(kind,), freedom=freedom), rows, freedom=freedom)
        for kind in (structure, Structure.UNSTRUCTURED)
    )
    assert found.error == pytest.approx(expected.error, rel=1e-6)
    assert found.freedom == pytest.approx(expected.freedom, rel=1e-6)


@pytest.mark.parametrize("structure", Structure)
def test_one_visit_is_least_squares(structure):
    """With one visit every structure is one variance: residual degrees of freedom, n - p."""
    values, arm, baseline = stack(1, 24, 1, seed=14, missing=0.0, monotone=0.0)
    design = np.stack([np.ones_like(baseline), arm, baseline], axis=-1)[:, :, None, :]
    for scale in (1e-8, 1.0, 1e8):
        rows = contrasts(fit(scale * values, design, structures=(structure,)), np.eye(3))
        assert rows.freedom == pytest.approx(np.full((1, 3), 21.0), rel=1e-6)


def test_group_matrices_are_those_of_separate_fits():
    """With all effects by arm and a matrix by arm, the arms are two separate models."""
    values, arm, _ = stack(1, 40, 3, seed=2)
    member = np.stack([arm[0] == 0, arm[0] == 1], axis=-1).astype(float)
    design = (member[:, None, :, None] * np.eye(3)[:, None, :]).reshape(1, 40, 3, 6)
    joint = fit(values, design, groups=arm, freedom=Freedom.KENWARD_ROGER)
    for place in (0, 1):
        inside = arm[0] == place
        alone = fit(
            values[:, inside],
            np.broadcast_to(np.eye(3), (1, int(inside.sum()), 3, 3)),
            freedom=Freedom.KENWARD_ROGER,
        )
        assert joint.sigma[0, place] == pytest.approx(alone.sigma[0, 0], rel=1e-6)
        block = slice(3 * place, 3 * place + 3)
        assert joint.coefficients[0, block] == pytest.approx(alone.coefficients[0], rel=1e-8)
        assert joint.adjusted[0, block, block] == pytest.approx(alone.adjusted[0], rel=1e-6)
        together = contrasts(joint, np.eye(6)[block]).freedom
        assert together == pytest.approx(contrasts(alone, np.eye(3)).freedom, rel=1e-6)


@pytest.mark.parametrize("freedom", [Freedom.SATTERTHWAITE, Freedom.KENWARD_ROGER])
@pytest.mark.parametrize("by_arm", [False, True])
def test_a_trial_does_not_depend_on_its_neighbours(freedom, by_arm):
    """Every number of a stack's fit is, bit for bit, that of the trial fitted alone."""
    values, arm, baseline = stack(12, 30, 4, seed=3, missing=0.15)
    values[4, 3, 2] = np.inf
    values[5] = 1.0
    values[7, :, 3] = np.nan
    values[8, 5:] = np.nan
    design = designs(arm, baseline, 4)
    asked = {"structures": CONVENTIONAL, "freedom": freedom, "groups": arm if by_arm else None}
    together = fit(values, design, **asked)
    for trial in range(12):
        one = {**asked, "groups": arm[trial : trial + 1] if by_arm else None}
        alone = fit(values[trial : trial + 1], design[trial : trial + 1], **one)
        for field in fields(Fit):
            whole, part = getattr(together, field.name), getattr(alone, field.name)
            if isinstance(part, np.ndarray) and part.shape[:1] == (1,) and whole.shape[:1] == (12,):
                assert np.array_equal(whole[trial], part[0], equal_nan=part.dtype.kind == "f"), field.name


def test_a_shared_design_is_that_of_every_trial():
    """A design with one trial in front serves the whole stack."""
    values, arm, baseline = stack(4, 24, 3, seed=8)
    shared = designs(arm[:1], baseline[:1], 3)
    found = fit(values, shared)
    alone = fit(values[2:3], shared)
    assert np.array_equal(found.coefficients[2], alone.coefficients[0])


def spoiled(change, subjects=24):
    """Fit a trial after a change of its values or design."""
    values, arm, baseline = stack(1, subjects, 3, seed=4, missing=0.0, monotone=0.0)
    design = designs(arm, baseline, 3)
    change(values, design)
    return fit(values, design, structures=CONVENTIONAL, names=judged_design(arm[0], baseline[0], 3)[1])


def set_at(where, what):
    def change(values, _):
        values[where] = what

    return change


def no_treated(_, design):
    design[..., 3] = 0.0
    design[..., 5:] = 0.0


@pytest.mark.parametrize(
    ("change", "diagnosis"),
    [
        (set_at((0, 2, 1), np.inf), Diagnosis.INFINITE_VALUE),
        (set_at((0,), np.nan), Diagnosis.NO_OBSERVATION),
        (set_at((0, slice(None), 1), np.nan), Diagnosis.VISIT_WITHOUT_OBSERVATION),
        (set_at((0,), 5.0), Diagnosis.NO_VARIATION),
        (set_at((0, slice(None), 2), 1e6), Diagnosis.NO_VARIATION),
        (set_at((0, slice(2, None)), np.nan), Diagnosis.ALIASED_COLUMNS),
        (no_treated, Diagnosis.ALIASED_COLUMNS),
    ],
)
def test_what_cannot_be_fitted_is_named(change, diagnosis):
    """A named diagnosis, a sentence, and no number that could be taken for a result."""
    found = spoiled(change)
    assert found.diagnosis[0] == diagnosis
    assert diagnosis.words in found.explain()
    assert found.structure_used() is None
    for field in ("coefficients", "coefficient_covariance", "sigma", "objective", "slopes"):
        assert np.isnan(getattr(found, field)).all()
    rows = contrasts(found, np.eye(len(found.names)))
    assert np.isnan(rows.estimate).all()
    assert np.isnan(rows.p_value).all()


def test_aliased_columns_are_named():
    """Without treated patients the arm and its interactions are columns of zeros."""
    said = spoiled(no_treated).explain()
    assert "'arm', 'factor2:arm', 'factor3:arm'" in said
    assert "'baseline'" not in said


def test_fewer_observations_than_coefficients():
    """Five patients seen once each cannot determine seven coefficients."""

    def change(values, _):
        values[0, 5:] = np.nan
        values[0, :, 1:] = np.where(np.arange(24)[:, None] % 3 == [1, 2], values[0, :, 1:], np.nan)

    assert spoiled(change).diagnosis[0] in (Diagnosis.ALIASED_COLUMNS, Diagnosis.TOO_FEW_OBSERVATIONS)


def test_falls_back_in_the_declared_order():
    """Two visits never seen together: their covariance is not determined, a correlation of neighbours is."""
    values, arm, baseline = stack(1, 60, 3, seed=6, missing=0.0, monotone=0.0)
    values[0, ::2, 2] = np.nan
    values[0, 1::2, 0] = np.nan
    found = fit(values, designs(arm * 0 + (np.arange(60) // 2) % 2, baseline, 3), structures=CONVENTIONAL)
    assert found.diagnosis[0] == Diagnosis.FITTED
    assert found.attempts[0, 0] == Diagnosis.INFORMATION_SINGULAR
    assert found.structure_used() in CONVENTIONAL[2:]
    tried = found.structure[0]
    assert (found.attempts[0, :tried] > 0).all()
    assert (found.attempts[0, tried + 1 :] == Diagnosis.NOT_TRIED).all()
    assert "unstructured: The data do not determine" in found.explain()


def test_perfect_correlation_is_not_passed_off_as_a_fit():
    """The second visit is the first and a constant: the covariance is singular, whatever the structure."""
    values, arm, baseline = stack(1, 30, 3, seed=9, missing=0.0, monotone=0.0)
    values[0, :, 1] = values[0, :, 0] + 2.0
    found = fit(values, designs(arm, baseline, 3))
    assert found.diagnosis[0] in (Diagnosis.COVARIANCE_SINGULAR, Diagnosis.NOT_CONVERGED)
    assert np.isnan(found.coefficients).all()


def test_an_observation_without_covariate_is_left_out():
    """A missing baseline leaves out the patient's rows, as deleting them does."""
    values, arm, baseline = stack(1, 30, 3, seed=10)
    design = designs(arm, baseline, 3)
    lacking = design.copy()
    lacking[0, 4, :, 4] = np.nan
    deleted = values.copy()
    deleted[0, 4] = np.nan
    found, expected = fit(values, lacking), fit(deleted, design)
    assert found.observations[0] == expected.observations[0]
    assert found.coefficients == pytest.approx(expected.coefficients, rel=1e-9)


def test_shapes_that_do_not_fit_are_refused():
    """The message says which shape was given and which is needed."""
    values, arm, baseline = stack(2, 12, 3)
    design = designs(arm, baseline, 3)
    with pytest.raises(InputError, match="'design' has shape"):
        fit(values, design[:, :5])
    with pytest.raises(InputError, match="'names'"):
        fit(values, design, names=("a",))
    with pytest.raises(InputError, match="'times'"):
        fit(values, design, times=(3.0, 2.0, 1.0))
    with pytest.raises(InputError, match="'structures' is empty"):
        fit(values, design, structures=())
    with pytest.raises(InputError, match="'groups'"):
        fit(values, design, groups=[0.5] * 12)
    with pytest.raises(InputError, match="at most 50"):
        fit(np.zeros((1, 3, 51)), np.ones((1, 3, 51, 1)))


def test_convergence_is_to_the_maximum():
    """At the end the score is nothing: g'H^-1 g below 1e-12, iterations few."""
    values, arm, baseline = stack(30, 40, 4, seed=12)
    found = fit(values, designs(arm, baseline, 4))
    assert (found.diagnosis == Diagnosis.FITTED).all()
    assert (found.decrement < 1e-12).all()
    assert (found.iterations < 12).all()
