"""The Kaplan-Meier estimate as the textbook writes it: one data set, one time after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens at one distinct time."""

    time: float
    at_risk: int
    events: int
    survival: float
    error: float


def estimate(time: Sequence[float], event: Sequence[bool]) -> tuple[Step, ...]:
    r"""Return the steps of the curve; see ``kaplan_meier.estimate``.

    .. math:: S(t) = \prod (1 - d / n), \quad \mathrm{se} = S \sqrt{\sum d / (n (n - d))}

    The error is NaN once nobody is left.
    """
    survival, greenwood = 1.0, 0.0
    steps = []
    for now in sorted(set(time)):
        at_risk = sum(t >= now for t in time)
        events = sum(t == now and bool(e) for t, e in zip(time, event, strict=True))
        survival *= 1.0 - events / at_risk
        greenwood += events / (at_risk * (at_risk - events)) if events < at_risk else float("inf")
        error = survival * sqrt(greenwood) if survival > 0 else float("nan")
        steps.append(Step(time=now, at_risk=at_risk, events=events, survival=survival, error=error))
    return tuple(steps)
