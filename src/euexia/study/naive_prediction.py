"""Two predictors that know no model: the mean of published placebo arms, and of published drug effects.

Both learn from every other published study of the package, held out or not, and leave the study to be
predicted out.  They are what a model must beat to be worth its trouble.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np

from euexia.evidence.row import Use
from euexia.evidence.targets import Target
from euexia.evidence.twin import Of

CONTROLS = frozenset({"placebo", "cohort", "control"})
"""Arms without a drug that is tested."""
ATTRITION = frozenset({Of.IN_TRIAL, Of.READ, Of.DEAD})
LEAST = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Naive:
    """What both say of one figure; NaN where no other study says anything."""

    placebo: float
    """The mean of placebo arms, whatever is given."""
    effect: float
    """The same, and for those who are treated the mean effect of drugs added."""


def naive_predictions(targets: Iterable[Target]) -> Mapping[str, Naive]:
    """Return what the predictors say of every target, each from the other studies alone."""
    every = tuple(targets)
    return {
        target.name: _of(target, [other for other in every if other.study != target.study])
        for target in every
    }


def _of(target: Target, others: Sequence[Target]) -> Naive:
    alike = [
        other
        for other in others
        if other.use is not Use.CONTEXT
        and other.measured is target.measured
        and other.unit == target.unit
        and (other.figure.of in ATTRITION) == (target.figure.of in ATTRITION)
    ]
    if target.figure.of in ATTRITION:
        value = _attrition(target, alike)
        return Naive(placebo=value, effect=value)
    if target.figure.control:
        return Naive(placebo=0.0, effect=_mean(effects(alike)))
    controls = _mean([other.value for other in alike if is_control(other)])
    if is_control(target):
        return Naive(placebo=controls, effect=controls)
    return Naive(placebo=controls, effect=controls + _mean(effects(alike)))


def is_control(target: Target) -> bool:
    """Return whether a figure is of patients without a drug under test."""
    return not target.figure.control and set(target.figure.arms) <= CONTROLS


def effects(targets: Sequence[Target]) -> list[float]:
    """Return the differences between drug and control: printed, or between arms of the same figure."""
    found = [target.value for target in targets if target.figure.control]
    for target in targets:
        if target.figure.control or is_control(target):
            continue
        partner = [
            other.value
            for other in targets
            if other.study == target.study
            and is_control(other)
            and other.figure.weeks == target.figure.weeks
            and other.figure.of is target.figure.of
            and other.figure.minus == target.figure.minus
        ]
        found += [target.value - value for value in partner[:1]]
    return found


def _attrition(target: Target, others: Sequence[Target]) -> float:
    """Return a share by the mean rate per week of the other studies: attrition knows no drug here."""
    rates = [_rate(other) for other in others]
    if not rates:
        return float("nan")
    kept = exp(-_mean(rates) * _weeks(target))
    return 1 - kept if target.figure.of is Of.DEAD else kept


def _rate(target: Target) -> float:
    kept = 1 - target.value if target.figure.of is Of.DEAD else target.value
    return -log(max(kept, LEAST)) / _weeks(target)


def _weeks(target: Target) -> float:
    """Return over how many weeks patients may be lost; whoever has any reading is lost before the first."""
    end = min(target.figure.weeks) if target.figure.of is Of.READ else max(target.figure.weeks)
    return end - (target.figure.after or 0.0)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
