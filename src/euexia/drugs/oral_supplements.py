"""Oral nutritional supplements."""

from __future__ import annotations

from euexia.drugs.drug import Columns, Drug
from euexia.model.effects import Effects
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet


def effects(uptake: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what an uptake (0 to 1) does: energy that does not replace ordinary food is added."""
    added = parameters.value("oral_supplements.energy") * parameters.value("oral_supplements.net_share")
    return Effects(intake_addition=uptake * added)


ORAL_SUPPLEMENTS = Drug(
    name="oral_supplements", label="oral nutritional supplements", amount="fraction", effects=effects
)
