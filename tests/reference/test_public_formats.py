"""Official and public files of clinical data, read in every format they come in.

The files are not part of the project: EUEXIA_PUBLIC_DATA names a folder that holds them, else these tests are
skipped. Wanted: ``cdisc_datasetjson_examples`` and ``cdisc_pilot_adam`` (CDISC, Dataset-JSON 1.1 examples,
MIT) and ``pharmaverse_sdtm`` (pharmaversesdtm as CSV, Apache-2.0).
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from euexia.core.errors import DataFileError
from euexia.formats import define_xml, tables
from euexia.formats.compare import differences
from euexia.formats.dataset import NoteKind
from euexia.formats.read import read

FOLDER = os.environ.get("EUEXIA_PUBLIC_DATA", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="EUEXIA_PUBLIC_DATA names no folder of public tables")
PRINTED = 1e-11  # the official Dataset-JSON files print doubles with 12 digits


def public(name):
    path = Path(FOLDER) / name
    if not path.exists():
        pytest.skip(f"{name} is not in EUEXIA_PUBLIC_DATA")
    return path


@pytest.mark.parametrize(("ending", "files", "rows"), [(".json", 28, 14397), (".ndjson", 28, 14397),
                                                       (".dsjc", 28, 14397), (".xpt", 27, 9909)])  # fmt: skip
def test_the_official_sdtm_examples_are_read(ending, files, rows):
    """Counts of the example study of the SDTM metadata submission guideline; FT has no transport file."""
    paths = sorted(public("cdisc_datasetjson_examples/sdtm").glob(f"*{ending}"))
    datasets = [dataset for path in paths for dataset in read(path)]
    assert (len(datasets), sum(dataset.records for dataset in datasets)) == (files, rows)
    assert not [note for dataset in datasets for note in dataset.notes if note.kind is NoteKind.ODD]


def test_the_same_example_is_equal_in_all_its_formats():
    """One dataset differs, LB: the transport file has doubles that the printed one rounds to 12 digits."""
    unequal = set()
    for path in sorted(public("cdisc_datasetjson_examples/sdtm").glob("*.json")):
        (typed,) = read(path)
        for ending in (".ndjson", ".dsjc", ".xpt"):
            if path.with_suffix(ending).is_file():
                (other,) = read(path.with_suffix(ending))
                assert not differences(typed, other, relative=PRINTED)
                unequal |= {path.with_suffix(ending).name} if differences(typed, other) else set()
    assert unequal == {"lb.xpt"}


@pytest.mark.slow
def test_the_pilot_is_equal_in_all_its_formats():
    """ADSL to ADVS, 212,321 records; only the derived doubles of ADLBHY are rounded where printed."""
    folder, unequal, rows = public("cdisc_pilot_adam"), set(), 0
    for path in sorted((folder / "dataset_json_compressed").glob("*.dsjc")):
        (typed,) = read(path)
        rows += typed.records
        for kind in ("dataset_json/*.json", "dataset_json/*.ndjson", "xpt/*.xpt", "csv/*.csv.gz"):
            other_path = folder / kind.replace("*", path.stem)
            if not other_path.is_file():
                continue
            is_csv = kind.startswith("csv")
            other = tables.read_csv(other_path, variables=typed.variables) if is_csv else read(other_path)[0]
            assert not differences(typed, other, relative=PRINTED)
            unequal |= {other_path.name} if differences(typed, other) else set()
    assert rows == 212_321
    assert unequal == {"adlbhy.xpt"}


def test_text_beyond_ascii_extensions_and_their_null_are_read():
    (japanese,) = read(public("cdisc_datasetjson_examples/i18n_ae.json"))
    assert japanese.records == 1191
    assert any(text and not text.isascii() for text in japanese["AETERM"])
    (extended,) = read(public("cdisc_datasetjson_examples/extensions/extended_dataset.json"))
    assert np.isnan(extended["AEENDY"]).all()
    assert "systemExtensions" in extended.metadata.extensions["sourceSystem"]
    notes = " ".join(str(note) for note in extended.notes)
    assert "72 are declared, and there are 2 rows" in notes
    assert "'na' to stand for null; 2 values" in notes


def test_numbers_of_transport_files_are_those_of_pandas():
    """An independent reader of IBM floats: pandas.read_sas, to the last bit, on 9,954 rows of doubles.

    pandas reads the number 0 as 5.4e-79 (16**-65); such values are taken as the 0 they are.
    """
    path = public("cdisc_pilot_adam/xpt/adlbhy.xpt")
    (mine,) = read(path)
    theirs = pd.read_sas(path, format="xport", encoding="utf-8")
    for variable in mine.variables:
        if variable.data_type.is_number:
            plain = theirs[variable.name].mask(theirs[variable.name] == 16.0**-65, 0.0)
            np.testing.assert_array_equal(mine[variable.name], plain)


def test_public_csv_is_read_and_its_one_wrong_encoding_named():
    """25 files; ts.csv.gz has a right single quotation mark of Windows-1252 in line 10."""
    rows = 0
    for path in sorted(public("pharmaverse_sdtm").glob("*.csv.gz")):
        if path.name != "ts.csv.gz":
            rows += read(path)[0].records
    with pytest.raises(DataFileError, match="line 10, byte 100: byte 0x92"):
        read(public("pharmaverse_sdtm/ts.csv.gz"))
    assert read(public("pharmaverse_sdtm/ts.csv.gz"), encoding="cp1252")[0].records == 33
    assert rows + 33 == 241_984


@pytest.mark.parametrize(
    ("name", "data", "counts"),
    [
        ("cdisc_pilot_adam", "dataset_json_compressed", (12, 97, 160, 10, 110)),
        ("cdisc_datasetjson_examples/sdtm", ".", (31, 189, 29, 24, 197)),
    ],
)
def test_official_definitions_come_back_and_fit_their_data(tmp_path, name, data, counts):
    """Datasets, code lists, methods, value lists and where clauses of CDISC's own define.xml files."""
    read_first = define_xml.read(public(f"{name}/define.xml"))
    kinds = ("datasets", "code_lists", "methods", "value_lists", "where_clauses")
    assert tuple(len(getattr(read_first, kind)) for kind in kinds) == counts
    assert define_xml.check(read_first) == ()
    define_xml.write(tmp_path / "define.xml", read_first)
    assert define_xml.read(tmp_path / "define.xml") == read_first
    paths = sorted((public(name) / data).glob("*.dsjc"))
    assert define_xml.mismatches(read_first, [dataset for path in paths for dataset in read(path)]) == ()
