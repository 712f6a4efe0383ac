"""Sizes of two-arm trials: by another route where there is one, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from euexia.core.errors import InputError
from euexia.design import means, ranks, repeated, survival, two_arm
from euexia.design.boin import boin_boundaries
from euexia.design.repeated import Structure
from euexia.design.survival import EventFormula, Recruitment
from euexia.design.two_arm import RateTest


def test_t_power_by_integrating_over_the_variance():
    """A textbook's other way: the normal power averaged over the chi-square of the pooled variance."""
    freedom, shift = 28, 0.8 * math.sqrt(15 * 15 / 30)
    critical = stats.t.isf(0.025, freedom)

    def given_variance(w):
        return stats.norm.sf(critical * math.sqrt(w / freedom) - shift) * stats.chi2.pdf(w, freedom)

    expected, _ = integrate.quad(given_variance, 0, 150)
    assert means.t_power(15, 15, 0.8, 1.0, 0.025) == pytest.approx(expected, abs=1e-8)


def test_adjusting_for_nothing_costs_a_degree_of_freedom():
    plain = means.t_power(30, 30, 0.7, 1.0, 0.025)
    adjusted = means.ancova_power(30, 30, 0.7, 1.0, 0.025, 0.0)
    assert plain - 0.01 < adjusted < plain


