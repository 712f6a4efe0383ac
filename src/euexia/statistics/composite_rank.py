"""Survival and function in one rank: the dead below all survivors, in the order of their deaths."""

# ruff: noqa: PT028 - the function called test is a statistical one

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError
from euexia.statistics.normal_tests import normal_p_value, on_inverse_tanh_scale
from euexia.statistics.survival_diagnosis import Diagnosis, Findings, check_level
from euexia.statistics.survival_times import codes, stack

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeRank:
    """Wilcoxon's test of the composite and how often the treated fare better; shape (trials,)."""

    theta: Floats
    """P(treated better) - P(treated worse)."""
    error: Floats
    low: Floats
    high: Floats
    p_value: Floats
    """Of theta = 0 with its own error, which also holds where the arms' spreads differ."""
    rank_sum: Floats
    """Of the treated, mid-ranks for ties."""
    z: Floats
    """Wilcoxon's, with the variance under equality of both arms, corrected for ties."""
    wilcoxon_p_value: Floats
    deaths: Floats
    """Of controls and treated, shape (trials, 2)."""
    unknown: Floats
    """Survivors without a function, who are left out; controls and treated, shape (trials, 2)."""
    rank: Floats
    """Of every patient among all, low is bad; shape (trials, subjects), NaN where left out."""
    level: float
    diagnosis: tuple[Diagnosis, ...]


def test(
    death_time: ArrayLike,
    died: ArrayLike,
    function: ArrayLike,
    group: ArrayLike,
    *,
    tied_deaths: bool = False,
    higher_is_better: bool = True,
    continuity: bool = False,
    level: float = 0.95,
) -> CompositeRank:
    r"""Compare two arms by the rank of death time for the dead and of function for survivors.

    .. math:: \theta = P(Y_1 > Y_0) - P(Y_1 < Y_0), \quad \hat\theta = \frac{2}{m}
              \Bigl(\bar R_1 - \frac{n + 1}{2}\Bigr) - 1

    with n treated of mean rank R-bar and m controls; its variance is that of a two-sample U-statistic, as in
    ``win_statistics``, and its interval is made on the scale of artanh theta.  death_time: used for the dead
    only.  died: 1 or 0; NaN where there is no such patient.  function: used for survivors only; a survivor
    without it is left out and counted.  All have shape (subjects,) or (trials, subjects).  group: 1 for the
    treated, 0 for controls.  tied_deaths: all the dead share the lowest rank.  continuity: move the rank sum
    by a half, as R's wilcox.test does unless told not to.  Source: Lachin, Controlled Clinical Trials
    1999;20:408-422; theta: Wang, Scharfstein, Colantuoni, Girard and Yan, Biometrics 2017;73:431-440.
    """
    check_level(level)
    death = stack(died, "died")
    when, able = stack(death_time, "death_time", death.shape), stack(function, "function", death.shape)
    inside = ~np.isnan(death)
    if not np.isin(death[inside], (0.0, 1.0)).all():
        raise InputError("'died' has values other than 0 and 1.")
    arm = codes(group, "group", inside)
    if arm.max(initial=0) > 1:
        raise InputError("'group' has numbers above 1. Give 1 for the treated and 0 for the controls.")
    dead = inside & (death == 1)
    value = np.where(dead, 0.0 if tied_deaths else when, able if higher_is_better else -able)
    findings = _checked(value, dead, inside, when)
    ranked = inside & ~np.isnan(value) & findings.sound[:, np.newaxis]
    overall = midranks((dead, value), ranked)
    within = np.where(arm == 1, *(midranks((dead, value), ranked & (arm == g)) for g in (1, 0)))
    counts = {
        "deaths": np.stack([(dead & (arm == g)).sum(axis=1) for g in (0, 1)], axis=1).astype(float),
        "unknown": np.stack([(inside & ~ranked & (arm == g)).sum(axis=1) for g in (0, 1)], axis=1),
    }
    return _compared(overall, within, ranked, arm, findings, counts, continuity, level)


