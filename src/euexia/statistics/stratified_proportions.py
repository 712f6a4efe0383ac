"""Two arms' responses within strata: Mantel-Haenszel methods and stratified intervals, for a stack of trials.

Counts are arrays of shape (trials, strata): responders and patients of the treated arm, then of the control.
Strata without patients in both arms hold no comparison and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, chdtri, ndtr, ndtri

from euexia.core.errors import InputError
from euexia.statistics.diagnosis import Codes, Diagnosis, first_of
from euexia.statistics.proportion_intervals import restricted_rates, wilson

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiSquare:
    """A chi-square test per trial; every array of shape (trials,)."""

    statistic: Floats
    freedom: Floats
    p_value: Floats
    diagnosis: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimate with its interval per trial; every array of shape (trials,)."""

    estimate: Floats
    error: Floats
    """Standard error: of the logarithm for a ratio; NaN for intervals that have none."""
    low: Floats
    high: Floats
    p_value: Floats
    diagnosis: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Two-by-two tables of the strata; counts are 0 in a stratum that holds no comparison."""

    x1: Floats
    n1: Floats
    x0: Floats
    n0: Floats

    @property
    def total(self) -> Floats:
        """Return N of each stratum, 1 where it is empty, so that it can divide."""
        return np.maximum(self.n1 + self.n0, 1.0)

    @property
    def weights(self) -> Floats:
        """Return the Mantel-Haenszel weights n1 n0 / N."""
        return self.n1 * self.n0 / self.total

    @property
    def comparable(self) -> Flags:
        """Return in which trials some stratum holds both arms."""
        return np.asarray(self.weights.sum(axis=1) > 0)

    @property
    def rates(self) -> tuple[Floats, Floats]:
        """Return the rates of both arms, 0 where the stratum is empty."""
        return self.x1 / np.maximum(self.n1, 1.0), self.x0 / np.maximum(self.n0, 1.0)


def tables(count: ArrayLike, size: ArrayLike, control_count: ArrayLike, control_size: ArrayLike) -> Tables:
    """Check the counts and return them, each of shape (trials, strata)."""
    parts = np.broadcast_arrays(
        *(np.asarray(part, dtype=float) for part in (count, size, control_count, control_size))
    )
    x1, n1, x0, n0 = (np.ascontiguousarray(np.atleast_2d(part)) for part in parts)
    for responders, patients in ((x1, n1), (x0, n0)):
        if not ((responders >= 0) & (responders <= patients) & np.isfinite(patients)).all():
            raise InputError("Responders must be between 0 and the number of patients, in every stratum.")
    both = (n1 > 0) & (n0 > 0)
    x1, n1, x0, n0 = (np.where(both, part, 0.0) for part in (x1, n1, x0, n0))
    return Tables(x1=x1, n1=n1, x0=x0, n0=n0)


def stratum_counts(
    response: ArrayLike, treated: ArrayLike, controls: ArrayLike, stratum: ArrayLike, strata: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return responders and patients of both arms per stratum, each of shape (trials, strata).

    response: 1 for a response, 0 for none, NaN where unknown, shape (trials, subjects).  stratum: 0..
    strata - 1, negative where none.
    """
    y, place = np.asarray(response, dtype=float), np.asarray(stratum)
    counts = []
    for members in (np.asarray(treated, dtype=bool), np.asarray(controls, dtype=bool)):
        here = [members & ~np.isnan(y) & (place == level) for level in range(strata)]
        counts.append(np.stack([(group & (y >= 1)).sum(axis=1) for group in here], axis=1).astype(float))
        counts.append(np.stack([group.sum(axis=1) for group in here], axis=1).astype(float))
    return counts[0], counts[1], counts[2], counts[3]


