"""Injections in a trial: how much of what each patient is given on a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia import drugs
from euexia.parameters import ParameterSet
from euexia.study.courses import injection_days, is_injected
from euexia.study.prescribing import Prescriber

__all__ = ["Injector", "injection_days"]

Floats = NDArray[np.float64]


class Injector:
    """Gives what was prescribed on the days of injection; a dose held that day is a missed dose."""

    def __init__(
        self, prescriber: Prescriber, columns: Mapping[str, Floats], parameters: ParameterSet, engine: Any
    ) -> None:
        self._prescriber, self._columns = prescriber, columns
        self._parameters, self._engine = parameters, engine
        self._courses = [course for course in prescriber.courses if is_injected(course.span.treatment)]

    def __call__(self, state: Any, day: float, doses: Mapping[str, Floats]) -> Any:
        """Return the state just after the injections of a day.

        doses: prescribed from this day on, by drug [mg/day], shape (patients,).
        """
        for course in self._courses:
            due = course.span.is_due(day)
            if not due.any():
                continue
            treatment, patients = course.span.treatment, course.span.members[due]
            amount = np.zeros(self._prescriber.patients)
            taken = course.taken[due]
            amount[patients] = doses[treatment.drug][patients] * taken * treatment.every
            given = drugs.injection(treatment.drug, amount, self._columns, self._parameters)
            state = self._engine.inject(state, given)
        return state
