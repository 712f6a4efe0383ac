"""The steps of a hierarchical endpoint from YAML, with ties in the unit of what is compared."""

from __future__ import annotations

from typing import Annotated, Any

from euexia.core.choices import did_you_mean
from euexia.core.datafile import FAULTY, Node, Reader, Unit
from euexia.criteria.measures import MEASURES
from euexia.protocol.analysis_plan import Component, ComponentKind


def read_component(reader: Reader, node: Node, place: str) -> Any:
    """Return a Component, its ``tie_within`` in the canonical unit of what it compares."""
    found = reader.entries(node, place)
    if found is None:
        return FAULTY
    if "what" not in found or "tie_within" not in found:
        return _checked(reader, node, reader.build(node, found, Component, place), place)
    what = reader.read(found["what"], ComponentKind, f"{place}.what")
    measure = reader.read(found["measure"], str, f"{place}.measure") if "measure" in found else None
    if what is FAULTY:
        return FAULTY
    kind = _kind_of_tie(what, measure)
    wanted = float if kind is None else Annotated[float, Unit(kind)]
    entries = {name: child for name, child in found.items() if name != "tie_within"}
    tie = reader.read(found["tie_within"], wanted, f"{place}.tie_within")
    return _checked(reader, node, reader.build(node, entries, Component, place, tie_within=tie), place)


def _kind_of_tie(what: ComponentKind, measure: str | None) -> str | None:
    if what is ComponentKind.SURVIVAL:
        return "duration"
    if what is ComponentKind.PERCENT_CHANGE:
        return "fraction"
    known = MEASURES.get(measure or "")
    return None if what is ComponentKind.EVENTS or known is None or known.is_flag else known.kind


def _checked(reader: Reader, node: Node, component: Any, place: str) -> Any:
    """Return the component if it names what its kind needs."""
    if component is FAULTY:
        return FAULTY
    wanted = {
        ComponentKind.SURVIVAL: (),
        ComponentKind.EVENTS: ("events",),
        ComponentKind.CHANGE: ("measure",),
        ComponentKind.PERCENT_CHANGE: ("measure",),
        ComponentKind.VALUE: ("measure",),
    }[component.what]
    for name in ("measure", "events"):
        given = getattr(component, name) is not None
        if given and name not in wanted:
            return reader.fault(node, place, f"'{component.what.value}' has no '{name}'.", "Take it away.")
        if not given and name in wanted:
            return reader.fault(node, place, f"'{component.what.value}' needs '{name}'.", f"Add '{name}:'.")
    if component.measure is not None and component.measure not in MEASURES:
        problem = f"there is no measure called '{component.measure}'."
        return reader.fault(node, f"{place}.measure", problem, did_you_mean(component.measure, MEASURES))
    return component
