"""The channels through which a treatment may act on a patient.

A treatment knows none of the others and nothing of the physiology: it fills channels.  Every channel has a
neutral value, so that no treatment is a treatment with neutral effects, bit for bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from euexia.model.elementary import Value, minimum


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What all treatments together do over one span; each value a float or of shape (patients,)."""

    inflammation_suppression: Value = 0.0
    """Share of the tumour-linked inflammatory drive that is suppressed, 0 to 1."""
    receptor_occupancy: Value = 0.0
    """Share of GDF-15 receptors that is blocked, 0 to 1."""
    appetite_factor: Value = 1.0
    """Factor of appetite."""
    intake_addition: Value = 0.0
    """Energy intake added by feeding [kcal/day]."""
    exercise: Value = 0.0
    """Exercise, share of a full supervised programme, 0 to 1."""
    igf1_stimulation: Value = 0.0
    """Relative rise of IGF-1 production."""
    breakdown_addition: Value = 0.0
    """Relative rise of muscle protein breakdown."""
    water_addition: Value = 0.0
    """Extracellular water retained [kg]."""
    neutrophil_ceiling: Value = math.inf
    """Count to which neutrophils fall if they are above [10^9/L]."""
    platelet_ceiling: Value = math.inf
    """Count to which platelets fall if they are above [10^9/L]."""
    dropout_factor: Value = 1.0
    """Factor of the dropout rate."""
    serious_factor: Value = 1.0
    """Factor of the rate of serious adverse events."""
    thrombosis_factor: Value = 1.0
    """Factor of the rate of venous thromboembolism."""
    rash_factor: Value = 1.0
    """Factor of the rate of rash."""


NEUTRAL = Effects()
"""No treatment."""

CHANNELS: tuple[str, ...] = tuple(field.name for field in fields(Effects))
"""Names of all channels, in order."""

_SHARES = frozenset({"inflammation_suppression", "receptor_occupancy", "exercise"})
_SUMS = frozenset({"intake_addition", "igf1_stimulation", "breakdown_addition", "water_addition"})
_CEILINGS = frozenset({"neutrophil_ceiling", "platelet_ceiling"})


def combine(first: Effects, second: Effects) -> Effects:
    r"""Return the effects of two treatments given together.

    Shares act one after the other, :math:`1 - (1 - a)(1 - b)`; additions add; factors multiply; the lower
    ceiling counts. Combining with NEUTRAL changes no bit.
    """
    return Effects(**{name: _join(name, getattr(first, name), getattr(second, name)) for name in CHANNELS})


def _join(name: str, a: Value, b: Value) -> Value:
    if name in _SHARES:
        return a + b - a * b
    if name in _SUMS:
        return a + b
    if name in _CEILINGS:
        return minimum(a, b)
    return a * b
