"""Say where two datasets differ: in variables, in what is said about them, in values by row and column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from euexia.formats.dataset import Column, Dataset, Variable, is_blank, is_missing

SHOWN = 3


class Matter(Enum):
    """What a difference is about."""

    RECORDS = "records"
    VARIABLES = "variables"
    VALUES = "values"
    DESCRIPTION = "description"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One way in which two datasets differ, and where."""

    matter: Matter
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


def differences(
    first: Dataset, second: Dataset, *, blank_is_missing: bool = True, descriptions: bool = False,
    relative: float = 0.0,
) -> tuple[Difference, ...]:  # fmt: skip
    """List the differences; none if the datasets hold the same records in the same order.

    blank_is_missing: take empty text and missing as one, as SAS and CSV do.
    descriptions: compare labels, data types, lengths, formats and keys as well.
    relative: how far numbers may differ, as a share of the larger; 0 wants the very same doubles.
    """
    found = list(_variables(first, second))
    if first.records != second.records:
        text = f"{first.records} and {second.records}"
        return (*found, Difference(matter=Matter.RECORDS, place="records", text=text))
    for name in (one for one in first.names if one in second):
        found += _values(name, first[name], second[name], blank_is_missing, relative)
        if descriptions:
            found += _descriptions(first.variable(name), second.variable(name))
    if descriptions and first.label != second.label:
        found.append(
            Difference(matter=Matter.DESCRIPTION, place="label", text=f"{first.label!r}, {second.label!r}")
        )
    return tuple(found)


def same(first: Dataset, second: Dataset, *, blank_is_missing: bool = True) -> bool:
    """Say whether two datasets hold the same records."""
    return not differences(first, second, blank_is_missing=blank_is_missing)


def _variables(first: Dataset, second: Dataset) -> Iterable[Difference]:
    """Name variables that only one has, or an order that differs."""
    for one, other, which in ((first, second, "first"), (second, first, "second")):
        for name in one.names:
            if name not in other:
                yield Difference(matter=Matter.VARIABLES, place=name, text=f"is only in the {which}")
    if sorted(first.names) == sorted(second.names) and first.names != second.names:
        yield Difference(matter=Matter.VARIABLES, place="order", text="the variables are in another order")


def _values(name: str, one: Column, other: Column, blank: bool, relative: float) -> list[Difference]:
    """Compare two columns value by value."""
    if one.dtype != other.dtype:
        kinds = [_kind(column) for column in (one, other)]
        if (is_missing(one) | _blank(one, blank)).all() and (is_missing(other) | _blank(other, blank)).all():
            return []
        return [Difference(matter=Matter.VALUES, place=name, text=f"is {kinds[0]} and {kinds[1]}")]
    unequal = _numbers_differ(one, other, relative) if one.dtype != object else one != other
    both = (is_blank(one) & is_blank(other)) if blank else (is_missing(one) & is_missing(other))
    rows = np.flatnonzero(unequal & ~both)
    if not len(rows):
        return []
    first, second = (column[rows[:SHOWN]].tolist() for column in (one, other))
    triples = zip(rows.tolist(), first, second, strict=False)
    shown = ", ".join(f"row {row + 1}: {mine!r} and {yours!r}" for row, mine, yours in triples)
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return [Difference(matter=Matter.VALUES, place=name, text=f"{len(rows)} values differ: {shown}{more}")]


def _kind(column: Column) -> str:
    return "text" if column.dtype == object else "a number"


def _blank(column: Column, blank: bool) -> npt.NDArray[np.bool_]:
    return is_blank(column) if blank else is_missing(column)


def _numbers_differ(one: Column, other: Column, relative: float) -> npt.NDArray[np.bool_]:
    """Say where numbers differ by more than they may; NaN differs from everything."""
    with np.errstate(invalid="ignore"):
        close = np.abs(one - other) <= relative * np.maximum(np.abs(one), np.abs(other))
    result: npt.NDArray[np.bool_] = ~(close | (one == other))
    return result


def _descriptions(one: Variable, other: Variable) -> Iterable[Difference]:
    """Compare what is said about a variable."""
    for name in ("label", "data_type", "target_type", "length", "display_format", "key_sequence"):
        mine, yours = getattr(one, name), getattr(other, name)
        if mine != yours:
            words = name.replace("_", " ")
            text = f"{words} {_shown(mine)} and {_shown(yours)}"
            yield Difference(matter=Matter.DESCRIPTION, place=one.name, text=text)


def _shown(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else repr(value)
