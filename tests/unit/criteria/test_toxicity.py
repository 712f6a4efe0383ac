"""CTCAE grades, RECIST, renal function, calcium and dosing labels at their printed bounds.

Expected values are worked by hand from the printed tables and formulas.
"""

from __future__ import annotations

import numpy as np
import pytest

from euexia.core.errors import InputError, UnknownNameError
from euexia.core.logic import FALSE, TRUE, UNKNOWN
from euexia.criteria import dosing_labels, laboratory, toxicity, toxicity_clinical
from euexia.criteria import tumour_response as tumour
from euexia.criteria.dosing_labels import Indication, Region
from euexia.criteria.toxicity import Ctcae, LiverTerm, LowTerm
from euexia.criteria.tumour_response import NonTarget
from euexia.criteria.weight_loss import fraction_lost

NAN = float("nan")
V5, V6 = Ctcae.V5, Ctcae.V6


@pytest.mark.parametrize(("now", "grade"), [(76.1, 0), (76.0, 1), (72.1, 1), (72.0, 2), (64.0, 3), (NAN, -1)])
def test_weight_loss(now: float, grade: int) -> None:
    """From 80 kg at trial baseline: 4.875 %, then exactly 5, 10 and 20 %."""
    assert toxicity.weight_loss_grade(fraction_lost(80, now), version=V5) == grade


def test_oedema_makes_weight_loss_unknown() -> None:
    assert toxicity.weight_loss_grade([0.12, 0.12], [1, 0], version=V5).tolist() == [-1, 2]


@pytest.mark.parametrize(
    ("term", "limit", "version", "grades"),
    [
        (LowTerm.NEUTROPHILS, 2.0, V5, {2.0: 0, 1.5: 1, 1.49: 2, 1.0: 2, 0.99: 3, 0.5: 3, 0.49: 4}),
        (LowTerm.NEUTROPHILS, 2.0, V6, {1.5: 0, 1.49: 1, 1.0: 1, 0.99: 2, 0.5: 2, 0.49: 3, 0.1: 3, 0.09: 4}),
        (LowTerm.PLATELETS, 150, V5, {150: 0, 149: 1, 75: 1, 74: 2, 50: 2, 49: 3, 25: 3, 24: 4}),
        (LowTerm.PLATELETS, 150, V6, {75: 1, 50: 2, 24: 3, 10: 3, 9: 4}),
        (LowTerm.LYMPHOCYTES, 1.0, V5, {1.0: 0, 0.8: 1, 0.79: 2, 0.5: 2, 0.49: 3, 0.2: 3, 0.19: 4}),
        (LowTerm.WHITE_CELLS, 4.0, V5, {4.0: 0, 3.0: 1, 2.99: 2, 2.0: 2, 1.99: 3, 1.0: 3, 0.99: 4}),
        (LowTerm.HAEMOGLOBIN, 130, V5, {130: 0, 129: 1, 100: 1, 99: 2, 80: 2, 79: 3}),
        (LowTerm.ALBUMIN, 35, V5, {35: 0, 30: 1, 29: 2, 20: 2, 19: 3}),
        (LowTerm.CORRECTED_CALCIUM, 2.1, V5, {2.1: 0, 2.0: 1, 1.99: 2, 1.75: 2, 1.5: 3, 1.49: 4}),
        (LowTerm.FILTRATION, 90, V5, {90: 0, 60: 1, 59.9: 2, 30: 2, 29.9: 3, 15: 3, 14.9: 4}),
    ],
)
def test_low_values(term: LowTerm, limit: float, version: Ctcae, grades: dict[float, int]) -> None:
    """Trap: the printed lower end belongs to its grade, and version 6 counts otherwise than version 5."""
    found = toxicity.low_grade(term, list(grades), limit, version=version)
    assert dict(zip(grades, found.tolist(), strict=True)) == grades


def test_version_6_of_neutrophils_does_not_need_the_lower_limit() -> None:
    assert toxicity.low_grade(LowTerm.NEUTROPHILS, [1.6, 1.2], NAN, version=V6).tolist() == [0, 1]
    assert toxicity.low_grade(LowTerm.NEUTROPHILS, [1.6, 1.2], NAN, version=V5).tolist() == [-1, 2]


