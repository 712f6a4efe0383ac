"""What a design search varies: values along paths of a protocol, and the designs that they make together."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.protocol.protocol import Protocol
from euexia.protocol.variation import value_in_words, vary
from euexia.protocol.variation_names import arm_of_size
from euexia.protocol.written import QUANTITY, Value

Floats = NDArray[np.float64]

RANGE = re.compile(
    r"^\s*(?P<low>[+-]?\d+(?:\.\d+)?)\s*\.\.\s*(?P<high>[+-]?\d+(?:\.\d+)?)"
    r"(?:\s*\.\.\s*(?P<step>\d+(?:\.\d+)?))?\s*(?P<unit>[^\d\s.].*)?$"
)
LEVELS_OF_A_RANGE = 10
"""A range without a step is cut into about so many."""
NICE_STEPS = (1, 2, 2.5, 5, 10)
MOST_LEVELS = 200
MOST_POINTS = 100_000
SIZE = "size"
EXAMPLE = "Write PATH=20..120 (a range), PATH=20..120..10 (with its step) or PATH=6,8,12 (values)."


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One path that is varied, and its values in the order given."""

    path: str
    values: tuple[Value, ...]

    @property
    def is_size(self) -> bool:
        """Return whether it is the number of patients: a smaller trial is the beginning of a larger one."""
        return self.path == SIZE or arm_of_size(self.path) is not None

    @property
    def numbers(self) -> Floats | None:
        """Return the values as numbers; None where they are none, or of several units."""
        matched = [QUANTITY.match(str(value)) for value in self.values if not isinstance(value, tuple)]
        found = [match for match in matched if match is not None]
        if len(found) < len(self.values) or len({match.group(2) for match in found}) > 1:
            return None
        return np.array([float(match.group(1)) for match in found])

    def words(self, place: int) -> str:
        """Return one of its values as it is given."""
        return value_in_words(self.values[place])


def parse_axis(text: str) -> Axis:
    """Return an axis from ``PATH=VALUES``; raise InputError for what is none."""
    path, sign, written = text.partition("=")
    path = path.strip()
    if not sign or not path or not written.strip():
        raise InputError(f"'--vary {text}' does not say what takes which values. {EXAMPLE}")
    ranged = RANGE.match(written)
    values = _of_range(text, ranged) if ranged is not None else tuple(_listed(text, written))
    if len(values) > MOST_LEVELS:
        raise InputError(f"'--vary {text}' has {len(values)} values; at most {MOST_LEVELS} are searched.")
    if len(set(values)) < len(values):
        raise InputError(f"'--vary {text}' names a value twice.")
    if arm_of_size(path) is not None or path == SIZE:
        values = _sizes(text, values)
    return Axis(path=path, values=values)


def _of_range(text: str, found: re.Match[str]) -> tuple[Value, ...]:
    low, high = float(found["low"]), float(found["high"])
    if low > high:
        raise InputError(f"'--vary {text}' runs from {low:g} down to {high:g}. Write the smaller end first.")
    whole = "." not in found["low"] + found["high"]
    step = float(found["step"]) if found["step"] else _nice_step(high - low, whole=whole)
    if step <= 0:
        raise InputError(f"'--vary {text}' has a step of {step:g}. Give one above zero.")
    count = math.floor((high - low) / step + 1e-9) + 1
    if count > MOST_LEVELS:
        raise InputError(f"'--vary {text}' has {count} values; at most {MOST_LEVELS} are searched.")
    numbers = [low + place * step for place in range(count)]
    if numbers[-1] < high - 1e-9 * max(1.0, abs(high)):
        numbers.append(high)
    unit = (found["unit"] or "").strip()
    return tuple(f"{number:.10g} {unit}".strip() for number in numbers)


def _nice_step(span: float, *, whole: bool) -> float:
    """Return a round step that cuts a span into about ten."""
    if span <= 0:
        return 1.0
    rough = span / LEVELS_OF_A_RANGE
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in NICE_STEPS if nice * power >= rough * (1 - 1e-9))
    return max(1.0, float(math.ceil(step))) if whole else step


