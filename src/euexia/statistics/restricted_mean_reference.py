"""The restricted mean as the textbook writes it: the area under one curve, rectangle by rectangle."""

from __future__ import annotations

from collections.abc import Sequence

from euexia.statistics.kaplan_meier_reference import Step, estimate


def mean_and_variance(time: Sequence[float], event: Sequence[bool], horizon: float) -> tuple[float, float]:
    r"""Return the restricted mean and its variance; see ``restricted_mean.difference``.

    .. math:: \mu = \int_0^\tau S\,dt, \quad
              \mathrm{var} = \sum \Bigl[\int_{t_i}^\tau S\,dt\Bigr]^2 \frac{d_i}{n_i (n_i - d_i)}
    """
    steps = [step for step in estimate(time, event) if step.time <= horizon]
    variance = sum(
        area(steps, step.time, horizon) ** 2 * step.events / (step.at_risk * (step.at_risk - step.events))
        for step in steps
        if step.events < step.at_risk
    )
    return area(steps, 0.0, horizon), variance


def area(steps: Sequence[Step], begin: float, horizon: float) -> float:
    """Return the area under the curve between two times."""
    total, now, height = 0.0, begin, 1.0
    for step in steps:
        if step.time > now:
            total += height * (step.time - now)
            now = step.time
        height = step.survival
    return total + height * (horizon - now)
