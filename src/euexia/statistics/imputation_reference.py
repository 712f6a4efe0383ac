"""Imputation as the textbook tells it, slow and plain: what the fast methods are held to.

One data set, one subject after the other, loops and matrix inverses; nothing is shared with the fast methods
but the names of the strategies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.imputation_data import Strategy

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """One trial: values (subjects, visits) with NaN, covariates (subjects, k), arm, event visit."""

    values: Floats
    covariates: Floats
    """Each with its own coefficient at every visit."""
    arm: Integers
    event: Integers
    strategy: Strategy
    reference: int = 0
    treated: int = 1

    def without(self, subject: int) -> DataSet:
        """Return the data set without one subject."""
        left = np.arange(self.arm.size) != subject
        return DataSet(
            values=self.values[left],
            covariates=self.covariates[left],
            arm=self.arm[left],
            event=self.event[left],
            strategy=self.strategy,
            reference=self.reference,
            treated=self.treated,
        )


def design_row(arm: int, arms: int, covariates: Floats) -> Floats:
    """Return (indicator of each arm, covariates)."""
    return np.concatenate([np.arange(arms) == arm, covariates])


def modelled_values(data: DataSet) -> Floats:
    """Return the values that inform the model: those from the event on are left out unless at random."""
    values = data.values.copy()
    if data.strategy is not Strategy.MISSING_AT_RANDOM:
        for subject, event in enumerate(data.event):
            values[subject, event:] = np.nan
    return values


def fit_by_em(
    data: DataSet, *, restricted: bool = True, iterations: int = 5000, tolerance: float = 1e-10
) -> tuple[Floats, Floats]:
    r"""Return B (visits, columns) and the common covariance by expectation and maximisation.

    Every step fills the expected residual products of each subject,

    .. math:: E[r_i r_i^\top | y_{o}] = \hat r_i \hat r_i^\top + \Sigma_{m|o} \;
              (+ \mathrm{var}\, \hat r_i \text{ from estimating } B \text{ under restriction})

    with r the residuals completed by regression, and takes their mean.
    """
    values = modelled_values(data)
    informed = np.flatnonzero(~np.isnan(values).all(axis=1))
    arms, visits = int(data.arm.max()) + 1, values.shape[1]
    rows = [design_row(int(data.arm[i]), arms, data.covariates[i]) for i in range(data.arm.size)]
    covariance = np.eye(visits) * np.nanvar(values)
    for _ in range(iterations):
        coefficients, uncertainty = least_squares(values, rows, informed, covariance)
        total = np.zeros((visits, visits))
        for i in informed:
            seen, gone = ~np.isnan(values[i]), np.isnan(values[i])
            weight = np.zeros((visits, visits))
            weight[:, seen] = covariance[:, seen] @ np.linalg.inv(covariance[np.ix_(seen, seen)])
            residual = np.where(seen, values[i] - coefficients @ rows[i], 0.0)
            filled = weight @ residual
            total += np.outer(filled, filled)
            if restricted:
                across = np.kron(np.eye(visits), rows[i])
                total += weight @ (across @ uncertainty @ across.T) @ weight.T
            total[np.ix_(gone, gone)] += (covariance - weight @ covariance)[np.ix_(gone, gone)]
        new = total / informed.size
        done = np.abs(new - covariance).max() <= tolerance * np.abs(new).max()
        covariance = new
        if done:
            break
    coefficients, _ = least_squares(values, rows, informed, covariance)
    return coefficients, covariance


def least_squares(
    values: Floats, rows: list[Floats], informed: NDArray[np.intp], covariance: Floats
) -> tuple[Floats, Floats]:
    """Return the generalised least squares B and the covariance of its rows put one after another."""
    visits, columns = values.shape[1], rows[0].size
    normal, right = np.zeros((visits * columns, visits * columns)), np.zeros(visits * columns)
    for i in informed:
        seen = ~np.isnan(values[i])
        design = np.kron(np.eye(visits), rows[i])[seen]
        precision = np.linalg.inv(covariance[np.ix_(seen, seen)])
        normal += design.T @ precision @ design
        right += design.T @ precision @ values[i, seen]
    inverse = np.linalg.inv(normal)
    return (inverse @ right).reshape(visits, columns), inverse


def subject_distribution(
    data: DataSet, subject: int, coefficients: Floats, covariance: Floats
) -> tuple[Floats, Floats]:
    """Return mean and covariance of one subject's visits under the strategy, one covariance for all arms."""
    arms, visits = int(data.arm.max()) + 1, coefficients.shape[0]
    own = coefficients @ design_row(int(data.arm[subject]), arms, data.covariates[subject])
    other = coefficients @ design_row(data.reference, arms, data.covariates[subject])
    event = int(data.event[subject])
    mean = own.copy()
    for visit in range(visits):
        if data.strategy is Strategy.COPY_REFERENCE or (
            visit >= event and data.strategy is Strategy.JUMP_TO_REFERENCE
        ):
            mean[visit] = other[visit]
        elif visit >= event and data.strategy is Strategy.COPY_INCREMENTS:
            mean[visit] = other[visit] + (own[event - 1] - other[event - 1] if event else 0.0)
        elif visit >= event and data.strategy is Strategy.LAST_MEAN_CARRIED_FORWARD:
            mean[visit] = own[event - 1]
    return mean, covariance


