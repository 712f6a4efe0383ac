"""Worked examples of the specification of CT, bioimpedance and body size.

"Published" marks rows whose numbers stand on a public page; the others were computed for the specification.
"""

from __future__ import annotations

import numpy as np
import pytest

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison
from euexia.criteria import body_size, ct
from euexia.criteria.bioimpedance import bia_janssen, bia_sergi
from euexia.criteria.body_composition import fat_free_mass, mourtzakis2008, mourtzakis2008_fat
from euexia.criteria.outcome import Outcome, Status
from euexia.criteria.weight_loss import MONTH, Reference, reference_value, weight_loss

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


# --- Weight and size ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "percent"), [(80, 75, 6.25), (70, 66.5, 5.0), (60, 58.8, 2.0), (60, 63, -5.0)]
)
def test_weight_loss(before: float, after: float, percent: float) -> None:
    """Worked examples of the specification: the denominator is the earlier weight."""
    outcome = weight_loss(reference_weight=before, body_weight=after)
    assert 100 * value(outcome) == pytest.approx(percent, rel=1e-12)


def test_weight_loss_refuses_what_cannot_be() -> None:
    """More than 60 % either way, weights outside 25 to 300 kg, and fluid retention."""
    outcome = weight_loss(
        reference_weight=[100, 60, 44.45, 350, 80],
        body_weight=[39, 97, 78, 300, 70],
        fluid_retention=[0, 0, 0, 0, 1],
    )
    assert outcome.status.tolist() == [Status.INVALID] * 5


def test_reference_weight_at_the_look_back_or_the_highest_since() -> None:
    """80 kg six months ago, 84 kg since: the two readings of "past 6 months" differ."""
    days, weights = [-190.0, -120.0, -60.0, 0.0], [80.0, 84.0, 81.0, 78.0]
    at = reference_value(days, weights, -1, 6 * MONTH)
    highest = reference_value(days, weights, -1, 6 * MONTH, reference=Reference.HIGHEST_IN_WINDOW)
    assert (float(at), float(highest)) == (80.0, 84.0)
    assert np.isnan(reference_value(days, weights, -1, 6 * MONTH, allowed=1.0))
    early = reference_value([-300.0, 0.0], [90.0, 78.0], -1, 6 * MONTH, reference=Reference.HIGHEST_IN_WINDOW)
    assert np.isnan(early)


@pytest.mark.parametrize(
    ("weight", "height", "expected"), [(60, 175, 19.592), (75, 178, 23.671), (58.5, 160, 22.852)]
)
def test_body_mass_index(weight: float, height: float, expected: float) -> None:
    """Worked examples of the specification."""
    assert value(body_size.bmi(body_weight=weight, height=height)) == pytest.approx(expected, abs=5e-4)


def test_height_in_metres_is_refused() -> None:
    outcome = body_size.bmi(body_weight=70, height=1.75)
    assert outcome.status == Status.INVALID
    assert outcome.invalid["height"]


@pytest.mark.parametrize(
    ("male", "weight", "height", "boer", "james", "hume", "janmahasatian"),
    [
        (MAN, 80, 180, 61.42, 62.72, 57.79, 61.73),
        (WOMAN, 62, 165, 45.37, 45.44, 44.03, 40.09),
        (MAN, 110, 175, 72.30, 70.43, 65.93, 70.62),
        (WOMAN, 60, 160, 42.50, 43.39, 41.35, 38.36),
    ],
)
def test_lean_body_mass(
    male: int, weight: float, height: float, boer: float, james: float, hume: float, janmahasatian: float
) -> None:
    """Worked examples of the specification; Boer, James and Hume of the first three published to 0.1."""
    known = {"male": male, "body_weight": weight, "height": height}
    assert value(body_size.lbm_boer(**known)) == pytest.approx(boer, abs=0.005)
    assert value(body_size.lbm_james(**known)) == pytest.approx(james, abs=0.005)
    assert value(body_size.lbm_hume(**known)) == pytest.approx(hume, abs=0.005)
    assert value(body_size.lbm_janmahasatian(**known)) == pytest.approx(janmahasatian, abs=0.005)


def test_lean_body_mass_where_pages_differ() -> None:
    """Published: James 43.3875 (woman, 60 kg, 160 cm); a page prints 74 where its formula gives 71.92."""
    woman = body_size.lbm_james(male=WOMAN, body_weight=60, height=160)
    man = body_size.lbm_janmahasatian(male=MAN, body_weight=110, height=178)
    assert value(woman) == pytest.approx(43.3875, rel=1e-12)
    assert value(man) == pytest.approx(71.92, abs=0.005)


