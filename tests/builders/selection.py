"""What selection by readings at screening does to the same patients afterwards: regression to the mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia import protocol
from euexia.parameters import ParameterSet
from euexia.study.simulated import simulate

Floats = NDArray[np.float64]
MONTH = 365.25 / 12


def crp_course(trials: int = 4, seed: int = 1) -> dict[str, float]:
    """Return the geometric mean of CRP [mg/L] of those chosen for a CRP of 30 mg/L or more, by day.

    The study drug is without effect, so that all that happens is the disease and chance.
    """
    plan = protocol.load("lenalidomide")
    data = simulate(plan, trials=trials, seed=seed, without_effect=True)
    part = data.readings["crp"]
    found = {}
    for place, day in enumerate(part.planned):
        logs = np.log(part.value[..., place])
        found[f"{day:g}"] = float(np.exp(np.nanmean(logs)))
    return found


def crp_above(limit: float, trials: int = 4, seed: int = 1) -> tuple[float, float]:
    """Return the share of enrolled patients whose CRP is above a limit at screening, and again on day 0."""
    data = simulate(protocol.load("lenalidomide"), trials=trials, seed=seed, without_effect=True)
    part = data.readings["crp"]
    start = int(np.flatnonzero(part.planned == 0)[0])
    both = np.isfinite(part.value[..., 0]) & np.isfinite(part.value[..., start])
    first, second = (part.value[..., place][both] for place in (0, start))
    return float((first > limit).mean()), float((second > limit).mean())


def weight_slopes(parameters: ParameterSet, trials: int = 6, seed: int = 1) -> dict[str, float]:
    """Return the loss of weight on placebo of ROMANA 1 [% a month] before and in the trial.

    Read on the scales: half a year before screening, at screening, on day 0 and in week 12.
    """
    plan = protocol.load("romana1")
    data = simulate(plan, trials=trials, seed=seed, parameters=parameters, without_effect=True)
    part = data.readings["body_weight"]
    planned = part.planned
    before = int(np.argmin(planned))
    start = int(np.flatnonzero(planned == 0)[0])
    end = int(np.argmin(np.abs(planned - 84)))
    weight = part.value
    both = np.isfinite(weight[..., before]) & np.isfinite(weight[..., start]) & np.isfinite(weight[..., end])
    earlier, now, later = (weight[..., place][both] for place in (before, start, end))
    # quarters are of the loss before: the quickest lost most
    first = 100 * (now / earlier - 1) / (-planned[before] / MONTH)
    second = 100 * (later / now - 1) / (planned[end] / MONTH)
    quick = first < np.quantile(first, 0.25)
    slow = first > np.quantile(first, 0.75)
    return {
        "before": float(first.mean()),
        "in_trial": float(second.mean()),
        "before_quick": float(first[quick].mean()),
        "in_trial_quick": float(second[quick].mean()),
        "before_slow": float(first[slow].mean()),
        "in_trial_slow": float(second[slow].mean()),
    }
