"""Injections in a trial: on which days, and how much of what each patient is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia import drugs
from euexia.parameters import ParameterSet
from euexia.protocol.protocol import Protocol, Treatment

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def is_injected(treatment: Treatment) -> bool:
    """Return whether single doses of a treatment are followed in the body, one by one."""
    return treatment.dose is not None and drugs.DRUGS[treatment.drug].injection is not None


def injection_days(protocol: Protocol) -> tuple[float, ...]:
    """Return every day from 0 on which any arm has an injection."""
    days = {
        float(day)
        for arm in protocol.arms
        for treatment in arm.treatments
        if is_injected(treatment)
        for day in np.arange(0.0, protocol.schedule.treatment, treatment.every)
    }
    return tuple(sorted(days))


class Injector:
    """Gives what was prescribed on the days of injection; a dose held that day is a missed dose."""

    def __init__(
        self,
        protocol: Protocol,
        arm: Integers,
        columns: Mapping[str, Floats],
        taken: Mapping[str, Floats],
        parameters: ParameterSet,
        engine: Any,
    ) -> None:
        self._given = [
            (treatment, arm == index)
            for index, group in enumerate(protocol.arms)
            for treatment in group.treatments
            if is_injected(treatment)
        ]
        self._columns, self._taken, self._parameters, self._engine = columns, taken, parameters, engine

    def __call__(self, state: Any, day: float, doses: Mapping[str, Floats]) -> Any:
        """Return the state just after the injections of a day.

        doses: prescribed from this day on, by drug [mg/day], shape (patients,).
        """
        for treatment, members in self._given:
            if day % treatment.every == 0:
                single = doses[treatment.drug] * self._taken[treatment.drug] * treatment.every
                amount = np.where(members, single, 0.0)
                given = drugs.injection(treatment.drug, amount, self._columns, self._parameters)
                state = self._engine.inject(state, given)
        return state
