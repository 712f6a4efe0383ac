"""What each strategy does to visits, to times and to steps; populations, subgroups and rescue."""

from dataclasses import replace

import numpy as np
import pytest

from builders.plans import ALL_ESTIMANDS, full_protocol
from builders.protocols import make_analysis
from builders.trials import make_events, make_readings, make_trial, pairs
from euexia import analyse, endpoints
from euexia.analyse import estimands
from euexia.core.errors import InputError, TrialDataError
from euexia.core.logic import Comparison
from euexia.protocol.analysis_plan import AnalysisSet, EndpointKind, Method, Strategy
from euexia.protocol.statement import Condition

NAN = np.nan
DAYS = np.array([0.0, 14.0, 28.0, 42.0, 56.0])


def settle(data, name, plan=None, **strategies):
    """Return an endpoint settled by its estimand with some strategies changed."""
    plan = plan or full_protocol()
    estimand = replace(plan.estimands[name], **strategies)
    plan = replace(plan, estimands={**plan.estimands, name: estimand})
    endpoint = next(e for e in plan.endpoints if e.name == estimand.about)
    derived = endpoints.derive(data, plan).endpoints[endpoint.name]
    return estimands.apply(derived, estimand, endpoint.kind)


def weights(values):
    """Return readings of body weight on the planned days, one row of values for each subject."""
    values = np.asarray(values, dtype=float)[np.newaxis]
    return {"body_weight": make_readings(np.broadcast_to(DAYS, values.shape), values, DAYS)}


COURSE = [60.0, 61.0, 62.0, 63.0, 64.0]
PEOPLE = [COURSE, COURSE, [60.0, 61.0, 62.0, NAN, NAN], [60.0, 61.0, NAN, NAN, 64.0], [60.0, *[NAN] * 4]]
"""Complete; stopped on day 30; died on day 30; missed two visits; left on day 3."""


def people(**columns):
    arm = [0, 0, 0, 1, 1]
    days = {"treatment_stop_day": [NAN, 30, NAN, NAN, NAN], "death_day": [NAN, NAN, 30, NAN, NAN]}
    days["withdrawal_day"] = [NAN, NAN, NAN, NAN, 3]
    return make_trial(arm, readings=weights(PEOPLE), **{**days, **columns})


def test_a_series_holds_the_change_at_every_visit():
    settled = settle(people(), "weight")
    np.testing.assert_array_equal(settled.series[0, 0], [1, 2, 3, 4])
    np.testing.assert_array_equal(settled.series[0, 2], [1, 2, NAN, NAN])
    np.testing.assert_array_equal(settled.included, [[1, 1, 1, 1, 0]])
    np.testing.assert_array_equal(settled.decided["death"], [[0, 0, 1, 0, 0]])
    np.testing.assert_array_equal(settled.decided["missing"], [[0, 0, 0, 0, 1]])


def test_hypothetical_sets_visits_after_a_stop_aside():
    settled = settle(people(), "weight", discontinuation=Strategy.HYPOTHETICAL)
    np.testing.assert_array_equal(settled.series[0, 1], [1, 2, NAN, NAN])
    np.testing.assert_array_equal(settled.decided["discontinuation"], [[0, 1, 0, 0, 0]])


def test_survivors_only_takes_all_visits_of_the_dead_away():
    settled = settle(people(), "weight", death=Strategy.EXCLUDE)
    assert np.isnan(settled.series[0, 2]).all()
    assert any(note.startswith("Survivors only") for note in settled.notes)


def test_rescue_has_a_strategy_of_its_own():
    rescued = people(rescue_day=[20, NAN, NAN, NAN, NAN])
    assert "rescue" not in settle(rescued, "weight").decided
    settled = settle(rescued, "weight", rescue=Strategy.HYPOTHETICAL)
    np.testing.assert_array_equal(settled.series[0, 0], [1, NAN, NAN, NAN])
    np.testing.assert_array_equal(settled.decided["rescue"], [[1, 0, 0, 0, 0]])


