"""Read the parameter files: one file per block of the model or per drug, and overlays that replace values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from euexia.core import datafile, quantities
from euexia.core.choices import choose, did_you_mean
from euexia.core.errors import DataFileError, Fault, UnitError
from euexia.parameters.parameter import Parameter, Source, Status
from euexia.parameters.parameter_set import ParameterSet

SETS: Mapping[str, tuple[str, ...]] = {"reference": ("parameters", "drugs")}
"""Folders of data/ that make up each parameter set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A parameter as written in a block's file."""

    meaning: str
    kind: str
    value: float
    unit: str
    status: Status
    source: Source
    low: float | None = None
    high: float | None = None
    spread: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """The file of one block of the model, or of one drug."""

    block: str
    about: str
    parameters: Mapping[str, _Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replacement:
    """What an overlay says instead about one parameter."""

    value: float
    unit: str
    status: Status
    source: Source
    low: float | None = None
    high: float | None = None
    spread: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Overlay:
    """A file of replacements, by ``block.name``."""

    overlay: str
    about: str
    parameters: Mapping[str, _Replacement]


def load(name: str = "reference", *, overlays: Sequence[str | Path] = ()) -> ParameterSet:
    """Load a parameter set.

    name: one of SETS.  overlays: names of shipped overlays or paths of YAML files, applied in order.
    Raises UnknownNameError, InputError or DataFileError (every fault of a file at once).
    """
    entries: dict[str, Parameter] = {}
    for folder in choose("parameter set", name, SETS):
        for path in sorted(_shipped(folder), key=lambda entry: entry.name):
            entries.update(_read_block(path))
    for overlay in overlays:
        entries = _lay_over(entries, _overlay_path(overlay))
    return ParameterSet(name, entries, tuple(str(overlay) for overlay in overlays))


def shipped_overlays() -> tuple[str, ...]:
    """Return the names of the overlays that come with the package."""
    return tuple(sorted(path.name.removesuffix(".yaml") for path in _shipped("parameters/overlays")))


def _shipped(folder: str) -> list[Any]:
    root = files("euexia") / "data" / folder
    return [path for path in root.iterdir() if path.name.endswith(".yaml")]


def _overlay_path(overlay: str | Path) -> Any:
    if isinstance(overlay, Path) or overlay.endswith((".yaml", ".yml")):
        return Path(overlay)
    known = {path.name.removesuffix(".yaml"): path for path in _shipped("parameters/overlays")}
    return choose("parameter overlay", overlay, known)


def _read_block(path: Any) -> dict[str, Parameter]:
    block = datafile.load(path, "parameter file", _Block)
    faults: list[Fault] = []
    entries: dict[str, Parameter] = {}
    for short, entry in block.parameters.items():
        place = f"parameters.{short}"
        try:
            parameter = _canonical(f"{block.block}.{short}", entry)
        except UnitError as error:
            faults.append(Fault(line=None, place=place, problem=str(error)))
            continue
        faults.extend(_range_faults(parameter, place))
        entries[parameter.name] = parameter
    if faults:
        raise DataFileError(path.name, "parameter file", tuple(faults))
    return entries


def _canonical(name: str, entry: _Entry) -> Parameter:
    return Parameter(
        name=name,
        meaning=entry.meaning,
        kind=entry.kind,
        value=_convert(entry.value, entry.unit, entry.kind),
        low=None if entry.low is None else _convert(entry.low, entry.unit, entry.kind),
        high=None if entry.high is None else _convert(entry.high, entry.unit, entry.kind),
        spread=entry.spread,
        status=entry.status,
        source=entry.source,
        printed=f"{entry.value:g} {entry.unit}".removesuffix(" 1"),
    )


def _convert(value: float, unit: str, kind: str) -> float:
    """Return the canonical value; values already written canonically need no unit library."""
    return value if unit == quantities.canonical_unit(kind) else quantities.convert(value, unit, kind)


def _range_faults(parameter: Parameter, place: str) -> list[Fault]:
    faults = []
    low = parameter.value if parameter.low is None else parameter.low
    high = parameter.value if parameter.high is None else parameter.high
    if not low <= parameter.value <= high:
        problem = f"the value {parameter.value:g} is not between low {low:g} and high {high:g}."
        faults.append(Fault(line=None, place=place, problem=problem, remedy="Correct one of the three."))
    if parameter.spread < 0:
        problem = f"the spread {parameter.spread:g} is negative."
        faults.append(Fault(line=None, place=place, problem=problem, remedy="Use 0 for no spread."))
    return faults


def _lay_over(entries: Mapping[str, Parameter], path: Any) -> dict[str, Parameter]:
    overlay = datafile.load(path, "parameter overlay", _Overlay)
    faults: list[Fault] = []
    result = dict(entries)
    for name, new in overlay.parameters.items():
        place = f"parameters.{name}"
        if name not in entries:
            remedy = did_you_mean(name, entries)
            faults.append(Fault(line=None, place=place, problem="unknown parameter.", remedy=remedy))
            continue
        try:
            result[name] = _replaced(entries[name], new)
        except UnitError as error:
            faults.append(Fault(line=None, place=place, problem=str(error)))
            continue
        faults.extend(_range_faults(result[name], place))
    if faults:
        raise DataFileError(path.name, "parameter overlay", tuple(faults))
    return result


def _replaced(old: Parameter, new: _Replacement) -> Parameter:
    return replace(
        old,
        value=_convert(new.value, new.unit, old.kind),
        low=None if new.low is None else _convert(new.low, new.unit, old.kind),
        high=None if new.high is None else _convert(new.high, new.unit, old.kind),
        spread=old.spread if new.spread is None else new.spread,
        status=new.status,
        source=new.source,
        printed=f"{new.value:g} {new.unit}".removesuffix(" 1"),
    )
