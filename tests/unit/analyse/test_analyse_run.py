"""The planned analyses, from endpoint table to results in the order of the protocol."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from builders import make_protocol, make_trial
from builders.protocols import ANALYSES, ESTIMANDS, make_analysis
from builders.trials import make_events, pairs
from euexia import analyse, endpoints, protocol
from euexia.core.errors import InputError
from euexia.protocol.analysis_plan import Method, Strategy
from euexia.protocol.protocol import Arm

NAN = np.nan


def results_of(data, plan=None):
    plan = plan or make_protocol()
    return {result.analysis: result for result in analyse.run(endpoints.derive(data, plan), plan)}


def trial_with(responders, controls, size=40, control_size=20, **columns):
    """Return one trial with so many responders in each arm."""
    arm = np.repeat([0, 1], [size, control_size])
    wins = np.concatenate([np.arange(size) < responders, np.arange(control_size) < controls])
    readings = {
        "lean_mass_ct": pairs(40.0, np.where(wins, 42.0, 40.0)),
        "handgrip_strength": pairs(26.0, np.where(wins, 31.0, 26.0)),
    }
    return make_trial(arm, readings=readings, **columns)


def test_results_come_in_the_order_of_the_protocol():
    plan = make_protocol()
    results = analyse.run(endpoints.derive(trial_with(10, 1), plan), plan)
    assert [result.analysis for result in results] == [analysis.name for analysis in plan.analyses]


def test_the_primary_test_against_five_per_cent():
    """5 of 40 against 5 %: R 4.2.2 binom.test, p 0.0480282602542154, 90 % interval 0.0506 to 0.2450."""
    result = results_of(trial_with(5, 1))["response_drug"]
    assert result.estimate.item() == 5 / 40
    assert result.p_value.item() == pytest.approx(0.0480282602542154, rel=1e-12)
    assert result.low.item() == pytest.approx(0.0505703283408259, rel=1e-12)
    assert result.high.item() == pytest.approx(0.245030512649712, rel=1e-12)
    assert result.level == pytest.approx(0.90)
    assert result.reject.item()
    assert result.numbers["responders"].item() == 5
    assert result.numbers["randomised"].item() == 40


def test_the_design_of_the_primary_test():
    """Of 40 patients 5 responders are needed; level and power by summing the binomial terms."""
    result = results_of(trial_with(5, 1))["response_drug"]
    assert result.design["critical_value"] == 5
    assert result.design["level"] == pytest.approx(0.04802826, abs=1e-8)
    assert result.design["power"] == pytest.approx(0.98395776, abs=1e-8)
    assert not results_of(trial_with(4, 1))["response_drug"].reject.item()


def test_a_two_sided_exact_test_halves_its_level():
    two_sided = replace(ANALYSES[0], one_sided=False)
    result = results_of(trial_with(5, 1), make_protocol(analyses=(two_sided,)))["response_drug"]
    assert result.p_value.item() == pytest.approx(2 * 0.0480282602542154)
    assert result.level == pytest.approx(0.95)
    assert result.design["critical_value"] == 6


def test_against_control():
    """10 of 40 against 1 of 20: R fisher.test p 0.0809; the interval of Miettinen and Nurminen."""
    result = results_of(trial_with(10, 1))["response_fisher"]
    assert result.estimate.item() == pytest.approx(0.20)
    assert result.p_value.item() == pytest.approx(0.0809241472430824, rel=1e-10)
    assert (result.low.item(), result.high.item()) == pytest.approx((-0.0122163018284, 0.366341433266))
    assert result.measure_of_effect == "risk difference"
    assert result.numbers["analysed_control"].item() == 20


def test_the_design_against_control_is_exact_where_rates_are_planned():
    planned = make_analysis("f", "response", Method.FISHER, null=0.05, alternative=0.25)
    design = results_of(trial_with(10, 1), make_protocol(analyses=(planned,)))["f"].design
    assert 0 < design["level"] < 0.05
    assert 0.3 < design["power"] < 0.7


def test_no_randomised_patient_is_dropped_silently():
    death = np.full(60, NAN)
    death[:3] = 20.0
    data = make_trial(np.repeat([0, 1], [40, 20]), death_day=death)
    results = results_of(data)
    for name in ("response_drug", "response_fisher", "inflammation_drug", "serious_drug", "tumour_drug"):
        settled = results[name].settled
        decided = sum(settled[key].item() for key in ("observed", "death", "discontinuation", "missing"))
        assert decided == 40
    assert results["response_drug"].settled["death"].item() == 3
    assert results["response_drug"].settled["not_analysed"].item() == 0
    assert results["inflammation_drug"].settled["not_analysed"].item() == 3
    assert results["inflammation_drug"].settled["not_analysed_control"].item() == 0
    assert results["inflammation_drug"].numbers["analysed"].item() == 37
    assert any("died without a reading" in note for note in results["inflammation_drug"].notes)
    assert results["tumour_drug"].numbers["unknown"].item() == 3


def test_the_difference_in_means_by_hand():
    """Baseline uncorrelated with arm; changes -10, -20 against 0, -2: least squares by hand, d = -14."""
    crp = pairs([60, 80, 60, 80], [50, 60, 60, 78])
    data = make_trial([0, 0, 1, 1], readings={"crp": crp})
    result = results_of(data)["inflammation_drug"]
    assert result.estimate.item() == pytest.approx(-14.0)
    assert result.unit == "mg/L"
    assert result.numbers["mean"].item() == -15
    assert result.numbers["degrees_of_freedom"].item() == 1
    assert result.numbers["baseline_slope"].item() == pytest.approx(-0.3)
    # residuals are +-2 in both arms: s2 = 16 / 1, error 4
    assert result.numbers["standard_error"].item() == pytest.approx(4.0)


def test_too_few_patients_give_no_interval_and_no_rejection():
    data = make_trial([0, 1], readings={"crp": pairs([60, 80], [50, 60])})
    result = results_of(data)["inflammation_drug"]
    assert np.isnan(result.p_value.item())
    assert np.isnan(result.low.item())
    assert not result.reject.item()


def test_events_are_compared_by_patients_and_by_patient_weeks():
    events = make_events([(0, 0, 5.0, "rash", 3, True), (0, 0, 9.0, "rash", 3, True)])
    data = make_trial([0, 0, 1, 1], events=events, last_contact_day=84.0)
    result = results_of(data)["serious_drug"]
    assert result.estimate.item() == 0.5
    assert result.numbers["events"].item() == 2
    assert result.numbers["weeks"].item() == 24
    assert result.numbers["rate"].item() == pytest.approx(100 * 2 / 24)
    assert result.numbers["rate_ratio"].item() == np.inf


def test_events_of_one_arm_are_described():
    alone = replace(ANALYSES[4], control=None)
    events = make_events([(0, 0, 5.0, "rash", 3, True)])
    data = make_trial([0, 0, 1], events=events)
    result = results_of(data, make_protocol(analyses=(alone,)))["serious_drug"]
    assert result.estimate.item() == 0.5
    assert np.isnan(result.p_value.item())


def test_categories_are_counted():
    data = make_trial([0, 0, 1], readings={"tumour_size": pairs([80, 80, 80], [50, NAN, 120])})
    numbers = results_of(data)["tumour_drug"].numbers
    assert numbers["partial response"].item() == 1
    assert numbers["unknown"].item() == 1
    assert numbers["progressive disease_control"].item() == 1


def test_two_arms_tested_without_adjustment_say_so():
    arms = (
        Arm(name="fixed", label="Fixed", ratio=2),
        Arm(name="guided", label="Guided", ratio=2),
        Arm(name="control", label="Control", ratio=1),
    )
    tests = tuple(replace(ANALYSES[0], name=arm.name, arm=arm.name) for arm in arms[:2])
    plan = make_protocol(arms=arms, analyses=tests, size=100)
    data = make_trial(np.repeat([0, 1, 2], [40, 40, 20]), arms=("fixed", "guided", "control"))
    note = results_of(data, plan)["guided"].notes[-1]
    assert "2 arms (fixed, guided) are each tested at 5 %, without adjustment" in note
    assert "Bonferroni would test each at 2.5 %" in note
    assert "at least one test rejects with probability 9.4 %" in note  # 1 - (1 - 0.0480)^2


def test_a_plan_that_cannot_be_done_is_refused_with_every_reason():
    wrong = (
        make_analysis("a", "nothing", Method.FISHER),
        make_analysis("b", "response", Method.MEAN_DIFFERENCE),
        make_analysis("c", "response", Method.FISHER, control=None),
        make_analysis("d", "response", Method.EXACT_BINOMIAL, control=None),
        make_analysis("e", "inflammation", Method.MEAN_DIFFERENCE, alpha=5.0),
        make_analysis("f", "tumour", Method.CATEGORY_TABLE),
    )
    failing = replace(ESTIMANDS["inflammation"], death=Strategy.COMPOSITE_FAILURE)
    remaining = {"response": ESTIMANDS["response"], "inflammation": failing}
    with pytest.raises(InputError) as caught:
        analyse.check_plan(make_protocol(analyses=wrong, estimands=remaining))
    message = str(caught.value)
    for part in (
        "'a' is of endpoint 'nothing'",
        "by mean_difference, which does not fit. Methods that fit: exact_binomial, fisher, boschloo",
        "'c' compares by fisher but names no control arm",
        "'d' tests against a fixed rate but gives no 'null'",
        "'e' has alpha 5",
        "counts death as failure, but a mean change has no value for failure",
        "endpoint 'tumour' of 'f' has no estimand",
    ):
        assert part in message


def test_the_lenalidomide_protocol_can_be_analysed_as_written():
    analyse.check_plan(protocol.load("lenalidomide"))


def test_one_sided_tests_look_where_better_is():
    """Fewer events are better: 1 of 20 against 5 of 10; scipy's Fisher test looks less."""
    events = make_events(
        [(0, 0, 5.0, "rash", 3, True)] + [(0, 20 + i, 5.0, "rash", 3, True) for i in range(5)]
    )
    data = make_trial(np.repeat([0, 1], [20, 10]), events=events)
    one_sided = replace(ANALYSES[4], one_sided=True)
    result = results_of(data, make_protocol(analyses=(one_sided,)))["serious_drug"]
    assert result.p_value.item() == pytest.approx(fisher_less(1, 20, 5, 10))
    crp = pairs(np.full(8, 60.0), [50, 52, 48, 49, 61, 58, 60, 62])
    lower = replace(ANALYSES[3], one_sided=True)
    data = make_trial(np.repeat([0, 1], 4), readings={"crp": crp})
    result = results_of(data, make_protocol(analyses=(lower,)))["inflammation_drug"]
    assert result.p_value.item() < 0.001


def test_equal_baselines_leave_the_plain_difference():
    """With one baseline for all no slope can be told: Student's t test, by scipy."""
    crp = pairs(np.full(8, 60.0), [50, 52, 48, 49, 61, 58, 60, 62])
    data = make_trial(np.repeat([0, 1], 4), readings={"crp": crp})
    result = results_of(data)["inflammation_drug"]
    expected = stats.ttest_ind([50, 52, 48, 49], [61, 58, 60, 62])
    assert result.p_value.item() == pytest.approx(expected.pvalue)
    interval = expected.confidence_interval(0.95)
    assert (result.low.item(), result.high.item()) == pytest.approx((interval.low, interval.high))
    assert result.numbers["degrees_of_freedom"].item() == 6


def fisher_less(responders, size, control_responders, control_size):
    table = [[responders, size - responders], [control_responders, control_size - control_responders]]
    return stats.fisher_exact(table, alternative="less").pvalue
