"""What holds for every trial: swaps, shifts, order, and the fast methods against the plain ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euexia.statistics import ancova, dunnett, graphical, logistic, multiplicity, plain_methods
from euexia.statistics.contrasts import pairs
from euexia.statistics.diagnosis import Diagnosis
from euexia.statistics.location_shift import Route, hodges_lehmann, mann_whitney
from euexia.statistics.multiplicity import Method
from euexia.statistics.proportions import Alternative
from euexia.statistics.ranked_ancova import quade, stratified_rank_ancova
from euexia.statistics.stratified_proportions import (
    cmh,
    mantel_haenszel_difference,
    mantel_haenszel_odds_ratio,
    miettinen_nurminen_stratified,
    newcombe_stratified,
    stratum_counts,
)
from euexia.statistics.stratified_scores import van_elteren
from euexia.statistics.two_arm_ancova import adjusted_difference

FEW = settings(max_examples=30, deadline=None)


@st.composite
def trials(draw, arms=2):
    """Draw a small trial: values with ties and gaps, arms, a covariate, strata and responses."""
    size = draw(st.integers(12, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    arm = rng.integers(0, arms, (1, size))
    arm[0, : 3 * arms] = np.tile(np.arange(arms), 3)
    x = rng.normal(60, 10, (1, size))
    y = np.round(0.3 * arm + 0.05 * x + rng.normal(size=(1, size)), draw(st.integers(0, 3)))
    y[rng.random((1, size)) < 0.1] = np.nan
    stratum = rng.integers(0, 3, (1, size))
    response = (rng.random((1, size)) < 0.3 + 0.2 * arm).astype(float)
    return {"y": y, "arm": arm, "x": x, "stratum": stratum, "response": response}


def two_arm_counts(trial):
    arm = trial["arm"]
    return stratum_counts(trial["response"], arm == 1, arm == 0, trial["stratum"], 3)


@FEW
@given(trials(arms=3), st.floats(-1e3, 1e3))
def test_a_constant_moves_means_and_nothing_else(trial, constant):
    model = {"arms": 3, "covariates": [trial["x"]], "factors": [trial["stratum"]]}
    plain = ancova.estimate(trial["y"], trial["arm"], **model)
    moved = ancova.estimate(trial["y"] + constant, trial["arm"], **model)
    if plain.diagnosis[0] != Diagnosis.FINE:
        return
    np.testing.assert_allclose(moved.means - constant, plain.means, atol=1e-9)
    np.testing.assert_allclose(moved.covariance, plain.covariance, rtol=1e-6)
    np.testing.assert_allclose(moved.p_values, plain.p_values, rtol=1e-6, atol=1e-12)


@FEW
@given(trials())
def test_swapping_the_arms_flips_the_sign(trial):
    y, arm, other = trial["y"], trial["arm"], 1 - trial["arm"]
    model = {"arms": 2, "covariates": [trial["x"]], "factors": [trial["stratum"]]}
    one = ancova.compare(ancova.estimate(y, arm, **model), pairs(2))
    two = ancova.compare(ancova.estimate(y, other, **model), pairs(2))
    np.testing.assert_allclose(one.estimate, -two.estimate, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(one.p_value, two.p_value, rtol=1e-7)
    shift, back = (hodges_lehmann(y, a == 1, a == 0) for a in (arm, other))
    np.testing.assert_array_equal(
        [shift.estimate, shift.low, shift.high], [-back.estimate, -back.high, -back.low]
    )
    up = mann_whitney(y, arm == 1, arm == 0, alternative=Alternative.GREATER)
    down = mann_whitney(y, other == 1, other == 0, alternative=Alternative.LESS)
    np.testing.assert_allclose(up.p_value, down.p_value, rtol=1e-10)
    x1, n1, x0, n0 = two_arm_counts(trial)
    for method in (mantel_haenszel_difference, miettinen_nurminen_stratified, newcombe_stratified):
        here, there = method(x1, n1, x0, n0, 0.95), method(x0, n0, x1, n1, 0.95)
        np.testing.assert_allclose(here.estimate, -there.estimate, atol=1e-12)
        np.testing.assert_allclose(here.low, -there.high, atol=1e-9)
    odds, inverse = (
        mantel_haenszel_odds_ratio(*counts, 0.95) for counts in ((x1, n1, x0, n0), (x0, n0, x1, n1))
    )
    np.testing.assert_allclose(odds.low, 1.0 / inverse.high, rtol=1e-10)


@FEW
@given(trials())
def test_order_of_subjects_changes_nothing(trial):
    order = np.random.default_rng(0).permutation(trial["y"].shape[1])
    mixed = {key: column[:, order] for key, column in trial.items()}
    results = []
    for t in (trial, mixed):
        fit = ancova.estimate(t["y"], t["arm"], arms=2, covariates=[t["x"]], factors=[t["stratum"]])
        risk = logistic.marginal_risk_difference(t["response"], t["arm"], covariates=[t["x"]], firth=True)
        results.append(
            [
                *fit.means[0],
                van_elteren(t["y"], t["arm"], t["stratum"]).p_value[0],
                quade(t["y"], t["arm"], arms=2, covariates=[t["x"]]).p_value[0],
                stratified_rank_ancova(
                    t["y"], t["arm"], arms=2, covariates=[t["x"]], stratum=t["stratum"]
                ).p_value[0],
                risk.estimate[0],
                risk.error[0],
            ]
        )
    np.testing.assert_allclose(results[0], results[1], rtol=1e-6, atol=1e-9)


@FEW
@given(trials())
def test_the_general_fit_agrees_with_the_closed_form_and_with_the_plain_one(trial):
    """Two arms and one covariate: sweeping, sums of squares within arms, and numpy's lstsq; to 1e-8."""
    y, arm, x = trial["y"], trial["arm"], trial["x"]
    known = ~np.isnan(y)
    found = ancova.compare(ancova.estimate(y, arm, arms=2, covariates=[x]), pairs(2))
    closed = adjusted_difference(y, x, (arm == 1) & known, (arm == 0) & known)
    if np.isnan(found.error[0, 0]):
        return
    plain = plain_methods.least_squares_difference(y[known], arm[known] == 1, x[known][:, np.newaxis])
    for other in ((closed.difference[0], closed.error[0]), plain):
        assert (found.estimate[0, 0], found.error[0, 0]) == pytest.approx(other, rel=1e-7, abs=1e-9)


