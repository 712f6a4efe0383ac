"""Exercise dosed like a medicine: type, sessions, load, progression and adherence."""

from __future__ import annotations

import pytest

from euexia import parameters
from euexia.drugs.exercise import Type, programme

PARAMETERS = parameters.load()
THRICE = 3 / 7
"""Three sessions a week [1/day]."""


def amount(
    kind: Type = Type.RESISTANCE,
    sessions: float = THRICE,
    load: float = 0.7,
    adherence: float = 1.0,
    capacity: float = 1.0,
) -> float:
    """Return the share of a full programme."""
    return float(programme(kind, sessions, load, adherence, capacity, PARAMETERS))


def test_a_full_programme_is_1() -> None:
    """Resistance training three times a week at 70 % of the most the patient can do; more is not more."""
    assert amount() == pytest.approx(1)
    assert amount(sessions=1.0) == amount(load=0.9) == pytest.approx(1)


def test_less_of_anything_is_less() -> None:
    """Sessions and adherence count in proportion; a load of daily life does nothing."""
    assert amount(sessions=THRICE / 2) == pytest.approx(0.5)
    assert amount(adherence=0.69) == pytest.approx(0.69)
    assert amount(load=0.45) == pytest.approx(0.5)
    assert amount(load=0.2) == amount(load=0.1) == 0
    assert amount(Type.ENDURANCE) < amount(Type.COMBINED) < amount()


def test_progression_by_own_capacity_keeps_the_dose() -> None:
    """A load that is never adjusted becomes lighter for whom it makes stronger."""
    adjusted = amount(capacity=1.0)
    assert amount(capacity=1.2) < adjusted
    assert amount(load=0.7 * 1.2, capacity=1.2) == pytest.approx(adjusted)
