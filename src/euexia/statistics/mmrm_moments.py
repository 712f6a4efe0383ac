"""What repeated measurements say to a likelihood: cross-products of designs and values by missing pattern.

The likelihood of a mixed model for repeated measures depends on the patients only through sums of products
over those who share a pattern of observed visits (and a covariance matrix).  They are formed once; after
that the cost of an iteration does not depend on the number of patients.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LARGEST_VISITS = 50
"""Patterns are numbered by one bit per visit of a 64-bit whole number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectDesign:
    r"""A design written by what belongs to the patient and what belongs to the visit.

    .. math:: x_{ita} = \sum_k L_{atk} u_{ik}

    columns: u, shape (trials or 1, subjects, k).  lift: L, shape (p, visits, k), the same for every patient.
    names: of the p columns.
    """

    columns: Floats
    lift: Floats
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Sums over the patients of each pattern, for trials with as many patterns as each other.

    observed: 1 where the pattern has the visit, shape (trials, patterns, visits).  counts: patients, (trials,
    patterns).  squares: sum of u u', (trials, patterns, k, k).  crosses: sum of u y', (trials, patterns, k,
    visits).  products: sum of y y', (trials, patterns, visits, visits).  lift: (p, visits * k).
    group_of: covariance group of each pattern, (patterns,), ascending.
    """

    observed: Floats
    counts: Floats
    squares: Floats
    crosses: Floats
    products: Floats
    lift: Floats
    group_of: Integers
    groups: int

    def take(self, places: Integers) -> Moments:
        """Return the moments of some of the trials."""
        return Moments(
            observed=self.observed[places],
            counts=self.counts[places],
            squares=self.squares[places],
            crosses=self.crosses[places],
            products=self.products[places],
            lift=self.lift,
            group_of=self.group_of,
            groups=self.groups,
        )


def subject_designs(design: Floats, names: tuple[str, ...]) -> Iterator[tuple[Integers, SubjectDesign]]:
    """Write a plain design as columns of patients, one group of trials for each way of writing it.

    design: shape (trials, subjects, visits, p).  Columns that are equal for every patient of a trial are
    kept once: arm by visit and baseline by visit become 1, arm and baseline.  Yields places of trials and
    their design.
    """
    trials, subjects, visits, count = design.shape
    wide = design.transpose(0, 1, 3, 2).reshape(trials, subjects, count * visits)
    first = _first_equal(wide)
    ways, way_of = np.unique(first, axis=0, return_inverse=True)
    for way, origin in enumerate(ways):
        places = np.flatnonzero(way_of.ravel() == way)
        kept = np.unique(origin[origin >= 0])
        lift = np.zeros((count * visits, kept.size))
        used = origin >= 0
        lift[used, np.searchsorted(kept, origin[used])] = 1.0
        columns = np.ascontiguousarray(wide[places][:, :, kept])
        yield (
            places,
            SubjectDesign(columns=columns, lift=lift.reshape(count, visits, kept.size), names=names),
        )


def _first_equal(wide: Floats) -> Integers:
    """Return for each column the first column equal to it, -1 if it is all zero; shape (trials, columns)."""
    trials, subjects, columns = wide.shape
    key = np.cos(np.arange(1, subjects + 1, dtype=float))  # any fixed vector without structure
    marks = (wide * key[:, None]).sum(axis=1)
    first = np.empty((trials, columns), dtype=np.int64)
    for column in range(columns):
        same = marks[:, : column + 1] == marks[:, column, None]
        candidate = same.argmax(axis=1)
        equal = (wide[np.arange(trials), :, candidate] == wide[:, :, column]).all(axis=1)
        first[:, column] = np.where(equal, candidate, column)
    zero = (wide == 0.0).all(axis=1)
    return np.where(zero, -1, first)


def pattern_codes(values: Floats, groups: Integers) -> Integers:
    """Return a number for the observed visits and group of each patient, -1 for a patient with none.

    values: shape (trials, subjects, visits), NaN where missing.  groups: shape (trials, subjects).
    """
    visits = values.shape[-1]
    if visits > LARGEST_VISITS:
        raise InputError(
            f"There are {visits} visits; at most {LARGEST_VISITS} can be modelled as repeated measures. "
            "Analyse fewer visits."
        )
    seen = ~np.isnan(values)
    code = (seen * (1 << np.arange(visits, dtype=np.int64))).sum(axis=-1)
    return np.where(code > 0, code + (groups << visits), -1)


def buckets(codes: Integers, groups: int, visits: int) -> Iterator[tuple[Integers, Integers]]:
    """Gather trials with as many patterns in each group, so that no trial's sums depend on its neighbours.

    Yields places of trials and their sorted pattern codes, shape (trials of the bucket, patterns).
    """
    lists = [np.unique(row[row >= 0]) for row in codes]
    sizes = np.array([np.bincount(row >> visits, minlength=groups) for row in lists], dtype=np.int64)
    for size in np.unique(sizes, axis=0):
        places = np.flatnonzero((sizes == size).all(axis=1))
        if size.sum() > 0:
            yield places, np.stack([lists[place] for place in places])


def moments(
    values: Floats, columns: Floats, codes: Integers, patterns: Integers, lift: Floats, groups: int
) -> Moments:
    """Sum the products of designs and values over the patients of each pattern.

    values: (trials, subjects, visits), NaN where missing.  columns: u, (trials, subjects, k).  codes: of the
    patients; patterns: of the trials, (trials, patterns).  lift: (p, visits, k).
    """
    trials, subjects, visits = values.shape
    width = columns.shape[-1]
    member = (codes[:, None, :] == patterns[:, :, None]).astype(float)
    joined = np.concatenate([columns, np.where(np.isnan(values), 0.0, values)], axis=-1)
    size = width + visits
    outer = (joined[..., :, None] * joined[..., None, :]).reshape(trials, subjects, size * size)
    sums = (member @ outer).reshape(trials, patterns.shape[1], size, size)
    bits = (patterns[..., None] >> np.arange(visits)) & 1
    return Moments(
        observed=bits.astype(float),
        counts=member.sum(axis=-1),
        squares=np.ascontiguousarray(sums[..., :width, :width]),
        crosses=np.ascontiguousarray(sums[..., :width, width:]),
        products=np.ascontiguousarray(sums[..., width:, width:]),
        lift=lift.reshape(lift.shape[0], visits * width),
        group_of=patterns[0] >> visits,
        groups=groups,
    )
