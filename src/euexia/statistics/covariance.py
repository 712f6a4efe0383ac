r"""Covariance structures of repeated measurements, with first and second derivatives, for many trials.

Every structure but the unstructured one is written as standard deviations times a correlation,

.. math:: \Sigma_{ts} = e^{\lambda_t + \lambda_s} c_{ts}(\rho), \quad \rho = \tanh z,

so that any real parameter gives variances above zero and correlations between -1 and 1.  The unstructured
matrix is its own parameter: its entries on and below the diagonal, row by row, in which it is linear.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LARGEST_CORRELATION = 0.98
"""A starting correlation is held inside this bound, from where the iterations may still move it."""

_WILDEST = 300.0
"""Largest logarithm of a deviation that a step may try; the likelihood then refuses it."""


class Structure(StrEnum):
    """How the covariance of the visits of one patient is modelled."""

    UNSTRUCTURED = "unstructured"
    """Every variance and covariance free: T(T+1)/2 parameters."""
    HETEROGENEOUS_TOEPLITZ = "heterogeneous_toeplitz"
    """A variance per visit, a correlation per distance in visits: 2T-1."""
    TOEPLITZ = "toeplitz"
    """One variance, a correlation per distance in visits: T."""
    HETEROGENEOUS_AUTOREGRESSIVE = "heterogeneous_autoregressive"
    """A variance per visit, correlation rho to the power of the distance: T+1."""
    AUTOREGRESSIVE = "autoregressive"
    """One variance, correlation rho to the power of the distance: 2."""
    HETEROGENEOUS_COMPOUND_SYMMETRY = "heterogeneous_compound_symmetry"
    """A variance per visit, one correlation: T+1."""
    COMPOUND_SYMMETRY = "compound_symmetry"
    """One variance, one correlation: 2."""
    HETEROGENEOUS_ANTE_DEPENDENCE = "heterogeneous_ante_dependence"
    """A variance per visit, a correlation per pair of neighbours, products beyond (first order): 2T-1."""
    ANTE_DEPENDENCE = "ante_dependence"
    """One variance, a correlation per pair of neighbours, products beyond (first order): T."""
    SPATIAL_EXPONENTIAL = "spatial_exponential"
    """One variance, correlation exp(-distance in time / range): 2."""


_HETEROGENEOUS = frozenset(
    {
        Structure.HETEROGENEOUS_TOEPLITZ,
        Structure.HETEROGENEOUS_AUTOREGRESSIVE,
        Structure.HETEROGENEOUS_COMPOUND_SYMMETRY,
        Structure.HETEROGENEOUS_ANTE_DEPENDENCE,
    }
)

LINEAR = frozenset({Structure.UNSTRUCTURED, Structure.COMPOUND_SYMMETRY, Structure.TOEPLITZ})
"""Structures that are linear in their variances and covariances."""


def lower_triangle(visits: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of the entries on and below the diagonal, row by row."""
    rows, columns = np.tril_indices(visits)
    return rows.astype(np.int64), columns.astype(np.int64)


def entries(matrix: Floats) -> Floats:
    """Return the entries on and below the diagonal of symmetric matrices, shape (..., T(T+1)/2)."""
    rows, columns = lower_triangle(matrix.shape[-1])
    return np.asarray(matrix[..., rows, columns])


def from_entries(values: Floats, visits: int) -> Floats:
    """Return the symmetric matrices with these entries on and below the diagonal."""
    rows, columns = lower_triangle(visits)
    matrix = np.empty((*values.shape[:-1], visits, visits))
    matrix[..., rows, columns] = values
    matrix[..., columns, rows] = values
    return matrix


def parameter_count(structure: Structure, visits: int) -> int:
    """Return how many parameters a structure has for this number of visits."""
    if structure is Structure.UNSTRUCTURED:
        return visits * (visits + 1) // 2
    return _deviation_count(structure, visits) + _correlation_count(structure, visits)


def matrix(structure: Structure, parameters: Floats, times: Sequence[float]) -> Floats:
    """Return the covariance matrices, shape (..., T, T).

    parameters: shape (..., parameter_count).  times: time of every visit, any unit; read by the spatial
    structure alone.
    """
    visits = len(times)
    if structure is Structure.UNSTRUCTURED:
        return from_entries(parameters, visits)
    deviations, correlation, _, _ = _parts(structure, parameters, times)
    return np.asarray(deviations[..., :, None] * deviations[..., None, :] * correlation)


