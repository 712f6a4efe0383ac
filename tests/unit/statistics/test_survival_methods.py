"""Survival methods against their plain references, by hand, and on bad input."""

import numpy as np
import pytest
from scipy.optimize import minimize

from builders.lifetimes import lifetimes
from euexia.core.errors import InputError
from euexia.statistics import (
    competing_risks,
    competing_risks_reference,
    cox,
    cox_reference,
    firth_cox,
    kaplan_meier,
    kaplan_meier_reference,
    log_rank,
    log_rank_reference,
    restricted_mean,
    restricted_mean_reference,
)
from euexia.statistics.survival_diagnosis import Diagnosis

SEEDS = (1, 2, 3)


def one(seed, **options):
    return {name: values[0] for name, values in lifetimes(seed, gaps=False, **options).items()}


def test_whole_weeks_do_not_make_the_curve_whole_numbers():
    """Five deaths at weeks 4, 8, 12, 16, 20, as integers: 0.8, 0.6, 0.4, 0.2, 0 by hand, not 0 0 0 0 0."""
    curve = kaplan_meier.estimate([4, 8, 12, 16, 20], [1, 1, 1, 1, 1])
    assert curve.steps()[:, 3] == pytest.approx([0.8, 0.6, 0.4, 0.2, 0.0], abs=1e-15)
    assert kaplan_meier.median(curve).time.tolist() == [12]


def test_median_over_a_flat_stretch_is_its_middle():
    """Four deaths at 1, 2, 4, 5: S is 0.5 from 2 to 4, so that the median is 3 (as R reports it)."""
    curve = kaplan_meier.estimate([1, 2, 4, 5], [1, 1, 1, 1])
    assert kaplan_meier.median(curve).time.tolist() == [3]


def test_survival_at_times():
    """Steps read between, before and beyond the times: by hand."""
    curve = kaplan_meier.estimate([[2, 4, 6], [2, 4, np.nan]], [[1, 0, 0], [1, 1, 0]])
    found = kaplan_meier.survival_at(curve, [1, 2, 5, 7])
    assert found.survival == pytest.approx(np.array([[1, 2 / 3, 2 / 3, np.nan], [1, 0.5, 0, 0]]), nan_ok=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_kaplan_meier_agrees_with_its_reference(seed):
    data = one(seed)
    expected = kaplan_meier_reference.estimate(data["time"].tolist(), data["event"].tolist())
    rows = [[step.time, step.at_risk, step.events, step.survival, step.error] for step in expected]
    found = kaplan_meier.estimate(data["time"], data["event"]).steps()[:, :5]
    assert found == pytest.approx(np.array(rows), rel=1e-12, abs=1e-15, nan_ok=True)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("rho", "gamma"), [(0, 0), (1, 0), (0, 1), (0.5, 0.5)])
def test_log_rank_agrees_with_its_reference(seed, rho, gamma):
    data = one(seed)
    group = np.arange(40) % 3
    lists = (data["time"].tolist(), data["event"].tolist(), group.tolist(), data["strata"].tolist())
    excess, covariance = log_rank_reference.excess_and_covariance(*lists, 3, rho, gamma)
    kind = log_rank.Weights.FLEMING_HARRINGTON
    found = log_rank.test(
        data["time"], data["event"], group, data["strata"], weights=kind, rho=rho, gamma=gamma
    )
    assert found.observed[0] - found.expected[0] == pytest.approx(excess, rel=1e-10, abs=1e-12)
    assert found.covariance[0] == pytest.approx(covariance, rel=1e-10, abs=1e-12)
    assert found.statistic[0] == pytest.approx(log_rank_reference.statistic(excess, covariance), rel=1e-10)