def test_james_falls_past_its_maximum() -> None:
    """Maximum at 131.6 kg (man, 175 cm) and 92.5 kg (woman, 160 cm); 49.51 there, 47.75 at 110 kg."""
    woman = body_size.lbm_james(male=WOMAN, body_weight=[92.5, 92.6, 110], height=160)
    assert woman.value is not None
    assert woman.value[[0, 2]] == pytest.approx([49.51, 47.75], abs=0.005)
    assert woman.notes["past_its_maximum"].tolist() == [False, True, True]
    man = body_size.lbm_james(male=MAN, body_weight=[131.5, 131.6], height=175)
    assert man.notes["past_its_maximum"].tolist() == [False, True]


@pytest.mark.parametrize(
    ("area", "height", "male", "index", "low"),
    [(140, 172, MAN, 16.25, TRUE), (100, 160, WOMAN, 14.09, TRUE), (165, 180, MAN, 17.15, FALSE)],
)
def test_fat_free_mass_index(area: float, height: float, male: int, index: float, low: int) -> None:
    """Worked examples of the specification, from the muscle area on."""
    outcome = body_size.ffmi(fat_free_mass=fat_free_mass(area), height=height, male=male)
    assert value(outcome) == pytest.approx(index, abs=0.006)
    assert truth(outcome) == low


def test_low_body_mass_index_for_the_age() -> None:
    outcome = body_size.espen2015_low_bmi(bmi=[19.9, 20, 21.9, 22, 19, 21], age=[50, 50, 70, 70, NAN, NAN])
    assert outcome.truth is not None
    assert outcome.truth.tolist() == [TRUE, FALSE, TRUE, FALSE, TRUE, UNKNOWN]


# --- Whole body from one slice ------------------------------------------------------------------------------


@pytest.mark.parametrize(("area", "mass"), [(140, 48.06), (100, 36.06), (165, 55.56)])
def test_mourtzakis(area: float, mass: float) -> None:
    """Worked examples of the specification."""
    assert value(mourtzakis2008(skeletal_muscle_area=area)) == pytest.approx(mass, abs=1e-9)


@pytest.mark.parametrize(("area", "mass"), [(150, 17.50), (300, 23.80), (420, 28.84)])
def test_mourtzakis_fat(area: float, mass: float) -> None:
    """Worked examples of the specification."""
    assert value(mourtzakis2008_fat(adipose_area=area)) == pytest.approx(mass, abs=1e-9)


@pytest.mark.parametrize(("area", "percent"), [(100, 2.404), (120, 2.337), (140, 2.289), (160, 2.253)])
def test_muscle_area_must_grow_more_than_lean_mass(area: float, percent: float) -> None:
    """Worked examples of the specification: growth of the area behind 2 % more lean mass."""
    grown = fat_free_mass(area * (1 + percent / 100)) / fat_free_mass(area) - 1
    assert 100 * grown == pytest.approx(2.0, abs=5e-4)


# --- CT thresholds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("male", "area", "height", "bmi", "index", "prado", "martin"),
    [
        (MAN, 140, 172, 23, 47.32, TRUE, FALSE),
        (MAN, 140, 172, 27, 47.32, TRUE, TRUE),
        (WOMAN, 100, 160, NAN, 39.06, FALSE, TRUE),
        (MAN, 165, 180, 30, 50.93, TRUE, TRUE),
        (MAN, 140, 172, NAN, 47.32, TRUE, UNKNOWN),
        (MAN, 140, 172, 25.0, 47.32, TRUE, TRUE),
    ],
)
def test_muscle_index(
    male: int, area: float, height: float, bmi: float, index: float, prado: int, martin: int
) -> None:
    """Worked examples of the specification; then a missing index and its exact edge."""
    measured = value(ct.ct_smi(skeletal_muscle_area=area, height=height))
    assert measured == pytest.approx(index, abs=0.005)
    assert truth(ct.prado2008(male=male, skeletal_muscle_index=measured)) == prado
    assert truth(ct.martin2013(male=male, bmi=bmi, skeletal_muscle_index=measured)) == martin


@pytest.mark.parametrize(("bmi", "density", "low"), [(24.9, 40, TRUE), (25.0, 40, FALSE), (25.0, 32.9, TRUE)])
def test_radiodensity(bmi: float, density: float, low: int) -> None:
    """Worked examples of the specification, two rows; then the other threshold."""
    assert truth(ct.martin2013_radiodensity(bmi=bmi, muscle_radiodensity=density)) == low


def test_prado_at_the_threshold() -> None:
    known = {"male": MAN, "skeletal_muscle_index": 52.4}
    assert truth(ct.prado2008(**known)) == FALSE
    assert truth(ct.prado2008(**known, comparison=Comparison.AT_MOST)) == TRUE


