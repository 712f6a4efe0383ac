"""Activity counselling and exercise."""

from __future__ import annotations

from euexia.drugs.drug import Columns, Drug
from euexia.model.effects import Effects
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet


def effects(uptake: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what an uptake (0 to 1) of the advice does: the patient exercises."""
    return Effects(exercise=uptake * parameters.value("activity_counselling.exercise"))


ACTIVITY_COUNSELLING = Drug(
    name="activity_counselling", label="activity counselling", amount="fraction", effects=effects
)
