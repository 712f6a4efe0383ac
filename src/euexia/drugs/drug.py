"""What every treatment declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from euexia.model.antibody import Injection
from euexia.model.effects import Effects
from euexia.model.elementary import Value
from euexia.parameters import ParameterSet

Columns = Mapping[str, Value]
"""Covariates and personal effects of the patients, by name, each of shape (patients,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """A treatment, a medicine or care."""

    name: str
    label: str
    amount: str
    """Kind of what is given: ``oral_dose`` [mg/day] for a medicine, ``fraction`` (uptake) for care."""
    effects: Callable[[Value, Columns, ParameterSet], Effects]
    """(dose or uptake, columns, parameters) to what it does; 0 gives neutral effects, bit for bit."""
    needs: tuple[str, ...] = ()
    """Columns it reads."""
    injection: Callable[[Value, Columns, ParameterSet], Injection] | None = None
    """(single dose [mg], columns, parameters) to what one injection brings into the body, for an antibody
    whose time course the engine follows; its daily mean then has no effects of its own."""


def own_factor(columns: Columns, name: str) -> Value:
    """Return the patients' own factor of a number of a treatment, ``<treatment>_<number>_effect``.

    Patients without one are typical.
    """
    return columns.get(name, 1.0)
