"""The text of a protocol file as a tree of places, some of which can be written anew; the rest stays.

A place is a dotted path such as ``rules.crp_guided.levels.2``; entries of lists count from 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from euexia.core import datafile
from euexia.core.choices import did_you_mean
from euexia.core.datafile import Node
from euexia.core.errors import InputError

KIND = "protocol"
QUANTITY = re.compile(r"^\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*$", re.DOTALL)
PLAIN = re.compile(r"^[\w+-][\w .+*/%^()µ²³⁰¹⁴-⁹·×-]*$")
NEARLY_ALL = 12
"""Most places that a message lists."""

Value = str | int | float | tuple[str | int | float, ...]
"""What a place is given: a number keeps the unit of the file, text says its own, a tuple is a list."""


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the file with the key it stands under; None for entries of lists."""

    node: Node
    key: Node | None = None


@dataclass(slots=True)
class Written:
    """A protocol file, by places."""

    text: str
    file: str
    places: dict[str, Place] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    """Places that an alias makes one with another."""

    def __post_init__(self) -> None:
        root = datafile.compose(self.text, self.file, KIND)
        self.places = dict(_places(root, "", None, ()))
        seen: dict[int, str] = {}
        shared = set()
        for path, place in self.places.items():
            if id(place.node) in seen:
                shared |= {path, seen[id(place.node)]}
            seen.setdefault(id(place.node), path)
        self.shared = frozenset(shared)

    def names(self, path: str) -> tuple[str, ...]:
        """Return the keys of a group, or the numbers of a list's entries; none for a value."""
        if not path:
            return tuple(place for place in self.places if "." not in place)
        if path not in self.places:
            return ()
        node = self.places[path].node
        if _is_mapping(node):
            return tuple(str(key.value) for key, _ in node.value)
        return tuple(str(place) for place in range(1, len(node.value) + 1)) if is_list(node) else ()

    def scalar(self, path: str) -> str | None:
        """Return what is written at a place; None where nothing or no single value stands."""
        found = self.places.get(path)
        return str(found.node.value) if found is not None and isinstance(found.node.value, str) else None

    def is_list(self, path: str) -> bool:
        """Return whether a list stands at a place."""
        return path in self.places and is_list(self.places[path].node)

    def unit(self, path: str) -> str:
        """Return the unit of the quantity at a place (of a list: of its first entry); empty without one."""
        found = self.scalar(f"{path}.1" if self.is_list(path) else path)
        matched = QUANTITY.match(found) if found is not None else None
        return matched.group(2) if matched else ""

    def unknown(self, path: str) -> InputError:
        """Return the error for a path at which nothing stands, with the nearest that is there."""
        around = path
        while around and around not in self.places:
            around = around.rpartition(".")[0]
        wanted = path.removeprefix(around).lstrip(".").partition(".")[0]
        inside = self.names(around)
        if not inside:
            where = f"'{around}' is a single value ('{self.scalar(around)}')"
            return InputError(f"There is no '{path}' in {self.file}: {where}.")
        where = f"'{around}'" if around else "the file"
        hint = did_you_mean(wanted, inside) if len(inside) <= NEARLY_ALL else _nearest(wanted, inside)
        return InputError(f"There is no '{path}' in {self.file}: {where} has no '{wanted}'. {hint}")

    def rewritten(self, values: Mapping[str, Value | None]) -> str:
        """Return the text with the values at some places written anew; None takes an entry away.

        Raises InputError for a place that is none, or that cannot be written alone.
        """
        edits = [self._edit(path, value) for path, value in values.items()]
        text = self.text
        for start, end, replacement in sorted(edits, reverse=True):
            text = text[:start] + replacement + text[end:]
        return text

    def _edit(self, path: str, value: Value | None) -> tuple[int, int, str]:
        if path not in self.places:
            raise self.unknown(path)
        if path in self.shared:
            raise InputError(
                f"'{path}' in {self.file} is one with another place (a YAML alias). Write it out there first."
            )
        place = self.places[path]
        if value is None:
            return self._removal(place)
        node = place.node
        if _is_mapping(node):
            inside = ", ".join(f"'{path}.{name}'" for name in self.names(path)[:NEARLY_ALL])
            raise InputError(f"'{path}' in {self.file} is a group of values. Name one of them: {inside}.")
        if is_list(node) != isinstance(value, tuple):
            remedy = "Give a list, as [a, b]." if is_list(node) else "Give one value."
            raise InputError(f"'{path}' in {self.file} is {'a' if is_list(node) else 'no'} list. {remedy}")
        return node.start_mark.index, self._end(node), in_file(value, self.unit(path))

    def _removal(self, place: Place) -> tuple[int, int, str]:
        """Return the edit that takes an entry of a group away, with its lines."""
        assert place.key is not None
        start = self.text.rfind("\n", 0, place.key.start_mark.index) + 1
        end = self.text.find("\n", self._end(place.node))
        return start, len(self.text) if end < 0 else end + 1, ""

    def _end(self, node: Node) -> int:
        """Return where the text of a node ends; a group or list in lines ends with its last value."""
        in_lines = not isinstance(node.value, str) and self.text[node.start_mark.index] not in "[{"
        if not in_lines or not node.value:
            return int(node.end_mark.index)
        last = node.value[-1]
        return self._end(last[1] if isinstance(last, tuple) else last)


def in_file(value: Value, unit: str) -> str:
    """Return a value as it is written: a bare number takes the unit."""
    if isinstance(value, tuple):
        return "[" + ", ".join(in_file(item, unit) for item in value) + "]"
    text = f"{value:.10g}" if isinstance(value, float) else str(value).strip()
    matched = QUANTITY.match(text)
    if matched is not None and not matched.group(2) and unit:
        text = f"{text} {unit}"
    return text if PLAIN.match(text) else json.dumps(text, ensure_ascii=False)


def _nearest(wanted: str, names: tuple[str, ...]) -> str:
    hint = did_you_mean(wanted, names)
    return hint if hint.startswith("Did") else f"Known: {', '.join(sorted(names)[:NEARLY_ALL])} and others."


MAPPING, SEQUENCE = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"


def _is_mapping(node: Node) -> bool:
    return bool(node.tag == MAPPING)


def is_list(node: Node) -> bool:
    """Return whether a node is a list."""
    return bool(node.tag == SEQUENCE)


def _places(node: Node, path: str, key: Node | None, above: tuple[int, ...]) -> Iterator[tuple[str, Place]]:
    if id(node) in above:
        raise InputError(f"'{path}' contains itself. Take the alias away.")
    if path:
        yield path, Place(node, key)
    if isinstance(node.value, str):
        return
    for index, child in enumerate(node.value, start=1):
        name, found = (str(child[0].value), child[1]) if isinstance(child, tuple) else (str(index), child)
        own = child[0] if isinstance(child, tuple) else None
        yield from _places(found, f"{path}.{name}".lstrip("."), own, (*above, id(node)))
