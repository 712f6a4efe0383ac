"""One patient, several lives: differences are the treatment's, and nothing else's."""

import numpy as np
import pytest

from euexia import parameters
from euexia.core.errors import InputError
from euexia.population import archetypes
from euexia.study.regimen import parse
from euexia.study.single_patient import read_course, simulate_patient

PARAMETERS = parameters.load()
NONE = parse("none", PARAMETERS)


def course(name, *treatments, weeks=12):
    """Simulate a shipped patient, compared with no treatment."""
    regimens = [parse(text, PARAMETERS) for text in treatments]
    return simulate_patient(
        archetypes.load(name), regimens, weeks=weeks, parameters=PARAMETERS, reference=NONE
    )


def change(found, measure, regimen, week=12):
    return float(found.at_week(measure, week)[regimen] - found.at_week(measure, 0)[regimen])


def test_a_dose_of_nothing_is_no_treatment_bit_for_bit():
    found = course(
        "nsclc",
        "lenalidomide 0 mg daily",
        "ponsegromab 0 mg every 4 weeks",
        "exercise 0 % + anamorelin 0 mg daily",
        "anamorelin 100 mg daily",
        "ponsegromab 400 mg every 4 weeks",
    )
    for name, values in found.values.items():
        for zero in (1, 2, 3):
            assert values[zero].tobytes() == values[0].tobytes(), name


def test_a_life_does_not_depend_on_the_others():
    alone = course("nsclc", "anamorelin 100 mg daily")
    among = course("nsclc", "ponsegromab 200 mg every 4 weeks", "anamorelin 100 mg daily", "nsaid")
    for name, values in alone.values.items():
        assert values[1].tobytes() == among.values[name][2].tobytes(), name
    assert among.regimens[0].label == "no treatment"
    assert among.reference == 0


def test_all_begin_as_the_same_person():
    found = course("gdf15_high", "anamorelin 100 mg daily", "progestin")
    for values in found.values.values():
        assert np.ptp(values[:, 0]) == 0
    assert found.values["body_weight"][0, 0] == pytest.approx(54.8, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "treatment", "measure", "week", "untreated", "treated"),
    [
        ("nsclc", "anamorelin 100 mg daily", "lean_mass_dxa", 12, -0.34, 1.11),
        ("nsclc", "anamorelin 100 mg daily", "handgrip_strength", 12, -1.68, -0.92),
        ("nsclc", "exercise 70 %", "handgrip_strength", 12, -1.68, 0.10),
        ("nsclc", "nutrition counselling 60 %", "body_weight", 12, -0.41, 0.48),
        ("gdf15_high", "ponsegromab 100 mg every 4 weeks", "body_weight", 12, -0.91, 0.48),
        ("gdf15_high", "ponsegromab 400 mg every 4 weeks", "body_weight", 12, -0.91, 2.06),
        ("pancreas", "thalidomide 200 mg daily", "body_weight", 8, -3.91, -2.95),
        ("il6", "anti-il6 320 mg every 8 weeks", "lean_mass_dxa", 12, -2.07, -0.46),
        ("inflammatory", "lenalidomide 25 mg daily", "body_weight", 8, -2.13, -2.18),
    ],
)
def test_the_patients_of_the_proof_run_come_out(name, treatment, measure, week, untreated, treated):
    """Expected: an independent solution of the same equations (LSODA, rtol 1e-7), to 0.02 kg."""
    found = course(name, treatment)
    assert change(found, measure, 0, week) == pytest.approx(untreated, abs=0.02)
    assert change(found, measure, 1, week) == pytest.approx(treated, abs=0.02)


def test_a_handgrip_that_was_measured_is_reproduced():
    text = archetypes.template().replace("# handgrip_strength", "handgrip_strength")
    patient = archetypes.read(text, "mine.yaml")
    found = simulate_patient(patient, [NONE], weeks=1, parameters=PARAMETERS)
    assert found.values["handgrip_strength"][0, 0] == pytest.approx(33.0, rel=1e-9)


def test_readings_have_the_same_errors_in_every_life():
    found = course("nsclc", "anamorelin 100 mg daily", "lenalidomide 0 mg daily")
    readings = read_course(found, 7)
    assert {"body_weight", "handgrip_strength", "crp"} <= set(readings)
    weight = readings["body_weight"]
    np.testing.assert_array_equal(weight[0], weight[2])
    errors = weight - found.values["body_weight"]
    np.testing.assert_allclose(errors[1], errors[0], atol=0.11)  # each reading is rounded to 0.1 kg
    assert 0.05 < np.std(errors[0]) < 2
    assert not np.array_equal(read_course(found, 8)["body_weight"], weight)


def test_a_missing_covariate_is_asked_for_by_name():
    patient = archetypes.read(archetypes.template(), "mine.yaml")
    with pytest.raises(InputError, match=r"lenalidomide needs 'creatinine_clearance': add 'creatinine_cl"):
        simulate_patient(
            patient, [parse("lenalidomide 25 mg daily", PARAMETERS)], weeks=4, parameters=PARAMETERS
        )


def test_a_weight_that_cannot_be_is_refused():
    """Two metres and 58 kg, with such a disease: more than a third of the body lost within a year."""
    text = (
        archetypes.template()
        .replace("age: 63 year", "age: 18 year")
        .replace("height: 170 cm", "height: 200 cm")
        .replace("weight: 66 kg", "weight: 58 kg")
        .replace("crp: 20 mg/L", "crp: 100 mg/L")
        .replace("# gdf15: 2.5 ng/mL", "gdf15: 40 ng/mL")
    )
    patient = archetypes.read(text, "mine.yaml")
    with pytest.raises(InputError, match=r"contradict each other: from a healthy 87.0 kg .* not to 58.0 kg"):
        simulate_patient(patient, [NONE], weeks=4, parameters=PARAMETERS)


@pytest.mark.parametrize("weeks", [0.0, -3.0, 1000.0, float("nan"), float("inf")])
def test_a_course_has_a_length(weeks):
    with pytest.raises(InputError, match="Ask for 1 to 104 weeks"):
        course("nsclc", weeks=weeks)
