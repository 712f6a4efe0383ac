"""FHIR resources as trial data: known codes, UCUM units, participation, doses, events; all invented here."""

import json

import numpy as np
import pytest

from euexia.core.errors import DataFileError
from euexia.standards.read import read, recognised

LOINC = "http://loinc.org"


def concept(code, system=LOINC, text=""):
    return {"coding": [{"system": system, "code": code}], "text": text or code}


def patient(name, **more):
    return {"resourceType": "Patient", "id": name, "gender": "female", "birthDate": "1960-05-01", **more}


def subject(name, arm="active", **more):
    return {
        "resourceType": "ResearchSubject", "id": f"rs-{name}", "status": "on-study",
        "study": {"reference": "ResearchStudy/t"}, "individual": {"reference": f"Patient/{name}"},
        "assignedArm": arm, "period": {"start": "2025-01-10"}, **more,
    }  # fmt: skip


def observation(name, code, value, unit, day, number=[0], **more):  # noqa: B006 - counts the calls
    number[0] += 1
    return {
        "resourceType": "Observation", "id": f"o{number[0]}", "status": "final", "code": concept(code),
        "subject": {"reference": f"Patient/{name}"}, "effectiveDateTime": day,
        "valueQuantity": {"value": value, "code": unit, "system": "http://unitsofmeasure.org"}, **more,
    }  # fmt: skip


@pytest.fixture
def trial(tmp_path):
    def make(*resources, mapping=""):
        path = tmp_path / "data.ndjson"
        path.write_text("".join(json.dumps(one) + "\n" for one in resources), encoding="utf-8")
        place = None
        if mapping:
            place = tmp_path / "mapping.yaml"
            place.write_text(mapping, encoding="utf-8")
        return read(path, place)

    return make


def remarks(found, topic):
    return [remark for remark in found.remarks if remark.topic == topic]


TWO = (
    patient("a"),
    patient("b", gender="male", deceasedDateTime="2025-03-01"),
    subject("a"),
    subject("b", "placebo"),
)


@pytest.mark.parametrize(
    ("code", "value", "unit", "measure", "canonical"),
    [
        ("29463-7", 154.0, "[lb_av]", "body_weight", 69.853),
        ("29463-7", 70000.0, "g", "body_weight", 70.0),
        ("8302-2", 65.0, "[in_i]", "height", 165.1),
        ("1988-5", 1.2, "mg/dL", "crp", 12.0),
        ("1751-7", 3.4, "g/dL", "albumin", 34.0),
        ("2160-0", 1.0, "mg/dL", "creatinine", 88.42),
        ("14682-9", 88.0, "umol/L", "creatinine", 88.0),
        ("777-3", 210.0, "10*3/uL", "platelets", 210.0),
        ("751-8", 4.2, "10*9/L", "neutrophils", 4.2),
        ("64098-7", 410.0, "m", "six_minute_walk", 410.0),
        ("89247-1", 2, "{score}", "ecog", 2.0),
    ],
)
def test_units_of_ucum_become_canonical(trial, code, value, unit, measure, canonical):
    """Pound and inch are definitions, the conversion of creatinine a convention that criteria names."""
    data, found = trial(*TWO, observation("a", code, value, unit, "2025-01-10"))
    assert data.readings[measure].value[0, 0, 0] == pytest.approx(canonical, rel=1e-4)
    assert code in found.measures[measure]


def test_participation_gives_arm_day_zero_death_age_and_sex(trial):
    data, found = trial(*TWO, observation("a", "29463-7", 70, "kg", "2025-02-07T23:30:00-05:00"))
    assert data.arms == ("active", "placebo")
    assert data.readings["body_weight"].day[0, 0, 0] == 28  # the local date, whatever its offset
    assert data.subjects["death_day"][0].tolist()[1] == 50
    assert data.subjects["sex"][0].tolist() == [0.0, 1.0]
    assert data.subjects["age"][0].tolist() == [64.0, 64.0]
    assert found.day_zero == (("2025-01-10", "2025-01-10"),)
    assert remarks(found, "randomisation")


def test_r5_names_are_understood_too(trial):
    five = {
        "resourceType": "ResearchSubject", "id": "x", "study": {"reference": "ResearchStudy/t"},
        "subject": {"reference": "Patient/a"}, "assignedComparisonGroup": "active",
        "progress": [{"subjectState": concept("on-study"), "milestone": concept("Randomized"),
                      "startDate": "2025-01-12"}],
    }  # fmt: skip
    data, found = trial(patient("a"), five, observation("a", "29463-7", 70, "kg", "2025-01-13"))
    assert found.day_zero == (("2025-01-12",),)
    assert data.readings["body_weight"].planned.tolist() == [1.0]
    assert not remarks(found, "randomisation")


def test_what_is_in_error_absent_beyond_a_limit_or_of_strangers_is_left_out_and_counted(trial):
    absent = observation("a", "1988-5", 1, "mg/L", "2025-01-10", dataAbsentReason=concept("unknown"))
    del absent["valueQuantity"]
    below = observation("a", "1988-5", 1, "mg/L", "2025-01-11")
    below["valueQuantity"]["comparator"] = "<"
    data, found = trial(
        *TWO,
        observation("a", "29463-7", 70, "kg", "2025-01-10"),
        observation("a", "29463-7", 7, "kg", "2025-01-12", status="entered-in-error"),
        absent,
        below,
        observation("a", "718-7", 12, "g/dL", "2025-01-10"),
        observation("z", "29463-7", 70, "kg", "2025-01-10"),
    )
    assert set(data.readings) == {"body_weight"}
    for topic in ("status", "no value", "comparator", "code not known", "unknown subject"):
        assert [one.count for one in remarks(found, topic)] == [1], topic


