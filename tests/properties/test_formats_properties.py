"""Round trips of any dataset through every format.

Exactness: SAS transport holds every double from 16**-65 to below 16**63 to the last bit (an IBM fraction of
56 bits, normalised by hexadecimal digits, keeps at least 53); beyond that it is refused, which is tested too.
The other formats hold every finite double to the last bit.
"""

import tempfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from euexia.core.errors import DataFileError
from euexia.formats import dataset_json, dates, tables, xpt
from euexia.formats.compare import differences
from euexia.formats.dataset import Dataset, DataType, TargetType, Variable, of_columns, text_column
from euexia.formats.ibm import LIMIT, SMALLEST, to_doubles, to_fields, unfit
from euexia.formats.json_stream import Feed, JsonError

finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
held = st.one_of(
    st.just(0.0),
    st.just(-0.0),
    finite.filter(lambda number: SMALLEST <= abs(number) < LIMIT),
    st.integers(-(2**53), 2**53).map(float),
)
letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(letters, max_size=12)
sas_texts = texts.map(str.rstrip).filter(lambda text: len(text.encode()) <= 40 and text == text.rstrip(" "))
calendar = st.dates(min_value=date(1582, 10, 15)).map(lambda day: day.isoformat())
CODES = [None, None, "._", ".A", ".Q", ".Z"]
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def datasets(draw, numbers=finite, words=texts):
    """Draw a dataset of a few records with every kind of column."""
    count = draw(st.integers(0, 6))

    def column(values):
        return draw(st.lists(st.none() | values, min_size=count, max_size=count))

    plain = np.array([np.nan if value is None else value for value in column(numbers)], dtype=np.float64)
    return of_columns(
        "X",
        {"N": plain, "T": text_column(column(words)), "D": text_column(column(calendar))},
        label=draw(st.sampled_from(["", "A label"])),
        variables=[
            Variable(name="N", data_type=DataType.DOUBLE, label="number"),
            Variable(name="T", label="text"),
            Variable(
                name="D", data_type=DataType.DATE, target_type=TargetType.INTEGER, display_format="DATE9."
            ),
        ],
    )


def through(dataset: Dataset, name: str, write, read) -> Dataset:
    """Write a dataset and read it back."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / name, dataset)
        found = read(Path(folder) / name)
    return found[0] if isinstance(found, tuple) else found


@quick
@given(st.lists(held, max_size=30), st.sampled_from(range(2, 9)))
def test_every_double_in_range_is_held_by_an_ibm_number_to_the_last_bit(numbers, width):
    written = np.array(numbers, dtype=np.float64)
    assert not unfit(written).any()
    fields = to_fields(written)
    read, codes = to_doubles(fields)
    np.testing.assert_array_equal(written, read)
    assert not codes.any()
    # A field cut to fewer bytes is never larger in size, and off by less than its last byte.
    short, _ = to_doubles(fields[:, :width])
    assert (np.abs(short) <= np.abs(written)).all()
    assert (np.abs(short - written) <= np.abs(written) * 2.0 ** (4 - 8 * (width - 1))).all()


@quick
@given(finite)
def test_numbers_beyond_the_range_and_only_those_are_unfit(number):
    outside = number != 0 and not SMALLEST <= abs(number) < LIMIT
    assert unfit(np.array([number]))[0] == outside


@pytest.mark.parametrize("version", [5, 8])
@quick
@given(datasets(numbers=held, words=sas_texts), st.data())
def test_sas_transport(version, dataset, data):
    codes = [data.draw(st.sampled_from(CODES)) if np.isnan(value) else None for value in dataset["N"]]
    if any(codes):
        dataset = Dataset(
            name=dataset.name, variables=dataset.variables, columns=dataset.columns,
            missing_codes={"N": text_column(codes)},
        )  # fmt: skip
    read = through(dataset, "x.xpt", lambda path, one: xpt.write(path, one, version=version), xpt.read)
    assert differences(dataset, read) == ()
    assert [one.data_type for one in read.variables] == [one.data_type for one in dataset.variables]
    if any(codes):
        assert read.missing_codes["N"].tolist() == codes


@pytest.mark.parametrize("name", ["x.json", "x.ndjson", "x.dsjc"])
@quick
@given(datasets())
def test_dataset_json(name, dataset):
    read = through(dataset, name, dataset_json.write, dataset_json.read)
    assert differences(dataset, read, blank_is_missing=False, descriptions=True) == ()


@quick
@given(datasets())
def test_parquet(dataset):
    read = through(dataset, "x.parquet", tables.write_parquet, tables.read_parquet)
    assert differences(dataset, read, blank_is_missing=False, descriptions=True) == ()


@quick
@given(datasets())
def test_csv(dataset):
    def read(path):
        return tables.read_csv(path, variables=dataset.variables, delimiter=",")

    found = through(dataset, "x.csv", tables.write_csv, read)
    assert differences(dataset, found, blank_is_missing=False) == ()


@quick
@given(st.dates(date(1825, 1, 1), date(2095, 12, 31)), st.times())
def test_sas_counts_come_back_as_the_same_moment(day, clock):
    """Within 2**32 seconds of 1960 (1823 to 2096) a double tells microseconds apart; later it cannot."""
    text = f"{day.isoformat()}T{clock.isoformat()}"
    number = dates.sas_numbers(text_column([text]), DataType.DATETIME)
    shown, wrong = dates.iso_text(number, DataType.DATETIME)
    assert not wrong[0]
    assert dates.parse(shown[0]) == dates.parse(text)


@quick
@given(st.text(max_size=20))
def test_any_text_is_a_moment_or_a_sentence(text):
    for reader in (dates.parse, dates.parse_time):
        found = reader(text)
        assert found if isinstance(found, str) else found.precision is not None


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 1500), st.sampled_from([5, 8]))
def test_a_damaged_transport_file_is_read_or_refused_by_name_and_nothing_else(noise, place, version):
    sample = of_columns("X", {"N": np.arange(9.0), "T": text_column(list("abcdefghi"))})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xpt"
        xpt.write(path, sample, version=version)
        raw = path.read_bytes()
        path.write_bytes(raw[:place] + noise + raw[place + len(noise) :])
        with suppress(DataFileError):
            xpt.read(path)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_refused_as_json_by_name_and_nothing_else(raw):
    class Source:
        def __init__(self):
            self.left = raw

        def read(self, size, /):
            given_now, self.left = self.left[:7], self.left[7:]
            return given_now

    with suppress(JsonError):
        Feed(Source()).value("the file")
