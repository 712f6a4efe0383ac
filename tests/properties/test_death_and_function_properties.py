"""What holds of lifetimes and of pairs whatever the data, and that a stack is nothing but its trials."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.lifetimes import HIERARCHIES, lifetimes, outcomes
from euexia.statistics import (
    competing_risks,
    composite_rank,
    cox,
    cox_reference,
    finkelstein_schoenfeld,
    firth_cox,
    kaplan_meier,
    log_rank,
    restricted_mean,
    survivor_effect,
    win_statistics,
)
from euexia.statistics.survival_diagnosis import Diagnosis
from euexia.statistics.win_statistics import Outcome

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(2, 30)
names = st.sampled_from(sorted(HIERARCHIES))
few = settings(max_examples=40, deadline=None)


@few
@given(seeds, sizes)
def test_without_censoring_the_curve_is_one_minus_the_distribution(seed, size):
    time = np.random.default_rng(seed).integers(1, 9, size)
    steps = kaplan_meier.estimate(time, np.ones(size)).steps()
    assert steps[:, 3] == pytest.approx([(time > now).mean() for now in steps[:, 0]], abs=1e-12)


@few
@given(seeds, sizes)
def test_incidences_and_survival_make_one(seed, size):
    data = lifetimes(seed, subjects=size)
    found = competing_risks.estimate(data["time"], data["cause"], 2)
    known = ~np.isnan(found.time)
    total = found.survival + found.incidence.sum(axis=1)
    assert total[known] == pytest.approx(np.ones(known.sum()), abs=1e-12)
    assert (found.error[np.isfinite(found.error)] >= 0).all()


@few
@given(seeds, names, sizes, sizes)
def test_pairs_are_won_lost_or_tied_and_arms_can_be_exchanged(seed, name, size, other):
    hierarchy = HIERARCHIES[name]
    treated, controls = (
        outcomes(hierarchy, seed, subjects=size),
        outcomes(hierarchy, seed + 1, subjects=other),
    )
    one = win_statistics.compare(hierarchy, treated, controls)
    two = win_statistics.compare(hierarchy, controls, treated)
    assert one.wins + one.losses + one.ties == size * other
    assert one.wins_by_component.sum() == one.wins
    assert (one.wins, one.losses) == (two.losses, two.wins)
    assert one.wins_by_component.tolist() == two.losses_by_component.tolist()
    if one.wins > 0 and one.losses > 0:
        assert one.win_ratio.estimate == pytest.approx(1 / two.win_ratio.estimate, rel=1e-12)
    benefit = one.net_benefit.estimate
    if one.wins != size * other:
        assert one.win_odds.estimate == pytest.approx((1 + benefit) / (1 - benefit), rel=1e-12)
    assert one.diagnosis == two.diagnosis
    assert one.net_benefit.error == pytest.approx(two.net_benefit.error, rel=1e-9, nan_ok=True)


@few
@given(seeds)
def test_exchanging_arms_turns_the_log_rank_test_and_the_hazard_ratio_around(seed):
    data = lifetimes(seed)
    one = log_rank.test(data["time"], data["event"], data["group"], data["strata"])
    two = log_rank.test(data["time"], data["event"], 1 - data["group"], data["strata"])
    assert one.z == pytest.approx(-two.z, abs=1e-9, nan_ok=True)
    first = cox.fit(data["time"], data["event"], data["group"])
    second = cox.fit(data["time"], data["event"], 1 - data["group"])
    assert first.diagnosis == second.diagnosis
    assert first.coefficient == pytest.approx(-second.coefficient, abs=1e-7, nan_ok=True)


@settings(max_examples=150, deadline=None)
@given(seeds, st.integers(3, 14), st.integers(1, 3), st.booleans())
def test_cox_finds_the_top_or_says_why_there_is_none(seed, size, number, binary):
    """Tiny trials are often separated: a coefficient is where the plain gradient vanishes, or NaN."""
    rng = np.random.default_rng(seed)
    time, event, strata = rng.integers(1, 6, size), rng.integers(0, 2, size), rng.integers(0, 2, size)
    x = rng.integers(0, 2, (size, number)).astype(float) if binary else rng.normal(size=(size, number))
    found = cox.fit(time, event, x, strata)
    if found.diagnosis[0] is Diagnosis.SOUND:
        _, gradient, information = cox_reference.derivatives(
            found.coefficient[0], time, event.astype(bool), x, strata.tolist(), cox.Ties.EFRON
        )
        assert gradient == pytest.approx(np.zeros(number), abs=1e-5)
        assert np.linalg.eigvalsh(information).min() > 0
    else:
        assert np.isnan(found.coefficient).all()
        assert np.isnan(found.hazard_ratio).all()


def arrays(result):
    """Return every array of a result, also of the results inside it."""
    found = {}
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        if dataclasses.is_dataclass(value):
            found.update({f"{field.name}.{name}": array for name, array in arrays(value).items()})
        elif isinstance(value, np.ndarray | tuple):
            found[field.name] = value
    return found


def same_bits(stack, single, trials):
    for trial in range(trials):
        part = arrays(single(trial))
        for name, values in arrays(stack).items():
            if name == "components":
                continue
            alone, together = part[name][0], values[trial]
            assert (
                np.array_equal(alone, together, equal_nan=True)
                if isinstance(values, np.ndarray)
                else (alone is together)
            ), name


SURVIVAL = {
    "kaplan_meier": lambda d: kaplan_meier.estimate(d["time"], d["event"]),
    "log_rank": lambda d: log_rank.test(d["time"], d["event"], d["group"], groups=2),
    "stratified": lambda d: log_rank.test(
        d["time"],
        d["event"],
        d["group"],
        d["strata"],
        groups=2,
        weights=log_rank.Weights.FLEMING_HARRINGTON,
        rho=1,
        gamma=0.5,
    ),
    "cox": lambda d: cox.fit(d["time"], d["event"], d["covariates"]),
    "cox_strata": lambda d: cox.fit(d["time"], d["event"], d["covariates"], d["strata"], robust=True),
    "cox_one": lambda d: cox.fit(d["time"], d["event"], d["group"], ties=cox.Ties.BRESLOW),
    "proportionality": lambda d: cox.proportionality(d["time"], d["event"], d["covariates"]),
    "restricted_mean": lambda d: restricted_mean.difference(d["time"], d["event"], d["group"]),
    "incidence": lambda d: competing_risks.estimate(d["time"], d["cause"], 2),
    "same_incidence": lambda d: competing_risks.test(d["time"], d["cause"], d["group"], 1, groups=2),
    "firth": lambda d: firth_cox.fit(d["time"], d["event"], d["group"]),
    "fine_gray": lambda d: competing_risks.fine_gray(
        d["time"], d["cause"], d["covariates"], of=1, strata=d["strata"]
    ),
    "composite_rank": lambda d: composite_rank.test(
        np.nan_to_num(d["time"], nan=3.0), d["event"], d["covariates"][..., 0], d["group"]
    ),
    "survivor_effect": lambda d: survivor_effect.bounds(
        d["covariates"][..., 0], 1.0 - d["event"] * (d["group"] < 1), d["group"], draws=20
    ),
}


@pytest.mark.parametrize("method", SURVIVAL)
@pytest.mark.parametrize(("trials", "subjects"), [(7, 40), (60, 9), (3, 300)])
def test_a_stack_is_bit_for_bit_its_trials(method, trials, subjects):
    data = lifetimes(trials, trials, subjects)
    run = SURVIVAL[method]

    def single(trial):
        return run({name: values[trial] for name, values in data.items()})

    same_bits(run(data), single, trials)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("name", HIERARCHIES)
def test_pairs_of_a_stack_are_bit_for_bit_those_of_its_trials(name, workers):
    hierarchy, trials = HIERARCHIES[name], 6
    sides = [outcomes(hierarchy, seed, trials, subjects) for seed, subjects in ((1, 21), (2, 13))]
    rng = np.random.default_rng(0)
    strata = rng.integers(0, 2, (trials, 21)), rng.integers(0, 2, (trials, 13))

    def one(trial):
        return [
            [Outcome(value=o.value[trial], event=None if o.event is None else o.event[trial]) for o in side]
            for side in sides
        ]

    stack = win_statistics.compare(hierarchy, *sides, strata, workers=workers)
    same_bits(
        stack,
        lambda t: win_statistics.compare(hierarchy, *one(t), (strata[0][t], strata[1][t])),
        trials,
    )
    same_bits(
        finkelstein_schoenfeld.test(hierarchy, *sides),
        lambda t: finkelstein_schoenfeld.test(hierarchy, *one(t)),
        trials,
    )
