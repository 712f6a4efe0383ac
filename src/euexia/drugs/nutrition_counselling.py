"""Nutrition counselling with oral supplements."""

from __future__ import annotations

from euexia.drugs.drug import Columns, Drug
from euexia.model.effects import Effects
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet


def effects(uptake: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what an uptake (0 to 1) of the advice does: it adds energy intake."""
    return Effects(intake_addition=uptake * parameters.value("nutrition_counselling.intake_addition"))


NUTRITION_COUNSELLING = Drug(
    name="nutrition_counselling", label="nutrition counselling", amount="fraction", effects=effects
)