def test_rows_not_found_in_version_6_are_refused() -> None:
    calls = [
        lambda: toxicity.low_grade(LowTerm.ALBUMIN, 20, 35, version=V6),
        lambda: toxicity.weight_loss_grade(0.1, version=V6),
        lambda: toxicity.creatinine_grade(1.0, 1.2, 1.0, version=V6),
        lambda: toxicity.liver_grade(LiverTerm.ALT, 1.0, 1.2, 1.0, version=V6),
        lambda: toxicity.high_calcium_grade(2.7, 2.6, version=V6),
        lambda: toxicity.limb_oedema_grade(0.1, version=V6),
        lambda: toxicity_clinical.rash_maculopapular_grade(0.1, 0, version=V6),
    ]
    for call in calls:
        with pytest.raises(InputError, match=r"CTCAE 6\.0 was not found"):
            call()


def test_transfusion_and_clinical_grades_raise_a_grade() -> None:
    anaemia = toxicity.low_grade(LowTerm.HAEMOGLOBIN, [105, 105, 105, 70, NAN], 130, version=V5)
    raised = toxicity.at_least_grade(anaemia, 3, [1, 0, NAN, NAN, 1])
    assert raised.tolist() == [3, 1, -1, 3, 3]
    assert toxicity.at_least_grade(raised, 5, [0, 1, 0, 0, 0]).tolist() == [3, 5, -1, 3, 3]


@pytest.mark.parametrize(
    ("creatinine", "limit", "baseline", "grade"),
    [
        (1.5, 1.2, 0.8, 2),
        (1.2, 1.2, 1.2, 0),
        (1.21, 1.2, 1.2, 1),
        (1.8, 1.2, 1.2, 1),
        (1.81, 1.2, 1.3, 2),
        (3.6, 1.2, 1.3, 2),
        (3.61, 1.2, 1.3, 3),
        (7.2, 1.2, 1.3, 3),
        (7.21, 1.2, 1.3, 4),
        (2.5, 1.2, 0.8, 3),
        (1.5, 2.0, 1.0, 0),
        (1.51, 2.0, 1.0, 2),
        (3.0, 2.0, 1.0, 2),
        (3.01, 2.0, 1.0, 3),
        (7.21, 1.2, NAN, 4),
        (1.5, 1.2, NAN, -1),
        (1.5, NAN, 0.8, -1),
        (NAN, 1.2, 0.8, -1),
    ],
)
def test_creatinine(creatinine: float, limit: float, baseline: float, grade: int) -> None:
    """1.5 mg/dL, ULN 1.2, baseline 0.8: 1.25 ULN is grade 1, 1.875 baseline grade 2; the worst counts."""
    assert toxicity.creatinine_grade(creatinine, limit, baseline, version=V5) == grade


@pytest.mark.parametrize(
    ("term", "value", "limit", "baseline", "grade"),
    [
        (LiverTerm.ALT, 40, 40, 30, 0),
        (LiverTerm.ALT, 41, 40, 30, 1),
        (LiverTerm.ALT, 120, 40, 30, 1),
        (LiverTerm.ALT, 121, 40, 30, 2),
        (LiverTerm.ALT, 200, 40, 30, 2),
        (LiverTerm.ALT, 201, 40, 30, 3),
        (LiverTerm.ALT, 801, 40, 30, 4),
        (LiverTerm.ALT, 119, 40, 80, 0),
        (LiverTerm.ALT, 120, 40, 80, 1),
        (LiverTerm.ALT, 241, 40, 80, 2),
        (LiverTerm.ALT, 39, 40, NAN, 0),
        (LiverTerm.ALT, 90, 40, NAN, -1),
        (LiverTerm.BILIRUBIN, 20, 20, 15, 0),
        (LiverTerm.BILIRUBIN, 30, 20, 15, 1),
        (LiverTerm.BILIRUBIN, 30.1, 20, 15, 2),
        (LiverTerm.BILIRUBIN, 60, 20, 15, 2),
        (LiverTerm.BILIRUBIN, 60.1, 20, 15, 3),
        (LiverTerm.BILIRUBIN, 200, 20, 15, 3),
        (LiverTerm.BILIRUBIN, 200.1, 20, 15, 4),
        (LiverTerm.BILIRUBIN, 30.1, 20, 30, 1),
        (LiverTerm.ALT, 48, 40, 40, 1),
        (LiverTerm.BILIRUBIN, 31, 20, 30, 1),
        (LiverTerm.BILIRUBIN, 30, 20, 30, 0),
    ],
)
def test_liver(term: LiverTerm, value: float, limit: float, baseline: float, grade: int) -> None:
    assert toxicity.liver_grade(term, value, limit, baseline, version=V5) == grade


