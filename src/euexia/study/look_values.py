"""What a look may know of the values of all patients without knowing their arms."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.analyse import estimands
from euexia.endpoints.derive import derive_endpoint
from euexia.protocol.design import ResizeRule
from euexia.study.look_plan import LookPlan, endpoint_of
from euexia.trialdata.cut import cut, held
from euexia.trialdata.trialdata import TrialData

Floats = NDArray[np.float64]

FEWEST = 2
"""Values without which there is no spread."""


def blinded(plan: LookPlan, place: int, data: TrialData, day: Floats, rule: ResizeRule) -> Floats:
    """Return the variance of all values at a look, or the rate of all responses, shape (trials,).

    NaN where fewer than two are known.
    """
    known = cut(data, day, due=plan.due[place])
    endpoint = endpoint_of(plan.protocol, plan.lead)
    settled = estimands.apply(
        derive_endpoint(known, plan.protocol, endpoint),
        plan.protocol.estimands[plan.lead.estimand_name],
        endpoint.kind,
        higher_is_better=endpoint.higher_is_better,
    )
    value = settled.value if settled.series is None else settled.series[..., -1]
    used = settled.included & held(known) & np.isfinite(value)
    count = used.sum(axis=1)
    few = count < FEWEST
    total = np.where(used, value, 0.0).sum(axis=1)
    mean = total / np.maximum(count, 1)
    match rule:
        case ResizeRule.BLINDED_RATE:
            share = (used & (value >= 1)).sum(axis=1) / np.maximum(count, 1)
            return np.where(few, np.nan, share)
        case ResizeRule.BLINDED_VARIANCE:
            apart = np.where(used, value - mean[:, np.newaxis], 0.0)
            return np.where(few, np.nan, (apart**2).sum(axis=1) / np.maximum(count - 1, 1))
        case ResizeRule.PROMISING_ZONE:
            return np.full(data.trials, np.nan)
        case _:
            assert_never(rule)
