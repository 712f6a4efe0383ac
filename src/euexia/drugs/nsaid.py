"""A non-steroidal anti-inflammatory drug."""

from __future__ import annotations

from euexia.drugs.drug import Columns, Drug
from euexia.model.effects import Effects
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet


def effects(uptake: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what an uptake (0 to 1) does: less inflammatory drive, more serious adverse events."""
    return Effects(
        inflammation_suppression=uptake * parameters.value("nsaid.suppression"),
        serious_factor=1 + (parameters.value("nsaid.serious_ratio") - 1) * uptake,
    )


NSAID = Drug(name="nsaid", label="anti-inflammatory drug", amount="fraction", effects=effects)
