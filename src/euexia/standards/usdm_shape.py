"""Whether the objects of a document have the form that USDM 4.0 gives their classes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from euexia.core.errors import Fault

REQUIRED, LIST = "!", "[]"
SCALARS: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
WORDS: Mapping[str, str] = {"string": "a text", "boolean": "true or false", "integer": "a whole number"}
ABSENT = "null"


@cache
def classes() -> Mapping[str, Mapping[str, str]]:
    """Return the attributes of each class: ``!`` required, ``[]`` a list, then classes or types allowed.

    Source: the API specification of USDM 4.0, cdisc-org/DDF-RA.
    """
    path = files("euexia") / "data" / "schemas" / "usdm-4.0-classes.json"
    found: Mapping[str, Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def faults(value: Any, kinds: list[str], place: str) -> Iterator[Fault]:
    """Give every value of a form that its class does not allow.

    What is missing or unknown is no fault: other programs write less, and more.
    """
    if isinstance(value, dict):
        yield from _of_object(value, kinds, place)
    elif value is not None and not _fits(value, kinds):
        wanted = " or ".join(WORDS.get(kind, f"an object ({kind})") for kind in kinds if kind != ABSENT)
        yield Fault(line=None, place=place, problem=f"{_short(value)} stands where {wanted} is needed.")


def _of_object(value: dict[str, Any], kinds: list[str], place: str) -> Iterator[Fault]:
    known = [kind for kind in kinds if kind in classes()]
    if not known:
        yield Fault(line=None, place=place, problem="an object stands where a plain value is needed.")
        return
    own = value.get("instanceType")
    rules = classes()[own if own in known else known[0]]
    for name, rule in rules.items():
        allowed = rule.removeprefix(REQUIRED)
        if name in value:
            yield from _of_attribute(value[name], allowed, f"{place}.{name}")


def _of_attribute(value: Any, rule: str, place: str) -> Iterator[Fault]:
    kinds = rule.removeprefix(LIST).split("|")
    if not rule.startswith(LIST):
        yield from faults(value, kinds, place)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            inside = f"{place}[{number}]"
            if item is None:
                yield Fault(line=None, place=inside, problem="nothing stands in a list.")
            yield from faults(item, kinds, inside)
    elif value is not None:
        yield Fault(line=None, place=place, problem=f"{_short(value)} stands where a list is needed.")


def _fits(value: Any, kinds: list[str]) -> bool:
    is_flag = isinstance(value, bool)
    return any(
        kind in SCALARS and isinstance(value, SCALARS[kind]) and (not is_flag or kind == "boolean")
        for kind in kinds
    )


def _short(value: Any) -> str:
    text = "a list" if isinstance(value, list) else json.dumps(value, ensure_ascii=False)
    return text[:40]
