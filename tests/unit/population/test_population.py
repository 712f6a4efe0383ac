"""Virtual patients: addressed, distributed as their file says, near the published baseline."""

import numpy as np
import pytest
from scipy import stats

from euexia import population
from euexia.core.errors import DataFileError, UnknownNameError
from euexia.criteria.laboratory import creatinine_clearance
from euexia.population.distribution import Distribution, log_median_of, log_sd_of

TRIALS, CANDIDATES = 40, 500
SPEC = population.load("inflammatory_cachexia")


@pytest.fixture(scope="module")
def people():
    return population.sample(SPEC, 1, np.arange(TRIALS)[:, None], np.arange(CANDIDATES))


def columns_of(*kinds):
    return [name for name, column in SPEC.columns.items() if column.distribution in kinds]


def test_every_column_has_the_shape_of_the_addresses_and_no_gaps(people):
    for name in SPEC.columns:
        assert people[name].shape == (TRIALS, CANDIDATES)
        assert np.isfinite(people[name]).all(), name


def test_a_candidate_is_the_same_alone_and_among_others(people):
    """Chance is addressed: bitwise equality, whoever else is sampled and in whatever order."""
    alone = population.sample(SPEC, 1, np.array([7]), np.array([123]))
    reversed_order = population.sample(SPEC, 1, 7, np.arange(CANDIDATES)[::-1])
    for name in SPEC.columns:
        assert alone[name][0] == people[name][7, 123]
        assert (reversed_order[name] == people[name][7, ::-1]).all()


def test_seed_trial_and_candidate_all_matter(people):
    other = population.sample(SPEC, 2, np.arange(TRIALS)[:, None], np.arange(CANDIDATES))
    assert np.unique(people["crp"]).size == people["crp"].size
    assert not (other["crp"] == people["crp"]).any()


@pytest.mark.parametrize(
    "name", columns_of(Distribution.NORMAL, Distribution.LOG_NORMAL, Distribution.LOGISTIC)
)
def test_continuous_columns_follow_their_file(people, name):
    """Kolmogorov-Smirnov against the distribution of the file; fails by chance in 1 of 10,000 columns."""
    column = SPEC.columns[name]
    for male in (1, 0) if column.women else (None,):
        numbers = column.numbers(women=male == 0)
        values = people[name] if male is None else people[name][people["male"] == male]
        expected = {
            Distribution.NORMAL: lambda n: stats.norm(n["mean"], n["sd"]),
            Distribution.LOG_NORMAL: lambda n: stats.lognorm(log_sd_of(n), scale=np.exp(log_median_of(n))),
            Distribution.LOGISTIC: lambda n: stats.logistic(n["mean"], n["scale"]),
        }[column.distribution](numbers)
        low, high = expected.cdf(numbers.get("low", -np.inf)), expected.cdf(numbers.get("high", np.inf))
        result = stats.kstest((expected.cdf(values.ravel()) - low) / (high - low), "uniform")
        assert result.pvalue > 1e-4


@pytest.mark.parametrize("name", columns_of(Distribution.BERNOULLI))
def test_flags_have_the_share_of_their_file(people, name):
    """Binomial test of the share; fails by chance in 1 of 10,000 columns."""
    flags = people[name]
    assert set(np.unique(flags)) <= {0.0, 1.0}
    assert stats.binomtest(int(flags.sum()), flags.size, SPEC.columns[name].probability).pvalue > 1e-4


def test_performance_status_has_the_shares_of_the_file(people):
    column = SPEC.columns["ecog"]
    for value, share in zip(column.values, column.shares, strict=True):
        assert np.mean(people["ecog"] == value) == pytest.approx(share, abs=0.015)


def test_albumin_falls_with_crp(people):
    """McMillan 2001: r -0.545 between albumin and log CRP; the cuts of both weaken it a little."""
    assert np.corrcoef(np.log(people["crp"]).ravel(), people["albumin"].ravel())[0, 1] == pytest.approx(
        -0.54, abs=0.03
    )


def test_those_inflamed_enough_have_the_crp_of_the_reference_patient(people):
    """The reference patient of the disease model has CRP 60 mg/L; the median from 30 up should be near."""
    crp = people["crp"]
    assert np.median(crp[crp >= 30]) == pytest.approx(60, abs=4)


def test_derived_columns_follow_from_the_others(people):
    assert people["weight"] == pytest.approx(people["body_mass_index"] * (people["height"] / 100) ** 2)
    expected = creatinine_clearance(people["creatinine"], people["weight"], people["age"], people["male"])
    assert (people["creatinine_clearance"] == expected).all()


def test_every_number_of_the_population_says_where_it_comes_from():
    for name, column in SPEC.columns.items():
        assert column.source.where, name
        assert (column.source.key == "assumption") or column.status.value != "assumed", name


def test_numbers_of_columns_are_never_shared():
    numbers = [column.number for column in SPEC.columns.values()]
    assert len(set(numbers)) == len(numbers)


def test_an_unknown_population_says_which_there_are():
    with pytest.raises(UnknownNameError, match="inflammatory_cachexia"):
        population.load("inflammatory_cahexia")


def test_a_population_file_has_a_fingerprint():
    assert len(population.fingerprint("inflammatory_cachexia")) == 64


FAULTY = """
population: wrong
title: t
meaning: m
columns:
  male: {number: 1, kind: fraction, unit: "1", distribution: bernoulli, probability: 1.5, REST}
  crp: {number: 1, kind: concentration, unit: mg/L, distribution: log_normal, median: 5, REST}
  ecog:
    {number: 3, kind: points, unit: "1", distribution: categorical, values: [0, 1], shares: [0.5, 0.4], REST}
  albumin:
    {number: 4, kind: albumin, unit: mg, distribution: normal, mean: 3, sd: 1,
     correlated: {column: gdf15, coefficient: 2}, REST}
"""
REST = "meaning: m, status: assumed, source: {key: assumption, where: w}"


def test_all_faults_of_a_population_file_are_said_at_once():
    with pytest.raises(DataFileError) as raised:
        population.read(FAULTY.replace("REST", REST), "wrong.yaml")
    message = str(raised.value)
    for part in (
        "probability 1.5",
        "number 1 is already",
        "cv or log_sd",
        "add up to 0.9",
        "'mg'",
        "gdf15",
        "correlation 2",
    ):
        assert part in message


def test_sampling_some_columns_gives_the_bits_of_all():
    """With only a few columns wanted, those and what they are made from are sampled, and are the same."""
    spec = population.load("inflammatory_cachexia")
    candidate = np.arange(500)
    whole = population.sample(spec, 5, 2, candidate)
    for wanted in (("weight",), ("creatinine_clearance", "ecog"), ("crp", "neutropenia_susceptibility")):
        part = population.sample(spec, 5, 2, candidate, only=wanted)
        assert set(wanted) <= set(part.columns)
        assert len(part.columns) < len(whole.columns)
        for name, values in part.columns.items():
            np.testing.assert_array_equal(values, whole[name], err_msg=name)


def test_a_column_brings_what_it_is_made_from():
    """Clearance needs creatinine, weight, age and sex; weight needs height and body mass index."""
    spec = population.load("inflammatory_cachexia")
    needed = population.spec.with_what_they_need(spec, {"creatinine_clearance"})
    assert {"creatinine", "weight", "age", "male", "height", "body_mass_index"} <= needed
    assert population.spec.with_what_they_need(spec, {"nobody_has_this"}) == frozenset()


def test_every_formula_says_what_it_reads():
    assert set(population.spec.FOLLOWS_FROM) == set(population.spec.Formula)
