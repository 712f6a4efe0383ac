"""Writes a system of differential equations as SBML, Level 3 Version 2 core.

Every quantity is a parameter with its unit: constants have values, states rate rules, results assignment
rules.  What happens at once on a day is an event.  Needs no library of SBML.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from euexia.core.errors import InputError
from euexia.model import sbml_units
from euexia.model.symbolic import Operation, Term

NAMESPACE = "http://www.sbml.org/sbml/level3/version2/core"
MATHML = "http://www.w3.org/1998/Math/MathML"
XHTML = "http://www.w3.org/1999/xhtml"
TIME = "http://www.sbml.org/sbml/symbols/time"
TIME_SYMBOL = "time"
"""Name of the symbol that stands for the time of the model."""

_TAGS: Mapping[Operation, str] = {
    Operation.PLUS: "plus",
    Operation.MINUS: "minus",
    Operation.NEGATIVE: "minus",
    Operation.TIMES: "times",
    Operation.DIVIDE: "divide",
    Operation.POWER: "power",
    Operation.EXP: "exp",
    Operation.LOG: "ln",
    Operation.SQRT: "root",
    Operation.MAXIMUM: "max",
    Operation.MINIMUM: "min",
    Operation.ABOVE: "gt",
}
_IDENTIFIER = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A parameter of the model; a constant if nothing changes it."""

    name: str
    unit: str
    meaning: str
    value: float | None = None
    """On day 0; None where an assignment rule gives it."""
    rate: Term | None = None
    """Rate of change per day: a state."""
    rule: Term | None = None
    """What it equals at every time: a result."""
    changed_by_events: bool = False

    @property
    def is_constant(self) -> bool:
        """Return whether it never changes."""
        return self.rate is None and self.rule is None and not self.changed_by_events


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happens at once when the time reaches a day."""

    name: str
    meaning: str
    day: float
    assignments: Mapping[str, Term]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole model; its time is in days."""

    name: str
    title: str
    notes: tuple[str, ...]
    """One paragraph each."""
    quantities: tuple[Quantity, ...]
    events: tuple[Event, ...] = ()


def write(document: Document) -> str:
    """Return the document as SBML; raise InputError for names that are used twice or are not allowed."""
    names = [entry.name for entry in document.quantities] + [event.name for event in document.events]
    twice = [name for name, count in Counter(names).items() if count > 1]
    wrong = [name for name in names if not _IDENTIFIER.match(name) or name == TIME_SYMBOL]
    if twice or wrong:
        raise InputError(f"A model cannot be written: used twice: {twice}; not allowed as a name: {wrong}.")
    root = ElementTree.Element("sbml", xmlns=NAMESPACE, level="3", version="2")
    model = _child(
        root, "model", id=document.name, name=document.title, timeUnits=sbml_units.identifier("day")
    )
    _notes(model, document.notes)
    _units(model, sorted({"day", *(entry.unit for entry in document.quantities)} - {"1"}))
    named = {
        id(entry.rule): entry.name
        for entry in document.quantities
        if entry.rule is not None and entry.rule.parts
    }
    listed = _child(model, "listOfParameters")
    for entry in document.quantities:
        _parameter(listed, entry)
    rules = _child(model, "listOfRules")
    for entry in document.quantities:
        if entry.rule is not None:
            _math(_child(rules, "assignmentRule", variable=entry.name), entry.rule, named, whole=True)
        if entry.rate is not None:
            _math(_child(rules, "rateRule", variable=entry.name), entry.rate, named, whole=False)
    _events(model, document.events, named)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _child(parent: ElementTree.Element, tag: str, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, tag, attributes)


def _notes(parent: ElementTree.Element, paragraphs: tuple[str, ...]) -> None:
    body = _child(_child(parent, "notes"), "body", xmlns=XHTML)
    for text in paragraphs:
        _child(body, "p").text = text


