"""Adverse events: found at readings, or from hazards; and who is seen when."""

import dataclasses

import numpy as np
import pytest

from euexia import protocol as protocols
from euexia.observe import adverse_events
from euexia.observe.measurement import Address
from euexia.observe.observe import Fate, fate, present
from euexia.observe.schedule import actual_day, attends, measured_at, planned_days
from euexia.simulate.trajectories import Trajectories
from euexia.trialdata.trialdata import Readings

PROTOCOL = protocols.load("lenalidomide")
VISITS = {visit.name: visit for visit in PROTOCOL.schedule.visits}


def counts(*values):
    planned = np.array([-7.0, 0.0, 7.0, 14.0, 21.0])[-len(values) :]
    return Readings(
        visits=tuple(f"v{day:g}" for day in planned),
        planned=planned,
        day=planned[None, :].copy(),
        value=np.array([values], dtype=float),
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((6.0, 1.4, 1.3, 0.9), [(7, 2), (21, 3)]),  # the same grade twice is one event; worse is another
        ((6.0, 0.9, 3.0, 0.8), [(7, 3)]),  # recovered in between: the worst grade is recorded once
        ((1.9, 1.8, 1.4, 1.4), [(14, 2)]),  # grade 1 already at baseline is no event
        ((6.0, np.nan, 0.4, np.nan), [(14, 4)]),  # a missing count finds nothing
        ((6.0, 3.0, 2.5, 2.0), []),  # 2.0 is not below the lower limit
    ],
)
def test_events_found_at_counts(values, expected):
    """By hand, CTCAE 5.0 with lower limit 2.0: grade 2 below 1.5, 3 below 1.0, 4 below 0.5."""
    found = adverse_events.from_counts("neutropenia", counts(*values))
    assert list(zip(found.day.tolist(), found.grade.tolist(), strict=True)) == expected


def test_grades_have_the_probabilities_of_the_file():
    for rule in adverse_events.rules().hazards.values():
        assert sum(rule.grades.values()) == pytest.approx(1)
        assert all(1 <= int(grade) <= 5 for grade in rule.grades)


def flat_trajectories(count, death=0.0, dropout=0.0):
    days = np.array([0.0, 56.0, 84.0])
    rows = np.ones((count, 1))
    return Trajectories(
        days=days,
        truth={"cumulative_death": death * days * rows, "cumulative_dropout": dropout * days * rows},
        doses={},
    )


def address(count):
    return Address(seed=1, trial=np.zeros(count, dtype=np.int64), candidate=np.arange(count))


def test_nobody_both_dies_and_withdraws():
    """A death after withdrawal is not known to the trial."""
    found = fate(flat_trajectories(5000, 0.01, 0.01), address(5000), 84)
    assert not (~np.isnan(found.death) & ~np.isnan(found.withdrawal)).any()
    assert (found.end <= 84).all()
    both = np.fmin(found.death, found.withdrawal)
    assert (np.where(np.isnan(both), 84, both) == found.end).all()


def test_the_share_of_deaths_is_that_of_the_hazard():
    """1 - exp(-0.005 x 84) = 34.3 %; 20,000 patients, standard error 0.3 %."""
    found = fate(flat_trajectories(20_000, 0.005), address(20_000), 84)
    assert np.mean(~np.isnan(found.death)) == pytest.approx(1 - np.exp(-0.42), abs=0.015)


def test_attendance_is_the_protocols():
    """90 % of 20,000: standard error 0.2 %."""
    visit = next(visit for visit in PROTOCOL.schedule.visits if visit.attendance == 0.9)
    assert attends(visit, address(20_000)).mean() == pytest.approx(0.9, abs=0.01)


def test_days_stay_inside_the_window_and_use_all_of_it():
    visit = dataclasses.replace(VISITS["week_8"], window=2.0)
    days = actual_day(visit, address(5000))
    assert sorted(np.unique(days)) == [54, 55, 56, 57, 58]


def test_randomisation_is_on_its_day():
    assert (actual_day(VISITS["baseline"], address(100)) == 0).all()


def test_nobody_is_seen_after_the_end():
    """A patient gone on day 27.5 is not seen on day 28; one gone on day 28.5 is not seen on day 29."""
    end = np.linspace(0, 84, 200)
    gone = Fate(death=end, withdrawal=np.full(200, np.nan), end=end)
    for visit in PROTOCOL.schedule.visits:
        seen, day = present(visit, gone, address(200))
        assert (day[seen] <= end[seen]).all()
        assert np.isnan(day[~seen]).all()
        assert not seen[end < visit.day].any()


def test_derived_measures_are_known_where_their_parts_are():
    assert "creatinine_clearance" in measured_at(VISITS["baseline"])


def test_the_truth_is_needed_at_every_visit_and_at_both_ends():
    days = planned_days(PROTOCOL.schedule)
    assert days[0] == 0
    assert {56.0, 84.0} <= set(days)
    assert list(days) == sorted(set(days))
