"""Cells of subjects that are imputed alike, and the linear map from what is known to what is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.imputation_data import STRATEGIES, LongitudinalTrials, Strategy
from euexia.statistics.imputation_model import ModelFits
from euexia.statistics.imputation_moments import pattern_codes, visits_of
from euexia.statistics.reference_based import joint_covariance, joint_mean, regression_on_observed

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Subjects of one arm with the same event, strategy and visits observed."""

    arm: int
    strategy: Strategy
    event: int
    observed: tuple[int, ...]

    def missing(self, visits: int) -> tuple[int, ...]:
        """Return the visits to be imputed."""
        return tuple(visit for visit in range(visits) if visit not in self.observed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The cells of a stack of trials; the same order whatever the stack."""

    cells: tuple[Cell, ...]
    place: Integers
    """Cell of each subject, -1 where there is no subject; shape (trials, subjects)."""
    rows: Floats
    """(outcomes, design) of each subject, zero where missing; shape (trials, subjects, visits + columns)."""


def cells_of(trials: LongitudinalTrials) -> Cells:
    """Sort the subjects of a stack into cells."""
    visits = trials.visits
    observed = trials.observed
    pattern = pattern_codes(observed)
    key = ((trials.arm * len(STRATEGIES) + trials.strategy) * (visits + 1) + trials.event) * (
        1 << visits
    ) + pattern
    key = np.where(trials.arm >= 0, key, -1)
    keys = [int(found) for found in np.unique(key) if found >= 0]
    place = np.full(key.shape, -1)
    for number, found in enumerate(keys):
        place[key == found] = number
    rows = np.concatenate([np.where(observed, trials.outcome, 0.0), trials.design], axis=2)
    return Cells(cells=tuple(_cell(found, visits) for found in keys), place=place, rows=rows)


def _cell(key: int, visits: int) -> Cell:
    rest, pattern = divmod(key, 1 << visits)
    rest, event = divmod(rest, visits + 1)
    arm, strategy = divmod(rest, len(STRATEGIES))
    return Cell(arm=arm, strategy=STRATEGIES[strategy], event=event, observed=visits_of(pattern, visits))


def distribution(cell: Cell, fits: ModelFits, reference: int) -> tuple[Floats, Floats]:
    """Return the coefficients of the mean, (fits, visits, columns), and the covariance under the strategy."""
    coefficients, covariance = fits.coefficients, fits.covariance
    common = covariance.shape[1] == 1
    own, other = (0, 0) if common else (cell.arm, reference)
    as_reference = coefficients.copy()
    as_reference[:, :, cell.arm] = coefficients[:, :, reference]
    mean = joint_mean(coefficients, as_reference, cell.event, cell.strategy)
    return mean, joint_covariance(covariance[:, own], covariance[:, other], cell.event, cell.strategy)


def completion(cell: Cell, fits: ModelFits, reference: int) -> tuple[Floats, Floats]:
    """Return the linear map from a subject's row to all visits, and the covariance of what was missing.

    The map, shape (fits, visits, visits + columns), gives observed visits back and the conditional mean of
    the others.  It is used for rows of this cell's arm only.
    """
    visits = fits.coefficients.shape[1]
    mean, covariance = distribution(cell, fits, reference)
    weights, residual = regression_on_observed(covariance, cell.observed)
    shift = mean - np.matmul(weights, mean)
    seen = list(cell.observed)
    shift[:, seen] = 0.0
    weights[:, seen, seen] = 1.0
    assert weights.shape[1] == visits
    return np.concatenate([weights, shift], axis=2), residual
