"""Worked examples of the clinical specification (sections 0.4, 1.4, 3.5, 6.1, 6.2 and 6.4)."""

from __future__ import annotations

import numpy as np
import pytest

from euexia.core.logic import FALSE, TRUE, Comparison, compare
from euexia.criteria import body_composition, laboratory, tumour_response
from euexia.criteria.catalogue import DEFINITIONS
from euexia.criteria.weight_loss import MONTH, fraction_lost, tolerance, value_at_look_back

NAN = float("nan")


@pytest.mark.parametrize(
    ("reference", "now", "percent"), [(80, 75, 6.25), (70, 66.5, 5.0), (60, 58.8, 2.0), (60, 63, -5.0)]
)
def test_weight_loss(reference: float, now: float, percent: float) -> None:
    """Section 0.4."""
    assert 100 * fraction_lost(reference, now) == pytest.approx(percent, rel=1e-12)


def test_exact_five_percent_is_never_more_than_five() -> None:
    """Section 0.2: naive arithmetic fires on 380 of these 800 weights."""
    weights = np.arange(400, 1200) / 10
    lost = fraction_lost(weights, weights * 0.95)
    assert (compare(lost, Comparison.ABOVE, 0.05) == FALSE).all()
    assert (compare(lost, Comparison.AT_LEAST, 0.05) == TRUE).all()


@pytest.mark.parametrize(("reference", "now"), [(NAN, 60), (60, NAN), (0, 60)])
def test_weight_loss_of_nothing_is_unknown(reference: float, now: float) -> None:
    assert np.isnan(fraction_lost(reference, now))


@pytest.mark.parametrize(("months", "days"), [(6, 30.0), (2, 14.0), (12, 30.0)])
def test_tolerance(months: float, days: float) -> None:
    """Section 0.4: 30 days for 6 months, 14 days for 2 months."""
    assert tolerance(months * MONTH) == days


def test_tolerance_of_four_weeks_is_half() -> None:
    assert tolerance(28.0) == 14.0


def test_look_back_takes_the_nearest_earlier_reading() -> None:
    days = np.array([-180.0, -60.0, -28.0, 0.0])
    values = np.array([[80.0, 72.0, 70.0, 69.0], [80.0, NAN, 70.0, 69.0]])
    assert value_at_look_back(days, values, 3, 2 * MONTH).tolist()[0] == 72.0
    assert np.isnan(value_at_look_back(days, values, 3, 2 * MONTH)[1])
    assert value_at_look_back(days, values, 3, 6 * MONTH).tolist() == [80.0, 80.0]
    assert value_at_look_back(days, values, -1, 28.0).tolist() == [70.0, 70.0]


def test_look_back_never_takes_the_present_reading() -> None:
    assert np.isnan(value_at_look_back([0.0], [[70.0]], 0, 10.0))[0]


@pytest.mark.parametrize(("area", "mass"), [(140, 48.06), (100, 36.06), (165, 55.56)])
def test_fat_free_mass(area: float, mass: float) -> None:
    """Section 3.5."""
    assert body_composition.fat_free_mass(area) == pytest.approx(mass, abs=1e-9)


@pytest.mark.parametrize(("area", "mass"), [(150, 17.50), (300, 23.80), (420, 28.84)])
def test_fat_mass(area: float, mass: float) -> None:
    """Section 3.5."""
    assert body_composition.fat_mass(area) == pytest.approx(mass, abs=1e-9)


def test_two_percent_more_muscle_area_is_less_lean_mass() -> None:
    """Section 3.5: 120 to 122.4 cm2 is +2.00 % of area but +1.71 % of lean mass."""
    gain = body_composition.fat_free_mass(122.4) / body_composition.fat_free_mass(120) - 1
    assert 100 * gain == pytest.approx(1.71, abs=0.005)


@pytest.mark.parametrize(
    ("male", "age", "weight", "serum_mg_dl", "clearance"),
    [
        (1, 67, 64.7, 1.2, 54.67),
        (0, 72, 50, 1.0, 40.14),
        (1, 60, 80, 2.0, 44.44),
        (1, 75, 60, 1.5, 36.11),
        (0, 80, 45, 1.6, 19.92),
    ],
)
def test_creatinine_clearance(
    male: float, age: float, weight: float, serum_mg_dl: float, clearance: float
) -> None:
    """Section 6.4."""
    serum = serum_mg_dl * laboratory.CREATININE_UMOL_PER_MG_DL
    assert laboratory.creatinine_clearance(serum, weight, age, male) == pytest.approx(clearance, abs=0.005)


@pytest.mark.parametrize(
    ("serum", "weight", "age", "male"),
    [(90, NAN, 60, 1), (90, 70, 141, 1), (0, 70, 60, 1), (90, 70, 60, 0.5)],
)
def test_creatinine_clearance_is_unknown(serum: float, weight: float, age: float, male: float) -> None:
    """Section 6.4: age over 140 or weight missing; sex must be stated."""
    assert np.isnan(laboratory.creatinine_clearance(serum, weight, age, male))


@pytest.mark.parametrize(
    ("count", "grade"), [(2.0, 0), (1.5, 1), (1.49, 2), (1.0, 2), (0.99, 3), (0.5, 3), (0.49, 4)]
)
def test_neutropenia(count: float, grade: int) -> None:
    """Section 6.1, lower limit 2.0."""
    assert laboratory.neutropenia_grade(count, 2.0) == grade


@pytest.mark.parametrize(
    ("count", "grade"), [(150, 0), (149, 1), (75, 1), (74, 2), (50, 2), (49, 3), (25, 3), (24, 4)]
)
def test_thrombocytopenia(count: float, grade: int) -> None:
    """Section 6.1, lower limit 150."""
    assert laboratory.thrombocytopenia_grade(count, 150) == grade


def test_grade_without_a_lower_limit() -> None:
    """Section 6.1: higher grades that do not use the limit are still decidable."""
    assert laboratory.neutropenia_grade([1.8, 0.9, NAN], NAN).tolist() == [-1, 3, -1]


@pytest.mark.parametrize(
    ("baseline", "nadir", "now", "category"),
    [
        (100, 50, 60, "progressive disease"),
        (60, 10, 13, "partial response"),
        (100, 100, 70, "partial response"),
        (100, 71, 71, "stable disease"),
        (100, 100, 0, "complete response"),
        (100, 100, 119.9, "stable disease"),
        (100, 100, 120, "progressive disease"),
        (20, 20, 24.5, "stable disease"),
    ],
)
def test_target_response(baseline: float, nadir: float, now: float, category: str) -> None:
    """Section 6.2: 20 % AND 5 mm above the nadir; 30 % below baseline."""
    assert tumour_response.CATEGORIES[int(tumour_response.target_response(baseline, nadir, now))] == category


def test_target_response_with_a_missing_sum() -> None:
    assert tumour_response.target_response([NAN, 100], [50, 50], [50, NAN]).tolist() == [-1, -1]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_definition_says_where_it_comes_from(name: str) -> None:
    definition = DEFINITIONS[name]
    assert definition.id == name
    assert definition.version
    assert definition.source
