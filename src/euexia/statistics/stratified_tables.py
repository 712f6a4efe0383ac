"""Tables of arms by categories within strata: generalised CMH tests and homogeneity of odds ratios."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from euexia.core.errors import InputError
from euexia.statistics.diagnosis import Codes, Diagnosis, first_of
from euexia.statistics.least_squares import multiply, sweep
from euexia.statistics.stratified_proportions import ChiSquare, Tables, tables

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def general_association(counts: ArrayLike) -> ChiSquare:
    r"""Test independence of arm and category, given the strata, against any association.

    .. math:: G = \sum_h (n_h - m_h), \quad m_{hab} = \frac{n_{ha\cdot} n_{h\cdot b}}{N_h}, \quad
              V = \sum_h \frac{N_h^2}{N_h - 1} (\mathrm{diag}\,p_h - p_h p_h^\top) \otimes
              (\mathrm{diag}\,q_h - q_h q_h^\top), \quad \chi^2 = G^\top V^- G

    with p and q the shares of the arms and of the categories.  counts: n, shape (trials, strata, arms,
    categories).  Source: Landis, Heyman and Koch, International Statistical Review 1978;46:237-254.
    """
    return _association(counts, None)


def mean_score_association(counts: ArrayLike, scores: ArrayLike) -> ChiSquare:
    """Test that arms have the same mean score of ordered categories, given the strata.

    counts: as in ``general_association``.  scores: of the categories, shape (categories,).
    """
    return _association(counts, np.asarray(scores, dtype=float))


def _association(counts: ArrayLike, scores: Floats | None) -> ChiSquare:
    n = np.ascontiguousarray(counts, dtype=float)
    if n.ndim != 4:
        raise InputError(f"'counts' has shape {n.shape}. Give (trials, strata, arms, categories).")
    if not (np.isfinite(n) & (n >= 0)).all():
        raise InputError("A count is negative or not a number.")
    weights = np.eye(n.shape[3]) if scores is None else scores[np.newaxis]
    trials, _, arms, _ = n.shape
    width = arms * weights.shape[0]
    gap, variance = np.zeros((trials, width)), np.zeros((trials, width, width))
    for stratum in np.moveaxis(n, 1, 0):
        total = stratum.sum(axis=(1, 2))
        size = np.maximum(total, 1.0)[:, np.newaxis]
        p, q = stratum.sum(axis=2) / size, stratum.sum(axis=1) / size
        expected = total[:, np.newaxis, np.newaxis] * p[:, :, np.newaxis] * q[:, np.newaxis, :]
        gap += _weighted(stratum - expected, weights).reshape(trials, width)
        spread = _weighted(_weighted(_multinomial(q), weights).swapaxes(1, 2), weights)
        factor = total**2 / np.maximum(total - 1.0, 1.0)
        crossed = _multinomial(p)[:, :, np.newaxis, :, np.newaxis] * spread[:, np.newaxis, :, np.newaxis, :]
        variance += factor[:, np.newaxis, np.newaxis] * crossed.reshape(trials, width, width)
    inverse, kept = sweep(variance, np.diagonal(variance, axis1=1, axis2=2))
    freedom = kept.sum(axis=1).astype(float)
    informative = np.asarray(freedom > 0)
    statistic = np.where(informative, (gap * multiply(inverse, gap)).sum(axis=1), np.nan)
    return _chi_square(statistic, freedom, informative)


def breslow_day(
    count: ArrayLike,
    size: ArrayLike,
    control_count: ArrayLike,
    control_size: ArrayLike,
    *,
    tarone: bool = True,
) -> ChiSquare:
    r"""Test that the odds ratio is the same in all strata.

    .. math:: \sum_h \frac{(x_{1h} - a_h)^2}{v_h} - \frac{[\sum_h (x_{1h} - a_h)]^2}{\sum_h v_h}, \quad
              v_h^{-1} = a_h^{-1} + (n_{1h} - a_h)^{-1} + (m_h - a_h)^{-1} + (n_{0h} - m_h + a_h)^{-1}

    with a the count expected at the Mantel-Haenszel odds ratio and m the stratum's responders; the second
    term is Tarone's correction.  Strata without both outcomes are left out.
    Sources: Breslow and Day, Statistical Methods in Cancer Research I, IARC 1980, section 4.4; Tarone,
    Biometrika 1985;72:91-95.
    """
    data = tables(count, size, control_count, control_size)
    n = data.total
    r = (data.x1 * (data.n0 - data.x0) / n).sum(axis=1)
    s = (data.x0 * (data.n1 - data.x1) / n).sum(axis=1)
    ratio = np.where((r > 0) & (s > 0), r / np.where(s > 0, s, 1.0), np.nan)
    m = data.x1 + data.x0
    told = (m > 0) & (m < data.n1 + data.n0)
    expected = np.where(told, _expected(data, m, ratio[:, np.newaxis]), 1.0)
    cells = [expected, data.n1 - expected, m - expected, data.n0 - m + expected]
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(told, 1.0 / sum((1.0 / cell for cell in cells), np.zeros_like(m)), 0.0)
    gap = np.where(told, data.x1 - expected, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(told, gap**2 / variance, 0.0).sum(axis=1)
        if tarone:
            statistic = statistic - gap.sum(axis=1) ** 2 / variance.sum(axis=1)
    freedom = told.sum(axis=1) - 1.0
    return _chi_square(statistic, freedom, np.asarray((freedom > 0) & ~np.isnan(ratio)))


def _expected(data: Tables, m: Floats, ratio: Floats) -> Floats:
    """Return the responders of the treated arm with these margins and odds ratio: the quadratic's root."""
    a = 1.0 - ratio
    b = data.n0 - m + ratio * (data.n1 + m)
    c = -ratio * data.n1 * m
    root = np.sqrt(np.maximum(b**2 - 4.0 * a * c, 0.0))
    # The form that stays exact when the odds ratio is 1 and the equation is linear.
    return np.asarray(-2.0 * c / np.where(b + root > 0, b + root, np.nan))


def _multinomial(shares: Floats) -> Floats:
    return (
        shares[:, :, np.newaxis] * np.eye(shares.shape[1])
        - shares[:, :, np.newaxis] * shares[:, np.newaxis, :]
    )


def _weighted(matrices: Floats, weights: Floats) -> Floats:
    """Return the last axis in units of the weights, shape (trials, rows, weights)."""
    return np.stack([(matrices * weight).sum(axis=2) for weight in weights], axis=2)


def _chi_square(statistic: Floats, freedom: Floats, informative: Flags) -> ChiSquare:
    statistic = np.where(informative, statistic, np.nan)
    codes: Codes = first_of((~informative, Diagnosis.NO_INFORMATIVE_STRATUM))
    return ChiSquare(
        statistic=statistic,
        freedom=np.where(informative, freedom, np.nan),
        p_value=np.asarray(chdtrc(np.where(informative, freedom, 1.0), statistic)),
        diagnosis=codes,
    )
