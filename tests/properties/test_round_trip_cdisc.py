"""Random trials to CDISC datasets and back: whatever the data, nothing is lost, moved or invented."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from euexia.criteria.measures import MEASURES
from euexia.formats import xpt
from euexia.standards import cdisc, conformance, export
from euexia.standards.codes import book
from euexia.standards.collecting import of_datasets
from euexia.standards.export import Standard
from euexia.trialdata.columns import TERMS
from euexia.trialdata.trialdata import Events, Readings, TrialData

VISITS = (("screening", -14.0), ("baseline", 0.0), ("week_4", 28.0), ("week_12", 84.0))
OPTIONAL_DAYS = ("withdrawal_day", "treatment_stop_day", "crossover_day", "rescue_day")
PLENTY = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def any_trial(draw):
    """Return one trial: any arms, subjects, days and readings that trial data may hold."""
    arms = draw(st.lists(st.from_regex(r"[a-z][a-z0-9]{0,6}(_[a-z0-9]{1,6})?", fullmatch=True), min_size=1,
                         max_size=3, unique=True))  # fmt: skip
    size = draw(st.integers(min_value=1, max_value=4))
    arm = draw(st.lists(st.integers(0, len(arms) - 1), min_size=size, max_size=size))
    last = np.array(draw(st.lists(st.integers(100, 400), min_size=size, max_size=size)), dtype=float)
    subjects = {
        "arm": np.array(arm, dtype=float),
        "age": maybe(draw, size, 18, 100),
        "sex": maybe(draw, size, 0, 1),
        "height": maybe(draw, size, 130, 210),
        "enrolled_day": maybe(draw, size, 0, 900),
        "death_day": np.where(np.array(draw(flags(size))), last, np.nan),
        "last_contact_day": last,
    }
    gone = ~np.isnan(subjects["death_day"])
    for name in OPTIONAL_DAYS:
        days = maybe(draw, size, 90, 100)
        subjects[name] = np.where(gone, np.nan, days) if name == "withdrawal_day" else days
    names = [name for name in book().measures if name != "height"]
    measures = draw(st.lists(st.sampled_from(names), min_size=1, max_size=5, unique=True))
    return TrialData(
        protocol_id="any_trial",
        arms=tuple(arms),
        subjects={name: column[np.newaxis] for name, column in subjects.items() if kept(name, column)},
        readings={measure: readings(draw, measure, size) for measure in measures},
        dosing={},
        events=events(draw, size),
        screening=None,
    )


def kept(name, column):
    return name not in ("crossover_day", "rescue_day") or not np.isnan(column).all()


def flags(size):
    return st.lists(st.booleans(), min_size=size, max_size=size)


def maybe(draw, size, low, high):
    values = draw(st.lists(st.none() | st.integers(low, high), min_size=size, max_size=size))
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def readings(draw, measure, size):
    """Return readings at some visits, a few days around each; any double within the plausible range."""
    known = MEASURES[measure]
    chosen = draw(
        st.lists(st.sampled_from(VISITS), min_size=1, unique=True).map(
            lambda v: sorted(v, key=lambda one: one[1])
        )
    )
    number = st.integers(int(known.low), int(known.high)) if known.is_coded else plain_floats(known)
    value = np.array([[draw(st.none() | number) for _ in chosen] for _ in range(size)], dtype=float).reshape(
        1, size, len(chosen)
    )
    planned = np.array([day for _, day in chosen])
    moved = np.array([[draw(st.integers(-2, 2)) for _ in chosen] for _ in range(size)], dtype=float)
    day = np.where(np.isnan(value[0]), np.nan, planned + np.where(planned > 2, moved, 0))
    return Readings(
        visits=tuple(name for name, _ in chosen), planned=planned, day=day[np.newaxis], value=value
    )


def plain_floats(known):
    """Return doubles of the plausible range; SAS transport cannot hold those nearer to 0 than 5e-79."""
    return st.floats(known.low, known.high).map(lambda value: 0.0 if abs(value) < 1e-70 else value)


def events(draw, size):
    count = draw(st.integers(0, 5))
    return Events(
        trial=np.zeros(count, dtype=np.int64),
        subject=np.array([draw(st.integers(0, size - 1)) for _ in range(count)], dtype=np.int64),
        day=maybe(draw, count, 0, 80),
        term=np.array([draw(st.sampled_from(sorted(TERMS))) for _ in range(count)], dtype=np.str_),
        grade=np.array([draw(st.integers(1, 5)) for _ in range(count)], dtype=np.int64),
        serious=np.array([draw(st.booleans()) for _ in range(count)], dtype=bool),
    )


def assert_same(before, after):
    present = sorted(set(before.subjects["arm"][0].astype(int).tolist()))
    names = [np.array(data.arms)[data.subjects["arm"][0].astype(int)].tolist() for data in (before, after)]
    assert names[0] == names[1]
    assert set(after.arms) >= {before.arms[index] for index in present}
    assert set(after.subjects) == set(before.subjects)
    for name in set(before.subjects) - {"arm", "enrolled_day"}:
        np.testing.assert_array_equal(after.subjects[name], before.subjects[name], err_msg=name)
    np.testing.assert_array_equal(after.subjects["enrolled_day"], before.subjects["enrolled_day"])
    assert as_rows(after) == as_rows(before)
    assert as_events(after) == as_events(before)


def as_rows(data):
    """Return every value as (measure, subject, visit, planned day, day, value)."""
    return {
        (
            measure,
            int(who),
            part.visits[place],
            part.planned[place],
            part.day[0, who, place],
            part.value[0, who, place],
        )
        for measure, part in data.readings.items()
        for who, place in zip(*np.nonzero(~np.isnan(part.value[0])), strict=True)
    }


def as_events(data):
    found = data.events
    day = [None if np.isnan(one) else one for one in found.day]
    columns = (found.subject.tolist(), day, found.term.tolist(), found.grade.tolist(), found.serious.tolist())
    return sorted(zip(*columns, strict=True), key=str)


@pytest.mark.parametrize("standard", Standard)
@PLENTY
@given(data=any_trial())
def test_any_trial_survives(standard, data):
    datasets = export.datasets(data, standard)
    found, understanding = cdisc.read_trial(of_datasets({one.name: one for one in datasets}), None, "random")
    assert_same(data, found)
    assert not understanding.conflicts


@pytest.mark.parametrize("standard", Standard)
@PLENTY
@given(data=any_trial())
def test_any_trial_conforms(standard, data):
    """An age that nobody knows is the one thing that a standard misses: ADaM requires it."""
    found = conformance.check(export.datasets(data, standard))
    assert [str(one) for one in found if one.variable not in ("AGE", "AGEU")] == []
    assert not found or np.isnan(data.subjects["age"]).any()


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(data=any_trial())
def test_any_trial_survives_transport_files(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("xpt")
    again = {}
    for one in export.datasets(data, Standard.SDTM):
        xpt.write(folder / f"{one.name}.xpt", one, version=5)
        again |= {back.name: back for back in xpt.read(folder / f"{one.name}.xpt")}
    found, _ = cdisc.read_trial(of_datasets(again), None, "random")
    assert_same(data, found)