def test_other_weights_of_the_log_rank_test():
    """Four subjects, events of group 1 at 1 and of group 0 at 2, by hand: expected shares 1/2 and 2/3.

    Gehan weights 4 and 3, Tarone-Ware their roots, Peto 4/5 and 4/5 * 3/4.
    """
    data = ([1, 2, 3, 4], [1, 1, 0, 0], [1, 0, 0, 1])
    excess = {
        log_rank.Weights.LOG_RANK: 1 / 2 - 1 / 3,
        log_rank.Weights.GEHAN: 4 / 2 - 3 / 3,
        log_rank.Weights.TARONE_WARE: 2 / 2 - 3**0.5 / 3,
        log_rank.Weights.PETO: 0.8 / 2 - 0.6 / 3,
    }
    for kind, wanted in excess.items():
        found = log_rank.test(*data, weights=kind)
        assert found.observed[0, 1] - found.expected[0, 1] == pytest.approx(wanted, rel=1e-12)


def test_trend_of_two_groups_is_the_log_rank_test():
    """With two groups the trend is the test itself, whatever the scores."""
    data = one(1)
    found = log_rank.test(data["time"], data["event"], data["group"], scores=[1, 5])
    assert found.trend == pytest.approx(found.z)
    assert found.z**2 == pytest.approx(found.statistic)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("ties", cox.Ties)
def test_cox_agrees_with_its_reference(seed, ties):
    """To 1e-8: both end at the same root of the score, by different roads."""
    data = one(seed, subjects=60)
    strata = data["strata"].tolist()
    expected = cox_reference.maximum(data["time"], data["event"], data["covariates"], strata, ties)
    found = cox.fit(data["time"], data["event"], data["covariates"], strata, ties=ties)
    assert found.coefficient[0] == pytest.approx(expected[0], rel=1e-8)
    assert found.covariance[0] == pytest.approx(expected[1], rel=1e-8)
    value, gradient, _ = cox_reference.derivatives(
        found.coefficient[0], data["time"], data["event"], data["covariates"], strata, ties
    )
    assert found.log_likelihood[0] == pytest.approx(value, rel=1e-12)
    assert gradient == pytest.approx(np.zeros(2), abs=1e-8)


def test_score_test_of_cox_is_the_log_rank_test_without_ties():
    """Without ties the score test of a binary covariate is the log-rank test (Cox 1972)."""
    rng = np.random.default_rng(4)
    time, event, group = rng.permutation(50) + 1.0, rng.random(50) < 0.7, np.arange(50) % 2
    assert cox.fit(time, event, group).score == pytest.approx(log_rank.test(time, event, group).statistic)


