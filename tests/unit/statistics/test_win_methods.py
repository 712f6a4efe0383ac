"""Win statistics, composite ranks and survivor effects: by hand, against plain references, on bad input."""

import numpy as np
import pytest

from builders.lifetimes import HIERARCHIES, outcomes
from euexia.core.errors import InputError
from euexia.statistics import (
    composite_rank,
    composite_rank_reference,
    finkelstein_schoenfeld,
    survivor_effect,
    survivor_effect_reference,
    win_statistics,
    win_statistics_reference,
)
from euexia.statistics.survival_diagnosis import Diagnosis
from euexia.statistics.survivor_effect import Monotonicity
from euexia.statistics.win_statistics import Component, Kind, Outcome

DEATH = Component(name="death", kind=Kind.TIME_TO_EVENT)


def patients(hierarchy, found, trial=0):
    """Return the patients of one arm as the plain reference reads them."""
    size = np.shape(found[0].value)[1]
    return [
        [
            (
                float(outcome.value[trial][row]),
                bool(outcome.event[trial][row]) if component.kind is Kind.TIME_TO_EVENT else False,
            )
            for component, outcome in zip(hierarchy, found, strict=True)
        ]
        for row in range(size)
    ]


@pytest.mark.parametrize(
    ("margin", "counts", "ratio", "odds"),
    [(0, (6, 3, 0), 2.0, 2.0), (2, (6, 3, 0), 2.0, 2.0), (3, (5, 2, 2), 2.5, 2.0)],
)
def test_three_patients_by_hand(margin, counts, ratio, odds):
    """Treated: alive +3 %, died day 40, alive -1 %; controls: alive +1 %, died day 20, alive -4 %.

    By hand from the definition of Pocock et al. 2012: nine pairs; net benefit 1/3 throughout.
    """
    hierarchy = (DEATH, Component(name="lean mass", margin=margin))
    treated = [Outcome(value=[56, 40, 56], event=[0, 1, 0]), Outcome(value=[3, np.nan, -1])]
    controls = [Outcome(value=[56, 20, 56], event=[0, 1, 0]), Outcome(value=[1, np.nan, -4])]
    found = win_statistics.compare(hierarchy, treated, controls)
    assert (found.wins[0], found.losses[0], found.ties[0]) == counts
    assert found.win_ratio.estimate[0] == pytest.approx(ratio)
    assert found.win_odds.estimate[0] == pytest.approx(odds)
    assert found.net_benefit.estimate[0] == pytest.approx(1 / 3)


def test_a_pair_that_died_on_the_same_day_without_readings_ties():
    hierarchy = (DEATH, Component(name="lean mass"))
    arm = [Outcome(value=[30], event=[1]), Outcome(value=[np.nan])]
    found = win_statistics.compare(hierarchy, arm, arm)
    assert (found.wins[0], found.losses[0], found.ties[0]) == (0, 0, 1)


@pytest.mark.parametrize(
    ("mine", "theirs", "score"),
    [
        ((40, 1), (20, 1), 1),
        ((40, 0), (20, 1), 1),
        ((20, 0), (20, 1), 1),
        ((20, 1), (20, 1), 0),
        ((15, 0), (20, 1), 0),
        ((40, 0), (20, 0), 0),
        ((20, 1), (40, 0), -1),
        ((20, 1), (20, 0), -1),
    ],
)
def test_an_earlier_death_loses_only_when_it_was_seen_to_be_earlier(mine, theirs, score):
    """Follow-up that ended before the other's death says nothing: a tie."""
    arms = [[Outcome(value=[time], event=[event])] for time, event in (mine, theirs)]
    found = win_statistics.compare((DEATH,), *arms)
    assert found.wins[0] - found.losses[0] == score


def test_a_margin_is_met_in_spite_of_rounding():
    """1.3 - 1.0 is 0.30000000000000004, and 0.3 - 0.1 is 0.19999999999999998: both meet their margin."""
    for high, low, margin in ((1.3, 1.0, 0.3), (0.3, 0.1, 0.2)):
        part = (Component(name="lean", margin=margin),)
        found = win_statistics.compare(part, [Outcome(value=[high])], [Outcome(value=[low])])
        assert found.wins[0] == 1


