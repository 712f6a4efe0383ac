"""Conditions on readings: three-valued, exact at the boundary, and readable."""

from __future__ import annotations

import numpy as np
import pytest

from euexia.core.datafile import loads
from euexia.core.errors import DataFileError, UnknownNameError
from euexia.core.logic import FALSE, TRUE, UNKNOWN
from euexia.protocol.condition import (
    MeasureHistory,
    duration_in_words,
    evaluate,
    in_words,
    leaves,
    look_backs,
    measures_of,
    once,
    with_creatinine_clearance,
)
from euexia.protocol.condition_reading import read_condition
from euexia.protocol.statement import Condition

NAN = float("nan")


def read(text: str) -> Condition:
    return loads(text, "x.yaml", "condition", Condition, readers={Condition: read_condition})


def weights(*values: float, days: tuple[float, ...] = (-187.0, -67.0, -35.0, -7.0)) -> MeasureHistory:
    return MeasureHistory(np.array(days), np.array([values]), now=3, baseline=None)


WEIGHT_LOSS = """
any:
  - {measure: body_weight, of: percent_loss, over: 2 months, at_least: 2 %}
  - {measure: body_weight, of: percent_loss, over: 6 months, at_least: 5 %}
"""


@pytest.mark.parametrize(
    ("half_year", "two_months", "now", "expected"),
    [
        (NAN, 70.0, 68.6, TRUE),
        (80.0, 70.0, 69.9, TRUE),
        (70.0, 70.0, 69.9, FALSE),
        (NAN, 70.0, 69.9, UNKNOWN),
        (70.0, 70.0, NAN, UNKNOWN),
    ],
)
def test_weight_loss(half_year: float, two_months: float, now: float, expected: int) -> None:
    """Worked examples of the clinical specification 1.4: 70 to 68.6 kg is exactly 2 %."""
    condition = read(WEIGHT_LOSS)
    history = weights(half_year, two_months, NAN, now)
    assert evaluate(condition, {"body_weight": history}) == expected


def test_thresholds_become_canonical() -> None:
    assert read("{measure: crp, at_least: 3 mg/dL}").threshold == pytest.approx(30.0)
    assert read("{measure: crp, of: percent_loss, below: 30 %}").threshold == pytest.approx(0.3)
    assert read("{measure: ast, at_most: 2 x ULN}").threshold == 2.0
    assert read("{measure: ecog, at_most: 2}").threshold == 2.0


def test_flags() -> None:
    condition = read("{measure: able_to_eat, is_true: true}")
    assert evaluate(condition, {"able_to_eat": once([1.0, 0.0, NAN])}).tolist() == [TRUE, FALSE, UNKNOWN]
    condition = read("{measure: fluid_retention, is_true: false}")
    assert evaluate(condition, {"fluid_retention": once([1.0, 0.0, NAN])}).tolist() == [FALSE, TRUE, UNKNOWN]


def test_responder() -> None:
    """Worked examples of the clinical specification 7.1: strict for lean mass, from 4 kg on for grip."""
    condition = read(
        "{all: [{measure: lean_mass_ct, of: percent_change, above: 2 %},"
        " {measure: handgrip_strength, of: change, at_least: 4 kg}]}"
    )
    lean = np.array([[42.06, 42.903], [42.06, 42.78], [50.0, 51.0], [50.0, 51.5], [50.0, NAN], [50.0, NAN]])
    grip = np.array([[26.0, 30.0], [26.0, 31.0], [26.0, 30.0], [26.0, 29.9], [26.0, 30.0], [26.0, 29.0]])
    days = np.array([0.0, 56.0])
    readings = {
        "lean_mass_ct": MeasureHistory(days, lean, 1, 0),
        "handgrip_strength": MeasureHistory(days, grip, 1, 0),
    }
    assert evaluate(condition, readings).tolist() == [TRUE, FALSE, FALSE, FALSE, UNKNOWN, FALSE]


