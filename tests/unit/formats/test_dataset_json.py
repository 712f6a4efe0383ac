"""Dataset-JSON 1.1 in its three forms: what is written is read back and valid; what is wrong is named."""

import gzip
import importlib.util
import json
import zlib
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from builders.formats_samples import weights, with_code
from euexia.core.errors import DataFileError, InputError, OutputError
from euexia.formats import dataset_json, json_stream
from euexia.formats.compare import differences
from euexia.formats.dataset import DataType, Variable, number_column, of_columns, text_column

FORMS = ["vs.json", "vs.ndjson", "vs.dsjc"]


def document(**changes):
    """Return a small valid document."""
    column = {"itemOID": "IT.A", "name": "A", "label": "a", "dataType": "string"}
    number = {"itemOID": "IT.N", "name": "N", "label": "n", "dataType": "integer"}
    return {
        "datasetJSONCreationDateTime": "2026-01-02T03:04:05",
        "datasetJSONVersion": "1.1.0",
        "itemGroupOID": "IG.X",
        "records": 2,
        "name": "X",
        "label": "x",
        "columns": [column, number],
        "rows": [["a", 1], ["", None]],
    } | changes


def saved(folder, content, name="x.json"):
    path = folder / name
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("name", FORMS)
def test_a_dataset_comes_back_with_all_that_is_said_of_it(tmp_path, name):
    written = weights()
    dataset_json.write(tmp_path / name, written)
    read = dataset_json.read(tmp_path / name)
    assert differences(written, read, blank_is_missing=False, descriptions=True) == ()
    assert read.metadata.study_oid == "EUX"
    assert read.keys == ("USUBJID", "AVISITN")


@pytest.mark.parametrize("name", FORMS)
def test_rows_larger_than_a_batch(tmp_path, name, monkeypatch):
    """Texts hold what separates rows, so that a batch must not be cut inside them."""
    monkeypatch.setattr(json_stream, "BATCH", 64)
    rows = 200
    written = of_columns(
        "X",
        {
            "A": text_column([f'],[ "{row}" ],' * (row % 4) for row in range(rows)]),
            "N": number_column(range(rows)),
        },
    )
    dataset_json.write(tmp_path / name, written)
    assert differences(written, dataset_json.read(tmp_path / name), blank_is_missing=False) == ()


def test_rows_before_columns_and_keys_after_rows(tmp_path):
    content = document()
    rows = content.pop("rows")
    moved = {"rows": rows, **content}
    read = dataset_json.read(saved(tmp_path, json.dumps(moved, indent=2)))
    assert read["A"].tolist() == ["a", ""]
    assert np.isnan(read["N"][1])


def test_compressed_files_are_zlib_or_gzip_and_the_notes_say_which(tmp_path):
    content = document()
    rows = content.pop("rows")
    text = "\n".join(json.dumps(one) for one in [content, *rows]).encode()
    (tmp_path / "z.dsjc").write_bytes(zlib.compress(text))
    (tmp_path / "g.dsjc").write_bytes(gzip.compress(text))
    as_said = dataset_json.read(tmp_path / "z.dsjc")
    as_found = dataset_json.read(tmp_path / "g.dsjc")
    assert differences(as_said, as_found, blank_is_missing=False) == ()
    assert "zlib, as the specification says" in str(as_said.notes[0])
    assert "gzip, where the specification says zlib" in str(as_found.notes[0])


def test_we_write_zlib_as_the_specification_says(tmp_path):
    dataset_json.write(tmp_path / "vs.dsjc", weights())
    assert zlib.decompress((tmp_path / "vs.dsjc").read_bytes()).startswith(b'{"datasetJSONCreationDateTime"')


