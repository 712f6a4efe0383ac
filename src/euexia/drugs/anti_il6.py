"""An antibody against interleukin-6."""

from __future__ import annotations

from euexia.drugs.drug import Columns, Drug
from euexia.model.effects import Effects
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet


def effects(uptake: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what an uptake (0 to 1) does: the inflammatory drive is suppressed."""
    return Effects(inflammation_suppression=uptake * parameters.value("anti_il6.suppression"))


ANTI_IL6 = Drug(name="anti_il6", label="anti-interleukin-6 antibody", amount="fraction", effects=effects)