@pytest.mark.parametrize(
    ("calcium", "grade"), [(2.6, 0), (2.9, 1), (2.91, 2), (3.1, 2), (3.11, 3), (3.4, 3), (3.41, 4)]
)
def test_high_calcium(calcium: float, grade: int) -> None:
    assert toxicity.high_calcium_grade(calcium, 2.6, version=V5) == grade


@pytest.mark.parametrize(
    ("count", "single", "held", "fever"),
    [
        (0.9, 38.4, NAN, TRUE),
        (0.9, 38.3, 37.9, FALSE),
        (0.9, 38.2, 38.0, TRUE),
        (1.0, 39.0, 39.0, FALSE),
        (0.9, 38.2, NAN, UNKNOWN),
        (NAN, 39.0, NAN, UNKNOWN),
    ],
)
def test_febrile_neutropenia(count: float, single: float, held: float, fever: int) -> None:
    assert toxicity.febrile_neutropenia(count, single, held, version=V5) == fever


@pytest.mark.parametrize(
    ("share", "grade"), [(0.04, 0), (0.05, 1), (0.10, 1), (0.101, 2), (0.30, 2), (0.301, 3)]
)
def test_limb_oedema(share: float, grade: int) -> None:
    assert toxicity.limb_oedema_grade(share, version=V5) == grade


@pytest.mark.parametrize(
    ("event", "medical", "urgent", "life", "grade"),
    [(1, 0, 0, 0, 1), (1, 1, 0, 0, 2), (1, 1, 1, 0, 3), (1, 1, 1, 1, 4), (0, 0, 0, 0, 0), (1, NAN, 0, 0, -1)],
)
def test_venous_thromboembolism(event, medical, urgent, life, grade) -> None:
    """Superficial and untreated 1; deep and anticoagulated 2; pulmonary embolism 3."""
    found = toxicity_clinical.venous_thromboembolism_grade(
        event=event, medical_intervention=medical, urgent=urgent, life_threatening=life, version=V5
    )
    assert found == grade


def test_arterial_thromboembolism_begins_at_grade_3() -> None:
    grades = toxicity_clinical.arterial_thromboembolism_grade(
        urgent=[0, 1, 1, 1], life_threatening=[0, 0, 1, 1], death=[0, 0, 0, 1], version=V5
    )
    assert grades.tolist() == [0, 3, 4, 5]


def test_life_threat_and_death_top_a_grade() -> None:
    worst = [
        toxicity_clinical.anorexia_grade(
            appetite_loss=1,
            intake_altered=1,
            significant_loss=0,
            tube_or_parenteral=0,
            life_threatening=life,
            death=death,
            version=V5,
        )
        for life, death in ((1, 0), (1, 1), (NAN, 0), (NAN, 1))
    ]
    assert worst == [4, 5, -1, 5]


def test_anorexia() -> None:
    grades = toxicity_clinical.anorexia_grade(
        appetite_loss=[0, 1, 1, 1, 1, 1],
        intake_altered=[0, 0, 1, 1, 1, NAN],
        significant_loss=[0, 0, 0, 1, 0, 0],
        tube_or_parenteral=[0, 0, 0, 0, 1, 0],
        version=V5,
    )
    assert grades.tolist() == [0, 1, 2, 3, 3, -1]


@pytest.mark.parametrize(
    ("surface", "symptoms", "self_care", "grade"),
    [
        (0.35, 1, 0, 2),
        (0.35, 2, 0, 3),
        (0.301, 2, 0, 3),
        (0.08, 0, 0, 1),
        (0.10, 0, 0, 2),
        (0.30, 2, 0, 2),
        (0.35, NAN, 0, -1),
        (0.20, NAN, 0, 2),
        (0.0, NAN, 0, 0),
        (0.20, 1, 1, 3),
        (NAN, 2, 0, -1),
    ],
)
def test_rash(surface: float, symptoms: float, self_care: float, grade: int) -> None:
    assert toxicity_clinical.rash_maculopapular_grade(surface, symptoms, self_care, version=V5) == grade
    assert toxicity_clinical.rash_acneiform_grade(surface, symptoms, self_care, version=V5) == grade


def test_acneiform_rash_with_superinfection() -> None:
    grades = toxicity_clinical.rash_acneiform_grade(
        0.05, 0, local_superinfection=[1, 1], extensive_superinfection=[0, 1], version=V5
    )
    assert grades.tolist() == [3, 4]


def category(index: object) -> str:
    return "not evaluable" if int(index) == -1 else tumour.OVERALL_CATEGORIES[int(index)]


