"""Counts of each category per arm: described, not tested."""

from __future__ import annotations

import numpy as np

from euexia.analyse.plan import Planned
from euexia.analyse.result import Result

UNKNOWN = "unknown"


def category_table(planned: Planned) -> Result:
    """Count the patients of each category, and those whose category is unknown; each is in one cell.

    Nothing is estimated or tested: estimate, limits and p-value are NaN and the counts are the numbers, by
    category (``partial response``, ``partial response_control`` ...).
    """
    arms = [("", planned.treated)]
    if planned.analysis.control is not None:
        arms.append(("_control", planned.controls))
    value, numbers = planned.settled.value, {}
    for suffix, members in arms:
        for index, category in enumerate(planned.derived.categories):
            numbers[f"{category}{suffix}"] = planned.count(members & (value == index))
        numbers[f"{UNKNOWN}{suffix}"] = planned.count(members & np.isnan(value))
        numbers[f"analysed{suffix}"] = planned.count(members & ~np.isnan(value))
    nothing = np.full(value.shape[0], np.nan)
    return planned.result(
        measure_of_effect="counts by category",
        unit="1",
        estimate=nothing,
        limits=(nothing, nothing),
        p_value=nothing,
        numbers=numbers,
        notes=("Counts only; nothing is tested.",),
        diagnosis=("",) * value.shape[0],
    )
