"""Patients from a population: every characteristic is a pure function of (seed, trial, candidate)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from euexia.core.streams import Purpose, uniform
from euexia.criteria.laboratory import creatinine_clearance
from euexia.population.copula import joint_draw
from euexia.population.distribution import Distribution, category_at, standardise, value_at
from euexia.population.spec import LIMITED, Column, Formula, PopulationSpec, with_what_they_need

Floats = NDArray[np.float64]
_CM_PER_M = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Patients as columns of equal shape, in canonical units."""

    columns: Mapping[str, Floats]

    def __getitem__(self, name: str) -> Floats:
        """Return one column."""
        return self.columns[name]

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of every column."""
        return next(iter(self.columns.values())).shape

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> Population:
        """Return the patients at an index or mask along the (flattened) first axis."""
        return Population(columns={name: column[index] for name, column in self.columns.items()})


def join(parts: list[Population]) -> Population:
    """Return the patients of several populations, one after the other (columns of one axis)."""
    names = parts[0].columns
    return Population(columns={name: np.concatenate([part[name] for part in parts]) for name in names})


def _numbers(column: Column, male: Floats | None) -> dict[str, Floats | float]:
    men: dict[str, Floats | float] = dict(column.numbers())
    if not column.women or male is None:
        return men
    women = column.numbers(women=True)
    return {name: np.where(male == 1, men[name], women[name]) for name in men}


def _truncate(column: Column, numbers: Mapping[str, Floats | float], uniforms: Floats) -> Floats:
    """Return latent numbers inside the column's limits, keeping the distribution's shape between them."""
    lowest = (
        0.0
        if column.low is None
        else ndtr(standardise(column.distribution, numbers, float(np.min(numbers["low"]))))
    )
    highest = (
        1.0
        if column.high is None
        else ndtr(standardise(column.distribution, numbers, float(np.max(numbers["high"]))))
    )
    return np.asarray(ndtri(lowest + uniforms * (highest - lowest)))


def _derive(formula: Formula, columns: Mapping[str, Floats]) -> Floats:
    match formula:
        case Formula.WEIGHT_FROM_BODY_MASS_INDEX:
            return np.asarray(columns["body_mass_index"] * (columns["height"] / _CM_PER_M) ** 2)
        case Formula.COCKCROFT_GAULT:
            return creatinine_clearance(
                columns["creatinine"], columns["weight"], columns["age"], columns["male"]
            )
        case _:
            assert_never(formula)


def _latent(
    column: Column, numbers: Mapping[str, Floats | float], uniforms: Floats, latents: Mapping[str, Floats]
) -> Floats:
    """Return the latent number of a column: its own draw, mixed with the column it is correlated with."""
    limited = column.distribution in LIMITED and (column.low is not None or column.high is not None)
    if column.correlated is not None:
        shared = column.correlated.coefficient
        mixed = shared * latents[column.correlated.column] + np.sqrt(1 - shared**2) * ndtri(uniforms)
        if not limited:
            return np.asarray(mixed)
        uniforms = ndtr(mixed)
    return _truncate(column, numbers, uniforms) if limited else np.asarray(ndtri(uniforms))


def sample(
    spec: PopulationSpec,
    seed: int,
    trial: ArrayLike,
    candidate: ArrayLike,
    *,
    only: Collection[str] | None = None,
) -> Population:
    """Sample the candidates at the given addresses.

    trial, candidate: integers of broadcastable shapes; every column has the broadcast shape.  A candidate's
    columns depend on the seed, the trial and the candidate alone.  only: leave out columns but these (and
    those from which they are made); what is sampled is the same as without.
    """
    shape = np.broadcast_shapes(np.shape(trial), np.shape(candidate))
    wanted = spec.columns.keys() if only is None else with_what_they_need(spec, only)

    def draw(column: Column) -> Floats:
        return uniform(seed, Purpose.PATIENT, trial, candidate, 0, column.number)

    return Population(columns=_columns(spec, joint_draw(spec, draw), {}, wanted, shape))


def at_quantiles(
    spec: PopulationSpec,
    quantiles: Mapping[str, Floats],
    known: Mapping[str, Floats],
    *,
    only: Collection[str],
) -> Population:
    """Return the patients at given places of the population's distributions.

    quantiles: numbers in (0, 1) for each column that is drawn, shape (patients,).  known: columns whose
    values are given instead.  only: leave out columns but these and those from which they are made.
    """
    shape = np.broadcast_shapes(*(values.shape for values in (*quantiles.values(), *known.values())))
    names = {column.number: name for name, column in spec.columns.items()}
    wanted = with_what_they_need(spec, only)
    return Population(
        columns=_columns(
            spec, joint_draw(spec, lambda column: quantiles[names[column.number]]), known, wanted, shape
        )
    )


def _columns(
    spec: PopulationSpec,
    draw: Callable[[Column], Floats],
    known: Mapping[str, Floats],
    wanted: Collection[str],
    shape: tuple[int, ...],
) -> dict[str, Floats]:
    columns: dict[str, Floats] = {}
    latents: dict[str, Floats] = {}
    for name, column in spec.columns.items():
        if name not in wanted:
            continue
        if name in known:
            columns[name] = np.broadcast_to(known[name], shape)
            continue
        if column.formula is not None:
            columns[name] = _derive(column.formula, columns)
            continue
        if column.distribution is Distribution.CONSTANT:
            columns[name] = value_at(column.distribution, column.numbers(), np.zeros(shape))
            continue
        numbers = _numbers(column, columns.get("male"))
        latents[name] = _latent(column, numbers, draw(column), latents)
        if column.distribution is Distribution.CATEGORICAL:
            columns[name] = category_at(
                np.asarray(column.categories()), np.asarray(column.shares), latents[name]
            )
        else:
            columns[name] = value_at(column.distribution, numbers, latents[name])
    return columns
