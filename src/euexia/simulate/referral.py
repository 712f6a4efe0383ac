"""What is true of a candidate at screening, without the costly run-in: the disease, in closed form."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from euexia.parameters import ParameterSet
from euexia.physiology import whole_body
from euexia.physiology.body import Body, constants, personal
from euexia.physiology.inputs import INPUTS, PatientInputs

Floats = NDArray[np.float64]


DISEASE_COLUMNS = ("crp", "gdf15", "tumour_mass", "tumour_growth", "run_in_days")
"""Characteristics from which the untreated disease follows."""


def inputs_of(columns: Mapping[str, Floats]) -> PatientInputs:
    """Return the inputs of the model from a population's columns, each of shape (patients,)."""
    return PatientInputs(**{name: columns[name] for name in INPUTS})


def as_referred(columns: Mapping[str, Floats], parameters: ParameterSet) -> dict[str, Floats]:
    """Return a population's columns as the patients who enter trials have them.

    The shift of intake and the factor of the kill rate are nought and one unless a calibration moved them;
    then they move every patient alike.
    """
    return {
        **columns,
        "trial_intake": columns["trial_intake"] + parameters.value("referred.intake_shift"),
        "tumour_kill": columns["tumour_kill"] * parameters.value("referred.kill_ratio"),
    }


def disease_before(columns: Mapping[str, Floats], day: float, parameters: ParameterSet) -> dict[str, Floats]:
    """Return C-reactive protein [mg/L] and GDF-15 [ng/mL] on a day before randomisation, shape (patients,).

    These are the very numbers that the run-in gives, because before randomisation nothing acts on the
    disease.  columns: DISEASE_COLUMNS are enough; the disease does not feel the others.
    """
    numbers = constants(parameters)
    size = np.zeros(np.shape(columns[DISEASE_COLUMNS[0]]))
    own = personal(inputs_of({**dict.fromkeys(INPUTS, size), **columns}), numbers)
    nobody: Body = Body(premorbid=None, personal=own, baseline=None)  # type: ignore[arg-type]
    disease = whole_body.untreated_disease(day, nobody, numbers)
    return {"crp": np.asarray(disease.crp), "gdf15": np.asarray(disease.gdf15)}
