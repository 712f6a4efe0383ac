"""Arrays to tidy tables, to files, and back: bit for bit the same trial data."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import make_trial
from builders.trials import make_events, make_readings
from euexia.trialdata import tables
from euexia.trialdata.columns import SUBJECT_COLUMNS, TERMS
from euexia.trialdata.trialdata import Dosing, ScreeningLog

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False) | st.just(float("nan")) | st.just(-0.0)


def array(draw, shape, elements):
    size = int(np.prod(shape))
    return np.array(draw(st.lists(elements, min_size=size, max_size=size))).reshape(shape)


@st.composite
def stacks(draw):
    """Draw a small stack with gaps everywhere; not plausible, but of the right form."""
    trials, size = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    shape, visits, decisions = (trials, size), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    day = np.broadcast_to(np.arange(visits, dtype=float) * 3.5, (*shape, visits))
    planned = np.arange(visits) * 3.5
    value = array(draw, (*shape, visits), NUMBERS).astype(float)
    kept = [name for name in SUBJECT_COLUMNS if name != "arm" and draw(st.booleans())]
    columns = {name: array(draw, shape, NUMBERS).astype(float) for name in kept if name not in DEATHS}
    if "sex" in columns:
        columns["sex"] = array(draw, shape, st.sampled_from([0.0, 1.0, np.nan]))
    criteria = ("age > 18 years", 'CRP ≥ 30 mg/L, "high"')
    rows = draw(st.integers(0, 4))
    log = ScreeningLog(
        trial=np.sort(array(draw, (rows,), st.integers(0, trials - 1)).astype(np.int64)),
        candidate=np.arange(rows, dtype=np.int64),
        day=array(draw, (rows,), st.floats(0, 1000)).astype(float),
        enrolled=array(draw, (rows,), st.booleans()).astype(bool),
        failed=array(draw, (rows, 2), st.sampled_from([-1, 0, 1])).astype(np.int8),
        criteria=criteria,
    )
    dosing = Dosing(
        drug="lenalidomide",
        planned=np.arange(decisions) * 3.5,
        dose=array(draw, (*shape, decisions), st.sampled_from([0.0, 2.5, 25.0, np.nan])),
        reason=array(draw, (*shape, decisions), st.integers(-1, 2)).astype(np.int64),
        reasons=("start", "keep", "crp_guided.raise_for_crp"),
    )
    events = [
        (
            draw(st.integers(0, trials - 1)),
            draw(st.integers(0, size - 1)),
            draw(st.floats(0, 84)),
            draw(st.sampled_from(sorted(TERMS))),
            draw(st.integers(1, 5)),
            draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    return make_trial(
        array(draw, shape, st.integers(0, 1)),
        readings={"crp": make_readings(day, value, planned)},
        events=make_events(events),
        dosing={"lenalidomide": dosing} if draw(st.booleans()) else {},
        screening=log if draw(st.booleans()) else None,
        **columns,
    )


DEATHS = frozenset({"death_day", "withdrawal_day"})


def assert_identical(first: Any, second: Any, place: str = "") -> None:
    """Assert that two values are the same, bit for bit, sign of zero and kind of array included."""
    if is_dataclass(first) and not isinstance(first, type):
        assert type(first) is type(second), place
        for field in fields(first):
            assert_identical(getattr(first, field.name), getattr(second, field.name), f"{place}.{field.name}")
    elif isinstance(first, dict):
        assert set(first) == set(second), place
        for key, value in first.items():
            assert_identical(value, second[key], f"{place}[{key}]")
    elif isinstance(first, np.ndarray):
        assert (first.shape, first.dtype.kind) == (second.shape, second.dtype.kind), place
        np.testing.assert_array_equal(first, second, err_msg=place)
        if first.dtype.kind == "f":
            known = ~np.isnan(first)
            assert (np.signbit(first)[known] == np.signbit(second)[known]).all(), place
    else:
        assert first == second, place


@settings(max_examples=40, deadline=None)
@given(stacks())
def test_tables_give_the_arrays_back(data):
    assert_identical(data, tables.from_tables(tables.to_tables(data)))


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_files_give_the_arrays_back(form, tmp_path_factory):
    other = "csv" if form == "parquet" else "parquet"

    @settings(max_examples=10, deadline=None)
    @given(stacks())
    def holds(data):
        folder = tmp_path_factory.mktemp(form) / "data"
        tables.write(folder, data)
        for file in folder.glob(f"*.{other}"):
            file.unlink()
        assert_identical(data, tables.read(folder))

    holds()