@pytest.mark.parametrize("administrative", [False, True], ids=["censored", "administrative"])
@pytest.mark.parametrize("name", HIERARCHIES)
def test_counts_and_variances_agree_with_the_reference(name, administrative):
    """Counts exactly, whichever way they are found; variances to rounding."""
    hierarchy = HIERARCHIES[name]
    for seed in range(4):
        missing = 0.0 if administrative else 0.15
        treated = outcomes(hierarchy, seed, subjects=23, missing=missing, administrative=administrative)
        controls = outcomes(hierarchy, 99 + seed, subjects=17, missing=missing, administrative=administrative)
        pairs = win_statistics_reference.scores(
            hierarchy, patients(hierarchy, treated), patients(hierarchy, controls)
        )
        expected = win_statistics_reference.probabilities(pairs)
        found = win_statistics.compare(hierarchy, treated, controls)
        assert (found.wins[0], found.losses[0]) == ((pairs > 0).sum(), (pairs < 0).sum())
        assert found.win_probability[0] == pytest.approx(expected.share[0], rel=1e-12)
        contrast = np.array([1.0, -1.0])
        variance = contrast @ expected.covariance @ contrast
        assert found.net_benefit.error[0] ** 2 == pytest.approx(variance, rel=1e-9)
        gradient = contrast / expected.share
        ratio_variance = gradient @ expected.covariance @ gradient
        assert found.win_ratio.error[0] ** 2 == pytest.approx(ratio_variance, rel=1e-9)


def test_components_are_counted_one_by_one():
    """Ties of each component are what the next one decides: counted by the plain reference."""
    hierarchy = HIERARCHIES["three"]
    treated, controls = outcomes(hierarchy, 1, subjects=30), outcomes(hierarchy, 2, subjects=25)
    won, lost = np.zeros(3), np.zeros(3)
    for mine in patients(hierarchy, treated):
        for theirs in patients(hierarchy, controls):
            score, place = win_statistics_reference.score(hierarchy, mine, theirs)
            won[place % 3] += score > 0
            lost[place % 3] += score < 0
    found = win_statistics.compare(hierarchy, treated, controls)
    assert found.wins_by_component[0].tolist() == won.tolist()
    assert found.losses_by_component[0].tolist() == lost.tolist()


def test_strata_are_weighted_as_in_the_reference():
    hierarchy = HIERARCHIES["two"]
    rng = np.random.default_rng(3)
    treated, controls = outcomes(hierarchy, 1, subjects=40), outcomes(hierarchy, 2, subjects=30)
    strata = rng.integers(0, 3, 40), rng.integers(0, 3, 30)
    pairs = win_statistics_reference.scores(
        hierarchy, patients(hierarchy, treated), patients(hierarchy, controls)
    )
    expected = win_statistics_reference.stratified(
        [pairs[np.ix_(strata[0] == s, strata[1] == s)] for s in range(3)]
    )
    found = win_statistics.compare(hierarchy, treated, controls, strata)
    assert [found.win_probability[0], found.loss_probability[0]] == pytest.approx(expected.share, rel=1e-12)
    contrast = np.array([1.0, -1.0])
    assert found.net_benefit.error[0] ** 2 == pytest.approx(contrast @ expected.covariance @ contrast)


def test_many_rows_are_compared_in_blocks():
    """More rows than fit into a byte of wins per control: the same as sorting finds for each component."""
    rng = np.random.default_rng(5)
    value = [rng.integers(0, 30, size).astype(float) for size in (700, 300)]
    nothing = [np.full(size, np.nan) for size in (700, 300)]
    part = (Component(name="first"), Component(name="second"))
    by_pairs = win_statistics.compare(
        part, *([Outcome(value=n), Outcome(value=v)] for n, v in zip(nothing, value, strict=True))
    )
    by_sorting = win_statistics.compare(part[:1], *([Outcome(value=v)] for v in value))
    assert by_pairs.wins == by_sorting.wins
    assert by_pairs.losses == by_sorting.losses
    assert by_pairs.net_benefit.error == by_sorting.net_benefit.error