def test_a_stratum_nobody_can_name_is_refused_with_the_way_out():
    with pytest.raises(InputError, match="mean change has no value for failure"):
        settle(people(), "weight", death=Strategy.COMPOSITE_FAILURE)


def test_while_on_treatment_takes_the_last_value_before_the_stop():
    """Changes of 1, 2, 3, 4 kg on days 14 to 56: stopped on day 30, the change of day 28 counts."""
    change = replace(
        next(e for e in full_protocol().endpoints if e.name == "inflammation"), measure="body_weight"
    )
    plan = full_protocol()
    plan = replace(plan, endpoints=tuple(change if e.name == change.name else e for e in plan.endpoints))
    settled = settle(people(), "inflammation", plan, discontinuation=Strategy.WHILE_ON_TREATMENT)
    np.testing.assert_array_equal(settled.value, [[4, 2, NAN, 4, NAN]])
    np.testing.assert_array_equal(settled.decided["discontinuation"], [[0, 1, 0, 0, 0]])


def test_a_change_may_be_the_mean_over_several_visits():
    """Changes on days 28 and 56: 2 and 4 kg; 2 and 4; 2 and none; none and 4; none at all."""
    change = replace(
        next(e for e in full_protocol().endpoints if e.name == "inflammation"),
        measure="body_weight",
        days=(28.0, 56.0),
    )
    plan = full_protocol()
    plan = replace(plan, endpoints=tuple(change if e.name == change.name else e for e in plan.endpoints))
    np.testing.assert_array_equal(settle(people(), "inflammation", plan).value, [[3, 3, 2, 4, NAN]])
    on = settle(people(), "inflammation", plan, discontinuation=Strategy.WHILE_ON_TREATMENT)
    np.testing.assert_array_equal(on.value, [[3, 2, 2, 4, NAN]])


def loss(day):
    """Return a course that has lost 10 % from a day on."""
    return np.where(day <= DAYS, 54.0, 60.0)


def lives(**columns):
    """Return one trial: lost on day 28; died on day 20; left on day 20; unchanged; lost on 28, died on 50."""
    rows = [loss(28), loss(99), loss(99), loss(99), loss(28)]
    end = [99, 20, 20, 99, 50]
    read = [np.where(last < DAYS, NAN, row) for row, last in zip(rows, end, strict=True)]
    days = {"death_day": [NAN, 20, NAN, NAN, 50], "withdrawal_day": [NAN, NAN, 20, NAN, NAN]}
    return make_trial([0, 0, 0, 1, 1], readings=weights(read), **{**days, **columns})


def test_loss_or_death_whatever_comes_first():
    """Seen lost at the visit of day 28; dead on day 20; left on day 20 after the visit of day 14; whole."""
    settled = settle(lives(), "deterioration")
    np.testing.assert_array_equal(settled.time, [[28, 20, 14, 56, 28]])
    np.testing.assert_array_equal(settled.code, [[1, 1, 0, 0, 1]])
    np.testing.assert_array_equal(settled.decided["death"], [[0, 1, 0, 0, 0]])
    np.testing.assert_array_equal(settled.decided["missing"], [[0, 0, 1, 0, 0]])


@pytest.mark.parametrize(
    ("strategy", "time", "code"),
    [
        (Strategy.COMPOSITE_FAILURE, 20.0, 1),
        (Strategy.WHILE_ALIVE, 20.0, 2),
        (Strategy.HYPOTHETICAL, 20.0, 0),
        (Strategy.EXCLUDE, NAN, 0),
    ],
)
def test_death_may_count_compete_censor_or_leave(strategy, time, code):
    settled = settle(lives(), "safety", death=strategy)
    np.testing.assert_array_equal(settled.time[0, 1], time)
    assert settled.code[0, 1] == code


def test_an_adverse_event_comes_on_its_day():
    events = make_events([(0, 3, 9.0, "rash", 3, True), (0, 3, 5.0, "rash", 1, False)])
    settled = settle(replace(lives(), events=events), "safety")
    assert settled.time[0, 3] == 9.0
    assert settled.code[0, 3] == 1


