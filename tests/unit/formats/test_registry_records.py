"""Registry records in every form that is given away, and their faults."""

import json

import pytest

from builders.registry_records import CURRENT, LEGACY, TABLE
from euexia.core.errors import InputError
from euexia.formats.registry import read_registry_record


def test_the_present_form_is_read_with_its_results():
    record = read_registry_record(json.dumps(CURRENT), "record.json")
    assert (record.registry, record.enrolment, record.masking) == ("NCT00000001", 90, "QUADRUPLE")
    assert [arm.type for arm in record.arms] == ["EXPERIMENTAL", "PLACEBO_COMPARATOR"]
    assert record.arms[0].interventions == ("Examplamab",)
    assert record.primary[0].time_frame == "Baseline, week 12"
    assert [(count.what, count.group, count.count) for count in record.flow] == [
        ("STARTED", "Examplamab", 45),
        ("STARTED", "Matching placebo", 45),
        ("Death", "Examplamab", 4),
    ]
    (posted,) = record.outcomes
    first, second = posted.values
    assert (first.value, first.spread, first.n) == (1.9, 0.4, 41)
    assert (second.value, second.text) == (None, "NA")
    (comparison,) = posted.comparisons
    assert (comparison.value, comparison.p, comparison.p_below) == (2.1, 0.001, True)


def test_the_old_form_is_read_from_xml():
    record = read_registry_record(LEGACY, "record.xml")
    assert (record.registry, record.enrolment, record.masking) == ("NCT00000002", 40, "DOUBLE")
    assert record.arms[1].type == "NO_INTERVENTION"
    assert record.arms[0].interventions == ("Oldinib 5 mg",)
    assert record.flow[0].count == 20
    (value,) = record.outcomes[0].values
    assert (value.group, value.value, value.spread) == ("Active", 0.7, 1.1)


def test_the_table_of_a_search_is_read():
    record = read_registry_record(TABLE, "record.csv")
    assert (record.registry, record.enrolment, record.allocation) == ("NCT00000003", 120, "RANDOMIZED")
    assert [(item.type, item.name) for item in record.interventions] == [
        ("DRUG", "Examplamab"),
        ("BEHAVIORAL", "Walking"),
    ]
    assert [(o.measure, o.time_frame) for o in record.primary] == [
        ("Weight change", "week 12"),
        ("Appetite", "week 12"),
    ]
    assert not record.has_results


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{", r"not valid JSON \(line 1, column 2\)"),
        ("{}", "neither 'protocolSection'"),
        ('{"studies": []}', "holds 0 records"),
        ('{"protocolSection": {}}', "without a title and without interventions and without primary"),
        ("<clinical_study><a></clinical_study>", r"not well-formed XML \(line 1, column 22\)"),
        ("<other/>", "no ClinicalTrials.gov record"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><clinical_study/>', "declares 'DOCTYPE', which is refused"),
        (TABLE + TABLE.splitlines()[1] + "\n", "holds 2 trials"),
    ],
)
def test_what_is_no_record_is_refused_by_name(written, message):
    with pytest.raises(InputError, match=message) as error:
        read_registry_record(written, "my-record")
    assert "my-record" in str(error.value)


def test_a_record_cut_short_anywhere_is_refused_never_misread():
    written = json.dumps(CURRENT)
    for end in range(0, len(written) - 1, 97):
        with pytest.raises(InputError):
            read_registry_record(written[:end], "cut.json")
