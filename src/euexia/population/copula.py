r"""Columns that go together: a Gaussian copula over the places of a population's distributions.

A rank correlation of Spearman becomes a correlation of latent normal numbers,

.. math:: r = 2 \sin(\pi \varrho_S / 6)

(Pearson 1907).  With :math:`R = L L^T`, column i is drawn at :math:`\Phi(\sum_j L_{ij} z_j)` where z_j is the
column's own draw.  The margins stay as they are; without correlations not one bit differs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from euexia.core.errors import InputError
from euexia.population.spec import Column, PopulationSpec, RankCorrelation

Floats = NDArray[np.float64]
Draw = Callable[[Column], Floats]


def joint_draw(spec: PopulationSpec, draw: Draw) -> Draw:
    """Return what gives each column its place in (0, 1), from what gives each an independent one."""
    if not spec.joint:
        return draw
    members = joined(spec)
    factor = factor_of(spec.joint, members)
    columns = [spec.columns[name] for name in members]
    place = {column.number: index for index, column in enumerate(columns)}

    def together(column: Column) -> Floats:
        row = place.get(column.number)
        if row is None:
            return draw(column)
        latent = sum(factor[row, index] * ndtri(draw(columns[index])) for index in range(row + 1))
        return np.asarray(ndtr(latent))

    return together


def joined(spec: PopulationSpec) -> tuple[str, ...]:
    """Return the columns that go together, in the order of the population."""
    named = {name for entry in spec.joint for name in entry.columns}
    return tuple(name for name in spec.columns if name in named)


@lru_cache
def factor_of(joint: tuple[RankCorrelation, ...], members: tuple[str, ...]) -> Floats:
    """Return the lower triangular factor of the latent correlations; raise InputError if there is none."""
    latent = np.eye(len(members))
    for entry in joint:
        one, other = (members.index(name) for name in entry.columns)
        latent[one, other] = latent[other, one] = 2 * np.sin(np.pi * entry.rank / 6)
    try:
        return np.asarray(np.linalg.cholesky(latent), dtype=np.float64)
    except np.linalg.LinAlgError:
        least = float(np.linalg.eigvalsh(latent)[0])
        raise InputError(
            f"The rank correlations of {', '.join(members)} contradict each other (least eigenvalue "
            f"{least:.3f}). Make some of them weaker."
        ) from None
