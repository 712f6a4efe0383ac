"""SAS transport files: what is written is read back; what is damaged or cannot be held is named."""

import struct
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from builders.formats_samples import weights, with_code
from euexia.core.errors import DataFileError, InputError, OutputError
from euexia.formats import xpt
from euexia.formats.compare import differences
from euexia.formats.dataset import DataType, TargetType, Variable, number_column, of_columns, text_column
from euexia.formats.ibm import to_doubles, to_fields, unfit
from euexia.formats.xpt_layout import RECORD


@pytest.fixture
def path(tmp_path):
    return tmp_path / "advs.xpt"


def numbers_only(count=3):
    """Return a dataset whose observations have 24 bytes."""
    columns = {name: number_column(range(count)) for name in ("A", "B", "C")}
    return of_columns("X", columns)


@pytest.mark.parametrize(
    ("number", "field"),
    [
        (1.0, "4110000000000000"),
        (-118.625, "c276a00000000000"),
        (0.1, "401999999999999a"),
        (0.0, "0000000000000000"),
    ],
)
def test_ibm_numbers_are_the_bytes_of_the_layout(number, field):
    """1 = 1/16 * 16; -118.625 = -0x76.A; 0.1 is the nearest double, 0x1.999999999999Ap-4, held exactly."""
    assert bytes(to_fields(np.array([number]))[0]).hex() == field
    assert to_doubles(np.frombuffer(bytes.fromhex(field), np.uint8).reshape(1, 8))[0][0] == number


def test_a_fraction_of_56_bits_is_rounded_to_the_nearest_double():
    """0x42FFFFFFFFFFFFFF is 256 - 2**-48, half-way between no doubles: the nearest is 256."""
    field = np.frombuffer(bytes.fromhex("42ffffffffffffff"), np.uint8).reshape(1, 8)
    assert to_doubles(field)[0][0] == 256.0


def test_short_fields_are_the_leading_bytes():
    """SAS keeps the first bytes of a number of length 3: 0x411000 is 1."""
    assert to_doubles(np.array([[0x41, 0x10, 0x00]], dtype=np.uint8))[0][0] == 1.0