CR, PR, SD, PD, NE = tumour.COMPLETE, tumour.PARTIAL, tumour.STABLE, tumour.PROGRESSIVE, tumour.NOT_EVALUABLE


@pytest.mark.parametrize(
    ("baseline", "nadir", "now", "expected"),
    [
        (100, 50, 60, PD),
        (60, 10, 13, PR),
        (100, 70, 70, PR),
        (100, 71, 71, SD),
        (20, 20, 25, PD),
        (20, 20, 24.9, SD),
    ],
)
def test_targets(baseline: float, nadir: float, now: float, expected: int) -> None:
    """Trap: progression is 20 % AND 5 mm above the nadir; 10 to 13 mm is 30 % but only 3 mm."""
    assert tumour.target_response(baseline, nadir, now) == expected


@pytest.mark.parametrize(
    ("target", "non_target", "new", "expected"),
    [
        (CR, NonTarget.COMPLETE, 0, CR),
        (CR, NonTarget.ABSENT, 0, CR),
        (CR, NonTarget.PERSISTENT, 0, PR),
        (CR, NonTarget.NOT_EVALUATED, 0, PR),
        (PR, NonTarget.PERSISTENT, 0, PR),
        (PR, NonTarget.NOT_EVALUATED, 0, PR),
        (SD, NonTarget.PERSISTENT, 0, SD),
        (SD, NonTarget.NOT_EVALUATED, 0, SD),
        (NE, NonTarget.PERSISTENT, 0, NE),
        (PD, NonTarget.NOT_EVALUATED, NAN, PD),
        (NE, NonTarget.PROGRESSIVE, 0, PD),
        (CR, NonTarget.PERSISTENT, 1, PD),
        (NE, NonTarget.NOT_EVALUATED, 1, PD),
        (PR, NonTarget.PERSISTENT, NAN, NE),
    ],
)
def test_overall_response(target: int, non_target: NonTarget, new: float, expected: int) -> None:
    assert tumour.overall_response(target, non_target, new) == expected


@pytest.mark.parametrize(
    ("non_target", "new", "expected"),
    [
        (NonTarget.COMPLETE, 0, "complete response"),
        (NonTarget.PERSISTENT, 0, "neither complete response nor progression"),
        (NonTarget.NOT_EVALUATED, 0, "not evaluable"),
        (NonTarget.PROGRESSIVE, 0, "progressive disease"),
        (NonTarget.COMPLETE, 1, "progressive disease"),
        (NonTarget.COMPLETE, NAN, "not evaluable"),
    ],
)
def test_response_without_targets(non_target: NonTarget, new: float, expected: str) -> None:
    assert category(tumour.response_without_targets(non_target, new)) == expected


@pytest.mark.parametrize(
    ("nadir", "diameters", "nodes", "expected"),
    [
        (60, (0, 0, 9), (0, 0, 1), CR),
        (60, (0, 0, 10), (0, 0, 1), PR),
        (60, (NAN, 40, 40), (0, 0, 0), PD),
        (60, (NAN, 10, 10), (0, 0, 0), NE),
        (70, (20, 20, 30), (0, 0, 0), PR),
        (10, (0, 7, 9), (0, 1, 1), PD),
        (NAN, (20, 20, 30), (0, 0, 0), NE),
    ],
)
def test_targets_by_lesion(nadir: float, diameters, nodes, expected: int) -> None:
    """Baseline 100 mm; from a nadir of 60 mm, 80 mm in two of three lesions already proves progression."""
    assert tumour.target_response_of_lesions(100, nadir, diameters, nodes) == expected


@pytest.mark.parametrize(
    ("diameter", "node", "can"),
    [(10, 0, TRUE), (9.9, 0, FALSE), (15, 1, TRUE), (14.9, 1, FALSE), (12, NAN, UNKNOWN)],
)
def test_measurable(diameter: float, node: float, can: int) -> None:
    assert tumour.measurable(diameter, node) == can


@pytest.mark.parametrize(
    ("diameters", "organs", "allowed"),
    [
        ((20, 20, 20, 20, 20, NAN), (1, 1, 2, 2, 3, 3), TRUE),
        ((20, 20, 20, 20, 20, 20), (1, 1, 2, 2, 3, 3), FALSE),
        ((20, 20, 20, NAN, NAN, NAN), (1, 1, 1, 2, 2, 3), FALSE),
        ((20, 9, NAN, NAN, NAN, NAN), (1, 1, 1, 2, 2, 3), FALSE),
        ((20, NAN, 20, NAN, NAN, NAN), (1, 1, 1, 2, 2, 3), TRUE),
    ],
)
def test_choice_of_targets(diameters, organs, allowed: int) -> None:
    assert tumour.acceptable_targets(diameters, np.zeros(6), organs) == allowed


