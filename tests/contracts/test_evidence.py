"""Every published study keeps the same promises; fixed in the files before anything is fitted."""

from dataclasses import replace

import pytest

from euexia import evidence
from euexia.core.errors import DataFileError, UnitError, UnknownNameError
from euexia.evidence.loader import FOLDERS, find_row
from euexia.evidence.quantity import canonical
from euexia.evidence.row import About, Statistic, Use

STUDIES = evidence.shipped()


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_says_where_its_rows_come_from(name):
    study = evidence.load(name)
    assert study.citation
    assert study.sources or study.doi or study.registry
    assert study.rows or study.notes
    for row in study.rows.values():
        assert row.use is Use.CONTEXT or (row.verified and row.value is not None)
        if row.weeks:
            assert list(row.weeks) == sorted(row.weeks)
        converted = canonical(row)
        if converted is not None and row.value is not None:
            assert converted.value is not None


def test_there_are_trials_and_natural_history():
    studies = [evidence.load(name) for name in STUDIES]
    assert len(FOLDERS) == 2
    assert sum(study.topic == "trial" for study in studies) == 42
    assert len(studies) == 208
    assert sum(len(study.rows) for study in studies) > 1300


def test_the_co_primary_result_of_romana_1_is_there():
    """Temel et al., Lancet Oncology 2016;17:519-531, abstract: 0.99 kg (0.61 to 1.36) against -0.47."""
    row = find_row("anamorelin_romana1", "lbm_change_anamorelin")
    assert (row.value, row.low, row.high, row.n) == (0.99, 0.61, 1.36, 284)
    assert row.about is About.OUTCOME
    assert row.statistic is Statistic.MEDIAN
    assert row.weeks == (0, 12)
    assert row.verified


def test_a_percent_change_becomes_a_share():
    row = find_row("thalidomide_gordon2005", "weight_change_thalidomide_week_4")
    assert row.unit == "kg"
    share = replace(row, of="percent_change", unit="%", value=2.0, low=None, high=None, limits=None)
    assert canonical(share).value == pytest.approx(0.02)
    with pytest.raises(UnitError, match="not in %"):
        canonical(replace(share, unit="kg"))


def test_an_unknown_study_or_row_is_named():
    with pytest.raises(UnknownNameError, match="published study"):
        evidence.load("anamorelin_romana")
    with pytest.raises(UnknownNameError, match="study 'anamorelin_romana1'"):
        find_row("anamorelin_romana1", "lbm")


def test_a_contradiction_in_a_file_is_refused_by_name(tmp_path, monkeypatch):
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "id: wrong\ntopic: trial\ncitation: A\ndesign: {}\narms: {}\neligibility: {}\nendpoints: {}\n"
        "rows:\n"
        "  one: {about: outcome, measure: weight, verified: false, use: calibration, value: 1}\n"
        "  two: {about: outcome, measure: weight, verified: true, low: 3, high: 2, limits: range}\n"
        "  three: {about: outcome, measure: weight, verified: true}\n"
        "  four: {about: outcome, measure: weight, observable: body_weight, unit: cm, value: 1, "
        "verified: true}\n"
    )
    monkeypatch.setattr("euexia.evidence.loader._paths", lambda: {"wrong": path})
    with pytest.raises(DataFileError) as error:
        evidence.load("wrong")
    message = str(error.value)
    assert "rows.one: it is for calibration, but not verified" in message
    assert "rows.two: low 3 is above high 2" in message
    assert "rows.three: it says nothing" in message
    assert "rows.four" in message
    assert "4 faults" in message
