"""Two arms and one covariate: the analysis of covariance in closed form, for a stack of trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FLAT = 1e-12
"""Baselines whose squares within the arms sum to less than this share of all squares are all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """A baseline-adjusted difference per trial: estimate, standard error, degrees of freedom, slope."""

    difference: Floats
    error: Floats
    freedom: Floats
    slope: Floats


def adjusted_difference(change: Floats, baseline: Floats, treated: Flags, controls: Flags) -> Adjusted:
    r"""Return the difference in mean change between two arms at equal baseline, in every trial.

    .. math:: b = S_{xy} / S_{xx}, \quad d = (\bar y_1 - \bar y_0) - b (\bar x_1 - \bar x_0), \quad
              s^2 = \frac{S_{yy} - b S_{xy}}{n_1 + n_0 - 3}, \quad
              \mathrm{se}^2 = s^2 [1/n_1 + 1/n_0 + (\bar x_1 - \bar x_0)^2 / S_{xx}]

    with sums of squares S within the arms: least squares of y ~ arm + x in closed form.  Where all baselines
    are the same the slope cannot be told and the plain difference is returned, with one more degree of
    freedom. change, baseline: y and x, shape (trials, subjects).  treated, controls: who is analysed in each
    arm.
    """
    change, baseline = np.ascontiguousarray(change), np.ascontiguousarray(baseline)
    treated, controls = np.ascontiguousarray(treated), np.ascontiguousarray(controls)
    sums = np.zeros((3, change.shape[0]))
    means = []
    for members in (treated, controls):
        y, x = _mean(change, members), _mean(baseline, members)
        dy = np.where(members, change - y[:, np.newaxis], 0.0)
        dx = np.where(members, baseline - x[:, np.newaxis], 0.0)
        sums += np.stack([(dx * dx).sum(axis=1), (dx * dy).sum(axis=1), (dy * dy).sum(axis=1)])
        means.append((y, x))
    sxx, sxy, syy = sums
    squares = np.where(treated | controls, baseline**2, 0.0).sum(axis=1)
    sloping = sxx > FLAT * squares
    slope = np.divide(sxy, sxx, out=np.zeros_like(sxx), where=sloping)
    (y1, x1), (y0, x0) = means
    n1, n0 = treated.sum(axis=1).astype(float), controls.sum(axis=1).astype(float)
    freedom = n1 + n0 - np.where(sloping, 3.0, 2.0)
    residual = np.maximum(syy - slope * sxy, 0.0)
    variance = np.divide(residual, freedom, out=np.full_like(residual, np.nan), where=freedom > 0)
    lever = np.divide((x1 - x0) ** 2, sxx, out=np.zeros_like(sxx), where=sloping)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(variance * (1.0 / n1 + 1.0 / n0 + lever))
    return Adjusted(
        difference=(y1 - y0) - slope * np.where(sloping, x1 - x0, 0.0),
        error=error,
        freedom=freedom,
        slope=slope,
    )


def t_p_value(fit: Adjusted, freedom: Floats, alternative: Alternative) -> Floats:
    """Return the p-value of no difference; 1 where neither a difference nor any spread was seen."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where((fit.difference == 0) & (fit.error == 0), 0.0, fit.difference / fit.error)
    below = stdtr(freedom, t)
    if alternative is Alternative.GREATER:
        return np.asarray(stdtr(freedom, -t))
    if alternative is Alternative.LESS:
        return np.asarray(below)
    return np.asarray(2.0 * stdtr(freedom, -np.abs(t)))


def mean_and_sd(values: Floats, members: Flags) -> tuple[Floats, Floats]:
    """Return mean and standard deviation (n - 1) of the members per trial; NaN where they cannot be told."""
    values, members = np.ascontiguousarray(values), np.ascontiguousarray(members)
    mean = _mean(values, members)
    squares = np.where(members, (values - mean[:, np.newaxis]) ** 2, 0.0).sum(axis=1)
    freedom = members.sum(axis=1) - 1.0
    variance = np.divide(squares, freedom, out=np.full_like(squares, np.nan), where=freedom > 0)
    return mean, np.sqrt(variance)


def _mean(values: Floats, members: Flags) -> Floats:
    total = np.where(members, values, 0.0).sum(axis=1)
    count = members.sum(axis=1).astype(float)
    return np.asarray(np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0))