def derivatives(structure: Structure, parameters: Floats, times: Sequence[float]) -> tuple[Floats, Floats]:
    """Return first and second derivatives of the matrix entries with respect to the parameters.

    Entries are those on and below the diagonal.  Shapes (..., T(T+1)/2, q) and (..., T(T+1)/2, q, q).
    """
    visits = len(times)
    size = parameter_count(structure, visits)
    lead = parameters.shape[:-1]
    if structure is Structure.UNSTRUCTURED:
        first = np.broadcast_to(np.eye(size), (*lead, size, size))
        return first, np.broadcast_to(np.zeros(1), (*lead, size, size, size))
    deviations, correlation, slope, bend = _parts(structure, parameters, times)
    rows, columns = lower_triangle(visits)
    scale = (deviations[..., :, None] * deviations[..., None, :])[..., rows, columns]
    # How often each log deviation enters an entry: twice on the diagonal, once for either visit elsewhere.
    share = _deviation_shares(structure, visits)
    count = share.shape[1]
    first = np.empty((*lead, rows.size, size))
    second = np.empty((*lead, rows.size, size, size))
    value = scale * correlation[..., rows, columns]
    change = scale[..., None] * np.moveaxis(slope, -3, -1)[..., rows, columns, :]
    first[..., :count] = value[..., None] * share
    first[..., count:] = change
    second[..., :count, :count] = value[..., None, None] * share[:, :, None] * share[:, None, :]
    second[..., :count, count:] = share[:, :, None] * change[..., None, :]
    second[..., count:, :count] = np.swapaxes(second[..., :count, count:], -1, -2)
    bent = np.moveaxis(bend, (-4, -3), (-2, -1))[..., rows, columns, :, :]
    second[..., count:, count:] = scale[..., None, None] * bent
    return first, second


def natural_derivatives(
    structure: Structure, parameters: Floats, times: Sequence[float]
) -> tuple[Floats, Floats, Floats]:
    """Return the derivatives with respect to variances and correlations, and those of the natural parameters.

    Shapes (..., T(T+1)/2, q), (..., T(T+1)/2, q, q) and (..., q): the last is d natural / d parameter, a
    diagonal map.  The range of the spatial structure stands for its correlation.
    """
    first, second = derivatives(structure, parameters, times)
    if structure is Structure.UNSTRUCTURED:
        return first, second, np.ones_like(parameters)
    count = _deviation_count(structure, len(times))
    slope, bend = np.empty_like(parameters), np.empty_like(parameters)
    variance = np.exp(2.0 * parameters[..., :count])
    slope[..., :count], bend[..., :count] = 0.5 / variance, -0.5 / variance**2
    if structure is Structure.SPATIAL_EXPONENTIAL:
        reach = np.exp(parameters[..., count:])
        slope[..., count:], bend[..., count:] = 1.0 / reach, -1.0 / reach**2
    else:
        rho = np.tanh(parameters[..., count:])
        slope[..., count:], bend[..., count:] = 1.0 / (1.0 - rho**2), 2.0 * rho / (1.0 - rho**2) ** 2
    natural = first * slope[..., None, :]
    curved = second * slope[..., None, :, None] * slope[..., None, None, :]
    place = np.arange(parameters.shape[-1])
    curved[..., place, place] += first * bend[..., None, :]
    return natural, curved, 1.0 / slope


def start(structure: Structure, covariance: Floats, times: Sequence[float]) -> Floats:
    """Return parameters near a given covariance matrix, shape (..., T, T), from which to iterate."""
    visits = covariance.shape[-1]
    if structure is Structure.UNSTRUCTURED:
        return entries(covariance)
    variances = np.diagonal(covariance, axis1=-2, axis2=-1)
    deviations = np.sqrt(variances)
    if structure in _HETEROGENEOUS:
        spread = np.log(deviations)
    else:
        spread = 0.5 * np.log(variances.mean(axis=-1, keepdims=True))
    correlation = covariance / deviations[..., :, None] / deviations[..., None, :]
    lags = [np.diagonal(correlation, lag, axis1=-2, axis2=-1) for lag in range(1, visits)]
    if not lags:
        shape = np.zeros((*covariance.shape[:-2], _correlation_count(structure, visits)))
        return np.concatenate([spread, shape], axis=-1)
    return np.concatenate([spread, _start_shape(structure, lags, times)], axis=-1)


