"""Definitions of sarcopenia from strength, muscle quantity and performance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison
from euexia.criteria.criterion import (
    Criterion,
    Floats,
    above,
    any_measured,
    any_of,
    at_least,
    at_most,
    below,
    by_sex,
    held,
    stated,
)
from euexia.criteria.definition import CATEGORY, Definition, Input, asked
from euexia.criteria.inputs import (
    APPENDICULAR_INDEX,
    APPENDICULAR_MASS,
    BMI,
    CHAIR_STAND_TIME,
    FLUID,
    GAIT_SPEED,
    HANDGRIP,
    HEIGHT,
    MALE,
    SPPB,
    UP_AND_GO_TIME,
    yes_no,
)
from euexia.criteria.outcome import Codes, Outcome, answer

NAN = float("nan")
METRE = 100.0
"""Centimetres in one metre."""


def appendicular_index_of(index: ArrayLike, mass: ArrayLike, height: ArrayLike) -> Floats:
    """Return the index where it is given, else appendicular mass [kg] over height [m] squared."""
    given, kilograms, centimetres = (np.asarray(x, dtype=float) for x in (index, mass, height))
    return np.where(np.isnan(given), kilograms / (centimetres / METRE) ** 2, given)


def _stage(first: Criterion, second: Criterion, third: Criterion) -> Codes:
    """Return 0 none, 1 first only, 2 first and second, 3 all; the least that is sure if one is open."""
    severe = np.where(third.truth == TRUE, 3, 2)
    confirmed = np.where(second.truth == TRUE, severe, 1)
    stage = np.where(first.truth == TRUE, confirmed, np.where(first.truth == FALSE, 0, -1))
    return stage.astype(np.int8)


# --- EWGSOP2 ------------------------------------------------------------------------------------------------

EWGSOP2_STAGES = ("no sarcopenia", "probable sarcopenia", "confirmed sarcopenia", "severe sarcopenia")
EWGSOP2_GRIP, EWGSOP2_CHAIR = (27.0, 16.0), 15.0
EWGSOP2_MASS, EWGSOP2_INDEX = (20.0, 15.0), (7.0, 5.5)
EWGSOP2_GAIT, EWGSOP2_SPPB, EWGSOP2_UP_AND_GO, EWGSOP2_WALK = 0.8, 8, 20.0, 360.0

EWGSOP2_INPUTS = (
    MALE,
    HANDGRIP,
    replace(CHAIR_STAND_TIME, required=False),
    replace(APPENDICULAR_MASS, required=False),
    HEIGHT,
    APPENDICULAR_INDEX,
    FLUID,
    replace(GAIT_SPEED, required=False),
    replace(SPPB, required=False),
    replace(UP_AND_GO_TIME, required=False),
    Input(
        name="walk_400_m_time",
        kind="test_time",
        meaning="Time of the 400-metre walk",
        required=False,
        low=60,
        high=3600,
    ),
    yes_no("walk_400_m_completed", "The 400-metre walk was completed"),
)


@asked(*EWGSOP2_INPUTS)
def ewgsop2(
    *,
    male: ArrayLike = NAN,
    handgrip_strength: ArrayLike = NAN,
    chair_stand_time: ArrayLike = NAN,
    appendicular_lean_mass: ArrayLike = NAN,
    height: ArrayLike = NAN,
    appendicular_index: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    gait_speed: ArrayLike = NAN,
    sppb: ArrayLike = NAN,
    up_and_go_time: ArrayLike = NAN,
    walk_400_m_time: ArrayLike = NAN,
    walk_400_m_completed: ArrayLike = NAN,
) -> Outcome:
    """Return whether sarcopenia is confirmed by EWGSOP2, and its stage.

    Low strength: grip < 27 / 16 kg (men / women) or five chair stands > 15 s.  Low quantity: appendicular
    mass < 20 / 15 kg, or over height squared < 7.0 / 5.5 kg/m2 (one of the two is enough to deny it).  Low
    performance: gait <= 0.8 m/s, SPPB <= 8, up and go >= 20 s, or 400 m not completed or >= 6 min.  Low
    strength alone is probable, with low quantity confirmed, with low performance severe.  The stage is the
    least that is sure: ``confirmation_open`` and ``severity_open`` say where a reading is missing.
    """
    grip = {"handgrip_strength": handgrip_strength, "male": male}
    strength = below(handgrip_strength, by_sex(male, *EWGSOP2_GRIP), **grip) | above(
        chair_stand_time, EWGSOP2_CHAIR, chair_stand_time=chair_stand_time
    )
    quantity = _low_quantity(appendicular_lean_mass, height, appendicular_index, male)
    walk = ~stated(walk_400_m_completed=walk_400_m_completed) | at_least(
        walk_400_m_time, EWGSOP2_WALK, walk_400_m_time=walk_400_m_time
    )
    performance = any_of(
        [
            at_most(gait_speed, EWGSOP2_GAIT, gait_speed=gait_speed),
            at_most(sppb, EWGSOP2_SPPB, sppb=sppb),
            at_least(up_and_go_time, EWGSOP2_UP_AND_GO, up_and_go_time=up_and_go_time),
            walk,
        ]
    )
    confirmed = strength & quantity
    return answer(
        confirmed,
        met={"low_strength": strength, "low_quantity": quantity, "low_performance": performance},
        category=_stage(strength, quantity, performance),
        categories=EWGSOP2_STAGES,
        notes={
            "confirmation_open": strength.holds & ~quantity.known,
            "severity_open": confirmed.holds & ~performance.known,
        },
    )


def _low_quantity(mass: ArrayLike, height: ArrayLike, index: ArrayLike, male: ArrayLike) -> Criterion:
    """Return low muscle quantity by mass or by its index, whichever is known."""
    needs = {"appendicular_lean_mass": mass, "male": male}
    relative = appendicular_index_of(index, mass, height)
    return any_measured(
        [
            below(mass, by_sex(male, *EWGSOP2_MASS), **needs),
            below(relative, by_sex(male, *EWGSOP2_INDEX), **needs, height=height),
        ]
    )


EWGSOP2 = Definition(
    id="ewgsop2",
    version="2019, with its erratum",
    source="Cruz-Jentoft AJ et al. Age Ageing 2019;48:16-31",
    source_verified=True,
    unverified=("erratum of the index for women, 5.5 for 6.0",),
    concept="sarcopenia",
    inputs=EWGSOP2_INPUTS,
    function=ewgsop2,
    monotone=False,
)

# --- AWGS 2019 ----------------------------------------------------------------------------------------------

AWGS_STAGES = ("no sarcopenia", "possible sarcopenia", "sarcopenia", "severe sarcopenia")
AWGS_GRIP, AWGS_GAIT, AWGS_CHAIR, AWGS_SPPB = (28.0, 18.0), 1.0, 12.0, 9
DEVICES = ("dxa", "bia")
AWGS_INDEX = {"dxa": (7.0, 5.4), "bia": (7.0, 5.7)}

AWGS_INPUTS = (
    MALE,
    Input(
        name="muscle_device",
        kind=CATEGORY,
        meaning="Device that measured appendicular mass: its cut-offs differ",
        categories=DEVICES,
    ),
    replace(APPENDICULAR_INDEX, required=True, meaning="Appendicular lean mass over height squared"),
    FLUID,
    HANDGRIP,
    replace(GAIT_SPEED, required=False, meaning="Usual walking speed over 6 m"),
    replace(CHAIR_STAND_TIME, required=False),
    replace(SPPB, required=False),
)


@asked(*AWGS_INPUTS)
def awgs2019(
    *,
    male: ArrayLike = NAN,
    muscle_device: ArrayLike = -1,
    appendicular_index: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    handgrip_strength: ArrayLike = NAN,
    gait_speed: ArrayLike = NAN,
    chair_stand_time: ArrayLike = NAN,
    sppb: ArrayLike = NAN,
) -> Outcome:
    """Return whether sarcopenia is present by AWGS 2019, and its stage.

    Low mass: appendicular index by DXA < 7.0 / 5.4 kg/m2, by bioimpedance < 7.0 / 5.7.  Low strength: grip
    < 28 / 18 kg.  Low performance: gait < 1.0 m/s, five chair stands >= 12 s or SPPB <= 9.  Sarcopenia is low
    mass with low strength or low performance, severe all three.  Possible (primary care): low strength or
    slow chair stands without it.
    """
    strength = below(
        handgrip_strength, by_sex(male, *AWGS_GRIP), handgrip_strength=handgrip_strength, male=male
    )
    chair = at_least(chair_stand_time, AWGS_CHAIR, chair_stand_time=chair_stand_time)
    performance = any_of(
        [
            below(gait_speed, AWGS_GAIT, gait_speed=gait_speed),
            chair,
            at_most(sppb, AWGS_SPPB, sppb=sppb),
        ]
    )
    mass = _awgs_mass(male, muscle_device, appendicular_index)
    sarcopenia = mass & (strength | performance)
    severe = (mass & strength & performance).truth
    possible = (strength | chair).truth
    stage = np.where(severe == TRUE, 3, 2)
    without = np.where(possible == TRUE, 1, np.where(possible == FALSE, 0, -1))
    unsure = np.where((sarcopenia.truth == UNKNOWN) & (possible != TRUE), -1, without)
    return answer(
        sarcopenia,
        met={"low_mass": mass, "low_strength": strength, "low_performance": performance},
        category=np.where(sarcopenia.truth == TRUE, stage, unsure).astype(np.int8),
        categories=AWGS_STAGES,
        notes={
            "confirmation_open": (possible == TRUE) & ~sarcopenia.known,
            "severity_open": sarcopenia.holds & (severe == UNKNOWN),
        },
    )


def _awgs_mass(male: ArrayLike, device: ArrayLike, index: ArrayLike) -> Criterion:
    """Return low mass by the cut-off of the device; unknown without the device."""
    code = np.asarray(device)
    cut = np.where(
        code == DEVICES.index("dxa"),
        by_sex(male, *AWGS_INDEX["dxa"]),
        np.where(code == DEVICES.index("bia"), by_sex(male, *AWGS_INDEX["bia"]), np.nan),
    )
    known_device = np.where(code < 0, np.nan, code)
    return below(index, cut, appendicular_index=index, male=male, muscle_device=known_device)


AWGS2019 = Definition(
    id="awgs2019",
    version="2019",
    source="Chen LK et al. J Am Med Dir Assoc 2020;21:300-307",
    source_verified=True,
    unverified=("possible sarcopenia in primary care",),
    concept="sarcopenia",
    inputs=AWGS_INPUTS,
    function=awgs2019,
)

# --- FNIH 2014 and SDOC 2020 --------------------------------------------------------------------------------

FNIH_GRIP, FNIH_RELATIVE_GRIP = (26.0, 16.0), (1.0, 0.56)
FNIH_RELATIVE_MASS, FNIH_MASS, FNIH_GAIT = (0.789, 0.512), (19.75, 15.02), 0.8
SDOC_GRIP, SDOC_GAIT = (35.5, 20.0), 0.8

FNIH_INPUTS = (MALE, HANDGRIP, APPENDICULAR_MASS, BMI, FLUID, replace(GAIT_SPEED, required=False))


@asked(*FNIH_INPUTS)
def fnih2014(
    *,
    male: ArrayLike = NAN,
    handgrip_strength: ArrayLike = NAN,
    appendicular_lean_mass: ArrayLike = NAN,
    bmi: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    gait_speed: ArrayLike = NAN,
    gait_comparison: Comparison = Comparison.AT_MOST,
) -> Outcome:
    """Return whether weakness comes with low lean mass by the FNIH project.

    Weakness: grip < 26 / 16 kg.  Low lean mass: appendicular mass over BMI < 0.789 / 0.512.  The alternates
    (grip over BMI < 1.0 / 0.56; appendicular mass < 19.75 / 15.02 kg) and slow gait (<= 0.8 m/s) are given as
    criteria beside it.
    """
    grip = {"handgrip_strength": handgrip_strength, "male": male}
    lean = {"appendicular_lean_mass": appendicular_lean_mass, "male": male}
    index = np.asarray(bmi, dtype=float)
    met = {
        "weakness": below(handgrip_strength, by_sex(male, *FNIH_GRIP), **grip),
        "low_lean_mass": below(
            np.asarray(appendicular_lean_mass, dtype=float) / index,
            by_sex(male, *FNIH_RELATIVE_MASS),
            **lean,
            bmi=bmi,
        ),
        "weakness_by_bmi": below(
            np.asarray(handgrip_strength, dtype=float) / index,
            by_sex(male, *FNIH_RELATIVE_GRIP),
            **grip,
            bmi=bmi,
        ),
        "low_absolute_lean_mass": below(appendicular_lean_mass, by_sex(male, *FNIH_MASS), **lean),
        "slow_gait": held(gait_speed, gait_comparison, FNIH_GAIT, gait_speed=gait_speed),
    }
    return answer(met["weakness"] & met["low_lean_mass"], met=met)


FNIH2014 = Definition(
    id="fnih2014",
    version="2014",
    source="Studenski SA et al. J Gerontol A 2014;69:547",
    source_verified=True,
    unverified=("appendicular mass < 19.75 / 15.02 kg",),
    concept="sarcopenia",
    inputs=FNIH_INPUTS,
    function=fnih2014,
    options={"gait_comparison": "operator of gait speed against 0.8 m/s; some copies are strict"},
)

SDOC_INPUTS = (MALE, HANDGRIP, GAIT_SPEED)


@asked(*SDOC_INPUTS)
def sdoc2020(
    *, male: ArrayLike = NAN, handgrip_strength: ArrayLike = NAN, gait_speed: ArrayLike = NAN
) -> Outcome:
    """Return whether grip < 35.5 / 20 kg comes with gait < 0.8 m/s; lean mass is not part of it."""
    grip = {"handgrip_strength": handgrip_strength, "male": male}
    met = {
        "weakness": below(handgrip_strength, by_sex(male, *SDOC_GRIP), **grip),
        "slow_gait": below(gait_speed, SDOC_GAIT, gait_speed=gait_speed),
    }
    return answer(met["weakness"] & met["slow_gait"], met=met)


SDOC2020 = Definition(
    id="sdoc2020",
    version="2020",
    source="Bhasin S et al. J Am Geriatr Soc 2020;68:1410",
    source_verified=True,
    concept="sarcopenia",
    inputs=SDOC_INPUTS,
    function=sdoc2020,
)

DEFINITIONS = (EWGSOP2, AWGS2019, FNIH2014, SDOC2020)
