"""A design: a shipped protocol and what was changed in it, checked, in words, with what is different."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from euexia import protocol as protocols
from euexia.core.choices import choose
from euexia.core.errors import DataFileError, Fault, InputError
from euexia.protocol.protocol import Protocol
from euexia.protocol.sections import Bullets, Paragraph, Section, Table
from euexia.protocol.variation import vary
from euexia.studio.controls import Control, controls

Value = str | float | bool
Changes = Mapping[str, Value]
MOST_CHANGES = 200
LONGEST_VALUE = 200
UNSAFE = "\n\r\t#:{}[]&*!|>'\"@`\\"
"""Marks that may mean something else in YAML than themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A value that is not as in the protocol that the design started from."""

    path: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A design as far as it could be read; with faults there is no protocol."""

    start: str
    yaml: str
    controls: tuple[Control, ...]
    differences: tuple[Difference, ...]
    protocol: Protocol | None
    faults: tuple[Fault, ...] = ()


def shipped_text(name: str) -> str:
    """Return the file of a shipped protocol.  Raises UnknownNameError."""
    known = {entry: entry for entry in protocols.shipped()}
    chosen = choose("protocol", name, known)
    return (files("euexia") / "data" / "protocols" / f"{chosen}.yaml").read_text("utf-8")


@lru_cache(maxsize=64)
def start(name: str) -> Design:
    """Return the design of a shipped protocol as it stands.  Raises UnknownNameError."""
    text = shipped_text(name)
    file = f"{name}.yaml"
    return Design(
        start=name,
        yaml=text,
        controls=controls(text, file),
        differences=(),
        protocol=protocols.loads(text, file),
    )


def changed(name: str, changes: Changes) -> Design:
    """Return a shipped protocol with changes.

    changes: path of a control to its new value; a number is in the unit that the file writes there.
    Raises UnknownNameError (protocol), InputError (a path that is no control).
    """
    first = start(name)
    if not changes:
        return first
    text = _written(first, changes)
    file = f"{name}.yaml"
    try:
        protocol = protocols.loads(text, file)
        faults: tuple[Fault, ...] = _simulable(protocol)
    except DataFileError as error:
        return _of(first, text, None, error.faults)
    return _of(first, text, None if faults else protocol, faults)


def _simulable(protocol: Protocol) -> tuple[Fault, ...]:
    """Return why a protocol that is valid cannot be simulated."""
    from euexia.study import feasibility

    try:
        feasibility.check(protocol)
    except InputError as error:
        return (Fault(line=None, place="the design", problem=str(error)),)
    return ()


def _of(first: Design, text: str, protocol: Protocol | None, faults: tuple[Fault, ...]) -> Design:
    now = controls(text, f"{first.start}.yaml")
    before = {control.path: control for control in first.controls}
    ranges = tuple(_as_begun(control, before.get(control.path)) for control in now)
    differences = tuple(
        Difference(
            path=control.path,
            label=control.label,
            before=in_words(before[control.path]),
            after=in_words(control),
        )
        for control in now
        if control.path in before and control.value != before[control.path].value
    )
    return Design(
        start=first.start,
        yaml=text,
        controls=ranges,
        differences=differences,
        protocol=protocol,
        faults=faults,
    )


def _as_begun(control: Control, begun: Control | None) -> Control:
    """Return a control with the range that it had at the start, so that it does not run away when moved."""
    if begun is None or control.low is None or begun.low is None or begun.high is None:
        return control
    high = control.value if isinstance(control.value, float) else begun.high
    low = control.value if isinstance(control.value, float) else begun.low
    return dataclasses.replace(
        control, low=min(begun.low, low), high=max(begun.high, high), step=begun.step, label=begun.label
    )


def in_words(control: Control) -> str:
    """Return the value of a control as people write it."""
    if isinstance(control.value, bool):
        return "yes" if control.value else "no"
    if isinstance(control.value, float):
        return f"{control.value:g} {control.unit}".strip()
    return control.value


def _written(first: Design, changes: Changes) -> str:
    """Return the file with the changes, and with what moves along with them."""
    if len(changes) > MOST_CHANGES:
        raise InputError(f"{len(changes)} changes are more than the {MOST_CHANGES} that are read at once.")
    known = {control.path: control for control in first.controls}
    wanted: dict[str, str] = {}
    for path, value in changes.items():
        if path not in known:
            raise InputError(
                f"'{path[:LONGEST_VALUE]}' is not a value of '{first.start}' that can be changed."
            )
        wanted[path] = _text_of(known[path], value)
    return vary(first.yaml, {**_companions(first, wanted), **wanted})


def _text_of(control: Control, value: Value) -> str:
    """Return a new value as it is written in the file.  Raises InputError."""
    if isinstance(value, bool) or control.kind == "flag":
        if not isinstance(value, bool) or control.kind != "flag":
            raise InputError(
                f"'{control.label}' takes {'true or false' if control.kind == 'flag' else 'no flag'}."
            )
        return "true" if value else "false"
    if isinstance(value, str):
        return _checked_text(control, value)
    if control.kind != "number" or value != value or abs(value) > 1e12:
        raise InputError(f"'{control.label}' cannot be {value:g}.")
    return f"{value:.10g} {control.unit}".strip()


def _checked_text(control: Control, value: str) -> str:
    plain = value.strip()
    if len(plain) > LONGEST_VALUE or any(mark in plain for mark in UNSAFE):
        raise InputError(f"'{control.label}' cannot be that text.")
    if control.choices and plain not in control.choices:
        raise InputError(f"'{control.label}' is one of {', '.join(control.choices)}.")
    return plain


def _companions(first: Design, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return what moves along: endpoints that are read at a visit that was moved."""
    if first.protocol is None:
        return {}
    moved: dict[str, str] = {}
    known = {control.path: control for control in first.controls}
    for path, text in wanted.items():
        parts = path.split(".")
        if parts[:2] == ["schedule", "visits"] and parts[-1] == "day":
            before = known[path]
            for other in first.controls:
                is_day = other.path.startswith("endpoints.") and other.path.endswith(".day")
                if is_day and other.value == in_words(before):
                    moved[other.path] = text
    return moved


def words_of(protocol: Protocol) -> list[dict[str, Any]]:
    """Return the protocol in words, as the page lays it out."""
    return [section_entry(section) for section in protocols.sections(protocol)]


def section_entry(section: Section) -> dict[str, Any]:
    """Return a section as the page reads it."""
    return {"title": section.title, "blocks": [_block(block) for block in section.blocks]}


def _block(block: Paragraph | Bullets | Table) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {"kind": "paragraph", "text": block.text}
        case Bullets():
            return {"kind": "bullets", "items": list(block.items)}
        case Table():
            return {
                "kind": "table",
                "columns": list(block.columns),
                "rows": [list(row) for row in block.rows],
            }
