"""Cumulative incidence with competing events, and cause-specific hazards, for a stack of trials."""

# ruff: noqa: PT028 - the function called test is a statistical one

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from euexia.core.errors import InputError
from euexia.statistics import cox, log_rank
from euexia.statistics.kaplan_meier import Interval, limits
from euexia.statistics.partial_likelihood import Ties, residuals, trials
from euexia.statistics.small_matrices import inverse, quadratic_form
from euexia.statistics.survival_diagnosis import Diagnosis, check_level
from euexia.statistics.survival_times import Integers, Ordered, at, codes, lifetimes, ordered, stack

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidence:
    """Cumulative incidence per cause; shape (trials, causes, subjects), in the order of time.

    Subjects with the same time hold the same values, those after all of them have left; NaN pads the end.
    """

    time: Floats
    """Shape (trials, subjects), as is the survival."""
    survival: Floats
    """Free of every cause."""
    incidence: Floats
    error: Floats
    low: Floats
    high: Floats
    hazard: Floats
    """Cumulative cause-specific hazard (Nelson and Aalen)."""
    level: float
    diagnosis: tuple[Diagnosis, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidenceTest:
    """Test of equal cumulative incidence in all groups, shape (trials,)."""

    statistic: Floats
    """Chi-squared."""
    freedom: int
    p_value: Floats
    z: Floats
    """Of group 1, positive when it has more of the events; NaN for more than two groups."""
    diagnosis: tuple[Diagnosis, ...]


def estimate(
    time: ArrayLike,
    cause: ArrayLike,
    causes: int | None = None,
    level: float = 0.95,
    interval: Interval = Interval.LOG_LOG,
) -> Incidence:
    r"""Return the Aalen-Johansen estimate of the cumulative incidence of each cause.

    .. math:: \hat F_k(t) = \sum_{t_i \le t} \hat S(t_{i-1}) \frac{d_{ki}}{n_i}, \quad
              \widehat{\mathrm{var}} = \sum_{t_i \le t} (F_k(t) - F_k(t_i))^2 \frac{d_i}{n_i (n_i - d_i)}
              + \hat S(t_{i-1})^2 \frac{d_{ki} (n_i - d_{ki})}{n_i^3}
              - 2 (F_k(t) - F_k(t_i)) \hat S(t_{i-1}) \frac{d_{ki}}{n_i^2}

    time: shape (subjects,) or (trials, subjects), NaN where there is no such subject.  cause: 0 where
    censored, else 1 .. ``causes``.  Limits are those of 1 - F on the chosen scale.  Give one arm at a time.
    Source: Aalen and Johansen, Scandinavian Journal of Statistics 1978;5:141-150; variance by the delta
    method: Marubini and Valsecchi, Analysing Survival Data from Clinical Trials and Observational Studies
    1995, chapter 10.
    """
    check_level(level)
    times = stack(time, "time")
    kind = codes(cause, "cause", ~np.isnan(times))
    number = max(1, int(kind.max(initial=0))) if causes is None else causes
    if kind.max(initial=0) > number:
        raise InputError(f"'cause' goes up to {kind.max()}, but there are {number} causes.")
    lives = lifetimes(times, kind > 0)
    data = ordered(lives)
    sorted_kind = np.take_along_axis(kind, data.order, axis=1)
    survival, parts = _incidences(data, sorted_kind, number)
    incidence, variance, hazard = (np.stack(part, axis=1) for part in zip(*parts, strict=True))
    blank = np.where(data.inside, 0.0, np.nan)
    error = np.sqrt(np.maximum(variance, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = limits(1.0 - incidence, error / (1.0 - incidence), level, interval)
    each = blank[:, np.newaxis, :]
    return Incidence(
        time=data.time,
        survival=survival + blank,
        incidence=incidence + each,
        error=error + each,
        low=1.0 - high + each,
        high=1.0 - low + each,
        hazard=hazard + each,
        level=level,
        diagnosis=lives.findings.diagnoses,
    )


def _incidences(
    data: Ordered, kind: Integers, number: int
) -> tuple[Floats, list[tuple[Floats, Floats, Floats]]]:
    """Return survival, and incidence, variance and cumulative hazard of every cause."""
    at_risk = np.maximum(data.at_risk, 1.0)
    ends = data.inside & (np.arange(data.time.shape[1]) == data.last)
    events = np.where(ends, data.in_tie(data.event.astype(float)), 0.0)
    survival = at(np.asarray(np.cumprod(1.0 - events / at_risk, axis=1), dtype=float), data.last)
    before = np.concatenate([np.ones_like(survival[:, :1]), survival[:, :-1]], axis=1)
    earlier = at(before, data.first)
    left = at_risk - events
    spread = np.where(left > 0, events / (at_risk * np.where(left > 0, left, 1.0)), 0.0)
    results = []
    for cause in range(1, number + 1):
        own = np.where(ends, data.in_tie((data.event & (kind == cause)).astype(float)), 0.0)
        share = own / at_risk
        curve = at(np.cumsum(earlier * share, axis=1), data.last)
        slope = earlier * share / at_risk
        jump = earlier**2 * own * (at_risk - own) / at_risk**3
        # (F(t) - F_i)^2 a_i - 2 (F(t) - F_i) b_i summed up to t, as polynomials in F(t).
        squares, crosses = np.cumsum(spread, axis=1), np.cumsum(spread * curve + slope, axis=1)
        rest = np.cumsum(spread * curve**2 + 2.0 * slope * curve + jump, axis=1)
        variance = at(curve**2 * squares - 2.0 * curve * crosses + rest, data.last)
        results.append((curve, variance, at(np.cumsum(share, axis=1), data.last)))
    return survival, results


def cause_specific_log_rank(
    time: ArrayLike, cause: ArrayLike, group: ArrayLike, of: int, strata: ArrayLike | None = None
) -> log_rank.LogRank:
    """Test whether the cause-specific hazards of the groups are the same; other causes count as censoring.

    Arguments as for ``estimate`` and ``log_rank.test``.  of: the cause, from 1.
    """
    return log_rank.test(time, np.asarray(cause) == of, group, strata)


def cause_specific_cox(
    time: ArrayLike,
    cause: ArrayLike,
    covariates: ArrayLike,
    of: int,
    strata: ArrayLike | None = None,
    *,
    ties: Ties = Ties.EFRON,
    level: float = 0.95,
) -> cox.CoxFit:
    """Regress the hazard of one cause; other causes count as censoring.

    Arguments as for ``estimate`` and ``cox.fit``.  of: the cause, from 1.
    """
    return cox.fit(time, np.asarray(cause) == of, covariates, strata, ties=ties, level=level)


def fine_gray(
    time: ArrayLike,
    cause: ArrayLike,
    covariates: ArrayLike,
    of: int,
    strata: ArrayLike | None = None,
    *,
    ties: Ties = Ties.BRESLOW,
    level: float = 0.95,
) -> cox.CoxFit:
    r"""Regress the cumulative incidence of one cause on covariates (subdistribution hazards).

    .. math:: 1 - F(t \mid x) = (1 - F_0(t))^{\exp(x'\beta)}, \quad
              w_j(t) = \frac{\hat G(t-)}{\hat G(T_j-)} \text{ after a competing event of } j \text{ at } T_j

    G is the probability not yet to be censored, of the stratum if strata are given.  The errors are robust
    over subjects and take the weights as known.  A ratio above 1 says that more have had the event by any
    time, not that it comes at a higher rate.  Arguments as for ``cause_specific_cox``.  Source: Fine and
    Gray, Journal of the American Statistical Association 1999;94:496-509.
    """
    check_level(level)
    causes = np.asarray(cause)
    lives, values, stratum = cox.checked(time, causes == of, covariates, strata)
    kinds = codes(causes, "cause", lives.inside)
    rivals = lives.inside & (kinds > 0) & (kinds != of)
    return cox.regress(lives, values, stratum, rivals, ties=ties, robust=True, level=level)


def test(
    time: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike,
    of: int,
    strata: ArrayLike | None = None,
    *,
    groups: int | None = None,
) -> IncidenceTest:
    r"""Test whether the cumulative incidence of one cause is the same in all groups.

    .. math:: U = \sum_j u_j, \quad \chi^2 = U' \Bigl(\sum_j u_j u_j'\Bigr)^{-1} U

    with u_j the score residuals of Fine and Gray's model of the groups at no effect: what Gray's test
    compares, with the robust variance.  group: numbered from 0, of ``groups`` groups.  Arguments otherwise
    as for ``fine_gray``.  Source: Gray, Annals of Statistics 1988;16:1141-1154; variance: Lin and Wei,
    Journal of the American Statistical Association 1989;84:1074-1078.
    """
    causes = np.asarray(cause)
    lives = lifetimes(time, causes == of)
    number, kinds = codes(group, "group", lives.inside), codes(causes, "cause", lives.inside)
    size = max(2, int(number.max(initial=0)) + 1) if groups is None else groups
    if number.max(initial=0) >= size:
        raise InputError(f"There are {size} groups: number them 0 to {size - 1}.")
    members = (number[:, :, np.newaxis] == np.arange(size)) & lives.inside[:, :, np.newaxis]
    findings = lives.findings
    findings.note(~members.any(axis=1).all(axis=1), Diagnosis.ONE_ARM)
    findings.note(~lives.event.any(axis=1), Diagnosis.NO_EVENTS)
    stratum = None if strata is None else codes(strata, "strata", lives.inside)
    rivals = lives.inside & (kinds > 0) & (kinds != of)
    data = trials(ordered(lives, stratum), members[:, :, 1:].astype(float), Ties.BRESLOW, rivals)
    score = residuals(data, np.zeros(data.scale.shape)).score
    total = score.sum(axis=1)
    inverted, regular = inverse(np.einsum("tnj,tnk->tjk", score, score, optimize=False))
    findings.note(~regular, Diagnosis.NO_VARIANCE)
    statistic = quadratic_form(inverted, total) + np.where(findings.sound, 0.0, np.nan)
    z = np.sign(total[:, 0]) * np.sqrt(statistic)
    return IncidenceTest(
        statistic=statistic,
        freedom=size - 1,
        p_value=np.asarray(chdtrc(size - 1, statistic), dtype=float),
        z=z if size == 2 else np.full_like(z, np.nan),
        diagnosis=findings.diagnoses,
    )
