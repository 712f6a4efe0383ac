"""Log-rank tests of k arms, weighted and stratified, for a whole stack of trials at once."""

# ruff: noqa: PT028 - the function called test is a statistical one

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from euexia.core.errors import InputError
from euexia.statistics.small_matrices import inverse, quadratic_form
from euexia.statistics.survival_diagnosis import Diagnosis, Findings
from euexia.statistics.survival_times import Lifetimes, Ordered, codes, lifetimes, ordered

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

_CHUNK = 100_000
"""Subjects handled at a time: few enough to stay in the processor's cache."""


class Weights(StrEnum):
    """Which times count most."""

    LOG_RANK = "log_rank"
    """All alike."""
    GEHAN = "gehan"
    """The number at risk (Gehan and Breslow)."""
    TARONE_WARE = "tarone_ware"
    """The root of the number at risk."""
    PETO = "peto"
    """Peto and Peto's survival, prod(1 - d / (n + 1))."""
    FLEMING_HARRINGTON = "fleming_harrington"
    """S(t-)^rho (1 - S(t-))^gamma with the pooled Kaplan-Meier curve of the stratum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRank:
    """Observed against expected events; groups along the second axis."""

    observed: Floats
    """Weighted events, shape (trials, groups)."""
    expected: Floats
    covariance: Floats
    """Of observed minus expected, shape (trials, groups, groups)."""
    statistic: Floats
    """Chi-squared, shape (trials,)."""
    freedom: int
    p_value: Floats
    z: Floats
    """Observed minus expected of group 1 over its standard error; NaN for more than two groups.

    Negative when group 1 has fewer events than expected.
    """
    trend: Floats
    """z of the trend over the groups' scores, shape (trials,)."""
    trend_p_value: Floats
    diagnosis: tuple[Diagnosis, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    observed: Floats
    expected: Floats
    covariance: Floats


def test(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    strata: ArrayLike | None = None,
    *,
    groups: int | None = None,
    weights: Weights = Weights.LOG_RANK,
    rho: float = 0.0,
    gamma: float = 0.0,
    scores: ArrayLike | None = None,
) -> LogRank:
    r"""Test whether the hazards of the groups are the same.

    .. math:: U_g = \sum_s \sum_i w_i \Bigl(d_{gi} - d_i \frac{n_{gi}}{n_i}\Bigr), \quad
              V_{gh} = \sum_s \sum_i w_i^2 \frac{d_i (n_i - d_i)}{n_i - 1}
              \frac{n_{gi}}{n_i} \Bigl(\delta_{gh} - \frac{n_{hi}}{n_i}\Bigr), \quad
              \chi^2 = U' V^{-} U

    with one group left out; the trend is c'U / sqrt(c'Vc).  time, event, group, strata: shape (subjects,) or
    (trials, subjects); NaN time where there is no such subject.  group: numbered from 0, of ``groups``
    groups.  scores: c, one per group; 0, 1, 2, ... unless given.  rho, gamma: of Fleming and Harrington.
    Source: Mantel, Cancer Chemotherapy Reports 1966;50:163-170; weights: Fleming and Harrington 1991;
    textbook.
    """
    lives = lifetimes(time, event)
    number = codes(group, "group", lives.inside)
    stratum = None if strata is None else codes(strata, "strata", lives.inside)
    size = max(2, int(number.max(initial=0)) + 1) if groups is None else groups
    score = np.arange(size, dtype=float) if scores is None else np.asarray(scores, dtype=float)
    if score.shape != (size,) or number.max(initial=0) >= size:
        raise InputError(f"There are {size} groups: number them 0 to {size - 1}, and give {size} scores.")
    sums = _in_chunks(lives, number, stratum, size, (weights, rho, gamma))
    findings = lives.findings
    members = np.stack([(lives.inside & (number == g)).any(axis=1) for g in range(size)], axis=1)
    findings.note(~members.all(axis=1), Diagnosis.ONE_ARM)
    findings.note(~lives.event.any(axis=1), Diagnosis.NO_EVENTS)
    return _result(sums, score, findings)


def _in_chunks(
    lives: Lifetimes,
    number: Integers,
    stratum: Integers | None,
    size: int,
    weighing: tuple[Weights, float, float],
) -> _Sums:
    trials, subjects = lives.time.shape
    step = max(1, _CHUNK // max(1, subjects * size))
    parts = []
    for begin in range(0, trials, step):
        some = slice(begin, begin + step)
        part = Lifetimes(
            time=lives.time[some],
            event=lives.event[some],
            inside=lives.inside[some],
            findings=lives.findings,
        )
        data = ordered(part, None if stratum is None else stratum[some])
        parts.append(_sums(data, data.sort(number[some]), size, weighing))
    return _Sums(
        observed=np.concatenate([part.observed for part in parts]),
        expected=np.concatenate([part.expected for part in parts]),
        covariance=np.concatenate([part.covariance for part in parts]),
    )


def _sums(
    data: Ordered, number: NDArray[np.generic], size: int, weighing: tuple[Weights, float, float]
) -> _Sums:
    """Return the sums over events: every event of a tie adds its share, so that no tie is taken apart."""
    at_risk = np.maximum(data.at_risk, 1.0)
    event = data.event.astype(float)
    events = data.in_tie(event)
    weight = _weights(data, at_risk, events, weighing) * event
    spread = weight * weight * (at_risk - events) / np.maximum(at_risk - 1.0, 1.0)
    member = [data.inside & (number == g) for g in range(size)]
    share = [data.still_at_risk(m.astype(float)) / at_risk for m in member]
    covariance = np.empty((event.shape[0], size, size))
    for g in range(size):
        for h in range(g, size):
            entry = (spread * share[g] * ((1.0 if g == h else 0.0) - share[h])).sum(axis=1)
            covariance[:, g, h] = covariance[:, h, g] = entry
    return _Sums(
        observed=np.stack([(weight * m).sum(axis=1) for m in member], axis=1),
        expected=np.stack([(weight * s).sum(axis=1) for s in share], axis=1),
        covariance=covariance,
    )


def _weights(
    data: Ordered, at_risk: Floats, events: Floats, weighing: tuple[Weights, float, float]
) -> Floats:
    weights, rho, gamma = weighing
    match weights:
        case Weights.LOG_RANK:
            return np.ones_like(at_risk)
        case Weights.GEHAN:
            return at_risk
        case Weights.TARONE_WARE:
            return np.sqrt(at_risk)
        case Weights.PETO:
            steps = _log_steps(data, events, at_risk + 1.0)
            return np.asarray(np.exp(data.up_to(steps)), dtype=float)
        case Weights.FLEMING_HARRINGTON:
            survival = np.exp(data.before(_log_steps(data, events, at_risk)))
            return np.asarray(survival**rho * np.maximum(1.0 - survival, 0.0) ** gamma, dtype=float)
        case _:
            assert_never(weights)


def _log_steps(data: Ordered, events: Floats, at_risk: Floats) -> Floats:
    """Return log(1 - d/n) at the end of each tie; 0 where all have gone: nobody is at risk afterwards."""
    ends = data.inside & (np.arange(data.time.shape[1]) == data.last) & (events < at_risk)
    return np.log1p(np.where(ends, -events / at_risk, 0.0))


def _result(sums: _Sums, score: Floats, findings: Findings) -> LogRank:
    excess = sums.observed - sums.expected
    inverted, regular = inverse(sums.covariance[:, 1:, 1:])
    findings.note(~regular, Diagnosis.NO_VARIANCE)
    sound = findings.sound
    blank = np.where(sound, 0.0, np.nan)
    statistic = quadratic_form(inverted, excess[:, 1:]) + blank
    variance = np.einsum("g,tgh,h->t", score, sums.covariance, score, optimize=False)
    with np.errstate(divide="ignore", invalid="ignore"):
        trend = (excess * score).sum(axis=1) / np.sqrt(variance) + blank
        z = excess[:, 1] / np.sqrt(sums.covariance[:, 1, 1]) + blank
    freedom = score.size - 1
    return LogRank(
        observed=sums.observed + blank[:, np.newaxis],
        expected=sums.expected + blank[:, np.newaxis],
        covariance=sums.covariance + blank[:, np.newaxis, np.newaxis],
        statistic=statistic,
        freedom=freedom,
        p_value=np.asarray(chdtrc(freedom, statistic), dtype=float),
        z=z if freedom == 1 else np.full_like(z, np.nan),
        trend=trend,
        trend_p_value=np.asarray(chdtrc(1, trend * trend), dtype=float),
        diagnosis=findings.diagnoses,
    )