def _units(model: ElementTree.Element, units: list[str]) -> None:
    listed = _child(model, "listOfUnitDefinitions")
    for unit in units:
        defined = _child(listed, "unitDefinition", id=sbml_units.identifier(unit), name=unit)
        factors = _child(defined, "listOfUnits")
        for part in sbml_units.base_units(unit):
            _child(
                factors,
                "unit",
                kind=part.kind,
                exponent=str(part.exponent),
                scale=str(part.scale),
                multiplier=repr(part.multiplier),
            )


def _parameter(listed: ElementTree.Element, entry: Quantity) -> None:
    value = {} if entry.value is None else {"value": _written(entry.value)}
    constant = "true" if entry.is_constant else "false"
    unit = sbml_units.identifier(entry.unit)
    _notes(
        _child(listed, "parameter", id=entry.name, units=unit, constant=constant, **value), (entry.meaning,)
    )


def _written(value: float) -> str:
    return {"inf": "INF", "-inf": "-INF", "nan": "NaN"}.get(repr(value), repr(value))


def _events(model: ElementTree.Element, events: tuple[Event, ...], named: Mapping[int, str]) -> None:
    if not events:
        return
    listed = _child(model, "listOfEvents")
    for event in events:
        element = _child(listed, "event", id=event.name, useValuesFromTriggerTime="true")
        _notes(element, (event.meaning,))
        trigger = _child(element, "trigger", initialValue="false", persistent="true")
        reached = _child(_equation(trigger), "apply")
        _child(reached, "geq")
        _time(reached)
        _number(reached, event.day, unit=sbml_units.identifier("day"))
        assigned = _child(element, "listOfEventAssignments")
        for name, term in event.assignments.items():
            _math(_child(assigned, "eventAssignment", variable=name), term, named, whole=False)


def _math(parent: ElementTree.Element, term: Term, named: Mapping[int, str], *, whole: bool) -> None:
    """Write an equation; whole: the term defines a name and is not replaced by it."""
    _node(
        _equation(parent), term, {key: name for key, name in named.items() if not (whole and key == id(term))}
    )


def _equation(parent: ElementTree.Element) -> ElementTree.Element:
    return ElementTree.SubElement(parent, "math", {"xmlns": MATHML, "xmlns:sbml": NAMESPACE})


def _node(parent: ElementTree.Element, term: Term, named: Mapping[int, str]) -> None:
    if id(term) in named:
        _child(parent, "ci").text = named[id(term)]
    elif term.operation is Operation.SYMBOL and term.name == TIME_SYMBOL:
        _time(parent)
    elif term.operation is Operation.SYMBOL:
        _child(parent, "ci").text = term.name
    elif term.operation is Operation.NUMBER:
        _number(parent, term.number)
    elif term.operation is Operation.CHOICE:
        _choice(parent, term, named)
    else:
        applied = _child(parent, "apply")
        _child(applied, _TAGS[term.operation])
        for part in term.parts:
            _node(applied, part, named)


def _choice(parent: ElementTree.Element, term: Term, named: Mapping[int, str]) -> None:
    first, condition, second = term.parts
    choice = _child(parent, "piecewise")
    piece = _child(choice, "piece")
    _node(piece, first, named)
    _node(piece, condition, named)
    _node(_child(choice, "otherwise"), second, named)


def _time(parent: ElementTree.Element) -> None:
    symbol = _child(parent, "csymbol", encoding="text", definitionURL=TIME)
    symbol.text = TIME_SYMBOL


def _number(parent: ElementTree.Element, value: float, unit: str = "dimensionless") -> None:
    """Write a number; whole and fractional powers of ten are what MathML allows beside plain digits."""
    if value == float("inf"):
        _child(parent, "infinity")
        return
    element = _child(parent, "cn")
    element.set("sbml:units", unit)
    mantissa, _, exponent = repr(value).partition("e")
    element.text = mantissa
    if exponent:
        element.set("type", "e-notation")
        ElementTree.SubElement(element, "sep").tail = exponent
