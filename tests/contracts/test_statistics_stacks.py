"""Every method on arrays gives a trial the same bits alone, in a stack, and in whatever memory order."""

import dataclasses

import numpy as np
import pytest

from euexia.statistics import ancova, dunnett, graphical, logistic, multiplicity
from euexia.statistics.contrasts import pairs
from euexia.statistics.location_shift import Route, hodges_lehmann, mann_whitney
from euexia.statistics.median_difference import Interval, median_difference
from euexia.statistics.ranked_ancova import conover_iman, quade, stratified_rank_ancova
from euexia.statistics.stratified_proportions import (
    cmh,
    mantel_haenszel_difference,
    mantel_haenszel_odds_ratio,
    miettinen_nurminen_stratified,
    newcombe_stratified,
    stratum_counts,
)
from euexia.statistics.stratified_scores import van_elteren
from euexia.statistics.stratified_tables import breslow_day
from euexia.statistics.two_arm_ancova import adjusted_difference

TRIALS, SIZE = 40, 50
RNG = np.random.default_rng(7)
ARM = RNG.integers(0, 2, (TRIALS, SIZE))
BASELINE = RNG.normal(60, 12, (TRIALS, SIZE))
SITE = RNG.integers(0, 4, (TRIALS, SIZE))
CHANGE = 0.5 * ARM + 0.05 * BASELINE + np.round(RNG.normal(size=(TRIALS, SIZE)), 1)
CHANGE[RNG.random(CHANGE.shape) < 0.15] = np.nan
CHANGE[3], CHANGE[4, 0], ARM[5] = 1.0, np.inf, 1
RESPONSE = np.where(np.isnan(CHANGE), 0.0, CHANGE > 3.5)
NUMBER = np.broadcast_to(np.arange(TRIALS)[:, np.newaxis], ARM.shape)
DATA = (CHANGE, RESPONSE, ARM, BASELINE, SITE, NUMBER)


def counts(y, r, arm, x, site, number):
    return stratum_counts(r, arm == 1, arm == 0, site, 4)


def arms_of(y, r, arm, x, site, number):
    return y, arm == 1, arm == 0


def adjusted(y, r, arm, x, site, number, **options):
    return ancova.estimate(y, arm, arms=2, covariates=[x], factors=[site], **options)


def p_values(y, r, arm, x, site, number):
    return np.clip(np.abs(np.nan_to_num(x[:, :4] - 60)) / 100, 0, 1)


METHODS = {
    "ancova": adjusted,
    "ancova robust": lambda *d: adjusted(*d, robust=True, margins=ancova.Margins.EQUAL),
    "contrasts": lambda *d: ancova.compare(adjusted(*d), pairs(2)),
    "dose response": lambda y, r, a, x, s, n: ancova.dose_response(y, 1.5 * a, covariates=[x]),
    "closed form": lambda y, r, a, x, s, n: adjusted_difference(
        np.where(np.isinf(y), 0.0, y), x, (a == 1) & ~np.isnan(y), (a == 0) & ~np.isnan(y)
    ),
    "quade": lambda y, r, a, x, s, n: quade(y, a, arms=2, covariates=[x]),
    "conover": lambda y, r, a, x, s, n: conover_iman(y, a, arms=2, covariates=[x], factors=[s]),
    "rank ancova": lambda y, r, a, x, s, n: stratified_rank_ancova(y, a, arms=2, covariates=[x], stratum=s),
    "van elteren": lambda y, r, a, x, s, n: van_elteren(y, a, s),
    "mann-whitney": lambda *d: mann_whitney(*arms_of(*d)),
    "mann-whitney exact": lambda *d: mann_whitney(*arms_of(*d), route=Route.EXACT),
    "hodges-lehmann": lambda *d: hodges_lehmann(*arms_of(*d)),
    "medians": lambda y, r, a, x, s, n: median_difference(
        y, a == 1, a == 0, seed=1, replicates=60, interval=Interval.BIAS_CORRECTED, trial_numbers=n[:, 0]
    ),
    "cmh": lambda *d: cmh(*counts(*d), correct=True),
    "risk difference": lambda *d: mantel_haenszel_difference(*counts(*d), 0.95),
    "odds ratio": lambda *d: mantel_haenszel_odds_ratio(*counts(*d), 0.95),
    "score": lambda *d: miettinen_nurminen_stratified(*counts(*d), 0.95),
    "newcombe": lambda *d: newcombe_stratified(*counts(*d), 0.95),
    "breslow-day": lambda *d: breslow_day(*counts(*d)),
    "marginal": lambda y, r, a, x, s, n: logistic.marginal_risks(
        r, a, arms=2, covariates=[x], factors=[s], firth=True
    ),
    "logistic": lambda y, r, a, x, s, n: logistic.odds_ratio(r, a, covariates=[x]),
    "holm": lambda *d: multiplicity.adjust(p_values(*d), multiplicity.Method.HOLM),
    "hommel": lambda *d: multiplicity.adjust(p_values(*d), multiplicity.Method.HOMMEL),
    "graph": lambda *d: graphical.adjust(p_values(*d), graphical.complete(4)),
    "dunnett": lambda *d: dunnett.step_down((d[3][:, :3] - 60) / 10, [0.7, 0.6, 0.5], 30.0),
    "critical": lambda *d: dunnett.critical_value(np.abs(d[3][:, :2]) / 200, 30.0, 0.95),
}


def arrays(found):
    if isinstance(found, np.ndarray):
        return {"value": found}
    return {entry.name: getattr(found, entry.name) for entry in dataclasses.fields(found)}


@pytest.mark.parametrize("name", METHODS)
def test_a_trial_has_the_same_bits_alone_and_in_a_stack(name):
    """A stack with ties, gaps, a flat trial, an infinite value and an empty arm, and each trial by itself."""
    method = METHODS[name]
    stack = arrays(method(*DATA))
    turned = arrays(method(*(np.asfortranarray(part) for part in DATA)))
    for key, values in stack.items():
        np.testing.assert_array_equal(values, turned[key], err_msg=f"{key}, memory order")
    for trial in (0, 3, 4, 5, 17, TRIALS - 1):
        alone = arrays(method(*(part[trial : trial + 1] for part in DATA)))
        for key, values in stack.items():
            np.testing.assert_array_equal(values[trial], alone[key][0], err_msg=f"{key} of trial {trial}")