def midranks(keys: tuple[Booleans, Floats], ranked: Booleans) -> Floats:
    """Return ranks from 1 with ties sharing their mean, 0 for those who are not ranked.

    keys: who is dead (they come first), and the value within the dead and the survivors.
    """
    dead, value = keys
    first = np.where(ranked, np.where(dead, 0, 1), 2)
    second = np.where(ranked, value, 0.0)
    order = np.lexsort((second, first), axis=1)
    first, second = np.take_along_axis(first, order, axis=1), np.take_along_axis(second, order, axis=1)
    new = np.ones(order.shape, dtype=bool)
    new[:, 1:] = (first[:, 1:] != first[:, :-1]) | (second[:, 1:] != second[:, :-1])
    place = np.broadcast_to(np.arange(order.shape[1]), order.shape)
    begin = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    closing = np.ones(order.shape, dtype=bool)
    closing[:, :-1] = new[:, 1:]
    backward = np.where(closing, place, order.shape[1] - 1)[:, ::-1]
    end = np.minimum.accumulate(backward, axis=1)[:, ::-1]
    ranks = np.empty(order.shape)
    np.put_along_axis(ranks, order, (begin + end) / 2.0 + 1.0, axis=1)
    return np.where(ranked, ranks, 0.0)


def _checked(value: Floats, dead: Booleans, inside: Booleans, when: Floats) -> Findings:
    findings = Findings(value.shape[0])
    findings.note((np.isinf(value) & inside).any(axis=1), Diagnosis.INFINITE_VALUE)
    findings.note((dead & (when < 0)).any(axis=1), Diagnosis.NEGATIVE_TIME)
    if (dead & np.isnan(value)).any():
        raise InputError(
            "A patient who died has no time of death. Give 'death_time', or say 'tied_deaths' if only the "
            "fact of death is known."
        )
    return findings


def _compared(
    overall: Floats,
    within: Floats,
    ranked: Booleans,
    arm: Integers,
    findings: Findings,
    counts: dict[str, NDArray[np.generic]],
    continuity: bool,
    level: float,
) -> CompositeRank:
    treated, controls = ranked & (arm == 1), ranked & (arm == 0)
    n, m = treated.sum(axis=1).astype(float), controls.sum(axis=1).astype(float)
    findings.note((n == 0) | (m == 0), Diagnosis.ONE_ARM)
    findings.note((n < 2) | (m < 2), Diagnosis.TOO_FEW)
    size = n + m
    rank_sum = np.where(treated, overall, 0.0).sum(axis=1)
    centred = np.where(ranked, overall - ((size + 1.0) / 2.0)[:, np.newaxis], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        null_variance = n * m / (size * (size - 1.0)) * (centred * centred).sum(axis=1)
        theta = 2.0 * (rank_sum / n - (n + 1.0) / 2.0) / m - 1.0
        # Of each patient, the share of the other arm that fares worse, ties as halves.
        placement = (overall - within) / np.where(arm == 1, m[:, np.newaxis], n[:, np.newaxis])
        variance = 4.0 * (_spread(placement, treated, n) / n + _spread(placement, controls, m) / m)
        findings.note(~(variance > 1e-15) | ~(null_variance > 0), Diagnosis.NO_VARIANCE)
        blank = np.where(findings.sound, 0.0, np.nan)
        excess = rank_sum - n * (size + 1.0) / 2.0
        step = np.minimum(0.5 if continuity else 0.0, np.abs(excess))
        z = (excess - np.sign(excess) * step) / np.sqrt(null_variance) + blank
    error = np.sqrt(variance) + blank
    low, high, p_value = on_inverse_tanh_scale(theta, error, level)
    several = (n > 0) & (m > 0)
    return CompositeRank(
        theta=np.where(several, theta, np.nan),
        error=error,
        low=low,
        high=high,
        p_value=p_value,
        rank_sum=np.where(several, rank_sum, np.nan),
        z=z,
        wilcoxon_p_value=normal_p_value(z),
        deaths=counts["deaths"].astype(float),
        unknown=counts["unknown"].astype(float),
        rank=np.where(ranked, overall, np.nan),
        level=level,
        diagnosis=findings.diagnoses,
    )


def _spread(values: Floats, members: Booleans, count: Floats) -> Floats:
    mean = np.where(members, values, 0.0).sum(axis=1) / count
    deviation = np.where(members, values - mean[:, np.newaxis], 0.0)
    return np.asarray((deviation * deviation).sum(axis=1) / (count - 1.0), dtype=float)
