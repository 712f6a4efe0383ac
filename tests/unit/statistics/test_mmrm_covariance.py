"""Covariance structures: what they are, and that their derivatives are those of the matrices."""

import numpy as np
import pytest

from euexia.statistics.covariance import (
    LINEAR,
    Structure,
    derivatives,
    entries,
    from_entries,
    matrix,
    natural_derivatives,
    parameter_count,
    start,
)

TIMES = (1.0, 2.0, 4.0, 8.0)
SIGMA = np.array([[4.0, 2.0, 1.5, 1.0], [2.0, 5.0, 3.0, 2.0], [1.5, 3.0, 6.0, 3.5], [1.0, 2.0, 3.5, 7.0]])


def somewhere(structure, seed=0):
    """Return two sets of parameters near SIGMA."""
    begin = start(structure, np.stack([SIGMA, 2.0 * SIGMA]), TIMES)
    return begin + 0.05 * np.random.default_rng(seed).normal(size=begin.shape)


@pytest.mark.parametrize("structure", Structure)
def test_count_and_shape(structure):
    """The counts are those in the documentation of the structures, for four visits."""
    expected = {
        Structure.UNSTRUCTURED: 10,
        Structure.HETEROGENEOUS_TOEPLITZ: 7,
        Structure.TOEPLITZ: 4,
        Structure.HETEROGENEOUS_AUTOREGRESSIVE: 5,
        Structure.AUTOREGRESSIVE: 2,
        Structure.HETEROGENEOUS_COMPOUND_SYMMETRY: 5,
        Structure.COMPOUND_SYMMETRY: 2,
        Structure.HETEROGENEOUS_ANTE_DEPENDENCE: 7,
        Structure.ANTE_DEPENDENCE: 4,
        Structure.SPATIAL_EXPONENTIAL: 2,
    }
    assert parameter_count(structure, 4) == expected[structure] == somewhere(structure).shape[-1]
    assert matrix(structure, somewhere(structure), TIMES).shape == (2, 4, 4)


@pytest.mark.parametrize("structure", Structure)
def test_derivatives_are_those_of_the_matrix(structure):
    """Central differences of step 1e-5; the second derivatives through the first."""
    point = somewhere(structure)
    first, second = derivatives(structure, point, TIMES)
    for place in range(point.shape[-1]):
        move = np.zeros(point.shape[-1])
        move[place] = 1e-5
        ahead, behind = point + move, point - move
        slope = (entries(matrix(structure, ahead, TIMES)) - entries(matrix(structure, behind, TIMES))) / 2e-5
        assert first[..., place] == pytest.approx(slope, abs=1e-7)
        bend = (derivatives(structure, ahead, TIMES)[0] - derivatives(structure, behind, TIMES)[0]) / 2e-5
        assert np.broadcast_to(second, (*first.shape, first.shape[-1]))[..., place] == pytest.approx(
            bend, abs=1e-7
        )


@pytest.mark.parametrize("structure", [kind for kind in Structure if kind not in LINEAR])
def test_natural_derivatives_follow_by_the_chain_rule(structure):
    """Moving a variance or a correlation itself by 1e-6 changes the entries as the derivatives say."""
    point = somewhere(structure)
    natural, curved, slope = natural_derivatives(structure, point, TIMES)
    for place in range(point.shape[-1]):
        move = np.zeros(point.shape)
        move[..., place] = 1e-6 / slope[..., place]
        ahead = entries(matrix(structure, point + move, TIMES))
        behind = entries(matrix(structure, point - move, TIMES))
        assert natural[..., place] == pytest.approx((ahead - behind) / 2e-6, rel=1e-4, abs=1e-6)
    assert curved == pytest.approx(np.swapaxes(curved, -1, -2), abs=1e-12)


def test_correlations_by_their_definition():
    """AR(1): rho^|t-s|; ante-dependence: products of neighbours; spatial: exp(-distance / range)."""
    point = somewhere(Structure.AUTOREGRESSIVE)[0]
    found = matrix(Structure.AUTOREGRESSIVE, point, TIMES)
    rho = np.tanh(point[1])
    assert found[0, 3] / found[0, 0] == pytest.approx(rho**3)
    point = somewhere(Structure.ANTE_DEPENDENCE)[0]
    found = matrix(Structure.ANTE_DEPENDENCE, point, TIMES)
    assert found[0, 3] / found[0, 0] == pytest.approx(np.prod(np.tanh(point[1:])))
    point = somewhere(Structure.SPATIAL_EXPONENTIAL)[0]
    found = matrix(Structure.SPATIAL_EXPONENTIAL, point, TIMES)
    assert found[1, 3] / found[0, 0] == pytest.approx(np.exp(-6.0 / np.exp(point[1])))


def test_entries_and_back():
    """The entries on and below the diagonal are the whole of a symmetric matrix."""
    assert from_entries(entries(SIGMA), 4) == pytest.approx(SIGMA, abs=0.0)


@pytest.mark.parametrize("structure", Structure)
def test_one_visit_has_one_variance(structure):
    """With one visit every structure is a variance; none has a correlation."""
    found = matrix(structure, start(structure, np.array([[3.0]]), (0.0,)), (0.0,))
    assert found == pytest.approx(np.array([[3.0]]))
    assert parameter_count(structure, 1) == 1
