"""What one person's readings say: of simulated people, whose truth is known, and of records too poor."""

from datetime import date

import numpy as np
import pytest

from euexia import parameters, population
from euexia.assess.record import Record, Series, to_day
from euexia.core.errors import InputError
from euexia.study import forecast, inference, inference_check
from euexia.study.personal_record import personal_record
from euexia.study.regimen import parse

SPEC = population.load("inflammatory_cachexia")
DAY = to_day(date(2026, 1, 5))
PERSON = {"male": [(0, 1)], "age": [(0, 66)], "height": [(0, 175)]}
VISITS = {
    "body_weight": [(-157, 78.5), (-46, 74.0), (0, 71.2), (14, 70.9), (28, 69.8), (56, 68.7)],
    "crp": [(0, 38), (14, 52), (28, 44), (56, 61)],
    "gdf15": [(0, 2.4), (28, 3.1)],
    "handgrip_strength": [(0, 31.5), (28, 30.0), (56, 28.5)],
}


def table(readings, patients=("P07",)):
    """Return a record in which every patient has the same readings: measure to (day, value)."""
    series = {}
    for measure, rows in readings.items():
        who = np.repeat(np.arange(len(patients)), len(rows))
        days = np.tile([DAY + day for day, _ in rows], len(patients))
        values = np.tile([float(value) for _, value in rows], len(patients))
        series[measure] = Series.sorted(who, days, values, np.arange(len(who)) + 2)
    return Record(patients=patients, series=series)


def test_days_are_counted_from_the_first_visit_and_history_is_weights():
    found = personal_record(table({**PERSON, **VISITS}), None, SPEC)
    assert found.first_visit == date(2026, 1, 5)
    assert found.known == {"male": 1, "age": 66, "height": 175}
    assert min(reading.day for reading in found.readings) == -157
    assert found.last_day == 56
    assert len(found.readings) == 15


def test_what_cannot_be_used_is_said():
    more = {**PERSON, **VISITS, "albumin": [(0, 34)], "body_weight": [(-400, 80), *VISITS["body_weight"]]}
    found = personal_record(table(more), None, SPEC)
    assert any("albumin" in text for text in found.left_out)
    assert any("1 readings are older" in text for text in found.left_out)


@pytest.mark.parametrize(
    ("readings", "patient", "message"),
    [
        ({**VISITS}, None, "sex.*age.*height.*Add rows of sex, age, height"),
        ({**PERSON, "crp": [(0, 40)]}, None, "body weight"),
        ({**PERSON, **VISITS}, "P08", "no patient 'P08'. It holds P07"),
        ({**PERSON, **VISITS, "body_weight": [(0, 180)]}, None, "body mass index 58.78 on day 0"),
        ({**PERSON, "age": [(0, 12)], **VISITS}, None, "age 12; the model holds from"),
        ({**PERSON, **VISITS, "crp": [(0, 900)]}, None, "crp 900 on day 0"),
    ],
)
def test_a_record_that_cannot_be_used_is_refused_by_name(readings, patient, message):
    with pytest.raises(InputError, match="(?s)" + message):
        personal_record(table(readings), patient, SPEC)


def test_one_of_several_patients_must_be_named():
    several = table({**PERSON, **VISITS}, patients=("A", "B"))
    with pytest.raises(InputError, match=r"2 patients \(A, B\)\. Name one with --patient"):
        personal_record(several, None, SPEC)
    assert personal_record(several, "B", SPEC).patient == "B"


@pytest.fixture(scope="module")
def numbers():
    return parameters.load()


@pytest.fixture(scope="module")
def found(numbers):
    person = personal_record(table({**PERSON, **VISITS}), None, SPEC)
    return inference.infer(person, spec=SPEC, parameters=numbers, given=parse("none", numbers))


@pytest.mark.slow
def test_readings_tell_of_what_they_are_about(found):
    """Weight, CRP, GDF-15 and strength become known; how much the person moves hardly does."""
    learned = found.learned()
    assert all(learned[name] > 0.5 for name in ("weight", "crp", "gdf15", "handgrip_effect"))
    assert learned["activity_level"] < 0.3
    assert np.abs(found.surprise).max() < 3
    assert found.inputs.weight.mean() == pytest.approx(71.2, abs=0.8)


@pytest.mark.slow
def test_a_treatment_that_does_nothing_gives_nothing(found, numbers):
    """The prokinetic's uptake 0 is no treatment: every draw lives the same life."""
    ahead = forecast.forecast(found, [parse("prokinetic 0 %", numbers)], weeks=4)
    assert all(
        ahead.benefit(ahead.courses[1], outcome).high == 0 == ahead.benefit(ahead.courses[1], outcome).low
        for outcome in forecast.OUTCOMES
    )
    assert np.all(np.diff(ahead.courses[0].alive, axis=0) <= 0)


@pytest.mark.slow
def test_a_reading_that_nothing_explains_is_named(numbers):
    """Fifteen kilograms gained in two weeks are no course of this disease."""
    strange = {**VISITS, "body_weight": [*VISITS["body_weight"], (63, 84.0)]}
    person = personal_record(table({**PERSON, **strange}), None, SPEC)
    with pytest.raises(InputError, match=r"(?s)does not explain.*body weight 84 on day 63 \(row \d+\)"):
        inference.infer(person, spec=SPEC, parameters=numbers, given=parse("none", numbers), particles=256)


@pytest.mark.slow
def test_intervals_hold_what_comes_of_simulated_patients(numbers):
    """Two patients, 20 intervals of 90 %: few may fail; the benchmark judges a hundred patients."""
    judged = inference_check.check(
        patients=2,
        population_name="inflammatory_cachexia",
        parameters=numbers,
        seed=7,
        particles=1024,
        workers=1,
    )
    hits = [hit for one in judged if not isinstance(one, str) for hit in one if hit.share == "0.9"]
    assert len(hits) == 20
    assert np.mean([hit.held for hit in hits]) > 0.7