def test_cox_does_not_feel_the_scale_of_a_covariate():
    data = one(2)
    large = cox.fit(data["time"], data["event"], data["covariates"] * 1e6 + 1e7)
    small = cox.fit(data["time"], data["event"], data["covariates"])
    assert large.coefficient * 1e6 == pytest.approx(small.coefficient, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_restricted_mean_agrees_with_its_reference(seed):
    data = one(seed)
    found = restricted_mean.difference(data["time"], data["event"], data["group"], horizon=9.5)
    for arm in (0, 1):
        here = data["group"] == arm
        mean, variance = restricted_mean_reference.mean_and_variance(
            data["time"][here].tolist(), data["event"][here].tolist(), 9.5
        )
        assert [found.mean[0, arm], found.error[0, arm] ** 2] == pytest.approx([mean, variance], rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_incidence_agrees_with_its_reference(seed):
    data = one(seed)
    found = competing_risks.estimate(data["time"], data["cause"], 2)
    ends = np.append(found.time[0][1:] != found.time[0][:-1], True)
    for cause in (1, 2):
        rows = competing_risks_reference.incidence(data["time"].tolist(), data["cause"].tolist(), cause)
        columns = [found.time[0], found.incidence[0, cause - 1], found.error[0, cause - 1] ** 2]
        assert np.column_stack(columns)[ends] == pytest.approx(np.array(rows), rel=1e-9, abs=1e-14)


def test_one_cause_is_one_minus_kaplan_meier():
    """With a single cause the incidence is 1 - S and its error Greenwood's, as long as anybody is left."""
    data = one(5)
    found = competing_risks.estimate(data["time"], data["event"])
    curve = kaplan_meier.estimate(data["time"], data["event"])
    assert found.incidence[0, 0] == pytest.approx(1 - curve.survival[0], abs=1e-14)
    alive = curve.survival[0] > 0
    # Greenwood's binomial sum and the delta method differ where several have the event at once.
    assert found.error[0, 0][alive] == pytest.approx(curve.error[0][alive], rel=0.02)


@pytest.mark.parametrize("seed", SEEDS)
def test_fine_gray_ends_where_its_plain_score_is_zero(seed):
    """The gradient of the reference vanishes at the estimate, and not beside it."""
    data = one(seed)
    found = competing_risks.fine_gray(data["time"], data["cause"], data["covariates"], of=1)
    lists = (data["time"].tolist(), data["cause"].tolist(), data["covariates"].tolist(), 1)
    beta = found.coefficient[0]
    assert competing_risks_reference.subdistribution_score(beta, *lists) == pytest.approx([0, 0], abs=1e-8)
    assert abs(competing_risks_reference.subdistribution_score(beta + 0.1, *lists)[0]) > 1e-3


def test_fine_gray_without_competing_events_is_cox():
    data = one(4)
    ours = competing_risks.fine_gray(data["time"], data["event"], data["covariates"], of=1)
    plain = cox.fit(data["time"], data["event"], data["covariates"], ties=cox.Ties.BRESLOW, robust=True)
    assert ours.coefficient == pytest.approx(plain.coefficient, rel=1e-12)
    assert ours.covariance == pytest.approx(plain.covariance, rel=1e-12)


def test_same_incidence_without_competing_events_is_the_robust_log_rank_test():
    """U of the log-rank test over the squared score residuals; without ties U is the same."""
    rng = np.random.default_rng(9)
    time, event, group = rng.permutation(60) + 1.0, rng.random(60) < 0.7, np.arange(60) % 2
    found = competing_risks.test(time, event, group, of=1)
    plain = log_rank.test(time, event, group)
    assert np.sign(found.z) == np.sign(plain.z)
    assert found.z == pytest.approx(plain.z, abs=0.2)


def test_same_incidence_diagnoses_bad_trials():
    time, cause, group = columns()
    found = competing_risks.test(time, cause, group, of=1)
    assert found.diagnosis[:6] == tuple(row[3] for row in STACK[:6])
    assert np.isnan(found.p_value[1:6]).all()


def test_cause_specific_methods_censor_other_causes():
    data = one(6)
    own = data["cause"] == 1
    found = competing_risks.cause_specific_log_rank(data["time"], data["cause"], data["group"], of=1)
    assert found.statistic == log_rank.test(data["time"], own, data["group"]).statistic
    fitted = competing_risks.cause_specific_cox(data["time"], data["cause"], data["group"], of=1)
    assert fitted.coefficient == cox.fit(data["time"], own, data["group"]).coefficient


STACK = [
    ([1, 2, 3, 4, 5, 6], [1, 0, 1, 1, 0, 1], [0, 1, 0, 1, 0, 1], Diagnosis.SOUND),
    ([np.nan] * 6, [0] * 6, [0, 1] * 3, Diagnosis.NO_SUBJECTS),
    ([1, -2, 3, 4, 5, 6], [1] * 6, [0, 1] * 3, Diagnosis.NEGATIVE_TIME),
    ([1, np.inf, 3, 4, 5, 6], [1] * 6, [0, 1] * 3, Diagnosis.INFINITE_VALUE),
    ([1, 2, 3, 4, 5, 6], [0] * 6, [0, 1] * 3, Diagnosis.NO_EVENTS),
    ([1, 2, 3, 4, 5, 6], [1] * 6, [0] * 6, Diagnosis.ONE_ARM),
    ([3] * 6, [1] * 6, [0, 1] * 3, Diagnosis.NO_VARIANCE),
    ([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], Diagnosis.SOUND),
]


def columns():
    return ([row[place] for row in STACK] for place in range(3))


def test_log_rank_diagnoses_bad_trials_and_computes_the_good():
    """One stack with every fault: each is named, its numbers are NaN, and the others are not disturbed."""
    found = log_rank.test(*columns())
    assert found.diagnosis == tuple(row[3] for row in STACK)
    sound = [diagnosis is Diagnosis.SOUND for diagnosis in found.diagnosis]
    assert np.isfinite(found.statistic).tolist() == sound
    assert np.isfinite(found.p_value).tolist() == sound


def test_cox_diagnoses_bad_trials():
    """One arm, or all events at one time, leaves nothing to estimate; an arm without events separates."""
    found = cox.fit(*columns())
    wanted = [
        Diagnosis.SOUND,
        Diagnosis.NO_SUBJECTS,
        Diagnosis.NEGATIVE_TIME,
        Diagnosis.INFINITE_VALUE,
        Diagnosis.NO_EVENTS,
        Diagnosis.COLLINEAR,
        Diagnosis.NO_VARIANCE,
        Diagnosis.MONOTONE_LIKELIHOOD,
    ]
    assert list(found.diagnosis) == wanted
    assert np.isfinite(found.coefficient[:, 0]).tolist() == [True] + [False] * 7
    assert np.isfinite(found.score[7])
    assert "monotone" in found.diagnosis[7].text


def test_cox_names_missing_and_collinear_covariates():
    time, event = [1, 2, 3, 4, 5, 6], [1, 0, 1, 1, 0, 1]
    x = np.array([0.5, 1, 2, 4, 3, 1])
    twice = np.column_stack([x, 2 * x])
    gap = np.where(np.arange(6) == 2, np.nan, x)
    assert cox.fit(time, event, twice).diagnosis == (Diagnosis.COLLINEAR,)
    assert cox.fit(time, event, gap).diagnosis == (Diagnosis.MISSING_COVARIATE,)
    assert cox.fit(time, event, np.where(np.isnan(gap), np.inf, gap)).diagnosis == (Diagnosis.INFINITE_VALUE,)


def test_separation_by_a_sum_of_covariates_is_found():
    """Neither covariate orders the events, their sum does: -x - y falls with time."""
    x = np.array([[3, 0], [0, 2.5], [1, 1], [1.5, 0], [0, 1], [0.5, 0]])
    found = cox.fit([1, 2, 3, 4, 5, 6], [1] * 6, x)
    assert found.diagnosis == (Diagnosis.MONOTONE_LIKELIHOOD,)


@pytest.mark.parametrize("ties", cox.Ties)
def test_firth_finds_the_top_of_the_plain_penalised_likelihood(ties):
    """Against a general optimiser on the reference's likelihood; it stops at a gradient of 1e-6."""
    data = one(7, subjects=25)
    x = data["covariates"]
    none = [0] * 25

    def fallen(beta):
        value, _, information = cox_reference.derivatives(beta, data["time"], data["event"], x, none, ties)
        return -(value + np.linalg.slogdet(information)[1] / 2)

    expected = minimize(fallen, np.zeros(2), method="BFGS", options={"gtol": 1e-6})
    found = firth_cox.fit(data["time"], data["event"], x, ties=ties)
    assert found.coefficient[0] == pytest.approx(expected.x, abs=1e-5)
    assert (found.low < found.hazard_ratio).all()
    assert (found.hazard_ratio < found.high).all()


def test_firth_answers_where_an_arm_has_no_events():
    """The estimate is finite; the limits leave the penalised likelihood lower by half the critical value."""
    time, event, group = np.arange(1.0, 21), np.arange(20) % 2, np.arange(20) % 2
    assert cox.fit(time, event, group).diagnosis == (Diagnosis.MONOTONE_LIKELIHOOD,)
    found = firth_cox.fit(time, event, group)
    assert found.diagnosis == (Diagnosis.SOUND,)
    assert 1 < found.low[0, 0] < found.hazard_ratio[0, 0] < found.high[0, 0]
    x, none = group[:, np.newaxis].astype(float), [0] * 20

    def height(ratio):
        beta = np.log(np.array([ratio]))
        value, _, information = cox_reference.derivatives(beta, time, event, x, none, cox.Ties.EFRON)
        return value + np.log(information[0, 0]) / 2

    top = height(found.hazard_ratio[0, 0])
    falls = [2 * (top - height(ratio)) for ratio in (found.low[0, 0], found.high[0, 0])]
    assert falls == pytest.approx([3.841459, 3.841459], rel=1e-5)
    assert 2 * (top - height(1.0)) > 3.84
    assert found.p_value[0, 0] < 0.05


def test_firth_diagnoses_bad_trials():
    found = firth_cox.fit(*columns())
    assert found.diagnosis[1:6] == (
        Diagnosis.NO_SUBJECTS,
        Diagnosis.NEGATIVE_TIME,
        Diagnosis.INFINITE_VALUE,
        Diagnosis.NO_EVENTS,
        Diagnosis.COLLINEAR,
    )
    assert np.isnan(found.high[1:6]).all()


def test_restricted_mean_does_not_go_beyond_the_follow_up():
    """Arm 0 is followed to 5 without reaching zero: a horizon of 6 is refused; arm 1 has all died by 4."""
    data = ([1, 5, 2, 4], [1, 0, 1, 1], [0, 0, 1, 1])
    assert restricted_mean.difference(*data, horizon=6).diagnosis == (Diagnosis.BEYOND_FOLLOW_UP,)
    found = restricted_mean.difference(*data, horizon=5)
    assert found.mean[0] == pytest.approx([(1 + 5) / 2, (2 + 4) / 2])
    assert np.isnan(restricted_mean.difference([1, 2], [1, 1], [0, 0]).difference[0])


def test_restricted_mean_without_an_event_before_the_horizon_has_no_error():
    """Both means are the horizon itself; an interval from 0 to 0 would be a lie."""
    found = restricted_mean.difference([3, 5, 4, 6], [1, 0, 1, 1], [0, 0, 1, 1], horizon=2)
    assert found.diagnosis == (Diagnosis.NO_VARIANCE,)
    assert found.mean[0].tolist() == [2, 2]
    assert np.isnan([found.difference_error[0], found.low[0], found.p_value[0]]).all()


def test_shapes_and_codes_are_checked():
    with pytest.raises(InputError, match="'event' has shape"):
        log_rank.test([1, 2, 3], [1, 0], [0, 1, 1])
    with pytest.raises(InputError, match="other than 0 and 1"):
        log_rank.test([1, 2, 3], [1, 2, 0], [0, 1, 1])
    with pytest.raises(InputError, match="'group' must number"):
        log_rank.test([1, 2, 3], [1, 0, 0], [0, 0.5, 1])
    with pytest.raises(InputError, match="number them 0 to 1"):
        log_rank.test([1, 2, 3], [1, 0, 0], [0, 1, 2], groups=2)
    with pytest.raises(InputError, match="level"):
        kaplan_meier.estimate([1, 2], [1, 1], level=95)
    with pytest.raises(InputError, match="'covariates' has shape"):
        cox.fit([1, 2], [1, 1], [[1, 2, 3]])
    with pytest.raises(InputError, match="there are 1 causes"):
        competing_risks.estimate([1, 2], [1, 2], 1)


@pytest.mark.parametrize("diagnosis", Diagnosis)
def test_every_diagnosis_has_words(diagnosis):
    assert diagnosis.text.endswith(".")
