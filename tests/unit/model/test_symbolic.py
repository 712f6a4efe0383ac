"""Symbols that calculate, and the text they become."""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree

import pytest

from euexia.core import quantities
from euexia.core.errors import InputError, UnitError
from euexia.model import elementary, sbml, sbml_units
from euexia.model.sbml import Document, Event, Quantity
from euexia.model.symbolic import Book, Operation, Term, symbols_of

BOOK = Book()
X, Y = BOOK.symbol("x"), BOOK.symbol("y")


def value(term: Term, known: dict[str, float]) -> Any:
    """Return the value of a term: an evaluator of the test's own."""
    if term.operation is Operation.SYMBOL:
        return known[term.name]
    if term.operation is Operation.NUMBER:
        return term.number
    parts = [value(part, known) for part in term.parts]
    table: dict[Operation, Any] = {
        Operation.PLUS: lambda a, b: a + b,
        Operation.MINUS: lambda a, b: a - b,
        Operation.NEGATIVE: lambda a: -a,
        Operation.TIMES: lambda a, b: a * b,
        Operation.DIVIDE: lambda a, b: a / b,
        Operation.POWER: lambda a, b: a**b,
        Operation.EXP: math.exp,
        Operation.LOG: math.log,
        Operation.SQRT: math.sqrt,
        Operation.MAXIMUM: max,
        Operation.MINIMUM: min,
        Operation.ABOVE: lambda a, b: a > b,
        Operation.CHOICE: lambda a, condition, b: a if condition else b,
    }
    return table[term.operation](*parts)


FORMULAS = {
    "operators": lambda x, y: 2 * x - y / 3 + (1 - x) ** 2 - -y + 4 / y,
    "elementary": lambda x, y: (
        elementary.exp(-x) * elementary.log(y) + elementary.sqrt(x * y) + elementary.minimum(x, y)
    ),
    "bounds": lambda x, y: (
        elementary.positive_part(x - y) + elementary.maximum(y, 2) * elementary.minimum(x, 0)
    ),
    "choice": lambda x, y: elementary.where(x > y, x * x, y - 1),
}


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize(("x", "y"), [(0.7, 2.5), (3.0, 1.5)])
def test_symbols_calculate_as_numbers_do(name: str, x: float, y: float) -> None:
    """The same function, on floats and on symbols."""
    formula = FORMULAS[name]
    term = formula(X, Y)
    assert value(term, {"x": x, "y": y}) == pytest.approx(float(formula(x, y)), rel=1e-15)


def test_equal_terms_are_one_object() -> None:
    assert X * Y + 1 is X * Y + 1
    assert X * Y is not Y * X


def test_neutral_operations_leave_no_trace() -> None:
    assert 1.0 * X is X
    assert X + 0 is X
    assert (X / 1) - 0.0 is X
    assert (0 * X).is_number(0)


def test_symbols_refuse_to_be_true() -> None:
    with pytest.raises(TypeError, match=r"elementary\.where"):
        bool(X > 1)


def test_symbols_of_terms_stop_at_names() -> None:
    inner = X + 1
    assert symbols_of((inner * Y,), {}) == {"x", "y"}
    assert symbols_of((inner * Y,), {id(inner): "inner"}) == {"inner", "y"}


@pytest.mark.parametrize(
    "unit", sorted({*quantities.CANONICAL.values(), "kcal/kg^2/day", "pg/mL/kg", "ng/mL/kg"})
)
def test_units_have_the_size_that_the_unit_library_knows(unit: str) -> None:
    """Each factor of the definition, multiplied out in pint."""
    if "1.73" not in unit:
        found = quantities._registry().Quantity(1.0)
        for part in sbml_units.base_units(unit):
            name = "1" if part.kind == "dimensionless" else part.kind
            base = quantities._registry().parse_expression(name)
            found = found * (part.multiplier * 10**part.scale * base) ** part.exponent
        ratio = quantities._unit(unit) / found
        assert float(ratio.to("").magnitude) == pytest.approx(1.0, rel=1e-12)
    else:
        with pytest.raises(UnitError, match="cannot be written"):
            sbml_units.base_units(unit)


def test_units_have_names_that_a_model_may_use() -> None:
    names = [sbml_units.identifier(unit) for unit in {*quantities.CANONICAL.values()}]
    assert sbml_units.identifier("kcal/kg/day") == "kcal_per_kg_per_day"
    assert sbml_units.identifier("1/day") == "per_day"
    assert len(set(names)) == len(names)


def decay(**changes: Any) -> Document:
    """Return a model of exponential decay."""
    book = Book()
    amount, rate = book.symbol("amount"), book.symbol("rate")
    quantities_ = (
        Quantity(name="amount", unit="kg", meaning="Amount", value=1.0, rate=-rate * amount),
        Quantity(name="double", unit="kg", meaning="Twice", rule=2.5e-20 * amount),
        Quantity(name="rate", unit="1/day", meaning="Rate", value=math.inf),
    )
    event = Event(name="refill", meaning="Again", day=3.0, assignments={"amount": amount * 2})
    given: dict[str, Any] = {"quantities": quantities_, "events": (event,), **changes}
    return Document(name="decay", title="Decay", notes=("One.", "Two & three."), **given)


def test_a_model_is_well_formed() -> None:
    root = ElementTree.fromstring(sbml.write(decay()))
    space = {"s": sbml.NAMESPACE, "m": sbml.MATHML}
    assert root.get("level") == "3"
    constant = {entry.get("id"): entry.get("constant") for entry in root.iterfind(".//s:parameter", space)}
    assert constant == {"amount": "false", "double": "false", "rate": "true"}
    assert root.find(".//s:parameter[@id='rate']", space).get("value") == "INF"  # type: ignore[union-attr]
    (number,) = root.iterfind(".//s:assignmentRule//m:cn", space)
    assert (number.text, number.get("type"), number[0].tail) == ("2.5", "e-notation", "-20")
    assert [entry.get("id") for entry in root.iterfind(".//s:event", space)] == ["refill"]


def test_names_that_cannot_be_are_refused() -> None:
    twice = Quantity(name="time", unit="kg", meaning="Wrong", value=1.0)
    with pytest.raises(
        InputError, match=r"used twice: \['time'\]; not allowed as a name: \['time', 'time'\]"
    ):
        sbml.write(decay(quantities=(twice, twice), events=()))
