"""From YAML nodes to the parts of a protocol; what can be read is kept even where a neighbour is faulty.

Faults are noted in the reader, so that one run names every one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from euexia.core.datafile import FAULTY, CustomReader, Node, Reader, Unit, line_of
from euexia.protocol.analysis_options import Multiplicity
from euexia.protocol.analysis_plan import (
    Analysis,
    Component,
    Endpoint,
    Estimand,
    Strategy,
)
from euexia.protocol.component_reading import read_component
from euexia.protocol.condition_reading import read_condition, read_strategy, read_stratum
from euexia.protocol.design import Crossover, Interim
from euexia.protocol.protocol import (
    Accrual,
    Arm,
    Assumption,
    Clause,
    Criterion,
    DosingRule,
    Protocol,
    Randomisation,
    Schedule,
    Stratum,
    Treatment,
    Visit,
)
from euexia.protocol.published import Published
from euexia.protocol.statement import Condition

NAMED: Mapping[str, tuple[type, str]] = {
    "eligibility": (Criterion, "id"),
    "arms": (Arm, "name"),
    "endpoints": (Endpoint, "name"),
    "estimands": (Estimand, "endpoint"),
    "analyses": (Analysis, "name"),
    "crossovers": (Crossover, "name"),
    "interims": (Interim, "name"),
    "published": (Published, "name"),
}
"""Sections written as named entries, with their type and the field that takes the name."""


@dataclass(slots=True)
class Parts:
    """What could be read of each section; ``names`` also holds the names of entries that are faulty."""

    items: dict[str, list[Any]] = field(default_factory=dict)
    """Readable entries of the sections in NAMED, and of ``rules``, ``visits`` and ``background``."""
    values: dict[str, Any] = field(default_factory=dict)
    """Readable single values: size, randomisation, accrual, schedule (without its visits)."""
    names: dict[str, list[str]] = field(default_factory=dict)

    def known(self, section: str) -> list[str]:
        """Return the names written in a section, faulty entries included."""
        return self.names.get(section, [])

    def readable(self, section: str) -> list[Any]:
        """Return the entries of a section that could be read."""
        return self.items.get(section, [])

    def is_whole(self, section: str) -> bool:
        """Return whether the section is there and every entry of it could be read."""
        return section in self.items and len(self.readable(section)) == len(self.known(section))


def custom_readers(parts: Parts) -> Mapping[type, CustomReader]:
    """Return the custom readers of a protocol file; ``parts`` is filled while reading."""
    return {
        Component: read_component,
        Condition: read_condition,
        Stratum: read_stratum,
        Strategy: read_strategy,
        Protocol: lambda reader, node, place: _read_protocol(parts, reader, node),
    }


def _named(parts: Parts, reader: Reader, node: Node, wanted: type, key: str, place: str, section: str) -> Any:
    """Read a section of named entries into ``parts``; return a tuple, FAULTY if any is faulty."""
    names = parts.names.setdefault(section, [])
    items = parts.items.setdefault(section, [])
    reader.lines.setdefault(place, line_of(node))
    found = reader.entries(node, place)
    faulty = found is None
    for name, child in (found or {}).items():
        names.append(name)
        inside = f"{place}.{name}"
        reader.lines.setdefault(inside, line_of(child))
        item = _read_named(reader, child, wanted, key, inside)
        if item is FAULTY:
            faulty = True
        else:
            items.append(item)
    return FAULTY if faulty else tuple(items)


def _read_named(reader: Reader, node: Node, wanted: type, key: str, place: str) -> Any:
    entries = reader.entries(node, place)
    if entries is None:
        return FAULTY
    given: dict[str, Any] = {key: place.rpartition(".")[2]}
    if wanted is DosingRule and "clauses" in entries:
        inner = Parts()
        clauses = f"{place}.clauses"
        given["clauses"] = _named(inner, reader, entries.pop("clauses"), Clause, "id", clauses, "clauses")
    return reader.build(node, entries, wanted, place, **given)


def _read_visits(parts: Parts, reader: Reader, node: Node, place: str) -> Any:
    """Read visits; an entry with ``days: [...]`` stands for several, named ``<name>_day_<day>``."""
    names = parts.names.setdefault("visits", [])
    visits = parts.items.setdefault("visits", [])
    reader.lines.setdefault(place, line_of(node))
    found = reader.entries(node, place)
    faulty = found is None
    for name, child in (found or {}).items():
        inside = f"{place}.{name}"
        reader.lines.setdefault(inside, line_of(child))
        series = _read_series(reader, child, inside)
        names.extend([name] if series is FAULTY else [visit.name for visit in series])
        visits.extend([] if series is FAULTY else series)
        faulty = faulty or series is FAULTY
    visits.sort(key=lambda visit: visit.day)
    return FAULTY if faulty else tuple(visits)


def _read_series(reader: Reader, node: Node, place: str) -> Any:
    """Return the visits of one entry: one with ``day``, several with ``days``."""
    entries = reader.entries(node, place)
    if entries is None:
        return FAULTY
    name = place.rpartition(".")[2]
    if "days" not in entries:
        visit = reader.build(node, entries, Visit, place, name=name)
        return FAULTY if visit is FAULTY else [visit]
    days = reader.read(entries.pop("days"), Annotated[tuple[float, ...], Unit("duration")], f"{place}.days")
    if "day" in entries:
        reader.fault(
            entries["day"], f"{place}.day", "'day' and 'days' exclude each other.", "Keep one of them."
        )
        return FAULTY
    model = reader.build(node, entries, Visit, place, name=name, day=0.0)
    if model is FAULTY or days is FAULTY:
        return FAULTY
    return [replace(model, name=f"{name}_day_{day:g}", day=day) for day in days]


def _read_schedule(parts: Parts, reader: Reader, node: Node) -> Any:
    place = "schedule"
    reader.lines.setdefault(place, line_of(node))
    entries = reader.entries(node, place)
    if entries is None:
        return FAULTY
    visits: Any = FAULTY
    if "visits" in entries:
        visits = _read_visits(parts, reader, entries.pop("visits"), f"{place}.visits")
    else:
        reader.fault(node, f"{place}.visits", "required key is missing.", "Add 'visits:'.")
    times = reader.build(node, entries, Schedule, place, visits=())
    if times is FAULTY:
        return FAULTY
    parts.values["schedule"] = times
    return FAULTY if visits is FAULTY else replace(times, visits=visits)


def _read_assumptions(parts: Parts, reader: Reader, node: Node) -> Any:
    texts = reader.read(node, Mapping[str, str], "assumptions")
    if texts is FAULTY:
        return FAULTY
    parts.names["assumptions"] = list(texts)
    return tuple(Assumption(about=about, text=text) for about, text in texts.items())


def _read_protocol(parts: Parts, reader: Reader, node: Node) -> Any:
    found = reader.entries(node, "")
    if found is None:
        return FAULTY
    given: dict[str, Any] = {"source_text": "", "source_name": reader.file}
    if "protocol" in found:
        given["id"] = reader.read(found.pop("protocol"), str, "protocol")
    else:
        reader.fault(node, "protocol", "required key is missing.", "Add 'protocol:' with a short name.")
        given["id"] = FAULTY
    for section, (wanted, key) in NAMED.items():
        if section in found:
            items = _named(parts, reader, found.pop(section), wanted, key, section, section)
            given[section] = _by_endpoint(items) if section == "estimands" else items
    if "rules" in found:
        rules = _named(parts, reader, found.pop("rules"), DosingRule, "name", "rules", "rules")
        given["rules"] = rules if rules is FAULTY else {rule.name: rule for rule in rules}
    if "schedule" in found:
        given["schedule"] = _read_schedule(parts, reader, found.pop("schedule"))
    if "assumptions" in found:
        given["assumptions"] = _read_assumptions(parts, reader, found.pop("assumptions"))
    return _with_simple(parts, reader, node, found, given)


def _by_endpoint(estimands: Any) -> Any:
    if estimands is FAULTY:
        return FAULTY
    return {estimand.endpoint: estimand for estimand in estimands}


def _with_simple(
    parts: Parts, reader: Reader, node: Node, found: dict[str, Node], given: dict[str, Any]
) -> Any:
    """Read what is left, keep each readable value for the checks, and build the protocol."""
    simple: dict[str, Any] = {
        "size": int,
        "randomisation": Randomisation,
        "accrual": Accrual,
        "multiplicity": Multiplicity,
    }
    for name, wanted in simple.items():
        if name in found:
            given[name] = reader.read(found.pop(name), wanted, name)
            if given[name] is not FAULTY:
                parts.values[name] = given[name]
    if "background" in found:
        given["background"] = _read_background(parts, reader, found.pop("background"))
    return reader.build(node, found, Protocol, "", **given)


def _read_background(parts: Parts, reader: Reader, node: Node) -> Any:
    treatments = reader.read(node, tuple[Treatment, ...], "background")
    if treatments is not FAULTY:
        parts.items["background"] = list(treatments)
        parts.names["background"] = [treatment.drug for treatment in treatments]
    return treatments