def cmh(
    count: ArrayLike,
    size: ArrayLike,
    control_count: ArrayLike,
    control_size: ArrayLike,
    *,
    correct: bool = False,
) -> ChiSquare:
    r"""Test conditional independence of arm and response by Cochran, Mantel and Haenszel.

    .. math:: \frac{(|\sum_h x_{1h} - n_{1h} m_h / N_h| - c)^2}
              {\sum_h n_{1h} n_{0h} m_h (N_h - m_h) / [N_h^2 (N_h - 1)]}

    with m the responders of both arms and c 1/2 (at most the difference) if corrected, else 0.
    Source: Mantel and Haenszel, Journal of the National Cancer Institute 1959;22:719-748.
    """
    data = tables(count, size, control_count, control_size)
    m, n = data.x1 + data.x0, data.total
    gap = np.abs((data.x1 - data.n1 * m / n).sum(axis=1))
    variance = (data.n1 * data.n0 * m * (n - m) / (n**2 * np.maximum(n - 1.0, 1.0))).sum(axis=1)
    informative = variance > 0
    if correct:
        gap = gap - np.minimum(0.5, gap)
    statistic = np.divide(gap**2, variance, out=np.full_like(gap, np.nan), where=informative)
    return ChiSquare(
        statistic=statistic,
        freedom=np.where(informative, 1.0, np.nan),
        p_value=np.asarray(chdtrc(1.0, statistic)),
        diagnosis=_informed(data, np.asarray(informative)),
    )


def mantel_haenszel_difference(
    count: ArrayLike, size: ArrayLike, control_count: ArrayLike, control_size: ArrayLike, level: float
) -> Estimate:
    r"""Return the Mantel-Haenszel risk difference with Sato's variance.

    .. math:: \hat\delta = \frac{\sum w_h (p_{1h} - p_{0h})}{\sum w_h}, \quad w_h = n_{1h} n_{0h} / N_h, \quad
              \mathrm{Var} = \frac{\hat\delta \sum P_h + \sum Q_h}{(\sum w_h)^2}

    .. math:: P_h = \frac{n_{1h}^2 x_{0h} - n_{0h}^2 x_{1h} + n_{1h} n_{0h} (n_{0h} - n_{1h}) / 2}{N_h^2},
              \quad Q_h = \frac{x_{1h} (n_{0h} - x_{0h}) + x_{0h} (n_{1h} - x_{1h})}{2 N_h}

    The variance holds for few large and for many small strata.
    Source: Sato, Biometrics 1989;45:1323-1324 (with Greenland and Robins, Biometrics 1985;41:55-68).
    """
    data = tables(count, size, control_count, control_size)
    x1, n1, x0, n0, n = data.x1, data.n1, data.x0, data.n0, data.total
    weight = _positive(data.weights.sum(axis=1))
    difference = ((x1 * n0 - x0 * n1) / n).sum(axis=1) / weight
    p = (n1**2 * x0 - n0**2 * x1 + n1 * n0 * (n0 - n1) / 2.0) / n**2
    q = (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2.0 * n)
    variance = (difference * p.sum(axis=1) + q.sum(axis=1)) / weight**2
    error = np.sqrt(np.maximum(variance, 0.0))
    return _wald(difference, error, level, _informed(data, np.asarray(error > 0)))


def mantel_haenszel_odds_ratio(
    count: ArrayLike, size: ArrayLike, control_count: ArrayLike, control_size: ArrayLike, level: float
) -> Estimate:
    r"""Return the Mantel-Haenszel common odds ratio with the variance of Robins, Breslow and Greenland.

    .. math:: \hat\psi = \frac{\sum R_h}{\sum S_h}, \quad R_h = x_{1h} (n_{0h} - x_{0h}) / N_h, \quad
              S_h = x_{0h} (n_{1h} - x_{1h}) / N_h

    .. math:: \mathrm{Var} \log\hat\psi = \frac{\sum P R}{2 (\sum R)^2}
              + \frac{\sum (P S + Q R)}{2 \sum R \sum S} + \frac{\sum Q S}{2 (\sum S)^2}

    with P and Q the shares of concordant and discordant patients.  NaN where no interval exists.
    Source: Robins, Breslow and Greenland, Biometrics 1986;42:311-323.
    """
    data = tables(count, size, control_count, control_size)
    n = data.total
    r, s = data.x1 * (data.n0 - data.x0) / n, data.x0 * (data.n1 - data.x1) / n
    p = (data.x1 + data.n0 - data.x0) / n
    q = 1.0 - p
    r_sum, s_sum = _positive(r.sum(axis=1)), _positive(s.sum(axis=1))
    ratio = r_sum / s_sum
    variance = (
        (p * r).sum(axis=1) / (2.0 * r_sum**2)
        + (p * s + q * r).sum(axis=1) / (2.0 * r_sum * s_sum)
        + (q * s).sum(axis=1) / (2.0 * s_sum**2)
    )
    log = _wald(np.log(ratio), np.sqrt(variance), level, _informed(data, ~np.isnan(ratio)))
    return Estimate(
        estimate=ratio,
        error=log.error,
        low=np.exp(log.low),
        high=np.exp(log.high),
        p_value=log.p_value,
        diagnosis=log.diagnosis,
    )


