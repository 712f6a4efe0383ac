"""Allotment of patients to arms: permuted blocks, minimisation, or each patient for themselves."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.core.streams import Purpose, uniform
from euexia.protocol.protocol import Imbalance, Protocol, Randomisation, RandomisationMethod

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

COIN, TIE = 0, 1
"""Items of the draws of minimisation: whether the balancing arm is taken, and which of several."""
EQUAL = 1e-9
"""Imbalances nearer than this are a tie."""


def allot(
    protocol: Protocol, seed: int, trial: Integers, stratum: Integers, factors: Integers | None = None
) -> Integers:
    """Return the arm of every patient, as an index into the protocol's arms.

    trial: number of each trial, shape (trials,).  stratum: of the patients in order of enrolment, shape
    (trials, subjects).  factors: level of each factor of minimisation, shape (factors, trials, subjects); the
    stratum as the only factor if None.
    A patient's arm depends on the seed, the trial and the patient's place in it (in blocks: in the stratum)
    alone, by minimisation also on the factors of the patients who came before.
    """
    match protocol.randomisation.method:
        case RandomisationMethod.PERMUTED_BLOCKS:
            return _permuted_blocks(protocol, seed, trial, stratum)
        case RandomisationMethod.SIMPLE:
            return _simple(protocol, seed, trial, stratum)
        case RandomisationMethod.MINIMISATION:
            return _minimise(protocol, seed, trial, stratum[None] if factors is None else factors)
        case _:
            assert_never(protocol.randomisation.method)


def _place_in_stratum(stratum: Integers) -> Integers:
    """Return how many earlier patients of the trial share the stratum, shape (trials, subjects)."""
    place = np.zeros(stratum.shape, dtype=np.int64)
    for number in np.unique(stratum):
        member = stratum == number
        place = np.where(member, np.cumsum(member, axis=1) - 1, place)
    return place


def _permuted_blocks(protocol: Protocol, seed: int, trial: Integers, stratum: Integers) -> Integers:
    size = protocol.randomisation.block_size
    if size is None:
        raise InputError(
            f"Protocol '{protocol.id}' allots in permuted blocks without a size. Give 'block_size'."
        )
    ratios = [arm.ratio for arm in protocol.arms]
    block_of_arms = np.repeat(np.arange(len(ratios)), ratios)
    block_of_arms = np.tile(block_of_arms, size // block_of_arms.size)
    place = _place_in_stratum(stratum)
    block, position = np.divmod(place, size)
    keys = uniform(
        seed,
        Purpose.RANDOMISATION,
        trial[:, None, None],
        block[:, :, None],
        stratum[:, :, None],
        np.arange(size),
    )
    order = np.argsort(keys, axis=-1, kind="stable")
    chosen = np.take_along_axis(order, position[:, :, None], axis=-1)[:, :, 0]
    return np.asarray(block_of_arms[chosen], dtype=np.int64)


def _draws(seed: int, trial: Integers, subjects: int, item: int) -> Floats:
    """Return one draw per patient by trial and place, shape (trials, subjects)."""
    return uniform(seed, Purpose.RANDOMISATION, trial[:, None], np.arange(subjects), 0, item)


def _simple(protocol: Protocol, seed: int, trial: Integers, stratum: Integers) -> Integers:
    ratios = np.array([arm.ratio for arm in protocol.arms], dtype=float)
    edges = np.cumsum(ratios / ratios.sum())[:-1]
    draws = _draws(seed, trial, stratum.shape[1], COIN)
    return np.asarray(np.searchsorted(edges, draws, side="right"), dtype=np.int64)


def _minimise(protocol: Protocol, seed: int, trial: Integers, factors: Integers) -> Integers:
    r"""Return arms by minimisation with a random element.

    Patient after patient, for every arm k: were the patient given k, let :math:`x_{ij}` be the patients of
    arm j who share the patient's level of factor i, over the arm's ratio.  The imbalance of k is

    .. math:: G(k) = \sum_i w_i D(x_{i1}, \dots, x_{iJ})

    with D the range or the variance.  The arm with the smallest G is taken with the probability p of the
    protocol, each other arm with a share of 1 - p in proportion to its ratio; ties are broken in proportion
    to the ratios.

    factors: shape (factors, trials, subjects).  Source: Pocock SJ, Simon R. Biometrics 1975;31:103-115;
    counts over the ratio are the usual extension to unequal arms.
    """
    ratios = np.array([arm.ratio for arm in protocol.arms], dtype=float)
    weights = [stratum.weight for stratum in protocol.randomisation.strata] or [1.0] * len(factors)
    subjects, rows = factors.shape[2], np.arange(trial.size)
    levels = int(factors.max(initial=0)) + 1
    counts = np.zeros((len(factors), trial.size, levels, ratios.size))
    coin, tie = _draws(seed, trial, subjects, COIN), _draws(seed, trial, subjects, TIE)
    arm = np.zeros((trial.size, subjects), dtype=np.int64)
    for place in range(subjects):
        imbalance = np.zeros((trial.size, ratios.size))
        for factor, weight in enumerate(weights):
            sharing = counts[factor, rows, factors[factor, :, place]]
            imbalance = imbalance + weight * _imbalances(sharing, ratios, protocol.randomisation)
        probability = _probabilities(imbalance, ratios, protocol.randomisation.probability)
        arm[:, place] = _chosen(probability, imbalance, ratios, coin[:, place], tie[:, place])
        for factor in range(len(factors)):
            counts[factor, rows, factors[factor, :, place], arm[:, place]] += 1
    return arm


def _imbalances(sharing: Floats, ratios: Floats, plan: Randomisation) -> Floats:
    """Return the imbalance in one factor were the patient given each arm, shape (trials, arms).

    sharing: patients of each arm who share the level, shape (trials, arms).
    """
    shares = (sharing[:, None, :] + np.eye(ratios.size)) / ratios
    match plan.imbalance:
        case Imbalance.RANGE:
            return np.asarray(shares.max(axis=-1) - shares.min(axis=-1))
        case Imbalance.VARIANCE:
            return np.asarray(shares.var(axis=-1))
        case _:
            assert_never(plan.imbalance)


def _best(imbalance: Floats) -> NDArray[np.bool_]:
    return np.asarray(imbalance <= imbalance.min(axis=-1, keepdims=True) + EQUAL)


def _probabilities(imbalance: Floats, ratios: Floats, probability: float) -> Floats:
    """Return the probability that the best arms together, and each other arm, are taken."""
    others = np.where(_best(imbalance), 0.0, ratios)
    total = others.sum(axis=-1, keepdims=True)
    return np.where(total > 0, (1 - probability) * others / np.where(total > 0, total, 1.0), 0.0)


def _chosen(others: Floats, imbalance: Floats, ratios: Floats, coin: Floats, tie: Floats) -> Integers:
    """Return the arm of one patient of every trial.

    others: probability of each arm that is not best.  coin: below the sum of these one of them is taken.
    """
    best = np.where(_best(imbalance), ratios, 0.0)
    among = np.cumsum(best, axis=-1) / best.sum(axis=-1, keepdims=True)
    fair = (tie[:, None] >= among).sum(axis=-1)
    reach = np.cumsum(others, axis=-1)
    unlucky = (coin[:, None] >= reach).sum(axis=-1)
    last = ratios.size - 1
    return np.asarray(np.where(coin < reach[:, -1], np.minimum(unlucky, last), np.minimum(fair, last)))
