"""A progestin: appetite, fat and water at the cost of muscle."""

from __future__ import annotations

from euexia.drugs.drug import Columns, Drug
from euexia.model.effects import Effects
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet


def effects(uptake: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what an uptake (0 to 1) does: appetite, water, muscle breakdown and thrombosis rise."""
    return Effects(
        appetite_factor=1 + uptake * parameters.value("progestin.appetite_effect"),
        water_addition=uptake * parameters.value("progestin.water_effect"),
        breakdown_addition=uptake * parameters.value("progestin.breakdown_effect"),
        thrombosis_factor=1 + (parameters.value("progestin.thrombosis_ratio") - 1) * uptake,
    )


PROGESTIN = Drug(name="progestin", label="progestin", amount="fraction", effects=effects)