def miettinen_nurminen_stratified(
    count: ArrayLike, size: ArrayLike, control_count: ArrayLike, control_size: ArrayLike, level: float
) -> Estimate:
    r"""Return the stratified score interval of a common risk difference, Mantel-Haenszel weights.

    .. math:: \{\delta : \frac{[\sum_h w_h (p_{1h} - p_{0h} - \delta)]^2}{\sum_h w_h^2 V_h(\delta)}
              \le \chi^2_{1 - \alpha}\}

    .. math:: \tfrac{N_h - 1}{N_h} V_h = \tilde p_1 (1 - \tilde p_1) / n_1 + \tilde p_0 (1 - \tilde p_0) / n_0

    where the tilde is the stratum's maximum of the likelihood under p1 - p0 = delta.  The p-value is that of
    the score test of delta = 0.  Source: Miettinen and Nurminen, Statistics in Medicine 1985;4:213-226.
    """
    data = tables(count, size, control_count, control_size)
    weight = data.weights / _positive(data.weights.sum(axis=1))[:, np.newaxis]
    p1, p0 = data.rates
    estimate = (weight * (p1 - p0)).sum(axis=1)

    def score(difference: Floats) -> Floats:
        variance = (weight**2 * _restricted_variance(data, difference[:, np.newaxis])).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((estimate - difference) / np.sqrt(variance))

    critical = float(np.sqrt(chdtri(1, 1.0 - level)))
    limits = []
    for end in (-1.0, 1.0):
        inner, outer = estimate, np.full_like(estimate, end)
        for _ in range(_HALVINGS):
            middle = (inner + outer) / 2.0
            beyond = np.abs(score(middle)) > critical
            inner, outer = np.where(beyond, inner, middle), np.where(beyond, middle, outer)
        limits.append(np.where(data.comparable, outer, np.nan))
    zero = score(np.zeros_like(estimate))
    unmoved = data.comparable & (estimate == 0)
    return Estimate(
        estimate=estimate,
        error=np.full_like(estimate, np.nan),
        low=limits[0],
        high=limits[1],
        p_value=np.where(unmoved, 1.0, 2.0 * ndtr(-np.abs(zero))),
        diagnosis=_informed(data, data.comparable),
    )


