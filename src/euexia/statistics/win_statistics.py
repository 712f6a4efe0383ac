"""Win ratio, win odds and net benefit of hierarchical endpoints, for a stack of trials."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.statistics.normal_tests import half_width, normal_p_value, on_inverse_tanh_scale
from euexia.statistics.survival_diagnosis import Diagnosis, Findings, check_level
from euexia.statistics.win_arms import Outcome, arms_of
from euexia.statistics.win_pairs import Arm, Component, Kind, PairCounts, count_pairs

__all__ = ["Component", "Kind", "Outcome", "WinEstimate", "WinStatistics", "compare"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class WinEstimate:
    """One win statistic, shape (trials,): 1 or 0 is no effect, and p_value tests that."""

    estimate: Floats
    error: Floats
    """Of the logarithm, for the ratio and the odds."""
    low: Floats
    high: Floats
    p_value: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class WinStatistics:
    """How the treated fare against the controls; shape (trials,) unless said otherwise."""

    wins: Floats
    losses: Floats
    ties: Floats
    """Counts of pairs within strata, over all strata."""
    wins_by_component: Floats
    """Shape (trials, components), as are the losses; ties are what the last component left open."""
    losses_by_component: Floats
    win_probability: Floats
    """Weighted over strata, as is all that follows."""
    loss_probability: Floats
    net_benefit: WinEstimate
    win_ratio: WinEstimate
    win_odds: WinEstimate
    components: tuple[str, ...]
    level: float
    diagnosis: tuple[Diagnosis, ...]


_MOMENTS = 10
"""Numbers kept of a stratum: both sizes, wins, losses, and the squares and product of either's scores."""


