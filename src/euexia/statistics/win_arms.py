"""The outcomes of the two arms of a stack of trials, checked, as comparisons of pairs read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError
from euexia.statistics.survival_diagnosis import Diagnosis, Findings
from euexia.statistics.survival_times import codes, stack
from euexia.statistics.win_pairs import Arm, Component, Kind

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one arm had in one component; arrays (subjects,) or (trials, subjects)."""

    value: ArrayLike
    """The time, or the number; NaN where missing: such a patient ties in this component."""
    event: ArrayLike | None = None
    """Of a time: 1 at the event, 0 at censoring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """One arm of every trial of a stack: an Arm per component, and who is in which stratum."""

    outcomes: tuple[Arm, ...]
    present: Booleans
    strata: Integers

    def of(self, trial: int, stratum: int) -> list[Arm]:
        """Return the outcomes of those of one trial who are in one stratum."""
        here = self.present[trial] & (self.strata[trial] == stratum)
        return [Arm(value=part.value[trial][here], event=part.event[trial][here]) for part in self.outcomes]


def arms_of(
    hierarchy: tuple[Component, ...],
    treated: Sequence[Outcome],
    controls: Sequence[Outcome],
    strata: tuple[ArrayLike, ArrayLike] | None,
    present: tuple[ArrayLike, ArrayLike] | None,
) -> tuple[Arms, Arms, Findings]:
    """Return both arms and what is wrong with the trials.

    Raises InputError when outcomes do not fit the components or each other.
    """
    _check_hierarchy(hierarchy, treated, controls)
    ours, theirs = (
        _stacked(hierarchy, outcomes, which, strata, present)
        for which, outcomes in enumerate((treated, controls))
    )
    if ours.present.shape[0] != theirs.present.shape[0]:
        raise InputError("Treated and controls are stacks of different numbers of trials.")
    return ours, theirs, _checked(hierarchy, (ours, theirs))


def _check_hierarchy(
    hierarchy: tuple[Component, ...], treated: Sequence[Outcome], controls: Sequence[Outcome]
) -> None:
    if not hierarchy or not len(hierarchy) == len(treated) == len(controls):
        raise InputError(
            f"There are {len(hierarchy)} components, but {len(treated)} outcomes of the treated "
            f"and {len(controls)} of the controls. "
            "Give one or more components, with an outcome of each arm for each."
        )
    for component, mine, theirs in zip(hierarchy, treated, controls, strict=True):
        timed = component.kind is Kind.TIME_TO_EVENT
        if timed == (mine.event is None) or timed == (theirs.event is None):
            raise InputError(
                f"The component '{component.name}' is {component.kind.value}: give 'event' with times, and "
                "only with them."
            )
        if not (np.isfinite(component.margin) and component.margin >= 0):
            raise InputError(
                f"The margin of '{component.name}' is {component.margin:g}. Give 0 or a positive number."
            )


def _stacked(
    hierarchy: tuple[Component, ...],
    outcomes: Sequence[Outcome],
    which: int,
    strata: tuple[ArrayLike, ArrayLike] | None,
    present: tuple[ArrayLike, ArrayLike] | None,
) -> Arms:
    arms: list[Arm] = []
    shape: tuple[int, ...] | None = None
    for component, outcome in zip(hierarchy, outcomes, strict=True):
        value = stack(outcome.value, component.name, shape)
        shape = value.shape
        event = np.zeros(shape) if outcome.event is None else stack(outcome.event, "event", shape)
        if not np.isin(event[~np.isnan(value)], (0.0, 1.0)).all():
            raise InputError(f"Events of '{component.name}' have values other than 0 and 1.")
        arms.append(Arm(value=value, event=event == 1))
    everyone = np.ones(arms[0].value.shape, dtype=bool)
    here = everyone if present is None else stack(present[which], "present", everyone.shape) == 1
    return Arms(
        outcomes=tuple(arms),
        present=here,
        strata=codes(None if strata is None else strata[which], "strata", here),
    )


def _checked(hierarchy: tuple[Component, ...], arms: tuple[Arms, Arms]) -> Findings:
    findings = Findings(arms[0].present.shape[0])
    for arm in arms:
        findings.note(~arm.present.any(axis=1), Diagnosis.ONE_ARM)
        for component, outcome in zip(hierarchy, arm.outcomes, strict=True):
            findings.note((np.isinf(outcome.value) & arm.present).any(axis=1), Diagnosis.INFINITE_VALUE)
            if component.kind is Kind.TIME_TO_EVENT:
                negative = (outcome.value < 0) & arm.present
                findings.note(negative.any(axis=1), Diagnosis.NEGATIVE_TIME)
    return findings
