"""Delimited text and Parquet: types are plain or asked for, nothing is guessed in silence."""

import gzip

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from builders.formats_samples import weights, with_code
from euexia.core.errors import DataFileError, OutputError
from euexia.formats import tables
from euexia.formats.compare import differences
from euexia.formats.dataset import DataType, Variable, number_column, of_columns, text_column


def saved(folder, text, name="vs.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


@pytest.mark.parametrize("name", ["vs.csv", "vs.csv.gz", "vs.parquet"])
def test_a_dataset_comes_back(tmp_path, name):
    written = weights()
    if name.endswith("parquet"):
        tables.write_parquet(tmp_path / name, written)
        read = tables.read_parquet(tmp_path / name)
        assert differences(written, read, blank_is_missing=False, descriptions=True) == ()
        assert read.metadata.created == "2026-01-02T03:04:05"
    else:
        tables.write_csv(tmp_path / name, written)
        read = tables.read_csv(tmp_path / name, variables=written.variables)
        assert differences(written, read, blank_is_missing=False) == ()


def test_codes_stay_text_and_plain_numbers_become_numbers(tmp_path):
    text = "SITEID,N,X,MIXED,BIG\n007,1,1.5,1,9007199254740993\n012,-2,-.5e-3,<1,1\n"
    read = tables.read_csv(saved(tmp_path, text))
    kinds = {one.name: one.data_type for one in read.variables}
    assert kinds == {
        "SITEID": DataType.STRING,
        "N": DataType.INTEGER,
        "X": DataType.DOUBLE,
        "MIXED": DataType.STRING,
        "BIG": DataType.STRING,  # beyond 2**53: kept as text, exactly
    }
    assert read["X"].tolist() == [1.5, -0.0005]


def test_what_is_known_of_columns_comes_first(tmp_path):
    path = saved(tmp_path, "A,B\n1,2\n3,x\n")
    read = tables.read_csv(path, variables=[Variable(name="A")])
    assert read["A"].tolist() == ["1", "3"]
    with pytest.raises(DataFileError, match="row 2, column B: 'x' is not a number"):
        tables.read_csv(path, variables=[Variable(name="B", data_type=DataType.DOUBLE)])


def test_empty_fields_are_missing_and_quoted_ones_are_empty_text(tmp_path):
    read = tables.read_csv(saved(tmp_path, 'A,B\n"",1\n,2\n'))
    assert read["A"].tolist() == ["", None]


def test_an_empty_line_of_one_column_is_a_missing_value(tmp_path):
    written = of_columns("X", {"A": text_column(["x", None, "y", None])})
    tables.write_csv(tmp_path / "x.csv", written)
    read = tables.read_csv(tmp_path / "x.csv")
    assert read["A"].tolist() == ["x", None, "y", None]


def test_texts_for_missing_must_be_said(tmp_path):
    path = saved(tmp_path, "X\n" + "".join(f"{row}.5\n" for row in range(9)) + "NA\n")
    read = tables.read_csv(path, delimiter=",")
    assert read.variables[0].data_type is DataType.STRING
    assert "all other values are numbers, but not 'NA'" in str(read.notes[0])
    said = tables.read_csv(path, delimiter=",", nulls=["NA"])
    assert np.isnan(said["X"][-1])


@pytest.mark.parametrize(
    ("values", "numbers", "note"),
    [
        (["1,5", "2,25"], [1.5, 2.25], "has decimal commas"),
        (["1,500", "2,250"], None, "may be a decimal comma or a thousands sign"),
        (["1,5", "2.25"], None, "has decimal points too"),
    ],
)
def test_decimal_commas_are_taken_only_where_nothing_else_is_possible(tmp_path, values, numbers, note):
    path = saved(tmp_path, "ID;X\n" + "".join(f"a;{value}\n" for value in values))
    read = tables.read_csv(path)
    assert any(note in one.text for one in read.notes)
    assert read["X"].tolist() == (values if numbers is None else numbers)
    assert any("semicolon" in one.text for one in read.notes)


def test_a_decimal_comma_that_is_said_is_used(tmp_path):
    path = saved(tmp_path, "ID;X\na;1,500\nb;2\n")
    assert tables.read_csv(path, decimal=",")["X"].tolist() == [1.5, 2.0]


def test_the_wrong_encoding_is_named_by_line_and_byte(tmp_path):
    path = saved(tmp_path, "A,B\n1,x\n2,Größe\n", encoding="latin-1")
    with pytest.raises(DataFileError, match=r"line 3, byte 5: byte 0xf6") as told:
        tables.read_csv(path)
    assert "in cp1252 this would be '2,Größe'" in str(told.value)
    assert tables.read_csv(path, encoding="latin-1")["B"].tolist() == ["x", "Größe"]
    with pytest.raises(DataFileError, match="no encoding called"):
        tables.read_csv(path, encoding="latin-99")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_understood(tmp_path, encoding):
    read = tables.read_csv(saved(tmp_path, "A,B\nä,1\n", encoding=encoding))
    assert read.names == ("A", "B")
    assert read["A"].tolist() == ["ä"]
    assert "byte-order mark" in str(read.notes[0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("A,B\n1,2\n3\n4,5,6\n", "row 2: has 1 fields where the header has 2"),
        ("A,A\n1,2\n", "column A: is there twice"),
        ("A,\n1,2\n", "column 2: has no name"),
        ("A;B,C\n1;2,3\n4;5,6\n", "could be comma or semicolon"),
        (b"A,B\n1,x\0y\n", "line 2: holds a NUL byte"),
    ],
)
def test_tables_that_cannot_be_read_are_named(tmp_path, text, message):
    with pytest.raises(DataFileError, match=message):
        tables.read_csv(saved(tmp_path, text))


def test_a_truncated_packed_file_is_named(tmp_path):
    raw = gzip.compress(b"A,B\n" + b"1,2\n" * 100)
    with pytest.raises(DataFileError, match="damaged or truncated"):
        tables.read_csv(saved(tmp_path, raw[:-9], "vs.csv.gz"))


def test_what_cannot_be_written_is_named(tmp_path):
    bad = of_columns("X", {"N": number_column([1, np.inf]), "T": text_column(["a\0", None])})
    with pytest.raises(OutputError, match=r"row 2, column X\.N: is infinite") as told:
        tables.write_csv(tmp_path / "x.csv", bad)
    assert "row 1, column X.T: holds a NUL byte" in str(told.value)
    for write, name in ((tables.write_csv, "x.csv"), (tables.write_parquet, "x.parquet")):
        with pytest.raises(OutputError, match="no variable"):
            write(tmp_path / name, of_columns("X", {}))
    assert list(tmp_path.iterdir()) == []


def test_notes_say_what_has_no_place(tmp_path):
    notes = tables.write_csv(tmp_path / "x.csv", with_code(weights()))
    assert any("missing codes" in note.text for note in notes)
    notes = tables.write_parquet(tmp_path / "x.parquet", with_code(weights()))
    assert any("missing codes" in note.text for note in notes)


def test_parquet_of_others_keeps_types_exactly(tmp_path):
    table = pyarrow.table(
        {
            "I": pyarrow.array([1, None, 3], pyarrow.int32()),
            "F": pyarrow.array([0.1, None, 2.0]),
            "B": pyarrow.array([True, None, False]),
            "S": pyarrow.array(["", None, "ä"]).dictionary_encode(),
            "D": pyarrow.array([19782, None, 0], pyarrow.date32()),
            "T": pyarrow.array([1_700_000_000, None, 0], pyarrow.timestamp("s")),
            "X": pyarrow.array([None, "1.10", "2.00"]).cast(pyarrow.decimal128(5, 2)),
        }
    )
    parquet.write_table(table, tmp_path / "x.parquet")
    read = tables.read_parquet(tmp_path / "x.parquet")
    kinds = [one.data_type.value for one in read.variables]
    assert kinds == ["integer", "double", "boolean", "string", "date", "datetime", "decimal"]
    assert read["D"].tolist() == ["2024-02-29", None, "1970-01-01"]
    assert read["T"].tolist() == ["2023-11-14T22:13:20", None, "1970-01-01T00:00:00"]
    assert read["X"].tolist() == [None, "1.10", "2.00"]
    assert read["S"].tolist() == ["", None, "ä"]


def test_parquet_that_holds_no_plain_values_is_named(tmp_path):
    table = pyarrow.table({"L": pyarrow.array([[1], [2]]), "BIG": pyarrow.array([2**60, 1])})
    parquet.write_table(table, tmp_path / "x.parquet")
    with pytest.raises(DataFileError, match="column L: holds list") as told:
        tables.read_parquet(tmp_path / "x.parquet")
    assert "row 1, column BIG: is beyond 2**53" in str(told.value)
    (tmp_path / "y.parquet").write_bytes(b"PAR1 and nothing else PAR1")
    with pytest.raises(DataFileError, match="cannot be read"):
        tables.read_parquet(tmp_path / "y.parquet")
