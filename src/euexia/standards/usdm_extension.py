"""The executable rest of a protocol as USDM extension attributes, and back.

Every value is an attribute of its own below the object it belongs to: an arm's ratio below the arm, a
visit's attendance below the encounter.  What is at its default is left out.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, TypeVar, get_args, get_origin

from euexia.core.errors import InputError
from euexia.standards.usdm_objects import Maker, Object

NAMESPACE = "urn:euexia:protocol:1:"
"""Of every extension of ours; the number changes when the meaning of one does."""
ITEM = "#item"
Part = TypeVar("Part")


def plain(value: Any) -> Any:
    """Return nested dictionaries, lists and scalars; what is at its default is left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            entry.name: plain(getattr(value, entry.name))
            for entry in dataclasses.fields(value)
            if getattr(value, entry.name) != _default(entry)
        }
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def _default(entry: dataclasses.Field[Any]) -> Any:
    factory = entry.default_factory
    return entry.default if factory is dataclasses.MISSING else factory()


def attribute(maker: Maker, name: str, value: Any) -> Object:
    """Return a plain value as one extension attribute; a group or a list as attributes inside it."""
    url = NAMESPACE + name
    match value:
        case dict():
            inside = [attribute(maker, key, item) for key, item in value.items()]
            return maker.make("ExtensionAttribute", extensions=inside, url=url)
        case list():
            inside = [attribute(maker, ITEM, item) for item in value]
            return maker.make("ExtensionAttribute", extensions=inside, url=url)
        case bool():
            return maker.make("ExtensionAttribute", url=url, valueBoolean=value)
        case int():
            return maker.make("ExtensionAttribute", url=url, valueInteger=value)
        case float():
            return maker.make("ExtensionAttribute", url=url, valueQuantity=maker.quantity(value))
        case str():
            return maker.make("ExtensionAttribute", url=url, valueString=value)
        case _:
            raise TypeError(f"{name}: a {type(value).__name__} has no place in USDM")


def value_of(found: Object) -> Any:
    """Return what an extension attribute of ours holds, as a plain value."""
    for key in ("valueBoolean", "valueInteger", "valueString"):
        if found.get(key) is not None:
            return found[key]
    number = found.get("valueQuantity")
    if isinstance(number, dict) and number.get("value") is not None:
        return float(number["value"])
    inside = [(_name(item), value_of(item)) for item in found.get("extensionAttributes") or ()]
    if inside and all(name == ITEM for name, _ in inside):
        return [value for _, value in inside]
    return dict(inside)


def of_object(found: Object) -> Mapping[str, Any]:
    """Return our extensions of one object, by name; those of others are not looked at."""
    return {
        _name(item): value_of(item)
        for item in found.get("extensionAttributes") or ()
        if isinstance(item, dict) and str(item.get("url", "")).startswith(NAMESPACE)
    }


def _name(found: Object) -> str:
    return str(found.get("url", "")).removeprefix(NAMESPACE)


def everywhere(document: Any, name: str) -> Iterator[Any]:
    """Give every value of one extension, in the order in which the document has them."""
    if isinstance(document, dict):
        if document.get("instanceType") != "ExtensionAttribute":
            mine = of_object(document)
            if name in mine:
                yield mine[name]
        for child in document.values():
            yield from everywhere(child, name)
    elif isinstance(document, list):
        for child in document:
            yield from everywhere(child, name)


def rebuilt(wanted: Any, value: Any, place: str) -> Any:
    """Return a value of the type wanted from plain values; the inverse of ``plain``.

    Raises InputError naming the place of a value that does not fit.
    """
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is typing.Annotated:
        return rebuilt(inner[0], value, place)
    if origin in (typing.Union, types.UnionType):
        return rebuilt(next(kind for kind in inner if kind is not types.NoneType), value, place)
    if origin is tuple:
        items = value if isinstance(value, list) else []
        return tuple(rebuilt(inner[0], item, f"{place}[{number}]") for number, item in enumerate(items))
    if origin is not None and issubclass(origin, Mapping):
        return {
            name: rebuilt(inner[1], item, f"{place}.{name}")
            for name, item in (value if isinstance(value, dict) else {}).items()
        }
    if dataclasses.is_dataclass(wanted):
        return _dataclass(wanted, value, place)
    return _scalar(wanted, value, place)


def _dataclass(wanted: Any, value: Any, place: str) -> Any:
    hints = typing.get_type_hints(wanted, include_extras=True)
    given = value if isinstance(value, dict) else {}
    unknown = sorted(set(given) - set(hints))
    if unknown:
        raise InputError(f"{place} has an entry '{unknown[0]}' that this version of Euexia does not know.")
    built = {}
    for entry in dataclasses.fields(wanted):
        if entry.name in given:
            built[entry.name] = rebuilt(hints[entry.name], given[entry.name], f"{place}.{entry.name}")
        elif _default(entry) is dataclasses.MISSING:
            built[entry.name] = rebuilt(hints[entry.name], _empty(hints[entry.name]), f"{place}.{entry.name}")
    return wanted(**built)


def _empty(wanted: Any) -> Any:
    """Return what a required entry that is not written must have been: something empty."""
    origin = get_origin(wanted)
    if origin is typing.Annotated:
        return _empty(get_args(wanted)[0])
    return [] if origin is tuple else {} if origin is not None and issubclass(origin, Mapping) else None


def _scalar(wanted: Any, value: Any, place: str) -> Any:
    if isinstance(wanted, type) and issubclass(wanted, Enum) and isinstance(value, str):
        if value not in [member.value for member in wanted]:
            raise InputError(f"{place} is '{value}', which this version of Euexia does not know.")
        return wanted(value)
    if wanted is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, wanted):
        return value
    raise InputError(f"{place} is {value!r}, but a value of the type {wanted.__name__} is needed.")
