"""Permuted blocks, minimisation and simple randomisation."""

import dataclasses

import numpy as np
import pytest

from euexia import protocol as protocols
from euexia.core.errors import InputError
from euexia.core.streams import Purpose, uniform
from euexia.protocol.protocol import Imbalance, Randomisation, RandomisationMethod, Stratum
from euexia.simulate.randomisation import allot

PROTOCOL = protocols.load("lenalidomide")


def no_strata(trials, subjects):
    return np.zeros((trials, subjects), dtype=np.int64)


def test_every_block_is_balanced():
    """Blocks of 10 at 2:2:1: four, four and two in each, always."""
    arm = allot(PROTOCOL, 1, np.arange(50), no_strata(50, 60))
    blocks = arm.reshape(50, 6, 10)
    for index, count in enumerate((4, 4, 2)):
        assert ((blocks == index).sum(axis=-1) == count).all()


def test_more_patients_and_other_trials_change_nobody():
    wide = allot(PROTOCOL, 1, np.arange(20), no_strata(20, 100))
    narrow = allot(PROTOCOL, 1, np.array([7]), no_strata(1, 33))
    assert (narrow[0] == wide[7, :33]).all()


def test_order_within_blocks_is_random():
    """Each place of a block holds each arm in proportion: 4,000 blocks, standard error 0.008."""
    arm = allot(PROTOCOL, 1, np.arange(4000), no_strata(4000, 10))
    for place in range(10):
        assert np.mean(arm[:, place] == 2) == pytest.approx(0.2, abs=0.03)
    assert np.unique(arm, axis=0).shape[0] > 1500  # of 3150 possible orders