@pytest.mark.parametrize(("later", "enough"), [(28, TRUE), (27, FALSE), (NAN, UNKNOWN)])
def test_confirmation(later: float, enough: int) -> None:
    assert tumour.late_enough_to_confirm(0, later) == enough


@pytest.mark.parametrize(
    ("male", "age", "serum", "rate"),
    [(0, 55, 0.9, 75.50), (1, 67, 1.2, 66.28), (0, 50, 0.6, 109.28), (1, 70, 2.0, 35.24)],
)
def test_filtration_rate(male: float, age: float, serum: float, rate: float) -> None:
    """The first is also printed (as about 76) by creatinineclearancecalculator.net."""
    creatinine = serum * laboratory.CREATININE_UMOL_PER_MG_DL
    assert laboratory.filtration_rate(creatinine, age, male) == pytest.approx(rate, abs=0.006)


@pytest.mark.parametrize(
    ("male", "age", "creatinine"), [(NAN, 55, 80), (1, 17, 80), (1, 55, 0), (1, NAN, 80)]
)
def test_filtration_rate_is_unknown(male: float, age: float, creatinine: float) -> None:
    assert np.isnan(laboratory.filtration_rate(creatinine, age, male))


def test_filtration_rate_is_for_adults() -> None:
    assert np.isnan(laboratory.filtration_rate(80, [17.99, 18.0], 1)).tolist() == [True, False]


def test_creatinine_units() -> None:
    milligrams = 110 / laboratory.CREATININE_UMOL_PER_MG_DL
    assert milligrams == pytest.approx(1.244, abs=0.0005)


@pytest.mark.parametrize(
    ("calcium", "albumin", "corrected"), [(2.2, 28, 2.44), (2.55, 30, 2.75), (2.1, 40, 2.10), (2.1, NAN, NAN)]
)
def test_corrected_calcium(calcium: float, albumin: float, corrected: float) -> None:
    np.testing.assert_allclose(laboratory.corrected_calcium(calcium, albumin), corrected, rtol=1e-12)


@pytest.mark.parametrize(("calcium", "albumin", "corrected"), [(8.4, 2.8, 9.36), (10.6, 2.5, 11.80)])
def test_corrected_calcium_agrees_with_the_form_in_mg_per_dl(
    calcium: float, albumin: float, corrected: float
) -> None:
    """Ca + 0.8 (4 - albumin), with 0.2495 mmol/L in 1 mg/dL."""
    found = laboratory.corrected_calcium(calcium * 0.2495, albumin * 10) / 0.2495
    assert found == pytest.approx(corrected, abs=0.005)


MM, MDS = Indication.MULTIPLE_MYELOMA, Indication.MYELODYSPLASTIC_SYNDROME
MCL, FL = Indication.MANTLE_CELL_LYMPHOMA, Indication.FOLLICULAR_LYMPHOMA
US, EU = Region.US, Region.EU


@pytest.mark.parametrize(
    ("region", "indication", "clearance", "dialysis", "adjustment", "dose", "days"),
    [
        (US, MM, 54.67, 0, "moderate impairment", 10, 1),
        (EU, MM, 54.67, 0, "full dose", NAN, NAN),
        (US, MM, 44.44, 0, "moderate impairment", 10, 1),
        (EU, MM, 44.44, 0, "moderate impairment", 10, 1),
        (US, MM, 19.92, 0, "severe impairment", 15, 2),
        (EU, MM, 19.92, 0, "severe impairment", 15, 2),
        (US, MDS, 36.11, 0, "moderate impairment", 5, 1),
        (US, MDS, 19.92, 0, "severe impairment", 5, 2),
        (US, MDS, 10, 1, "dialysis", 5, 7 / 3),
        (US, MCL, 44.44, 0, "moderate impairment", 10, 1),
        (US, FL, 20, 0, "severe impairment", 5, 1),
        (US, MM, 30, 0, "moderate impairment", 10, 1),
        (US, MM, 29.99, 0, "severe impairment", 15, 2),
        (EU, MM, 50, 0, "full dose", NAN, NAN),
        (EU, MM, 49.99, 0, "moderate impairment", 10, 1),
        (US, MM, 60, 0, "full dose", NAN, NAN),
        (US, MM, 59.99, 0, "moderate impairment", 10, 1),
        (US, MM, NAN, 1, "dialysis", 5, 1),
    ],
)
def test_renal_dose(region, indication, clearance, dialysis, adjustment, dose, days) -> None:
    """Trap: the same 54.67 mL/min is 10 mg in the US and the full dose in the EU."""
    found = dosing_labels.lenalidomide_renal_dose(clearance, dialysis, region=region, indication=indication)
    assert dosing_labels.ADJUSTMENTS[int(found.adjustment)] == adjustment
    np.testing.assert_allclose([found.dose, found.days_between], [dose, days])