def test_win_statistics_diagnose_bad_trials():
    """Each fault is named; what is still known stays: 4 : 0 has no win ratio, but net benefit 1."""
    treated = [[2.0, 3], [1, 1], [np.inf, 1], [2, 1], [5, 6]]
    controls = [[1.0, 4], [1, 1], [1, 2], [1, 2], [1, 2]]
    present = (np.array([[1, 1], [1, 1], [1, 1], [0, 0], [1, 1]]), np.ones((5, 2)))
    found = win_statistics.compare(
        (Component(name="lean"),), [Outcome(value=treated)], [Outcome(value=controls)], present=present
    )
    assert found.diagnosis == (
        Diagnosis.SOUND,
        Diagnosis.NO_VARIANCE,
        Diagnosis.INFINITE_VALUE,
        Diagnosis.ONE_ARM,
        Diagnosis.NO_VARIANCE,
    )
    assert found.net_benefit.estimate == pytest.approx([0, 0, np.nan, np.nan, 1], nan_ok=True)
    assert np.isfinite(found.net_benefit.p_value).tolist() == [True, False, False, False, False]
    assert np.isnan(found.win_ratio.estimate[[1, 4]]).tolist() == [True, True]


def test_a_trial_without_losses_has_net_benefit_but_no_win_ratio():
    found = win_statistics.compare(
        (Component(name="lean"),), [Outcome(value=[1.0, 2, 3])], [Outcome(value=[1.0, 1, 0])]
    )
    assert found.diagnosis == (Diagnosis.NO_WINS_OR_LOSSES,)
    assert np.isfinite(found.net_benefit.low[0])
    assert np.isnan(found.win_ratio.low[0])


def test_outcomes_must_fit_the_components():
    lean = (Component(name="lean"),)
    with pytest.raises(InputError, match="1 components, but 2 outcomes"):
        win_statistics.compare(lean, [Outcome(value=[1])] * 2, [Outcome(value=[1])])
    with pytest.raises(InputError, match="give 'event' with times"):
        win_statistics.compare((DEATH,), [Outcome(value=[1])], [Outcome(value=[1])])
    with pytest.raises(InputError, match="margin of 'x' is -1"):
        win_statistics.compare((Component(name="x", margin=-1),), [Outcome(value=[1])], [Outcome(value=[1])])
    with pytest.raises(InputError, match="different numbers of trials"):
        win_statistics.compare(lean, [Outcome(value=[[1], [2]])], [Outcome(value=[1])])


@pytest.mark.parametrize("seed", range(3))
def test_composite_rank_agrees_with_its_reference(seed):
    rng = np.random.default_rng(seed)
    died, time = rng.random(40) < 0.4, rng.integers(1, 8, 40).astype(float)
    function, group = np.round(rng.normal(size=40), 1), np.arange(40) % 2
    rows = list(zip(died.tolist(), time.tolist(), function.tolist(), strict=True))
    sides = [[row for row, arm in zip(rows, group, strict=True) if arm == g] for g in (1, 0)]
    found = composite_rank.test(time, died, function, group)
    assert found.theta[0] == pytest.approx(composite_rank_reference.theta(*sides), abs=1e-14)
    assert found.z[0] == pytest.approx(composite_rank_reference.wilcoxon_z(*sides), rel=1e-12)


def test_composite_rank_is_the_net_benefit_of_its_hierarchy():
    """Same pairs, same variance: death by time, then function among survivors of one common follow-up."""
    rng = np.random.default_rng(8)
    died, time = rng.random((2, 60)) < 0.4, rng.integers(1, 8, (2, 60)).astype(float)
    function = np.round(rng.normal(size=(2, 60)), 1)
    sides = [
        [
            Outcome(value=np.where(died[i], time[i], 8), event=died[i]),
            Outcome(value=np.where(died[i], np.nan, function[i])),
        ]
        for i in (0, 1)
    ]
    hierarchy = (DEATH, Component(name="function"))
    benefit = win_statistics.compare(hierarchy, *sides).net_benefit
    ranks = composite_rank.test(time.ravel(), died.ravel(), function.ravel(), np.repeat([1, 0], 60))
    assert ranks.theta == pytest.approx(benefit.estimate, abs=1e-14)
    assert ranks.error == pytest.approx(benefit.error, rel=1e-10)
    permuted = finkelstein_schoenfeld.test(hierarchy, *sides)
    assert permuted.z == pytest.approx(ranks.z, rel=1e-12)


