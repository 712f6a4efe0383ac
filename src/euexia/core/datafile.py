"""Strict YAML: a file becomes a frozen dataclass, or all its faults are said at once.

Nothing else imports yaml.  The dataclass is the schema: its fields are the keys, their types say what a value
must be, and ``Annotated[float, Unit("oral_dose")]`` asks for a written quantity such as ``25 mg``, converted
once, here.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml

from euexia.core import quantities
from euexia.core.choices import did_you_mean
from euexia.core.errors import DataFileError, Fault, InputError, UnitError

T = TypeVar("T")
Node = yaml.Node

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Faulty:
    """Stands for a value that could not be read; its fault is already noted."""


FAULTY: Any = _Faulty()


@dataclass(frozen=True, slots=True)
class Unit:
    """Annotation: the value is a written quantity of this kind, stored in its canonical unit."""

    kind: str


CustomReader = Callable[["Reader", Node, str], Any]
"""Reads a node of one type: (reader, node, place) to value or FAULTY."""


def is_null(node: Node) -> bool:
    """Return whether the node says nothing."""
    return isinstance(node, yaml.ScalarNode) and node.style is None and node.value in ("", "~", "null")


def line_of(node: Node) -> int:
    """Return the line of a node, counted from 1."""
    return int(node.start_mark.line) + 1


def written(node: Node) -> str:
    """Return what stands in the file, shortened, for messages."""
    match node:
        case yaml.ScalarNode():
            text = str(node.value)
            return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"
        case yaml.SequenceNode():
            return "a list"
        case _:
            return "a group of keys"


@dataclass(slots=True)
class Reader:
    """Reads nodes into values and collects the faults it meets."""

    file: str
    kind: str
    readers: Mapping[type, CustomReader] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    """Line of every place that was read, so that later checks can say where."""

    def fault(self, node: Node, place: str, problem: str, remedy: str = "") -> Any:
        """Note a fault at a node and return FAULTY."""
        self.faults.append(
            Fault(line=line_of(node), place=place or "the file", problem=problem, remedy=remedy)
        )
        return FAULTY

    def fault_at(self, place: str, problem: str, remedy: str = "") -> None:
        """Note a fault at a place read before, or at the nearest group around it."""
        around = place
        while around and around not in self.lines:
            around = around.rpartition(".")[0]
        self.faults.append(Fault(line=self.lines.get(around), place=place, problem=problem, remedy=remedy))

    def finish(self) -> None:
        """Raise DataFileError if any fault was noted."""
        if self.faults:
            raise DataFileError(self.file, self.kind, tuple(self.faults))

    def entries(self, node: Node, place: str) -> dict[str, Node] | None:
        """Return the keys and nodes of a mapping; None (and a fault) if it is none or a key stands twice."""
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, place, f"expected keys and values, found {written(node)}.")
            return None
        found: dict[str, Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in found:
                self.fault(key, f"{place}.{name}".lstrip("."), "this key stands twice.", "Keep one of them.")
                continue
            found[name] = value
        return found

    def read(self, node: Node, annotation: Any, place: str) -> Any:
        """Return the value of a node as the annotated type, or FAULTY after noting why not."""
        self.lines.setdefault(place, line_of(node))
        unit, annotation = _split_unit(annotation)
        origin = typing.get_origin(annotation)
        if origin in (typing.Union, types.UnionType):
            return self._read_optional(node, annotation, unit, place)
        if origin is tuple:
            return self._read_sequence(node, annotation, unit, place)
        if origin is not None and issubclass(origin, Mapping):
            return self._read_mapping(node, typing.get_args(annotation)[1], unit, place)
        if unit is not None:
            return self._read_quantity(node, unit, place)
        if annotation in self.readers:
            return self.readers[annotation](self, node, place)
        if dataclasses.is_dataclass(annotation):
            return self._read_dataclass(node, annotation, place)
        return self._read_scalar(node, annotation, place)

    def _read_optional(self, node: Node, annotation: Any, unit: Unit | None, place: str) -> Any:
        if is_null(node):
            return None
        inner = [part for part in typing.get_args(annotation) if part is not type(None)]
        wanted = inner[0] if unit is None else Annotated[inner[0], unit]
        return self.read(node, wanted, place)

    def _read_sequence(self, node: Node, annotation: Any, unit: Unit | None, place: str) -> Any:
        if not isinstance(node, yaml.SequenceNode):
            return self.fault(
                node, place, f"expected a list, found {written(node)}.", "Write it as [a, b] or with dashes."
            )
        item = typing.get_args(annotation)[0]
        wanted = item if unit is None else Annotated[item, unit]
        values = tuple(
            self.read(child, wanted, f"{place}.{index}") for index, child in enumerate(node.value, start=1)
        )
        return FAULTY if any(value is FAULTY for value in values) else values

    def _read_mapping(self, node: Node, item: Any, unit: Unit | None, place: str) -> Any:
        found = self.entries(node, place)
        if found is None:
            return FAULTY
        wanted = item if unit is None else Annotated[item, unit]
        values = {
            name: self.read(child, wanted, f"{place}.{name}".lstrip(".")) for name, child in found.items()
        }
        return FAULTY if any(value is FAULTY for value in values.values()) else values

    def _read_quantity(self, node: Node, unit: Unit, place: str) -> Any:
        if not isinstance(node, yaml.ScalarNode) or is_null(node):
            return self.fault(node, place, f"expected a quantity, found {written(node)}.")
        try:
            return quantities.parse(node.value, unit.kind)
        except UnitError as error:
            return self.fault(node, place, str(error))

    def _read_dataclass(self, node: Node, wanted: Any, place: str) -> Any:
        found = self.entries(node, place)
        if found is None:
            return FAULTY
        return self.build(node, found, wanted, place)

    def build(self, node: Node, found: Mapping[str, Node], wanted: Any, place: str, **given: Any) -> Any:
        """Return a dataclass from its entries; ``given`` fields are set by the caller, not by the file."""
        hints = _hints(wanted)
        fields = {
            entry.name: entry
            for entry in dataclasses.fields(wanted)
            if entry.init and entry.name not in given
        }
        values: dict[str, Any] = dict(given)
        for name, child in found.items():
            inside = f"{place}.{name}".lstrip(".")
            if name not in fields:
                self.fault(child, inside, "unknown key.", did_you_mean(name, fields))
                continue
            values[name] = self.read(child, hints[name], inside)
        missing = [name for name, entry in fields.items() if name not in found and _is_required(entry)]
        for name in missing:
            self.fault(node, f"{place}.{name}".lstrip("."), "required key is missing.", f"Add '{name}:'.")
        if missing or any(value is FAULTY for value in values.values()) or not set(found) <= set(fields):
            return FAULTY
        return wanted(**values)

    def _read_scalar(self, node: Node, wanted: Any, place: str) -> Any:
        if not isinstance(node, yaml.ScalarNode) or is_null(node):
            return self.fault(node, place, f"expected {_in_words(wanted)}, found {written(node)}.")
        if wanted is Any or wanted is str:
            return str(node.value)
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            options = {str(member.value): member for member in wanted}
            if node.value in options:
                return options[node.value]
            return self.fault(
                node, place, f"{written(node)} is not a choice here.", did_you_mean(node.value, options)
            )
        if wanted is bool:
            if node.value in ("true", "false"):
                return node.value == "true"
            return self.fault(node, place, f"expected true or false, found {written(node)}.")
        try:
            return wanted(node.value)
        except ValueError:
            return self.fault(node, place, f"expected {_in_words(wanted)}, found {written(node)}.")


def _split_unit(annotation: Any) -> tuple[Unit | None, Any]:
    if typing.get_origin(annotation) is Annotated:
        base, *extras = typing.get_args(annotation)
        units = [extra for extra in extras if isinstance(extra, Unit)]
        return (units[0] if units else None), base
    return None, annotation


@cache
def _hints(wanted: Any) -> dict[str, Any]:
    return typing.get_type_hints(wanted, include_extras=True)


def _is_required(entry: dataclasses.Field[Any]) -> bool:
    return entry.default is dataclasses.MISSING and entry.default_factory is dataclasses.MISSING


def _in_words(wanted: Any) -> str:
    return {int: "a whole number", float: "a number", str: "text", bool: "true or false"}.get(
        wanted, str(wanted)
    )


def read_text(path: Any) -> str:
    """Return the text of a file or package resource; raise InputError that says why it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InputError(f"There is no file '{path}'.") from error
    except IsADirectoryError as error:
        raise InputError(f"'{path}' is a folder, not a file.") from error
    except PermissionError as error:
        raise InputError(f"'{path}' may not be read. Check its permissions.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"'{path}' is not text in UTF-8 (byte {error.start}). Save it as UTF-8.") from error
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror or error}.") from error
    return str(text)


