"""Whole-body composition from one CT slice at the third lumbar vertebra."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.criteria.definition import Definition, asked
from euexia.criteria.inputs import ADIPOSE_AREA, MUSCLE_AREA
from euexia.criteria.outcome import Outcome, measured

Floats = NDArray[np.float64]
NAN = float("nan")

LEAN_SLOPE, LEAN_INTERCEPT = 0.30, 6.06
FAT_SLOPE, FAT_INTERCEPT = 0.042, 11.2


def fat_free_mass(muscle_area: ArrayLike) -> Floats:
    """Return whole-body fat-free mass [kg], 0.30 SMA + 6.06.

    muscle_area: SMA, skeletal muscle area at L3 [cm2], any shape.  A relative change of it is smaller than
    that of SMA.
    """
    return LEAN_SLOPE * np.asarray(muscle_area, dtype=float) + LEAN_INTERCEPT


def fat_mass(adipose_area: ArrayLike) -> Floats:
    """Return whole-body fat mass [kg], 0.042 AT + 11.2; adipose_area: AT at L3 [cm2], any shape."""
    return FAT_SLOPE * np.asarray(adipose_area, dtype=float) + FAT_INTERCEPT


@asked(MUSCLE_AREA)
def mourtzakis2008(*, skeletal_muscle_area: ArrayLike = NAN) -> Outcome:
    """Return whole-body fat-free mass [kg], 0.30 SMA + 6.06.

    A second slice differs by as much as a change of 2 %; its relative change is smaller than that of SMA.
    """
    return measured(fat_free_mass(skeletal_muscle_area), skeletal_muscle_area=skeletal_muscle_area)


@asked(ADIPOSE_AREA)
def mourtzakis2008_fat(*, adipose_area: ArrayLike = NAN) -> Outcome:
    """Return whole-body fat mass [kg], 0.042 AT + 11.2."""
    return measured(fat_mass(adipose_area), adipose_area=adipose_area)


DEFINITION = Definition(
    id="mourtzakis2008",
    version="2008",
    source="Mourtzakis M et al. Appl Physiol Nutr Metab 2008;33:997-1006",
    source_verified=True,
    inputs=(MUSCLE_AREA,),
    function=mourtzakis2008,
)
FAT = Definition(
    id="mourtzakis2008_fat",
    version="2008",
    source="Mourtzakis M et al. Appl Physiol Nutr Metab 2008;33:997-1006",
    source_verified=True,
    inputs=(ADIPOSE_AREA,),
    function=mourtzakis2008_fat,
)

DEFINITIONS = (DEFINITION, FAT)
