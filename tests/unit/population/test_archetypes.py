"""Virtual patients: those that ship, files of one's own, and every fault of a bad file at once."""

import pytest

from euexia.core.errors import DataFileError, InputError, UnknownNameError
from euexia.population import archetypes
from euexia.population.patient_fields import patient_fields

GOOD = """\
patient: mine
inputs:
  sex: woman
  age: 70 year
  height: 1.62 m
  weight: 52 kg
  crp: 35 mg/L
"""


@pytest.mark.parametrize("name", archetypes.names())
def test_every_shipped_patient_says_where_its_values_come_from(name):
    patient = archetypes.load(name)
    assert patient.name == name
    assert patient.title
    for said in patient.said.values():
        assert said.status is not None
        assert said.source is not None
        assert said.source.where


@pytest.mark.parametrize("name", sorted(patient_fields()))
def test_every_default_has_a_status_and_a_reason(name):
    field = patient_fields()[name]
    if field.default:
        assert field.status is not None
        assert field.source is not None


def test_a_short_file_is_filled_with_defaults():
    patient = archetypes.read(GOOD, "mine.yaml")
    assert patient.inputs()["male"] == 0
    assert patient.inputs()["height"] == 162
    assert patient.inputs()["run_in_days"] == 360
    assert patient.said["gdf15"].by_default
    assert not patient.said["crp"].by_default


def test_creatinine_gives_clearance():
    """Cockcroft and Gault: (140 - 70) 52 / (72 x 80/88.42) x 0.85 = 47.5 mL/min in a woman."""
    patient = archetypes.read(GOOD + "  creatinine: 80 umol/L\n", "mine.yaml")
    assert patient.covariates()["creatinine_clearance"] == pytest.approx(47.5, abs=0.05)
    assert "creatinine_clearance" not in archetypes.read(GOOD, "mine.yaml").covariates()


def test_the_template_is_a_patient():
    assert archetypes.read(archetypes.template(), "template.yaml").inputs()["weight"] == 66
    for name in patient_fields():
        assert f"{name}: " in archetypes.template()


def test_every_fault_is_said_at_once():
    text = """\
patient: x
inputs:
  sex: male
  age: 20 kg
  weight: .nan
  height: 170 cm
  creatinin: 80 umol/L
  creatinine: 80 umol/L
  creatinine_clearance: 80 mL/min
  tumour_kill: 0.02 1/day
"""
    with pytest.raises(DataFileError) as caught:
        archetypes.read(text, "x.yaml")
    message = str(caught.value)
    assert "7 faults" in message
    for part in (
        "line 3, inputs.sex: 'male' is not a choice here. Write man or woman.",
        "line 4, inputs.age",
        "line 5, inputs.weight: '.nan' is not a quantity",
        "inputs.crp: required key is missing. Add 'crp: 20 mg/L'.",
        "line 7, inputs.creatinin: unknown key. Did you mean 'creatinine'?",
        "line 9, inputs.creatinine_clearance: it contradicts or repeats 'creatinine'",
        "line 10, inputs.tumour_kill: a kill rate without chemotherapy",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  weight: 130 kg\n", "body-mass index"),
        ("  weight: 20 kg\n", "outside the range 25 kg to 200 kg"),
        ("  age: 12 year\n", "outside the range 18 year to 95 year"),
        ("  crp: nan mg/L\n", "is not a quantity"),
        ("  crp: 35\n", "has no unit"),
    ],
)
def test_implausible_values_are_refused_with_the_way_out(line, said):
    name = line.split(":")[0]
    kept = [old for old in GOOD.splitlines(keepends=True) if not old.startswith(name)]
    with pytest.raises(DataFileError, match=said):
        archetypes.read("".join(kept) + line, "x.yaml")


def test_an_unknown_patient_gets_the_nearest_name():
    with pytest.raises(
        UnknownNameError, match=r"Did you mean 'nsclc'\? A file of your own must end in .yaml"
    ):
        archetypes.load("nscl")
    with pytest.raises(InputError, match="There is no file"):
        archetypes.load("nobody.yaml")
