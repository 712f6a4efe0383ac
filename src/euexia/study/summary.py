"""Figures over many trials, with Monte-Carlo error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.study.operating import Estimate

Floats = NDArray[np.float64]

UNKNOWN = Estimate(value=float("nan"), error=float("nan"), trials=0)
EFFECT_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def proportion(hits: NDArray[np.bool_]) -> Estimate:
    """Return the share of trials with a hit, with standard error sqrt(p (1 - p) / trials)."""
    trials = len(hits)
    share = float(np.count_nonzero(hits)) / trials
    return Estimate(value=share, error=float(np.sqrt(share * (1 - share) / trials)), trials=trials)


def mean(values: Floats) -> Estimate:
    """Return the mean over trials that have a value, with standard error sd / sqrt(trials)."""
    known = values[~np.isnan(values)]
    if known.size == 0:
        return Estimate(value=float("nan"), error=float("nan"), trials=0)
    error = float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else float("nan")
    return Estimate(value=float(known.mean()), error=error, trials=int(known.size))