def compose(text: str, file: str, kind: str) -> Node:
    """Return the root node of a YAML text; raise DataFileError if it is empty or not YAML."""
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "this is not YAML"
        line = mark.line + 1 if mark is not None else None
        fault = Fault(
            line=line,
            place="the file",
            problem=f"{problem}.",
            remedy="Check indentation, colons and quotes there.",
        )
        raise DataFileError(file, kind, (fault,)) from error
    if root is None:
        raise DataFileError(file, kind, (Fault(line=1, place="the file", problem="it is empty."),))
    return root


def loads(
    text: str, file: str, kind: str, wanted: type[T], *, readers: Mapping[type, CustomReader] | None = None
) -> T:
    """Return a dataclass from YAML text.

    file: the name used in messages.  kind: what sort of file it is, in words ("protocol").
    Raises DataFileError with every fault found.
    """
    reader = Reader(file=file, kind=kind, readers=readers or {})
    value = reader.read(compose(text, file, kind), wanted, "")
    reader.finish()
    return typing.cast(T, value)


def load(path: Any, kind: str, wanted: type[T], *, readers: Mapping[type, CustomReader] | None = None) -> T:
    """Return a dataclass from a YAML file or package resource; raise InputError or DataFileError."""
    return loads(read_text(path), Path(str(path)).name, kind, wanted, readers=readers)
