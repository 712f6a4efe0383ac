"""Designs against trials made by addressed chance: what is promised happens, within Monte-Carlo error."""

import numpy as np
import pytest
from scipy.special import ndtri

from euexia.core.streams import Purpose, normal, uniform
from euexia.design import coprimary, means, ranks, repeated
from euexia.design.boundaries import Futility
from euexia.design.coprimary import BinaryEndpoint, ContinuousEndpoint
from euexia.design.group_sequential import course, design, level
from euexia.design.monitoring import conditional_power, final_analysis
from euexia.design.spending import Boundary
from euexia.design.two_stage import Aim, rejection_probability, simon

pytestmark = pytest.mark.slow

TRIALS = 40_000
ERRORS = 4.0
"""Standard errors within which a simulated probability must lie; one false alarm in 16,000 checks."""


def draws(trials, patients, occasion=0, item=0):
    """Return normal draws, shape (trials, patients)."""
    return normal(
        5, Purpose.MEASUREMENT, np.arange(trials)[:, None], np.arange(patients)[None, :], occasion, item
    )


def close(found, expected, trials=TRIALS):
    """Return whether a share of trials is within Monte-Carlo error of its probability."""
    return abs(found - expected) < ERRORS * np.sqrt(expected * (1 - expected) / trials)


@pytest.mark.parametrize("effect", [0.0, 0.4])
def test_a_group_sequential_trial_of_means(effect):
    """40 + 40 + 40 patients in two arms of known variance, Lan-DeMets with futility that is obeyed."""
    plan = design(
        Boundary.SPENDING_OBRIEN_FLEMING,
        [1, 2, 3],
        0.025,
        0.8,
        futility=Futility(boundary=Boundary.SPENDING_POCOCK, binding=True),
    )
    stages = np.stack([draws(TRIALS, 40, stage)[:, :20] for stage in range(3)], axis=1)
    others = np.stack([draws(TRIALS, 40, stage)[:, 20:] for stage in range(3)], axis=1)
    gained = (stages.sum(axis=2) - others.sum(axis=2) + 20 * effect) / np.sqrt(40)
    z = np.cumsum(gained, axis=1) / np.sqrt([1, 2, 3])
    above, below = z >= plan.upper, z <= plan.lower
    stop = (above | below).argmax(axis=1)
    rejected = above[np.arange(TRIALS), stop]
    promised = course(plan, effect * np.sqrt(60 / 2))
    assert close(rejected.mean(), float(promised.rejection))
    for analysis in range(3):
        assert close((rejected & (stop == analysis)).mean(), promised.efficacy[analysis])
    size = (stop + 1) / 3
    spread = size.std() / np.sqrt(TRIALS)
    assert abs(size.mean() - float(promised.expected_information)) < ERRORS * spread
    if effect == 0:
        assert level(plan) == pytest.approx(0.025)


def test_intervals_and_estimates_of_stopped_trials():
    """The stage-wise interval covers in 95 % and the median-unbiased estimate exceeds the truth in half."""
    plan, trials, drift = design(Boundary.POCOCK, [1, 2], 0.025, 0.8), 4000, 2.0
    increments = draws(trials, 2) + drift * 0.5 / np.sqrt(0.5)
    z = np.cumsum(increments, axis=1) / np.sqrt([1, 2])
    early = z[:, 0] >= plan.upper[0]
    ends = [final_analysis(plan, 1, z[early, 0]), final_analysis(plan, 2, z[~early, 1])]
    low, high, middle = (
        np.concatenate([getattr(end, name) for end in ends]) for name in ("low", "high", "drift")
    )
    assert close(((low <= drift) & (drift <= high)).mean(), 0.95, trials)
    assert close((middle > drift).mean(), 0.5, trials)


def test_conditional_power_comes_true():
    """Trials that stand at Z = 1.2 after half the information, continued 40,000 times."""
    plan = design(Boundary.OBRIEN_FLEMING, [0.5, 0.75, 1.0], 0.025, 0.8)
    steps = draws(TRIALS, 2) * 0.5 + 2.4 * 0.25
    z = (1.2 * np.sqrt(0.5) + np.cumsum(steps, axis=1)) / np.sqrt([0.75, 1.0])
    rejected = (z >= plan.upper[1:]).any(axis=1)
    assert close(rejected.mean(), float(conditional_power(plan, 1, 1.2, 2.4)))


@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_a_two_stage_trial(rate):
    found = simon(0.1, 0.3, 0.05, 0.8, Aim.OPTIMAL)
    chance = uniform(5, Purpose.MEASUREMENT, np.arange(TRIALS)[:, None], np.arange(found.size)[None, :])
    responders = np.cumsum(chance < rate, axis=1)
    on = responders[:, found.first_size - 1] > found.first_limit
    rejected = on & (responders[:, -1] > found.limit)
    expected = rejection_probability(found.first_limit, found.first_size, found.limit, found.size, rate)
    assert close(rejected.mean(), expected)