def test_reference_values() -> None:
    """Both sides of the printed centiles and of the mean minus two standard deviations."""
    readings = {"male": [MAN, MAN, WOMAN, WOMAN], "skeletal_muscle_index": [41.5, 41.6, 31.9, 32.0]}
    donors = ct.vanderwerf2018(**readings, muscle_radiodensity=[29.2, 29.3, 21.9, 22.0])
    assert donors.truth is not None
    assert donors.truth.tolist() == [TRUE, FALSE, TRUE, FALSE]
    assert donors.met["low_radiodensity"].tolist() == [TRUE, FALSE, TRUE, FALSE]
    young = ct.derstine2018(
        male=[MAN, WOMAN], skeletal_muscle_index=[45.4, 34.3], skeletal_muscle_area=[144, 92.2]
    )
    assert young.truth is not None
    assert young.truth.tolist() == [FALSE, TRUE]
    assert young.met["low_area"].tolist() == [TRUE, FALSE]


def test_reference_values_by_age() -> None:
    """44.9 in the third decade, 36.9 in the eighth; nothing is said about 19 or 80."""
    outcome = ct.vanderwerf2018_by_age(male=MAN, age=[20, 29.9, 30, 79.9, 80, 19], skeletal_muscle_index=44.0)
    assert outcome.truth is not None
    assert outcome.truth.tolist() == [TRUE, TRUE, FALSE, FALSE, UNKNOWN, UNKNOWN]
    women = ct.vanderwerf2018_by_age(male=WOMAN, age=[55, 75], skeletal_muscle_index=[32.2, 28.9])
    assert women.truth is not None
    assert women.truth.tolist() == [TRUE, FALSE]


# --- Hounsfield windows -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "compartment", "tissue"),
    [
        (-29, "muscle", "muscle"),
        (-30, "muscle", "intermuscular fat"),
        (151, "muscle", "excluded"),
        (-150, "subcutaneous", "subcutaneous fat"),
        (-151, "visceral", "excluded"),
        (-49, "visceral", "excluded"),
        (-50, "visceral", "visceral fat"),
        (150, "muscle", "muscle"),
        (-190, "subcutaneous", "subcutaneous fat"),
        (-191, "muscle", "excluded"),
        (-29.6, "muscle", "intermuscular fat"),
        (-29.4, "muscle", "muscle"),
    ],
)
def test_hounsfield_windows(units: float, compartment: str, tissue: str) -> None:
    """Worked examples of the specification, seven rows; then the outer edges and rounding."""
    assert label(ct.ct_hu_windows(hounsfield=units, compartment=compartment)) == tissue


def test_pixels_without_a_value_are_excluded() -> None:
    tissue = ct.classify_hounsfield([[0.0, NAN], [-100.0, 300.0]], ct.COMPARTMENTS.index("muscle"))
    assert tissue.tolist() == [[ct.MUSCLE, ct.EXCLUDED], [ct.INTERMUSCULAR, ct.EXCLUDED]]


# --- Bioimpedance -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("male", "height", "resistance", "age", "mass", "index", "muscle"),
    [
        (MAN, 175, 500, 65, 28.87, 9.43, "class I"),
        (WOMAN, 160, 600, 70, 17.24, 6.73, "class I"),
        (MAN, 170, 560, 72, 24.51, 8.48, "class II"),
    ],
)
def test_janssen(
    male: int, height: float, resistance: float, age: float, mass: float, index: float, muscle: str
) -> None:
    """Worked examples of the specification."""
    outcome = bia_janssen(male=male, height=height, resistance=resistance, age=age)
    assert value(outcome) == pytest.approx(mass, abs=0.005)
    assert float(outcome.parts["muscle_mass_index"]) == pytest.approx(index, abs=0.006)
    assert label(outcome) == muscle


@pytest.mark.parametrize(
    ("male", "height", "resistance", "weight", "reactance", "mass", "index"),
    [
        (MAN, 175, 500, 70, 50, 21.17, 6.91),
        (WOMAN, 160, 600, 58, 48, 14.30, 5.59),
        (MAN, 168, 590, 60, 42, 16.67, 5.91),
    ],
)
def test_sergi(
    male: int, height: float, resistance: float, weight: float, reactance: float, mass: float, index: float
) -> None:
    """Worked examples of the specification."""
    outcome = bia_sergi(
        male=male, height=height, resistance=resistance, body_weight=weight, reactance=reactance
    )
    assert value(outcome) == pytest.approx(mass, abs=0.006)
    assert float(outcome.parts["appendicular_index"]) == pytest.approx(index, abs=0.006)


def test_fluid_spoils_bioimpedance() -> None:
    outcome = bia_janssen(male=MAN, height=175, resistance=500, age=65, fluid_retention=1)
    assert outcome.status == Status.INVALID
    assert outcome.invalid["resistance"]


def test_appendicular_index() -> None:
    assert value(body_size.asmi(appendicular_lean_mass=21.17, height=175)) == pytest.approx(6.91, abs=0.005)
