"""Plain tables with a mapping as trial data: wide, long, and everything that can be wrong with them."""

import numpy as np
import pandas as pd
import pytest

from euexia.core.errors import DataFileError, InputError, TrialDataError
from euexia.standards.read import read

PEOPLE = """subject,arm,sex,age,height_m,randomised,died,death
A,1,m,61,1.80,2025-01-10,no,
B,2,f,70,1.60,2025-01-12,yes,2025-03-01
C,2,f,55,1.70,2025-01-15,no,
D,,m,80,1.75,,,
"""
LONG = """subject,date,visit,test,value,unit
A,2025-01-10,base,weight,80,kg
A,2025-02-07,w4,weight,174.165,lb
A,2025-02-07,w4,crp,1.2,mg/dL
B,2025-01-12,base,weight,60000,g
C,2025-01-15,base,weight,65,kg
C,2025-02-12,w4,weight,66,kg
"""
MAPPING = """trial: demo
arms: [placebo, drug]
visits:
  baseline: {day: 0, first: -7, last: 0, names: [base]}
  week_4: {day: 28, first: 21, last: 35, names: [w4]}
subjects:
  table: people
  arm: {column: arm, codes: {"1": placebo, "2": drug}}
  randomised: {column: randomised}
  sex: {column: sex}
  age: {column: age, unit: year}
  height: {column: height_m, unit: m}
  death: {column: death, flag: died}
readings:
  - table: readings
    date: date
    visit: visit
    measure: test
    value: value
    unit: unit
    columns:
      weight: {measure: body_weight}
"""


@pytest.fixture
def trial(tmp_path):
    """Return what reads a folder of tables, with changes to any of its texts."""

    def make(people=PEOPLE, readings=LONG, mapping=MAPPING):
        folder = tmp_path / "tables"
        folder.mkdir(exist_ok=True)
        (folder / "people.csv").write_text(people, encoding="utf-8")
        (folder / "readings.csv").write_text(readings, encoding="utf-8")
        (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
        return read(folder, tmp_path / "mapping.yaml")

    return make


def texts(understanding):
    return [f"{remark.topic} | {remark}" for remark in understanding.remarks]


def test_a_long_table_becomes_trial_data_in_canonical_units(trial):
    """174.165 lb is 79 kg (1 lb = 0.45359237 kg), 60000 g is 60 kg, 1.2 mg/dL is 12 mg/L."""
    data, found = trial()
    assert (data.protocol_id, data.arms, found.standard) == ("demo", ("placebo", "drug"), "tables")
    assert found.subjects == (("A", "B", "C"),)
    assert data.readings["body_weight"].visits == ("baseline", "week_4")
    weights = data.readings["body_weight"].value[0]
    assert weights[:, 0].tolist() == [80.0, 60.0, 65.0]
    assert weights[:, 1] == pytest.approx([79.0, np.nan, 66.0], rel=1e-5, nan_ok=True)
    assert data.readings["crp"].value[0, 0, 1] == pytest.approx(12.0)
    assert data.subjects["height"][0].tolist() == pytest.approx([180.0, 160.0, 170.0])
    assert data.subjects["sex"][0].tolist() == [1.0, 0.0, 0.0]
    assert data.subjects["enrolled_day"][0].tolist() == [0.0, 2.0, 5.0]
    assert data.subjects["death_day"][0, 1] == 48.0
    assert found.measures["body_weight"] == "readings.test = weight"


def test_who_has_no_arm_is_left_out_and_counted(trial):
    _, found = trial()
    assert any("not randomised" in text for text in texts(found))


def test_a_wide_table_says_the_same(tmp_path):
    table = tmp_path / "wide.csv"
    table.write_text("subject,arm,start,w0,w4,d4\nA,x,2025-01-10,80,79,2025-02-07\nB,y,2025-01-12,60,,\n")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        """identifier: subject
visits: {baseline: {day: 0}, week_4: {day: 28}}
subjects: {arm: {column: arm}, randomised: {column: start}}
readings:
  - columns:
      w0: {measure: body_weight, unit: kg, visit: baseline}
      w4: {measure: body_weight, unit: kg, visit: week_4, date: d4}
"""
    )
    data, found = read(table, mapping)
    assert data.readings["body_weight"].value[0].tolist()[0] == [80.0, 79.0]
    assert data.readings["body_weight"].day[0, 0].tolist() == [0.0, 28.0]
    assert any("the planned day of the visit is taken" in text for text in texts(found))


