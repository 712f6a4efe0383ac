"""What looks wrong is found, withheld where it would make a score wrong, and never corrected."""

import numpy as np
import pytest

from euexia.assess.checks import Kind, check
from euexia.assess.record import Record, Series


def record(units=None, patients=("P",), **measures):
    """Return a record from measure=[(day, value) or (patient, day, value)]."""
    found = {}
    for name, readings in measures.items():
        rows = [(0, *reading) if len(reading) == 2 else reading for reading in readings]
        who, when, what = zip(*rows, strict=True)
        found[name] = Series.sorted(who, when, what, range(2, 2 + len(rows)))
    return Record(patients=patients, series=found, units=units or {})


def only(found):
    (finding,) = found.findings
    return finding


def test_a_weight_that_stands_alone_is_withheld():
    """The shape of a known error of a public trial: 44.45 kg between 78.02 kg and 78.93 kg, weeks apart."""
    weights = [(0, 78.02), (14, 44.45), (28, 78.93), (42, 78.47)]
    found = check(record(body_weight=weights))
    finding = only(found)
    assert finding.kind is Kind.JUMP
    assert finding.withheld
    assert finding.rows == (3,)
    assert "44.5 kg stands beside readings of 78.0 kg" in finding.text
    assert found.record.of("body_weight").value.tolist() == [78.02, 78.93, 78.47]


@pytest.mark.parametrize("wrong", [0, 3])
def test_the_first_and_the_last_weight_can_be_wrong_too(wrong):
    weights = [(0, 70.0), (14, 70.5), (28, 69.5), (42, 70.0)]
    weights[wrong] = (weights[wrong][0], 90.0)
    finding = only(check(record(body_weight=weights)))
    assert finding.rows == (wrong + 2,)
    assert finding.withheld


def test_where_it_cannot_be_told_which_is_wrong_neither_is_used():
    found = check(record(body_weight=[(0, 80.0), (7, 55.0)]))
    assert "cannot be told" in only(found).text
    assert len(found.record.of("body_weight")) == 0


def test_a_new_level_that_lasts_is_shown_and_used():
    found = check(record(body_weight=[(0, 80.0), (7, 80.4), (14, 60.0), (21, 60.2)]))
    assert only(found).kind is Kind.IDENTITY
    assert not only(found).withheld
    assert len(found.record.of("body_weight")) == 4


def test_pounds_among_kilograms_are_recognised():
    finding = only(check(record(body_weight=[(0, 70.0), (14, 154.3), (28, 70.2)])))
    assert finding.kind is Kind.UNIT
    assert "pounds to kilograms" in finding.text


def test_the_weight_loss_of_cachexia_is_no_error():
    """20 % in half a year, in steps of weeks or all at once, is the disease and not a slip."""
    slow = [(28 * step, 80 - 2.7 * step) for step in range(7)]
    assert check(record(body_weight=slow)).findings == ()
    assert check(record(body_weight=[(0, 80.0), (182, 64.0)])).findings == ()


@pytest.mark.parametrize(
    ("measure", "value", "unit"),
    [
        ("height", 1.72, "m"),
        ("albumin", 3.1, "g/dL"),
        ("haemoglobin", 12.0, "g/dL"),
        ("creatinine", 1.1, "mg/dL"),
    ],
)
def test_a_number_in_another_unit_is_suspected_and_not_converted(measure, value, unit):
    found = check(record(**{measure: [(0, value)]}))
    finding = only(found)
    assert finding.kind is Kind.UNIT
    assert f"if the number were in {unit}" in finding.text
    assert finding.withheld
    assert len(found.record.of(measure)) == 0


def test_a_value_written_in_the_smaller_unit_is_suspected():
    """CRP 90, meant as mg/L, in a column of mg/dL becomes 900 mg/L."""
    finding = only(check(record(units={"crp": ("mg/dL",)}, crp=[(0, 900.0)])))
    assert "in mg/L, not mg/dL" in finding.text


def test_an_impossible_value_is_withheld():
    finding = only(check(record(ecog=[(0, 7.0)])))
    assert finding.kind is Kind.IMPOSSIBLE
    assert finding.withheld


def test_a_repeated_reading_counts_once():
    found = check(record(crp=[(0, 5.0), (0, 5.0), (0, 5.0)]))
    assert only(found).kind is Kind.DUPLICATE
    assert not only(found).withheld
    assert found.record.of("crp").value.tolist() == [5.0]


def test_readings_that_contradict_each_other_are_not_used():
    found = check(record(crp=[(0, 5.0), (0, 50.0), (3, 7.0)]))
    assert only(found).kind is Kind.CONFLICT
    assert found.record.of("crp").value.tolist() == [7.0]


def test_readings_of_one_day_that_nearly_agree_are_shown_and_used():
    found = check(record(body_weight=[(0, 70.0), (0, 70.3)]))
    assert only(found).kind is Kind.CONFLICT
    assert not only(found).withheld


def test_two_sexes_or_ages_under_one_name_are_two_people():
    sexes = check(record(male=[(0, 1.0), (30, 0.0)]))
    assert only(sexes).kind is Kind.IDENTITY
    assert len(sexes.record.of("male")) == 0
    ages = check(record(age=[(0, 60.0), (30, 72.0)]))
    assert only(ages).kind is Kind.IDENTITY
    assert check(record(age=[(0, 60.0), (365, 61.0)])).findings == ()


def test_names_that_are_nearly_one_are_shown():
    finding = only(check(record(patients=("A-01", "a01"), crp=[(0, 0, 5.0), (1, 0, 5.0)])))
    assert finding.kind is Kind.IDENTITY
    assert "'A-01' and 'a01'" in finding.text


def test_a_file_of_very_low_crp_is_asked_about_its_unit():
    readings = [(day, 0.1 + day / 10) for day in range(12)]
    assert only(check(record(crp=readings))).kind is Kind.UNIT
    assert check(record(units={"crp": ("mg/dL",)}, crp=readings)).findings == ()


def test_the_record_given_stays_as_it_is():
    given = record(body_weight=[(0, 78.0), (14, 44.0), (28, 78.5)])
    before = given.of("body_weight").value.copy()
    check(given)
    np.testing.assert_array_equal(given.of("body_weight").value, before)
