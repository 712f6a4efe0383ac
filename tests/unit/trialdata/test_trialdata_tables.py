"""Tidy tables: what is in them, and how they are written and read."""

from dataclasses import replace

import numpy as np
import pyarrow.parquet
import pytest

from builders import make_protocol, make_trial
from builders.trials import make_events
from euexia.core.errors import OutputError, TrialDataError
from euexia.trialdata import tables
from euexia.trialdata.trialdata import Dosing, ScreeningLog, TrialData


def full_trial() -> TrialData:
    """Return two trials of three subjects with every table filled."""
    shape = (2, 3, 2)
    dosing = Dosing(
        drug="lenalidomide",
        planned=np.array([0.0, 3.5]),
        dose=np.broadcast_to([5.0, np.nan], shape).copy(),
        reason=np.broadcast_to(np.array([0, -1]), shape).copy(),
        reasons=("start", "never_used"),
    )
    log = ScreeningLog(
        trial=np.array([0, 0, 1]),
        candidate=np.array([0, 1, 0]),
        day=np.array([0.5, 1.5, 0.7]),
        enrolled=np.array([True, False, True]),
        failed=np.array([[0, 0], [1, -1], [0, 0]], dtype=np.int8),
        criteria=("age > 18 years", "CRP ≥ 30 mg/L"),
    )
    return make_trial(
        [[0, 1, 0], [1, 0, 0]],
        dosing={"lenalidomide": dosing},
        screening=log,
        events=make_events([(1, 2, 3.7, "rash", 2, False)]),
        sex=[0.0, 1.0, np.nan],
        age=[50.0, 60.1, 70.0],
        death_day=[np.nan, 30.0, np.nan],
    )


def test_every_table_is_tidy():
    frames = tables.to_tables(full_trial())
    assert list(frames["subjects"]["subject"])[:4] == ["T0001-S001", "T0001-S002", "T0001-S003", "T0002-S001"]
    assert list(frames["subjects"]["arm"])[:3] == ["drug", "control", "drug"]
    assert list(frames["subjects"]["sex"])[:3] == ["woman", "man", ""]
    assert len(frames["readings"]) == 4 * 2 * 3 * 2  # measures, trials, subjects, visits
    crp = frames["readings"].query("measure == 'crp' and subject == 'T0001-S002'")
    assert list(crp["unit"]) == ["mg/L", "mg/L"]
    assert crp["value"].isna().tolist() == [
        False,
        True,
    ]  # dead by day 56: the row stays, the value is missing
    assert list(frames["dosing"]["reason"])[:2] == ["start", ""]
    assert frames["adverse_events"].iloc[0].tolist() == [2, "T0002-S003", 3.7, "rash", 2, False]
    assert list(frames["screening"]["reasons"]) == ["", "age > 18 years", ""]
    assert list(frames["screening_criteria"]["finding"]) == ["met", "met", "not met", "unknown", "met", "met"]


def test_the_dictionary_explains_every_column():
    frames = tables.to_tables(full_trial(), make_protocol())
    dictionary = frames["dictionary"]
    told = set(zip(dictionary["table"], dictionary["column"], strict=True))
    for name, frame in frames.items():
        if name != "dictionary":
            assert {(name, column) for column in frame.columns} <= told
    assert (dictionary["meaning"] != "").all()
    crp = dictionary[dictionary["where"] == "measure = crp"].iloc[0]
    assert (crp["unit"], crp["type"], crp["allowed"]) == ("mg/L", "number", "0 to 600")
    assert dictionary[dictionary["where"] == "arm = drug"].iloc[0]["meaning"] == "Drug"