def conditional_means(data: DataSet, coefficients: Floats, covariance: Floats) -> Floats:
    """Return the values with what is missing replaced by its mean given what was observed."""
    completed = data.values.copy()
    for subject in range(data.arm.size):
        gone = np.isnan(data.values[subject])
        mean, spread = subject_distribution(data, subject, coefficients, covariance)
        if gone.all():
            completed[subject] = mean
        elif gone.any():
            slope = spread[np.ix_(gone, ~gone)] @ np.linalg.inv(spread[np.ix_(~gone, ~gone)])
            completed[subject, gone] = mean[gone] + slope @ (data.values[subject] - mean)[~gone]
    return completed


def ancova_difference(data: DataSet, outcome: Floats) -> float:
    """Return treated - reference by least squares on arms and covariates."""
    arms = int(data.arm.max()) + 1
    design = np.array([design_row(int(a), arms, x) for a, x in zip(data.arm, data.covariates, strict=True)])
    coefficients = np.linalg.lstsq(design, outcome, rcond=None)[0]
    return float(coefficients[data.treated] - coefficients[data.reference])


def conditional_mean_estimate(data: DataSet, *, restricted: bool = True) -> float:
    """Return the difference at the last visit after imputation by conditional means."""
    coefficients, covariance = fit_by_em(data, restricted=restricted)
    return ancova_difference(data, conditional_means(data, coefficients, covariance)[:, -1])


def jackknife(data: DataSet, *, restricted: bool = True) -> tuple[float, float, Floats]:
    """Return estimate, jackknife standard error and the estimates without each subject."""
    size = data.arm.size
    without = np.array(
        [conditional_mean_estimate(data.without(k), restricted=restricted) for k in range(size)]
    )
    error = np.sqrt((size - 1) / size * ((without - without.mean()) ** 2).sum())
    return conditional_mean_estimate(data, restricted=restricted), float(error), without


def rubin(estimates: Floats, variances: Floats, complete_freedom: float) -> tuple[float, float, float]:
    """Return estimate, standard error and Barnard-Rubin degrees of freedom, number by number."""
    many = len(estimates)
    centre = sum(estimates) / many
    within = sum(variances) / many
    between = sum((one - centre) ** 2 for one in estimates) / (many - 1)
    total = within + between + between / many
    share = (between + between / many) / total
    old = (many - 1) / share**2
    seen = (complete_freedom + 1) / (complete_freedom + 3) * complete_freedom * (1 - share)
    return float(centre), float(total**0.5), float(old * seen / (old + seen))


def monotone_draw(data: DataSet, random: np.random.Generator) -> Floats:
    r"""Return one completed data set at random for monotone dropout, visit after visit.

    Each visit is regressed on design and earlier visits; variance and coefficients are drawn from their
    posterior under a flat prior, :math:`\sigma^2 = RSS / \chi^2_{n-p}`, and missing values from the
    regression: exact and independent draws, which data augmentation must agree with.
    Source: Rubin, Multiple Imputation for Nonresponse in Surveys, Wiley 1987, 166-167.
    """
    arms = int(data.arm.max()) + 1
    rows = np.array([design_row(int(a), arms, x) for a, x in zip(data.arm, data.covariates, strict=True)])
    completed = data.values.copy()
    for visit in range(completed.shape[1]):
        seen = ~np.isnan(data.values[:, visit])
        design = np.concatenate([rows, completed[:, :visit]], axis=1)
        inverse = np.linalg.inv(design[seen].T @ design[seen])
        centre = inverse @ design[seen].T @ data.values[seen, visit]
        squares = ((data.values[seen, visit] - design[seen] @ centre) ** 2).sum()
        variance = squares / random.chisquare(seen.sum() - design.shape[1])
        drawn = random.multivariate_normal(centre, variance * inverse)
        completed[~seen, visit] = design[~seen] @ drawn + random.normal(0.0, variance**0.5, (~seen).sum())
    return completed
