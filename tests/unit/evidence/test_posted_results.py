"""Results posted in a register become rows of evidence, and a file that reads back the same."""

import json

import pytest

from builders.registry_records import CURRENT, LEGACY, TABLE
from euexia.core import datafile
from euexia.core.errors import InputError
from euexia.evidence.loader import load, shipped
from euexia.evidence.posted_results import posted_results
from euexia.evidence.row import About, Limits, Statistic, Study
from euexia.evidence.written import written
from euexia.formats.registry import read_registry_record

RECORDS = {"CURRENT": json.dumps(CURRENT), "LEGACY": LEGACY, "TABLE": TABLE}


def study(name: str) -> Study:
    return posted_results(read_registry_record(RECORDS[name], "record"))


def test_a_table_becomes_one_row_a_group():
    rows = study("CURRENT").rows
    row = rows["outcome_change_in_body_weight_examplamab"]
    assert (row.value, row.se, row.unit, row.n, row.weeks) == (1.9, 0.4, "kg", 41, (12,))
    assert row.statistic is Statistic.LEAST_SQUARES_MEAN
    assert row.verified
    assert rows["outcome_change_in_body_weight_placebo"].text == "NA"


def test_a_comparison_keeps_its_limits_and_its_p():
    row = study("CURRENT").rows["difference_change_in_body_weight_examplamab_against_placebo"]
    assert row.about is About.DIFFERENCE
    assert (row.value, row.low, row.high, row.p, row.below) == (2.1, 1.0, 3.2, 0.001, True)
    assert row.limits is Limits.CONFIDENCE_95


def test_deaths_and_numbers_started_are_kept():
    rows = study("CURRENT").rows
    assert rows["size_started_examplamab"].value == 45
    assert rows["course_death_examplamab"].value == 4


def test_the_old_form_gives_the_same_kind_of_rows():
    row = study("LEGACY").rows["outcome_lean_body_mass_active"]
    assert (row.value, row.sd, row.weeks) == (0.7, 1.1, (8,))


def test_a_record_without_results_is_refused():
    with pytest.raises(InputError, match="NCT00000003 has no posted results"):
        study("TABLE")


@pytest.mark.parametrize("name", ["CURRENT", "LEGACY"])
def test_a_written_study_reads_back_the_same(name, tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(written(study(name)), encoding="utf-8")
    assert datafile.load(path, "evidence file", Study) == study(name)


@pytest.mark.parametrize("name", shipped()[::20])
def test_a_shipped_study_reads_back_the_same(name, tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(written(load(name)), encoding="utf-8")
    assert datafile.load(path, "evidence file", Study) == load(name)