@pytest.mark.parametrize("ending", ["xlsx", "parquet"])
def test_excel_and_parquet_are_read_like_csv(tmp_path, ending):
    frame = pd.DataFrame({"subject": ["A", "B"], "arm": ["x", "y"], "day": [0, 0], "w": [80.5, 60.0]})
    path = tmp_path / f"data.{ending}"
    frame.to_excel(path, index=False) if ending == "xlsx" else frame.to_parquet(path)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "subjects: {arm: {column: arm}}\n"
        "readings: [{day: day, columns: {w: {measure: body_weight, unit: kg}}}]\n"
    )
    data, _ = read(path, mapping)
    assert data.readings["body_weight"].value[0, :, 0].tolist() == [80.5, 60.0]


def test_every_fault_of_the_cells_is_said_at_once_by_file_row_and_column(trial):
    readings = (
        LONG
        + "A,2025-02-30,w4,weight,79,kg\nB,2025-02-09,w4,weight,79 kilo,kg\nB,2025-02-09,w4,weight,79,m\n"
    )
    people = PEOPLE.replace("C,2,f", "C,3,f").replace("1.60", '"1,60"')
    with pytest.raises(DataFileError) as refused:
        trial(people, readings)
    text = str(refused.value)
    for part in (
        "line 4, people.csv, column 'arm': '3' has no meaning here. Codes in the mapping: 1, 2.",
        "line 3, people.csv, column 'height_m': '1,60' is no number. If the comma is a decimal comma",
        "line 8, readings.csv, column 'date': '2025-02-30' never was: February 2025 has 28 days.",
        "line 9, readings.csv, column 'value': '79 kilo' is no number.",
        "line 10, readings.csv, column 'value': 'm' is no unit of Body weight",
    ):
        assert part in text


def test_of_a_partial_date_no_day_is_made(trial):
    data, found = trial(readings=LONG.replace("2025-02-12", "2025-02"))
    assert data.readings["body_weight"].day[0, 2, 1] == 28  # the planned day of the visit it names
    assert any("row 7, column date: '2025-02' is not a whole date" in text for text in texts(found))


def test_a_partial_date_of_death_is_refused(trial):
    with pytest.raises(
        DataFileError, match=r"line 3, people.csv, column 'death': '2025-03' is not a whole date"
    ):
        trial(PEOPLE.replace("2025-03-01", "2025-03"))


def test_a_death_without_a_date_is_refused(trial):
    with pytest.raises(DataFileError, match="'death' of 'B' happened, but 'death' has no date"):
        trial(PEOPLE.replace("2025-03-01", ""))


def test_two_different_readings_of_one_day_are_refused_with_both_rows(trial):
    readings = LONG + "A,2025-01-10,base,weight,81,kg\n"
    with pytest.raises(DataFileError, match="80 in row 2 and 81 in row 8"):
        trial(readings=readings)
    data, found = trial(readings=readings, mapping=MAPPING + "several: last\n")
    assert data.readings["body_weight"].value[0, 0, 0] == 81.0
    assert any("two readings" in text for text in texts(found))


def test_a_reading_that_stands_twice_is_one(trial):
    data, found = trial(readings=LONG + "A,2025-01-10,base,weight,80,kg\n")
    assert data.readings["body_weight"].value[0, 0, 0] == 80.0
    assert any("the same reading more than once" in text for text in texts(found))


def test_a_reading_after_death_is_a_conflict_and_left_out(trial):
    data, found = trial(readings=LONG + "B,2025-03-02,w4,weight,50,kg\n")
    assert np.isnan(data.readings["body_weight"].value[0, 1, 1])
    assert any("after death (day 48 of 'B'); left out" in text for text in texts(found))