def test_composite_rank_diagnoses_bad_trials():
    """An arm that all died is no fault here: death is the outcome.  One arm, or all alike, is."""
    died = np.array([[1, 1, 1, 0, 0, 0], [0] * 6, [0] * 6, [1] * 6], float)
    time = np.array([[1, 2, 3, 9, 9, 9], [9] * 6, [9] * 6, [4] * 6], float)
    function = np.array([[np.nan] * 3 + [1, 2, 1], [1] * 6, [1, 2, 3, 4, 5, 6], [np.nan] * 6])
    group = np.array([[1, 1, 0, 1, 0, 0], [0, 1] * 3, [1] * 6, [0, 1] * 3])
    found = composite_rank.test(time, died, function, group)
    assert found.diagnosis == (
        Diagnosis.SOUND,
        Diagnosis.NO_VARIANCE,
        Diagnosis.ONE_ARM,
        Diagnosis.NO_VARIANCE,
    )
    assert np.isfinite(found.p_value).tolist() == [True, False, False, False]
    with pytest.raises(InputError, match="no time of death"):
        composite_rank.test([np.nan, 2], [1, 0], [1, 2], [0, 1])


def test_survivor_bounds_agree_with_their_reference():
    rng = np.random.default_rng(2)
    outcome, survived, group = rng.normal(size=90), rng.random(90) < 0.8, np.arange(90) % 2
    sides = [outcome[survived & (group == g)].tolist() for g in (1, 0)]
    expected = survivor_effect_reference.bounds(sides[0], 45, sides[1], 45)
    found = survivor_effect.bounds(outcome, survived, group, draws=0)
    assert [found.low[0], found.high[0]] == pytest.approx(expected, rel=1e-9)


def test_survivor_bounds_of_a_binary_outcome_by_hand():
    """10 and 10 patients, 8 and 9 survive, 6 and 3 with success: pi >= 0.7, q = 7/8 and 7/9.

    Treated: 5 to 6 of 7 succeed; controls: 1 to 3 of 7; hence 2/7 to 5/7.  If treatment can only harm, pi is
    0.8: treated 6/8, controls 2 to 3 of 8.
    """
    outcome = [1] * 6 + [0] * 2 + [np.nan] * 2 + [1] * 3 + [0] * 6 + [np.nan]
    survived = [1] * 8 + [0] * 2 + [1] * 9 + [0]
    group = [1] * 10 + [0] * 10
    found = survivor_effect.bounds(outcome, survived, group, draws=0)
    assert [found.low[0], found.high[0]] == pytest.approx([2 / 7, 5 / 7])
    harms = survivor_effect.bounds(outcome, survived, group, Monotonicity.TREATMENT_HARMS, draws=0)
    assert [harms.low[0], harms.high[0]] == pytest.approx([3 / 8, 4 / 8])
    assert harms.always_survivors == pytest.approx([0.8])


def test_without_deaths_the_bounds_are_the_difference_of_means():
    """The interval is then the usual one: the bootstrap error is near the formula's (500 draws: 10 %)."""
    rng = np.random.default_rng(3)
    outcome, group = rng.normal(size=200), np.arange(200) % 2
    found = survivor_effect.bounds(outcome, np.ones(200), group)
    means = [outcome[group == g].mean() for g in (0, 1)]
    error = np.sqrt(sum(outcome[group == g].var(ddof=1) / 100 for g in (0, 1)))
    assert [found.low[0], found.high[0]] == pytest.approx([means[1] - means[0]] * 2)
    assert found.low_error[0] == pytest.approx(error, rel=0.1)
    assert found.interval_high[0] - found.high[0] == pytest.approx(1.96 * found.high_error[0], rel=1e-3)


def test_survivor_bounds_diagnose_bad_trials():
    """All dead in an arm, an arm missing, monotonicity refuted: named; few survivors: the range itself."""
    outcome = np.tile([1.0, 0, 1, 0], (4, 1))
    survived = np.array([[0, 1, 0, 1], [1, 1, 1, 1], [1, 1, 0, 1], [1, 1, 0, 0]], float)
    group = np.array([[1, 0, 1, 0], [1, 1, 1, 1], [1, 0, 1, 0], [1, 0, 1, 0]])
    saves = Monotonicity.TREATMENT_SAVES
    found = survivor_effect.bounds(outcome, survived, group, saves, draws=20)
    assert found.diagnosis[:3] == (
        Diagnosis.ALL_DEAD,
        Diagnosis.ONE_ARM,
        Diagnosis.AGAINST_MONOTONICITY,
    )
    assert np.isnan(found.low[:3]).all()
    none = survivor_effect.bounds(outcome[3], survived[3], group[3], limits=(0, 1), draws=20)
    assert (none.low[0], none.high[0], none.always_survivors[0]) == (-1, 1, 0)
