"""The result of one analysis, over a stack of trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One planned analysis, done on every trial of a stack; arrays have shape (trials,).

    estimate, low, high: the effect and its confidence interval, in ``unit``.  p_value: of the planned test.
    reject: the null hypothesis is rejected at the planned level.  numbers: what the estimate was made of, by
    name (``responders``, ``analysed``, ``responders_control``, ``analysed_control``, ``mean``, ``sd``,
    ``events`` ...). settled: patients whose value was decided by each estimand strategy (``death``,
    ``missing`` ...), by name. design: facts of the design that do not depend on data (critical value, its
    attained level and power).
    """

    analysis: str
    endpoint: str
    method: str
    arm: str
    control: str | None
    estimand: str
    """The estimand in words."""
    measure_of_effect: str
    """``response rate``, ``risk difference``, ``difference in means`` ..."""
    unit: str
    estimate: Floats
    low: Floats
    high: Floats
    level: float
    """Confidence level of the interval."""
    p_value: Floats
    reject: NDArray[np.bool_]
    alpha: float
    one_sided: bool
    numbers: Mapping[str, Floats]
    settled: Mapping[str, Floats] = field(default_factory=dict)
    design: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