def test_files_carry_units_and_come_back(tmp_path):
    data = full_trial()
    tables.write(tmp_path / "data", data, make_protocol())
    field = pyarrow.parquet.read_schema(tmp_path / "data" / "subjects.parquet").field("death_day")
    assert field.metadata[b"unit"] == b"day"
    assert b"Day of death" in field.metadata[b"meaning"]
    assert (tmp_path / "data" / "dictionary.csv").read_text(encoding="utf-8").startswith("table,column,where")
    assert tables.read(tmp_path / "data").subjects["age"].tolist() == data.subjects["age"].tolist()


def test_csv_alone_is_enough(tmp_path):
    tables.write(tmp_path / "data", full_trial())
    for file in (tmp_path / "data").glob("*.parquet"):
        file.unlink()
    data = tables.read(tmp_path / "data")
    assert data.arms == ("drug", "control")
    assert data.dosing["lenalidomide"].reasons == ("start", "never_used")
    assert data.events.serious.tolist() == [False]


def test_a_folder_that_holds_something_is_never_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(OutputError, match=r"already holds something"):
        tables.write(tmp_path, full_trial())
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(tmp_path):
    tables.write(tmp_path, full_trial())
    assert (tmp_path / "readings.csv").is_file()


def test_a_failure_half_way_leaves_nothing(tmp_path, monkeypatch):
    def full_disk(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pyarrow.parquet, "write_table", full_disk)
    with pytest.raises(OutputError, match=r"No space left on device. Nothing was changed"):
        tables.write(tmp_path / "data", full_trial())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_tables_is_named(tmp_path):
    with pytest.raises(TrialDataError, match=r"subjects.parquet or subjects.csv"):
        tables.read(tmp_path)


def test_a_column_a_sponsor_could_not_have_is_refused():
    frames = dict(tables.to_tables(full_trial()))
    frames["subjects"] = frames["subjects"].assign(true_muscle=1.0)
    with pytest.raises(TrialDataError, match=r"'true_muscle' that a sponsor could not have"):
        tables.from_tables(frames)


def test_a_reading_in_another_unit_is_refused():
    frames = dict(tables.to_tables(full_trial()))
    frames["readings"] = frames["readings"].replace({"unit": {"mg/L": "mg/dL"}})
    with pytest.raises(TrialDataError, match=r"'crp' are in 'mg/dL'. Convert them to 'mg/L'"):
        tables.from_tables(frames)


def test_a_stranger_in_a_table_is_named():
    frames = dict(tables.to_tables(full_trial()))
    frames["readings"] = frames["readings"].replace({"subject": {"T0001-S001": "T0009-S001"}})
    with pytest.raises(TrialDataError, match=r"'readings' names subject 'T0009-S001'"):
        tables.from_tables(frames)


def test_a_reading_given_twice_is_refused():
    frames = dict(tables.to_tables(full_trial()))
    frames["readings"] = frames["readings"].iloc[[0, 0]]
    with pytest.raises(TrialDataError, match=r"two rows for the same subject and visit"):
        tables.from_tables(frames)


def test_rows_that_were_left_out_are_missing_readings():
    frames = dict(tables.to_tables(full_trial()))
    whole = tables.from_tables(frames).readings["crp"].value
    rows = frames["readings"]
    first = rows[(rows["measure"] == "crp") & (rows["subject"] == "T0002-S001")].index[0]
    frames["readings"] = rows.drop(index=first)
    assert np.isnan(tables.from_tables(frames).readings["crp"].value).sum() == np.isnan(whole).sum() + 1


def test_a_text_in_a_column_of_numbers_is_named(tmp_path):
    tables.write(tmp_path / "data", full_trial())
    for file in (tmp_path / "data").glob("*.parquet"):
        file.unlink()
    file = tmp_path / "data" / "subjects.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("60.1", "sixty"), encoding="utf-8")
    with pytest.raises(TrialDataError, match=r"'age' of table 'subjects' holds text(.|\n)*sixty"):
        tables.read(tmp_path / "data")


def test_no_screening_log_stays_none():
    data = replace(full_trial(), screening=None)
    assert tables.from_tables(tables.to_tables(data)).screening is None
