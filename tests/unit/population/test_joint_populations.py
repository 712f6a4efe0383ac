"""Characteristics that go together: ranks as asked, margins and everyone else's chance untouched."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp, spearmanr

from euexia import population
from euexia.core.errors import DataFileError, InputError
from euexia.parameters.parameter import Source, Status
from euexia.population.copula import factor_of, joined
from euexia.population.spec import RankCorrelation

NAMES = [name for name in population.names() if name.endswith("_joint")]
PEOPLE = np.arange(20_000)
WHY = Source(key="assumption", where="a test")

FILE = """
population: own
title: Own
meaning: Own patients
like: advanced_nsclc
columns: {{}}
joint:
  - {{columns: [{first}, {second}], rank: {rank}, status: assumed, source: {{key: assumption, where: x}}}}
"""


def pair(first: str, second: str, rank: float) -> RankCorrelation:
    """Give one correlation."""
    return RankCorrelation(columns=(first, second), rank=rank, status=Status.ASSUMED, source=WHY)


@pytest.mark.parametrize("name", NAMES)
def test_ranks_go_together_as_asked(name: str) -> None:
    """Within men, 20,000 candidates: a Monte-Carlo error of 0.01; categories blunt ranks by up to 0.05."""
    spec = population.load(name)
    people = population.sample(spec, 1, 0, PEOPLE)
    men = people["male"] == 1
    for entry in spec.joint:
        one, other = (people[column][men] for column in entry.columns)
        assert spearmanr(one, other)[0] == pytest.approx(entry.rank, abs=0.06), entry.columns


@pytest.mark.parametrize("name", NAMES)
def test_margins_and_other_columns_stay(name: str) -> None:
    """Margins are those of the population it is like; a column that goes with nothing keeps its bits."""
    spec = population.load(name)
    usual = population.load(spec.like)
    people, before = (population.sample(entry, 1, 0, PEOPLE) for entry in (spec, usual))
    members = joined(spec)
    for column in members:
        if spec.columns[column] != usual.columns[column]:
            continue  # a margin of its own, as the file says
        assert ks_2samp(people[column], before[column]).statistic < 0.02, column
    for column in spec.columns:
        drawn = usual.columns[column].formula is None and usual.columns[column].correlated is None
        if column not in (*members, "handgrip_effect") and drawn:
            assert np.array_equal(people[column], before[column]), column


@settings(max_examples=15, deadline=None)
@given(candidate=st.integers(0, 10_000), trial=st.integers(0, 50))
def test_a_patient_is_the_same_alone_and_sampled_in_part(candidate: int, trial: int) -> None:
    """Chance stays addressed: company and what else is sampled change nothing."""
    spec = population.load(NAMES[0])
    alone = population.sample(spec, 2, trial, np.array([candidate]))
    among = population.sample(spec, 2, trial, np.arange(candidate, candidate + 3))
    part = population.sample(spec, 2, trial, np.array([candidate]), only={"ecog"})
    assert alone["ecog"][0] == among["ecog"][0] == part["ecog"][0]
    assert alone["crp"][0] == among["crp"][0]


def test_contradicting_ranks_are_refused_by_name() -> None:
    """Three strong negative correlations cannot all hold."""
    joint = (pair("a", "b", -0.9), pair("b", "c", -0.9), pair("a", "c", -0.9))
    with pytest.raises(InputError, match="a, b, c contradict each other"):
        factor_of(joint, ("a", "b", "c"))


@pytest.mark.parametrize(
    ("first", "second", "rank", "told"),
    [
        ("age", "hight", 0.1, "no column 'hight'"),
        ("age", "age", 0.1, "between two columns"),
        ("age", "weight", 0.1, "'weight' is not drawn"),
        ("age", "albumin", 0.1, "'albumin' says under 'correlated'"),
        ("age", "height", 1.5, "not between -1 and 1"),
    ],
)
def test_a_wrong_correlation_is_refused(first: str, second: str, rank: float, told: str) -> None:
    """What cannot be drawn is said by name when the file is read."""
    with pytest.raises(DataFileError, match=told):
        population.read(FILE.format(first=first, second=second, rank=rank), "own.yaml")
