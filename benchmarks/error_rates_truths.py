"""What the intervals of ``error_rates_methods`` should hold under the alternative."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from error_rates_generator import (
    DECLINE,
    DELTA,
    SEED,
    SLOPE,
    SPREAD,
    VISITS,
    Drawn,
    Trials,
    draw,
    leaving_rate,
    observed,
)
from numpy.typing import NDArray

from euexia.statistics import cox
from euexia.statistics.imputation_data import dropout_visit


@lru_cache(maxsize=8)
def truths(share: float) -> dict[str, float]:
    """Return what intervals should hold under the alternative, from 800,000 patients an arm where drawn."""
    parts = [
        draw(np.arange(k, k + 100), 1000, True, leaving_rate(share), SEED + 2) for k in range(0, 800, 100)
    ]
    whole = Drawn(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in Drawn.__slots__}
    )
    with_dropout = observed(whole)
    stays = Drawn(
        baseline=whole.baseline, change=whole.change, left=np.full_like(whole.left, np.inf), death=whole.death
    )
    full = observed(stays)
    one, zero = full.arms(1), full.arms(0)
    theta = float(_net_benefit(one, zero))
    both = full.arms(0, 1)
    some = slice(0, 100)
    fit = cox.fit(both.time[some].ravel(), both.died[some].ravel(), both.arm[some].ravel())
    return {
        "mean": DELTA,
        "MAR": DELTA,
        **_reference_based(whole, with_dropout),
        "risk": _mean(with_dropout.arms(1).response) - _mean(with_dropout.arms(0).response),
        "hazard": float(fit.hazard_ratio[0, 0]),
        "lifetime": _mean(one.time) - _mean(zero.time),
        "survival": 1.0 - _mean(one.died),
        "incidence": _mean(one.cause == 1),
        "net benefit": theta,
        "win ratio": (1.0 + theta) / (1.0 - theta),
        "win odds": (1.0 + theta) / (1.0 - theta),
    }


def _mean(values: NDArray[np.generic]) -> float:
    return float(np.mean(values, dtype=float))


def _net_benefit(one: Trials, zero: Trials) -> float:
    """Return P(treated better) - P(worse) of all pairs: the dead by time below survivors by function."""
    scores = [np.where(arm.died, arm.time - 1e6, arm.function).ravel() for arm in (one, zero)]
    ordered = np.sort(scores[1])
    better = np.searchsorted(ordered, scores[0], side="left") + np.searchsorted(
        ordered, scores[0], side="right"
    )
    return float(better.mean() / ordered.size - 1.0)


def _reference_based(whole: Drawn, with_dropout: Trials) -> dict[str, float]:
    """Return the effects under the strategies, imputing means under the true parameters."""
    baseline, seen = whole.baseline[:, 1].ravel(), with_dropout.arms(1).values.reshape(-1, VISITS)
    event = dropout_visit(seen)
    last = np.minimum(event, VISITS) - 1
    gain = DELTA * (np.arange(VISITS) + 1) / VISITS
    control = DECLINE + SLOPE * baseline[:, np.newaxis]
    rows = np.arange(len(last))
    above = seen[rows, last] - control[rows, last]
    carry = 0.8 ** (VISITS - 1 - last) * SPREAD[-1] / SPREAD[last]
    stays, at_end = event == VISITS, control[:, -1]
    imputed = {
        "J2R": at_end + carry * (above - gain[last]),
        "CR": at_end + carry * above,
        "CIR": at_end + gain[last] + carry * (above - gain[last]),
    }
    mean = DECLINE[-1] + SLOPE * baseline.mean()
    return {name: float(np.where(stays, seen[:, -1], value).mean() - mean) for name, value in imputed.items()}