def test_components_are_readings(trial):
    panel = observation("a", "85353-1", 1, "1", "2025-01-10")
    del panel["valueQuantity"]
    panel["component"] = [{"code": concept("29463-7"), "valueQuantity": {"value": 71, "unit": "kg"}}]
    data, _ = trial(*TWO, panel)
    assert data.readings["body_weight"].value[0, 0, 0] == 71


def test_enzymes_are_multiples_of_their_upper_limit(trial):
    high = observation("a", "1742-6", 80, "U/L", "2025-01-10", referenceRange=[{"high": {"value": 40}}])
    data, found = trial(*TWO, high, observation("b", "1742-6", 80, "U/L", "2025-01-10"))
    assert data.readings["alt"].value[0, 0, 0] == 2.0
    assert remarks(found, "upper limit")


def test_periods_instants_and_partial_dates(trial):
    lasting = observation(
        "a", "41950-7", 4000, "{steps}/d", "", effectivePeriod={"start": "2025-01-10", "end": "2025-01-17"}
    )
    instant = observation("a", "29463-7", 70, "kg", "", effectiveInstant="2025-01-11T08:00:00Z")
    for one in (lasting, instant):
        del one["effectiveDateTime"]
    data, found = trial(*TWO, lasting, instant, observation("b", "29463-7", 80, "kg", "2025-01"))
    assert data.readings["daily_steps"].day[0, 0, 0] == 0
    assert data.readings["body_weight"].value[0, 0].tolist() == [pytest.approx(np.nan, nan_ok=True), 70.0]
    assert remarks(found, "period")
    assert remarks(found, "partial date")


def test_impossible_dates_wrong_units_and_a_death_without_a_date_are_refused_at_once(trial):
    with pytest.raises(DataFileError) as refused:
        trial(
            *TWO,
            patient("c", deceasedBoolean=True),
            subject("c"),
            observation("a", "29463-7", 70, "kg", "2025-02-30"),
            observation("a", "29463-7", 70, "m", "2025-02-03"),
        )
    text = str(refused.value)
    for part in ("line 7", "February 2025 has 28 days", "line 8, valueQuantity: 'm' is no unit",
                 "line 5: the patient died, but no date says when"):  # fmt: skip
        assert part in text


def test_two_readings_of_a_day_are_settled_and_said(trial):
    data, found = trial(
        *TWO,
        observation("a", "29463-7", 72, "kg", "2025-01-10T18:00:00Z"),
        observation("a", "29463-7", 70, "kg", "2025-01-10T08:00:00Z"),
    )
    assert data.readings["body_weight"].value[0, 0, 0] == 70
    assert "70 in row" in remarks(found, "two readings")[0].text


def test_doses_and_adverse_events(trial):
    given = {
        "resourceType": "MedicationAdministration", "id": "m1", "status": "completed",
        "subject": {"reference": "Patient/a"}, "effectiveDateTime": "2025-01-10T08:00:00Z",
        "contained": [{"resourceType": "Medication", "id": "d", "code": {"text": "study drug"}}],
        "medicationReference": {"reference": "#d"}, "dosage": {"dose": {"value": 12.5, "code": "mg"}},
    }  # fmt: skip
    again = {**given, "id": "m2", "effectiveDateTime": "2025-01-10T20:00:00Z"}
    other = {
        **given,
        "id": "m3",
        "medicationReference": None,
        "medicationCodeableConcept": {"text": "aspirin"},
    }
    event = {
        "resourceType": "AdverseEvent", "id": "e", "date": "2025-02-10",
        "subject": {"reference": "Patient/b"},
        "event": {"text": "Rash"}, "severity": concept("moderate"), "seriousness": concept("serious"),
    }  # fmt: skip
    mapping = "drugs: {study drug: study_drug}\nvisits: {start: {day: 0}}\n"
    data, found = trial(*TWO, given, again, other, event, mapping=mapping)
    assert data.dosing["study_drug"].dose[0, 0, 0] == 25.0  # both of a day
    assert (data.events.term[0], data.events.grade[0], data.events.serious[0]) == ("rash", 2, True)
    assert data.events.day[0] == 31
    assert remarks(found, "medication")


def test_encounters_name_visits_and_a_mapping_adds_codes(trial):
    encounter = {"resourceType": "Encounter", "id": "v4", "type": [{"text": "Week 4"}]}
    grip = observation("a", "83174-3", 22, "kg", "2025-02-12", encounter={"reference": "Encounter/v4"})
    mapping = (
        "visits: {week_4: {day: 28, first: 21, last: 31, names: [Week 4]}}\n"
        "observations: {83174-3: handgrip_strength}\n"
    )
    data, found = trial(*TWO, encounter, grip, mapping=mapping)
    assert data.readings["handgrip_strength"].visits == ("week_4",)
    assert data.readings["handgrip_strength"].day[0, 0, 0] == 33
    assert remarks(found, "visit window")


def test_without_a_study_every_patient_is_one_arm_and_that_is_said(trial):
    data, found = trial(patient("a"), patient("b"), observation("a", "29463-7", 70, "kg", "2025-01-10"))
    assert (data.arms, data.size) == (("all",), 2)
    assert remarks(found, "arm")
    assert remarks(found, "day 0")


def test_fhir_is_recognised_by_its_content(tmp_path):
    (tmp_path / "other.json").write_text('{"a": 1}')
    (tmp_path / "fhir.json").write_text(json.dumps(patient("a")))
    assert recognised(tmp_path / "fhir.json").name == "FHIR"
    found = recognised(tmp_path / "other.json")
    assert found is None or found.name != "FHIR"