def test_ancova_power_by_direct_integration():
    """The same average over F with scipy's own F density and noncentral t."""
    total, correlation, difference = 24, 0.5, 1.0
    base = (1 - correlation**2) * (2 / 12)
    critical = stats.t.isf(0.025, total - 3)

    def given_imbalance(f):
        shift = difference / math.sqrt(base * (1 + f / (total - 2)))
        return stats.nct.sf(critical, total - 3, shift) * stats.f.pdf(f, 1, total - 2)

    expected = integrate.quad(given_imbalance, 0, 1)[0] + integrate.quad(given_imbalance, 1, 200)[0]
    found = means.ancova_power(12, 12, difference, 1.0, 0.025, correlation)
    assert found == pytest.approx(expected, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(
    effect=st.floats(0.15, 2.0),
    alpha=st.floats(0.005, 0.1),
    power=st.floats(0.5, 0.95),
    ratio=st.floats(0.5, 3),
)
def test_the_size_reaches_the_power_and_no_smaller_one_does(effect, alpha, power, ratio):
    for found, powers in (
        (means.t_size(effect, 1.0, alpha, power, ratio), means.t_power),
        (means.z_size(1.0, effect, alpha, power, ratio), means.z_power),
    ):
        assert found.power >= power - 1e-9
        total = found.needed * 0.98 - 0.2
        if total > 4:
            fewer = (total * ratio / (1 + ratio), total / (1 + ratio))
            assert powers(*fewer, effect, 1.0, alpha) < power


def test_a_mixed_model_without_dropout_is_the_last_visit_alone():
    """With everyone seen, earlier visits add nothing to the last one's mean."""
    covariance = repeated.covariance_of(Structure.AUTOREGRESSIVE, [3.0, 3.5, 4.0], 0.7)
    assert repeated.last_visit_variance(covariance, [1.0, 1.0, 1.0]) == pytest.approx(16.0)
    found = repeated.mixed_model_size(2.0, covariance, [1.0, 1.0, 1.0], 0.025, 0.8)
    assert found.size.needed == pytest.approx(means.z_size(16.0, 2.0, 0.025, 0.8).needed)


def test_two_visits_in_closed_form():
    """Correlation r, retention p at the second visit: phi = s^2 (r^2 + (1 - r^2) / p), textbook."""
    covariance = repeated.covariance_of(Structure.COMPOUND_SYMMETRY, [2.0, 5.0], 0.6)
    expected = 25 * (0.36 + 0.64 / 0.7)
    assert repeated.last_visit_variance(covariance, [1.0, 0.7]) == pytest.approx(expected)


@settings(max_examples=30, deadline=None)
@given(
    correlation=st.floats(0.05, 0.9),
    kept=st.lists(st.floats(0.4, 1.0), min_size=2, max_size=5).map(
        lambda shares: sorted(shares, reverse=True)
    ),
)
def test_a_mixed_model_lies_between_everyone_and_completers(correlation, kept):
    covariance = repeated.covariance_of(Structure.COMPOUND_SYMMETRY, [1.0] * len(kept), correlation)
    found = repeated.last_visit_variance(covariance, kept)
    assert 1.0 - 1e-9 <= found <= 1.0 / kept[-1] + 1e-9


def test_a_baseline_takes_its_share_of_variance():
    covariance = repeated.covariance_of(Structure.COMPOUND_SYMMETRY, [4.0, 4.0], 0.6)
    assert repeated.given_baseline(covariance) == pytest.approx(np.array([[16 * (1 - 0.36)]]))


def test_effects_beyond_reason_need_the_fewest_patients():
    """Nothing overflows or divides by nobody: a difference of a thousand deviations."""
    found = [
        means.z_size(1.0, 1e3, 0.025, 0.9),
        means.t_size(1e3, 1.0, 0.025, 0.9),
        means.ancova_size(1e3, 1.0, 0.025, 0.9, 0.5),
        ranks.win_odds_size(1e6, 0.025, 0.9, ratio=0.01).size,
    ]
    for size in found:
        assert min(size.treated, size.control) >= 1
        assert 0.9 <= size.power <= 1.0


def test_power_is_smooth_where_the_formula_changes():
    """At a noncentrality of 100 the far formula takes over; 1 % apart there, with 3 degrees of freedom."""
    near, far = means.t_probability(3.0, [99.9, 100.1], 1e-6)
    assert near == pytest.approx(far, rel=0.02)


def test_unknown_variance_costs_a_little():
    covariance = repeated.covariance_of(Structure.COMPOUND_SYMMETRY, [1.0] * 3, 0.5)
    known, cautious = (
        repeated.mixed_model_size(0.6, covariance, [0.95, 0.9, 0.8], 0.025, 0.9, known_variance=flag)
        for flag in (True, False)
    )
    assert known.size.total <= cautious.size.total <= known.size.total + 8
    assert cautious.degrees_of_freedom == pytest.approx(cautious.size.total * 0.8 - 2)


@pytest.mark.parametrize("dropout", [0.0, 0.02])
def test_event_probability_by_integration(dropout):
    """Over the time of coming and the time of the event, by quadrature."""
    hazard, recruitment = 0.06, Recruitment(accrual=10, follow_up=5, dropout=dropout)

    def seen(come):
        followed = recruitment.accrual + recruitment.follow_up - come
        event = integrate.quad(lambda t: hazard * math.exp(-(hazard + dropout) * t), 0, followed)[0]
        return event / recruitment.accrual

    expected = integrate.quad(seen, 0, recruitment.accrual)[0]
    assert survival.event_probability(hazard, recruitment) == pytest.approx(expected)


def test_survival_formulas_agree_where_they_should():
    """With a hazard ratio near 1 all three count the same; 2 % at 0.9."""
    recruitment = Recruitment(accrual=12, follow_up=12)
    sizes = [
        survival.survival_size(0.9, 0.05, recruitment, 0.025, 0.9, formula=formula).size.needed
        for formula in EventFormula
    ]
    assert max(sizes) / min(sizes) < 1.02


def test_event_power_is_the_inverse_of_events():
    events = survival.schoenfeld_events(0.7, 0.025, 0.85, 2.0)
    assert survival.event_power(events, 0.7, 0.025, 2.0) == pytest.approx(0.85)


def test_win_probability_of_an_effect():
    """P(X > Y) of normal variables one standard deviation apart is Phi(1 / sqrt 2)."""
    assert ranks.win_probability_of_effect(1.0) == pytest.approx(stats.norm.cdf(1 / math.sqrt(2)))


def test_win_odds_of_categories_by_hand():
    """Two categories, .7 against .4 in the better one: wins .7 x .6, losses .3 x .4, ties the rest halved."""
    odds, tied = ranks.win_odds_of_categories([0.3, 0.7], [0.6, 0.4])
    probability = 0.42 + 0.5 * (0.3 * 0.6 + 0.7 * 0.4)
    assert odds == pytest.approx(probability / (1 - probability))
    assert tied == pytest.approx(0.45**3 + 0.55**3)


def test_ties_shrink_the_variance_and_caution_grows_it():
    plain = ranks.win_odds_size(1.5, 0.025, 0.9)
    assert ranks.win_odds_size(1.5, 0.025, 0.9, tied=0.3).size.needed == pytest.approx(
        0.7 * plain.size.needed
    )
    assert ranks.win_odds_size(1.5, 0.025, 0.9, spread=ranks.Spread.LARGEST).size.needed > plain.size.needed


@pytest.mark.parametrize("test", list(RateTest))
def test_exact_sizes_keep_their_power(test):
    found = two_arm.exact_rate_size(0.7, 0.3, 0.025, 0.8, test)
    for more in range(6):
        size = found.control_size + more
        assert two_arm.rate_design(size, size, 0.7, 0.3, 0.025, test).power >= 0.8
    if test in (RateTest.FISHER, RateTest.BOSCHLOO):
        assert found.level <= 0.025


def test_a_margin_of_nothing_is_superiority():
    """Chi-square without margin differs from the score test by N / (N - 1) in the variance alone."""
    pearson = two_arm.rejection_region(40, 40, 0.025, RateTest.CHI_SQUARE)
    score = two_arm.rejection_region(40, 40, 0.025, RateTest.MIETTINEN_NURMINEN)
    assert (pearson | ~score).all()
    assert (pearson ^ score).sum() < 10


def test_non_inferiority_grows_with_the_margin():
    powers = [
        two_arm.rate_design(60, 60, 0.5, 0.5, 0.025, RateTest.MIETTINEN_NURMINEN, margin).power
        for margin in (0.05, 0.1, 0.2, 0.3)
    ]
    assert (np.diff(powers) > 0).all()


CS = repeated.covariance_of(Structure.COMPOUND_SYMMETRY, [1.0, 1.0], 0.5)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: means.t_size(0.0, 1.0, 0.025, 0.8), "'difference' is 0"),
        (lambda: means.t_size(0.5, -1.0, 0.025, 0.8), "'deviation' is -1"),
        (lambda: means.t_size(1e-6, 1.0, 0.025, 0.8), "More than"),
        (lambda: means.t_size(0.5, 1.0, 0.025, 0.8, 1e9), "'ratio' is 1e"),
        (lambda: repeated.covariance_of(Structure.AUTOREGRESSIVE, [1.0, 0.0], 0.5), "at every visit"),
        (lambda: means.t_power(1, 1, 0.5, 1.0, 0.025), "nothing to estimate"),
        (lambda: means.ancova_power(1, 2, 0.5, 1.0, 0.025, 0.1), "nothing to estimate"),
        (lambda: means.ancova_size(0.5, 1.0, 0.025, 0.8, 1.0), "'correlation' is 1"),
        (lambda: means.z_size(1.0, math.nan, 0.025, 0.8), "'difference' is nan"),
        (lambda: repeated.covariance_of(Structure.AUTOREGRESSIVE, [1.0], 1.2), "'correlation' is 1.2"),
        (lambda: repeated.last_visit_variance([[1, 2], [2, 1]], [1, 1]), "not positive definite"),
        (lambda: repeated.last_visit_variance([[1, 0.2], [0.3, 1]], [1, 1]), "not symmetric"),
        (lambda: repeated.last_visit_variance([[1, 0.2]], [1, 1]), "a square table"),
        (lambda: repeated.last_visit_variance(CS, [0.8, 0.9]), "never growing"),
        (lambda: repeated.last_visit_variance(CS, [0.8]), "1 numbers for 2 visits"),
        (lambda: repeated.given_baseline([[1.0]]), "at least one visit"),
        (lambda: survival.schoenfeld_events(1.0, 0.025, 0.8), "'hazard_ratio' is 1"),
        (lambda: survival.schoenfeld_events(-0.5, 0.025, 0.8), "'hazard_ratio' is -0.5"),
        (lambda: survival.event_probability(0.1, Recruitment(accrual=0, follow_up=0)), "nobody is followed"),
        (lambda: survival.event_probability(0.1, Recruitment(accrual=-1, follow_up=2)), "'accrual' is -1"),
        (lambda: survival.hazard_of_median(0.0), "'median' is 0"),
        (lambda: ranks.win_odds_size(1.0, 0.025, 0.8), "neither arm does better"),
        (lambda: ranks.win_odds_size(1.5, 0.025, 0.8, tied=1.0), "'tied' is 1"),
        (lambda: ranks.win_odds_of_categories([0.5, 0.4], [0.5, 0.5]), "with sum 1"),
        (lambda: ranks.win_odds_of_categories([0.0, 1.0], [1.0, 0.0]), "Every treated patient"),
        (lambda: two_arm.rate_size(0.3, 0.5, 0.025, 0.8), "nothing to show"),
        (lambda: two_arm.rate_size(0.5, 0.5, 0.025, 0.8, margin=1.0), "'margin' is 1"),
        (lambda: two_arm.rate_design(20, 20, 0.5, 0.4, 0.025, RateTest.FISHER, 0.1), "takes no margin"),
        (lambda: two_arm.exact_rate_size(0.31, 0.3, 0.025, 0.8, RateTest.FISHER), "Use the formula"),
        (lambda: boin_boundaries(0.3, 0.4), "in the order low, target, high"),
    ],
)
def test_what_makes_no_design_is_refused(call, said):
    with pytest.raises(InputError, match=said):
        call()
