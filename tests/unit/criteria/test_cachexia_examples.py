"""Worked examples of the specification of the definitions of cachexia: each row was computed by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison
from euexia.criteria.cachexia import awgc2023, evans2008, nci_wording, nct01127386
from euexia.criteria.fearon import STAGES, fearon2011, fearon2011_sarcopenia
from euexia.criteria.outcome import Outcome, Status
from euexia.criteria.weight_loss import MONTH, fraction_lost

NAN = float("nan")


def loss(before: float, after: float) -> float:
    """Return the computed, not the typed, fraction: boundaries must hold for it."""
    return float(fraction_lost(before, after))


def truth(outcome: Outcome) -> int:
    assert outcome.truth is not None
    return int(outcome.truth)


def stage(outcome: Outcome) -> str:
    assert outcome.category is not None
    return outcome.categories[int(outcome.category)] if outcome.category >= 0 else "unknown"


# --- International consensus --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "bmi", "sarcopenia", "expected", "arm"),
    [
        (loss(80, 75), 23.7, NAN, TRUE, "weight_loss"),
        (0.025, 22.9, 0, FALSE, None),
        (0.025, 22.9, NAN, UNKNOWN, None),
        (loss(54, 52.9), 19.2, NAN, TRUE, "low_bmi"),
        (loss(70, 66.5), 23.0, 0, FALSE, None),
        (loss(60, 58.8), 19.0, 1, FALSE, None),
        (0.01, 18.0, 1, FALSE, None),
        (NAN, 18.0, 1, UNKNOWN, None),
    ],
)
def test_fearon(lost: float, bmi: float, sarcopenia: float, expected: int, arm: str | None) -> None:
    """Worked examples of the specification, rows 1 to 8."""
    outcome = fearon2011(weight_loss_6_months=lost, bmi=bmi, sarcopenia=sarcopenia)
    assert truth(outcome) == expected
    assert [name for name, met in outcome.met.items() if met == TRUE] == ([arm] if arm else [])


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ({"weight_loss_6_months": 0.03, "bmi": 26, "sarcopenia": 0, "metabolic_change": 1}, "pre-cachexia"),
        (
            {
                "weight_loss_6_months": 0.09,
                "ecog": 3,
                "responsive_to_treatment": 0,
                "procatabolic": 1,
                "life_expectancy": 2 * MONTH,
            },
            "refractory cachexia",
        ),
        ({"weight_loss_6_months": 0.03, "bmi": 26, "sarcopenia": 0}, "unknown"),
        ({"weight_loss_6_months": 0.09, "ecog": 2}, "cachexia"),
        ({"weight_loss_6_months": 0.09, "ecog": 3}, "unknown"),
        ({"weight_loss_6_months": 0.0, "bmi": 26, "sarcopenia": 0, "metabolic_change": 1}, "none"),
        (
            {"weight_loss_6_months": loss(70, 66.5), "bmi": 26, "sarcopenia": 0, "metabolic_change": 1},
            "pre-cachexia",
        ),
    ],
)
def test_fearon_stages(readings: dict[str, float], expected: str) -> None:
    """Worked examples of the specification, rows 9 to 11 (anorexia present); then the neighbours of each."""
    assert stage(fearon2011(anorexia=1, **readings)) == expected


def test_fearon_names_only_the_reading_it_hangs_on() -> None:
    """2.5 % and BMI 22.9: only sarcopenia can still decide; a loss of 1 % needs nothing more."""
    outcome = fearon2011(weight_loss_6_months=[0.025, 0.01, 0.025], bmi=[22.9, NAN, NAN])
    assert outcome.truth is not None
    assert outcome.truth.tolist() == [UNKNOWN, FALSE, UNKNOWN]
    assert outcome.missing["sarcopenia"].tolist() == [True, False, True]
    assert outcome.missing["bmi"].tolist() == [False, False, True]
    assert "weight_loss_6_months" not in outcome.missing


def test_low_weight_alone_is_not_cachexia() -> None:
    """Trap: BMI below 20 counts with a loss above 2 % only."""
    assert truth(fearon2011(weight_loss_6_months=0.0, bmi=17.0, sarcopenia=0)) == FALSE


def test_simple_starvation_explains_a_loss() -> None:
    known = {"weight_loss_6_months": 0.08, "bmi": 24.0, "sarcopenia": 0}
    assert truth(fearon2011(**known, starvation_only=1)) == FALSE
    assert truth(fearon2011(**known)) == TRUE


def test_fluid_retention_makes_weight_unusable_not_normal() -> None:
    """A weight under fluid retention gives neither TRUE nor FALSE, and the answer says why."""
    outcome = fearon2011(weight_loss_6_months=[0.08, 0.0], bmi=22.0, sarcopenia=0, fluid_retention=[1, 1])
    assert outcome.truth is not None
    assert outcome.truth.tolist() == [UNKNOWN, UNKNOWN]
    assert outcome.status.tolist() == [Status.INVALID, Status.INVALID]
    assert outcome.invalid["weight_loss_6_months"].all()


def test_800_exact_losses_of_five_percent() -> None:
    """Trap: naive arithmetic calls 380 of these 800 exact 5 % losses more than 5 %."""
    before = np.arange(400, 1200) / 10
    lost = fraction_lost(before, before * 0.95)
    strict = fearon2011(weight_loss_6_months=lost, bmi=25, sarcopenia=0)
    assert strict.truth is not None
    assert (strict.truth == FALSE).all()
    inclusive = nci_wording(weight_loss_6_months=lost, fatigue=1)
    assert inclusive.truth is not None
    assert (inclusive.truth == TRUE).all()


@pytest.mark.parametrize(
    ("male", "readings", "expected"),
    [
        (1, {"appendicular_index_dxa": 7.255}, TRUE),
        (1, {"appendicular_index_dxa": 7.26}, FALSE),
        (0, {"skeletal_muscle_index": 38.9}, TRUE),
        (0, {"arm_muscle_area": 18.0, "fat_free_index_without_bone": 11.3}, TRUE),
        (1, {"arm_muscle_area": 32.0}, FALSE),
        (NAN, {"arm_muscle_area": 10.0}, UNKNOWN),
        (1, {}, UNKNOWN),
    ],
)
def test_fearon_operands_of_sarcopenia(male: float, readings: dict[str, float], expected: int) -> None:
    """Thresholds of the specification on both sides; one method is enough to deny."""
    assert truth(fearon2011_sarcopenia(male=male, **readings)) == expected


# --- Evans 2008 ---------------------------------------------------------------------------------------------

NORMAL_BLOOD = {"crp": 2.0, "interleukin_6": 1.0, "haemoglobin": 140.0, "albumin": 42.0}
NOTHING = {"low_strength": 0, "fatigue": 0, "anorexia": 0, "low_fat_free_mass": 0, **NORMAL_BLOOD}


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ({"weight_loss_12_months": loss(80, 75), "fatigue": 1, "anorexia": 1, "crp": 12}, TRUE),
        ({"weight_loss_12_months": loss(80, 75), "fatigue": 1, "crp": 12, "haemoglobin": 100}, FALSE),
        (
            {
                "weight_loss_12_months": loss(70, 66.5),
                "low_strength": 1,
                "fatigue": 1,
                "low_fat_free_mass": 1,
            },
            TRUE,
        ),
        (
            {"weight_history_unavailable": 1, "bmi": 19.0, "low_strength": 1, "fatigue": 1, "anorexia": 1},
            TRUE,
        ),
        ({"weight_loss_12_months": 0.06, "low_strength": 1, "fatigue": 1, "anorexia": NAN}, UNKNOWN),
        ({"weight_loss_12_months": 0.03, "bmi": 18.0, "low_strength": 1, "fatigue": 1, "anorexia": 1}, FALSE),
        ({"bmi": 18.0, "low_strength": 1, "fatigue": 1, "anorexia": 1}, UNKNOWN),
    ],
)
def test_evans(readings: dict[str, float], expected: int) -> None:
    """Worked examples of the specification, rows 1 to 5; then BMI, which never replaces a known loss."""
    assert truth(evans2008(chronic_illness=1, **{**NOTHING, **readings})) == expected


def test_evans_counts_biochemistry_once() -> None:
    """Trap: CRP, haemoglobin, albumin and interleukin 6 all abnormal are one criterion of five."""
    blood = {"crp": 40.0, "interleukin_6": 20.0, "haemoglobin": 80.0, "albumin": 25.0}
    outcome = evans2008(chronic_illness=1, weight_loss_12_months=0.1, **{**NOTHING, **blood})
    assert truth(outcome) == FALSE
    assert outcome.parts["supporting_criteria"] == 1


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ({"male": 1, "appendicular_index_dxa": 7.25}, FALSE),
        ({"male": 1, "appendicular_index_dxa": 7.249}, TRUE),
        ({"male": 0, "appendicular_index_dxa": 5.45}, FALSE),
        ({"male": 0, "appendicular_index_dxa": 5.44}, TRUE),
    ],
)
def test_evans_lean_mass_by_dxa(readings: dict[str, float], expected: int) -> None:
    """Trap: 7.25 here, 7.26 in the international consensus."""
    known = {**NOTHING, "fatigue": 1, "anorexia": 1, "low_fat_free_mass": NAN}
    assert truth(evans2008(chronic_illness=1, weight_loss_12_months=0.06, **known, **readings)) == expected


def test_evans_exclusions_and_illness() -> None:
    known = {**NOTHING, "weight_loss_12_months": 0.1, "fatigue": 1, "anorexia": 1, "low_strength": 1}
    assert truth(evans2008(chronic_illness=1, **known)) == TRUE
    assert truth(evans2008(chronic_illness=1, other_explanation=1, **known)) == FALSE
    assert truth(evans2008(chronic_illness=0, **known)) == FALSE
    assert truth(evans2008(**known)) == UNKNOWN


@pytest.mark.parametrize(
    ("intake", "usual", "expected"),
    [(19.9, 1.0, TRUE), (20.0, 0.7, FALSE), (25.0, 0.69, TRUE), (25.0, NAN, -1)],
)
def test_evans_anorexia_from_intake(intake: float, usual: float, expected: int) -> None:
    """Below 20 kcal/kg/day or below 70 % of usual; used where anorexia is not stated."""
    outcome = evans2008(intake_per_weight=intake, intake_of_usual=usual)
    assert outcome.met["anorexia"] == expected


# --- US National Cancer Institute ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "fatigue", "strength", "expected"),
    [
        (loss(70, 66.5), 1, 0, TRUE),
        (0.06, 0, 0, FALSE),
        (0.049, 1, 0, FALSE),
        (0.055, NAN, NAN, UNKNOWN),
    ],
)
def test_nci(lost: float, fatigue: float, strength: float, expected: int) -> None:
    """Worked examples of the specification."""
    outcome = nci_wording(weight_loss_6_months=lost, fatigue=fatigue, reduced_strength=strength)
    assert truth(outcome) == expected


def test_same_patient_two_definitions() -> None:
    """Trap: exactly 5 % is in by one definition and out by the other."""
    lost = loss(70, 66.5)
    assert truth(nci_wording(weight_loss_6_months=lost, fatigue=1)) == TRUE
    assert truth(fearon2011(weight_loss_6_months=lost, bmi=25, sarcopenia=0)) == FALSE


# --- NCT01127386 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("two", "six", "ongoing", "fluid", "crp", "expected"),
    [
        (loss(70, 68.6), NAN, 1, 0, 30, TRUE),
        (0.025, NAN, 1, 0, 29.9, FALSE),
        (0.015, 0.052, 1, 0, 45, TRUE),
        (NAN, 0.06, 0, 0, 60, FALSE),
        (0.015, NAN, 1, 0, 60, UNKNOWN),
        (0.025, NAN, 1, 1, 60, FALSE),
        (0.025, NAN, NAN, 0, 60, UNKNOWN),
    ],
)
def test_nct01127386(two: float, six: float, ongoing: float, fluid: float, crp: float, expected: int) -> None:
    """Worked examples of the specification, rows 1 to 5; then fluid retention, and an unknown course."""
    outcome = nct01127386(
        weight_loss_2_months=two,
        weight_loss_6_months=six,
        ongoing_loss=ongoing,
        fluid_retention=fluid,
        crp=crp,
    )
    assert truth(outcome) == expected


def test_nct01127386_operator_of_crp() -> None:
    """The abstract's 'CRP > 30' refuses 30; the registration takes it."""
    known: dict[str, Any] = {
        "weight_loss_2_months": loss(70, 68.6),
        "ongoing_loss": 1,
        "fluid_retention": 0,
        "crp": 30,
    }
    assert truth(nct01127386(**known)) == TRUE
    assert truth(nct01127386(**known, crp_comparison=Comparison.ABOVE)) == FALSE


