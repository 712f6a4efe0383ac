"""What a design says to its reader: tables, assumptions, sources and warnings, before any layout."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """How a number is meant."""

    TEXT = "text"
    COUNT = "count"
    PROBABILITY = "probability"
    NUMBER = "number"
    BAR = "bar"
    """A probability to be drawn, for the eye alone; it repeats another column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table."""

    key: str
    """Its name for machines."""
    label: str
    """Its name for people."""
    style: Style


Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTable:
    """Rows that belong together."""

    name: str
    """For machines."""
    title: str
    """For people."""
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A design in words and numbers; the first table is the answer itself."""

    title: str
    tables: tuple[AnswerTable, ...]
    assumptions: tuple[str, ...]
    sources: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def text(key: str, label: str) -> Column:
    """Return a column of words."""
    return Column(key=key, label=label, style=Style.TEXT)


def count(key: str, label: str) -> Column:
    """Return a column of whole numbers."""
    return Column(key=key, label=label, style=Style.COUNT)


def probability(key: str, label: str) -> Column:
    """Return a column of probabilities."""
    return Column(key=key, label=label, style=Style.PROBABILITY)


def number(key: str, label: str) -> Column:
    """Return a column of other numbers."""
    return Column(key=key, label=label, style=Style.NUMBER)


def bar(label: str) -> Column:
    """Return a column that draws a probability."""
    return Column(key="", label=label, style=Style.BAR)
