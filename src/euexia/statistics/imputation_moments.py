"""Sums of products from which imputation models are fitted, and the small inverses that fitting needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.imputation_data import LongitudinalTrials

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

_VANISHED = 1e-10
"""A pivot smaller than this share of its diagonal entry says that the matrix is singular."""


@dataclass(frozen=True, slots=True)
class Block:
    """Subjects that share a covariance matrix and the visits that inform the model."""

    group: int
    visits: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What the sums of a stack mean: blocks of subjects, sizes, and how coefficients are tied."""

    blocks: tuple[Block, ...]
    groups: int
    visits: int
    columns: int
    constant: int

    @property
    def tie(self) -> Floats:
        """Return the 0/1 matrix from free coefficients to all coefficients, (visits * columns, free)."""
        varying = self.columns - self.constant
        tie = np.zeros((self.visits, self.columns, self.visits * varying + self.constant))
        for visit in range(self.visits):
            for column in range(varying):
                tie[visit, column, visit * varying + column] = 1.0
            for column in range(self.constant):
                tie[visit, varying + column, self.visits * varying + column] = 1.0
        return tie.reshape(self.visits * self.columns, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Sums of products z z' over the subjects of each block, z = (outcomes, design), and their number."""

    layout: Layout
    products: Floats
    """Shape (fits, blocks, visits + columns, visits + columns)."""
    counts: Floats
    """Shape (fits, blocks)."""
    block: Integers
    """Block of each subject, -1 of those that do not inform the model; shape (trials, subjects)."""
    rows: Floats
    """z of each subject, zero where missing; shape (trials, subjects, visits + columns)."""

    def take(self, trials: NDArray[np.intp]) -> Moments:
        """Return some of the trials; where all were summed, one fit stands for one trial."""
        return Moments(
            layout=self.layout,
            products=self.products[trials],
            counts=self.counts[trials],
            block=self.block[trials],
            rows=self.rows[trials],
        )

    def weighted(self, weights: Floats, trial: int) -> tuple[Floats, Floats]:
        """Return products and counts of one trial under weights of its subjects, shape (fits, subjects)."""
        products = np.zeros((weights.shape[0], *self.products.shape[1:]))
        counts = np.zeros((weights.shape[0], self.products.shape[1]))
        size = self.rows.shape[2]
        outer = (self.rows[trial][:, :, np.newaxis] * self.rows[trial][:, np.newaxis, :]).reshape(
            -1, size * size
        )
        for place in range(len(self.layout.blocks)):
            inside = np.flatnonzero(self.block[trial] == place)
            products[:, place] = np.matmul(weights[:, np.newaxis, inside], outer[inside]).reshape(
                -1, size, size
            )
            counts[:, place] = weights[:, inside].sum(axis=1)
        return products, counts

    def without_one(self, trials: slice) -> tuple[Floats, Floats]:
        """Return products and counts without each subject in turn, first axis trials x subjects."""
        block, rows = self.block[trials], self.rows[trials]
        count, subjects = block.shape
        shape = (count, subjects, *self.products.shape[1:])
        products = np.broadcast_to(self.products[trials][:, np.newaxis], shape).copy()
        counts = np.broadcast_to(self.counts[trials][:, np.newaxis], shape[:3]).copy()
        trial, subject = np.nonzero(block >= 0)
        left_out = rows[trial, subject]
        place = block[trial, subject]
        products[trial, subject, place] -= left_out[:, :, np.newaxis] * left_out[:, np.newaxis, :]
        counts[trial, subject, place] -= 1.0
        return products.reshape(-1, *shape[2:]), counts.reshape(-1, shape[2])


def pattern_codes(present: Flags) -> Integers:
    """Return the visits present as one binary number per subject, the first visit the lowest bit."""
    return np.asarray((present * (1 << np.arange(present.shape[-1]))).sum(axis=-1), dtype=np.int64)


def visits_of(code: int, visits: int) -> tuple[int, ...]:
    """Return the visits that a binary number holds."""
    return tuple(visit for visit in range(visits) if code >> visit & 1)


def moments(trials: LongitudinalTrials, by_arm: bool) -> Moments:
    """Sum the products of a stack of trials by block; by_arm: one covariance matrix per arm."""
    modelled, visits = trials.modelled, trials.visits
    pattern = pattern_codes(modelled)
    group = np.where(trials.arm >= 0, trials.arm if by_arm else 0, 0)
    key = np.where((trials.arm >= 0) & (pattern > 0), (group << visits) + pattern, -1)
    keys = [int(found) for found in np.unique(key) if found >= 0]
    layout = Layout(
        blocks=tuple(
            Block(found >> visits, visits_of(found & ((1 << visits) - 1), visits)) for found in keys
        ),
        groups=trials.arms if by_arm else 1,
        visits=visits,
        columns=trials.design.shape[2],
        constant=trials.constant,
    )
    block = np.full(key.shape, -1)
    rows = np.concatenate([np.where(modelled, trials.outcome, 0.0), trials.design], axis=2)
    products = np.zeros((key.shape[0], len(keys), rows.shape[2], rows.shape[2]))
    counts = np.zeros((key.shape[0], len(keys)))
    for place, found in enumerate(keys):
        inside = key == found
        block[inside] = place
        kept = np.where(inside[..., np.newaxis], rows, 0.0)
        products[:, place] = np.matmul(np.swapaxes(kept, 1, 2), kept)
        counts[:, place] = inside.sum(axis=1)
    return Moments(layout=layout, products=products, counts=counts, block=block, rows=rows)


def sweep(matrices: Floats) -> tuple[Floats, Floats, Flags]:
    r"""Return inverse, log-determinant and whether positive definite, of symmetric matrices (..., p, p).

    Gauss-Jordan without pivoting, as positive definite matrices allow; the determinant is the product of the
    pivots.  Nothing else can be read from the inverse of a matrix that is not positive definite.
    """
    shape = matrices.shape
    work = np.moveaxis(matrices.reshape(-1, *shape[-2:]), 0, 2).copy()
    size = shape[-1]
    log_determinant = np.zeros(work.shape[2])
    positive = np.ones(work.shape[2], dtype=bool)
    diagonal = work[np.arange(size), np.arange(size)].copy()
    for k in range(size):
        positive &= (work[k, k] > _VANISHED * diagonal[k]) & (diagonal[k] > 0.0)
        pivot = np.where(positive, work[k, k], 1.0)
        log_determinant += np.log(pivot)
        row = np.where(positive, work[k] / pivot, 0.0)
        column = np.where(positive, work[:, k], 0.0)
        work -= column[:, np.newaxis] * row[np.newaxis]
        work[k] = row
        work[:, k] = -column / pivot
        work[k, k] = 1.0 / pivot
    inverse = np.ascontiguousarray(np.moveaxis(work, 2, 0)).reshape(shape)
    return inverse, log_determinant.reshape(shape[:-2]), positive.reshape(shape[:-2])
