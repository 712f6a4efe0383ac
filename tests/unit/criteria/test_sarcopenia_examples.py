"""Worked examples of the specification of sarcopenia and its screening: each row was computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison
from euexia.criteria.outcome import Outcome, Status
from euexia.criteria.sarcopenia import awgs2019, ewgsop2, fnih2014, sdoc2020
from euexia.criteria.sarcopenia_screening import awgs2019_case_finding, sarc_calf, sarc_f

NAN = float("nan")
MAN, WOMAN = 1, 0


def value(outcome: Outcome) -> float:
    assert outcome.value is not None
    return float(outcome.value)


def truth(outcome: Outcome) -> int:
    assert outcome.truth is not None
    return int(outcome.truth)


def label(outcome: Outcome) -> str:
    assert outcome.category is not None
    return outcome.categories[int(outcome.category)] if outcome.category >= 0 else "unknown"


# --- EWGSOP2 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readings", "expected", "stage"),
    [
        (
            {"male": MAN, "handgrip_strength": 25, "appendicular_index": 6.8, "gait_speed": 0.9},
            TRUE,
            "confirmed sarcopenia",
        ),
        (
            {"male": WOMAN, "handgrip_strength": 15.9, "appendicular_index": 5.5},
            FALSE,
            "probable sarcopenia",
        ),
        (
            {"male": MAN, "handgrip_strength": 26.9, "appendicular_index": 6.99, "gait_speed": 0.80},
            TRUE,
            "severe sarcopenia",
        ),
        ({"male": MAN, "handgrip_strength": 30, "chair_stand_time": 16}, UNKNOWN, "probable sarcopenia"),
        (
            {"male": MAN, "handgrip_strength": 27.0, "chair_stand_time": 12, "appendicular_index": 6.0},
            FALSE,
            "no sarcopenia",
        ),
        ({"male": MAN, "appendicular_index": 6.0}, UNKNOWN, "unknown"),
    ],
)
def test_ewgsop2(readings: dict[str, float], expected: int, stage: str) -> None:
    """Worked examples of the specification, rows 1 to 5; then missing strength."""
    outcome = ewgsop2(**readings)
    assert (truth(outcome), label(outcome)) == (expected, stage)


def test_ewgsop2_says_what_is_open() -> None:
    outcome = ewgsop2(
        male=MAN, handgrip_strength=[20, 20], appendicular_index=[NAN, 6.0], gait_speed=[0.9, 0.9]
    )
    assert outcome.notes["confirmation_open"].tolist() == [True, False]
    assert outcome.notes["severity_open"].tolist() == [False, True]
    assert outcome.missing["appendicular_lean_mass"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("readings", "low"),
    [
        ({"gait_speed": 0.8}, TRUE),
        ({"sppb": 8}, TRUE),
        ({"up_and_go_time": 20}, TRUE),
        ({"walk_400_m_completed": 0}, TRUE),
        ({"walk_400_m_time": 360}, TRUE),
        (
            {
                "gait_speed": 0.81,
                "sppb": 9,
                "up_and_go_time": 19.9,
                "walk_400_m_completed": 1,
                "walk_400_m_time": 359,
            },
            FALSE,
        ),
        ({"gait_speed": 0.81}, UNKNOWN),
    ],
)
def test_ewgsop2_performance(readings: dict[str, float], low: int) -> None:
    """Each test at its threshold; one normal test does not deny the others."""
    assert ewgsop2(**readings).met["low_performance"] == low


def test_ewgsop2_mass_and_its_index() -> None:
    """Trap: 20 kg is a mass, 7.0 kg/m2 an index; the index follows from mass and height."""
    by_mass = ewgsop2(male=MAN, handgrip_strength=20, appendicular_lean_mass=[19.9, 21.0], height=[170, 175])
    assert by_mass.met["low_quantity"].tolist() == [TRUE, TRUE]
    tall = ewgsop2(male=MAN, handgrip_strength=20, appendicular_lean_mass=22.0, height=170)
    assert tall.met["low_quantity"] == FALSE


# --- AWGS 2019 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("male", "device", "index", "grip", "gait", "stage"),
    [
        (MAN, "dxa", 6.9, 27, 1.1, "sarcopenia"),
        (WOMAN, "bia", 5.6, 19, 0.95, "sarcopenia"),
        (WOMAN, "dxa", 5.4, 15, NAN, "possible sarcopenia"),
        (MAN, "dxa", 6.5, 25, 0.9, "severe sarcopenia"),
    ],
)
def test_awgs(male: int, device: str, index: float, grip: float, gait: float, stage: str) -> None:
    """Worked examples of the specification, first four."""
    outcome = awgs2019(
        male=male, muscle_device=device, appendicular_index=index, handgrip_strength=grip, gait_speed=gait
    )
    assert label(outcome) == stage
    assert truth(outcome) == (TRUE if stage != "possible sarcopenia" else FALSE)


def test_awgs_device_decides() -> None:
    """Worked example of the specification, the fifth: 5.6 in a woman; without device it is unknown."""
    outcome = awgs2019(male=WOMAN, muscle_device=np.array(["bia", "dxa", "ct"]), appendicular_index=5.6)
    assert outcome.met["low_mass"].tolist() == [TRUE, FALSE, UNKNOWN]


@pytest.mark.parametrize(
    ("readings", "low"),
    [({"gait_speed": 0.999}, TRUE), ({"chair_stand_time": 12}, TRUE), ({"sppb": 9}, TRUE)],
)
def test_awgs_performance(readings: dict[str, float], low: int) -> None:
    """Trap: the chair stand is 12 s (a copy prints m/s); gait of exactly 1.0 is not low."""
    assert awgs2019(**readings).met["low_performance"] == low
    normal = awgs2019(gait_speed=1.0, chair_stand_time=11.9, sppb=10)
    assert normal.met["low_performance"] == FALSE


def test_awgs_needs_low_mass() -> None:
    """Trap: a copy prints "low mass OR strength"."""
    outcome = awgs2019(
        male=MAN, muscle_device="dxa", appendicular_index=7.5, handgrip_strength=20, gait_speed=0.7
    )
    assert truth(outcome) == FALSE
    assert label(outcome) == "possible sarcopenia"


# --- FNIH and SDOC ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("male", "mass", "bmi", "low"), [(MAN, 21, 28, TRUE), (WOMAN, 16, 30, FALSE), (MAN, 18, 22, FALSE)]
)
def test_fnih_lean_mass(male: int, mass: float, bmi: float, low: int) -> None:
    """Worked examples of the specification: 0.750, 0.533 and 0.818."""
    assert fnih2014(male=male, appendicular_lean_mass=mass, bmi=bmi).met["low_lean_mass"] == low


@pytest.mark.parametrize(("male", "grip", "bmi", "low"), [(MAN, 26, 28, TRUE), (WOMAN, 17, 30, FALSE)])
def test_fnih_relative_grip(male: int, grip: float, bmi: float, low: int) -> None:
    """Worked examples of the specification: 0.929 and 0.567."""
    assert fnih2014(male=male, handgrip_strength=grip, bmi=bmi).met["weakness_by_bmi"] == low


def test_fnih_needs_weakness_and_low_mass() -> None:
    known = {"male": MAN, "bmi": 28, "gait_speed": 0.8}
    outcome = fnih2014(**known, handgrip_strength=25.9, appendicular_lean_mass=21)
    assert truth(outcome) == TRUE
    assert outcome.met["slow_gait"] == TRUE
    assert truth(fnih2014(**known, handgrip_strength=26, appendicular_lean_mass=21)) == FALSE
    assert fnih2014(gait_speed=0.8, gait_comparison=Comparison.BELOW).met["slow_gait"] == FALSE


@pytest.mark.parametrize(
    ("grip", "gait", "expected"), [(35, 0.7, TRUE), (35, 0.8, FALSE), (35.5, 0.7, FALSE)]
)
def test_sdoc(grip: float, gait: float, expected: int) -> None:
    """Worked examples of the specification, two rows; then the threshold of grip."""
    assert truth(sdoc2020(male=MAN, handgrip_strength=grip, gait_speed=gait)) == expected


def test_grip_of_26_5_is_low_by_some_definitions_only() -> None:
    """Trap: 26 (FNIH), 27 (EWGSOP2), 28 (AWGS) and 35.5 kg (SDOC) for men."""
    grip = {"male": MAN, "handgrip_strength": 26.5}
    assert fnih2014(**grip).met["weakness"] == FALSE
    assert ewgsop2(**grip).met["low_strength"] == TRUE
    assert awgs2019(**grip).met["low_strength"] == TRUE
    assert sdoc2020(**grip).met["weakness"] == TRUE
    assert ewgsop2(male=MAN, handgrip_strength=27.0, chair_stand_time=10).met["low_strength"] == FALSE
    assert awgs2019(male=MAN, handgrip_strength=27.0).met["low_strength"] == TRUE


# --- SARC-F and SARC-CalF -----------------------------------------------------------------------------------

ITEMS = ("sarc_f_strength", "sarc_f_walking", "sarc_f_chair", "sarc_f_stairs")


@pytest.mark.parametrize(
    ("items", "falls", "points", "positive"),
    [
        ((1, 1, 1, 0), 2, 4, TRUE),
        ((0, 1, 1, 0), 3, 3, FALSE),
        ((0, 0, 0, 0), 4, 2, FALSE),
        ((0, 0, 0, 0), 0, 0, FALSE),
        ((2, 2, NAN, 0), 0, NAN, TRUE),
        ((1, 1, NAN, 0), 0, NAN, UNKNOWN),
    ],
)
def test_sarc_f(items: tuple[float, ...], falls: float, points: float, positive: int) -> None:
    """Worked examples of the specification (falls as their number); then falls, and a missing item."""
    outcome = sarc_f(**dict(zip(ITEMS, items, strict=True)), falls_past_year=falls)
    assert value(outcome) == pytest.approx(points, nan_ok=True)
    assert truth(outcome) == positive


@pytest.mark.parametrize(
    ("points", "male", "calf", "total", "positive"),
    [
        (3, MAN, 33.0, 13, TRUE),
        (3, MAN, 36, 3, FALSE),
        (1, MAN, 34.0, 11, TRUE),
        (1, MAN, 34.1, 1, FALSE),
        (1, WOMAN, 33.0, 11, TRUE),
        (1, WOMAN, 33.1, 1, FALSE),
        (1, WOMAN, NAN, NAN, UNKNOWN),
        (0, WOMAN, NAN, NAN, FALSE),
    ],
)
def test_sarc_calf(points: float, male: int, calf: float, total: float, positive: int) -> None:
    """Worked examples of the specification, two rows; then the cut-offs, and a missing calf."""
    outcome = sarc_calf(sarc_f=points, calf_circumference=calf, male=male)
    assert value(outcome) == pytest.approx(total, nan_ok=True)
    assert truth(outcome) == positive


def test_a_decided_screen_says_that_its_total_is_open() -> None:
    outcome = sarc_calf(sarc_f=0, male=WOMAN)
    assert outcome.status == Status.OK
    assert outcome.notes["decided_by_bound"]
    assert (outcome.low, outcome.high) == (0, 10)


def test_case_finding() -> None:
    """Any of the three; the calf rule is strict where that of SARC-CalF is not."""
    outcome = awgs2019_case_finding(
        male=MAN, calf_circumference=[34.0, 33.9, NAN, NAN], sarc_f=[3, 3, 4, NAN]
    )
    assert outcome.truth is not None
    assert outcome.truth.tolist() == [FALSE, TRUE, TRUE, UNKNOWN]
