"""Load a protocol by name or from a file, with every fault said at once."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from euexia.core import datafile
from euexia.core.choices import did_you_mean
from euexia.core.datafile import FAULTY, Node, Reader
from euexia.core.errors import DataFileError, Fault, UnknownNameError
from euexia.protocol.checks import check_design
from euexia.protocol.endpoint_checks import check_analysis_plan
from euexia.protocol.protocol import Protocol
from euexia.protocol.published_checks import check_published
from euexia.protocol.reading import Parts, custom_readers
from euexia.protocol.statement import LATER

KIND = "protocol"
TODO = "TODO"
"""Marks a value in a draft that a person still has to decide."""


def shipped() -> tuple[str, ...]:
    """Return the names of the protocols that come with the package."""
    folder = files("euexia") / "data" / "protocols"
    return tuple(
        sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    )


def load(name_or_path: str | Path) -> Protocol:
    """Return a protocol that comes with the package (by name) or stands in a file.

    Raises UnknownNameError for a name that is neither, InputError for a file that cannot be read, and
    DataFileError with every fault of one that can.
    """
    text = str(name_or_path)
    if text in shipped():
        return loads(
            (files("euexia") / "data" / "protocols" / f"{text}.yaml").read_text("utf-8"), f"{text}.yaml"
        )
    path = Path(name_or_path)
    if not path.suffix and not path.exists() and path.name == text:
        raise UnknownNameError(
            f"There is no protocol called '{text}', and no file of that name. {did_you_mean(text, shipped())}"
        )
    return loads(datafile.read_text(path), path.name)


def loads(text: str, file: str) -> Protocol:
    """Return a protocol from YAML text; ``file`` is the name used in messages.  Raises DataFileError."""
    root = datafile.compose(text, file, KIND)
    parts = Parts()
    reader = Reader(file=file, kind=KIND, readers=custom_readers(parts))
    undecided = _undecided(root, reader)
    protocol = reader.read(root, Protocol, "")
    check_design(reader, parts)
    check_analysis_plan(reader, parts)
    check_published(reader, parts)
    found = (fault for fault in reader.faults if fault.place not in undecided)
    reader.faults = list(dict.fromkeys([*found, *undecided.values()]))
    reader.finish()
    if protocol is FAULTY:
        raise DataFileError(file, KIND, (Fault(line=1, place="the file", problem="it cannot be read."),))
    return dataclasses.replace(cast(Protocol, protocol), source_text=text, source_name=file)


def _undecided(root: Node, reader: Reader) -> Mapping[str, Fault]:
    """Return a fault for every value that is marked TODO, by place."""
    found = {}
    for place, node in _scalars(root, "", (), reader):
        if str(node.value).startswith(TODO):
            question = str(node.value).removeprefix(TODO).strip(" :.")
            problem = f"still to be decided: {question}." if question else "still to be decided."
            line = datafile.line_of(node)
            found[place] = Fault(line=line, place=place, problem=problem)
    return found


def _scalars(node: Node, place: str, above: tuple[int, ...], reader: Reader) -> Iterator[tuple[str, Node]]:
    """Give every scalar value with its place; a node inside itself (a YAML alias to a parent) is refused."""
    if id(node) in above:
        fault = Fault(
            line=datafile.line_of(node),
            place=place,
            problem="it contains itself.",
            remedy="Take the alias away.",
        )
        raise DataFileError(reader.file, reader.kind, (fault,))
    if isinstance(node.value, str):
        yield place, node
        return
    for index, child in enumerate(node.value, start=1):
        name, value = (child[0].value, child[1]) if isinstance(child, tuple) else (index, child)
        yield from _scalars(value, f"{place}.{name}".lstrip("."), (*above, id(node)), reader)


def fingerprint(protocol: Protocol) -> str:
    """Return the SHA-256 of what the protocol says, whatever the layout and comments of its file."""
    content = _plain(protocol)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return nested dictionaries, lists and scalars; fields that do not count in comparison are left out.

    So are keys that came later and are not used, so that a protocol keeps its fingerprint.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        entries = [entry for entry in dataclasses.fields(value) if entry.compare]
        entries = [e for e in entries if not (e.metadata == LATER and getattr(value, e.name) == e.default)]
        return {entry.name: _plain(getattr(value, entry.name)) for entry in entries}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value
