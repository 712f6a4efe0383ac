"""Where two things that should say the same differ: place by place, with both values."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

LONGEST = 80
"""Characters of a value in a message."""


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """One place, and what stands there on either side."""

    place: str
    ours: str
    theirs: str


def differences(ours: Any, theirs: Any, place: str) -> Iterator[Difference]:
    """Give every place in which two values of one kind differ."""
    if ours == theirs:
        return
    if dataclasses.is_dataclass(ours) and type(ours) is type(theirs):
        for entry in dataclasses.fields(ours):
            inside = f"{place}: {entry.name}" if place else entry.name
            yield from differences(getattr(ours, entry.name), getattr(theirs, entry.name), inside)
    elif isinstance(ours, dict) and isinstance(theirs, dict):
        for name in dict.fromkeys((*ours, *theirs)):
            yield from differences(ours.get(name), theirs.get(name), f"{place}.{name}".lstrip("."))
    elif isinstance(ours, (tuple, list)) and isinstance(theirs, (tuple, list)):
        yield from _of_lists(ours, theirs, place)
    else:
        yield Difference(place, _said(ours), _said(theirs))


def _of_lists(ours: Any, theirs: Any, place: str) -> Iterator[Difference]:
    """Compare entry by entry: by name where both have the same names, else by position."""
    names, others = [_name(item) for item in ours], [_name(item) for item in theirs]
    if len(ours) == len(theirs) and (set(names) != set(others) or names == others):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, f"{place} '{names[number] or number + 1}'")
        return
    if not all(names) or not all(others):
        yield Difference(place, _said(ours), _said(theirs))
        return
    if set(names) == set(others):
        yield Difference(f"{place} (order)", ", ".join(names), ", ".join(others))
    for name in dict.fromkeys((*names, *others)):
        one = ours[names.index(name)] if name in names else None
        other = theirs[others.index(name)] if name in others else None
        yield from differences(one, other, f"{place} '{name}'")


def _name(item: Any) -> str:
    if isinstance(item, dict):
        return next((str(item[key]) for key in ("name", "id", "about") if item.get(key)), "")
    return str(getattr(item, "name", ""))


def _said(value: Any) -> str:
    if value is None or value in ("", (), [], {}):
        return "nothing"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return f"'{_name(value)}'"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"'{text[:LONGEST]}…'" if len(text) > LONGEST else f"'{text}'"
