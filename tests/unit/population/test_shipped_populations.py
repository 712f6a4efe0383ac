"""Every population that ships: sampled whole, sourced, and like another where it says so."""

from __future__ import annotations

import numpy as np
import pytest

from euexia import population
from euexia.core.errors import DataFileError, UnknownNameError
from euexia.criteria.measures import MEASURES
from euexia.physiology.inputs import INPUTS, LEAST_RUN_IN

COUNT = 4000
NAMES = population.names()


def sampled(name):
    return population.sample(population.load(name), 1, np.zeros(COUNT, dtype=np.int64), np.arange(COUNT))


@pytest.mark.parametrize("name", NAMES)
def test_a_population_gives_what_the_model_asks(name):
    """Every input, without gaps; a history long enough; codes of named values within their list."""
    people = sampled(name)
    for column in INPUTS:
        assert np.isfinite(people[column]).all(), column
    assert people["run_in_days"].min() >= LEAST_RUN_IN
    for column in set(people.columns) & set(MEASURES):
        if MEASURES[column].is_category:
            assert set(people[column]) <= set(range(len(MEASURES[column].categories)))
        if MEASURES[column].is_flag:
            assert set(people[column]) <= {0.0, 1.0}


@pytest.mark.parametrize("name", NAMES)
def test_numbers_of_columns_are_never_shared(name):
    numbers = [column.number for column in population.load(name).columns.values()]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("name", NAMES)
def test_a_column_has_one_number_in_every_population(name):
    """Otherwise a new column would move the chance of another."""
    mine = {column: entry.number for column, entry in population.load(name).columns.items()}
    for other in NAMES:
        for column, entry in population.load(other).columns.items():
            assert mine.get(column, entry.number) == entry.number


def test_a_population_is_like_another_but_for_its_own_columns():
    """What the pancreatic population leaves out is that of the inflammatory one, bit for bit."""
    one, other = sampled("pancreatic_cancer"), sampled("inflammatory_cachexia")
    np.testing.assert_array_equal(one["neutrophils"], other["neutrophils"])
    assert (one["crp"] != other["crp"]).mean() > 0.9
    assert population.fingerprint("pancreatic_cancer") != population.fingerprint("inflammatory_cachexia")


def test_an_unknown_model_is_named():
    text = "population: mine\ntitle: Mine\nmeaning: Mine.\nlike: inflammatory_cachexi\ncolumns: {}\n"
    with pytest.raises(UnknownNameError, match="Did you mean 'inflammatory_cachexia'"):
        population.read(text, "mine.yaml")


def test_a_number_taken_by_the_model_is_refused():
    text = """population: mine
title: Mine
meaning: Mine.
like: inflammatory_cachexia
columns:
  shoe_size:
    {number: 3, meaning: Shoe size, kind: fraction, unit: "1", distribution: constant, value: 42,
     status: assumed, source: {key: assumption, where: a guess}}
"""
    with pytest.raises(DataFileError, match="number 3 is already taken by 'height'"):
        population.read(text, "mine.yaml")


def test_those_above_the_threshold_have_the_gdf15_of_the_reference_patient():
    """Median 3.2 ng/mL (the reference patient of the trial) among those at or above 1.5 ng/mL."""
    gdf15 = sampled("elevated_gdf15")["gdf15"]
    assert np.median(gdf15[gdf15 >= 1.5]) == pytest.approx(3.2, rel=0.08)


def test_lung_cancer_has_the_body_mass_index_of_the_trials():
    """Mean 23.0, SD 3.6 in 829 randomised to ROMANA 1 or 2 (ESMO 2020, 1829P), who had at most 30 kg/m2."""
    index = sampled("advanced_nsclc")["body_mass_index"]
    index = index[index <= 30]
    assert index.mean() == pytest.approx(23.0, abs=0.3)
    assert index.std() == pytest.approx(3.6, abs=0.3)
