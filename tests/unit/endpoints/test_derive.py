"""Endpoints from readings: the worked examples of the clinical specification, windows, and who was there."""

from dataclasses import replace

import numpy as np
import pytest

from builders import make_protocol, make_trial
from builders.protocols import ENDPOINTS, GRIP, LEAN
from builders.trials import make_events, make_readings, pairs
from euexia import endpoints
from euexia.core.errors import InputError, TrialDataError, UnknownNameError
from euexia.core.logic import Comparison
from euexia.criteria.body_composition import fat_free_mass
from euexia.protocol.statement import Condition, Quantity


def response(lean, grip, *, condition=None, day=56.0, **columns):
    """Return the derived response of subjects given (baseline, week 8) of lean mass and grip."""
    (lean_0, lean_8), (grip_0, grip_8) = lean, grip
    data = make_trial(
        np.zeros(np.size(lean_8)),
        readings={
            "lean_mass_ct": pairs(lean_0, lean_8, day),
            "handgrip_strength": pairs(grip_0, grip_8, day),
        },
        **columns,
    )
    protocol = make_protocol()
    if condition is not None:
        protocol = make_protocol(endpoints=(replace(ENDPOINTS[0], condition=condition), *ENDPOINTS[1:]))
    return endpoints.derive(data, protocol).endpoints["response"]


def test_worked_examples_of_the_responder():
    """Worked example: 120 to 122.81 cm2 is +2.004 %, to 122.4 is +1.71 %; grip 26 to 30 is +4 kg."""
    lean_0 = fat_free_mass(120.0)
    lean_8 = [
        fat_free_mass(122.81),
        fat_free_mass(122.4),
        lean_0 * 1.03,
        np.nan,
        np.nan,
    ]
    grip_8 = [30.0, 31.0, 29.9, 31.0, 29.0]
    derived = response((lean_0, lean_8), (26.0, grip_8))
    np.testing.assert_array_equal(derived.value, [[1, 0, 0, np.nan, 0]])


@pytest.mark.parametrize("weight", [40.0, 41.3, 45.7, 52.9, 60.0])
def test_exactly_two_per_cent_is_not_above_two_but_is_at_least_two(weight):
    """Worked example: the operators are data, and equality survives floating point."""
    lean = (weight, round(weight * 1.02, 6))
    assert response(lean, (26.0, 30.0)).value.item() == 0
    at_least = replace(LEAN, comparison=Comparison.AT_LEAST)
    assert response(lean, (26.0, 30.0), condition=Condition(all=(at_least, GRIP))).value.item() == 1


@pytest.mark.parametrize("grip", [21.3, 26.1, 30.7, 33.3])
def test_exactly_four_kilograms_are_at_least_four_but_not_above(grip):
    """Worked example: 30.7 + 4 - 30.7 is not exactly 4 in floating point."""
    lean = (40.0, 41.0)
    assert response(lean, (grip, grip + 4.0)).value.item() == 1
    above = replace(GRIP, comparison=Comparison.ABOVE)
    assert response(lean, (grip, grip + 4.0), condition=Condition(all=(LEAN, above))).value.item() == 0


def test_components_and_changes_are_kept_for_the_waterfall():
    derived = response((40.0, [42.0, np.nan]), (26.0, [31.0, 27.0]))
    assert derived.components is not None
    assert derived.changes is not None
    (lean_text, lean), (grip_text, grip) = derived.components.items()
    assert "lean mass" in lean_text
    assert "handgrip" in grip_text
    np.testing.assert_array_equal(lean, [[1, np.nan]])
    np.testing.assert_array_equal(grip, [[1, 0]])
    np.testing.assert_allclose(derived.changes["lean_mass_ct"], [[0.05, np.nan]])
    np.testing.assert_allclose(derived.changes["handgrip_strength"], [[5.0, 1.0]])


def test_worked_examples_of_death_and_missing_readings():
    """Worked example: nothing is decided here yet; death and a missed scan leave the response unknown."""
    derived = response(
        (40.0, [np.nan, np.nan, 42.0]), (26.0, [np.nan, 31.0, 31.0]), death_day=[30.0, np.nan, np.nan]
    )
    np.testing.assert_array_equal(derived.value, [[np.nan, np.nan, 1]])
    np.testing.assert_array_equal(derived.dead, [[True, False, False]])


def test_baseline_is_the_last_reading_at_or_before_randomisation():
    readings = make_readings([[[-7.0, 0.0, 56.0], [-7.0, 0.0, 56.0]]], [[[90, 60, 30], [90, np.nan, 30]]])
    derived = endpoints.derive(make_trial([0, 1], readings={"crp": readings}), make_protocol())
    np.testing.assert_array_equal(derived.endpoints["inflammation"].baseline, [[60, 90]])
    np.testing.assert_array_equal(derived.endpoints["inflammation"].value, [[-30, -60]])


def test_the_reading_nearest_to_the_day_within_the_window_counts():
    """Window of 5 days: 51 to 61 count, edges included; of 53 and 59 the later; 62 is too late."""
    day = [[[0, 50, 51], [0, 54, 57], [0, 53, 59], [0, 28, 62]]]
    value = [[[50, 1, 2], [50, 3, 4], [50, 5, 6], [50, 7, 8]]]
    data = make_trial([0, 0, 1, 1], readings={"crp": make_readings(day, value)})
    derived = endpoints.derive(data, make_protocol()).endpoints["inflammation"]
    np.testing.assert_array_equal(derived.value, [[-48, -46, -44, np.nan]])


