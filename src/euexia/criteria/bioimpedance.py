"""Muscle mass from bioimpedance.  Extracellular water lowers resistance and raises it falsely."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from euexia.core.logic import TRUE, UNKNOWN, Comparison, compare
from euexia.criteria.criterion import by_sex
from euexia.criteria.definition import Definition, asked
from euexia.criteria.inputs import AGE, FLUID, HEIGHT, MALE, REACTANCE, RESISTANCE, WEIGHT
from euexia.criteria.outcome import Outcome, measured

NAN = float("nan")
METRE = 100.0
"""Centimetres in one metre."""

JANSSEN_INDEX, JANSSEN_MALE, JANSSEN_AGE, JANSSEN_INTERCEPT = 0.401, 3.825, -0.071, 5.102
JANSSEN_CLASS_II, JANSSEN_CLASS_I = (8.50, 5.75), (10.75, 6.75)
"""kg/m2, men and women, up to which muscle is of class II and I; not for muscle as a share of body mass."""
JANSSEN_CLASSES = ("normal", "class I", "class II")

JANSSEN_INPUTS = (MALE, AGE, HEIGHT, RESISTANCE, FLUID)


@asked(*JANSSEN_INPUTS)
def bia_janssen(
    *,
    male: ArrayLike = NAN,
    age: ArrayLike = NAN,
    height: ArrayLike = NAN,
    resistance: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
) -> Outcome:
    """Return skeletal muscle mass [kg], its index [kg/m2] as a part, and its class.

    SMM = 0.401 H^2/R + 3.825 (men) - 0.071 age + 5.102, with H [cm] and R [ohm] at 50 kHz.
    """
    centimetres, years = np.asarray(height, dtype=float), np.asarray(age, dtype=float)
    conductance = centimetres**2 / np.asarray(resistance, dtype=float)
    mass = (
        JANSSEN_INDEX * conductance
        + by_sex(male, JANSSEN_MALE, 0.0)
        + JANSSEN_AGE * years
        + JANSSEN_INTERCEPT
    )
    index = mass / (centimetres / METRE) ** 2
    second = compare(index, Comparison.AT_MOST, by_sex(male, *JANSSEN_CLASS_II))
    first = compare(index, Comparison.AT_MOST, by_sex(male, *JANSSEN_CLASS_I))
    found = np.where(second == TRUE, 2, np.where(first == TRUE, 1, 0))
    return measured(
        mass,
        parts={"muscle_mass_index": index},
        category=np.where(first == UNKNOWN, -1, found).astype(np.int8),
        categories=JANSSEN_CLASSES,
        male=male,
        age=age,
        height=height,
        resistance=resistance,
    )


BIA_JANSSEN = Definition(
    id="bia_janssen",
    version="2000",
    source="Janssen I et al. J Appl Physiol 2000;89:465",
    source_verified=True,
    unverified=("classes of the index",),
    concept="measurement",
    inputs=JANSSEN_INPUTS,
    function=bia_janssen,
)

SERGI_INTERCEPT, SERGI_INDEX, SERGI_WEIGHT, SERGI_MALE, SERGI_REACTANCE = -3.964, 0.227, 0.095, 1.384, 0.064

SERGI_INPUTS = (MALE, HEIGHT, WEIGHT, RESISTANCE, REACTANCE, FLUID)


@asked(*SERGI_INPUTS)
def bia_sergi(
    *,
    male: ArrayLike = NAN,
    height: ArrayLike = NAN,
    body_weight: ArrayLike = NAN,
    resistance: ArrayLike = NAN,
    reactance: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
) -> Outcome:
    """Return appendicular muscle mass [kg], and its index [kg/m2] as a part.

    ASMM = -3.964 + 0.227 H^2/R + 0.095 W + 1.384 (men) + 0.064 Xc, with H [cm], R and Xc [ohm], W [kg].
    Developed in older Caucasian people.
    """
    centimetres = np.asarray(height, dtype=float)
    conductance = centimetres**2 / np.asarray(resistance, dtype=float)
    mass = (
        SERGI_INTERCEPT
        + SERGI_INDEX * conductance
        + SERGI_WEIGHT * np.asarray(body_weight, dtype=float)
        + by_sex(male, SERGI_MALE, 0.0)
        + SERGI_REACTANCE * np.asarray(reactance, dtype=float)
    )
    return measured(
        mass,
        parts={"appendicular_index": mass / (centimetres / METRE) ** 2},
        male=male,
        height=height,
        body_weight=body_weight,
        resistance=resistance,
        reactance=reactance,
    )


BIA_SERGI = Definition(
    id="bia_sergi",
    version="2015",
    source="Sergi G et al. Clin Nutr 2015;34:667",
    source_verified=False,
    concept="measurement",
    inputs=SERGI_INPUTS,
    function=bia_sergi,
)

DEFINITIONS = (BIA_JANSSEN, BIA_SERGI)