def compare(
    components: Sequence[Component],
    treated: Sequence[Outcome],
    controls: Sequence[Outcome],
    strata: tuple[ArrayLike, ArrayLike] | None = None,
    *,
    present: tuple[ArrayLike, ArrayLike] | None = None,
    level: float = 0.95,
    workers: int = 1,
) -> WinStatistics:
    r"""Compare every treated patient with every control of the stratum, component after component.

    .. math:: p_w = \frac{\sum_s v_s W_s / (n_s m_s)}{\sum_s v_s}, \quad v_s = \frac{n_s m_s}{n_s + m_s}
    .. math:: NB = p_w - p_l, \quad WR = \frac{p_w}{p_l}, \quad
              WO = \frac{p_w + p_t/2}{p_l + p_t/2} = \frac{1 + NB}{1 - NB}

    with n treated and m controls in stratum s.  The covariance of (p_w, p_l) is that of a two-sample
    U-statistic, estimated from the mean scores of each patient:

    .. math:: V_s = \frac{S_{10}}{n_s} + \frac{S_{01}}{m_s}, \quad
              V = \frac{\sum_s v_s^2 V_s}{(\sum_s v_s)^2}

    S with divisors n - 1 and m - 1; errors of log WR and log WO by the delta method.  The interval and the
    test of NB are made on the scale of artanh NB = (log WO) / 2, where they agree with those of WO and hold
    their level in small trials.

    components: the most important first.  treated, controls: an Outcome per component.  strata, present:
    pairs of arrays for the treated and for the controls; who is not present has no pairs.  An earlier event
    loses only when the follow-up of the other shows that it was earlier; censoring at the time of an event
    counts as later.  workers: threads; the result does not depend on them.

    Source: Pocock et al., European Heart Journal 2012;33:176-182; variance: Bebu and Lachin, Biostatistics
    2016;17:178-187; strata: Dong et al., Journal of Biopharmaceutical Statistics 2018;28:778-796; win odds:
    Brunner et al., Statistics in Medicine 2021;40:3367-3384.
    """
    check_level(level)
    hierarchy = tuple(components)
    ours, theirs, findings = arms_of(hierarchy, treated, controls, strata, present)
    trials = ours.present.shape[0]
    strata_count = 1 + max(int(arm.strata.max(initial=0)) for arm in (ours, theirs))
    moments = np.zeros((trials, strata_count, _MOMENTS + 2 * len(hierarchy)))

    def fill(trial: int) -> None:
        for stratum in range(strata_count):
            moments[trial, stratum] = _moments(hierarchy, ours.of(trial, stratum), theirs.of(trial, stratum))

    sound = np.flatnonzero(findings.sound)
    if workers > 1:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(fill, sound, chunksize=max(1, sound.size // (8 * workers))))
    else:
        for trial in sound:
            fill(int(trial))
    return _statistics(hierarchy, moments, findings, level)


def _moments(hierarchy: tuple[Component, ...], ours: list[Arm], theirs: list[Arm]) -> Floats:
    """Return the sums of one stratum of one trial; zeros where an arm has nobody in it."""
    sizes = [part[0].value.size for part in (ours, theirs)]
    if min(sizes) == 0:
        return np.zeros(_MOMENTS + 2 * len(hierarchy))
    pairs = count_pairs(hierarchy, ours, theirs)
    return np.concatenate([sizes, _sums(pairs), pairs.won_by, pairs.lost_by]).astype(float)


def _sums(pairs: PairCounts) -> list[int]:
    wins, losses = pairs.wins.astype(np.int64), pairs.losses.astype(np.int64)
    theirs, ours = pairs.control_wins.astype(np.int64), pairs.control_losses.astype(np.int64)
    products = (
        (wins, wins),
        (losses, losses),
        (wins, losses),
        (theirs, theirs),
        (ours, ours),
        (theirs, ours),
    )
    return [int(wins.sum()), int(losses.sum()), *(int((x * y).sum()) for x, y in products)]


def _statistics(
    hierarchy: tuple[Component, ...], moments: Floats, findings: Findings, level: float
) -> WinStatistics:
    treated, controls, wins, losses = (moments[:, :, place] for place in range(4))
    findings.note(~((treated > 0) & (controls > 0)).any(axis=1), Diagnosis.ONE_ARM)
    blank = np.where(findings.sound, 0.0, np.nan)
    used = (treated > 0) & (controls > 0)
    weight = np.where(used, treated * controls / np.maximum(treated + controls, 1.0), 0.0)
    share = weight / np.where(used.any(axis=1), weight.sum(axis=1), 1.0)[:, np.newaxis]
    pairs = np.where(used, treated * controls, 1.0)
    win, loss = (share * wins / pairs).sum(axis=1) + blank, (share * losses / pairs).sum(axis=1) + blank
    findings.note((used & ((treated < 2) | (controls < 2))).any(axis=1), Diagnosis.TOO_FEW)
    covariance = (share[:, :, np.newaxis] ** 2 * _covariances(moments)).sum(axis=1)
    variance_win, variance_loss, joint = covariance.T
    variance = np.maximum(variance_win + variance_loss - 2.0 * joint, 0.0)
    findings.note(findings.sound & ~(variance > 1e-15), Diagnosis.NO_VARIANCE)
    error = np.sqrt(np.where(findings.sound, variance, np.nan))
    findings.note((win == 0) | (loss == 0), Diagnosis.NO_WINS_OR_LOSSES)
    number = len(hierarchy)
    return WinStatistics(
        wins=wins.sum(axis=1) + blank,
        losses=losses.sum(axis=1) + blank,
        ties=np.where(used, pairs - wins - losses, 0.0).sum(axis=1) + blank,
        wins_by_component=moments[:, :, _MOMENTS : _MOMENTS + number].sum(axis=1) + blank[:, np.newaxis],
        losses_by_component=moments[:, :, _MOMENTS + number :].sum(axis=1) + blank[:, np.newaxis],
        win_probability=win,
        loss_probability=loss,
        net_benefit=_net_benefit(win - loss, error, level),
        win_ratio=_win_ratio(win, loss, covariance, np.isfinite(error), level),
        win_odds=_win_odds(win - loss, error, level),
        components=tuple(component.name for component in hierarchy),
        level=level,
        diagnosis=findings.diagnoses,
    )


def _covariances(moments: Floats) -> Floats:
    """Return var(p_w), var(p_l), cov(p_w, p_l) of each stratum, shape (trials, strata, 3)."""
    treated, controls, wins, losses = (moments[:, :, place, np.newaxis] for place in range(4))
    products = np.concatenate([wins * wins, losses * losses, wins * losses], axis=2)
    n, m = np.maximum(treated, 2.0), np.maximum(controls, 2.0)
    ours = (moments[:, :, 4:7] - products / n) / (m * m * (n - 1.0) * n)
    theirs = (moments[:, :, 7:10] - products / m) / (n * n * (m - 1.0) * m)
    return np.asarray(ours + theirs, dtype=float)


def _net_benefit(estimate: Floats, error: Floats, level: float) -> WinEstimate:
    low, high, p_value = on_inverse_tanh_scale(estimate, error, level)
    return WinEstimate(estimate=estimate, error=error, low=low, high=high, p_value=p_value)


def _win_odds(benefit: Floats, error: Floats, level: float) -> WinEstimate:
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = (1.0 + benefit) / (1.0 - benefit)
        return _on_log_scale(odds, error * 2.0 / (1.0 - benefit * benefit), level)


def _win_ratio(win: Floats, loss: Floats, covariance: Floats, known: Booleans, level: float) -> WinEstimate:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(loss > 0, win / loss, np.nan)
        variance = (
            covariance[:, 0] / win**2 + covariance[:, 1] / loss**2 - 2.0 * covariance[:, 2] / (win * loss)
        )
        possible = known & (win > 0) & (loss > 0)
        return _on_log_scale(ratio, np.sqrt(np.where(possible, variance, np.nan)), level)


def _on_log_scale(estimate: Floats, error: Floats, level: float) -> WinEstimate:
    centre, half = np.log(estimate), half_width(level) * error
    return WinEstimate(
        estimate=estimate,
        error=error,
        low=np.exp(centre - half),
        high=np.exp(centre + half),
        p_value=normal_p_value(centre / error),
    )