def test_numbers_beyond_the_format_are_named():
    assert unfit(np.array([16.0**63, 16.0**-66, np.inf, 1.0, 0.0, np.nan])).tolist() == [
        True, True, True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("version", [5, 8])
def test_a_dataset_comes_back(path, version):
    written = with_code(weights())
    xpt.write(path, written, version=version)
    (read,) = xpt.read(path)
    assert differences(written, read, blank_is_missing=False) == ()
    assert read.missing_codes["AVAL"].tolist() == [None, ".A", None, None, None]
    assert read.label == "Vital signs"
    assert read.variable("ADT").data_type is DataType.DATE
    assert read.variable("ADT").target_type is TargetType.INTEGER
    assert read.variable("AVAL").display_format == "8.2"
    assert read.metadata.created == "2026-01-02T03:04:05"
    assert read.metadata.encoding == "utf-8"
    assert path.stat().st_size % RECORD == 0


def test_several_datasets_in_one_file(path):
    """Pandas and pyreadstat read one dataset of a file; ours reads all."""
    xpt.write(path, [numbers_only(), replace(weights(), name="AE"), numbers_only(0)])
    first, second, third = xpt.read(path)
    assert (first.name, second.name, third.name) == ("X", "AE", "X")
    assert (first.records, second.records, third.records) == (3, 5, 0)


def test_pandas_reads_what_is_written(path):
    """An independent reader: pandas.read_sas, version 5.

    The last observation must not end in 8 blanks: pandas 3.1 takes those for padding and leaves it out.
    """
    whole = weights()
    written = of_columns(
        "X", {name: whole[name] for name in ("USUBJID", "AVAL", "ADT")}, variables=[whole.variable("ADT")]
    )
    xpt.write(path, written)
    frame = pd.read_sas(path, format="xport", encoding="utf-8")
    assert frame["USUBJID"].tolist() == written["USUBJID"].tolist()
    np.testing.assert_array_equal(frame["AVAL"], written["AVAL"])
    assert frame["ADT"].tolist()[0] == 23435.0  # days from 1960-01-01 to 2024-02-29
    assert frame["ADT"].isna().tolist() == [False, True, False, False, False]


def test_version_8_holds_long_names_labels_and_texts(path):
    name, label = "A_NAME_OF_MORE_THAN_EIGHT_LETTERS"[:32], "A label that is longer than forty bytes, by far"
    written = of_columns(
        "LONGDATASET",
        {name: text_column(["y" * 300, None])},
        variables=[Variable(name=name, label=label)],
    )
    with pytest.raises(OutputError) as told:
        xpt.write(path, written, version=5)
    for part in ("'LONGDATASET' is no name", "Version 8 holds", "room for 40", "room for 200"):
        assert part in str(told.value)
    assert not path.exists()
    xpt.write(path, written, version=8)
    (read,) = xpt.read(path)
    assert differences(written, read) == ()
    assert read.variables[0].label == label


def test_version_8_counts_its_observations_as_sas_does(path):
    """SAS 9.4 reads no observation without the count, right-aligned in 15 characters."""
    xpt.write(path, numbers_only(3), version=8)
    assert b"OBSV8   HEADER RECORD!!!!!!!              3 " in path.read_bytes()


def test_what_cannot_be_held_is_named_all_at_once(path):
    bad = of_columns(
        "X",
        {
            "A": number_column([1.0, np.inf, 1e80]),
            "B": text_column(["a\0b", "x", None]),
            "a": text_column(["", None, None]),
            "ADT": text_column(["2024-01", "2024-01-05", None]),
        },
        variables=[Variable(name="ADT", data_type=DataType.DATE, target_type=TargetType.INTEGER)],
    )
    with pytest.raises(OutputError) as told:
        xpt.write(path, bad)
    message = str(told.value)
    for part in (
        "row 2, column X.A",
        "row 3, column X.A",
        "NUL byte",
        "names apart by case",
        "'2024-01' is not a",
    ):
        assert part in message
    assert not path.exists()


def test_notes_say_what_sas_holds_differently(path):
    written = of_columns(
        "X",
        {"A": text_column(["", "tail  "]), "D": text_column(["0.10", None])},
        variables=[Variable(name="D", data_type=DataType.DECIMAL)],
    )
    notes = " ".join(str(note) for note in xpt.write(path, written))
    for part in ("empty text", "trailing blanks", "decimals"):
        assert part in notes


def test_a_blank_end_of_version_5_is_refused_not_lost(path):
    written = of_columns("X", {"A": text_column(["a", None])})
    with pytest.raises(OutputError, match="cannot tell from padding"):
        xpt.write(path, written, version=5)
    xpt.write(path, written, version=8)
    assert xpt.read(path)[0]["A"].tolist() == ["a", None]


def test_latin_1_must_be_declared(path):
    written = of_columns("X", {"N": number_column([1, 2]), "A": text_column(["ok", "Größe"])})
    xpt.write(path, written, encoding="latin-1")
    with pytest.raises(DataFileError, match=r"row 2, column A: byte 0xf6 .* is not utf-8") as told:
        xpt.read(path)
    assert "in cp1252 this would be 'Größe'" in str(told.value)
    assert xpt.read(path, encoding="latin-1")[0]["A"].tolist() == ["ok", "Größe"]
    with pytest.raises(DataFileError, match="is not ascii"):
        xpt.read(path, encoding="ascii")
    with pytest.raises(InputError, match="no encoding called 'latin-99'"):
        xpt.read(path, encoding="latin-99")


@pytest.mark.parametrize("version", [5, 8])
def test_every_truncation_inside_the_headers_is_named(path, tmp_path, version):
    """Cut after each record of 80 bytes before the observations, and in the middle of each."""
    xpt.write(path, numbers_only(), version=version)
    raw = path.read_bytes()
    headers = raw.index(b"OBS") // RECORD * RECORD + RECORD
    cut = tmp_path / "cut.xpt"
    for size in [*range(0, headers, RECORD), *range(40, headers, RECORD)]:
        cut.write_bytes(raw[:size])
        with pytest.raises(DataFileError, match=r"truncated|empty|no dataset|does not begin|Copy it again"):
            xpt.read(cut)


def test_truncations_among_the_observations(path, tmp_path):
    """24-byte observations, 20 of them, 480 bytes: a cut leaves half an observation, or whole ones.

    Version 5 does not count: where 240 bytes (10 observations) are left, nothing can tell. Version 8 can.
    """
    cut = tmp_path / "cut.xpt"
    for version, silent in ((5, {0, 240}), (8, set())):
        xpt.write(path, numbers_only(20), version=version)
        raw = path.read_bytes()
        for left in range(0, 480, RECORD):
            cut.write_bytes(raw[: len(raw) - 480 + left])
            if left in silent:
                assert xpt.read(cut)[0].records == left // 24
            else:
                with pytest.raises(DataFileError, match="truncated"):
                    xpt.read(cut)


def damaged(raw, at, new):
    return raw[:at] + new + raw[at + len(new) :]


@pytest.mark.parametrize(
    ("where", "new", "message"),
    [
        (b"HEADER RECORD*******LIBRARY", b"XXXX", "does not begin with the library header"),
        (b"HEADER RECORD*******DSCRPTR", b"XXXX", "DSCRPTR header is missing or damaged"),
        (b"HEADER RECORD*******NAMESTR", b"XXXX", "NAMESTR header is missing or damaged"),
        (b"HEADER RECORD*******OBS", b"XXXX", "OBS header is missing or damaged"),
        (b"0000000003", b"00000000xx", "no number"),
        (b"0000000003", b"0000009999", "9999 variables are declared"),
        (b"0140", b"0999", "variables of 0999 bytes"),
    ],
)
def test_damaged_headers_are_named(path, where, new, message):
    xpt.write(path, numbers_only())
    raw = path.read_bytes()
    path.write_bytes(damaged(raw, raw.index(where), new))
    with pytest.raises(DataFileError, match=message):
        xpt.read(path)


@pytest.mark.parametrize(
    ("offset", "new", "message"),
    [
        (0, struct.pack(">h", 7), "type is neither"),
        (4, struct.pack(">h", 9), "number of 9 bytes"),
        (4, struct.pack(">h", -1), "number of -1 bytes"),
        (84, struct.pack(">i", 2_000_000_000), "begins at byte 2000000000"),
        (84, struct.pack(">i", -8), "begin at byte -8"),
        (8, b" " * 8, "has no name"),
        (8, b"B       ", "there twice"),
    ],
)
def test_impossible_variables_are_named(path, offset, new, message):
    """Huge and negative lengths and places are refused before anything is reserved for them."""
    xpt.write(path, numbers_only())
    raw = path.read_bytes()
    first = raw.index(b"HEADER RECORD*******NAMESTR") + RECORD
    path.write_bytes(damaged(raw, first + offset, new))
    with pytest.raises(DataFileError, match=message):
        xpt.read(path)


def test_a_nul_byte_in_text_is_named_and_as_padding_noted(path):
    xpt.write(path, of_columns("X", {"N": number_column([1, 2]), "A": text_column(["abcd", "efgh"])}))
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"efgh", b"e\0gh"))
    with pytest.raises(DataFileError, match=r"row 2, column A: .* NUL byte"):
        xpt.read(path)
    path.write_bytes(raw.replace(b"efgh", b"ef\0\0"))
    (read,) = xpt.read(path)
    assert read["A"].tolist() == ["abcd", "ef"]
    assert any("padded with NUL" in note.text for note in read.notes)


