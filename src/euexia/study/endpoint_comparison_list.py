"""The endpoints by which one trial is judged: a list in the words of the protocol language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any

from euexia.core import datafile
from euexia.core.choices import did_you_mean
from euexia.core.datafile import FAULTY, Node, Reader
from euexia.core.errors import InputError
from euexia.criteria.measures import MEASURES
from euexia.protocol.analysis_methods import METHODS
from euexia.protocol.analysis_options import Options
from euexia.protocol.analysis_plan import Component, Endpoint, Estimand, Method, Role, Strategy
from euexia.protocol.component_reading import read_component
from euexia.protocol.condition import measures_of
from euexia.protocol.condition_reading import read_condition, read_strategy
from euexia.protocol.statement import Condition, Status

KIND = "list of endpoints"
SHIPPED = "comparison.yaml"
PREFIX = "judged_by_"
"""Begins the names of endpoints that are added to a protocol."""


class At(StrEnum):
    """When an endpoint is read."""

    PRIMARY_VISIT = "primary_visit"
    """On the day of the protocol's first primary endpoint."""
    END_OF_FOLLOW_UP = "end_of_follow_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One way to judge a trial: an endpoint with its estimand and method, or ``all_of`` several others.

    label: in tables.  short: in sentences, after "by".  about: what it tells of a patient.  accepted: what a
    regulator or guideline said of it, as ``accepted_source`` (a published study) has it; empty: nothing read.
    published_as: what published studies call it, besides its measure.
    """

    label: str
    short: str
    about: str
    endpoint: Endpoint | None = None
    estimand: Estimand | None = None
    method: Method | None = None
    options: Options | None = None
    all_of: tuple[str, ...] = ()
    at: At = At.PRIMARY_VISIT
    accepted: str = ""
    accepted_source: str = ""
    published_as: tuple[str, ...] = ()
    status: Status = Status.ASSUMED
    source: str = ""

    @property
    def measures(self) -> tuple[str, ...]:
        """Return what must be read for it."""
        endpoint = self.endpoint
        if endpoint is None:
            return ()
        named = [endpoint.measure, *(step.measure for step in endpoint.order)]
        conditional = () if endpoint.condition is None else measures_of(endpoint.condition)
        return tuple(dict.fromkeys([*(name for name in named if name is not None), *conditional]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    endpoints: Mapping[str, Judgement]


def load(path: Path | None = None) -> Mapping[str, Judgement]:
    """Return the endpoints of a list by name, in its order; the shipped list if no file is given.

    Raises InputError for a file that cannot be read, DataFileError with the faults of its form, InputError
    with everything else that is wrong with it.
    """
    place: Any = files("euexia") / "data" / "endpoints" / SHIPPED if path is None else path
    readers = {
        Component: read_component,
        Condition: read_condition,
        Strategy: read_strategy,
        Endpoint: _read_endpoint,
        Estimand: _read_estimand,
    }
    found = datafile.load(place, KIND, _File, readers=readers).endpoints
    faults = [f"'{name}': {fault}" for name, entry in found.items() for fault in _faults(entry, found)]
    if faults or not found:
        lines = "\n".join(f"  - {fault}" for fault in faults or ["it names no endpoint."])
        raise InputError(f"The list of endpoints '{Path(str(place)).name}' cannot be used:\n{lines}")
    return {name: _named(name, entry) for name, entry in found.items()}


def _read_endpoint(reader: Reader, node: Node, place: str) -> Any:
    """Read an endpoint; name, label, role and day are those of the comparison."""
    found = reader.entries(node, place)
    if found is None:
        return FAULTY
    return reader.build(node, found, Endpoint, place, name="", label="", role=Role.SECONDARY, day=0.0)


def _read_estimand(reader: Reader, node: Node, place: str) -> Any:
    found = reader.entries(node, place)
    return FAULTY if found is None else reader.build(node, found, Estimand, place, endpoint="")


def _named(name: str, entry: Judgement) -> Judgement:
    if entry.endpoint is None or entry.estimand is None:
        return entry
    own = f"{PREFIX}{name}"
    return replace(
        entry,
        endpoint=replace(entry.endpoint, name=own, label=entry.label),
        estimand=replace(entry.estimand, endpoint=own),
    )


def _faults(entry: Judgement, others: Mapping[str, Judgement]) -> Iterator[str]:
    if entry.accepted and not entry.accepted_source:
        yield "what regulators accept needs a source. Name a published study under 'accepted_source'."
    for measure in entry.measures:
        if measure not in MEASURES:
            yield f"there is no measure called '{measure}'. {did_you_mean(measure, MEASURES)}"
    yield from _part_faults(entry, others) if entry.all_of else _single_faults(entry)


def _single_faults(entry: Judgement) -> Iterator[str]:
    if entry.endpoint is None or entry.estimand is None or entry.method is None:
        yield "it needs 'endpoint', 'estimand' and 'method', or 'all_of'."
    elif Strategy.WHILE_ON_TREATMENT in _strategies(entry.estimand):
        yield "'while_on_treatment' is not carried out here. Choose another strategy."
    elif not METHODS[entry.method].compares:
        yield f"the method '{entry.method.value}' does not compare two arms. Choose one that does."


def _strategies(estimand: Estimand) -> tuple[Strategy, ...]:
    return (estimand.death, estimand.discontinuation, estimand.missing, estimand.rescue)


def _part_faults(entry: Judgement, others: Mapping[str, Judgement]) -> Iterator[str]:
    if any(part is not None for part in (entry.endpoint, entry.estimand, entry.method)):
        yield "'all_of' stands for other endpoints. Take 'endpoint', 'estimand' and 'method' away."
    if len(set(entry.all_of)) < 2:
        yield "'all_of' needs two or more different endpoints."
    for name in entry.all_of:
        if name not in others:
            yield f"there is no endpoint '{name}' in the list. {did_you_mean(name, others)}"
        elif others[name].all_of:
            yield f"'{name}' stands for several endpoints itself. Name those."
