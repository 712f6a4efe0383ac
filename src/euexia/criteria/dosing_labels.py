"""Doses that approved labels of lenalidomide print for impaired renal function, and for low counts.

Lenalidomide is not approved for cachexia: these are the rules of the labels for other diseases, shown beside
a trial's own rule.  The labels of the United States and of the European Union differ, so the region is always
stated.  Full doses, and European rows other than multiple myeloma, were not found and are not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.choices import did_you_mean
from euexia.core.errors import UnknownNameError
from euexia.core.logic import TRUE, UNKNOWN, Comparison, Truth, any_of, compare, from_flag
from euexia.criteria.bands import look_up

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]


class Region(StrEnum):
    """Whose label."""

    US = "US"
    EU = "EU"


class Indication(StrEnum):
    """Disease that a row of the label is for."""

    MULTIPLE_MYELOMA = "multiple_myeloma"
    MANTLE_CELL_LYMPHOMA = "mantle_cell_lymphoma"
    MYELODYSPLASTIC_SYNDROME = "myelodysplastic_syndrome_del5q"
    FOLLICULAR_LYMPHOMA = "follicular_lymphoma"
    MARGINAL_ZONE_LYMPHOMA = "marginal_zone_lymphoma"


DAILY, ALTERNATE_DAYS, THREE_A_WEEK = 1.0, 2.0, 7.0 / 3.0
"""Days from one dose to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    """Doses [mg] and days between them; moderate below ``moderate_below`` [mL/min], severe below 30."""

    moderate_below: float
    moderate: tuple[float, float]
    severe: tuple[float, float]
    dialysis: tuple[float, float]
    source_verified: bool = True
    moderate_if_tolerated: float = float("nan")
    """Dose [mg] of the moderate band after two tolerated cycles, where the label has one."""


SEVERE_BELOW = 30.0
CYCLES_TOLERATED = 2.0
_MYELOMA_US = LabelRow(
    moderate_below=60.0, moderate=(10.0, DAILY), severe=(15.0, ALTERNATE_DAYS), dialysis=(5.0, DAILY)
)
_INDOLENT_US = LabelRow(
    moderate_below=60.0,
    moderate=(10.0, DAILY),
    severe=(5.0, DAILY),
    dialysis=(5.0, DAILY),
    source_verified=False,
)
LABELS: Mapping[tuple[Region, Indication], LabelRow] = {
    (Region.US, Indication.MULTIPLE_MYELOMA): _MYELOMA_US,
    (Region.US, Indication.MANTLE_CELL_LYMPHOMA): _MYELOMA_US,
    (Region.US, Indication.MYELODYSPLASTIC_SYNDROME): LabelRow(
        moderate_below=60.0, moderate=(5.0, DAILY), severe=(5.0, ALTERNATE_DAYS), dialysis=(5.0, THREE_A_WEEK)
    ),
    (Region.US, Indication.FOLLICULAR_LYMPHOMA): _INDOLENT_US,
    (Region.US, Indication.MARGINAL_ZONE_LYMPHOMA): _INDOLENT_US,
    (Region.EU, Indication.MULTIPLE_MYELOMA): LabelRow(
        moderate_below=50.0,
        moderate=(10.0, DAILY),
        severe=(15.0, ALTERNATE_DAYS),
        dialysis=(5.0, DAILY),
        moderate_if_tolerated=15.0,
    ),
}

