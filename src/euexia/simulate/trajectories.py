"""What is true of every patient over a trial; nobody in the trial can see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectories:
    """The truth at the planned days of a trial.

    days: [day from randomisation], shape (days,).  truth: observable to array of shape (patients, days),
    canonical units.
    doses: drug to the dose in force from each day to the next [mg/day], shape (patients, days).
    """

    days: Floats
    truth: Mapping[str, Floats]
    doses: Mapping[str, Floats]

    def at(self, day: float) -> int:
        """Return the index of a planned day."""
        return int(np.argmin(np.abs(self.days - day)))
