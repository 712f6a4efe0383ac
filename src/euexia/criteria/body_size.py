"""Body-mass index, fat-free mass index, and lean body mass from weight and height alone.

Lean body mass by these equations is a fixed function of weight: a "gain" of it is a gain of weight.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from euexia.criteria.criterion import Criterion, Floats, above, at_least, below, by_sex
from euexia.criteria.definition import Definition, Input, asked
from euexia.criteria.inputs import (
    AGE,
    APPENDICULAR_MASS,
    BMI,
    FLUID,
    HEIGHT,
    MALE,
    WEIGHT,
)
from euexia.criteria.outcome import Outcome, answer, measured

NAN = float("nan")
METRE = 100.0
"""Centimetres in one metre."""


def body_mass_index(weight: ArrayLike, height: ArrayLike) -> Floats:
    """Return weight [kg] over height [m] squared; height is given in cm."""
    return np.asarray(weight, dtype=float) / (np.asarray(height, dtype=float) / METRE) ** 2


INDEX_INPUTS = (WEIGHT, HEIGHT, FLUID)


@asked(*INDEX_INPUTS)
def bmi(
    *, body_weight: ArrayLike = NAN, height: ArrayLike = NAN, fluid_retention: ArrayLike = NAN
) -> Outcome:
    """Return the body-mass index [kg/m2], W / H^2."""
    return measured(body_mass_index(body_weight, height), body_weight=body_weight, height=height)


BODY_MASS_INDEX = Definition(
    id="bmi",
    version="1",
    source="Weight over height squared",
    source_verified=True,
    inputs=INDEX_INPUTS,
    function=bmi,
)

# --- Lean body mass from weight and height ------------------------------------------------------------------

BOER_MEN, BOER_WOMEN = (0.407, 0.267, -19.2), (0.252, 0.473, -48.3)
HUME_MEN, HUME_WOMEN = (0.32810, 0.33929, -29.5336), (0.29569, 0.41813, -43.2933)
"""Factors of weight [kg] and height [cm], and intercept [kg]."""
JAMES_MEN, JAMES_WOMEN = (1.10, 128.0), (1.07, 148.0)
JANMAHASATIAN_FACTOR = 9270.0
JANMAHASATIAN_MEN, JANMAHASATIAN_WOMEN = (6680.0, 216.0), (8780.0, 244.0)

LEAN_INPUTS = (MALE, WEIGHT, HEIGHT, FLUID)


def _linear(
    male: ArrayLike,
    weight: ArrayLike,
    height: ArrayLike,
    men: tuple[float, float, float],
    women: tuple[float, float, float],
) -> Outcome:
    """Return the outcome of a W + b H + c with the factors of the sex."""
    by_weight, by_height, intercept = (by_sex(male, *pair) for pair in zip(men, women, strict=True))
    kilograms, centimetres = np.asarray(weight, dtype=float), np.asarray(height, dtype=float)
    mass = by_weight * kilograms + by_height * centimetres + intercept
    return measured(mass, male=male, body_weight=weight, height=height)


@asked(*LEAN_INPUTS)
def lbm_boer(
    *,
    male: ArrayLike = NAN,
    body_weight: ArrayLike = NAN,
    height: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
) -> Outcome:
    """Return lean body mass [kg]: men 0.407 W + 0.267 H - 19.2, women 0.252 W + 0.473 H - 48.3."""
    return _linear(male, body_weight, height, BOER_MEN, BOER_WOMEN)


@asked(*LEAN_INPUTS)
def lbm_hume(
    *,
    male: ArrayLike = NAN,
    body_weight: ArrayLike = NAN,
    height: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
) -> Outcome:
    """Return lean body mass [kg].

    Men 0.32810 W + 0.33929 H - 29.5336, women 0.29569 W + 0.41813 H - 43.2933.
    """
    return _linear(male, body_weight, height, HUME_MEN, HUME_WOMEN)


@asked(*LEAN_INPUTS)
def lbm_james(
    *,
    male: ArrayLike = NAN,
    body_weight: ArrayLike = NAN,
    height: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
) -> Outcome:
    """Return lean body mass [kg]: men 1.10 W - 128 (W/H)^2, women 1.07 W - 148 (W/H)^2.

    The parabola falls for heavy people, past W = a H^2 / (2 b): noted as ``past_its_maximum``.
    """
    slope, curve = (by_sex(male, *pair) for pair in zip(JAMES_MEN, JAMES_WOMEN, strict=True))
    kilograms, centimetres = np.asarray(body_weight, dtype=float), np.asarray(height, dtype=float)
    mass = slope * kilograms - curve * (kilograms / centimetres) ** 2
    past = above(kilograms, slope * centimetres**2 / (2 * curve)).holds
    return measured(mass, notes={"past_its_maximum": past}, male=male, body_weight=body_weight, height=height)


@asked(*LEAN_INPUTS)
def lbm_janmahasatian(
    *,
    male: ArrayLike = NAN,
    body_weight: ArrayLike = NAN,
    height: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
) -> Outcome:
    """Return lean body mass [kg]: men 9270 W / (6680 + 216 BMI), women 9270 W / (8780 + 244 BMI)."""
    intercept, slope = (
        by_sex(male, *pair) for pair in zip(JANMAHASATIAN_MEN, JANMAHASATIAN_WOMEN, strict=True)
    )
    index = body_mass_index(body_weight, height)
    mass = JANMAHASATIAN_FACTOR * np.asarray(body_weight, dtype=float) / (intercept + slope * index)
    return measured(mass, male=male, body_weight=body_weight, height=height)


LBM_BOER = Definition(
    id="lbm_boer",
    version="1984",
    source="Boer P. Am J Physiol 1984;247:F632",
    source_verified=True,
    inputs=LEAN_INPUTS,
    function=lbm_boer,
)
LBM_JAMES = Definition(
    id="lbm_james",
    version="1976",
    source="James WPT. Research on obesity, 1976",
    source_verified=True,
    inputs=LEAN_INPUTS,
    function=lbm_james,
)
LBM_HUME = Definition(
    id="lbm_hume",
    version="1966",
    source="Hume R. J Clin Pathol 1966;19:389",
    source_verified=True,
    inputs=LEAN_INPUTS,
    function=lbm_hume,
)
LBM_JANMAHASATIAN = Definition(
    id="lbm_janmahasatian",
    version="2005",
    source="Janmahasatian S et al. Clin Pharmacokinet 2005;44:1051",
    source_verified=True,
    inputs=LEAN_INPUTS,
    function=lbm_janmahasatian,
)

# --- Indices of fat-free and appendicular mass --------------------------------------------------------------

LOW_FAT_FREE_INDEX = (17.0, 15.0)
LOW_BMI, LOW_BMI_OLD, OLD = 20.0, 22.0, 70.0

FAT_FREE_MASS = Input(
    name="fat_free_mass", kind="mass", meaning="Whole-body fat-free mass, measured", low=10, high=150
)
FFMI_INPUTS = (FAT_FREE_MASS, HEIGHT, MALE)


@asked(*FFMI_INPUTS)
def ffmi(*, fat_free_mass: ArrayLike = NAN, height: ArrayLike = NAN, male: ArrayLike = NAN) -> Outcome:
    """Return the fat-free mass index [kg/m2] and whether it is low by ESPEN 2015, < 17 / 15 kg/m2.

    The index needs no sex; whether it is low does.
    """
    index = body_mass_index(fat_free_mass, height)
    low = below(
        index, by_sex(male, *LOW_FAT_FREE_INDEX), fat_free_mass=fat_free_mass, height=height, male=male
    )
    return answer(low, value=index)


FFMI = Definition(
    id="ffmi",
    version="2015",
    source="Cederholm T et al. (ESPEN). Clin Nutr 2015;34",
    source_verified=False,
    unverified=("cut-offs",),
    concept="low muscle",
    inputs=FFMI_INPUTS,
    function=ffmi,
)

LOW_BMI_INPUTS = (BMI, AGE, FLUID)


@asked(*LOW_BMI_INPUTS)
def espen2015_low_bmi(
    *, bmi: ArrayLike = NAN, age: ArrayLike = NAN, fluid_retention: ArrayLike = NAN
) -> Outcome:
    """Return whether body-mass index is low for the age: < 20 kg/m2, from 70 years < 22."""
    old: Criterion = at_least(age, OLD, age=age)
    return answer(below(bmi, LOW_BMI, bmi=bmi) | (below(bmi, LOW_BMI_OLD, bmi=bmi) & old))


ESPEN2015_LOW_BMI = Definition(
    id="espen2015_low_bmi",
    version="2015",
    source="Cederholm T et al. (ESPEN). Clin Nutr 2015;34",
    source_verified=False,
    concept="low weight",
    inputs=LOW_BMI_INPUTS,
    function=espen2015_low_bmi,
)

ASMI_INPUTS = (APPENDICULAR_MASS, HEIGHT, FLUID)


@asked(*ASMI_INPUTS)
def asmi(
    *,
    appendicular_lean_mass: ArrayLike = NAN,
    height: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
) -> Outcome:
    """Return the appendicular index [kg/m2], appendicular lean mass over height squared."""
    index = body_mass_index(appendicular_lean_mass, height)
    return measured(index, appendicular_lean_mass=appendicular_lean_mass, height=height)


ASMI = Definition(
    id="asmi",
    version="1",
    source="Appendicular lean mass over height squared",
    source_verified=True,
    inputs=ASMI_INPUTS,
    function=asmi,
)

DEFINITIONS = (
    BODY_MASS_INDEX,
    LBM_BOER,
    LBM_JAMES,
    LBM_HUME,
    LBM_JANMAHASATIAN,
    FFMI,
    ESPEN2015_LOW_BMI,
    ASMI,
)