def newcombe_stratified(
    count: ArrayLike, size: ArrayLike, control_count: ArrayLike, control_size: ArrayLike, level: float
) -> Estimate:
    r"""Return the stratified Newcombe interval of the risk difference, Mantel-Haenszel weights.

    .. math:: L = \hat\delta - z \sqrt{\lambda_1 L_1 (1 - L_1) + \lambda_0 U_0 (1 - U_0)}, \quad
              U = \hat\delta + z \sqrt{\lambda_1 U_1 (1 - U_1) + \lambda_0 L_0 (1 - L_0)}

    with :math:`\lambda_a = \sum_h w_h^2 / n_{ah}` and the stratified Wilson limits L and U of each arm: the
    weighted sum of the strata's Wilson limits at the common quantile

    .. math:: q = z \sqrt{\sum w_h^2 s_h^2} / \sum w_h s_h, \quad s_h = \sqrt{p_h (1 - p_h) / n_h}

    (with :math:`s_h = n_h^{-1/2}` where every rate is 0 or 1).
    Source: Yan and Su, Statistics in Biopharmaceutical Research 2010;2:392-399.
    """
    data = tables(count, size, control_count, control_size)
    weight = data.weights / _positive(data.weights.sum(axis=1))[:, np.newaxis]
    z = float(ndtri((1.0 + level) / 2.0))
    p1, p0 = data.rates
    low1, high1, share1 = _stratified_wilson(data.x1, data.n1, weight, z)
    low0, high0, share0 = _stratified_wilson(data.x0, data.n0, weight, z)
    difference = (weight * (p1 - p0)).sum(axis=1)
    below = np.sqrt(share1 * low1 * (1.0 - low1) + share0 * high0 * (1.0 - high0))
    above = np.sqrt(share1 * high1 * (1.0 - high1) + share0 * low0 * (1.0 - low0))
    unknown = np.full_like(difference, np.nan)
    return Estimate(
        estimate=difference,
        error=unknown,
        low=difference - z * below,
        high=difference + z * above,
        p_value=unknown,
        diagnosis=_informed(data, data.comparable),
    )


def _stratified_wilson(x: Floats, n: Floats, weight: Floats, z: float) -> tuple[Floats, Floats, Floats]:
    """Return the stratified Wilson limits of one arm's rate, and the sum of squared weights over sizes."""
    size = np.maximum(n, 1.0)
    p = x / size
    variance = np.where(n > 0, p * (1.0 - p) / size, 0.0)
    certain = (variance == 0).all(axis=1, keepdims=True)
    variance = np.where(certain, np.where(n > 0, 1.0 / size, 0.0), variance)
    weighted = np.where(n > 0, weight, 0.0)
    quantile = (
        z
        * np.sqrt((weighted**2 * variance).sum(axis=1))
        / _positive((weighted * np.sqrt(variance)).sum(axis=1))
    )
    level = 1.0 - 2.0 * ndtr(-quantile)[:, np.newaxis]
    low, high = wilson(np.where(n > 0, x, 0.0), size, level)
    unknown = np.isnan(quantile)
    low, high = ((weighted * limit).sum(axis=1) for limit in (low, high))
    share = (weighted**2 / size).sum(axis=1)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high), share


def _restricted_variance(data: Tables, difference: Floats) -> Floats:
    """Return the variance of each stratum's difference in rates under the given common difference."""
    both = data.n1 > 0
    n1, n0 = np.maximum(data.n1, 1.0), np.maximum(data.n0, 1.0)
    p1, p0 = restricted_rates(np.broadcast_to(difference, n1.shape), data.x1, n1, data.x0, n0)
    total = n1 + n0
    variance = (p1 * (1.0 - p1) / n1 + p0 * (1.0 - p0) / n0) * total / (total - 1.0)
    return np.where(both, np.maximum(variance, 0.0), 0.0)


def _positive(values: Floats) -> Floats:
    """Return values, NaN where they are not above 0."""
    return np.where(values > 0, values, np.nan)


def _informed(data: Tables, informative: Flags) -> Codes:
    return first_of(
        (data.n1.sum(axis=1) + data.n0.sum(axis=1) == 0, Diagnosis.NO_INFORMATIVE_STRATUM),
        (~informative, Diagnosis.NO_INFORMATIVE_STRATUM),
    )


def _wald(estimate: Floats, error: Floats, level: float, diagnosis: Codes) -> Estimate:
    known = diagnosis == Diagnosis.FINE
    error = np.where(known, error, np.nan)
    half = float(ndtri((1.0 + level) / 2.0)) * error
    return Estimate(
        estimate=estimate,
        error=error,
        low=estimate - half,
        high=estimate + half,
        p_value=2.0 * ndtr(-np.abs(estimate / error)),
        diagnosis=diagnosis,
    )