def test_two_t_tests_at_once():
    """20 patients an arm, correlation .5, both variances estimated: the Wishart average, trial by trial."""
    first = draws(TRIALS, 40)
    second = 0.5 * first + np.sqrt(0.75) * draws(TRIALS, 40, item=1)

    def won(readings, effect):
        treated, control = readings[:, :20] + effect, readings[:, 20:]
        variance = (treated.var(axis=1, ddof=1) + control.var(axis=1, ddof=1)) / 2
        t = (treated.mean(axis=1) - control.mean(axis=1)) / np.sqrt(variance / 10)
        return t > 2.0243941639119702  # upper 2.5 % of t with 38 degrees of freedom

    both = won(first, 0.9) & won(second, 0.7)
    ends = ContinuousEndpoint(effect=0.9), ContinuousEndpoint(effect=0.7)
    assert close(both.mean(), coprimary.power(*ends, 0.5, 20, 20, 0.025, known_variance=False))


def test_a_mean_and_a_rate_at_once():
    """100 an arm, biserial correlation .6.

    The formula is asymptotic, so 1.5 percentage points are allowed.
    """
    readings = draws(TRIALS, 200)
    latent = 0.6 * readings + 0.8 * draws(TRIALS, 200, item=1)
    shares = (latent[:, :100] > ndtri(0.4)).mean(axis=1), (latent[:, 100:] > ndtri(0.6)).mean(axis=1)
    pooled = (shares[0] + shares[1]) / 2
    z = (shares[0] - shares[1]) / np.sqrt(pooled * (1 - pooled) / 50)
    mean = (readings[:, :100].mean(axis=1) - readings[:, 100:].mean(axis=1) + 0.4) / np.sqrt(1 / 50)
    found = ((z > 1.959964) & (mean > 1.959964)).mean()
    ends = ContinuousEndpoint(effect=0.4), BinaryEndpoint(rate=0.6, control_rate=0.4)
    assert found == pytest.approx(coprimary.power(*ends, 0.6, 100, 100, 0.025), abs=0.015)


def test_an_adjusted_comparison():
    """15 an arm, a normal covariate with correlation .6: least squares on every trial."""
    trials = 20_000
    covariate = draws(trials, 30)
    outcome = 0.6 * covariate + 0.8 * draws(trials, 30, item=1)
    outcome[:, :15] += 0.9
    arm = np.repeat([1.0, 0.0], 15)
    own = [arm == value for value in (1.0, 0.0)]
    within_x, within_y = covariate.copy(), outcome.copy()
    for part in own:
        within_x[:, part] -= within_x[:, part].mean(axis=1, keepdims=True)
        within_y[:, part] -= within_y[:, part].mean(axis=1, keepdims=True)
    spread = (within_x**2).sum(axis=1)
    slope = (within_x * within_y).sum(axis=1) / spread
    gap = covariate[:, own[0]].mean(axis=1) - covariate[:, own[1]].mean(axis=1)
    difference = outcome[:, own[0]].mean(axis=1) - outcome[:, own[1]].mean(axis=1) - slope * gap
    residual = ((within_y - slope[:, None] * within_x) ** 2).sum(axis=1) / 27
    t = difference / np.sqrt(residual * (2 / 15 + gap**2 / spread))
    found = (t > 2.0518305164802833).mean()  # upper 2.5 % of t with 27 degrees of freedom
    assert close(found, means.ancova_power(15, 15, 0.9, 1.0, 0.025, 0.6), trials)


def test_the_last_visit_by_generalised_least_squares():
    """Monotone dropout at three visits: the variance of the last visit's mean with the covariance known."""
    trials, patients, kept = 3000, 60, (1.0, 0.8, 0.6)
    covariance = repeated.covariance_of(repeated.Structure.AUTOREGRESSIVE, [1.0, 1.2, 1.5], 0.7)
    noise = np.stack([draws(trials, patients, visit) for visit in range(3)], axis=2)
    readings = noise @ np.linalg.cholesky(covariance).T
    information, score = np.zeros((3, 3)), np.zeros((trials, 3))
    last_visit = np.searchsorted(-np.array(kept), -(np.arange(patients) + 0.5) / patients, side="left")
    for patient, visits in enumerate(last_visit):
        inverse = np.zeros((3, 3))
        inverse[:visits, :visits] = np.linalg.inv(covariance[:visits, :visits])
        information += inverse
        score += readings[:, patient] @ inverse
    estimates = np.linalg.solve(information, score.T)[2]
    expected = repeated.last_visit_variance(covariance, kept) / patients
    assert estimates.var() == pytest.approx(expected, rel=ERRORS * np.sqrt(2 / trials))


def test_win_odds_of_shifted_normals():
    """The Wilcoxon test on 100 an arm at the effect that gives win odds 1.6.

    3 points for the approximation.
    """
    trials = 4000
    probability = 1.6 / 2.6
    readings = draws(trials, 200)
    readings[:, :100] += np.sqrt(2) * ndtri(probability)
    ordered = readings.argsort(axis=1).argsort(axis=1) + 1
    wins = (ordered[:, :100].sum(axis=1) - 100 * 101 / 2) / 100**2
    z = (wins - 0.5) / np.sqrt(201 / (12 * 100 * 100))
    needed = ranks.win_odds_size(1.6, 0.025, 0.8).size.total
    assert needed == pytest.approx(200, abs=6)
    assert (z > 1.959964).mean() == pytest.approx(0.81, abs=0.03)