@pytest.mark.parametrize("reason", ["voluntary_weight_loss", "other_cause_of_inflammation"])
def test_nct01127386_other_reasons(reason: str) -> None:
    known: dict[str, Any] = {"weight_loss_2_months": 0.03, "ongoing_loss": 1, "fluid_retention": 0, "crp": 60}
    assert truth(nct01127386(**known)) == TRUE
    assert truth(nct01127386(**known, **{reason: 1})) == FALSE


# --- AWGC 2023 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "bmi", "anorexia", "male", "grip", "crp", "expected"),
    [
        (0.025, 24, NAN, NAN, NAN, 7, TRUE),
        (0.01, 20.5, 0, 1, 27.5, 1, TRUE),
        (loss(60, 58.8), 21.0, 1, 0, 15, 9, FALSE),
        (0.03, 23, 0, 1, 30, 5.0, FALSE),
        (0.03, 23, 0, 1, 30, NAN, UNKNOWN),
    ],
)
def test_awgc(
    lost: float, bmi: float, anorexia: float, male: float, grip: float, crp: float, expected: int
) -> None:
    """Worked examples of the specification, rows 1 to 5."""
    outcome = awgc2023(
        chronic_illness=1,
        weight_loss_3_to_6_months=lost,
        bmi=bmi,
        anorexia=anorexia,
        male=male,
        handgrip_strength=grip,
        crp=crp,
    )
    assert truth(outcome) == expected


def test_awgc_operator_of_the_loss() -> None:
    """Row 3 is TRUE where the loss is printed as at least 2 %."""
    known: dict[str, Any] = {
        "chronic_illness": 1,
        "weight_loss_3_to_6_months": loss(60, 58.8),
        "bmi": 21.0,
        "anorexia": 1,
    }
    assert truth(awgc2023(**known)) == FALSE
    assert truth(awgc2023(**known, loss_comparison=Comparison.AT_LEAST)) == TRUE


def test_stages_of_fearon_are_named() -> None:
    assert STAGES == ("none", "pre-cachexia", "cachexia", "refractory cachexia")
