"""What each strategy does to death, stopped treatment and missing readings; nobody is lost."""

from dataclasses import replace

import numpy as np
import pytest

from euexia.analyse import estimands
from euexia.core.errors import InputError
from euexia.endpoints.table import DerivedEndpoint
from euexia.protocol.analysis_plan import EndpointKind, Estimand, Strategy

NAN = np.nan

PEOPLE = ("responder", "failure", "dead", "dead, read before", "stopped, responder", "withdrawn", "missed")


def derived(**changes):
    """Return a responder endpoint of one trial with one subject of each of PEOPLE."""
    endpoint = DerivedEndpoint(
        name="response",
        value=np.array([[1.0, 0.0, NAN, 1.0, 1.0, NAN, NAN]]),
        baseline=np.full((1, 7), NAN),
        dead=np.array([[False, False, True, True, False, False, False]]),
        withdrawn=np.array([[False, False, False, False, False, True, False]]),
        stopped=np.array([[False, False, False, True, True, False, False]]),
        exposure=np.full((1, 7), 56.0),
    )
    return replace(endpoint, **changes)


def settle(kind=EndpointKind.RESPONDER, endpoint=None, **strategies):
    estimand = Estimand(endpoint="response", **strategies)
    return estimands.apply(endpoint or derived(), estimand, kind)


def test_composite_counts_death_and_missing_as_failure():
    """Worked example: died on day 30, composite FALSE; alive without a scan, imputed FALSE."""
    settled = settle()
    np.testing.assert_array_equal(settled.value, [[1, 0, 0, 0, 1, 0, 0]])
    assert settled.included.all()
    np.testing.assert_array_equal(settled.decided["death"], [[0, 0, 1, 1, 0, 0, 0]])
    np.testing.assert_array_equal(settled.decided["missing"], [[0, 0, 0, 0, 0, 1, 1]])
    np.testing.assert_array_equal(settled.decided["observed"], [[1, 1, 0, 0, 1, 0, 0]])


def test_while_alive_keeps_the_reading_before_death_and_leaves_the_rest_unknown():
    """Worked example: died on day 30, while_alive UNKNOWN."""
    settled = settle(death=Strategy.WHILE_ALIVE)
    np.testing.assert_array_equal(settled.value, [[1, 0, NAN, 1, 1, 0, 0]])
    np.testing.assert_array_equal(settled.decided["death"], [[0, 0, 1, 0, 0, 0, 0]])


def test_treatment_policy_for_stopped_treatment_takes_the_observed_value():
    assert settle(discontinuation=Strategy.TREATMENT_POLICY).value[0, 4] == 1


def test_hypothetical_sets_readings_after_a_stop_aside_without_calling_them_failures():
    settled = settle(discontinuation=Strategy.HYPOTHETICAL)
    np.testing.assert_array_equal(settled.included, [[1, 1, 1, 1, 0, 1, 1]])
    np.testing.assert_array_equal(settled.decided["discontinuation"], [[0, 0, 0, 0, 1, 0, 0]])
    assert any("set aside" in note for note in settled.notes)


def test_composite_failure_for_stopped_treatment():
    np.testing.assert_array_equal(
        settle(discontinuation=Strategy.COMPOSITE_FAILURE).value, [[1, 0, 0, 0, 0, 0, 0]]
    )


def test_survivors_only_leaves_the_dead_out_and_says_so():
    settled = settle(death=Strategy.EXCLUDE)
    np.testing.assert_array_equal(settled.included, [[1, 1, 0, 0, 1, 1, 1]])
    assert any("no longer the arms randomised" in note for note in settled.notes)
    assert "survivors only" in settled.words


def test_missing_readings_may_stay_unknown():
    settled = settle(missing=Strategy.HYPOTHETICAL)
    np.testing.assert_array_equal(settled.included, [[1, 1, 1, 1, 1, 0, 0]])
    assert any("missing at random" in note for note in settled.notes)


def test_death_decides_before_stopped_treatment_and_missing_readings():
    """A subject who stopped, withdrew nothing and died is settled as dead, once."""
    settled = settle(death=Strategy.EXCLUDE, discontinuation=Strategy.COMPOSITE_FAILURE)
    assert np.isnan(settled.value[0, 3])
    total = sum(flags.astype(int) for flags in settled.decided.values())
    assert (total == 1).all()


def test_a_mean_has_no_value_for_failure():
    with pytest.raises(InputError) as caught:
        settle(EndpointKind.CHANGE)
    message = str(caught.value)
    assert "counts death as failure" in message
    assert "counts a missing reading as failure" in message
    assert "Use while_alive, treatment_policy or hypothetical" in message


def events_of(value, withdrawn, dead):
    flags = np.zeros((1, 3), dtype=bool)
    return DerivedEndpoint(
        name="serious",
        value=np.array([value], dtype=float),
        baseline=np.full((1, 3), NAN),
        dead=np.array([dead], dtype=bool),
        withdrawn=np.array([withdrawn], dtype=bool),
        stopped=flags,
        exposure=np.full((1, 3), 56.0),
    )


def test_events_under_observation_count_whoever_leaves():
    endpoint = events_of([2, 0, 1], [0, 1, 0], [0, 0, 1])
    settled = settle(
        EndpointKind.EVENT_COUNT, endpoint, death=Strategy.WHILE_ALIVE, missing=Strategy.WHILE_ALIVE
    )
    np.testing.assert_array_equal(settled.value, [[2, 0, 1]])
    assert "events under observation count" in settled.words
    assert settled.notes == ()


def test_death_may_count_as_an_event():
    endpoint = events_of([2, 0, 0], [0, 1, 0], [0, 0, 1])
    settled = settle(EndpointKind.EVENT_COUNT, endpoint, missing=Strategy.WHILE_ALIVE)
    np.testing.assert_array_equal(settled.value, [[2, 0, 1]])


def test_a_category_fails_to_the_worst():
    endpoint = derived(value=np.array([[0, 1, NAN, 2, 2, NAN, NAN]]), categories=("a", "b", "c", "d"))
    settled = settle(EndpointKind.CATEGORY, endpoint, missing=Strategy.HYPOTHETICAL)
    np.testing.assert_array_equal(settled.value, [[0, 1, 3, 3, 2, NAN, NAN]])


def test_counts_say_how_each_arm_was_settled():
    settled = settle(missing=Strategy.HYPOTHETICAL)
    members = np.array([[True, True, True, False, True, True, False]])
    numbers = estimands.count(settled, members)
    assert {name: value.item() for name, value in numbers.items()} == {
        "observed": 3.0,
        "death": 1.0,
        "discontinuation": 0.0,
        "missing": 1.0,
        "not_analysed": 1.0,
    }
