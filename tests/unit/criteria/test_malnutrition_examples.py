"""Worked examples of the specification of malnutrition and nutritional screening, computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from euexia.core.logic import FALSE, TRUE, UNKNOWN
from euexia.criteria.malnutrition import STAGES, glim, glim_muscle
from euexia.criteria.nutrition_screening import mst, must, nrs2002, snaq_kruizenga, snaq_wilson
from euexia.criteria.outcome import Outcome, Status
from euexia.criteria.subjective_assessment import (
    INTAKE_POINTS,
    MOST_SYMPTOM_POINTS,
    SYMPTOM_POINTS,
    pgsga_sf,
    symptom_points,
)
from euexia.criteria.weight_loss import fraction_lost

NAN = float("nan")


def loss(before: float, after: float) -> float:
    return float(fraction_lost(before, after))


def value(outcome: Outcome) -> float:
    assert outcome.value is not None
    return float(outcome.value)


def truth(outcome: Outcome) -> int:
    assert outcome.truth is not None
    return int(outcome.truth)


def label(outcome: Outcome) -> str:
    assert outcome.category is not None
    return outcome.categories[int(outcome.category)] if outcome.category >= 0 else "unknown"


# --- GLIM ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readings", "expected", "stage"),
    [
        ({"age": 67, "weight_loss_6_months": 0.06, "bmi": 24, "active_cancer": 1}, TRUE, 1),
        ({"age": 72, "weight_loss_6_months": 0, "bmi": 21.5, "reduced_intake_duration": 21}, TRUE, 1),
        ({"age": 65, "bmi": 18.4, "active_cancer": 1}, TRUE, 2),
        ({"age": 60, "weight_loss_6_months": 0.04, "bmi": 23, "active_cancer": 1}, UNKNOWN, -1),
        (
            {
                "age": 60,
                "weight_loss_6_months": loss(70, 66.5),
                "bmi": 23,
                "reduced_muscle_mass": 0,
                "active_cancer": 1,
            },
            FALSE,
            0,
        ),
        (
            {
                "age": 60,
                "region": "asia",
                "weight_loss_6_months": 0,
                "bmi": 19,
                "reduced_muscle_mass": 0,
                "active_cancer": 1,
            },
            FALSE,
            0,
        ),
    ],
)
def test_glim(readings: dict[str, float], expected: int, stage: int) -> None:
    """Worked examples of the specification, rows 1 to 6."""
    outcome = glim(**readings)
    assert truth(outcome) == expected
    assert outcome.category == stage


@pytest.mark.parametrize(
    ("age", "bmi", "region", "expected", "stage"),
    [
        (69.9, 19.99, "general", TRUE, 1),
        (69.9, 20.0, "general", FALSE, 0),
        (70, 21.99, "general", TRUE, 1),
        (70, 19.9, "general", TRUE, 2),
        (NAN, 18.0, "general", TRUE, 2),
        (NAN, 21.0, "general", UNKNOWN, -1),
        (NAN, 23.0, "general", FALSE, 0),
        (60, 18.4, "asia", TRUE, -1),
        (70, 19.9, "asia", TRUE, -1),
        (70, 20.0, "asia", FALSE, 0),
    ],
)
def test_glim_body_mass_index(age: float, bmi: float, region: str, expected: int, stage: int) -> None:
    """Cut-offs by age and region; severe is not defined for Asia, so its stage is open."""
    known = {"weight_loss_6_months": 0, "reduced_muscle_mass": 0, "active_cancer": 1}
    outcome = glim(age=age, bmi=bmi, region=region, **known)
    assert (truth(outcome), int(outcome.category)) == (expected, stage)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("recent", "beyond", "expected", "stage"),
    [
        (loss(100, 95), 0.10, FALSE, 0),
        (0.04, 0.101, TRUE, 1),
        (0.10, 0.10, TRUE, 1),
        (0.101, 0, TRUE, 2),
        (0.04, 0.201, TRUE, 2),
        (NAN, 0.12, TRUE, 1),
    ],
)
def test_glim_two_windows_of_loss(recent: float, beyond: float, expected: int, stage: int) -> None:
    """More than 5 % in 6 months or 10 % beyond; severe from more than 10 % and 20 %."""
    outcome = glim(
        age=60,
        bmi=24,
        reduced_muscle_mass=0,
        active_cancer=1,
        weight_loss_6_months=recent,
        weight_loss_beyond_6_months=beyond,
    )
    assert (truth(outcome), int(outcome.category)) == (expected, stage)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("share", "days", "expected"),
    [
        (0.5, 8, TRUE),
        (0.5, 7, FALSE),
        (0.6, 14, FALSE),
        (0.6, 15, TRUE),
        (NAN, 10, UNKNOWN),
        (0.6, 10, FALSE),
    ],
)
def test_glim_intake(share: float, days: float, expected: int) -> None:
    """At or below half for more than a week, or any reduction for more than two."""
    outcome = glim(intake_of_requirement=share, reduced_intake_duration=days, chronic_gut_condition=0)
    assert outcome.met["reduced_intake"] == expected


def test_glim_needs_both_sides_and_a_screen_that_does_not_deny() -> None:
    known = {"age": 60, "weight_loss_6_months": 0.08, "bmi": 24, "reduced_muscle_mass": 0}
    healthy = {
        "reduced_intake_duration": 0,
        "chronic_gut_condition": 0,
        "acute_disease": 0,
        "chronic_inflammatory_disease": 0,
        "active_cancer": 0,
    }
    assert truth(glim(**known, **healthy)) == FALSE
    assert truth(glim(**known, active_cancer=1)) == TRUE
    assert truth(glim(**known, active_cancer=1, screened_not_at_risk=1)) == FALSE
    assert label(glim(**known, active_cancer=1, severe_muscle_deficit=1)) == STAGES[2]


def test_glim_muscle() -> None:
    assert truth(glim_muscle(male=1, fat_free_mass_index=16.9)) == TRUE
    assert truth(glim_muscle(male=0, fat_free_mass_index=15.0)) == FALSE
    assert truth(glim_muscle(male=0, appendicular_index_bia=5.6)) == TRUE
    assert truth(glim_muscle(male=0, appendicular_index_dxa=5.6)) == FALSE


# --- MUST ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bmi", "lost", "acute", "points", "risk"),
    [
        (19.6, 0.0625, 0, 2, "high"),
        (20.0, 0.049, 0, 1, "medium"),
        (23, loss(70, 63), 0, 1, "medium"),
        (17, 0.12, 1, 6, "high"),
        (20.1, 0.0, 0, 0, "low"),
        (18.5, 0.0, 0, 1, "medium"),
        (18.4, 0.0, 0, 2, "high"),
        (23, loss(70, 66.5), 0, 1, "medium"),
    ],
)
def test_must(bmi: float, lost: float, acute: float, points: int, risk: str) -> None:
    """Worked examples of the specification, four rows; then the edges of the bins."""
    outcome = must(bmi=bmi, weight_loss_3_to_6_months=lost, acutely_ill=acute, no_intake_over_5_days=acute)
    assert (value(outcome), label(outcome)) == (points, risk)


def test_must_decides_by_its_lower_bound() -> None:
    """BMI 17 alone is 2 points: high whatever the rest, though the total is open."""
    outcome = must(bmi=17)
    assert truth(outcome) == TRUE
    assert label(outcome) == "high"
    assert np.isnan(value(outcome))
    assert (outcome.low, outcome.high) == (2, 6)
    assert outcome.notes["decided_by_bound"]
    assert outcome.status == Status.OK


# --- NRS 2002 -----------------------------------------------------------------------------------------------

WELL = {
    "bmi": 24,
    "weight_loss_1_month": 0,
    "weight_loss_2_months": 0,
    "weight_loss_3_months": 0,
    "impaired_general_condition": 0,
    "intake_of_requirement": 1.0,
    "disease_severity": 0,
    "severely_ill": 0,
    "age": 50,
}


@pytest.mark.parametrize(
    ("readings", "points", "at_risk"),
    [
        (
            {"age": 72, "weight_loss_3_months": 0.0625, "intake_of_requirement": 0.8, "disease_severity": 1},
            3,
            TRUE,
        ),
        (
            {"age": 60, "weight_loss_3_months": 0.04, "intake_of_requirement": 0.6, "disease_severity": 1},
            2,
            FALSE,
        ),
        (
            {
                "age": 69,
                "weight_loss_1_month": 0.055,
                "weight_loss_2_months": 0.055,
                "weight_loss_3_months": 0.055,
                "disease_severity": 2,
            },
            5,
            TRUE,
        ),
        ({"age": 80, "disease_severity": 3}, 0, FALSE),
        ({"bmi": 18.4, "impaired_general_condition": 1}, 3, TRUE),
        ({"bmi": 18.5, "impaired_general_condition": 1}, 2, FALSE),
        ({"bmi": 18.0, "impaired_general_condition": 0}, 0, FALSE),
        ({"weight_loss_3_months": 0.151}, 3, TRUE),
        ({"weight_loss_3_months": 0.06, "weight_loss_2_months": 0.06, "age": 70}, 3, TRUE),
        ({"intake_of_requirement": 0.25}, 3, TRUE),
        ({"intake_of_requirement": 0.5}, 2, FALSE),
        ({"intake_of_requirement": 0.75, "disease_severity": 1}, 2, FALSE),
    ],
)
def test_nrs2002(readings: dict[str, float], points: int, at_risk: int) -> None:
    """Worked examples of the specification, three rows; then the initial screen and the edges."""
    outcome = nrs2002(**{**WELL, **readings})
    assert (value(outcome), truth(outcome)) == (points, at_risk)


def test_nrs2002_middle_bound_of_intake() -> None:
    """60 % of the requirement scores 1, or 2 where a copy prints 25 to 60 %."""
    readings = {**WELL, "intake_of_requirement": 0.6}
    assert value(nrs2002(**readings)) == 1
    assert value(nrs2002(**readings, middle_intake=0.6)) == 2


def test_nrs2002_risk_is_three_not_four() -> None:
    """Trap: a haematologic malignancy scores 2, a solid tumour 1; 3 is at risk."""
    ill = {**WELL, "weight_loss_3_months": 0.06}
    assert truth(nrs2002(**{**ill, "disease_severity": 2})) == TRUE
    assert truth(nrs2002(**{**ill, "disease_severity": 1})) == FALSE


# --- MST ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "unsure", "poorly", "points", "at_risk"),
    [
        (NAN, 1, 0, 2, TRUE),
        (4, 0, 0, 1, FALSE),
        (12, 0, 1, 4, TRUE),
        (0, 0, 1, 1, FALSE),
        (5, 0, 0, 1, FALSE),
        (5.1, 0, 0, 2, TRUE),
        (10, 0, 0, 2, TRUE),
        (15, 0, 0, 3, TRUE),
        (15.1, 0, 1, 5, TRUE),
    ],
)
def test_mst(lost: float, unsure: float, poorly: float, points: int, at_risk: int) -> None:
    """Worked examples of the specification, four rows; then the edges of the bins."""
    outcome = mst(kilograms_lost=lost, unsure_of_loss=unsure, eating_poorly=poorly)
    assert (value(outcome), truth(outcome)) == (points, at_risk)


def test_mst_blank_is_not_unsure() -> None:
    outcome = mst(eating_poorly=0)
    assert outcome.status == Status.UNKNOWN
    assert (outcome.low, outcome.high) == (0, 4)


# --- PG-SGA short form --------------------------------------------------------------------------------------


def symptoms(*present: str) -> float:
    return float(symptom_points({name: float(name in present) for name in SYMPTOM_POINTS}))


@pytest.mark.parametrize(
    ("one", "six", "decreased", "intake", "present", "activity", "points"),
    [
        (loss(63, 60), NAN, 1, "little_solid", ("no_appetite", "nausea", "fatigue"), 2, 12),
        (0.025, NAN, 0, "less", ("fatigue",), 1, 4),
        (NAN, 0.11, 1, "liquids_only", ("vomiting", "dry_mouth"), 3, 14),
        (0.0, 0.11, 0, "unchanged_or_more", (), 0, 0),
        (loss(100, 90), NAN, 1, "unchanged_or_more", (), 0, 5),
    ],
)
def test_pgsga_short_form(
    one: float,
    six: float,
    decreased: float,
    intake: str,
    present: tuple[str, ...],
    activity: float,
    points: int,
) -> None:
    """Worked examples of the specification, three rows; then the trap: 6 months never beat 1 month."""
    outcome = pgsga_sf(
        weight_loss_1_month=one,
        weight_loss_6_months=six,
        weight_decreased_2_weeks=decreased,
        intake_points=INTAKE_POINTS[intake],
        symptom_points=symptoms(*present),
        activity_points=activity,
    )
    assert value(outcome) == points
    assert truth(outcome) == (points >= 9)


def test_pgsga_short_form_without_weights() -> None:
    """Box 1 is open where both losses are missing, and the bound may still decide."""
    known = {"weight_decreased_2_weeks": 1, "intake_points": 4, "activity_points": 3}
    outcome = pgsga_sf(**known, symptom_points=2)
    assert (outcome.low, outcome.high) == (10, 14)
    assert truth(outcome) == TRUE
    assert set(pgsga_sf(**known, symptom_points=0).missing) == {"weight_loss_1_month", "weight_loss_6_months"}


def test_symptoms_add_up_to_24() -> None:
    assert MOST_SYMPTOM_POINTS == 24
    assert np.isnan(symptom_points({"nausea": 1}))


# --- The two questionnaires called SNAQ ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("six", "one", "appetite", "points", "band"),
    [
        (7, 0, 0, 3, "severe"),
        (3.5, 3.5, 0, 2, "moderate"),
        (0, 0, 1, 1, "none"),
        (7, 4, 0, 3, "severe"),
        (6, 3, 0, 0, "none"),
    ],
)
def test_snaq_kruizenga(six: float, one: float, appetite: float, points: int, band: str) -> None:
    """Worked examples of the specification, three rows; then both losses, and the edges."""
    outcome = snaq_kruizenga(
        kilograms_lost_6_months=six,
        kilograms_lost_1_month=one,
        appetite_decreased=appetite,
        supplements_or_tube=0,
    )
    assert (value(outcome), label(outcome)) == (points, band)


@pytest.mark.parametrize(
    ("items", "points", "at_risk"),
    [
        ((3, 3, 3, 3), 12, TRUE),
        ((4, 4, 4, 3), 15, FALSE),
        ((3, 4, 4, 3), 14, TRUE),
        ((1, 1, 1, NAN), NAN, UNKNOWN),
    ],
)
def test_snaq_wilson(items: tuple[float, ...], points: float, at_risk: int) -> None:
    """Worked examples of the specification; low is bad, and a missing item leaves the answer open."""
    outcome = snaq_wilson(**{f"snaq_wilson_{number}": item for number, item in enumerate(items, 1)})
    assert value(outcome) == pytest.approx(points, nan_ok=True)
    assert truth(outcome) == at_risk