def test_who_is_dead_withdrawn_or_off_treatment_by_the_day():
    nan = np.nan
    data = make_trial(
        [0, 0, 0, 0, 1],
        death_day=[56.0, nan, 57.0, nan, nan],
        withdrawal_day=[nan, 20.0, nan, nan, nan],
        treatment_stop_day=[40.0, nan, 55.0, 56.0, nan],
        last_contact_day=[56.0, 20.0, 57.0, 84.0, 70.0],
    )
    table = endpoints.derive(data, make_protocol())
    at_week_8, at_week_12 = table.endpoints["response"], table.endpoints["serious"]
    np.testing.assert_array_equal(at_week_8.dead, [[True, False, False, False, False]])
    np.testing.assert_array_equal(at_week_8.withdrawn, [[False, True, False, False, False]])
    np.testing.assert_array_equal(at_week_8.stopped, [[True, False, True, False, False]])
    # Treatment is planned to end on day 56: ending then is not stopping, whatever the endpoint's day.
    np.testing.assert_array_equal(at_week_12.stopped, at_week_8.stopped)
    np.testing.assert_array_equal(at_week_12.exposure, [[56, 20, 57, 84, 70]])


def test_serious_events_are_counted_whatever_their_term_until_the_day():
    events = make_events(
        [
            (0, 0, 10.0, "serious_adverse_event", 3, True),
            (0, 0, 12.0, "venous_thromboembolism", 3, True),
            (0, 0, 13.0, "rash", 1, False),
            (0, 1, 84.0, "serious_adverse_event", 4, True),
            (0, 1, 84.5, "serious_adverse_event", 4, True),
        ]
    )
    data = make_trial([0, 1], events=events)
    assert endpoints.derive(data, make_protocol()).endpoints["serious"].value.tolist() == [[2, 1]]
    rash = replace(ENDPOINTS[2], events="rash")
    derived = endpoints.derive(data, make_protocol(endpoints=(*ENDPOINTS[:2], rash, ENDPOINTS[3])))
    assert derived.endpoints["serious"].value.tolist() == [[1, 0]]


def test_worked_examples_of_tumour_response():
    """Worked example: +20 % and 10 mm over nadir is progression; 10 to 13 mm is not; -30 % is partial."""
    day = [[[0.0, 28.0, 56.0]] * 5]
    size = [[[100, 50, 60], [60, 10, 13], [100, 90, 70], [100, 80, 71], [100, 50, np.nan]]]
    data = make_trial(np.zeros(5), readings={"tumour_size": make_readings(day, size)})
    derived = endpoints.derive(data, make_protocol()).endpoints["tumour"]
    words = [None if np.isnan(c) else derived.categories[int(c)] for c in derived.value[0]]
    assert words == [
        "progressive disease",
        "partial response",
        "partial response",
        "stable disease",
        None,
    ]


def test_a_stack_is_derived_at_once():
    one = response((40.0, [42.0, 40.0]), (26.0, [31.0, 31.0]))
    two = endpoints.derive(
        make_trial(
            [[0, 0], [0, 0]],
            readings={
                "lean_mass_ct": pairs([[40, 40], [40, 40]], [[42, 40], [40, 42]]),
                "handgrip_strength": pairs([[26, 26], [26, 26]], [[31, 31], [31, 31]]),
            },
        ),
        make_protocol(),
    ).endpoints["response"]
    assert two.value[0].tolist() == one.value[0].tolist()
    assert two.value[1].tolist() == [0, 1]


def test_an_endpoint_on_a_day_without_a_visit_is_refused():
    late = replace(ENDPOINTS[1], day=70.0)
    with pytest.raises(InputError, match=r"needs 'crp' on day 70.*days that do: 0, 28, 56"):
        endpoints.derive(make_trial([0, 1]), make_protocol(endpoints=(late,)))


def test_a_measure_the_data_lack_is_named():
    data = make_trial([0, 1])
    data = replace(data, readings={k: v for k, v in data.readings.items() if k != "crp"})
    with pytest.raises(TrialDataError, match=r"no readings of 'crp', which endpoint 'inflammation' needs"):
        endpoints.derive(data, make_protocol())


def test_arms_of_another_protocol_are_refused():
    with pytest.raises(TrialDataError, match=r"have the arms drug, placebo, but protocol"):
        endpoints.derive(make_trial([0, 1], arms=("drug", "placebo")), make_protocol())


def test_an_unknown_event_is_refused():
    wrong = replace(ENDPOINTS[2], events="rush")
    with pytest.raises(UnknownNameError, match=r"'rush'.*Did you mean 'rash'"):
        endpoints.derive(make_trial([0, 1]), make_protocol(endpoints=(wrong,)))


def test_only_tumours_have_categories():
    wrong = replace(ENDPOINTS[3], measure="crp")
    with pytest.raises(InputError, match=r"only 'tumour_size' has any"):
        endpoints.derive(make_trial([0, 1]), make_protocol(endpoints=(wrong,)))


def test_a_condition_may_look_back_from_the_endpoints_day():
    """CRP 100, 80, 50 on days 0, 28, 56: down 37.5 % in 4 weeks, though never 37.5 % of the first."""
    fall = Condition(
        measure="crp",
        of=Quantity.PERCENT_LOSS,
        over=28.0,
        comparison=Comparison.AT_LEAST,
        threshold=0.375,
    )
    readings = make_readings([[[0.0, 28.0, 56.0]] * 3], [[[100, 80, 50], [100, 80, 51], [100, np.nan, 50]]])
    plan = make_protocol(endpoints=(replace(ENDPOINTS[0], condition=fall),))
    derived = endpoints.derive(make_trial([0, 0, 1], readings={"crp": readings}), plan)
    np.testing.assert_array_equal(derived.endpoints["response"].value, [[1, 0, np.nan]])
