"""Readings that leap away from those around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.assess.record import Series

Integers = NDArray[np.int64]

ALLOWED: Mapping[str, tuple[float, float]] = {
    "body_weight": (0.10, 0.002),
    "lean_mass_ct": (0.15, 0.002),
    "skeletal_muscle_area": (0.15, 0.002),
    "height": (0.03, 0.0),
}
"""Relative difference of two readings that is believed: at once, and more for each day between them.

A body weight may differ by 10 %, and by 0.2 % for each day (14 % in three weeks); decisions of this project.
"""
NEAR = 2
"""Readings looked at on each side."""
MOST_NEIGHBOURS = 3
POUNDS = 2.20462262185
UNIT_SLACK = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """Readings (indices of the series) that do not go with their neighbours."""

    suspects: Integers
    neighbours: tuple[float, ...]
    is_shift: bool
    """The readings after it stay at the new level."""
    unit_pair: str


def find_jumps(series: Series, name: str) -> tuple[Jump, ...]:
    """Return every leap in a series, each reading in at most one of them."""
    if len(series) < 2:
        return ()
    at_once, per_day = ALLOWED[name]
    same = series.patient[1:] == series.patient[:-1]
    apart = np.abs(np.log(np.maximum(series.value[1:], 1e-9) / np.maximum(series.value[:-1], 1e-9)))
    leaps = np.flatnonzero(same & (apart > np.log1p(at_once + per_day * np.abs(np.diff(series.day)))))
    found: list[Jump] = []
    accused: set[int] = set()
    for index in leaps:
        if int(index) in accused or int(index) + 1 in accused:
            continue
        jump = _explain(series, int(index), name)
        found.append(jump)
        if not jump.is_shift:
            accused.update(int(suspect) for suspect in jump.suspects)
    return tuple(found)


def _explain(series: Series, index: int, name: str) -> Jump:
    """Return which of the readings at ``index`` and the next one stands alone."""
    pair = (index, index + 1)
    around = [
        place
        for place in (*range(index - NEAR, index), *range(index + 2, index + 2 + NEAR))
        if 0 <= place < len(series) and series.patient[place] == series.patient[index]
    ]
    first, second = ([p for p in around if _agree(series, p, place, name)] for place in pair)
    if first and second:
        nearest = [*pair, *around][: MOST_NEIGHBOURS + 1]
        levels = tuple(float(series.value[place]) for place in sorted(nearest))
        return Jump(suspects=np.array([index + 1]), neighbours=levels, is_shift=True, unit_pair="")
    if not first and not second:
        suspects, others = np.array(pair, dtype=np.int64), around
    elif first:
        suspects, others = np.array([index + 1], dtype=np.int64), [index, *first]
    else:
        suspects, others = np.array([index], dtype=np.int64), [index + 1, *second]
    levels = tuple(float(series.value[place]) for place in sorted(set(others))[:MOST_NEIGHBOURS])
    return Jump(
        suspects=suspects,
        neighbours=levels,
        is_shift=False,
        unit_pair=_unit_pair(series, suspects, levels, name),
    )


def _agree(series: Series, a: int, b: int, name: str) -> bool:
    at_once, per_day = ALLOWED[name]
    apart = abs(np.log(series.value[a] / series.value[b]))
    return bool(apart <= np.log1p(at_once + per_day * abs(int(series.day[a]) - int(series.day[b]))))


def _unit_pair(series: Series, suspects: Integers, levels: tuple[float, ...], name: str) -> str:
    """Return the two units whose ratio explains the leap, in words; empty if none does."""
    if name == "height" or not levels:
        return ""
    ratio = float(series.value[suspects[0]]) / float(np.median(levels))
    for size in (POUNDS, 1 / POUNDS):
        if abs(ratio / size - 1) < UNIT_SLACK:
            return "pounds to kilograms"
    return ""