def _start_shape(structure: Structure, lags: list[Floats], times: Sequence[float]) -> Floats:
    """Return z from the correlations at each distance in visits."""
    bound = _LARGEST_CORRELATION
    near = np.clip(lags[0].mean(axis=-1, keepdims=True), -bound, bound)
    match structure:
        case Structure.HETEROGENEOUS_TOEPLITZ | Structure.TOEPLITZ:
            means = np.stack([lag.mean(axis=-1) for lag in lags], axis=-1)
            return _z(np.clip(means, -bound, bound))
        case Structure.HETEROGENEOUS_AUTOREGRESSIVE | Structure.AUTOREGRESSIVE:
            return _z(near)
        case Structure.HETEROGENEOUS_COMPOUND_SYMMETRY | Structure.COMPOUND_SYMMETRY:
            every = np.concatenate(lags, axis=-1).mean(axis=-1, keepdims=True)
            return _z(np.clip(every, -bound / len(lags), bound))
        case Structure.HETEROGENEOUS_ANTE_DEPENDENCE | Structure.ANTE_DEPENDENCE:
            return _z(np.clip(lags[0], -bound, bound))
        case Structure.SPATIAL_EXPONENTIAL:
            gap = float(np.mean(np.diff(np.asarray(times, dtype=float))))
            return np.asarray(np.log(gap) - np.log(-np.log(np.clip(near, 1.0 - bound, bound))))
        case Structure.UNSTRUCTURED:
            raise AssertionError("the unstructured matrix starts at its entries")
        case _:
            assert_never(structure)


def _z(correlation: Floats) -> Floats:
    """Return Fisher's z."""
    return np.asarray(np.arctanh(correlation), dtype=np.float64)


def simpler(structure: Structure, covariance: Floats, times: Sequence[float]) -> Floats:
    """Return starting parameters without correlation, for when those of ``start`` do not serve."""
    visits = covariance.shape[-1]
    diagonal = covariance * np.eye(visits)
    if structure is Structure.SPATIAL_EXPONENTIAL:
        mild = diagonal.copy()
        roots = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
        near = roots[..., :-1] * roots[..., 1:] * 0.2
        place = np.arange(visits - 1)
        mild[..., place, place + 1] = mild[..., place + 1, place] = near
        diagonal = mild
    return start(structure, diagonal, times)


def _deviation_count(structure: Structure, visits: int) -> int:
    return visits if structure in _HETEROGENEOUS else 1


def _correlation_count(structure: Structure, visits: int) -> int:
    several = {
        Structure.HETEROGENEOUS_TOEPLITZ,
        Structure.TOEPLITZ,
        Structure.HETEROGENEOUS_ANTE_DEPENDENCE,
        Structure.ANTE_DEPENDENCE,
    }
    return visits - 1 if structure in several else min(1, visits - 1)


def _deviation_shares(structure: Structure, visits: int) -> Floats:
    rows, columns = lower_triangle(visits)
    if structure not in _HETEROGENEOUS:
        return np.full((rows.size, 1), 2.0)
    every = np.arange(visits)
    return np.asarray((rows[:, None] == every).astype(float) + (columns[:, None] == every).astype(float))