def test_stopped_treatment_may_end_the_time():
    stopped = lives(treatment_stop_day=[10, NAN, NAN, NAN, NAN])
    assert settle(stopped, "deterioration").time[0, 0] == 28
    for strategy, code in (
        (Strategy.HYPOTHETICAL, 0),
        (Strategy.COMPOSITE_FAILURE, 1),
        (Strategy.WHILE_ALIVE, 2),
    ):
        settled = settle(stopped, "deterioration", discontinuation=strategy)
        assert (settled.time[0, 0], settled.code[0, 0]) == (10, code)


def test_who_stopped_before_the_event_may_be_left_out_by_name():
    """Stopped on day 10, lost on day 28: left out.  Stopped on day 40: the event was seen before."""
    stopped = lives(treatment_stop_day=[10, NAN, NAN, NAN, 40])
    settled = settle(stopped, "deterioration", discontinuation=Strategy.EXCLUDE)
    np.testing.assert_array_equal(settled.included, [[0, 1, 1, 1, 1]])


def test_the_worked_example_of_a_win_ratio():
    """Treated: alive +3 %, died on day 40, alive -1 %; control: alive +1 %, died on day 20, alive -4 %.

    Six of nine pairs are won and three lost: win ratio 2, net benefit 1/3 (clinical definitions, 7.3).
    """
    gains = np.array([1.03, NAN, 0.99, 1.01, NAN, 0.96])
    data = make_trial(
        [0, 0, 0, 1, 1, 1],
        readings={
            "lean_mass_ct": pairs(40.0, 40.0 * gains),
            "handgrip_strength": pairs(26.0, np.where(np.isnan(gains), NAN, 26.0)),
            **weights(np.where(np.isnan(gains)[:, np.newaxis] & (DAYS > 10), NAN, 60.0)),
        },
        death_day=[NAN, 40, NAN, NAN, 20, NAN],
    )
    plan = full_protocol(
        make_analysis("ratio", "benefit", Method.WIN_RATIO),
        make_analysis("net", "benefit", Method.NET_BENEFIT),
    )
    ratio, net = analyse.run(endpoints.derive(data, plan), plan)
    assert ratio.estimate.item() == pytest.approx(2.0, rel=1e-12)
    assert net.estimate.item() == pytest.approx(1 / 3, rel=1e-12)
    assert (ratio.numbers["wins"].item(), ratio.numbers["losses"].item()) == (6, 3)


def test_per_protocol_leaves_out_who_stopped_and_says_so():
    settled = settle(people(), "weight", population=AnalysisSet.PER_PROTOCOL)
    np.testing.assert_array_equal(settled.decided["outside"], [[0, 1, 0, 0, 0]])
    assert settled.words.startswith("Randomised patients who kept to treatment")


def test_a_subgroup_is_told_at_baseline_and_the_unknown_are_outside():
    heavy = Condition(measure="body_weight", comparison=Comparison.ABOVE, threshold=60.5)
    course = np.array([[61.0] * 5, [60.0] * 5, [NAN] * 5, [61.0] * 5])
    data = make_trial([0, 0, 1, 1], readings=weights(course))
    settled = settle(data, "weight", subgroup=heavy)
    np.testing.assert_array_equal(settled.decided["outside"], [[0, 1, 1, 0]])
    np.testing.assert_array_equal(settled.included, [[1, 0, 0, 1]])


def test_infinite_readings_are_refused():
    with pytest.raises(TrialDataError, match="infinite readings of body_weight"):
        endpoints.derive(
            make_trial([0, 1], readings=weights([[60, np.inf, 60, 60, 60], COURSE])), full_protocol()
        )


def test_every_estimand_of_the_builder_is_of_an_endpoint():
    kinds = {endpoint.name: endpoint.kind for endpoint in full_protocol().endpoints}
    assert {estimand.about for estimand in ALL_ESTIMANDS.values()} == set(kinds)
    assert set(kinds.values()) == set(EndpointKind)
