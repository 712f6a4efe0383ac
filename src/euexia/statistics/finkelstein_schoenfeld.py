"""Finkelstein and Schoenfeld's test of a hierarchical endpoint, for a stack of trials."""

# ruff: noqa: PT028 - the function called test is a statistical one

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.statistics.normal_tests import normal_p_value
from euexia.statistics.survival_diagnosis import Diagnosis
from euexia.statistics.win_arms import Outcome, arms_of
from euexia.statistics.win_pairs import Arm, Component, count_pairs

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinkelsteinSchoenfeld:
    """Wins less losses of the treated, tested by permutation; shape (trials,)."""

    statistic: Floats
    z: Floats
    p_value: Floats
    diagnosis: tuple[Diagnosis, ...]


def test(
    components: Sequence[Component],
    treated: Sequence[Outcome],
    controls: Sequence[Outcome],
    strata: tuple[ArrayLike, ArrayLike] | None = None,
    *,
    present: tuple[ArrayLike, ArrayLike] | None = None,
) -> FinkelsteinSchoenfeld:
    r"""Test by permutation within strata whether the treated win more often than they lose.

    .. math:: U_i = \sum_{j \ne i} (\text{wins} - \text{losses of } i \text{ against } j), \quad
              T = \sum_s \sum_{i \in 1} U_i, \quad
              \mathrm{Var}_0(T) = \sum_s \frac{n_s m_s}{N_s (N_s - 1)} \sum_{i \in s} U_i^2

    Everyone is compared with everyone of the stratum, arms disregarded.  Arguments as for
    ``win_statistics.compare``.  Source: Finkelstein and Schoenfeld, Statistics in Medicine 1999;18:1341-1354.
    """
    hierarchy = tuple(components)
    ours, theirs, findings = arms_of(hierarchy, treated, controls, strata, present)
    count = 1 + max(int(arm.strata.max(initial=0)) for arm in (ours, theirs))
    sums = np.zeros((ours.present.shape[0], 3))
    for trial in np.flatnonzero(findings.sound):
        for stratum in range(count):
            sums[trial] += _sums(hierarchy, ours.of(int(trial), stratum), theirs.of(int(trial), stratum))
    findings.note(sums[:, 2] == 0, Diagnosis.ONE_ARM)
    findings.note(sums[:, 1] == 0, Diagnosis.NO_VARIANCE)
    z = sums[:, 0] / np.sqrt(np.where(findings.sound, sums[:, 1], np.nan))
    return FinkelsteinSchoenfeld(
        statistic=sums[:, 0] + np.where(findings.sound, 0.0, np.nan),
        z=z,
        p_value=normal_p_value(z),
        diagnosis=findings.diagnoses,
    )


def _sums(hierarchy: tuple[Component, ...], ours: list[Arm], theirs: list[Arm]) -> Floats:
    """Return the statistic, its variance and the number of pairs of one stratum."""
    n, m = ours[0].value.size, theirs[0].value.size
    if min(n, m) == 0:
        return np.zeros(3)
    everyone = [
        Arm(value=np.concatenate([a.value, b.value]), event=np.concatenate([a.event, b.event]))
        for a, b in zip(ours, theirs, strict=True)
    ]
    pairs = count_pairs(hierarchy, everyone, everyone)
    score = (pairs.wins - pairs.losses).astype(float)
    variance = n * m / ((n + m) * (n + m - 1)) * (score * score).sum()
    return np.array([score[:n].sum(), variance, n * m])
