"""Trial data as they were on a calendar day, and trials of fewer patients."""

import numpy as np
import pytest

from builders.trials import make_events, make_readings, make_trial
from euexia.core.errors import TrialDataError
from euexia.trialdata.checks import check
from euexia.trialdata.cut import cut, enrolled_day, first_subjects, kept, postponed, without_empty_places
from euexia.trialdata.tables import from_tables, to_tables
from euexia.trialdata.trialdata import NOT_RANDOMISED, Dosing, ScreeningLog


@pytest.fixture
def data():
    """Give one trial of three: randomised on days 0, 10 and 40, weighed on days 0 and 28, one event each."""
    log = ScreeningLog(
        trial=np.zeros(5, dtype=np.int64),
        candidate=np.arange(5),
        day=np.array([0.0, 5.0, 10.0, 30.0, 40.0]),
        enrolled=np.array([True, False, True, False, True]),
        failed=np.zeros((5, 1), dtype=np.int8),
        criteria=("adult",),
    )
    return make_trial(
        [0, 1, 0],
        readings={"crp": make_readings([[[0.0, 28.0]] * 3], [[[50.0, 40.0], [50.0, 40.0], [50.0, np.nan]]])},
        events=make_events([(0, place, 20.0, "rash", 1, False) for place in range(3)]),
        dosing={
            "drug": Dosing(
                drug="drug",
                planned=np.array([0.0, 28.0]),
                dose=np.full((1, 3, 2), 25.0),
                reason=np.zeros((1, 3, 2), dtype=np.int64),
                reasons=("start",),
            )
        },
        screening=log,
        enrolled_day=[[0.0, 10.0, 40.0]],
        death_day=[[30.0, np.nan, 12.0]],
        last_contact_day=[[30.0, 56.0, 12.0]],
    )


def test_a_cut_knows_nothing_of_later_days(data):
    """On day 35 the second patient has been in the trial for 25 days, and the third has not come."""
    seen = cut(data, np.array([35.0]))
    assert seen.subjects["arm"][0].tolist() == [0.0, 1.0, NOT_RANDOMISED]
    np.testing.assert_array_equal(seen.readings["crp"].value[0], [[50, 40], [50, np.nan], [np.nan] * 2])
    assert seen.subjects["death_day"][0, 0] == 30.0
    assert np.isnan(seen.subjects["death_day"][0, 1:]).all()
    np.testing.assert_array_equal(seen.subjects["last_contact_day"][0], [30.0, 25.0, np.nan])
    np.testing.assert_array_equal(seen.dosing["drug"].dose[0, 1], [25.0, np.nan])
    assert seen.dosing["drug"].reason[0, 1].tolist() == [0, -1]
    assert seen.events.subject.tolist() == [0, 1]
    assert seen.screening is None
    check(seen, plausible=False)


def test_a_death_after_the_cut_has_not_happened(data):
    assert np.isnan(cut(data, np.array([29.0])).subjects["death_day"]).all()


def test_only_those_who_are_due_are_seen(data):
    assert cut(data, np.array([38.0]), due=28.0).subjects["arm"][0].tolist() == [0.0, 1.0, NOT_RANDOMISED]
    assert cut(data, np.array([37.0]), due=28.0).subjects["arm"][0].tolist() == [0.0, *[NOT_RANDOMISED] * 2]


def test_nothing_is_seen_of_a_trial_that_is_not_looked_at(data):
    seen = cut(data, np.array([-np.inf]))
    assert (seen.subjects["arm"] == NOT_RANDOMISED).all()
    assert seen.events.day.size == 0


def test_a_cut_after_the_end_changes_nothing_but_the_screening(data):
    seen = cut(data, np.array([1000.0]))
    for name, column in data.subjects.items():
        np.testing.assert_array_equal(seen.subjects[name], column)
    np.testing.assert_array_equal(seen.readings["crp"].value, data.readings["crp"].value)


def test_fewer_patients_were_fewer_candidates(data):
    short = first_subjects(data, np.array([2]))
    assert (short.subjects["arm"][0] != NOT_RANDOMISED).sum() == 2
    assert short.screening.candidate.tolist() == [0, 1, 2]
    assert without_empty_places(short).size == 2
    check(short, plausible=False)


def test_places_that_nobody_holds_are_no_rows_of_the_tables(data):
    short = first_subjects(data, np.array([2]))
    frames = to_tables(short)
    assert len(frames["subjects"]) == 2
    assert set(frames["readings"]["subject"]) == set(frames["subjects"]["subject"])
    assert set(frames["dosing"]["subject"]) == set(frames["subjects"]["subject"])
    assert from_tables(frames).size == 2


def test_those_who_come_later_and_their_screening_are_postponed(data):
    later = postponed(data, np.array([1]), np.array([100.0]))
    assert later.subjects["enrolled_day"][0].tolist() == [0.0, 110.0, 140.0]
    assert later.screening.day.tolist() == [0.0, 105.0, 110.0, 130.0, 140.0]


def test_data_without_calendar_days_cannot_be_cut(data):
    from dataclasses import replace

    bare = replace(data, subjects={n: c for n, c in data.subjects.items() if n != "enrolled_day"})
    with pytest.raises(TrialDataError, match="have no column 'enrolled_day'"):
        cut(bare, np.array([10.0]))


def test_a_place_that_nobody_holds_has_no_day(data):
    nobody = kept(data, np.array([[True, False, False]]))
    assert enrolled_day(nobody)[0].tolist() == [0.0, np.inf, np.inf]