@pytest.mark.parametrize(("clearance", "dialysis"), [(NAN, 0), (80, NAN), (NAN, NAN)])
def test_missing_is_never_the_full_dose(clearance: float, dialysis: float) -> None:
    found = dosing_labels.lenalidomide_renal_dose(clearance, dialysis, region=US, indication=MM)
    assert found.adjustment == dosing_labels.UNKNOWN_ADJUSTMENT
    assert np.isnan(found.dose)


def test_two_tolerated_cycles_allow_more_in_the_eu_only() -> None:
    doses = [
        dosing_labels.lenalidomide_renal_dose(45, 0, [1, 2, NAN], region=region, indication=MM).dose.tolist()
        for region in (EU, US)
    ]
    assert doses == [[10, 15, 10], [10, 10, 10]]


def test_a_row_that_was_not_found_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="EU label for 'mantle_cell_lymphoma' were not found"):
        dosing_labels.lenalidomide_renal_dose(45, 0, region=EU, indication=MCL)


@pytest.mark.parametrize(
    ("neutrophils", "platelets", "start", "hold"),
    [
        (1.0, 50, FALSE, FALSE),
        (0.99, 50, TRUE, FALSE),
        (1.0, 49, TRUE, FALSE),
        (0.49, 50, TRUE, TRUE),
        (0.5, 29, TRUE, TRUE),
        (0.5, 30, TRUE, FALSE),
        (NAN, 60, UNKNOWN, UNKNOWN),
    ],
)
def test_counts_of_the_eu_label(neutrophils: float, platelets: float, start: int, hold: int) -> None:
    assert dosing_labels.must_not_start_eu(neutrophils, platelets) == start
    assert dosing_labels.must_hold_eu(neutrophils, platelets) == hold


def test_an_earlier_label_asked_for_more_platelets() -> None:
    earlier = dosing_labels.START_PLATELETS_EARLIER[0]
    assert dosing_labels.must_not_start_eu(2.0, 60, platelets_below=earlier) == TRUE


@pytest.mark.parametrize(
    ("region", "indication", "upper", "moderate", "severe", "dialysis"),
    [
        (US, MM, 60, (10, 1), (15, 2), (5, 1)),
        (US, MCL, 60, (10, 1), (15, 2), (5, 1)),
        (US, MDS, 60, (5, 1), (5, 2), (5, 7 / 3)),
        (US, FL, 60, (10, 1), (5, 1), (5, 1)),
        (US, Indication.MARGINAL_ZONE_LYMPHOMA, 60, (10, 1), (5, 1), (5, 1)),
        (EU, MM, 50, (10, 1), (15, 2), (5, 1)),
    ],
)
def test_every_row_of_the_labels(region, indication, upper, moderate, severe, dialysis) -> None:
    """Dose in mg and days between doses, on both sides of every bound."""
    clearance, on_dialysis = [upper, upper - 0.1, 30, 29.9, 10], [0, 0, 0, 0, 1]
    found = dosing_labels.lenalidomide_renal_dose(
        clearance, on_dialysis, region=region, indication=indication
    )
    rows = [(NAN, NAN), moderate, moderate, severe, dialysis]
    np.testing.assert_allclose(np.stack([found.dose, found.days_between], axis=-1), rows)


def test_only_rows_that_were_found_are_there() -> None:
    assert len(dosing_labels.LABELS) == 6


def test_dose_steps_of_the_eu_label() -> None:
    assert dosing_labels.DOSE_STEPS_EU_EARLIER == (25, 15, 10, 5)
    assert set(dosing_labels.DOSE_STEPS_EU) - set(dosing_labels.DOSE_STEPS_EU_EARLIER) == {20, 2.5}
    assert dosing_labels.START_PLATELETS_EARLIER == (75, 30)
