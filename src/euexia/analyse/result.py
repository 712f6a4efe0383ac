"""The result of one analysis, over a stack of trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line of a figure, for each trial of the stack; arrays have shape (trials, points), padded by NaN.

    x: days, or what ``x_label`` says.  y, low, high: value with its confidence interval, in ``unit``.
    count: patients behind each point (at risk, or with a reading).  steps: the line jumps at each point.
    """

    label: str
    arm: str | None
    """None for a difference between arms."""
    x_label: str
    unit: str
    x: Floats
    y: Floats
    low: Floats
    high: Floats
    count: Floats
    steps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """What the test says once several tests share one level; arrays have shape (trials,).

    p_value: adjusted, NaN where the procedure has none.
    """

    procedure: str
    alpha: float
    reject: NDArray[np.bool_]
    p_value: Floats


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
    higher_is_better: bool = True
    """Which way the endpoint is better; of a time to event, longer."""
    diagnosis: tuple[str, ...] = ()
    """Per trial what could not be estimated and why; empty where all is well.  One text for each trial."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Per trial what a method had to choose, by name: the covariance that converged, ``covariance``."""
    curves: Mapping[str, Curve] = field(default_factory=dict)
    """Lines for figures, by name; made for a single trial, or where asked for."""
    code: str = ""
    """Python that does this analysis again."""
    adjusted: Adjusted | None = None
    """The decision when several tests share one level; None: this test stands alone."""

    @property
    def randomised(self) -> Floats:
        """Return how many were randomised to the arms compared."""
        return self._both("randomised")

    @property
    def analysed(self) -> Floats:
        """Return how many of them were analysed."""
        return self._both("analysed")

    def _both(self, name: str) -> Floats:
        own = self.numbers[name]
        return own if self.control is None else own + self.numbers.get(f"{name}_control", 0.0)
