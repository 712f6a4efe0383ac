"""Vectorised definitions against a second, plain implementation that takes one patient at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from builders import plain_rules
from euexia.criteria.catalogue import DEFINITIONS, ask
from euexia.criteria.outcome import Outcome

PATIENTS = 4000

READINGS = {
    "weight_loss_6_months": np.arange(-100, 251) / 1000,
    "weight_loss_3_to_6_months": np.arange(-50, 201) / 1000,
    "bmi": np.arange(160, 320) / 10,
    "sarcopenia": np.array([0.0, 1.0]),
    "acutely_ill": np.array([0.0, 1.0]),
    "no_intake_over_5_days": np.array([0.0, 1.0]),
    "crp": np.arange(0, 300) / 10,
    "albumin": np.arange(250, 451) / 10,
}
"""Readings as they are recorded: few decimals, so that every boundary is met exactly many times."""

RULES: dict[str, tuple[Callable[..., bool | int | None], tuple[str, ...]]] = {
    "fearon2011": (plain_rules.fearon, ("weight_loss_6_months", "bmi", "sarcopenia")),
    "mgps": (plain_rules.modified_glasgow, ("crp", "albumin")),
    "wlgs2015": (plain_rules.weight_loss_grade, ("weight_loss_6_months", "bmi")),
    "must": (
        plain_rules.must,
        ("bmi", "weight_loss_3_to_6_months", "acutely_ill", "no_intake_over_5_days"),
    ),
}


def drawn(names: tuple[str, ...], seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    columns = {}
    for name in names:
        values = random.choice(READINGS[name], PATIENTS)
        columns[name] = np.where(random.random(PATIENTS) < 0.15, np.nan, values)
    return columns


def numbers(outcome: Outcome, name: str) -> np.ndarray:
    if name == "fearon2011":
        assert outcome.truth is not None
        return np.where(outcome.truth == -1, np.nan, outcome.truth)
    assert outcome.value is not None
    return outcome.value


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_plain_rule_agrees(name: str, seed: int) -> None:
    rule, names = RULES[name]
    columns = drawn(names, seed)
    rows = zip(*(columns[reading].tolist() for reading in names), strict=True)
    plain = [rule(*(None if np.isnan(value) else value for value in row)) for row in rows]
    expected = np.array([np.nan if found is None else float(found) for found in plain])
    np.testing.assert_array_equal(numbers(ask(name, **columns), name), expected)


@pytest.mark.parametrize("name", RULES)
def test_the_plain_rule_takes_the_readings_of_the_definition(name: str) -> None:
    assert set(RULES[name][1]) <= {entry.name for entry in DEFINITIONS[name].inputs}