ADJUSTMENTS = ("full dose", "moderate impairment", "severe impairment", "dialysis")
FULL, MODERATE, SEVERE, DIALYSIS = (np.int8(index) for index in range(4))
UNKNOWN_ADJUSTMENT = np.int8(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenalDose:
    """Starting dose by renal function; arrays of the patients' shape."""

    adjustment: Codes
    """Index into ADJUSTMENTS, -1 unknown; unknown is never full dose."""
    dose: Floats
    """[mg], on days of dialysis after it; NaN for the full dose (the indication's own) and where unknown."""
    days_between: Floats
    """Days from one dose to the next; NaN as for ``dose``."""


def lenalidomide_renal_dose(
    creatinine_clearance: ArrayLike,
    dialysis: ArrayLike,
    cycles_tolerated: ArrayLike = 0.0,
    *,
    region: Region,
    indication: Indication,
) -> RenalDose:
    """Return the labelled dose for renal function; missing clearance or dialysis is unknown.

    creatinine_clearance: by Cockcroft and Gault [mL/min], not a rate per 1.73 m2.  Exactly 30 is moderate,
    exactly the upper bound (60 US, 50 EU) is full dose; the US label prints "30-60" (decision of this
    project). dialysis: 1, 0 or NaN.  cycles_tolerated: completed and tolerated; from 2 on the EU label allows
    15 mg. Raises UnknownNameError for a region and indication whose row was not found.
    """
    row = _row(region, indication)
    on_dialysis = from_flag(dialysis)
    clearance = np.asarray(creatinine_clearance, dtype=float)
    severe = compare(clearance, Comparison.BELOW, SEVERE_BELOW) == TRUE
    moderate = compare(clearance, Comparison.BELOW, row.moderate_below) == TRUE
    step = np.where(severe, SEVERE, np.where(moderate, MODERATE, FULL))
    step = np.where(np.isnan(clearance) | (on_dialysis == UNKNOWN), UNKNOWN_ADJUSTMENT, step)
    step = np.where(on_dialysis == TRUE, DIALYSIS, step).astype(np.int8)
    doses, intervals = zip(row.moderate, row.severe, row.dialysis, strict=True)
    dose = look_up(step, (np.nan, *doses))
    settled = compare(cycles_tolerated, Comparison.AT_LEAST, CYCLES_TOLERATED) == TRUE
    raised = settled & (step == MODERATE) & ~np.isnan(row.moderate_if_tolerated)
    return RenalDose(
        adjustment=step,
        dose=np.where(raised, row.moderate_if_tolerated, dose),
        days_between=look_up(step, (np.nan, *intervals)),
    )


DOSE_STEPS_EU_EARLIER = (25.0, 15.0, 10.0, 5.0)
DOSE_STEPS_EU = (25.0, 20.0, 15.0, 10.0, 5.0, 2.5)
"""Dose levels [mg] of the European label in myeloma: those of its earlier text, and of its text of 2024."""
START_NEUTROPHILS, START_PLATELETS = 1.0, 50.0
START_PLATELETS_EARLIER = (75.0, 30.0)
HOLD_NEUTROPHILS, HOLD_PLATELETS = 0.5, 30.0


def must_not_start_eu(
    neutrophils: ArrayLike, platelets: ArrayLike, *, platelets_below: float = START_PLATELETS
) -> Truth:
    """Return whether the European label forbids to start: neutrophils < 1.0 OR platelets < 50 [10^9/L].

    platelets_below: earlier texts print 75 or 30 (START_PLATELETS_EARLIER).
    """
    return any_of(
        [
            compare(neutrophils, Comparison.BELOW, START_NEUTROPHILS),
            compare(platelets, Comparison.BELOW, platelets_below),
        ]
    )


def must_hold_eu(neutrophils: ArrayLike, platelets: ArrayLike) -> Truth:
    """Return whether the European label stops treatment: neutrophils < 0.5 OR platelets < 30 [10^9/L]."""
    return any_of(
        [
            compare(neutrophils, Comparison.BELOW, HOLD_NEUTROPHILS),
            compare(platelets, Comparison.BELOW, HOLD_PLATELETS),
        ]
    )


def _row(region: Region, indication: Indication) -> LabelRow:
    """Return the row of the label, or raise UnknownNameError naming those that were found."""
    if (region, indication) in LABELS:
        return LABELS[region, indication]
    known = [name.value for where, name in LABELS if where is region]
    raise UnknownNameError(
        f"The renal doses of the {region.value} label for '{indication.value}' were not found. "
        f"{did_you_mean(indication.value, known)}"
    )
