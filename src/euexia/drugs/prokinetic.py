"""Prokinetic drug against early satiety."""

from __future__ import annotations

from euexia.drugs.drug import Columns, Drug
from euexia.model.effects import Effects
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet


def effects(uptake: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what an uptake (0 to 1) does: appetite rises a little."""
    return Effects(appetite_factor=1 + uptake * parameters.value("prokinetic.appetite_effect"))


PROKINETIC = Drug(name="prokinetic", label="prokinetic", amount="fraction", effects=effects)
