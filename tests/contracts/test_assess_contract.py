"""Every definition that can be asked can be asked of a table of patients, and answers as it does alone."""

import numpy as np
import pytest

from euexia.assess import Record, Settings, assess, occasions, tables
from euexia.assess.assessment import TABLE_COLUMNS, applicable
from euexia.assess.record import Series
from euexia.assess.units import size_of
from euexia.assess.vocabulary import terms
from euexia.criteria.catalogue import DEFINITIONS
from euexia.criteria.definition import CATEGORY, FLAG

ASKED = {name: definition for name, definition in DEFINITIONS.items() if definition.function is not None}
PATIENTS = 60
DAY = 20_000


def drawn(entry, random):
    """Return a plausible reading of one input for each patient, some of them missing."""
    if entry.kind == CATEGORY:
        values = random.integers(0, len(entry.categories), PATIENTS).astype(float)
    elif entry.kind == FLAG:
        values = random.integers(0, 2, PATIENTS).astype(float)
    else:
        low = entry.low if np.isfinite(entry.low) else 0.0
        high = entry.high if np.isfinite(entry.high) else low + 100.0
        values = random.uniform(low, high, PATIENTS)
        values = np.round(values / entry.whole) * entry.whole if entry.whole is not None else values
        values = np.floor(values) if entry.name == "age" else values  # ages grow in whole years
    return np.where(random.random(PATIENTS) < 0.25, np.nan, values)


@pytest.mark.parametrize("name", ASKED)
def test_a_table_gives_what_the_function_gives(name):
    definition = ASKED[name]
    random = np.random.default_rng(sum(name.encode()))
    readings = {entry.name: drawn(entry, random) for entry in definition.inputs}
    series = {}
    for key, values in readings.items():
        known = np.flatnonzero(~np.isnan(values))
        series[key] = Series.sorted(known, np.full(len(known), DAY), values[known], known)
    everybody = np.arange(PATIENTS)
    series["chronic_illness" if "chronic_illness" not in series else "casco"] = Series.sorted(
        everybody, np.full(PATIENTS, DAY), np.zeros(PATIENTS), everybody
    )  # so that everyone has a date
    record = Record(patients=tuple(map(str, everybody)), series=series)
    found = assess(record, at=occasions(record), definitions=(definition,), settings=Settings())
    alone = definition.function(**{entry.name: found.columns[entry.name] for entry in definition.inputs})
    for key, values in readings.items():
        given = ~np.isnan(values)
        np.testing.assert_allclose(found.columns[key][given], values[given])
    np.testing.assert_array_equal(found.outcomes[name].status, alone.status)
    (table,) = tables(found)
    assert tuple(table.columns) == TABLE_COLUMNS
    assert len(table) == PATIENTS
    assert set(table["status"]) <= {"ok", "unknown", "invalid"}


@pytest.mark.parametrize("name", ASKED)
def test_a_definition_is_asked_where_all_it_needs_was_read(name):
    one = [0]
    series = {entry.name: Series.sorted(one, [DAY], [1.0], one) for entry in ASKED[name].inputs}
    assert name in {found.id for found in applicable(Record(patients=("P",), series=series))}


@pytest.mark.parametrize("name", sorted(terms()))
def test_every_name_of_the_vocabulary_has_a_unit_that_can_be_written(name):
    term = terms()[name]
    assert size_of(term.canonical, term) == 1.0
    assert size_of(term.unit or term.canonical, term) == 1.0
    assert term.label
    assert term.low <= term.high
