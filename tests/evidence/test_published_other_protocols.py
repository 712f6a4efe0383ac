"""Trials of antibodies against GDF-15, its receptor and interleukin-6, and of exercise: what they rest on.

Nothing here asks the model to agree with a published result: whether one lies in the prediction interval is a
finding, told in docs/explanation/published-trials.md.
"""

from __future__ import annotations

import numpy as np
import pytest

from euexia import drugs, evidence, parameters, protocol
from euexia.analyse import check_plan
from euexia.evidence.quantity import canonical
from euexia.protocol.analysis_plan import Method
from euexia.study import replicate

WITH_RESULTS = {"ponsegromab": 7, "anti_il6": 2}
"""Protocols beside which published figures stand, and how many."""
WITHOUT_RESULTS = ("menac", "ngm120", "ponsegromab_nct04803305", "home_exercise", "exercise_nutrition")
ALL = (*WITH_RESULTS, *WITHOUT_RESULTS)
DAYS_OF_TWO_MONTHS = 56.0


@pytest.mark.parametrize("name", ALL)
def test_the_plan_can_be_carried_out(name: str) -> None:
    check_plan(protocol.load(name))


@pytest.mark.parametrize("name", WITH_RESULTS)
def test_what_is_set_beside_was_seen_at_its_source(name: str) -> None:
    """Values known from memory are no published results; units are those of the simulated figures."""
    planned = protocol.load(name)
    assert len(planned.published) == WITH_RESULTS[name]
    for entry in planned.published:
        row = evidence.find_row(entry.study, entry.row)
        found = canonical(row) or row
        assert row.verified, entry.name
        assert found.value is not None
        assert found.weeks == (12.0,), entry.name


@pytest.mark.parametrize("name", WITHOUT_RESULTS)
def test_a_trial_without_a_figure_says_so(name: str) -> None:
    planned = protocol.load(name)
    assert not planned.published
    assert "published results" in {assumption.about for assumption in planned.assumptions}


@pytest.mark.parametrize(
    ("name", "arms", "size"),
    [
        ("ponsegromab", 4, 187),
        ("ponsegromab_nct04803305", 2, 18),
        ("anti_il6", 4, 124),
        ("menac", 2, 212),
        ("home_exercise", 2, 25),
        ("exercise_nutrition", 3, 25),
    ],
)
def test_arms_and_patients_are_those_of_the_sources(name: str, arms: int, size: int) -> None:
    """Sizes as randomised or enrolled: evidence rows of the trials; NCT04131426 by its registration."""
    planned = protocol.load(name)
    assert (len(planned.arms), planned.size) == (arms, size)


def test_published_credible_intervals_stand_beside_simulated_ones() -> None:
    planned = protocol.load("ponsegromab")
    beside = {entry.analysis for entry in planned.published}
    bayesian = {item.name for item in planned.analyses if item.method is Method.POSTERIOR_MEAN}
    assert bayesian == {"weight_100", "weight_200", "weight_400"}
    assert bayesian <= beside


def test_every_dose_of_the_antibody_against_interleukin_6_is_nearly_fully_effective() -> None:
    """80 mg every 8 weeks is 16 times 2.5 mg every 4 weeks, which suppressed CRP by 80 % in four of five."""
    chosen = parameters.load()
    largest = chosen["anti_il6.suppression"].value
    shares = [
        float(drugs.effects({"anti_il6": dose}, {}, chosen).inflammation_suppression)
        for dose in (2.5 / 28, 80 / DAYS_OF_TWO_MONTHS, 160 / DAYS_OF_TWO_MONTHS, 320 / DAYS_OF_TWO_MONTHS)
    ]
    assert shares == sorted(shares)
    assert shares[0] == pytest.approx(0.85, abs=0.005)
    assert all(0.99 * largest < share < largest for share in shares[1:])


def test_without_the_antibody_nothing_is_suppressed() -> None:
    acting = drugs.effects({"anti_il6": 0.0}, {}, parameters.load())
    assert float(acting.inflammation_suppression) == 0.0


def test_who_clears_the_antibody_fast_is_suppressed_less() -> None:
    columns = {"anti_il6_clearance_effect": np.array([0.5, 1.0, 2.0])}
    acting = drugs.effects({"anti_il6": 80 / DAYS_OF_TWO_MONTHS}, columns, parameters.load())
    assert (np.diff(np.asarray(acting.inflammation_suppression)) < 0).all()


@pytest.mark.slow
def test_weight_gain_rises_with_the_dose_of_ponsegromab() -> None:
    """As published: 1.22, 1.92 and 2.81 kg over placebo at 100, 200 and 400 mg."""
    found = replicate.run(protocol.load("ponsegromab"), trials=24, workers=1)
    effects = {entry.name: entry.mean for entry in found.operating.published}
    assert effects["weight_100"] < effects["weight_200"] < effects["weight_400"]
