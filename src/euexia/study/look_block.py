"""What becomes of each trial of a block at its looks; one row per trial, little for each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.study.look_decisions import Decision

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

STOPS = (Decision.EFFICACY, Decision.FUTILITY, Decision.HARM, Decision.NO_ARM_LEFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBlock:
    """The looks of a block of trials; shape (trials,), or (trials, analyses) with the final one last.

    What a trial did not reach is NaN, its decision NOT_HELD.  Days are of the calendar, from the opening of
    the trial.
    """

    day: Floats
    """Day on which the data were cut; of the final analysis, on which the last endpoint was there."""
    randomised_by: Floats
    """Patients randomised by the decision."""
    patients: Floats
    """Patients who were analysed, or could have been."""
    information: Floats
    """Share of the final information as planned."""
    statistic: Floats
    lower: Floats
    upper: Floats
    decision: Integers
    ended: Integers
    """Which analysis was the last one."""
    randomised: Integers
    size: Integers
    """Size that was aimed at when the trial ended: as planned, estimated again, or shrunk."""
    end_day: Floats
    """Last day of follow-up of the last patient, and not before the decision."""
    left: Integers
    """Look at which each arm left, -1 where it stayed, shape (trials, arms)."""
    estimate: Floats
    reject: Flags
    """The lead test rejects towards benefit."""
    fixed_estimate: Floats
    """Of the same patients in a trial of the planned size without looks."""
    fixed_reject: Flags
    fixed_end_day: Floats

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return every number as a column of one row per trial."""
        found: dict[str, NDArray[Any]] = {}
        for entry in fields(self):
            values = getattr(self, entry.name)
            if values.ndim == 1:
                found[entry.name] = values
            else:
                found |= {f"{entry.name}.{place}": values[:, place] for place in range(values.shape[1])}
        return found


def block_of(columns: dict[str, NDArray[Any]]) -> LookBlock:
    """Return the block whose columns these are."""
    found: dict[str, Any] = {}
    for entry in fields(LookBlock):
        own = [name for name in columns if name.partition(".")[0] == entry.name]
        if own == [entry.name]:
            found[entry.name] = columns[entry.name]
        else:
            own.sort(key=lambda name: int(name.partition(".")[2]))
            found[entry.name] = np.stack([columns[name] for name in own], axis=1)
    return LookBlock(**found)
