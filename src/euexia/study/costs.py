"""What a trial costs: the user's own figures, in any one currency.  Nothing is known by default."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from euexia.core import datafile
from euexia.core.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Costs by what they grow with."""

    per_patient: float = 0.0
    """Of a randomised patient, visits aside."""
    per_visit: float = 0.0
    """Of a planned visit of a randomised patient."""
    per_candidate: float = 0.0
    """Of a candidate who is screened."""
    per_month: float = 0.0
    """Of a month from the first candidate to the last visit."""
    currency: str = ""
    """For reading only, such as EUR."""

    @property
    def are_known(self) -> bool:
        """Return whether any cost was given."""
        return any((self.per_patient, self.per_visit, self.per_candidate, self.per_month))

    def price(self, *, patients: Floats, visits: Floats, screened: Floats, months: Floats) -> Floats:
        """Return what trials cost, shape (trials,) as each argument.

        visits: planned visits of all patients together.
        """
        people = self.per_patient * patients + self.per_visit * visits + self.per_candidate * screened
        return people + self.per_month * months


def load_costs(path: Path) -> Costs:
    """Return costs from a YAML file with the fields of ``Costs``; raise InputError or DataFileError."""
    return checked(datafile.load(path, "file of costs", Costs))


def checked(costs: Costs) -> Costs:
    """Return costs that can be; raise InputError for others."""
    for name in ("per_patient", "per_visit", "per_candidate", "per_month"):
        value = getattr(costs, name)
        if not 0 <= value < math.inf:
            raise InputError(f"The cost '{name}' is {value:g}. Give a number that is not negative.")
    return costs