@pytest.mark.parametrize("pack", [zlib.compress, gzip.compress])
@pytest.mark.parametrize("change", ["cut", "flip", "more"])
def test_damaged_compressed_files_are_named(tmp_path, pack, change):
    raw = pack(json.dumps(document()).encode() * 5)
    cut = {"cut": raw[:-9], "flip": raw[:30] + bytes([raw[30] ^ 255]) + raw[31:], "more": raw + b"x"}[change]
    path = tmp_path / "x.dsjc"
    path.write_bytes(cut)
    with pytest.raises(
        DataFileError, match=r"truncated|damaged|follows|JSON form|expecting|delimiter|not UTF-8"
    ):
        dataset_json.read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("[1]", "'{' was expected"),
        ('{"name": "X", "name": "Y"}', "key 'name' is there twice"),
        ('{"a": {"b": 1, "b": 2}}', "key 'b' is there twice"),
        ('{"rows": [[1], [NaN]]}', "NaN is not a JSON number"),
        ('{"rows": [[1], [2', "row 2"),
        ('{"rows": [[1], [2]', "the rows are not closed"),
        ('{"rows": [[1], 2]}', "row 2: a row is an array|row 2 is no list|is no list"),
        ('{"rows": []} x', "follows the end"),
        ('{"records": 1' + "0" * 6000 + "}", "a number that cannot be read"),
        ("[" * 100_000, "'{' was expected"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"name": "\ud800"}'.encode("utf-8", "surrogatepass").decode("latin-1"), "."),
    ],
)
def test_text_that_is_no_dataset_json_is_named(tmp_path, text, message):
    with pytest.raises(DataFileError, match=message):
        dataset_json.read(saved(tmp_path, text))


def test_bytes_that_are_not_utf_8_are_named(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(json.dumps(document(), ensure_ascii=False).replace('"a"', '"Größe"').encode("latin-1"))
    with pytest.raises(DataFileError, match=r"byte 0xf6 in .* is not UTF-8"):
        dataset_json.read(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": [["a", "7"], ["b", 1]]}, r"row 1, column N: '7' is not a number"),
        ({"rows": [["a", 1], [5, 1]]}, r"row 2, column A: 5 is not text"),
        ({"rows": [["a", True], ["b", 1]]}, r"row 1, column N: True is not a number"),
        ({"rows": [["a", 1], ["b"]]}, r"row 2: has 1 values for 2 columns"),
        ({"rows": [["a", 2**60], ["b", 1]]}, r"row 1, column N: is beyond 2\*\*53"),
        ({"rows": [["a", 10**400], ["b", 1]]}, r"row 1, column N"),
        ({"rows": [["a", {"x": 1}], ["b", 1]]}, r"row 1, column N"),
        ({"datasetJSONVersion": "1.0.0"}, "knows 1.1"),
        ({"records": -1}, "no whole number"),
        ({"name": 5}, "name: is no text"),
        ({"columns": 5}, "columns: is no list"),
        ({"sourceSystem": 5}, "sourceSystem: is no object"),
    ],
)
def test_wrong_fields_and_values_are_named(tmp_path, changes, message):
    with pytest.raises(DataFileError, match=message):
        dataset_json.read(saved(tmp_path, document(**changes)))


def test_every_fault_of_the_header_is_named_at_once(tmp_path):
    columns = [
        {"itemOID": "1", "name": "A", "label": "", "dataType": "text"},
        {"name": "B", "label": "", "dataType": "string"},
        {"itemOID": "3", "name": "B", "label": "", "dataType": "string"},
    ]
    content = document(columns=columns, rows=[], records=0)
    del content["itemGroupOID"]
    with pytest.raises(DataFileError) as told:
        dataset_json.read(saved(tmp_path, content))
    for part in (
        "there is no dataType 'text'",
        "'itemOID' is required",
        "itemGroupOID: is required",
        "'B' is there",
    ):
        assert part in str(told.value)


def test_impossible_dates_are_named_and_partial_ones_kept(tmp_path):
    columns = [{"itemOID": "1", "name": "DTC", "label": "", "dataType": "date"}]
    good = document(columns=columns, rows=[["2024-02"], ["2024---15"]])
    assert dataset_json.read(saved(tmp_path, good))["DTC"].tolist() == ["2024-02", "2024---15"]
    with pytest.raises(
        DataFileError, match=r"row 2, column DTC: '2023-02-29' never was: February 2023 has 28 days"
    ):
        dataset_json.read(saved(tmp_path, document(columns=columns, rows=[["2024-02"], ["2023-02-29"]])))