def _listed(text: str, written: str) -> Iterator[Value]:
    """Yield the values between commas; those in brackets are lists."""
    depth, start = 0, 0
    parts = []
    for place, mark in enumerate(written):
        depth += (mark == "[") - (mark == "]")
        if mark == "," and depth == 0:
            parts.append(written[start:place])
            start = place + 1
        if depth not in (0, 1):
            raise InputError(
                f"'--vary {text}': the brackets do not match. Write [5 mg, 10 mg],[5 mg, 15 mg]."
            )
    if depth:
        raise InputError(f"'--vary {text}': a bracket stays open. Write [5 mg, 10 mg],[5 mg, 15 mg].")
    parts.append(written[start:])
    for part in (part.strip() for part in parts):
        if not part or part == "[]":
            raise InputError(f"'--vary {text}' has an empty value. {EXAMPLE}")
        if ".." in part:
            raise InputError(f"'--vary {text}': '{part}' is no range. {EXAMPLE}")
        yield tuple(item.strip() for item in part[1:-1].split(",")) if part.startswith("[") else part


def _sizes(text: str, values: Sequence[Value]) -> tuple[Value, ...]:
    """Return numbers of patients in their order."""
    found = []
    for value in values:
        if isinstance(value, tuple) or not str(value).isdigit() or int(str(value)) < 1:
            raise InputError(f"'--vary {text}': '{value_in_words(value)}' is no number of patients.")
        found.append(int(str(value)))
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """All designs that the axes make, counted through in the order of the axes, the last one fastest.

    Designs that differ in size alone are one family: its trials share their patients.
    """

    protocol: Protocol
    axes: tuple[Axis, ...]
    shape: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", tuple(len(axis.values) for axis in self.axes))

    @property
    def points(self) -> int:
        """Return how many designs there are."""
        return math.prod(self.shape)

    @property
    def size_axis(self) -> int | None:
        """Return which axis is the size; None without one."""
        found = [place for place, axis in enumerate(self.axes) if axis.is_size]
        return found[0] if len(found) == 1 else None

    @property
    def families(self) -> tuple[tuple[int, ...], ...]:
        """Return the points of every family, by increasing size."""
        size = self.size_axis
        if size is None:
            return tuple((point,) for point in range(self.points))
        others = [range(count) for place, count in enumerate(self.shape) if place != size]
        return tuple(
            tuple(self.number((*rest[:size], level, *rest[size:])) for level in range(self.shape[size]))
            for rest in itertools.product(*others)
        )

    def levels(self, point: int) -> tuple[int, ...]:
        """Return which value of each axis a design has."""
        return tuple(int(level) for level in np.unravel_index(point, self.shape))

    def number(self, levels: Sequence[int]) -> int:
        """Return the number of the design with these values."""
        return int(np.ravel_multi_index(tuple(levels), self.shape))

    def changes(self, point: int) -> dict[str, Value]:
        """Return what a design changes in the protocol."""
        chosen = zip(self.axes, self.levels(point), strict=True)
        return {axis.path: axis.values[level] for axis, level in chosen}

    def words(self, point: int) -> dict[str, str]:
        """Return the values of a design, by path."""
        return {path: value_in_words(value) for path, value in self.changes(point).items()}


def space_of(protocol: Protocol, texts: Sequence[str]) -> Space:
    """Return the designs that ``--vary`` options make of a protocol.

    Raises InputError for options that do not fit the protocol, whatever the value, or too many designs.
    """
    axes = tuple(parse_axis(text) for text in texts)
    if not axes:
        raise InputError(f"Nothing is varied. {EXAMPLE}")
    paths = [axis.path for axis in axes]
    twice = sorted({path for path in paths if paths.count(path) > 1})
    if twice:
        raise InputError(f"'{twice[0]}' is varied twice. Give all its values in one --vary.")
    space = Space(protocol=protocol, axes=axes)
    if space.points > MOST_POINTS:
        told = " × ".join(str(count) for count in space.shape)
        raise InputError(
            f"{told} = {space.points:,} designs are more than the {MOST_POINTS:,} that are looked through. "
            "Give wider steps or fewer values."
        )
    _try_paths(space)
    return space


def _try_paths(space: Space) -> None:
    """Raise InputError for a path that is none, before anything is simulated."""
    sizes = {path: value for path, value in space.changes(0).items() if arm_of_size(path) is not None}
    for axis in space.axes:
        changes: Mapping[str, Value] = sizes if axis.path in sizes else {axis.path: axis.values[0]}
        vary(space.protocol.source_text, changes, file=space.protocol.source_name)
