"""Differences and changes that matter to patients, as printed for instruments and tests.

They judge a difference between groups or a change of a patient, as ``applies_to`` says; none of them is a
threshold of a definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportantDifference:
    """One published range of differences that matter; ``low`` equals ``high`` where one number is printed."""

    low: float
    high: float
    unit: str
    applies_to: str
    source: str
    source_verified: bool


def _difference(
    low: float, high: float, unit: str, applies_to: str, source: str, *, verified: bool
) -> ImportantDifference:
    """Return one entry."""
    return ImportantDifference(
        low=low, high=high, unit=unit, applies_to=applies_to, source=source, source_verified=verified
    )


_SPPB = "Perera S et al. 2006"
_PROMIS = "PMC3076200"

DIFFERENCES: Mapping[str, ImportantDifference] = {
    "handgrip_mcid": _difference(5.0, 6.5, "kg", "change of a patient", "PMC6348186", verified=True),
    "handgrip_cachexia_deficit": _difference(
        3.0, 6.0, "kg", "deficit in cachexia that may matter", "Caeiro 2024, Cancers 16:1395", verified=True
    ),
    "six_minute_walk_lung_cancer": _difference(
        22.0, 42.0, "m", "change of a patient with lung cancer", "Granger 2015", verified=True
    ),
    "six_minute_walk_lung_cancer_share": _difference(
        0.095, 0.095, "1", "change of a patient with lung cancer", "Granger 2015", verified=True
    ),
    "six_minute_walk_acute_failure": _difference(
        20.0, 30.0, "m", "acute failure (which is not stated)", "not stated", verified=False
    ),
    "six_minute_walk_generic": _difference(30.0, 30.0, "m", "any", "not stated", verified=False),
    "six_minute_walk_small_substantial": _difference(
        20.0, 50.0, "m", "small, and substantial", _SPPB, verified=False
    ),
    "short_battery_small_substantial": _difference(
        0.5, 1.0, "points", "small, and substantial", _SPPB, verified=False
    ),
    "gait_speed_small_substantial": _difference(
        0.05, 0.10, "m/s", "small, and substantial", _SPPB, verified=False
    ),
    "faact_acs": _difference(4.0, 4.0, "points", "difference", "not stated", verified=False),
    "qlq_c30_improvement": _difference(
        5.0, 14.0, "points", "mean change of a group, by scale", "Musoro, PMC7050000", verified=True
    ),
    "qlq_c30_worsening": _difference(
        -14.0, -4.0, "points", "mean change of a group, by scale", "Musoro, PMC7050000", verified=True
    ),
    "qlq_c30_small": _difference(
        5.0, 10.0, "points", "change of a patient", "Osoba D et al.", verified=False
    ),
    "qlq_c30_moderate": _difference(
        10.0, 20.0, "points", "change of a patient", "Osoba D et al.", verified=False
    ),
    "promis_physical_function": _difference(
        4.0, 6.0, "T score", "ten-item form, cancer", _PROMIS, verified=True
    ),
    "promis_fatigue": _difference(3.0, 5.0, "T score", "cancer", _PROMIS, verified=True),
    "simple_evaluation_of_appetite": _difference(
        1.0, 2.0, "points", "important difference of the four-item form", "PMC4376952", verified=True
    ),
}
"""Published differences by name.  A change of the QLQ-C30 above 20 points is large (Osoba, from memory)."""
