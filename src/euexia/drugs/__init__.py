"""Treatments: one mechanism per file, blind to each other."""

from __future__ import annotations

from collections.abc import Mapping

from euexia.core.choices import choose
from euexia.drugs.activity_counselling import ACTIVITY_COUNSELLING
from euexia.drugs.drug import Columns, Drug
from euexia.drugs.lenalidomide import LENALIDOMIDE
from euexia.drugs.nutrition_counselling import NUTRITION_COUNSELLING
from euexia.drugs.prokinetic import PROKINETIC
from euexia.model.effects import NEUTRAL, Effects, combine
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet

DRUGS: Mapping[str, Drug] = {
    drug.name: drug for drug in (LENALIDOMIDE, NUTRITION_COUNSELLING, ACTIVITY_COUNSELLING, PROKINETIC)
}
"""Every treatment a protocol can name."""

__all__ = ["DRUGS", "Columns", "Drug", "effects", "event_rates"]


def effects(regimen: Mapping[str, Value], columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what a regimen does.

    regimen: drug name to dose [mg/day] or uptake (0 to 1), a number or of shape (patients,); an amount that
    is missing does nothing.  columns: covariates and personal effects by name.  Raises UnknownNameError for
    a drug or column that is not there.
    """
    total = NEUTRAL
    for name in sorted(regimen):
        drug = choose("treatment", name, DRUGS, asked_in="the regimen")
        for column in drug.needs:
            choose("patient column", column, columns, asked_in=f"treatment '{name}'")
        total = combine(total, drug.effects(regimen[name], columns, parameters))
    return total


def event_rates(acting: Effects, parameters: ParameterSet) -> dict[str, Value]:
    """Return the rates of adverse events [1/day]: ``thrombosis_rate`` and ``rash_rate``."""
    return {
        "thrombosis_rate": parameters.value("hazards.thrombosis_rate") * acting.thrombosis_factor,
        "rash_rate": parameters.value("hazards.rash_rate") * acting.rash_factor,
    }
