"""Codes, units, days and the outside judge."""

import numpy as np
import pytest

from euexia.core.errors import OutputError, UnitError
from euexia.criteria.measures import MEASURES
from euexia.formats.dataset import text_column
from euexia.standards import codes, core_engine, dates, units
from euexia.standards.export import Standard
from euexia.trialdata.columns import TERMS


def test_every_measure_and_every_event_has_a_code():
    book = codes.book()
    assert set(book.measures) == set(MEASURES)
    assert set(book.terms) == set(TERMS)
    every = [code for entry in book.measures.values() for code in entry.codes]
    assert len(set(every)) == len(every)
    for entry in book.measures.values():
        assert len(entry.code) <= 8
        assert len(entry.name) <= 40
        assert entry.terminology in ("cdisc", "own")


@pytest.mark.parametrize("measure", [name for name, one in MEASURES.items() if not one.is_coded])
def test_the_written_unit_has_the_size_of_the_canonical_one(measure):
    """So nothing is multiplied on the way out, and the round trip is exact."""
    assert units.size_of(codes.book().measures[measure].unit, measure) == 1.0


def test_every_variable_fits_transport_files_of_version_5():
    known = codes.layouts()
    for name in (*known.domains, *known.findings_domains, *known.basic_datasets):
        for entry in codes.layout(name).variables:
            assert len(entry.name) <= 8
            assert 0 < len(entry.label) <= 40
            assert not entry.method or entry.method in known.methods


@pytest.mark.parametrize(
    ("unit", "measure", "size"),
    [
        ("10*9/L", "platelets", 1.0),
        ("GI/L", "platelets", 1.0),
        ("/uL", "platelets", 1e-3),
        ("g/dL", "albumin", 10.0),
        ("mg/dL", "crp", 10.0),
        ("mg/dL", "bilirubin", 17.1),
        ("umol/L", "bilirubin", 1.0),
        ("pg/mL", "gdf15", 1e-3),
        ("[in_i]", "height", 2.54),
        ("cm2", "skeletal_muscle_area", 1.0),
    ],
)
def test_spellings_of_units(unit, measure, size):
    """Conventional factors: 1 mg/dL bilirubin is 17.1 umol/L; an inch is 2.54 cm by definition."""
    assert units.size_of(unit, measure) == pytest.approx(size, rel=1e-12)


def test_a_unit_that_is_missing_or_wrong_is_refused():
    with pytest.raises(UnitError, match="has no unit"):
        units.size_of("", "crp")
    with pytest.raises(UnitError, match="'mmHg' is no unit of C-reactive protein"):
        units.size_of("mmHg", "crp")
    assert units.size_of("", "faact_acs") == 1.0


def test_study_days_have_no_zero():
    """CDISC counts ..., -2, -1, 1, 2, ...: the reference day is 1."""
    assert dates.study_days(np.array([-2.0, -1.0, 0.0, 1.0])).tolist() == [-2, -1, 1, 2]
    back = dates.from_study_days(np.array([-2.0, -1.0, 1.0, 2.0, 0.0]))
    np.testing.assert_array_equal(back, [-2, -1, 0, 1, np.nan])


def test_dates_keep_what_is_known():
    days, remarks = dates.calendar_days(
        text_column(["1960-01-02", "2024-02", None, "2024-02-30", "2024-01-01T08:30"]), "VS.VSDTC"
    )
    np.testing.assert_array_equal(days, [1, np.nan, np.nan, np.nan, 23376])
    assert [(one.topic, one.place) for one in remarks] == [
        ("impossible date", "VS.VSDTC, row 4"),
        ("partial date", "VS.VSDTC, row 2"),
    ]


@pytest.mark.parametrize("name", ["week_8", "baseline", "check_day_3", "weight_6_months_ago", "Visit 1-A"])
def test_names_of_visits_survive_printing(name):
    printed = codes.printed_name(name)
    assert printed == name or codes.plain_name(printed) == name


def test_long_arm_names_have_distinct_codes():
    names = ("lenalidomide_twenty_five_mg", "lenalidomide_twenty_five_mg_guided", "control")
    found = codes.arm_codes(names)
    assert len(set(found)) == 3
    assert all(len(code) <= 20 for code in found)
    assert found[2] == "CONTROL"


def test_without_the_rules_engine_the_built_in_checks_stand_alone(monkeypatch, tmp_path):
    monkeypatch.delenv(core_engine.PLACE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    told = core_engine.judge(tmp_path, Standard.SDTM)
    assert not told.asked
    assert told.words == "CORE not found; built-in checks only"


STAND_IN = """
import json, sys
out = sys.argv[sys.argv.index("-o") + 1]
summary = [{"core_id": "CORE-000001", "dataset": "dm.xpt", "message": "an example", "issues": 3}]
json.dump({"Issue_Summary": summary}, open(out + ".json", "w"))
"""


def test_the_findings_of_the_rules_engine_are_told(monkeypatch, tmp_path):
    """A program stands in for the engine: it takes the same words and writes a report of the same form."""
    (tmp_path / "core.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setenv(core_engine.PLACE, str(tmp_path / "core.py"))
    told = core_engine.judge(tmp_path, Standard.SDTM)
    assert told.asked
    (issue,) = told.issues
    assert (issue.rule, issue.dataset, issue.count) == ("CORE-000001", "dm.xpt", 3)


def test_a_rules_engine_that_fails_is_said(monkeypatch, tmp_path):
    (tmp_path / "core.py").write_text("raise SystemExit('no rules')", encoding="utf-8")
    monkeypatch.setenv(core_engine.PLACE, str(tmp_path / "core.py"))
    with pytest.raises(OutputError, match="CORE ended with code 1: no rules"):
        core_engine.judge(tmp_path, Standard.ADAM)
