"""Properties of mapped tables: long and wide say the same, and a unit changes nothing but the digits."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euexia.standards.read import read

VISITS = (0, 28, 56)
UNITS = {"kg": 1.0, "g": 1e-3, "lb": 0.45359237, "[lb_av]": 0.45359237}
HEAD = (
    "visits: {v0: {day: 0}, v28: {day: 28}, v56: {day: 56}}\nsubjects: {table: people, arm: {column: arm}}\n"
)

weights = st.lists(
    st.lists(st.none() | st.floats(30, 200).map(lambda weight: round(weight, 3)), min_size=3, max_size=3),
    min_size=1,
    max_size=4,
).filter(lambda rows: any(weight is not None for row in rows for weight in row))


def trial(people, readings, mapping):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "tables"
        folder.mkdir()
        (folder / "people.csv").write_text(people, encoding="utf-8")
        (folder / "readings.csv").write_text(readings, encoding="utf-8")
        (Path(name) / "mapping.yaml").write_text(HEAD + mapping, encoding="utf-8")
        return read(folder, Path(name) / "mapping.yaml")[0]


def people_of(rows):
    return "subject,arm\n" + "".join(f"s{index},x{index % 2}\n" for index in range(len(rows)))


def long_of(rows, unit="kg"):
    lines = ["subject,day,test,value,unit"]
    for index, row in enumerate(rows):
        lines += [
            f"s{index},{day},weight,{weight / UNITS[unit]!r},{unit}"
            for day, weight in zip(VISITS, row, strict=True)
            if weight is not None
        ]
    return "\n".join(lines) + "\n"


def wide_of(rows):
    cells = [",".join("" if weight is None else repr(weight) for weight in row) for row in rows]
    return "subject,w0,w28,w56\n" + "".join(f"s{index},{row}\n" for index, row in enumerate(cells))


LONG = (
    "readings: [{table: readings, day: day, measure: test, value: value, unit: unit,"
    " columns: {weight: {measure: body_weight}}}]\n"
)
WIDE = (
    "readings: [{table: readings, columns: {"
    + ", ".join(f"w{day}: {{measure: body_weight, unit: kg, visit: v{day}}}" for day in VISITS)
    + "}}]\n"
)


@settings(max_examples=15, deadline=None)
@given(weights)
def test_a_long_and_a_wide_table_give_the_same_trial(rows):
    one = trial(people_of(rows), long_of(rows), LONG).readings["body_weight"]
    other = trial(people_of(rows), wide_of(rows), WIDE).readings["body_weight"]
    assert one.visits == other.visits
    assert np.array_equal(one.value, other.value, equal_nan=True)
    assert np.array_equal(one.day, other.day, equal_nan=True)


@settings(max_examples=15, deadline=None)
@given(weights, st.sampled_from(sorted(UNITS)))
def test_a_unit_changes_nothing_but_the_digits(rows, unit):
    """The pound is 0.45359237 kg by definition."""
    one = trial(people_of(rows), long_of(rows), LONG).readings["body_weight"].value
    other = trial(people_of(rows), long_of(rows, unit), LONG).readings["body_weight"].value
    assert other == pytest.approx(one, rel=1e-12, nan_ok=True)