@FEW
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 5), st.integers(0, 2))
def test_rank_tests_agree_with_the_plain_ones(seed, n1, n0, digits):
    """Every way to deal out the treated, values with and without ties."""
    y = np.round(np.random.default_rng(seed).normal(size=(1, n1 + n0)), digits)
    treated = np.arange(n1 + n0) < n1
    found = mann_whitney(y, treated, ~treated, route=Route.EXACT)
    if found.diagnosis[0] == Diagnosis.FINE:
        plain = plain_methods.rank_sum_p_value(y[0, treated], y[0, ~treated])
        assert found.p_value[0] == pytest.approx(plain, rel=1e-9)
    shift = hodges_lehmann(y, treated, ~treated)
    assert shift.estimate[0] == pytest.approx(
        plain_methods.median_of_differences(y[0, treated], y[0, ~treated]), abs=1e-12
    )


@FEW
@given(st.integers(0, 2**32 - 1), st.integers(4, 15), st.integers(4, 15))
def test_the_exact_shift_leaves_out_nothing_exactly_when_the_test_rejects(seed, n1, n0):
    y = np.random.default_rng(seed).normal(size=(1, n1 + n0))
    treated = np.arange(n1 + n0) < n1
    shift = hodges_lehmann(y, treated, ~treated, level=0.9)
    rejected = mann_whitney(y, treated, ~treated).p_value[0] <= 0.1 + 1e-12
    if not np.isnan(shift.low[0]):
        assert rejected == (shift.low[0] > 0 or shift.high[0] < 0)


@FEW
@given(trials())
def test_responses_agree_with_the_plain_methods(trial):
    response, arm, x, stratum = (trial[key] for key in ("response", "arm", "x", "stratum"))
    if np.isfinite(cmh(*two_arm_counts(trial)).statistic[0]):
        plain = plain_methods.cmh_statistic(response[0], arm[0] == 1, stratum[0])
        assert cmh(*two_arm_counts(trial)).statistic[0] == pytest.approx(plain, rel=1e-9, abs=1e-12)
    found = logistic.marginal_risk_difference(response, arm, covariates=[x])
    if found.diagnosis[0] == Diagnosis.FINE:
        centred = (x[0] - x[0].mean())[:, np.newaxis] / 10
        plain = plain_methods.marginal_difference(response[0], arm[0] == 1, centred)
        assert found.estimate[0] == pytest.approx(plain, abs=1e-8)


