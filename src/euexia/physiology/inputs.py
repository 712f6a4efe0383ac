"""What makes one virtual patient different from another."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.core.studytime import SIX_MONTHS

Column = NDArray[np.float64]

LEAST_RUN_IN = SIX_MONTHS
"""Shortest run-in [day]: the weight of half a year ago must be part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientInputs:
    """Inputs of a block of patients, each of shape (patients,)."""

    male: Column
    """1 for men, 0 for women."""
    age: Column
    """[year]"""
    height: Column
    """[cm]"""
    weight: Column
    """Body weight on day 0 [kg]."""
    activity_level: Column
    """Total over resting expenditure before the disease."""
    crp: Column
    """C-reactive protein on day 0 [mg/L]."""
    gdf15: Column
    """GDF-15 on day 0 [ng/mL]."""
    tumour_mass: Column
    """Tumour burden on day 0 [kg]."""
    tumour_growth: Column
    """[1/day]"""
    tumour_kill: Column
    """Initial kill rate while chemotherapy runs [1/day]."""
    chemotherapy: Column
    """1 if chemotherapy starts on day 0, else 0."""
    trial_intake: Column
    """Intake added by trial care from day 0 [kcal/day]."""
    appetite_inflammation_effect: Column
    """Factor of the effect of inflammation on appetite."""
    appetite_gdf15_effect: Column
    """Factor of the effect of GDF-15 on appetite."""
    expenditure_effect: Column
    """Factor of the effect of inflammation on expenditure."""
    muscle_effect: Column
    """Factor of the effect of inflammation on muscle breakdown."""
    quality_effect: Column
    """Factor of all effects on muscle quality."""
    feedback: Column
    """Share of the healthy feedback of weight on intake that is left."""
    handgrip_effect: Column
    """Factor of premorbid handgrip strength per muscle mass."""
    run_in_days: Column
    """Days from the healthy state to day 0."""
    ecog: Column
    """ECOG performance status."""
    neutrophils: Column
    """Own count without treatment [10^9/L]."""
    platelets: Column
    """Own count without treatment [10^9/L]."""

    def __post_init__(self) -> None:
        shapes = {getattr(self, name).shape for name in INPUTS}
        if len(shapes) > 1:
            raise InputError(
                f"The patient inputs have different shapes: {sorted(shapes)}. Give one array each."
            )
        if np.any(self.run_in_days < LEAST_RUN_IN):
            raise InputError(
                f"A run-in of {np.min(self.run_in_days):g} days is too short; use at least {LEAST_RUN_IN:g}."
            )

    @classmethod
    def of(cls, **values: Any) -> PatientInputs:
        """Return inputs from numbers or arrays, broadcast to one shape (patients,)."""
        arrays = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in values.values())
        )
        return cls(**{name: np.array(array) for name, array in zip(values, arrays, strict=True)})


INPUTS: tuple[str, ...] = tuple(field.name for field in fields(PatientInputs))
"""Names of all inputs, in order."""