def test_a_change_without_baseline_is_unknown() -> None:
    condition = read("{measure: crp, of: change, below: 0 mg/L}")
    history = MeasureHistory(np.array([5.0]), np.array([[30.0]]), 0, None)
    assert evaluate(condition, {"crp": history}).tolist() == [UNKNOWN]


def test_stacks_keep_their_shape() -> None:
    """Histories may have any leading axes, such as (trials, subjects)."""
    condition = read("{measure: crp, of: percent_loss, at_least: 10 %}")
    values = np.full((3, 4, 2), 30.0)
    assert evaluate(condition, {"crp": MeasureHistory(np.array([0.0, 7.0]), values, 1, 0)}).shape == (3, 4)


def test_a_measure_without_history_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="no readings of 'crp'"):
        evaluate(read("{measure: crp, above: 5 mg/L}"), {"albumin": once([30.0])})


def test_words_and_inventory() -> None:
    condition = read(WEIGHT_LOSS)
    assert in_words(condition) == "fall of weight in 2 months ≥ 2 % or fall of weight in 6 months ≥ 5 %"
    assert measures_of(condition) == ("body_weight",)
    assert len(list(leaves(condition))) == 2
    assert look_backs(condition)["body_weight"] == pytest.approx((182.625, 60.875))


def test_nested_words_have_brackets() -> None:
    condition = read(
        "{any: [{all: [{measure: ast, at_most: 2 x ULN}, {measure: alt, at_most: 2 x ULN}]},"
        " {measure: able_to_eat, is_true: false}]}"
    )
    assert in_words(condition) == "(AST ≤ 2.0 x ULN and ALT ≤ 2.0 x ULN) or able to eat: no"


@pytest.mark.parametrize(
    ("days", "words"),
    [(60.875, "2 months"), (56.0, "8 weeks"), (1.0, "1 day"), (10.0, "10 days"), (2.5, "2.5 days")],
)
def test_durations(days: float, words: str) -> None:
    assert duration_in_words(days) == words


def test_creatinine_clearance_is_computed() -> None:
    """Clinical specification 6.4: man, 67 years, 64.7 kg, 1.2 mg/dL: 54.67 mL/min."""
    readings = with_creatinine_clearance(
        {
            "creatinine": once([1.2 * 88.42]),
            "body_weight": once([64.7]),
            "age": once([67.0]),
            "male": once([1.0]),
        }
    )
    assert readings["creatinine_clearance"].value == pytest.approx([54.67], abs=0.005)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{measure: crpp, above: 5 mg/L}", "Did you mean 'crp'?"),
        ("{measure: crp, above: 5}", "has no unit"),
        ("{measure: crp, above: 5 kg}", "cannot be converted"),
        ("{measure: crp, above: 5000 mg/L}", "not plausible"),
        ("{measure: crp, of: percent_loss, above: 130 %}", "not plausible"),
        ("{measure: crp}", "0 comparisons"),
        ("{measure: crp, above: 5 mg/L, below: 9 mg/L}", "2 comparisons"),
        ("{measure: crp, is_true: true}", "not a yes/no quantity"),
        ("{measure: able_to_eat, above: 1}", "yes/no quantity"),
        ("{measure: crp, over: 2 months, above: 5 mg/L}", "look-back is only for a change"),
        ("{measure: body_weight, of: percent_loss, over: -2 months, above: 5 %}", "look-back"),
        ("{any: []}", "the list is empty"),
        ("{any: [{measure: able_to_eat, is_true: true}], all: []}", "exactly one of"),
        ("{any: [{measure: able_to_eat, is_true: true}], above: 3}", "stands alone"),
        ("{measur: crp, above: 5 mg/L}", "Did you mean 'measure'?"),
        ("[]", "expected keys and values"),
    ],
)
def test_faulty_conditions(text: str, message: str) -> None:
    with pytest.raises(DataFileError) as caught:
        read(text)
    assert message in str(caught.value)
