"""Factors, covariates and their interactions as columns of a design, named as a statistician would name them.

A factor within a term is coded by indicators of all its levels but the first if the model has the term
without it, and of all its levels otherwise; so an interaction whose main effects are left out stays complete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

INTERCEPT = "intercept"
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A categorical variable; the first level is the reference."""

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A model of the mean: an intercept and terms, each a set of variables multiplied with each other."""

    terms: tuple[tuple[str, ...], ...]
    factors: Mapping[str, Factor]
    covariates: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return (INTERCEPT, *(name for term in self.terms for name, _ in self._columns(term)))

    @property
    def owners(self) -> tuple[str, ...]:
        """Return the term of each column, its variables joined by ':'."""
        return (INTERCEPT, *(":".join(term) for term in self.terms for _ in self._columns(term)))

    def coded_in_full(self, term: tuple[str, ...], factor: str) -> bool:
        """Return whether the factor needs all its levels in this term, as the term without it is absent."""
        rest = frozenset(term) - {factor}
        return bool(rest) and rest not in {frozenset(other) for other in self.terms}

    def matrix(self, values: Mapping[str, Floats | Integers], *, centred: bool = False) -> Floats:
        """Return the columns, shape (..., p).

        values: of each variable, for factors the place of the level, arrays of one shape.  centred: code
        the levels by indicators less their mean over the levels.
        """
        shape = np.broadcast_shapes(*(np.shape(value) for value in values.values())) if values else ()
        parts = [np.ones(shape)]
        for term in self.terms:
            for _, levels in self._columns(term):
                column = np.ones(shape)
                for variable, level in zip(term, levels, strict=True):
                    column = column * self._variable(term, variable, level, values[variable], centred=centred)
                parts.append(column)
        return np.stack(parts, axis=-1)

    def hypotheses(self, term: tuple[str, ...]) -> Floats:
        """Return the combinations of coefficients that a type III test says are zero, shape (q, p).

        They are the term's coefficients when indicators are taken less their mean over the levels, that is,
        differences from the reference level averaged over the other factors' levels with equal weights.
        """
        grid = self._grid()
        plain, centred = self.matrix(grid), self.matrix(grid, centred=True)
        turned, _, rank, _ = np.linalg.lstsq(centred, plain, rcond=None)
        if rank < plain.shape[1]:
            raise InputError(
                f"The terms {[':'.join(name) for name in self.terms]} overlap, so that type III tests are "
                "not defined. Leave out what is entered twice."
            )
        turned[np.abs(turned) < _NOTHING] = 0.0
        owner = ":".join(term)
        return np.asarray(turned[[place for place, name in enumerate(self.owners) if name == owner]])

    def _columns(self, term: tuple[str, ...]) -> list[tuple[str, tuple[int, ...]]]:
        choices, labels = [], []
        for variable in term:
            if variable in self.factors:
                levels = self.factors[variable].levels
                first = 0 if self.coded_in_full(term, variable) else 1
                choices.append(range(first, len(levels)))
                labels.append({place: f"{variable}[{level}]" for place, level in enumerate(levels)})
            else:
                choices.append(range(1))
                labels.append({0: variable})
        return [
            (":".join(label[place] for label, place in zip(labels, places, strict=True)), places)
            for places in product(*choices)
        ]

    def _variable(
        self, term: tuple[str, ...], variable: str, level: int, values: Floats | Integers, *, centred: bool
    ) -> Floats:
        if variable not in self.factors:
            return np.asarray(values, dtype=float)
        indicator = np.asarray(values == level, dtype=float)
        if centred and not self.coded_in_full(term, variable):
            return np.asarray(indicator - 1.0 / len(self.factors[variable].levels))
        return indicator

    def _grid(self) -> dict[str, Floats | Integers]:
        """Return every combination of levels, with covariates scattered enough to tell terms apart."""
        sizes = [len(factor.levels) for factor in self.factors.values()]
        places = np.array(list(product(*(range(size) for size in sizes))), dtype=np.int64)
        repeats = 1 + 2 * len(self.covariates)
        places = np.tile(places.reshape(-1, len(sizes)), (repeats, 1))
        grid: dict[str, Floats | Integers] = {
            name: places[:, column] for column, name in enumerate(self.factors)
        }
        rows = np.arange(places.shape[0], dtype=float)
        for place, name in enumerate(self.covariates):
            grid[name] = np.cos((place + 1.0) * (rows + 1.0) ** 1.5)
        return grid


def read_terms(terms: Sequence[str], factors: Mapping[str, Sequence[str]]) -> Terms:
    """Return the model that terms such as "arm", "baseline" and "arm:visit" describe.

    factors: levels of each categorical variable, the reference first; any other variable is a covariate.
    """
    read = tuple(tuple(part.strip() for part in term.split(":")) for term in terms)
    for term, text in zip(read, terms, strict=True):
        if not all(term) or len(set(term)) != len(term):
            raise InputError(f"'{text}' is not a term. Write 'a', or 'a:b' for the interaction of a and b.")
    if len({frozenset(term) for term in read}) != len(read):
        raise InputError(f"A term is entered twice in {list(terms)}. Leave one out.")
    known = {}
    for name, levels in factors.items():
        labels = tuple(str(level) for level in levels)
        if len(set(labels)) != len(labels) or len(labels) < 2:
            raise InputError(f"Factor '{name}' has levels {list(labels)}. Give at least two different ones.")
        known[name] = Factor(name=name, levels=labels)
    used = tuple(dict.fromkeys(variable for term in read for variable in term))
    return Terms(
        terms=read,
        factors={name: known[name] for name in used if name in known},
        covariates=tuple(name for name in used if name not in known),
    )
