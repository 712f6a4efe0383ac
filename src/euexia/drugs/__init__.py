"""Treatments: one mechanism per file, blind to each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from euexia.core.choices import choose
from euexia.core.errors import InputError
from euexia.drugs.activity_counselling import ACTIVITY_COUNSELLING
from euexia.drugs.anamorelin import ANAMORELIN
from euexia.drugs.anti_il6 import ANTI_IL6
from euexia.drugs.drug import Columns, Drug
from euexia.drugs.exercise import EXERCISE
from euexia.drugs.lenalidomide import LENALIDOMIDE
from euexia.drugs.ngm120 import NGM120
from euexia.drugs.nsaid import NSAID
from euexia.drugs.nutrition_counselling import NUTRITION_COUNSELLING
from euexia.drugs.oral_supplements import ORAL_SUPPLEMENTS
from euexia.drugs.ponsegromab import PONSEGROMAB
from euexia.drugs.progestin import PROGESTIN
from euexia.drugs.prokinetic import PROKINETIC
from euexia.drugs.thalidomide import THALIDOMIDE
from euexia.model.antibody import Injection
from euexia.model.effects import NEUTRAL, Effects, combine
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet

DRUGS: Mapping[str, Drug] = {
    drug.name: drug
    for drug in (
        LENALIDOMIDE,
        THALIDOMIDE,
        ANAMORELIN,
        PONSEGROMAB,
        NGM120,
        ANTI_IL6,
        NSAID,
        PROGESTIN,
        PROKINETIC,
        NUTRITION_COUNSELLING,
        ORAL_SUPPLEMENTS,
        ACTIVITY_COUNSELLING,
        EXERCISE,
    )
}
"""Every treatment a protocol can name."""

__all__ = ["DRUGS", "Columns", "Drug", "effects", "event_rates", "highest_amount", "injection"]


def effects(regimen: Mapping[str, Value], columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what a regimen does.

    regimen: drug name to dose [mg/day] or uptake (0 to 1), a number or of shape (patients,); an amount that
    is missing does nothing.  columns: covariates and personal effects by name.  Raises UnknownNameError for
    a drug or column that is not there, InputError for an amount that cannot be given.
    """
    total = NEUTRAL
    for name in sorted(regimen):
        drug = _asked(name, regimen[name], columns, parameters)
        total = combine(total, drug.effects(regimen[name], columns, parameters))
    return total


def injection(name: str, dose: Value, columns: Columns, parameters: ParameterSet) -> Injection:
    """Return what one injection of a drug brings into the body, for the engine's ``inject``.

    dose: single dose [mg], a number or of shape (patients,); 0 for who has none.  Raises as ``effects``, and
    InputError for a drug that is not injected.
    """
    drug = _asked(name, dose, columns, parameters)
    if drug.injection is None:
        known = ", ".join(entry.name for entry in DRUGS.values() if entry.injection is not None)
        raise InputError(f"'{name}' is not given by single injections; those that are: {known}.")
    return drug.injection(dose, columns, parameters)


def highest_amount(name: str, parameters: ParameterSet) -> float:
    """Return the highest plausible amount of a drug: its dose [mg], or 1 for an uptake."""
    drug = choose("treatment", name, DRUGS)
    highest = 1.0 if drug.amount == "fraction" else parameters[f"{name}.dose"].high
    if highest is None:
        raise InputError(f"The parameter '{name}.dose' has no 'high', the highest dose that is plausible.")
    return highest


def _asked(name: str, amount: Value, columns: Columns, parameters: ParameterSet) -> Drug:
    """Return a drug of a regimen after checking its amount and that the columns it needs are there."""
    drug = choose("treatment", name, DRUGS, asked_in="the regimen")
    for column in drug.needs:
        choose("patient column", column, columns, asked_in=f"treatment '{name}'")
    highest = highest_amount(name, parameters)
    found = np.asarray(amount, dtype=float)
    wrong = found[~((found >= 0) & (found <= highest))]
    if wrong.size:
        what = "uptake" if drug.amount == "fraction" else "dose"
        unit = "" if drug.amount == "fraction" else " mg"
        raise InputError(
            f"The {what} {wrong.flat[0]:g}{unit} of '{name}' cannot be given. "
            f"Give a number from 0 to {highest:g}{unit}."
        )
    return drug


def event_rates(acting: Effects, parameters: ParameterSet) -> dict[str, Value]:
    """Return the rates of adverse events [1/day]: ``thrombosis_rate`` and ``rash_rate``."""
    return {
        "thrombosis_rate": parameters.value("hazards.thrombosis_rate") * acting.thrombosis_factor,
        "rash_rate": parameters.value("hazards.rash_rate") * acting.rash_factor,
    }
