"""Simulated longitudinal trials with informative dropout, small and plain."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def dropout_trials(
    trials: int,
    per_arm: int,
    *,
    visits: int = 4,
    seed: int = 1,
    gaps: float = 0.03,
    effect: float = -2.0,
    leaving: float = -2.5,
) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Return values (NaN where missing), baseline, arm and event visit of a stack of trials.

    Equicorrelated outcomes of variance 4 about a baseline slope; the worse the last value, the likelier the
    dropout (logit -2.5 at average); gaps: share of values before dropout that are missing.
    """
    random = np.random.default_rng(seed)
    subjects = 2 * per_arm
    arm = np.tile(np.repeat([0, 1], per_arm), (trials, 1))
    baseline = random.normal(20.0, 3.0, (trials, subjects))
    level = random.normal(0.0, 1.4, (trials, subjects, 1)) + random.normal(
        0.0, 1.4, (trials, subjects, visits)
    )
    time = (1.0 + np.arange(visits)) / visits
    values = level + 0.3 * (baseline[..., np.newaxis] - 20.0) + time * (3.0 + effect * arm[..., np.newaxis])
    event = np.full((trials, subjects), visits)
    for visit in range(1, visits):
        chance = 1.0 / (1.0 + np.exp(-(leaving + 0.4 * level[..., visit - 1])))
        leaves = (event == visits) & (random.random((trials, subjects)) < chance)
        event[leaves] = visit
    values[np.arange(visits) >= event[..., np.newaxis]] = np.nan
    before = (np.arange(visits) < event[..., np.newaxis] - 1) & (random.random(values.shape) < gaps)
    values[before] = np.nan
    return values, baseline, arm, event
