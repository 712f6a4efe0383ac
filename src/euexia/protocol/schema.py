"""JSON Schema (draft 2020-12) of a protocol file, made from the dataclasses that read it.

An editor completes and checks a file with it while it is written.  It says what form a value has; what must
be true beyond the form (``euexia check``) no schema can say.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache
from itertools import pairwise
from typing import Annotated, Any

from euexia.core.datafile import Unit
from euexia.core.logic import Comparison
from euexia.core.quantities import canonical_unit
from euexia.criteria.measures import MEASURES
from euexia.protocol.analysis_plan import EVENTS, Component
from euexia.protocol.protocol import Clause, DosingRule, Protocol, Schedule, Stratum, Visit
from euexia.protocol.reading import NAMED
from euexia.protocol.statement import Condition

DRAFT = "https://json-schema.org/draft/2020-12/schema"
NUMBER = r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?"
UNITS: Mapping[str, str] = {
    "duration": "(hours?|h|days?|d|weeks?|months?|years?)",
    "oral_dose": "(ug|µg|mg|g)",
    "fraction": "%?",
    "event_rate": "1/(day|week|month|year)",
}
"""Units of a kind that a protocol may write; of other kinds any unit."""
EXAMPLES: Mapping[str, str] = {
    "duration": "8 weeks",
    "oral_dose": "25 mg",
    "fraction": "5 %",
    "event_rate": "3 1/week",
}
NOT_WRITTEN = ("source_text", "source_name", "comparison", "threshold")
"""Fields that are no keys of the file."""
EVENT_FIELDS = ("events",)
MEASURE_FIELDS = ("measure", "measures")
Json = dict[str, Any]


def protocol_schema(choices: Mapping[str, Sequence[str]]) -> Json:
    """Return the schema of a protocol file.

    choices: names that may stand under a key besides those known here, such as ``drug`` and ``population``.
    """
    maker = _Maker(choices)
    root = maker.object_of(Protocol, leave_out=("id",))
    name = {"type": "string", "description": "Short name of the protocol, as its file is called."}
    root["properties"] = {"protocol": name, **root["properties"]}
    root["required"] = ["protocol", *root["required"]]
    title = {"$schema": DRAFT, "title": "Euexia protocol"}
    return {**title, **root, "$defs": dict(sorted(maker.definitions.items()))}


class _Maker:
    """Makes the schema of each type once, under ``$defs``."""

    def __init__(self, choices: Mapping[str, Sequence[str]]) -> None:
        self.choices = choices
        self.definitions: dict[str, Json] = {}
        self.special: Mapping[type, Callable[[], Json]] = {
            Condition: self._condition,
            Stratum: self._stratum,
            Component: self._component,
        }

    def object_of(self, wanted: type, leave_out: Sequence[str] = ()) -> Json:
        """Return the schema of a mapping with the fields of a dataclass as keys."""
        hints = typing.get_type_hints(wanted, include_extras=True)
        texts = _field_texts(wanted)
        fields = [
            entry
            for entry in dataclasses.fields(wanted)
            if entry.name not in (*leave_out, *NOT_WRITTEN) and entry.init
        ]
        properties = {}
        for entry in fields:
            said = {"description": texts[entry.name]} if entry.name in texts else {}
            properties[entry.name] = {**self._of_field(wanted, entry.name, hints[entry.name]), **said}
        found: Json = {"type": "object", "description": _summary(wanted), "properties": properties}
        found["required"] = [entry.name for entry in fields if _is_required(entry)]
        found["additionalProperties"] = False
        return found

    def _of_field(self, owner: type, name: str, annotation: Any) -> Json:
        if owner is Protocol and name in (*NAMED, "rules", "assumptions"):
            return self._section(name)
        if (owner, name) == (DosingRule, "clauses"):
            return {"type": "object", "additionalProperties": self._named(Clause, "id")}
        if (owner, name) == (Schedule, "visits"):
            return {"type": "object", "additionalProperties": self._reference(Visit, self._visit)}
        if name in self.choices:
            return {"enum": sorted(self.choices[name])}
        found = self.of(annotation)
        if name in MEASURE_FIELDS:
            return _with_enum(found, sorted(MEASURES))
        return _with_enum(found, sorted(EVENTS)) if name in EVENT_FIELDS else found

    def _section(self, name: str) -> Json:
        """Return the schema of a section of named entries."""
        if name == "assumptions":
            return {"type": "object", "additionalProperties": {"type": "string"}}
        wanted, key = (DosingRule, "name") if name == "rules" else NAMED[name]
        return {"type": "object", "additionalProperties": self._named(wanted, key)}

    def _named(self, wanted: type, key: str) -> Json:
        """Return the schema of an entry whose name is the key it stands under."""
        return self._reference(wanted, lambda: self.object_of(wanted, leave_out=(key,)))

    def of(self, annotation: Any) -> Json:
        """Return the schema of a type, as the reader of files understands it."""
        unit, bare = _split(annotation)
        origin, inside = typing.get_origin(bare), typing.get_args(bare)
        if origin in (typing.Union, types.UnionType):
            wanted = next(part for part in inside if part is not type(None))
            return self.of(wanted if unit is None else Annotated[wanted, unit])
        if origin is tuple:
            item = inside[0] if unit is None else Annotated[inside[0], unit]
            return {"type": "array", "items": self.of(item)}
        if origin is not None and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(inside[1])}
        return _quantity(unit.kind) if unit is not None else self._plain(bare)

    def _plain(self, wanted: Any) -> Json:
        if wanted in self.special:
            return self._reference(wanted, self.special[wanted])
        if dataclasses.is_dataclass(wanted) and isinstance(wanted, type):
            return self._reference(wanted, lambda: self.object_of(wanted))
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            return self._reference(wanted, lambda: _enumeration(wanted))
        names = {str: "string", int: "integer", float: "number", bool: "boolean"}
        return {"type": names[wanted]}

    def _reference(self, wanted: type, make: Callable[[], Json]) -> Json:
        name = wanted.__name__
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = make()
        return {"$ref": f"#/$defs/{name}"}

    def _condition(self) -> Json:
        """Return the schema of a condition: joined ones, or one comparison with one threshold."""
        this = {"$ref": "#/$defs/Condition"}
        several = {"type": "array", "items": this, "minItems": 1}
        joined = [_closed({name: several}, [name]) for name in ("any", "all")]
        compared = [comparison.value for comparison in Comparison]
        whose = {
            "flag": [name for name, measure in MEASURES.items() if measure.is_flag],
            "category": [name for name, measure in MEASURES.items() if measure.is_category],
            "number": [name for name, measure in MEASURES.items() if not measure.is_coded],
        }
        hints = typing.get_type_hints(Condition, include_extras=True)
        flag = {"measure": {"enum": sorted(whose["flag"])}, "is_true": {"type": "boolean"}}
        leaves = [_closed(flag, ["measure", "is_true"])]
        for name in sorted(whose["category"]):
            values = {"type": "array", "items": {"enum": list(MEASURES[name].categories)}, "minItems": 1}
            leaves.append(_closed({"measure": {"const": name}, "one_of": values}, ["measure", "one_of"]))
        number: Json = {
            "measure": {"enum": sorted(whose["number"])},
            "of": self.of(hints["of"]),
            "over": self.of(hints["over"]),
        }
        for name in compared:
            threshold = {"type": ["string", "number"], "pattern": f"^\\s*{NUMBER}"}
            leaves.append(_closed({**number, name: threshold}, ["measure", name]))
        return {"description": _summary(Condition), "oneOf": [*joined, *leaves]}

    def _visit(self) -> Json:
        found = self.object_of(Visit, leave_out=("name",))
        day = found["properties"]["day"]
        found["properties"]["days"] = {
            "type": "array",
            "items": dict(day),
            "description": "Days of a series of visits with the same contents, instead of ``day``.",
        }
        found["required"].remove("day")
        found["oneOf"] = [{"required": ["day"]}, {"required": ["days"]}]
        return found

    def _stratum(self) -> Json:
        found = self.object_of(Stratum)
        cut = {"type": ["string", "number"], "pattern": f"^\\s*{NUMBER}"}
        found["properties"]["cuts"] |= {"type": "array", "items": cut}
        return found

    def _component(self) -> Json:
        found = self.object_of(Component)
        tie = found["properties"]["tie_within"]
        tie |= {"type": ["string", "number"], "pattern": f"^\\s*{NUMBER}"}
        return found


def _closed(properties: Json, required: Sequence[str]) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _with_enum(found: Json, names: Sequence[str]) -> Json:
    """Return the schema of a name, or of a list of names, that must be one of these."""
    if found.get("type") == "array":
        return {**found, "items": {"enum": list(names)}}
    return {"enum": list(names)}


def _quantity(kind: str) -> Json:
    """Return the schema of a written quantity."""
    unit = canonical_unit(kind)
    pure = unit == "1"
    pattern = UNITS.get(kind, r"(\S.*)?" if pure else r"\S.*")
    example = EXAMPLES.get(kind, f"2 {unit}")
    types_ = ["string", "number"] if pure else "string"
    return {"type": types_, "pattern": f"^\\s*{NUMBER}\\s*{pattern}\\s*$", "examples": [example]}


def _enumeration(wanted: type[Enum]) -> Json:
    texts = _field_texts(wanted)
    named = [f"{member.value}: {texts[member.name]}" for member in wanted if member.name in texts]
    description = "\n".join([_summary(wanted), *named])
    return {"enum": [member.value for member in wanted], "description": description}


def _summary(wanted: type) -> str:
    return (inspect.getdoc(wanted) or "").partition("\n\n")[0].replace("\n", " ")


def _split(annotation: Any) -> tuple[Unit | None, Any]:
    if typing.get_origin(annotation) is Annotated:
        bare, *extras = typing.get_args(annotation)
        units = [extra for extra in extras if isinstance(extra, Unit)]
        return (units[0] if units else None), bare
    return None, annotation


def _is_required(entry: dataclasses.Field[Any]) -> bool:
    return entry.default is dataclasses.MISSING and entry.default_factory is dataclasses.MISSING


@cache
def _classes_of(module: str) -> dict[str, ast.ClassDef]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


@cache
def _field_texts(wanted: type) -> Mapping[str, str]:
    """Return what stands as a docstring below each field or member of a class."""
    body = _classes_of(wanted.__module__)[wanted.__name__].body
    found: dict[str, str] = {}
    for before, after in pairwise(body):
        name = _name_of(before)
        if name and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            found[name] = inspect.cleandoc(str(after.value.value)).replace("\n", " ")
    return found


def _name_of(node: ast.stmt) -> str:
    """Return the name that a statement gives a value to, empty if it gives none."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return ""
