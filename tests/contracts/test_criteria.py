"""What every definition of the catalogue that can be asked must do."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pandas as pd
import pytest

from euexia.core.quantities import CANONICAL
from euexia.criteria.catalogue import DEFINITIONS
from euexia.criteria.definition import CATEGORY, FLAG, Definition, Input
from euexia.criteria.outcome import Outcome, Status

ASKED = {name: definition for name, definition in DEFINITIONS.items() if definition.function is not None}
PATIENTS = 400


def ask(definition: Definition, readings: dict[str, Any]) -> Outcome:
    assert definition.function is not None
    return definition.function(**readings)


def draw(entry: Input, random: np.random.Generator, size: int) -> np.ndarray:
    """Return plausible readings of one input, a quarter of them missing."""
    if entry.kind == CATEGORY:
        return random.integers(-1, len(entry.categories), size)
    if entry.kind == FLAG:
        values = random.integers(0, 2, size).astype(float)
    else:
        low = entry.low if np.isfinite(entry.low) else -100.0
        high = entry.high if np.isfinite(entry.high) else max(low, 0) + 200.0
        values = random.uniform(low, high, size)
        if entry.whole is not None:
            values = np.round(values / entry.whole) * entry.whole
    return np.where(random.random(size) < 0.25, np.nan, values)


def sample(definition: Definition, size: int = PATIENTS) -> dict[str, Any]:
    random = np.random.default_rng(sum(definition.id.encode()))
    return {entry.name: draw(entry, random, size) for entry in definition.inputs}


def arrays(outcome: Outcome) -> dict[str, np.ndarray]:
    """Return every array of an outcome by a name of its own."""
    found = {
        name: getattr(outcome, name)
        for name in ("status", "truth", "value", "category", "low", "high")
        if getattr(outcome, name) is not None
    }
    for group in ("met", "missing", "invalid", "parts", "notes"):
        found |= {f"{group}.{name}": array for name, array in getattr(outcome, group).items()}
    return found


def main_answer(outcome: Outcome) -> np.ndarray:
    """Return the main answer with NaN where it is unknown."""
    if outcome.truth is not None:
        return np.where(outcome.truth == -1, np.nan, outcome.truth)
    if outcome.category is not None and outcome.value is None:
        return np.where(outcome.category == -1, np.nan, outcome.category)
    assert outcome.value is not None
    return outcome.value


def same(one: Outcome, other: Outcome) -> None:
    left, right = arrays(one), arrays(other)
    empty = np.zeros(one.status.shape)
    for name in left.keys() | right.keys():
        np.testing.assert_array_equal(left.get(name, empty), right.get(name, empty), err_msg=name)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_says_where_it_comes_from(name: str) -> None:
    definition = DEFINITIONS[name]
    assert definition.id == name
    assert definition.version
    assert definition.source
    assert definition.concept


@pytest.mark.parametrize("definition", ASKED.values(), ids=list(ASKED))
def test_inputs_are_the_keywords_of_the_function(definition: Definition) -> None:
    assert definition.function is not None
    keywords = inspect.signature(definition.function).parameters
    names = [entry.name for entry in definition.inputs]
    assert [name for name in keywords if name not in definition.options] == names
    assert set(definition.options) == keywords.keys() - set(names)
    assert all(keyword.default is not inspect.Parameter.empty for keyword in keywords.values())
    assert all(keyword.kind is inspect.Parameter.KEYWORD_ONLY for keyword in keywords.values())
    for entry in definition.inputs:
        assert entry.kind in CANONICAL or entry.kind in (FLAG, CATEGORY)
        assert (entry.kind == CATEGORY) == bool(entry.categories)
        assert entry.meaning


@pytest.mark.parametrize("definition", ASKED.values(), ids=list(ASKED))
def test_nothing_known_gives_no_answer(definition: Definition) -> None:
    for readings in ({}, {entry.name: [np.nan] * 3 for entry in definition.inputs}):
        outcome = ask(definition, readings)
        assert np.isnan(main_answer(outcome)).all()
        assert (outcome.status == Status.UNKNOWN).all()
        assert outcome.truth is None or (outcome.truth == -1).all()
        assert outcome.value is None or np.isnan(outcome.value).all()
        assert outcome.category is None or (outcome.category == -1).all()
        assert outcome.missing
        assert not outcome.invalid


@pytest.mark.parametrize("definition", ASKED.values(), ids=list(ASKED))
def test_shape_is_kept(definition: Definition) -> None:
    readings = sample(definition)
    flat = ask(definition, readings)
    folded = ask(definition, {name: values.reshape(20, 20) for name, values in readings.items()})
    assert all(array.shape == (PATIENTS,) for array in arrays(flat).values())
    assert all(array.shape == (20, 20) for array in arrays(folded).values())
    first = ask(definition, {name: values[0].item() for name, values in readings.items()})
    assert all(array.shape == () for array in arrays(first).values())
    assert first.status == flat.status[0]


@pytest.mark.parametrize("definition", ASKED.values(), ids=list(ASKED))
def test_columns_of_a_data_frame_are_arrays(definition: Definition) -> None:
    readings = sample(definition)
    expected = ask(definition, readings)
    frame = pd.DataFrame(readings)
    same(expected, ask(definition, {name: frame[name] for name in frame}))
    nullable = frame.convert_dtypes()
    same(expected, ask(definition, {name: nullable[name] for name in nullable}))


def test_columns_of_polars_are_arrays() -> None:
    import polars

    for definition in ASKED.values():
        readings = sample(definition)
        columns = {name: polars.Series(values.tolist(), strict=False) for name, values in readings.items()}
        same(ask(definition, readings), ask(definition, columns))


@pytest.mark.parametrize("definition", ASKED.values(), ids=list(ASKED))
def test_patients_do_not_know_each_other(definition: Definition) -> None:
    readings = sample(definition)
    order = np.random.default_rng(1).permutation(PATIENTS)
    straight = arrays(ask(definition, readings))
    shuffled = arrays(ask(definition, {name: values[order] for name, values in readings.items()}))
    assert straight.keys() == shuffled.keys()
    for name, array in straight.items():
        np.testing.assert_array_equal(array[order], shuffled[name], err_msg=name)


@pytest.mark.parametrize("definition", ASKED.values(), ids=list(ASKED))
def test_status_speaks_of_the_answer(definition: Definition) -> None:
    outcome = ask(definition, sample(definition))
    unknown = np.isnan(main_answer(outcome))
    np.testing.assert_array_equal(unknown, outcome.status != Status.OK)
    for name, where in outcome.missing.items():
        assert not (where & ~unknown).any(), name
    named = np.logical_or.reduce(
        [*outcome.missing.values(), *outcome.invalid.values(), np.zeros(PATIENTS, bool)]
    )
    assert named[unknown].all(), "an open answer names what keeps it open"
    if outcome.low is not None and outcome.high is not None and outcome.value is not None:
        assert (outcome.low <= outcome.high).all()
        known = ~np.isnan(outcome.value)
        np.testing.assert_array_equal(outcome.low[known], outcome.value[known])


@pytest.mark.parametrize("definition", ASKED.values(), ids=list(ASKED))
def test_codes_are_within_their_lists(definition: Definition) -> None:
    outcome = ask(definition, sample(definition))
    if outcome.category is not None:
        assert outcome.category.dtype == np.int8
        assert outcome.category.min() >= -1
        assert outcome.category.max() < len(outcome.categories)
    for truth in (outcome.truth, *outcome.met.values()):
        assert truth is None or set(np.unique(truth)) <= {-1, 0, 1}


@pytest.mark.parametrize(
    "definition", [entry for entry in ASKED.values() if entry.monotone], ids=lambda entry: entry.id
)
def test_learning_more_never_turns_an_answer(definition: Definition) -> None:
    """Rules of AND and OR: a decided answer does not hang on what is still missing."""
    readings = sample(definition)
    before = main_answer(ask(definition, readings))
    for entry in definition.inputs:
        if entry.absent_unless_stated:
            continue
        values = readings[entry.name]
        known = draw(entry, np.random.default_rng(7), PATIENTS)
        gap = values == -1 if entry.kind == CATEGORY else np.isnan(values)
        after = main_answer(ask(definition, {**readings, entry.name: np.where(gap, known, values)}))
        decided = ~np.isnan(before)
        np.testing.assert_array_equal(before[decided], after[decided], err_msg=entry.name)


@pytest.mark.parametrize("definition", ASKED.values(), ids=list(ASKED))
def test_a_reading_that_is_not_plausible_is_refused(definition: Definition) -> None:
    """It is named as invalid and the answer is the one without it."""
    readings = sample(definition)
    for entry in definition.inputs:
        if not np.isfinite(entry.high):
            continue
        spoiled = ask(definition, {**readings, entry.name: np.full(PATIENTS, entry.high + 1)})
        without = ask(definition, {**readings, entry.name: np.full(PATIENTS, np.nan)})
        assert spoiled.invalid[entry.name].all()
        np.testing.assert_array_equal(main_answer(spoiled), main_answer(without), err_msg=entry.name)
        assert set(np.unique(spoiled.status)) <= {Status.OK, Status.INVALID}


@pytest.mark.parametrize(
    "definition",
    [entry for entry in ASKED.values() if entry.monotone and ask(entry, {}).low is not None],
    ids=lambda entry: entry.id,
)
def test_a_total_stays_within_its_interval(definition: Definition) -> None:
    """Whatever the missing readings turn out to be, the total is one of those that were possible."""
    readings = sample(definition)
    before = ask(definition, readings)
    assert before.low is not None
    assert before.high is not None
    random = np.random.default_rng(11)
    filled = {}
    for entry in definition.inputs:
        values = readings[entry.name]
        gap = values == -1 if entry.kind == CATEGORY else np.isnan(values)
        left = gap & entry.absent_unless_stated
        complete = draw(entry, random, PATIENTS)
        filled[entry.name] = np.where(gap & ~left, complete, values)
    after = ask(definition, filled)
    assert after.value is not None
    known = ~np.isnan(after.value)
    assert (after.value[known] >= before.low[known]).all()
    assert (after.value[known] <= before.high[known]).all()