@FEW
@given(trials())
def test_intervals_of_stratified_differences_hold_their_estimates(trial):
    counts = two_arm_counts(trial)
    for method in (mantel_haenszel_difference, miettinen_nurminen_stratified, newcombe_stratified):
        found = method(*counts, 0.95)
        if np.isfinite(found.low[0]):
            assert found.low[0] - 1e-12 <= found.estimate[0] <= found.high[0] + 1e-12


P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=6)


@FEW
@given(P_VALUES)
def test_stronger_procedures_reject_more(p_values):
    bonferroni, holm, hochberg, hommel = (
        multiplicity.adjust(p_values, method)
        for method in (Method.BONFERRONI, Method.HOLM, Method.HOCHBERG, Method.HOMMEL)
    )
    slack = 1e-12
    assert (holm <= bonferroni + slack).all()
    assert (hochberg <= holm + slack).all()
    assert (hommel <= hochberg + slack).all()
    assert (hommel >= np.array(p_values) - slack).all()


@FEW
@given(P_VALUES)
def test_short_cuts_agree_with_closed_testing(p_values):
    """Holm closes Bonferroni's test, Hommel closes Simes's, and graphs close weighted Bonferroni tests."""
    width = len(p_values)
    closed = multiplicity.closed_testing(p_values, multiplicity.bonferroni)
    np.testing.assert_allclose(multiplicity.adjust(p_values, Method.HOLM), closed, rtol=1e-12)
    np.testing.assert_allclose(
        multiplicity.adjust(p_values, Method.HOMMEL),
        multiplicity.closed_testing(p_values, multiplicity.simes),
        rtol=1e-12,
    )
    np.testing.assert_allclose(graphical.adjust(p_values, graphical.complete(width)), closed, rtol=1e-9)
    np.testing.assert_allclose(
        graphical.adjust(p_values, graphical.sequence(width)),
        multiplicity.adjust(p_values, Method.FIXED_SEQUENCE),
        rtol=1e-12,
    )


@FEW
@given(st.lists(st.floats(1e-6, 1), min_size=4, max_size=4), st.integers(0, 2**32 - 1))
def test_any_graph_agrees_with_its_closure(p_values, seed):
    rng = np.random.default_rng(seed)
    arrows = rng.random((4, 4)) * (rng.random((4, 4)) < 0.7) * (1.0 - np.eye(4))
    arrows = arrows / np.maximum(arrows.sum(axis=1, keepdims=True), 1.0)
    weights = rng.random(4) * (rng.random(4) < 0.8)
    plan = graphical.graph(weights / max(1.0, weights.sum()), arrows)

    def weighted_bonferroni(p, members):
        share = graphical.weights_of(members, plan)[list(members)]
        if not share.any():
            return np.ones(p.shape[0])
        return np.minimum(1.0, (p[:, share > 0] / share[share > 0]).min(axis=1))

    np.testing.assert_allclose(
        graphical.adjust(p_values, plan),
        multiplicity.closed_testing(p_values, weighted_bonferroni),
        rtol=1e-8,
    )


@FEW
@given(st.lists(st.floats(-4, 4), min_size=2, max_size=4), st.floats(3, 200), st.floats(0.2, 0.9))
def test_dunnett_lies_between_no_adjustment_and_bonferroni(statistics, freedom, loading):
    weights = np.full(len(statistics), loading)
    raw = dunnett.single_step(np.array(statistics)[:, np.newaxis], [0.0], np.full(len(statistics), freedom))
    single = dunnett.single_step(statistics, weights, freedom)[0]
    stepped = dunnett.step_down(statistics, weights, freedom)[0]
    assert (stepped <= single + 1e-9).all()
    assert (stepped >= raw[:, 0] - 1e-9).all()
    assert (single <= len(statistics) * raw[:, 0] + 1e-9).all()