def test_a_weight_that_cannot_be_is_left_out_not_clipped(trial):
    data, found = trial(
        readings=LONG.replace("B,2025-01-12,base,weight,60000,g", "B,2025-01-12,base,weight,600,kg")
    )
    assert np.isnan(data.readings["body_weight"].value[0, 1]).all()
    assert any("600 is outside 25 to 300 kg" in text for text in texts(found))


def test_unplanned_visits_are_left_out_and_named(trial):
    _, found = trial(readings=LONG + "A,2025-05-01,extra,weight,77,kg\n")
    assert any("visit 'extra' is not planned" in text for text in texts(found))


def test_names_that_are_no_measure_are_refused_or_counted(trial):
    readings = LONG + "A,2025-01-10,base,mood,3,\n"
    with pytest.raises(DataFileError, match=r"line 8, readings.csv, column 'test': 'mood' is no measure"):
        trial(readings=readings)
    _, found = trial(readings=readings, mapping=MAPPING + "    skip_others: true\n")
    assert any("'mood' is no measure" in text for text in texts(found))


def test_dates_in_another_order_must_be_said(trial):
    people = PEOPLE.replace("2025-01-10", "10/01/2025")
    with pytest.raises(DataFileError, match="whether day or month comes first is not said"):
        trial(people)
    assert trial(people, mapping=MAPPING + "dates: dmy\n")[1].day_zero[0][0] == "2025-01-10"
    with pytest.raises(TrialDataError, match="no date of randomisation, such as 'B'"):
        trial(PEOPLE.replace("2025-01-12", ""))


def test_decimal_commas_are_said_in_the_mapping(trial):
    readings = LONG.replace(",", ";").replace("1.2", "1,2").replace("174.165", "174,165")
    people = PEOPLE.replace(",", ";").replace(";1.", ";1,")
    data, _ = trial(people, readings, MAPPING + "decimal: comma\n")
    assert data.readings["crp"].value[0, 0, 1] == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("body_weight}", "bodyweight}"), "Did you mean 'body_weight'"),
        (("first: -7", "first: 3"), "day 0 is not within 3 to 0"),
        (("names: [w4]", "names: [base]"), "'base' names the visit 'baseline' too"),
        (("    value: value\n", ""), "only one of 'measure' and 'value'"),
        (("trial: demo", "trail: demo"), "Did you mean 'trial'"),
        (("table: readings", "table: reading"), "Did you mean 'readings'"),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_way_out(trial, change, said):
    with pytest.raises(InputError, match=said):
        trial(mapping=MAPPING.replace(*change))


def test_without_planned_visits_every_day_is_one(tmp_path):
    table = tmp_path / "d.csv"
    table.write_text("subject,day,w\nA,0,80\nA,13,79\nB,2,60\n")
    mapping = tmp_path / "m.yaml"
    mapping.write_text("readings: [{day: day, columns: {w: {measure: body_weight, unit: kg}}}]\n")
    data, found = read(table, mapping)
    assert data.readings["body_weight"].visits == ("day 0", "day 2", "day 13")
    assert any("every subject is in the one arm" in text for text in texts(found))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("subject,arm,day,w\nA,x,0,70\n,x,0,71\n", "line 3, column 'subject': no subject is named"),
        ("subject,arm,day,w,w\nA,x,0,70,71\n", "the column 'w' stands twice"),
        ("patient,arm,day,w\nA,x,0,70\n", "has no such column"),
        ("subject,arm,day,w\nA,x,0,70\nA,y,1,71\n", "'y' contradicts 'x' in row 2 as arm of 'A'"),
        ("subject,arm,day,w\nA,x,0,<25\n", "A reading beyond a limit of detection has no value"),
        ("subject,arm,day,w\n", "has a header but no readings"),
        ("", "is empty"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_the_reason(tmp_path, text, said):
    table = tmp_path / "d.csv"
    table.write_text(text)
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "subjects: {arm: {column: arm}}\n"
        "readings: [{day: day, columns: {w: {measure: body_weight, unit: kg}}}]\n"
    )
    with pytest.raises(InputError, match=said):
        read(table, mapping)
