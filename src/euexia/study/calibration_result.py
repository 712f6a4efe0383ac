"""What a calibration found: prior against posterior, what was not informed, and whether it converged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import NumericalError
from euexia.study.calibration import MOST_STEPS, Calibration

Floats = NDArray[np.float64]

CENTRAL = (0.025, 0.5, 0.975)
MOST_SHRINKAGE = 1.1
"""Greatest ratio of the SD of all draws to that inside an ensemble for which the two count as one."""
MOST_MISSED = 0.5
"""SDs of all errors of a figure by which the emulator may miss it at the posterior, in the mean."""
NOT_INFORMED = 0.9
"""Posterior over prior SD from which on a number counts as not informed by the trials."""
TIED = 0.5
"""Correlation from which on two numbers are said to be told apart badly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """One number, before and after; low and high are 95 % limits, all canonical."""

    name: str
    unit: str
    scale: str
    value: float
    """Of the set that was calibrated."""
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    ratio: float
    """Posterior over prior SD, on the free scale."""
    agreement: float
    """SD of all draws over the SD inside an ensemble; 1 when both ensembles found the same."""

    @property
    def informed(self) -> bool:
        """Return whether the trials said anything of it."""
        return self.ratio < NOT_INFORMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Two numbers that the trials do not tell apart."""

    one: str
    other: str
    correlation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """One target beside what the calibrated model says of it."""

    name: str
    unit: str
    published: float
    error: float
    """All that stands between the model and the figure: sampling, simulation and discrepancy, one SD."""
    after: float
    after_sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything to be said of a calibration."""

    learnt: tuple[Learnt, ...]
    ties: tuple[Tie, ...]
    fits: tuple[Fit, ...]
    faults: tuple[str, ...]
    """Why it did not converge; empty when it did."""
    distance: float
    """Squared distance of the mean prediction from the data, over the number of targets."""
    correlation: Floats

    @property
    def converged(self) -> bool:
        """Return whether it may be installed."""
        return not self.faults

    @property
    def dimensions_informed(self) -> float:
        """Return how many numbers' worth of doubt was taken away: the sum of 1 - (SD ratio)^2."""
        return sum(max(0.0, 1.0 - entry.ratio**2) for entry in self.learnt)


def summarise(calibration: Calibration) -> Summary:
    """Return what a calibration found."""
    free = np.concatenate(calibration.members)
    correlation = np.atleast_2d(np.corrcoef(free, rowvar=False))
    predicted = np.concatenate(calibration.predicted)
    middle = np.nanmean(predicted, axis=0)
    away = np.linalg.solve(np.linalg.cholesky(calibration.data.covariance), middle - calibration.data.value)
    return Summary(
        learnt=tuple(_learnt(calibration, free)),
        ties=tuple(_ties(calibration.prior.names, correlation)),
        fits=tuple(_fits(calibration, predicted)),
        faults=tuple(_faults(calibration)),
        distance=float((away**2).mean()),
        correlation=correlation,
    )


def require_converged(summary: Summary) -> None:
    """Raise NumericalError, which names every fault, for a posterior that did not converge."""
    if summary.faults:
        raise NumericalError(
            "The posterior did not converge, and is not installed: "
            + "; ".join(summary.faults)
            + ". Give more members or more repeats, or calibrate fewer numbers."
        )


def _learnt(calibration: Calibration, free: Floats) -> Iterator[Learnt]:
    from euexia.core.quantities import canonical_unit

    prior = calibration.prior
    reach = prior.sd * 1.959964
    ends = [prior.values(prior.mean + sign * reach) for sign in (-1, 0, 1)]
    quantiles = np.quantile(prior.values(free), CENTRAL, axis=0)
    agreement = _agreement(calibration)
    for place, name in enumerate(prior.names):
        parameter = calibration.parameters[name]
        yield Learnt(
            name=name,
            unit=canonical_unit(parameter.kind),
            scale=prior.scales[place].value,
            value=parameter.value,
            prior=(float(ends[0][place]), float(ends[1][place]), float(ends[2][place])),
            posterior=(
                float(quantiles[0, place]),
                float(quantiles[1, place]),
                float(quantiles[2, place]),
            ),
            ratio=float(free[:, place].std(ddof=1) / prior.sd[place]),
            agreement=float(agreement[place]),
        )


def _agreement(calibration: Calibration) -> Floats:
    inside = np.mean([members.var(axis=0, ddof=1) for members in calibration.members], axis=0)
    overall = np.concatenate(calibration.members).var(axis=0, ddof=1)
    return np.asarray(np.sqrt(overall / inside))


def _ties(names: tuple[str, ...], correlation: Floats) -> Iterator[Tie]:
    pairs = [
        Tie(one=names[row], other=names[column], correlation=float(correlation[row, column]))
        for row in range(len(names))
        for column in range(row + 1, len(names))
        if abs(correlation[row, column]) >= TIED
    ]
    yield from sorted(pairs, key=lambda tie: -abs(tie.correlation))


def _fits(calibration: Calibration, predicted: Floats) -> Iterator[Fit]:
    for place, target in enumerate(calibration.targets):
        yield Fit(
            name=target.name,
            unit=target.unit,
            published=target.value,
            error=sqrt(float(calibration.data.covariance[place, place])),
            after=float(np.nanmean(predicted[:, place])),
            after_sd=float(np.nanstd(predicted[:, place])),
        )


def _emulator_faults(calibration: Calibration) -> Iterator[str]:
    """Yield the figures on which emulator and simulation differ by more than half an SD of all errors."""
    away = np.concatenate(calibration.emulated) - np.concatenate(calibration.predicted)
    scale = np.sqrt(np.diag(calibration.data.covariance))
    for target, miss in zip(calibration.targets, np.nanmean(away, axis=0) / scale, strict=True):
        if abs(miss) > MOST_MISSED:
            yield f"the emulator misses '{target.name}' by {abs(miss):.2f} SDs"


def _faults(calibration: Calibration) -> Iterator[str]:
    yield from _emulator_faults(calibration)
    for number, steps in enumerate(calibration.steps, start=1):
        reached = steps[-1].reached if steps else 0.0
        if reached < 1.0:
            yield f"ensemble {number} came {reached:.0%} of the way in {MOST_STEPS} steps"
    for name, agreement in zip(calibration.prior.names, _agreement(calibration), strict=True):
        if agreement > MOST_SHRINKAGE:
            yield f"the ensembles disagree on '{name}' (SD of all over SD inside {agreement:.2f})"