def test_each_stratum_is_balanced_by_itself():
    stratum = np.tile([0, 1, 1], (30, 20))
    arm = allot(PROTOCOL, 3, np.arange(30), stratum)
    for number, size in ((0, 20), (1, 40)):
        inside = arm[stratum == number].reshape(30, size // 10, 10)
        assert ((inside == 0).sum(axis=-1) == 4).all()


def test_a_block_twice_as_long_keeps_the_ratio():
    longer = dataclasses.replace(
        PROTOCOL, randomisation=dataclasses.replace(PROTOCOL.randomisation, block_size=20)
    )
    arm = allot(longer, 1, np.arange(10), no_strata(10, 40))
    assert ((arm.reshape(10, 2, 20) == 2).sum(axis=-1) == 4).all()


def planned(**changes):
    """Return the reference protocol with three arms 2:2:1 and another way of allotting them."""
    plan = Randomisation(strata=(Stratum(measure="crp"), Stratum(measure="ecog")), **changes)
    return dataclasses.replace(PROTOCOL, randomisation=plan)


def levels(trials, subjects, seed=1):
    """Return levels of two factors, of two and of three levels."""
    draws = np.random.default_rng(seed)
    return np.stack(
        [draws.integers(0, 2, (trials, subjects)), draws.integers(0, 3, (trials, subjects))]
    ).astype(np.int64)


MINIMISED = planned(method=RandomisationMethod.MINIMISATION)


def worst_difference(arm, factors):
    """Return the mean over trials of the largest difference of arms 0 and 1 in any level of any factor."""
    gaps = [
        np.abs(((arm == 0) & (factor == level)).sum(axis=1) - ((arm == 1) & (factor == level)).sum(axis=1))
        for factor in factors
        for level in range(int(factor.max()) + 1)
    ]
    return float(np.max(gaps, axis=0).mean())


def by_hand(protocol, trial, factors):
    """Minimise one trial patient by patient as Pocock and Simon describe; factors: (factors, subjects)."""
    ratios = [arm.ratio for arm in protocol.arms]
    plan = protocol.randomisation
    given = []
    for place in range(factors.shape[1]):
        total = []
        for k in range(len(ratios)):
            score = 0.0
            for row, stratum in zip(factors, plan.strata, strict=True):
                same = [arm for arm, level in zip(given, row, strict=False) if level == row[place]]
                shares = [(same.count(j) + (j == k)) / ratios[j] for j in range(len(ratios))]
                score += stratum.weight * (max(shares) - min(shares))
            total.append(score)
        best = [k for k in range(len(ratios)) if total[k] <= min(total) + 1e-9]
        others = [k for k in range(len(ratios)) if k not in best]
        coin = float(uniform(1, Purpose.RANDOMISATION, trial, place, 0, 0))
        draw = float(uniform(1, Purpose.RANDOMISATION, trial, place, 0, 1))
        weight = sum(ratios[k] for k in others)
        edges = np.cumsum([(1 - plan.probability) * ratios[k] / weight for k in others])
        if len(edges) and coin < edges[-1]:
            given.append(others[int(np.searchsorted(edges, coin, side="right"))])
        else:
            fair = np.cumsum([ratios[k] for k in best]) / sum(ratios[k] for k in best)
            given.append(best[int(np.searchsorted(fair, draw, side="right"))])
    return given


def test_minimisation_is_that_of_pocock_and_simon():
    """Biometrics 1975;31:103-115, by an implementation that reads like it, for five trials of 40."""
    factors = levels(5, 40)
    arm = allot(MINIMISED, 1, np.arange(5), factors[0], factors)
    for trial in range(5):
        assert arm[trial].tolist() == by_hand(MINIMISED, trial, factors[:, trial])


def test_minimisation_balances_better_than_chance():
    """Largest difference of two equal arms within any level of 100 patients: chance gives about 9."""
    factors = levels(200, 100)
    minimised = allot(MINIMISED, 1, np.arange(200), factors[0], factors)
    drawn = allot(planned(method=RandomisationMethod.SIMPLE), 1, np.arange(200), factors[0])
    assert worst_difference(minimised, factors) < 3.5
    assert worst_difference(drawn, factors) > 7


def test_a_certain_minimisation_never_leaves_two_equal_arms_far_apart():
    """With probability 1 and one factor, shares within each level differ by at most one patient."""
    plan = Randomisation(
        method=RandomisationMethod.MINIMISATION, strata=(Stratum(measure="crp"),), probability=1.0
    )
    protocol = dataclasses.replace(PROTOCOL, randomisation=plan)
    factor = levels(50, 60)[1]
    arm = allot(protocol, 2, np.arange(50), factor, factor[None])
    ratios = np.array([2, 2, 1])
    for level in range(3):
        shares = np.stack([((arm == k) & (factor == level)).sum(axis=1) for k in range(3)], axis=1) / ratios
        assert (shares.max(axis=1) - shares.min(axis=1) <= 1).all()


def test_minimisation_keeps_the_ratio():
    factors = levels(300, 50)
    for imbalance in Imbalance:
        protocol = planned(method=RandomisationMethod.MINIMISATION, imbalance=imbalance)
        arm = allot(protocol, 1, np.arange(300), factors[0], factors)
        assert [np.mean(arm == k) for k in range(3)] == pytest.approx([0.4, 0.4, 0.2], abs=0.015)


def test_a_heavier_factor_is_balanced_better():
    factors = levels(300, 60)
    heavy = (Stratum(measure="crp", weight=10.0), Stratum(measure="ecog"))
    plan = Randomisation(method=RandomisationMethod.MINIMISATION, strata=heavy)
    weighed = allot(dataclasses.replace(PROTOCOL, randomisation=plan), 1, np.arange(300), factors[0], factors)
    equal = allot(MINIMISED, 1, np.arange(300), factors[0], factors)
    assert worst_difference(weighed, factors[:1]) < worst_difference(equal, factors[:1])


def test_minimisation_looks_only_back():
    """More trials, and patients who come later, change nobody."""
    factors = levels(20, 60)
    wide = allot(MINIMISED, 1, np.arange(20), factors[0], factors)
    part = factors[:, 7:8, :25]
    narrow = allot(MINIMISED, 1, np.array([7]), part[0], part)
    assert (narrow[0] == wide[7, :25]).all()


def test_simple_randomisation_has_the_probabilities_of_the_ratio():
    """20,000 patients: standard error 0.003; the next patient is independent of the last."""
    arm = allot(planned(method=RandomisationMethod.SIMPLE), 1, np.arange(200), no_strata(200, 100))
    assert [np.mean(arm == k) for k in range(3)] == pytest.approx([0.4, 0.4, 0.2], abs=0.012)
    follows = np.mean((arm[:, 1:] == 0)[arm[:, :-1] == 0])
    assert follows == pytest.approx(0.4, abs=0.02)


def test_blocks_without_a_size_are_refused():
    with pytest.raises(InputError, match="Give 'block_size'"):
        allot(planned(method=RandomisationMethod.PERMUTED_BLOCKS), 1, np.arange(2), no_strata(2, 10))
