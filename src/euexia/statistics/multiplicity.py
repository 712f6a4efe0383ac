"""Several hypotheses in one trial: adjusted p-values, for a stack of trials.

p-values are arrays of shape (trials, hypotheses); a hypothesis is rejected where its adjusted p-value is at
most alpha.  A p-value that is NaN (nothing could be tested) counts as 1 for the others and stays NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from itertools import combinations
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError

Floats = NDArray[np.float64]
Members = tuple[int, ...]
Intersection = Callable[[Floats, Members], Floats]
"""From the p-values of some hypotheses, shape (trials, members), and which they are: the p-value that all of
them are true, shape (trials,)."""

MOST_CLOSED = 14
"""Closed testing goes over every subset; more hypotheses than this need a short cut."""


class Method(StrEnum):
    """How p-values are adjusted so that any false rejection has a chance of at most alpha."""

    BONFERRONI = "bonferroni"
    HOLM = "holm"
    HOCHBERG = "hochberg"
    """Needs p-values that are independent or positively dependent, as does Hommel's."""
    HOMMEL = "hommel"
    FIXED_SEQUENCE = "fixed_sequence"
    """Each at full alpha, in the order given, until one is not rejected."""


def adjust(p_values: ArrayLike, method: Method) -> Floats:
    """Return adjusted p-values of the family-wise error, shape (trials, hypotheses) or (hypotheses,).

    Sources: Holm, Scandinavian Journal of Statistics 1979;6:65-70; Hochberg, Biometrika 1988;75:800-802;
    Hommel, Biometrika 1988;75:383-386; the others are textbook.
    """
    given = np.asarray(p_values, dtype=float)
    p = np.atleast_2d(checked(given))
    match method:
        case Method.BONFERRONI:
            adjusted = np.minimum(1.0, p * p.shape[1])
        case Method.HOLM:
            adjusted = _ordered(p, _holm)
        case Method.HOCHBERG:
            adjusted = _ordered(p, _hochberg)
        case Method.HOMMEL:
            adjusted = _ordered(p, _hommel)
        case Method.FIXED_SEQUENCE:
            adjusted = np.maximum.accumulate(p, axis=1)
        case _:
            assert_never(method)
    return np.where(np.isnan(given), np.nan, adjusted.reshape(given.shape))


def checked(p_values: Floats) -> Floats:
    """Return the p-values with NaN as 1; refuse what is not a probability."""
    if p_values.ndim not in (1, 2) or p_values.shape[-1] == 0:
        raise InputError(
            f"'p_values' has shape {p_values.shape}. Give (trials, hypotheses) or (hypotheses,)."
        )
    known = p_values[~np.isnan(p_values)]
    if ((known < 0) | (known > 1)).any():
        raise InputError("A p-value is not between 0 and 1.")
    return np.where(np.isnan(p_values), 1.0, p_values)


def intersection_union(p_values: ArrayLike) -> Floats:
    r"""Return the p-value that co-primary endpoints are met all together.

    .. math:: p = \max_i p_i

    Each is tested at full alpha and all must be met; one that could not be tested (NaN) is not met.
    p_values: shape (..., endpoints).  Source: Berger, Technometrics 1982;24:295-300.
    """
    given = np.asarray(p_values, dtype=float)
    return np.asarray(np.where(np.isnan(given), 1.0, given).max(axis=-1))


def closed_testing(p_values: ArrayLike, intersection: Intersection) -> Floats:
    r"""Return adjusted p-values by testing every intersection that holds the hypothesis.

    .. math:: \tilde p_i = \max_{I \ni i} p_I

    intersection: the test of each I, for example ``simes``.  Slow and plain: it visits every subset.
    Source: Marcus, Peritz and Gabriel, Biometrika 1976;63:655-660.
    """
    given = np.asarray(p_values, dtype=float)
    p = np.atleast_2d(checked(given))
    width = p.shape[1]
    if width > MOST_CLOSED:
        raise InputError(
            f"Closed testing of {width} hypotheses has too many subsets; give {MOST_CLOSED} at most."
        )
    adjusted = np.zeros_like(p)
    for size in range(1, width + 1):
        for members in combinations(range(width), size):
            together = intersection(p[:, list(members)], members)
            adjusted[:, list(members)] = np.maximum(adjusted[:, list(members)], together[:, np.newaxis])
    return np.where(np.isnan(given), np.nan, adjusted.reshape(given.shape))


def bonferroni(p_values: Floats, members: Members) -> Floats:
    r"""Return :math:`\min(1, m \min_i p_i)`; closing it gives Holm's procedure."""
    return np.asarray(np.minimum(1.0, len(members) * p_values.min(axis=1)))


def simes(p_values: Floats, members: Members) -> Floats:
    r"""Return :math:`\min_i m p_{(i)} / i`; closing it gives Hommel's procedure.

    Source: Simes, Biometrika 1986;73:751-754.
    """
    width = len(members)
    return np.asarray((np.sort(p_values, axis=1) * width / np.arange(1, width + 1)).min(axis=1))


def _ordered(p: Floats, rule: Callable[[Floats], Floats]) -> Floats:
    """Apply a rule for ascending p-values and put the results back in place."""
    order = np.argsort(p, axis=1, kind="stable")
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, rule(np.take_along_axis(p, order, axis=1)), axis=1)
    return adjusted


def _holm(p: Floats) -> Floats:
    return np.minimum(1.0, np.maximum.accumulate(p * np.arange(p.shape[1], 0, -1), axis=1))


def _hochberg(p: Floats) -> Floats:
    steps = p * np.arange(p.shape[1], 0, -1)
    return np.minimum(1.0, np.minimum.accumulate(steps[:, ::-1], axis=1)[:, ::-1])


def _hommel(p: Floats) -> Floats:
    """Return Hommel's adjusted values.  Source of the algorithm: Wright, Biometrics 1992;48:1005-1013."""
    width = p.shape[1]
    adjusted = np.repeat(simes(p, tuple(range(width)))[:, np.newaxis], width, axis=1)
    for size in range(width - 1, 1, -1):
        cut = width - size + 1
        least = (size * p[:, cut:] / np.arange(2, size + 1)).min(axis=1, keepdims=True)
        first = np.minimum(size * p[:, :cut], least)
        rest = np.repeat(first[:, -1:], width - cut, axis=1)
        adjusted = np.maximum(adjusted, np.concatenate([first, rest], axis=1))
    return np.maximum(adjusted, p)
