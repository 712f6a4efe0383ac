"""What linear and logistic models share: checked data, centred covariates and strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


class Margins(StrEnum):
    """Over which strata least-squares means are averaged."""

    OBSERVED = "observed"
    """Each level of a factor counts as often as it was observed (SAS: OM; emmeans: proportional)."""
    EQUAL = "equal"
    """Each level that was observed counts alike (the default of SAS and of emmeans)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelData:
    """Checked data of a stack, and who has all of it; every array of shape (trials, subjects)."""

    values: Floats
    arm: Integers
    covariates: tuple[Floats, ...]
    factors: tuple[Integers, ...]
    levels: tuple[int, ...]
    """Levels of each factor in the whole stack."""
    known: Flags

    def trials(self, start: int, stop: int) -> ModelData:
        """Return some of the trials."""
        here = slice(start, stop)
        return ModelData(
            values=self.values[here],
            arm=self.arm[here],
            covariates=tuple(covariate[here] for covariate in self.covariates),
            factors=tuple(factor[here] for factor in self.factors),
            levels=self.levels,
            known=self.known[here],
        )

    def without_infinite(self) -> tuple[ModelData, Flags]:
        """Return the data without the trials that hold an infinite value, and which these are."""
        finite = np.isfinite(np.stack([self.values, *self.covariates])).all(axis=0)
        infinite = np.asarray((self.known & ~finite).any(axis=1))
        kept = replace(self, known=self.known & ~infinite[:, np.newaxis])
        return kept, infinite

    def members(self, arms: int) -> list[Floats]:
        """Return the indicator column of each arm."""
        return [(self.known & (self.arm == a)).astype(float) for a in range(arms)]


def prepare(
    values: ArrayLike,
    arm: ArrayLike,
    arms: int,
    covariates: Sequence[ArrayLike],
    factors: Sequence[ArrayLike],
    included: ArrayLike | None,
) -> ModelData:
    """Check the arguments, as described in ``ancova.estimate``, and find out who has all values."""
    y = np.ascontiguousarray(values, dtype=float)
    if y.ndim != 2:
        raise InputError(f"'values' has shape {y.shape}. Give an array of shape (trials, subjects).")
    groups = np.ascontiguousarray(np.broadcast_to(np.asarray(arm, dtype=np.int64), y.shape))
    if groups.max(initial=-1) >= arms:
        raise InputError(f"'arm' holds {groups.max()}, but there are {arms} arms, numbered from 0.")
    x = tuple(np.ascontiguousarray(np.broadcast_to(np.asarray(c, dtype=float), y.shape)) for c in covariates)
    strata = tuple(
        np.ascontiguousarray(np.broadcast_to(np.asarray(f, dtype=np.int64), y.shape)) for f in factors
    )
    known = ~np.isnan(y) & (groups >= 0)
    if included is not None:
        known &= np.asarray(included, dtype=bool)
    for covariate in x:
        known &= ~np.isnan(covariate)
    for factor in strata:
        known &= factor >= 0
    levels = tuple(int(factor.max(initial=-1)) + 1 for factor in strata)
    return ModelData(values=y, arm=groups, covariates=x, factors=strata, levels=levels, known=known)


def centred(column: Floats, known: Flags) -> tuple[Floats, Floats]:
    """Return the column less its mean over those known, 0 elsewhere, and the mean."""
    count = known.sum(axis=1)
    total = np.where(known, column, 0.0).sum(axis=1)
    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    with np.errstate(invalid="ignore"):
        return np.where(known, column - mean[:, np.newaxis], 0.0), mean


def nuisance(data: ModelData, margins: Margins) -> tuple[list[Floats], Floats]:
    """Return the centred columns of strata, then covariates, and their sums of squares before centring."""
    known = data.known
    columns: list[Floats] = []
    scale: list[Floats] = []
    for factor, size in zip(data.factors, data.levels, strict=True):
        members = [(known & (factor == level)).astype(float) for level in range(size)]
        counts = np.stack([member.sum(axis=1) for member in members], axis=1)
        weights = counts if margins is Margins.OBSERVED else (counts > 0).astype(float)
        shares = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1.0)
        columns += [
            np.where(known, member - shares[:, place, np.newaxis], 0.0)
            for place, member in enumerate(members)
        ]
        scale += members
    columns += [centred(covariate, known)[0] for covariate in data.covariates]
    scale += [np.where(known, covariate, 0.0) for covariate in data.covariates]
    squares = [(column**2).sum(axis=1) for column in scale]
    return columns, np.stack(squares, axis=1) if squares else np.zeros((known.shape[0], 0))