def test_fewer_lines_than_declared_is_a_truncated_file(tmp_path):
    content = document()
    rows = content.pop("rows")
    text = json.dumps(content) + "\n" + json.dumps(rows[0]) + "\n"
    with pytest.raises(DataFileError, match=r"there are 1 rows\. The file may be truncated"):
        dataset_json.read(saved(tmp_path, text, "x.ndjson"))
    whole = dataset_json.read(saved(tmp_path, document(records=7)))
    assert "7 are declared" in str(whole.notes[0])


def test_extensions_are_kept_and_noted(tmp_path):
    column = {"itemOID": "IT.A", "name": "A", "label": "a", "dataType": "string", "colour": "red"}
    content = document(columns=[column], rows=[["a"], ["b"]], isReferenceData=False)
    read = dataset_json.read(saved(tmp_path, content))
    assert read.metadata.extensions == {"isReferenceData": False}
    assert read.variables[0].extensions == {"colour": "red"}
    assert len(read.notes) == 2
    notes = dataset_json.write(tmp_path / "y.json", read)
    assert "beyond the standard are not written" in str(notes[0])


def test_a_declared_text_for_null_is_understood(tmp_path):
    """As the official example of extensions has it: NULLCHAR 'na' among the system extensions."""
    system = {
        "name": "S",
        "version": "1",
        "systemExtensions": [{"namespace": "x", "extensions": [{"name": "NULLCHAR", "value": "na"}]}],
    }
    content = {"sourceSystem": system, **document(rows=[["na", "na"], ["b", 1]])}
    read = dataset_json.read(saved(tmp_path, content))
    assert read["A"].tolist() == ["na", "b"]
    assert np.isnan(read["N"][0])
    assert any("1 values were read so" in note.text for note in read.notes)


def test_booleans_and_decimals(tmp_path):
    written = of_columns(
        "X",
        {"B": number_column([1, 0, None]), "D": text_column(["0.10", "-1e3", None])},
        variables=[
            Variable(name="B", data_type=DataType.BOOLEAN),
            Variable(name="D", data_type=DataType.DECIMAL),
        ],
    )
    dataset_json.write(tmp_path / "x.json", written)
    assert json.loads((tmp_path / "x.json").read_text())["rows"] == [
        [True, "0.10"],
        [False, "-1e3"],
        [None, None],
    ]
    read = dataset_json.read(tmp_path / "x.json")
    assert differences(written, read, blank_is_missing=False) == ()
    assert read.numbers("D").tolist()[:2] == [0.1, -1000.0]


def test_what_cannot_be_written_is_named(tmp_path):
    bad = of_columns(
        "X",
        {
            "N": number_column([1, np.inf]),
            "D": text_column(["2023-02-29", None]),
            "T": text_column(["\ud800", "b"]),
        },
        variables=[Variable(name="D", data_type=DataType.DATE)],
    )
    with pytest.raises(OutputError) as told:
        dataset_json.write(tmp_path / "x.json", bad, created="yesterday")
    for part in ("row 2, column X.N: is infinite", "February 2023", "surrogate", "'yesterday' is not a date"):
        assert part in str(told.value)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match=r"ends in '\.xml'"):
        dataset_json.write(tmp_path / "x.xml", bad)


def test_missing_codes_are_noted_as_left_out(tmp_path):
    notes = dataset_json.write(tmp_path / "x.json", with_code(weights()))
    assert "missing codes of AVAL" in str(notes[0])


@pytest.mark.skipif(importlib.util.find_spec("jsonschema") is None, reason="jsonschema is not installed")
def test_written_files_are_valid_against_the_official_schema(tmp_path):
    """The JSON Schema of Dataset-JSON 1.1, as CDISC publishes it; the header of the line form is the same."""
    import jsonschema

    schema = json.loads(
        files("euexia.data").joinpath("schemas/dataset-json-1.1.schema.json").read_text("utf-8")
    )
    validator = jsonschema.Draft201909Validator(schema)
    bare = replace(weights(), metadata=type(weights().metadata)(created="2026-01-01T00:00:00"))
    for one in (weights(), bare, with_code(weights())):
        dataset_json.write(tmp_path / "x.json", one)
        dataset_json.write(tmp_path / "x.ndjson", one)
        validator.validate(json.loads((tmp_path / "x.json").read_text("utf-8")))
        validator.validate(json.loads((tmp_path / "x.ndjson").read_text("utf-8").split("\n")[0]))
