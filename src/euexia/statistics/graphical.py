"""Graphical multiple testing: alpha lies on hypotheses and moves along arrows when one is rejected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError
from euexia.statistics.multiplicity import checked

Floats = NDArray[np.float64]

ROUNDING = 1e-9
"""Sums of weights may exceed 1 by this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Shares of alpha of the hypotheses, and where a share goes when its hypothesis is rejected."""

    weights: Floats
    """Shape (hypotheses,), not negative, sum at most 1."""
    transitions: Floats
    """From row to column, shape (hypotheses, hypotheses); zero diagonal, rows sum to at most 1."""


def graph(weights: ArrayLike, transitions: ArrayLike) -> Graph:
    """Check weights and transitions and return the graph; every fault is named."""
    w, g = np.asarray(weights, dtype=float), np.asarray(transitions, dtype=float)
    if w.ndim != 1 or g.shape != (w.size, w.size):
        raise InputError(
            f"'weights' has shape {w.shape} and 'transitions' {g.shape}. "
            "Give one weight and one row and column per hypothesis."
        )
    faults = [
        (not (w >= 0).all() or not (g >= 0).all(), "a weight or a transition is negative or not a number"),
        (w.sum() > 1.0 + ROUNDING, f"the weights sum to {w.sum():g}, more than 1"),
        ((g.sum(axis=1) > 1.0 + ROUNDING).any(), "a row of 'transitions' sums to more than 1"),
        (np.diagonal(g).any(), "a hypothesis passes alpha to itself"),
    ]
    found = [text for wrong, text in faults if wrong]
    if found:
        raise InputError("The graph of hypotheses is not valid: " + "; ".join(found) + ".")
    return Graph(weights=w, transitions=g)


def complete(hypotheses: int) -> Graph:
    """Return the graph of equal weights and equal arrows to all others, which is Holm's procedure."""
    others = 1.0 - np.eye(hypotheses)
    return graph(np.full(hypotheses, 1.0 / hypotheses), others / max(1, hypotheses - 1))


def sequence(hypotheses: int) -> Graph:
    """Return the graph that passes all alpha down the order given: the fixed sequence."""
    return graph(np.eye(hypotheses)[0], np.eye(hypotheses, k=1))


def adjust(p_values: ArrayLike, plan: Graph) -> Floats:
    r"""Return adjusted p-values of the sequentially rejective graphical procedure.

    At each step the hypothesis j with the smallest :math:`p_j / w_j` leaves, with adjusted p-value the
    largest such ratio so far, and

    .. math:: w_l \leftarrow w_l + w_j g_{jl}, \quad
              g_{lk} \leftarrow \frac{g_{lk} + g_{lj} g_{jk}}{1 - g_{lj} g_{jl}}
              \; (l \ne k, \; g_{lj} g_{jl} < 1), \text{ else } 0

    p_values: shape (trials, hypotheses) or (hypotheses,); NaN counts as 1 and stays NaN.
    Source: Bretz, Maurer, Brannath and Posch, Statistics in Medicine 2009;28:586-604, algorithm 2.
    """
    given = np.asarray(p_values, dtype=float)
    p = np.atleast_2d(checked(given))
    trials, width = p.shape
    if width != plan.weights.size:
        raise InputError(f"There are {width} p-values but {plan.weights.size} hypotheses in the graph.")
    weights = np.repeat(plan.weights[np.newaxis], trials, axis=0)
    transitions = np.repeat(plan.transitions[np.newaxis], trials, axis=0)
    open_still = np.ones((trials, width), dtype=bool)
    adjusted, largest = np.ones((trials, width)), np.zeros(trials)
    rows = np.arange(trials)
    for _ in range(width):
        bearing = open_still & (weights > 0)
        ratio = np.where(bearing, p / np.where(bearing, weights, 1.0), np.inf)
        j = ratio.argmin(axis=1)
        largest = np.maximum(largest, np.minimum(1.0, ratio[rows, j]))
        going = np.isfinite(ratio[rows, j])
        adjusted[rows[going], j[going]] = largest[going]
        passed = _without(weights, transitions, j)
        weights = np.where(going[:, np.newaxis], passed[0], weights)
        transitions = np.where(going[:, np.newaxis, np.newaxis], passed[1], transitions)
        open_still[rows[going], j[going]] = False
    return np.where(np.isnan(given), np.nan, adjusted.reshape(given.shape))


def weights_of(members: tuple[int, ...], plan: Graph) -> Floats:
    """Return the weights of an intersection hypothesis: those of its members when all others are rejected.

    Shape (hypotheses,), 0 outside.  With ``closed_testing`` and weighted Bonferroni tests it gives the same
    procedure, slow and plain.
    """
    weights, transitions = plan.weights[np.newaxis], plan.transitions[np.newaxis]
    for j in sorted(set(range(plan.weights.size)) - set(members)):
        weights, transitions = _without(weights, transitions, np.array([j]))
    return np.asarray(weights[0])


def _without(weights: Floats, transitions: Floats, leaving: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return weights and transitions after one hypothesis per trial has left."""
    rows = np.arange(weights.shape[0])
    share = weights[rows, leaving]
    out, into = transitions[rows, leaving, :], transitions[rows, :, leaving]
    passed = weights + share[:, np.newaxis] * out
    back = 1.0 - into * out
    through = transitions + into[:, :, np.newaxis] * out[:, np.newaxis, :]
    open_way = back > ROUNDING
    renewed = np.where(
        open_way[:, :, np.newaxis], through / np.where(open_way, back, 1.0)[:, :, np.newaxis], 0.0
    )
    diagonal = np.arange(weights.shape[1])
    renewed[:, diagonal, diagonal] = 0.0
    renewed[rows, leaving, :] = 0.0
    renewed[rows, :, leaving] = 0.0
    passed[rows, leaving] = 0.0
    return passed, renewed