def test_numbers_that_are_no_dates_stay_numbers_with_a_note(path):
    written = of_columns(
        "X",
        {"ADT": number_column([1.5, 2])},
        variables=[Variable(name="ADT", data_type=DataType.DOUBLE, display_format="DATE9.")],
    )
    xpt.write(path, written)
    (read,) = xpt.read(path)
    assert read["ADT"].tolist() == [1.5, 2.0]
    assert "row 1: 1.5" in str(read.notes[0])


def test_cport_files_and_missing_files_are_named(path):
    path.write_bytes(b"**COMPRESSED** **COMPRESSED** ".ljust(160))
    with pytest.raises(DataFileError, match="PROC CPORT"):
        xpt.read(path)
    with pytest.raises(DataFileError, match="cannot be read"):
        xpt.read(path.with_name("none.xpt"))


def test_observations_of_many_blocks_and_faults_in_the_last(path, monkeypatch):
    """Blocks of a few observations give the same columns, codes and row numbers as one block."""
    from euexia.formats import xpt_reading, xpt_writing

    monkeypatch.setattr(xpt_reading, "BLOCK_BYTES", 100)
    monkeypatch.setattr(xpt_writing, "BLOCK_BYTES", 70)
    count = 57
    codes = text_column([".B" if row == 50 else None for row in range(count)])
    numbers = number_column([None if row == 50 else row for row in range(count)])
    texts = text_column([None if row % 3 == 0 else f"text {row % 7}" for row in range(count)])
    written = replace(of_columns("X", {"N": numbers, "T": texts}), missing_codes={"N": codes})
    xpt.write(path, written)
    (read,) = xpt.read(path)
    assert differences(written, read) == ()
    assert np.flatnonzero(read.missing_codes["N"] == ".B").tolist() == [50]
    raw = path.read_bytes()
    last = raw.rindex(b"text")
    path.write_bytes(damaged(raw, last, b"t\xffxt"))
    with pytest.raises(DataFileError, match=f"row {count}, column T"):
        xpt.read(path)
