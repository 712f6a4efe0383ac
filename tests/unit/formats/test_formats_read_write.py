"""Any file by its bytes and ending, folders, comparison between formats."""

import numpy as np
import pytest

from builders.formats_samples import weights
from euexia.core.errors import DataFileError, InputError, OutputError
from euexia.formats.compare import Matter, differences, same
from euexia.formats.dataset import DataType, Variable, is_blank, number_column, of_columns, text_column
from euexia.formats.files import replacing, shortened
from euexia.formats.read import by_name, read
from euexia.formats.write import needs_version_8, write

ENDINGS = [".xpt", ".json", ".ndjson", ".dsjc", ".parquet", ".csv", ".csv.gz"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_dataset_is_equal_in_every_format(tmp_path, ending):
    written = weights()
    write(tmp_path / f"advs{ending}", written)
    (found,) = read(tmp_path / f"advs{ending}")
    for name in written.names:
        mine, yours = written[name], found[name]
        np.testing.assert_array_equal(is_blank(mine), is_blank(yours))
        assert mine[~is_blank(mine)].tolist() == yours[~is_blank(yours)].tolist()


def test_first_bytes_come_before_the_ending(tmp_path):
    write(tmp_path / "advs.xpt", weights())
    (tmp_path / "advs.xpt").rename(tmp_path / "advs.dat")
    assert read(tmp_path / "advs.dat")[0].name == "ADVS"


def test_a_folder_is_read_whole(tmp_path):
    write(tmp_path / "a.xpt", of_columns("A", {"N": number_column([1])}))
    write(tmp_path / "b.json", of_columns("B", {"N": number_column([1])}))
    (tmp_path / "notes.txt").write_text("not data")
    assert [dataset.name for dataset in read(tmp_path)] == ["A", "B"]
    assert set(by_name(read(tmp_path))) == {"A", "B"}


def test_every_fault_of_a_folder_is_named_at_once(tmp_path):
    (tmp_path / "a.xpt").write_text("nothing")
    (tmp_path / "b.json").write_text("{}")
    with pytest.raises(DataFileError) as told:
        read(tmp_path)
    assert "a.xpt, byte 0" in str(told.value)
    assert "b.json, columns" in str(told.value)


def test_what_is_no_data_is_refused(tmp_path):
    with pytest.raises(DataFileError, match="holds no file that ends in"):
        read(tmp_path)
    (tmp_path / "x.docx").write_text("x")
    with pytest.raises(DataFileError, match="none of the endings"):
        read(tmp_path / "x.docx")
    with pytest.raises(DataFileError, match="cannot be read"):
        read(tmp_path / "none.xpt")
    with pytest.raises(InputError, match="none of the endings"):
        write(tmp_path / "x.docx", weights())
    with pytest.raises(InputError, match="written with commas"):
        write(tmp_path / "x.tsv", weights())


def test_two_files_of_one_dataset_are_refused():
    with pytest.raises(DataFileError, match="dataset ADVS: is there twice"):
        by_name([weights(), weights()])


def test_version_8_is_taken_where_it_is_needed():
    assert not needs_version_8(weights())
    assert needs_version_8(of_columns("X", {"LONGERTHAN8": number_column([1])}))
    assert needs_version_8(of_columns("X", {"A": text_column(["y" * 201])}))


def half_written(path):
    with replacing(path) as file:
        file.write(b"half")
        raise RuntimeError


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("old")
    with pytest.raises(RuntimeError):
        half_written(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OutputError, match="cannot be written"):
        write(tmp_path / "none" / "x.json", weights())


def test_many_faults_are_shortened():
    from euexia.formats.files import fault

    assert "and 5 more" in str(shortened([fault(f"row {row}", "x") for row in range(25)])[-1])


def test_differences_say_where():
    one = of_columns("X", {"A": text_column(["a", "", "c"]), "N": number_column([1, 2, None])}, label="one")
    other = of_columns(
        "X", {"A": text_column(["a", None, "d"]), "N": number_column([1, 2.5, 3])}, label="two"
    )
    found = [str(one_found) for one_found in differences(one, other)]
    assert found == [
        "A: 1 values differ: row 3: 'c' and 'd'",
        "N: 2 values differ: row 2: 2.0 and 2.5, row 3: nan and 3.0",
    ]
    assert "2 values differ: row 2: '' and None" in str(differences(one, other, blank_is_missing=False)[0])
    assert not same(one, other)
    assert same(one, one)


def test_differences_of_shape_type_and_description():
    one = of_columns("X", {"A": text_column(["1"]), "B": text_column(["x"])})
    other = of_columns("X", {"A": number_column([1]), "C": text_column(["x"])})
    texts = [str(found) for found in differences(one, other)]
    assert texts == ["B: is only in the first", "C: is only in the second", "A: is text and a number"]
    longer = of_columns("X", {"A": text_column(["1", "2"]), "B": text_column(["x", "y"])})
    assert differences(one, longer)[0].matter is Matter.RECORDS
    turned = of_columns("X", {"B": text_column(["x"]), "A": text_column(["1"])})
    assert "another order" in str(differences(one, turned)[0])
    described = of_columns(
        "X", {"A": text_column(["1"]), "B": text_column(["x"])},
        variables=[Variable(name="A", label="a", data_type=DataType.DECIMAL)], label="y",
    )  # fmt: skip
    found = " ".join(str(found) for found in differences(one, described, descriptions=True))
    assert "label '' and 'a'" in found
    assert "data type string and decimal" in found


def test_numbers_may_differ_by_a_share():
    one, other = (of_columns("X", {"N": number_column([value])}) for value in (8.55, 8.549999999999999))
    assert differences(one, other)
    assert not differences(one, other, relative=1e-11)