def _parts(
    structure: Structure, parameters: Floats, times: Sequence[float]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return deviations (..., T), correlation (..., T, T), and its derivatives with respect to z."""
    visits = len(times)
    count = _deviation_count(structure, visits)
    deviations = np.exp(np.clip(parameters[..., :count], -_WILDEST, _WILDEST))
    deviations = np.broadcast_to(deviations, (*parameters.shape[:-1], visits))
    raw = parameters[..., count:]
    if structure is Structure.SPATIAL_EXPONENTIAL:
        return deviations, *_spatial(raw, times)
    rho = np.tanh(raw)
    correlation, slope, bend = _correlations(structure, rho, visits)
    tilt = 1.0 - rho**2
    bend = bend * tilt[..., :, None, None, None] * tilt[..., None, :, None, None]
    place = np.arange(rho.shape[-1])
    bend[..., place, place, :, :] += slope * (-2.0 * rho * tilt)[..., None, None]
    return deviations, correlation, slope * tilt[..., None, None], bend


def _spatial(raw: Floats, times: Sequence[float]) -> tuple[Floats, Floats, Floats]:
    """Return exp(-d/r), r = exp(z), and its derivatives."""
    moments = np.asarray(times, dtype=float)
    apart = np.abs(moments[:, None] - moments[None, :])
    lead, visits = raw.shape[:-1], len(times)
    if raw.shape[-1] == 0:
        return np.ones((*lead, 1, 1)), np.empty((*lead, 0, 1, 1)), np.empty((*lead, 0, 0, 1, 1))
    with np.errstate(over="ignore", under="ignore"):
        scaled = apart * np.exp(-np.clip(raw, -_WILDEST, _WILDEST))[..., None]
        correlation = np.exp(-scaled)
    shape = (*lead, 1, visits, visits)
    slope = (scaled * correlation).reshape(shape)
    bend = (scaled * (scaled - 1.0) * correlation).reshape(*lead, 1, *shape[-3:])
    return correlation.reshape(*lead, visits, visits), slope, bend


def _correlations(structure: Structure, rho: Floats, visits: int) -> tuple[Floats, Floats, Floats]:
    """Return the correlation and its derivatives with respect to rho, (..., r, T, T), (..., r, r, T, T)."""
    every = np.arange(visits)
    lag = np.abs(every[:, None] - every[None, :])
    lead, count = rho.shape[:-1], rho.shape[-1]
    correlation = np.empty((*lead, visits, visits))
    slope = np.zeros((*lead, count, visits, visits))
    bend = np.zeros((*lead, count, count, visits, visits))
    if count == 0:
        correlation[...] = 1.0
        return correlation, slope, bend
    one = rho[..., :1, None]
    match structure:
        case Structure.HETEROGENEOUS_AUTOREGRESSIVE | Structure.AUTOREGRESSIVE:
            correlation[...] = one**lag
            slope[..., 0, :, :] = lag * one ** np.maximum(lag - 1, 0)
            bend[..., 0, 0, :, :] = lag * np.maximum(lag - 1, 0) * one ** np.maximum(lag - 2, 0)
        case Structure.HETEROGENEOUS_COMPOUND_SYMMETRY | Structure.COMPOUND_SYMMETRY:
            correlation[...] = np.where(lag == 0, 1.0, one)
            slope[..., 0, :, :] = lag > 0
        case Structure.HETEROGENEOUS_TOEPLITZ | Structure.TOEPLITZ:
            correlation[...] = np.concatenate([np.ones((*lead, 1)), rho], axis=-1)[..., lag]
            slope[...] = lag == np.arange(1, visits)[:, None, None]
        case Structure.HETEROGENEOUS_ANTE_DEPENDENCE | Structure.ANTE_DEPENDENCE:
            _ante_dependence(rho, correlation, slope, bend)
        case Structure.UNSTRUCTURED | Structure.SPATIAL_EXPONENTIAL:
            raise AssertionError(f"{structure} has no correlation parameter of this kind")
        case _:
            assert_never(structure)
    return correlation, slope, bend


def _ante_dependence(rho: Floats, correlation: Floats, slope: Floats, bend: Floats) -> None:
    """Fill in the products of neighbours' correlations and what is left of them without one, without two."""
    visits = correlation.shape[-1]
    place = np.arange(visits)
    correlation[..., place, place] = 1.0
    for first in range(visits):
        for last in range(first + 1, visits):
            inside = range(first, last)
            for row, column in ((first, last), (last, first)):
                correlation[..., row, column] = np.prod(rho[..., first:last], axis=-1)
                for one in inside:
                    rest = [k for k in inside if k != one]
                    slope[..., one, row, column] = np.prod(rho[..., rest], axis=-1)
                    for other in rest:
                        left = [k for k in rest if k != other]
                        bend[..., one, other, row, column] = np.prod(rho[..., left], axis=-1)
