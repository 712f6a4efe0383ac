"""The log-rank test as the textbook writes it: a table of arms by event at every time of every stratum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.kaplan_meier_reference import estimate

Floats = NDArray[np.float64]


def excess_and_covariance(
    time: Sequence[float],
    event: Sequence[bool],
    group: Sequence[int],
    strata: Sequence[int],
    groups: int,
    rho: float = 0.0,
    gamma: float = 0.0,
) -> tuple[Floats, Floats]:
    r"""Return observed minus expected events and their covariance; see ``log_rank.test``.

    .. math:: w^2 \frac{d (n - d)}{n - 1} \frac{n_g}{n} \Bigl(\delta_{gh} - \frac{n_h}{n}\Bigr), \quad
              w = S(t-)^\rho (1 - S(t-))^\gamma
    """
    excess, covariance = np.zeros(groups), np.zeros((groups, groups))
    for stratum in sorted(set(strata)):
        rows = [
            (t, bool(e), g) for t, e, g, s in zip(time, event, group, strata, strict=True) if s == stratum
        ]
        before = 1.0
        for step in estimate([t for t, _, _ in rows], [e for _, e, _ in rows]):
            weight = before**rho * (1.0 - before) ** gamma
            n, d = step.at_risk, step.events
            share = np.array([sum(t >= step.time and g == a for t, _, g in rows) / n for a in range(groups)])
            own = np.array([sum(t == step.time and e and g == a for t, e, g in rows) for a in range(groups)])
            excess += weight * (own - d * share)
            if n > 1:
                spread = weight**2 * d * (n - d) / (n - 1)
                covariance += spread * (np.diag(share) - np.outer(share, share))
            before = step.survival
    return excess, covariance


def statistic(excess: Floats, covariance: Floats) -> float:
    """Return chi-squared, with the first group left out."""
    return float(excess[1:] @ np.linalg.inv(covariance[1:, 1:]) @ excess[1:])
