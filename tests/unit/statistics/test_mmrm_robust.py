"""Robust errors by their definition, patient by patient."""

import numpy as np
import pytest

from builders.repeated import judged_design, stack
from euexia.core.errors import InputError
from euexia.statistics.mmrm import fit
from euexia.statistics.mmrm_moments import SubjectDesign, subject_designs
from euexia.statistics.mmrm_result import Freedom
from euexia.statistics.mmrm_robust import Sandwich, robust_contrasts, robust_covariance


@pytest.fixture
def fitted():
    values, arm, baseline = stack(1, 30, 3, seed=31)
    design = judged_design(arm[0].astype(float), baseline[0], 3)[0][None]
    return fit(values, design), values, design


def power(matrix, exponent):
    roots, vectors = np.linalg.eigh(matrix)
    return (vectors * roots**exponent) @ vectors.T


@pytest.mark.parametrize(
    ("sandwich", "exponent"),
    [(Sandwich.EMPIRICAL, 0), (Sandwich.BIAS_REDUCED, -0.5), (Sandwich.JACKKNIFE, -1)],
)
def test_covariance_and_freedom_by_their_definition(fitted, sandwich, exponent):
    """Sum of s s' between Phi; freedom (tr G'G)^2 / tr (G'G)^2; every matrix written out."""
    found, values, design = fitted
    bread, beta, sigma = found.coefficient_covariance[0], found.coefficients[0], found.sigma[0, 0]
    scores, whites, corrected = [], [], []
    for y, x in zip(values[0], design[0], strict=True):
        seen = ~np.isnan(y)
        if not seen.any():
            continue
        root = power(sigma[np.ix_(seen, seen)], -0.5)
        white = root @ x[seen]
        inner = power(np.eye(seen.sum()) - white @ bread @ white.T, exponent)
        scores.append(white.T @ inner @ root @ (y[seen] - x[seen] @ beta))
        whites.append(white)
        corrected.append(inner @ white)
    meat = sum(np.outer(score, score) for score in scores)
    covariance = robust_covariance(found, values, design, sandwich=sandwich)[0]
    assert covariance == pytest.approx(bread @ meat @ bread, rel=1e-8)
    stacked = np.concatenate(whites)
    rest = np.eye(stacked.shape[0]) - stacked @ bread @ stacked.T
    ends = np.cumsum([0, *(white.shape[0] for white in whites)])
    place = 3
    columns = [rest[:, ends[i] : ends[i + 1]] @ corrected[i] @ bread[:, place] for i in range(len(whites))]
    g = np.stack(columns, axis=1)
    inner = g.T @ g
    expected = np.trace(inner) ** 2 / np.trace(inner @ inner)
    rows = robust_contrasts(found, values, design, np.eye(7), sandwich=sandwich)
    assert rows.freedom[0, place] == pytest.approx(expected, rel=1e-8)
    assert rows.error[0] == pytest.approx(np.sqrt(np.diagonal(covariance)), rel=1e-8)


def test_a_design_by_columns_serves_too(fitted):
    """The same design as columns of patients and lift to the visits."""
    found, values, design = fitted
    ((_, written),) = subject_designs(design, found.names)
    assert isinstance(written, SubjectDesign)
    one = robust_covariance(found, values, design)
    assert robust_covariance(found, values, written) == pytest.approx(one, rel=1e-10)


def test_groups_have_their_own_matrix():
    """With the arms as groups each patient is whitened by the matrix of the own arm."""
    values, arm, baseline = stack(1, 40, 3, seed=32)
    design = judged_design(arm[0].astype(float), baseline[0], 3)[0][None]
    found = fit(values, design, groups=arm)
    other = robust_covariance(found, values, design, groups=arm)
    assert np.isfinite(other).all()
    assert not np.allclose(other, robust_covariance(found, values, design), rtol=1e-3)


def test_kenward_roger_is_not_for_robust_errors(fitted):
    """Said in words, with the way out; between-within counts patients less coefficients of patients."""
    found, values, design = fitted
    with pytest.raises(InputError, match="Choose Satterthwaite"):
        robust_contrasts(found, values, design, np.eye(7), freedom=Freedom.KENWARD_ROGER)
    rows = robust_contrasts(found, values, design, np.eye(7), freedom=Freedom.BETWEEN_WITHIN)
    assert rows.freedom[0, 3] == found.subjects[0] - 3
