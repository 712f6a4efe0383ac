"""Rank analysis of covariance: Quade's, Conover and Iman's, and the stratified one of trial reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc

from euexia.statistics import ancova
from euexia.statistics.ancova import Ancova
from euexia.statistics.diagnosis import Codes, Diagnosis
from euexia.statistics.least_squares import solve
from euexia.statistics.linear_design import centred
from euexia.statistics.stratified_proportions import ChiSquare
from euexia.statistics.stratified_scores import checked, score_test, stratum_ranks

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankAncova:
    """A rank analysis of covariance per trial; every array of shape (trials,)."""

    statistic: Floats
    """F of the arms."""
    freedom: Floats
    residual_freedom: Floats
    p_value: Floats
    diagnosis: Codes


def quade(
    values: ArrayLike,
    arm: ArrayLike,
    *,
    arms: int,
    covariates: Sequence[ArrayLike] = (),
    included: ArrayLike | None = None,
) -> RankAncova:
    r"""Test arms by analysis of variance of residuals of ranks.

    .. math:: e_i = R(y_i) - \bar R - \hat\beta^\top \{R(x_i) - \bar R\}, \quad
              F = \frac{\sum_a n_a \bar e_a^2 / (k - 1)}{\sum_a \sum_{i \in a} (e_i - \bar e_a)^2 / (N - k)}

    with the slope over all subjects, arms aside.  values, covariates: ranked here, shape (trials, subjects).
    Source: Quade, Journal of the American Statistical Association 1967;62:1187-1200.
    """
    y, groups, _, known = _known(values, arm, None, covariates, included)
    one = np.zeros(groups.shape, dtype=np.int64)
    residuals = _residuals(y, covariates, known, one, standardised=False)
    fitted = ancova.estimate(residuals, np.where(groups < arms, groups, -1), arms=arms, included=known)
    return _of_arms(fitted)


def conover_iman(
    values: ArrayLike,
    arm: ArrayLike,
    *,
    arms: int,
    covariates: Sequence[ArrayLike] = (),
    factors: Sequence[ArrayLike] = (),
    included: ArrayLike | None = None,
) -> RankAncova:
    """Test arms by the ordinary analysis of covariance of the ranks of values and of covariates.

    Source: Conover and Iman, Biometrics 1982;38:715-724.
    """
    y, groups, _, known = _known(values, arm, None, covariates, included)
    for factor in factors:
        known &= np.asarray(factor) >= 0
    one = np.zeros(groups.shape, dtype=np.int64)
    ranked = [stratum_ranks(np.asarray(x, dtype=float), known, one, standardised=False) for x in covariates]
    fitted = ancova.estimate(
        stratum_ranks(y, known, one, standardised=False),
        groups,
        arms=arms,
        covariates=ranked,
        factors=factors,
        included=known,
    )
    return _of_arms(fitted)


def stratified_rank_ancova(
    values: ArrayLike,
    arm: ArrayLike,
    *,
    arms: int,
    covariates: Sequence[ArrayLike] = (),
    stratum: ArrayLike | None = None,
    included: ArrayLike | None = None,
) -> ChiSquare:
    r"""Test arms by the CMH mean score test of residuals of standardised ranks within strata.

    .. math:: s_i = R(y_i) / (N_h + 1), \quad e_i = s_i - \hat\alpha_h - \hat\beta_h^\top r_i

    with r the covariates' standardised ranks and one regression in each stratum; the residuals are the scores
    of ``stratified_scores.score_test``.  This is the ranked ANCOVA of clinical study reports.
    Source: Koch, Carr, Amara, Stokes and Uryniak, in Berry (ed.), Statistical Methodology in the
    Pharmaceutical Sciences, Dekker 1990, chapter 13.
    """
    y, groups, strata, known = _known(values, arm, stratum, covariates, included)
    scores = np.zeros(y.shape)
    for level in range(int(np.where(known, strata, -1).max(initial=-1)) + 1):
        here = known & (strata == level)
        scores += _residuals(y, covariates, here, np.where(here, strata, -1), standardised=True)
    return score_test(scores, groups, known, strata, arms=arms)


def _known(
    values: ArrayLike,
    arm: ArrayLike,
    stratum: ArrayLike | None,
    covariates: Sequence[ArrayLike],
    included: ArrayLike | None,
) -> tuple[Floats, Integers, Integers, Flags]:
    y, groups, strata, known = checked(values, arm, stratum, included)
    for covariate in covariates:
        known &= ~np.isnan(np.broadcast_to(np.asarray(covariate, dtype=float), y.shape))
    return y, groups, strata, known


def _residuals(
    values: Floats, covariates: Sequence[ArrayLike], known: Flags, stratum: Integers, *, standardised: bool
) -> Floats:
    """Return residuals of the values' ranks on the covariates' ranks; 0 where not known."""
    ranks = stratum_ranks(values, known, stratum, standardised=standardised)
    y, _ = centred(ranks, known)
    if not covariates:
        return y
    ranked = [
        stratum_ranks(
            np.broadcast_to(np.asarray(x, dtype=float), values.shape),
            known,
            stratum,
            standardised=standardised,
        )
        for x in covariates
    ]
    columns = [centred(column, known)[0] for column in ranked]
    scale = np.stack([(column**2).sum(axis=1) for column in ranked], axis=1)
    return solve(columns, y, scale).residuals


def _of_arms(fitted: Ancova) -> RankAncova:
    fine = fitted.diagnosis == Diagnosis.FINE
    return RankAncova(
        statistic=np.where(fine, fitted.statistics[:, 0], np.nan),
        freedom=np.where(fine, fitted.term_freedom[:, 0], np.nan),
        residual_freedom=np.where(fine, fitted.freedom, np.nan),
        p_value=np.asarray(
            fdtrc(fitted.term_freedom[:, 0], fitted.freedom, np.where(fine, fitted.statistics[:, 0], np.nan))
        ),
        diagnosis=fitted.diagnosis,
    )
