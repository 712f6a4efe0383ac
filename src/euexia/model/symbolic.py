"""Symbols that calculate: the physiology, run on them, gives its own equations.

A ``Term`` passes through operators and ``model.elementary`` like a number.  Equal terms are one object, so
what is calculated twice is seen to be the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Operation(StrEnum):
    """How a term is made of others."""

    SYMBOL = "symbol"
    NUMBER = "number"
    PLUS = "plus"
    MINUS = "minus"
    NEGATIVE = "negative"
    TIMES = "times"
    DIVIDE = "divide"
    POWER = "power"
    EXP = "exp"
    LOG = "log"
    SQRT = "sqrt"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    ABOVE = "above"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One node of an equation, made by its book."""

    operation: Operation
    parts: tuple[Term, ...]
    name: str
    """Of a symbol."""
    number: float
    book: Book

    def __array_namespace__(self, *, api_version: str | None = None) -> Functions:
        """Return the functions that ``model.elementary`` calls."""
        return Functions(self.book)

    def __add__(self, other: Any) -> Term:
        return self.book.sum(self, self.book.term(other))

    def __radd__(self, other: Any) -> Term:
        return self.book.sum(self.book.term(other), self)

    def __sub__(self, other: Any) -> Term:
        return self.book.difference(self, self.book.term(other))

    def __rsub__(self, other: Any) -> Term:
        return self.book.difference(self.book.term(other), self)

    def __mul__(self, other: Any) -> Term:
        return self.book.product(self, self.book.term(other))

    def __rmul__(self, other: Any) -> Term:
        return self.book.product(self.book.term(other), self)

    def __truediv__(self, other: Any) -> Term:
        return self.book.quotient(self, self.book.term(other))

    def __rtruediv__(self, other: Any) -> Term:
        return self.book.quotient(self.book.term(other), self)

    def __pow__(self, other: Any) -> Term:
        return self.book.make(Operation.POWER, self, self.book.term(other))

    def __neg__(self) -> Term:
        return self.book.make(Operation.NEGATIVE, self)

    def __gt__(self, other: Any) -> Term:
        return self.book.make(Operation.ABOVE, self, self.book.term(other))

    def __bool__(self) -> bool:
        raise TypeError("A symbol is neither true nor false: use elementary.where instead of 'if'.")

    def is_number(self, value: float) -> bool:
        """Return whether this is that number."""
        return self.operation is Operation.NUMBER and self.number == value


@dataclass(slots=True)
class Book:
    """Makes terms, each only once."""

    known: dict[Any, Term] = field(default_factory=dict)

    def symbol(self, name: str) -> Term:
        """Return the symbol of a name."""
        return self._once((Operation.SYMBOL, name), Operation.SYMBOL, (), name, 0.0)

    def number(self, value: float) -> Term:
        """Return a number as a term."""
        return self._once((Operation.NUMBER, value), Operation.NUMBER, (), "", value)

    def term(self, value: Any) -> Term:
        """Return a value as a term."""
        return value if isinstance(value, Term) else self.number(float(value))

    def make(self, operation: Operation, *parts: Term) -> Term:
        """Return an operation on terms."""
        return self._once((operation, *(id(part) for part in parts)), operation, parts, "", 0.0)

    def sum(self, a: Term, b: Term) -> Term:
        """Return a + b."""
        if a.is_number(0):
            return b
        return a if b.is_number(0) else self.make(Operation.PLUS, a, b)

    def difference(self, a: Term, b: Term) -> Term:
        """Return a - b."""
        return a if b.is_number(0) else self.make(Operation.MINUS, a, b)

    def product(self, a: Term, b: Term) -> Term:
        """Return a b; 0 times anything is 0: what is infinite never stands in a product."""
        if a.is_number(0) or b.is_number(0):
            return self.number(0.0)
        if a.is_number(1):
            return b
        return a if b.is_number(1) else self.make(Operation.TIMES, a, b)

    def quotient(self, a: Term, b: Term) -> Term:
        """Return a / b."""
        return a if b.is_number(1) else self.make(Operation.DIVIDE, a, b)

    def _once(
        self, key: Any, operation: Operation, parts: tuple[Term, ...], name: str, number: float
    ) -> Term:
        if key not in self.known:
            self.known[key] = Term(operation, parts, name, number, self)
        return self.known[key]


@dataclass(frozen=True, slots=True)
class Functions:
    """The elementary functions on terms, by the names of the array interface."""

    book: Book

    def exp(self, value: Term) -> Term:
        """Return e to the power of a term."""
        return self.book.make(Operation.EXP, value)

    def log(self, value: Term) -> Term:
        """Return the natural logarithm of a term."""
        return self.book.make(Operation.LOG, value)

    def sqrt(self, value: Term) -> Term:
        """Return the square root of a term."""
        return self.book.make(Operation.SQRT, value)

    def maximum(self, first: Any, second: Any) -> Term:
        """Return the larger of two."""
        return self.book.make(Operation.MAXIMUM, *self._alike(first, second))

    def minimum(self, first: Any, second: Any) -> Term:
        """Return the smaller of two."""
        return self.book.make(Operation.MINIMUM, *self._alike(first, second))

    def where(self, condition: Term, first: Any, second: Any) -> Term:
        """Return first where the condition holds, else second."""
        return self.book.make(Operation.CHOICE, self.book.term(first), condition, self.book.term(second))

    def _alike(self, first: Any, second: Any) -> tuple[Term, Term]:
        """Return two terms that may be compared: a plain 0 becomes 0 times the other, in its unit."""
        a, b = self.book.term(first), self.book.term(second)
        if b.is_number(0):
            return a, self.book.make(Operation.TIMES, b, a)
        return (self.book.make(Operation.TIMES, a, b), b) if a.is_number(0) else (a, b)


def symbols_of(terms: Iterator[Term] | tuple[Term, ...], named: Mapping[int, str]) -> set[str]:
    """Return the names of all symbols in some terms; named: terms, by id, that have a name of their own."""
    found: set[str] = set()
    seen: set[int] = set()
    waiting = list(terms)
    while waiting:
        term = waiting.pop()
        if id(term) in seen:
            continue
        seen.add(id(term))
        if term.operation is Operation.SYMBOL:
            found.add(term.name)
        elif id(term) in named:
            found.add(named[id(term)])
        else:
            waiting.extend(term.parts)
    return found
