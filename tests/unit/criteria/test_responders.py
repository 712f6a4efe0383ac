"""Responders by published rules, and what death and missing assessments do to them.

Expected values are worked by hand from the printed rules.
"""

from __future__ import annotations

import numpy as np
import pytest

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison
from euexia.criteria import responders
from euexia.criteria.function import stair_climb_power
from euexia.criteria.responders import AfterDeath

NAN = float("nan")


@pytest.mark.parametrize(
    ("area", "area_now", "grip", "responds"),
    [
        (120, 122.81, 30 - 26, TRUE),
        (120, 122.4, 5, FALSE),
        (120, NAN, 5, UNKNOWN),
        (120, NAN, 3.9, FALSE),
        (120, 130, NAN, UNKNOWN),
    ],
)
def test_nct01127386_from_muscle_area(area: float, area_now: float, grip: float, responds: int) -> None:
    """Trap: 2.0 % more muscle area is only 1.71 % more lean mass."""
    lean = responders.lean_mass_gain(area, area_now)
    assert responders.response_nct01127386(lean, grip) == responds


def test_gains_behind_the_examples() -> None:
    assert 100 * responders.lean_mass_gain(120, 122.81) == pytest.approx(2.004, abs=0.0005)
    assert 100 * responders.lean_mass_gain(120, 122.4) == pytest.approx(1.71, abs=0.005)


@pytest.mark.parametrize(
    ("lean", "grip", "comparison", "responds"),
    [
        (0.02, 4.0, Comparison.ABOVE, FALSE),
        (0.02, 4.0, Comparison.AT_LEAST, TRUE),
        (0.03, 3.9, Comparison.ABOVE, FALSE),
        (0.03, 4.0, Comparison.ABOVE, TRUE),
    ],
)
def test_nct01127386(lean: float, grip: float, comparison: Comparison, responds: int) -> None:
    assert responders.response_nct01127386(lean, grip, lean_comparison=comparison) == responds


def test_exact_two_percent_from_recorded_masses() -> None:
    """50 to 51 kg is 2 % exactly, whatever floating point makes of it."""
    lean = responders.gain(np.arange(40, 60), np.arange(40, 60) * 1.02)
    assert (responders.response_nct01127386(lean, 4.0) == FALSE).all()


@pytest.mark.parametrize(("now", "responds"), [(30, TRUE), (29.9, FALSE), (NAN, UNKNOWN)])
def test_grip(now: float, responds: int) -> None:
    assert responders.grip_response(26, now) == responds


@pytest.mark.parametrize(
    ("now", "responds"), [(63.0, FALSE), (63.01, TRUE), (63.1, TRUE), (62.0, FALSE), (NAN, UNKNOWN)]
)
def test_weight(now: float, responds: int) -> None:
    assert responders.response_weight_5_percent(60, now) == responds


@pytest.mark.parametrize(("now", "responds"), [(48.0, TRUE), (47.9, FALSE), (NAN, UNKNOWN)])
def test_lean_mass_kept(now: float, responds: int) -> None:
    assert responders.response_lean_mass_kept(48.0, now) == responds


@pytest.mark.parametrize(("watts", "responds"), [(1.1 * 206.01, TRUE), (226.0, FALSE), (NAN, UNKNOWN)])
def test_stair_climb_power(watts: float, responds: int) -> None:
    """206.01 to 226.61 W is exactly 10 %."""
    assert responders.response_stair_climb_power(206.01, watts) == responds


def test_stair_climb_power_rises_with_weight_alone() -> None:
    """Trap: 10 % more weight at the same pace is a response."""
    before, after = stair_climb_power(70, 1.8, 6.0), stair_climb_power(77, 1.8, 6.0)
    assert responders.response_stair_climb_power(before, after) == TRUE


def test_mean_change() -> None:
    assert responders.mean_change_weeks_6_and_12(50.0, 51.0, 52.0) == 1.5
    assert np.isnan(responders.mean_change_weeks_6_and_12(50.0, NAN, 52.0))


@pytest.mark.parametrize(("gdf15", "enters"), [(1.5, TRUE), (1.499, FALSE), (NAN, UNKNOWN)])
def test_gdf15(gdf15: float, enters: int) -> None:
    assert responders.eligible_gdf15(gdf15) == enters


@pytest.mark.parametrize(
    ("response", "died", "composite", "while_alive", "imputed"),
    [
        (UNKNOWN, 1, FALSE, UNKNOWN, FALSE),
        (TRUE, 1, FALSE, UNKNOWN, FALSE),
        (UNKNOWN, 0, UNKNOWN, UNKNOWN, FALSE),
        (TRUE, 0, TRUE, TRUE, TRUE),
        (FALSE, 0, FALSE, FALSE, FALSE),
        (UNKNOWN, NAN, UNKNOWN, UNKNOWN, FALSE),
        (TRUE, NAN, TRUE, TRUE, TRUE),
    ],
)
def test_death(response: int, died: float, composite: int, while_alive: int, imputed: int) -> None:
    """Death before the assessment is non-response, never unknown, under the composite strategy."""
    kept, undefined = AfterDeath.NON_RESPONDER, AfterDeath.NOT_DEFINED
    assert responders.with_deaths(response, died, kept) == composite
    assert responders.with_deaths(response, died, undefined) == while_alive
    assert responders.with_deaths(response, died, kept, missing_is_non_response=True) == imputed


def test_imputing_does_not_touch_the_dead_while_alive() -> None:
    found = responders.with_deaths(UNKNOWN, 1, AfterDeath.NOT_DEFINED, missing_is_non_response=True)
    assert found == UNKNOWN


def test_no_baseline_is_no_gain() -> None:
    assert np.isnan(responders.gain([0.0, -1.0, NAN], 50.0)).all()


def test_worst_rank() -> None:
    """Deaths on day 20 and 40 rank first and second, then survivors by outcome, ties shared."""
    ranks = responders.worst_rank([5.0, NAN, -8.0, 1.0, 1.0, NAN], [NAN, 40.0, NAN, NAN, 20.0, NAN])
    np.testing.assert_array_equal(ranks, [5.0, 2.0, 3.0, 4.0, 1.0, NAN])
    np.testing.assert_array_equal(responders.worst_rank([1.0, 1.0], [NAN, NAN]), [1.5, 1.5])
