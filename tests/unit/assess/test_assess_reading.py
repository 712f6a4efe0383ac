"""Tables of patients: what is read, converted and refused."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from euexia.assess import mapping as mappings
from euexia.assess.mapping import TableMapping
from euexia.assess.reading import read
from euexia.assess.record import to_day
from euexia.assess.template import write_template
from euexia.core.errors import DataFileError, InputError

TODAY = date(2026, 11, 1)
HEADER = "patient,date,measure,value,unit\n"


def table(tmp_path, *rows, name="table.csv", header=HEADER):
    path = tmp_path / name
    path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def faults(tmp_path, *rows, **layout):
    with pytest.raises(DataFileError) as caught:
        read(table(tmp_path, *rows), TableMapping(**layout) if layout else None, today=TODAY)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("measure", "value", "unit", "canonical"),
    [
        ("body_weight", "100", "lb", 45.359237),  # the international pound, by definition
        ("weight", "100", "lbs", 45.359237),
        ("body_weight", "70", "KG", 70.0),
        ("height", "70", "in", 177.8),  # the international inch is 2.54 cm
        ("height", "1.78", "m", 178.0),
        ("crp", "4.2", "mg/dL", 42.0),
        ("albumin", "3.1", "g/dL", 31.0),
        ("haemoglobin", "12", "g/dL", 120.0),
        ("creatinine", "1", "mg/dL", 88.42),  # molar mass of creatinine 113.12 g/mol
        ("bilirubin", "1", "mg/dL", 17.1),  # molar mass of bilirubin 584.7 g/mol
        ("neutrophils", "4500", "cells/uL", 4.5),
        ("neutrophils", "4.5", "K/uL", 4.5),
        ("platelets", "210", "10^9/L", 210.0),
        ("energy_intake", "4184", "kJ/day", 1000.0),  # the thermochemical calorie is 4.184 J
        ("ecog", "2", "", 2.0),
        ("ast", "1.5", "x ULN", 1.5),
        ("sex", "F", "", 0.0),
        ("male", "yes", "", 1.0),
    ],
)
def test_units_become_canonical(tmp_path, measure, value, unit, canonical):
    record = read(table(tmp_path, f"P1,2026-01-05,{measure},{value},{unit}"), today=TODAY).record
    (series,) = record.series.values()
    assert series.value == pytest.approx([canonical], rel=1e-6)
    assert series.day[0] == to_day(date(2026, 1, 5))
    assert series.row[0] == 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "P1,2026-01-05,crpp,3,mg/L",
            "line 2, column 'measure': there is no measure called 'crpp'. Did you mean",
        ),
        ("P1,2026-01-05,crp,3,mmHg", "column 'unit': 'mmHg' is no unit of C-reactive protein"),
        ("P1,2026-01-05,crp,3,", "has no unit"),
        ("P1,2026-01-05,crp,high,mg/L", "'high' is no value of C-reactive protein"),
        ("P1,2026-01-05,crp,<5,mg/L", "beyond a detection limit"),
        ('P1,2026-01-05,albumin,"3,1",g/dL', "If the comma is a decimal comma, say so"),
        ("P1,2026-01-05,age,-5,year", "'-5' is no value of Age. It cannot be negative"),
        ("P1,2026-01-05,sex,X,", "Write one of m, male, f, female"),
        ("P1,2026-13-05,crp,3,mg/L", "'2026-13-05' is no date"),
        ("P1,05.01.2026,crp,3,mg/L", "'05.01.2026' is no date"),
        ("P1,2026,crp,3,mg/L", "'2026' is no date"),
        ("P1,,crp,3,mg/L", "the date is missing"),
        ("P1,2027-01-05,crp,3,mg/L", "2027-01-05 lies in the future"),
        ("P1,1066-10-14,crp,3,mg/L", "lies before 1970-01-01"),
        (",2026-01-05,crp,3,mg/L", "no patient is named"),
        ("P1,2026-01-05,crp,inf,mg/L", "'inf' is no value"),
    ],
)
def test_a_bad_cell_is_named_with_row_and_column(tmp_path, row, said):
    (fault,) = faults(tmp_path, row)
    assert fault.startswith("line 2, column '")
    assert said in fault


def test_all_faults_are_said_at_once(tmp_path):
    found = faults(tmp_path, "P1,2026-01-05,crp,high,mg/L", "P1,x,crp,3,mg/L", "P1,2026-01-05,crp,low,mg/L")
    assert [fault.split(",")[0] for fault in found] == ["line 2", "line 3", "line 4"]


def test_a_fault_met_often_is_said_once(tmp_path):
    (fault,) = faults(tmp_path, *["P1,2026-01-05,crp,?,mg/L"] * 100)
    assert "Also in rows 3, 4, 5, 6 and 95 more." in fault


def test_keep_going_leaves_out_the_faulty_cells_only(tmp_path):
    path = table(
        tmp_path, "P1,2026-01-05,crp,high,mg/L", "P1,2026-01-05,crp,12,mg/L", "P2,2026-01-05,crp,,mg/L"
    )
    reading = read(path, keep_going=True, today=TODAY)
    assert reading.record.of("crp").value.tolist() == [12.0]
    assert len(reading.faults) == 1
    assert reading.record.patients == ("P1", "P2")


def test_nothing_usable_is_an_error_even_when_keeping_going(tmp_path):
    with pytest.raises(InputError, match="holds no reading that can be used"):
        read(table(tmp_path, "P1,2026-01-05,crp,high,mg/L"), keep_going=True, today=TODAY)


def test_the_file_is_not_changed(tmp_path):
    path = table(tmp_path, "P1,2026-01-05,crp,12,mg/L")
    before = path.read_bytes()
    read(path, today=TODAY)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"patient,date,measure,value,unit\n"])
def test_an_empty_file_is_refused(tmp_path, content):
    path = tmp_path / "empty.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"empty|no readings"):
        read(path)


def test_another_encoding_is_refused_until_it_is_stated(tmp_path):
    path = tmp_path / "latin.csv"
    path.write_bytes((HEADER + "Müller,2026-01-05,crp,3,mg/L\n").encode("latin-1"))
    with pytest.raises(InputError, match="is not text in utf-8"):
        read(path, today=TODAY)
    assert read(path, TableMapping(encoding="latin-1"), today=TODAY).record.patients == ("Müller",)
    with pytest.raises(InputError, match="no encoding called"):
        read(path, TableMapping(encoding="klingon"), today=TODAY)


def test_a_row_with_too_many_cells_is_refused(tmp_path):
    """An unquoted decimal comma makes a cell more; shifting the row would give wrong readings."""
    for rows in (
        ["P1,2026-01-05,albumin,3,1,g/dL"],
        ["P1,2026-01-05,crp,3,mg/L", "P1,2026-01-05,crp,3,1,mg/L"],
    ):
        with pytest.raises(InputError, match="is not a table"):
            read(table(tmp_path, *rows), today=TODAY)


def test_a_missing_column_is_named(tmp_path):
    path = table(tmp_path, "P1,2026-01-05,crp,3", header="patient,day,measure,value\n")
    with pytest.raises(DataFileError, match="column 'date': it is missing"):
        read(path)


def test_another_format_is_named(tmp_path):
    with pytest.raises(InputError, match=r"no table format called '\.docx'"):
        read(tmp_path / "a.docx")
    with pytest.raises(InputError, match="There is no file"):
        read(tmp_path / "a.csv")


def test_dates_and_decimals_are_read_as_stated(tmp_path):
    path = table(tmp_path, 'P1,05.01.2026,albumin,"3,1",g/dL')
    layout = TableMapping(date_format="%d.%m.%Y", decimal=mappings.Decimal.COMMA)
    series = read(path, layout, today=TODAY).record.of("albumin")
    assert series.value == pytest.approx([31.0])
    assert series.day[0] == to_day(date(2026, 1, 5))


def test_a_decimal_comma_table_does_not_take_points(tmp_path):
    """1.234 may be a thousand or a decimal: where commas are decimals, a point is a fault."""
    found = faults(tmp_path, "P1,2026-01-05,albumin,31.5,g/L", decimal=mappings.Decimal.COMMA)
    assert "'31.5' is no value" in found[0]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_found(tmp_path, separator):
    path = tmp_path / "table.csv"
    text = HEADER + "P1,2026-01-05,crp,3,mg/L\n"
    path.write_text(text.replace(",", separator), encoding="utf-8")
    assert read(path, today=TODAY).record.of("crp").value.tolist() == [3.0]


def test_parquet_gives_what_csv_gives(tmp_path):
    frame = pd.DataFrame(
        {
            "patient": ["P1", "P2"],
            "date": pd.to_datetime(["2026-01-05", "2026-02-05"]),
            "measure": ["crp", "crp"],
            "value": [3.5, np.nan],
            "unit": ["mg/L", "mg/L"],
        }
    )
    frame.to_parquet(tmp_path / "table.parquet")
    record = read(tmp_path / "table.parquet", today=TODAY).record
    assert record.of("crp").value.tolist() == [3.5]


def test_what_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "table.xlsx"
    path.write_bytes(b"PK not really a workbook")
    with pytest.raises(InputError, match=r"'.*table.xlsx' is no Excel workbook"):
        read(path)


def test_without_the_package_for_workbooks_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    path = tmp_path / "table.xlsx"
    path.write_bytes(b"PK")
    with pytest.raises(InputError, match=r"pip install euexia\[excel\]"):
        read(path)


def test_a_workbook_gives_what_csv_gives(tmp_path):
    frame = pd.DataFrame(
        {
            "patient": ["P1", "P2"],
            "date": pd.to_datetime(["2026-01-05", "2026-02-05"]),
            "measure": ["crp", "sex"],
            "value": [3.5, "F"],
            "unit": ["mg/L", None],
        }
    )
    frame.to_excel(tmp_path / "table.xlsx", index=False)
    record = read(tmp_path / "table.xlsx", today=TODAY).record
    assert record.of("crp").value.tolist() == [3.5]
    assert record.of("male").value.tolist() == [0.0]


def test_the_templates_can_be_read(tmp_path):
    names = write_template(tmp_path / "new")
    assert set(names) == {"patients.csv", "wide.csv", "wide-mapping.yaml", "data-dictionary.csv"}
    tidy = read(tmp_path / "new" / "patients.csv", today=TODAY).record
    assert tidy.patients == ("A-001", "A-002")
    layout = mappings.load(tmp_path / "new" / "wide-mapping.yaml")
    wide = read(tmp_path / "new" / "wide.csv", layout, today=TODAY).record
    weights = wide.of("body_weight").of_patient(0)
    assert weights.value.tolist() == [80.0, 75.0]
    assert int(weights.day[1] - weights.day[0]) == 182
    assert wide.of("height").value == pytest.approx([178.0, 160.0])
    assert wide.of("male").value.tolist() == [1.0, 0.0]
    with pytest.raises(InputError, match="not empty"):
        write_template(tmp_path / "new")


def test_a_mapping_with_an_unknown_measure_is_refused(tmp_path):
    path = tmp_path / "mapping.yaml"
    path.write_text("layout: wide\ncolumns:\n  W: {measure: wieght}\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"no measure called 'wieght'. Did you mean 'weight'"):
        mappings.load(path)


def test_rows_without_a_date_column_are_of_one_date(tmp_path):
    """A table of one visit: each row a patient of its own, all on the date that the mapping states."""
    path = table(tmp_path, "70,1", "80,2", header="kg,sex\n")
    layout = TableMapping(
        layout=mappings.Layout.WIDE,
        patient="",
        date="",
        fixed_date="2026-01-05",
        columns={
            "kg": mappings.Column(measure="body_weight", unit="kg"),
            "sex": mappings.Column(measure="male", values={"1": 1.0, "2": 0.0}),
        },
    )
    record = read(path, layout, today=TODAY).record
    assert record.patients == ("row 2", "row 3")
    assert record.of("male").value.tolist() == [1.0, 0.0]
