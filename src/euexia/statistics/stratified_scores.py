"""Scores of the arms within strata under rerandomisation: the root of van Elteren's and the CMH tests.

Within each stratum the scores are fixed and the arms are dealt out at random, so that sums of scores have a
known mean and variance, whatever the scores: ranks, residuals of ranks, or responses.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from euexia.core.errors import InputError
from euexia.statistics.diagnosis import Diagnosis, first_of
from euexia.statistics.least_squares import multiply, sweep
from euexia.statistics.ranks import midranks
from euexia.statistics.stratified_proportions import ChiSquare

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


def score_test(scores: Floats, arm: Integers, known: Flags, stratum: Integers, *, arms: int) -> ChiSquare:
    r"""Test that arms do not differ in their mean scores, given the strata.

    .. math:: G_a = \sum_h \Big(\sum_{i \in h, a} s_i - n_{ha} \bar s_h\Big), \quad
              V_{ab} = \sum_h \frac{S_h}{N_h - 1} \Big(n_{ha} [a = b] - \frac{n_{ha} n_{hb}}{N_h}\Big), \quad
              \chi^2 = G^\top V^- G

    with S the sum of squares of the scores about their mean: the Cochran-Mantel-Haenszel test of mean scores.
    scores, arm, known, stratum: shape (trials, subjects); stratum is 0 or more where known.
    Source: Landis, Heyman and Koch, International Statistical Review 1978;46:237-254.
    """
    trials = scores.shape[0]
    gap, variance = np.zeros((trials, arms)), np.zeros((trials, arms, arms))
    for level in range(int(np.where(known, stratum, -1).max(initial=-1)) + 1):
        here = known & (stratum == level)
        size = here.sum(axis=1).astype(float)
        mean = np.where(here, scores, 0.0).sum(axis=1) / np.maximum(size, 1.0)
        centred = np.where(here, scores - mean[:, np.newaxis], 0.0)
        spread = (centred**2).sum(axis=1) / np.maximum(size - 1.0, 1.0)
        members = [here & (arm == a) for a in range(arms)]
        count = np.stack([group.sum(axis=1) for group in members], axis=1).astype(float)
        gap += np.stack([np.where(group, centred, 0.0).sum(axis=1) for group in members], axis=1)
        shared = count[:, :, np.newaxis] * count[:, np.newaxis, :] / np.maximum(size, 1.0)[:, None, None]
        variance += spread[:, np.newaxis, np.newaxis] * (count[:, :, np.newaxis] * np.eye(arms) - shared)
    inverse, kept = sweep(variance, np.diagonal(variance, axis1=1, axis2=2))
    freedom = kept.sum(axis=1).astype(float)
    informative = np.asarray(freedom > 0)
    statistic = np.where(informative, (gap * multiply(inverse, gap)).sum(axis=1), np.nan)
    return ChiSquare(
        statistic=statistic,
        freedom=np.where(informative, freedom, np.nan),
        p_value=np.asarray(chdtrc(np.where(informative, freedom, 1.0), statistic)),
        diagnosis=first_of(
            (np.asarray(~known.any(axis=1)), Diagnosis.NOBODY),
            (~informative, Diagnosis.NO_INFORMATIVE_STRATUM),
        ),
    )


def van_elteren(
    values: ArrayLike, arm: ArrayLike, stratum: ArrayLike, *, arms: int = 2, included: ArrayLike | None = None
) -> ChiSquare:
    r"""Test by Wilcoxon's ranks within strata, weighted by van Elteren.

    .. math:: s_i = R_i / (N_h + 1)

    Locally most powerful for a common shift.  values: shape (trials, subjects), NaN where missing.  arm:
    0..arms-1, negative where none.  stratum: 0.., negative where none.  More than two arms: Kruskal and
    Wallis within strata.  Source: van Elteren, Bulletin de l'Institut International de Statistique
    1960;37:351-361.
    """
    y, groups, strata, known = checked(values, arm, stratum, included)
    scores = stratum_ranks(y, known, strata, standardised=True)
    return score_test(scores, groups, known, strata, arms=arms)


def stratum_ranks(values: Floats, known: Flags, stratum: Integers, *, standardised: bool) -> Floats:
    """Return midranks within each stratum, over N + 1 if standardised; 0 where not known."""
    ranks = np.zeros(values.shape)
    for level in range(int(np.where(known, stratum, -1).max(initial=-1)) + 1):
        here = known & (stratum == level)
        divisor = here.sum(axis=1) + 1.0 if standardised else np.ones(values.shape[0])
        ranks += midranks(values, here)[0] / divisor[:, np.newaxis]
    return ranks


def checked(
    values: ArrayLike, arm: ArrayLike, stratum: ArrayLike | None, included: ArrayLike | None
) -> tuple[Floats, Integers, Integers, Flags]:
    """Return values, arms and strata as whole arrays, and who has all of them; no strata: all in one."""
    y = np.ascontiguousarray(values, dtype=float)
    if y.ndim != 2:
        raise InputError(f"'values' has shape {y.shape}. Give an array of shape (trials, subjects).")
    groups = np.ascontiguousarray(np.broadcast_to(np.asarray(arm, dtype=np.int64), y.shape))
    given = np.zeros(y.shape, dtype=np.int64) if stratum is None else np.asarray(stratum, dtype=np.int64)
    strata = np.ascontiguousarray(np.broadcast_to(given, y.shape))
    known = ~np.isnan(y) & (groups >= 0) & (strata >= 0)
    if included is not None:
        known &= np.asarray(included, dtype=bool)
    return y, groups, strata, known
