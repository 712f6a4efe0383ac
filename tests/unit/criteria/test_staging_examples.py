"""Worked examples of the specification of staging and prognostic scores: each row was computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from euexia.criteria.inflammation import cachexia_index, car, gps, mgps, nlr, pni
from euexia.criteria.outcome import Outcome, Status
from euexia.criteria.staging import GRADES, Edge, casco2011, casco2017, css2018, wlgs2015

NAN = float("nan")
NORMAL = {"male": 1, "white_cells": 7.0, "albumin": 42.0, "haemoglobin": 140.0}


def value(outcome: Outcome) -> float:
    assert outcome.value is not None
    return float(outcome.value)


def label(outcome: Outcome) -> str:
    assert outcome.category is not None
    return outcome.categories[int(outcome.category)] if outcome.category >= 0 else "unknown"


@pytest.mark.parametrize(
    ("lost", "sarc_f", "ecog", "appetite", "blood", "points", "stage"),
    [
        (0.04, 3, 1, 4, {"albumin": 33}, 5, "cachexia"),
        (0.0, 0, 0, 2, {}, 0, "non-cachexia"),
        (0.06, 1, 1, 2, {}, 4, "pre-cachexia"),
        (0.18, 8, 3, 9, {"white_cells": 12, "albumin": 30}, 12, "refractory cachexia"),
        (0.05, 0, 0, 3, {"haemoglobin": 120}, 1, "non-cachexia"),
        (0.15, 7, 2, 7, {"haemoglobin": 119}, 9, "refractory cachexia"),
        (-0.03, 4, 0, 0, {}, 2, "non-cachexia"),
    ],
)
def test_css(
    lost: float, sarc_f: float, ecog: float, appetite: float, blood: dict[str, float], points: int, stage: str
) -> None:
    """Worked examples of the specification, four rows; then the edges of the bins."""
    outcome = css2018(
        weight_loss_6_months=lost, sarc_f=sarc_f, ecog=ecog, appetite_loss=appetite, **{**NORMAL, **blood}
    )
    assert (value(outcome), label(outcome)) == (points, stage)


def test_css_with_a_gap_gives_the_interval() -> None:
    """Without SARC-F the total of the first example lies between 4 and 7, and no stage is named."""
    outcome = css2018(weight_loss_6_months=0.04, ecog=1, appetite_loss=4, **{**NORMAL, "albumin": 33})
    assert (outcome.low, outcome.high) == (4, 7)
    assert np.isnan(value(outcome))
    assert label(outcome) == "unknown"
    assert list(outcome.missing) == ["sarc_f"]


def test_css_knows_enough_with_two_abnormal_values() -> None:
    """Two abnormal values give the full points: haemoglobin is not asked for."""
    outcome = css2018(weight_loss_6_months=0, sarc_f=0, ecog=0, appetite_loss=0, white_cells=12, albumin=30)
    assert value(outcome) == 2
    assert not outcome.missing


def test_css_refuses_ecog_5() -> None:
    outcome = css2018(weight_loss_6_months=0.04, sarc_f=3, ecog=5, appetite_loss=4, **NORMAL)
    assert outcome.status == Status.INVALID
    assert outcome.invalid["ecog"]


@pytest.mark.parametrize(
    ("total", "first", "validated"),
    [
        (22, "mild", "mild"),
        (40, "moderate", "moderate"),
        (60, "severe", "severe"),
        (80, "terminal", "severe"),
        (10, "mild", "none"),
        (25, "mild", "mild"),
        (25.5, "moderate", "mild"),
        (28.5, "moderate", "mild"),
        (29, "moderate", "moderate"),
        (46.5, "moderate", "moderate"),
        (47, "moderate", "severe"),
        (50, "moderate", "severe"),
        (75, "severe", "severe"),
        (NAN, "unknown", "unknown"),
    ],
)
def test_casco(total: float, first: str, validated: str) -> None:
    """Worked examples of the specification, five rows; then every edge: the scheme must be stated."""
    assert label(casco2011(casco=total)) == first
    assert label(casco2017(casco=total)) == validated


@pytest.mark.parametrize(
    ("crp", "albumin", "modified", "original"),
    [
        (10.0, 30, 0, 1),
        (10.1, 35, 1, 1),
        (45, 28, 2, 2),
        (45, NAN, NAN, NAN),
        (5, NAN, 0, NAN),
        (NAN, 28, NAN, NAN),
    ],
)
def test_glasgow(crp: float, albumin: float, modified: float, original: float) -> None:
    """Worked examples of the specification; trap: low albumin with CRP of 10 is 0 modified, 1 original."""
    assert value(mgps(crp=crp, albumin=albumin)) == pytest.approx(modified, nan_ok=True)
    assert value(gps(crp=crp, albumin=albumin)) == pytest.approx(original, nan_ok=True)


def test_glasgow_without_albumin_is_one_or_two() -> None:
    outcome = mgps(crp=45)
    assert (outcome.low, outcome.high) == (1, 2)
    assert list(outcome.missing) == ["albumin"]


@pytest.mark.parametrize(
    ("lost", "bmi", "grade"),
    [
        (0.0625, 23.67, 3),
        (0.025, 27.9, 2),
        (0.0, 19.5, 3),
        (0.15, 28.0, 3),
        (0.149, 21, 4),
        (0.024, 28, 0),
        (0.059, 28.0, 1),
        (0.11, 26, 3),
        (0.06, 28.0, 2),
        (-0.10, 24.0, 1),
    ],
)
def test_weight_loss_grade(lost: float, bmi: float, grade: int) -> None:
    """Worked examples of the specification, eight rows; then an edge and a gain."""
    assert value(wlgs2015(weight_loss_6_months=lost, bmi=bmi)) == grade


def test_weight_loss_grade_at_the_other_edge() -> None:
    """A secondary page gives an exact 2.5 % to the smaller loss: grade 0 at a BMI of 27.9."""
    readings = {"weight_loss_6_months": 0.025, "bmi": 27.9}
    assert value(wlgs2015(**readings, edge=Edge.MEDICALALGORITHMS)) == 0


def test_weight_loss_grade_is_not_transposed() -> None:
    """Trap: the whole grid, as published, from cells in the middle of each row and column."""
    losses, indices = [0.0, 0.04, 0.08, 0.13, 0.2], [18.0, 21.0, 23.0, 26.0, 30.0]
    outcome = wlgs2015(weight_loss_6_months=np.array(losses)[:, None], bmi=np.array(indices)[None, :])
    assert outcome.value is not None
    assert outcome.value.astype(int).tolist() == [list(row) for row in GRADES]
    assert outcome.value[:, -1].tolist() == [0, 1, 2, 3, 3]
    assert outcome.value[:, 0].tolist() == [3, 3, 4, 4, 4]


def test_weight_loss_grade_of_a_gain_is_outside_the_grid() -> None:
    outcome = wlgs2015(weight_loss_6_months=[-0.024, -0.025], bmi=24)
    assert outcome.notes["outside_published_grid"].tolist() == [False, True]


def test_weight_loss_grade_without_index_is_an_interval() -> None:
    outcome = wlgs2015(weight_loss_6_months=0.2)
    assert (outcome.low, outcome.high) == (3, 4)
    assert outcome.status == Status.UNKNOWN


@pytest.mark.parametrize(
    ("index", "albumin", "ratio", "expected", "stage"),
    [
        (50, 40, 4.0, 50.0, "stage I"),
        (45, 35, 5.0, 31.5, "stage II"),
        (38, 30, 6.0, 19.0, "stage II"),
        (52.5, 40, 6.0, 35.0, "stage I"),
    ],
)
def test_cachexia_index(index: float, albumin: float, ratio: float, expected: float, stage: str) -> None:
    """Worked examples of the specification; trap: albumin enters in g/dL, given in g/L."""
    outcome = cachexia_index(skeletal_muscle_index=index, albumin=albumin, nlr=ratio)
    assert value(outcome) == pytest.approx(expected, rel=1e-12)
    assert label(outcome) == stage


def test_zero_denominators_are_invalid() -> None:
    assert cachexia_index(skeletal_muscle_index=50, albumin=40, nlr=0).status == Status.INVALID
    assert nlr(neutrophils=4.0, lymphocytes=0.0).status == Status.INVALID
    assert nlr(neutrophils=4.0).status == Status.UNKNOWN


@pytest.mark.parametrize(
    ("albumin", "lymphocytes", "expected"), [(38, 1.5, 45.5), (30, 0.8, 34.0), (42, 2.1, 52.5)]
)
def test_prognostic_nutritional_index(albumin: float, lymphocytes: float, expected: float) -> None:
    """Worked examples of the specification."""
    assert value(pni(albumin=albumin, lymphocytes=lymphocytes)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("neutrophils", "lymphocytes", "expected"), [(6.0, 1.2, 5.0), (3.0, 2.0, 1.5), (9.0, 0.6, 15.0)]
)
def test_neutrophil_lymphocyte_ratio(neutrophils: float, lymphocytes: float, expected: float) -> None:
    """Worked examples of the specification."""
    assert value(nlr(neutrophils=neutrophils, lymphocytes=lymphocytes)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("crp", "albumin", "expected"), [(30, 30, 1.0), (5, 40, 0.125), (80, 28, 2.857)])
def test_crp_albumin_ratio(crp: float, albumin: float, expected: float) -> None:
    """Worked examples of the specification."""
    assert value(car(crp=crp, albumin=albumin)) == pytest.approx(expected, abs=5e-4)
