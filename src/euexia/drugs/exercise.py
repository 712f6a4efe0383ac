"""Supervised exercise, dosed like a medicine: type, sessions per week, load, progression, adherence.

The amount of this treatment is a share of a full programme; ``programme`` works it out from a prescription.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, assert_never

from euexia.drugs.drug import Columns, Drug
from euexia.model.effects import Effects
from euexia.model.elementary import Value, maximum, minimum
from euexia.parameters import ParameterSet


class Type(StrEnum):
    """What is trained."""

    RESISTANCE = "resistance"
    COMBINED = "combined"
    ENDURANCE = "endurance"


class Constants(NamedTuple):
    """Numbers of the treatment ``exercise``."""

    full: Value
    full_sessions: Value
    full_load: Value
    least_load: Value
    resistance_share: Value
    combined_share: Value
    endurance_share: Value


def relative_load(load: Value, capacity: Value) -> Value:
    r"""Return a load as a share of the most the patient can do now: :math:`\ell/c`, at most 1.

    load: share of the most at the start.  capacity: what the patient can do now, relative to the start.  A
    programme that is adjusted to the patient's own capacity has the load that was prescribed; one that is
    not becomes lighter for whom it makes stronger, and too heavy for whom the disease makes weaker.
    """
    return minimum(load / capacity, 1)


def stimulus(sessions: Value, load: Value, share: Value, c: Constants) -> Value:
    r"""Return the share of a full programme that a prescription is, at most 1.

    .. math:: Ex = s \min\left(1, \frac{n}{n_{full}}\right)
        \min\left(1, \frac{(\ell - \ell_0)_+}{\ell_{full} - \ell_0}\right)

    sessions: n [1/day].  load: l, share of the most the patient can do now.  share: s, of the type.
    """
    enough = maximum(load - c.least_load, 0) / (c.full_load - c.least_load)
    return share * minimum(sessions / c.full_sessions, 1) * minimum(enough, 1)


def type_share(kind: Type, c: Constants) -> Value:
    """Return the effect of a type of exercise on muscle, relative to resistance training."""
    match kind:
        case Type.RESISTANCE:
            return c.resistance_share
        case Type.COMBINED:
            return c.combined_share
        case Type.ENDURANCE:
            return c.endurance_share
        case _:
            assert_never(kind)


def programme(
    kind: Type, sessions: Value, load: Value, adherence: Value, capacity: Value, parameters: ParameterSet
) -> Value:
    """Return the amount of exercise (0 to 1) of a prescription, for the regimen of a patient.

    sessions: per day.  load: share of the most the patient could do when it was set.  adherence: share of
    the sessions that take place.  capacity: what the patient can do now relative to when the load was set: 1
    for a programme that is adjusted to it, see ``relative_load``.
    """
    c = parameters.constants("exercise", Constants)
    return adherence * stimulus(sessions, relative_load(load, capacity), type_share(kind, c), c)


def effects(uptake: Value, columns: Columns, parameters: ParameterSet) -> Effects:
    """Return what a share (0 to 1) of a full programme does: the patient exercises."""
    return Effects(exercise=uptake * parameters.value("exercise.full"))


EXERCISE = Drug(name="exercise", label="exercise programme", amount="fraction", effects=effects)
