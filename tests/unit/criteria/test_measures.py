"""The list of measures: complete, printable and readable."""

from __future__ import annotations

import pytest

from euexia.core import quantities
from euexia.core.errors import UnitError
from euexia.criteria.measures import CATEGORY, FLAG, MEASURES, format_value, parse_written

NUMBERS = [measure for measure in MEASURES.values() if measure.kind not in (FLAG, CATEGORY)]


@pytest.mark.parametrize("measure", NUMBERS, ids=lambda measure: measure.id)
def test_number_has_a_known_kind_and_a_range(measure) -> None:  # type: ignore[no-untyped-def]
    assert measure.kind in quantities.CANONICAL
    assert measure.low < measure.high
    assert measure.unit


@pytest.mark.parametrize("measure", NUMBERS, ids=lambda measure: measure.id)
def test_printed_unit_is_the_canonical_one(measure) -> None:  # type: ignore[no-untyped-def]
    """One of the printed unit is 1.0 inside, so a printed reading is the reading."""
    assert parse_written(f"3 {measure.unit}", measure) == 3.0


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.id)
def test_measure_can_be_spoken_of(measure) -> None:  # type: ignore[no-untyped-def]
    assert measure.label
    assert measure.short
    assert measure.note
    assert set(measure.derived_from) <= set(MEASURES)


@pytest.mark.parametrize(
    ("name", "value", "printed"),
    [
        ("crp", 62.4, "62 mg/L"),
        ("crp", 62.5, "63 mg/L"),
        ("crp", float("nan"), "unknown"),
        ("neutrophils", 1.0, "1.0 ×10⁹/L"),
        ("daily_steps", 4321.0, "4 321 steps/day"),
        ("ast", 2.0, "2.0 x ULN"),
        ("able_to_eat", 1.0, "yes"),
    ],
)
def test_format_value(name: str, value: float, printed: str) -> None:
    assert format_value(value, MEASURES[name]) == printed


def test_a_threshold_is_printed_as_it_is() -> None:
    assert format_value(1.75, MEASURES["neutrophils"], exact=True) == "1.75 ×10⁹/L"
    assert format_value(30.0, MEASURES["crp"], exact=True) == "30 mg/L"


def test_crp_in_another_unit() -> None:
    """3.0 mg/dL is 30 mg/L."""
    assert parse_written("3.0 mg/dL", MEASURES["crp"]) == pytest.approx(30.0)


def test_reading_without_unit_is_refused() -> None:
    with pytest.raises(UnitError, match="has no unit"):
        parse_written("30", MEASURES["crp"])
