"""Units as UCUM writes them (``[lb_av]``, ``10*9/L``, ``kg/m2``), spelled as ``quantities`` reads them.

UCUM is the code of units in FHIR and in most laboratories.  A unit is a product of components: an atom with
an optional metric prefix and an exponent, ``.`` times, ``/`` over, annotations in braces without meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from euexia.core.errors import UnitError

ATOMS: Mapping[str, str] = {
    "[lb_av]": "lb",
    "[oz_av]": "oz",
    "[in_i]": "inch",
    "[in_us]": "inch",
    "[ft_i]": "foot",
    "[mi_i]": "mile",
    "[st_av]": "stone",
    "[Cal]": "kcal",
    "lbf": "lb",
    "%": "percent",
    "a": "year",
    "a_j": "year",
    "mo": "month",
    "wk": "week",
    "d": "day",
    "h": "hour",
    "min": "minute",
    "U": "enzyme_unit",
    "[IU]": "enzyme_unit",
    "[iU]": "enzyme_unit",
    "1": "1",
}
"""Atoms that take no metric prefix, and what they are called here."""

METRIC: Mapping[str, str] = {
    "g": "g",
    "m": "m",
    "L": "L",
    "l": "L",
    "mol": "mol",
    "s": "s",
    "J": "J",
    "W": "W",
    "cal": "cal",
    "Ohm": "ohm",
    "Hz": "Hz",
    "N": "N",
}
"""Atoms that take a metric prefix."""

PREFIXES = frozenset(["k", "c", "d", "m", "u", "n", "p", "f", "G", "M", "h"]) | {"da"}
_ANNOTATION = re.compile(r"\{[^{}]*\}")
_POWER_OF_TEN = re.compile(r"10[*^](-?\d+)")
_COMPONENT = re.compile(r"(?P<atom>\[[^\]]+\]|%|[A-Za-z_]+|\d+)(?P<power>[+-]?\d+)?")
_SPLIT = re.compile(r"([./()])")


SIGNS: Mapping[str, str] = {".": "*", "/": "/", "(": "(", ")": ")"}
_OPEN = frozenset({"*", "/", "("})
"""After these a unit (or a parenthesis) must follow; after all else, an operator or the end."""
_OPENED = frozenset({"*", "/", ")"})


@cache
def spelled(code: str) -> str:
    """Return the unit as ``quantities.factor`` reads it; ``1`` for a unit that is only an annotation.

    Raises UnitError for what is not UCUM, or an atom that no quantity of this package is measured in.
    """
    bare = _ANNOTATION.sub("", code.strip().replace("μ", "u").replace("µ", "u"))
    if not bare:
        return "1"
    over = "1" if bare.startswith("/") else ""
    parts = [part for part in _SPLIT.split(over + bare) if part]
    words = [SIGNS[part] if part in SIGNS else _component(part, code) for part in parts]
    pairs = zip(["*", *words], [*words, "*"], strict=True)
    if any((one in _OPEN) == (other in _OPENED) for one, other in pairs) or words.count("(") != words.count(
        ")"
    ):
        raise UnitError(f"'{code}' is not written as UCUM writes a unit.")
    return "".join(words)


def _component(part: str, code: str) -> str:
    ten = _POWER_OF_TEN.fullmatch(part)
    if ten:
        return f"1e{ten.group(1)}"
    found = _COMPONENT.fullmatch(part)
    if found is None:
        raise UnitError(f"'{part}' in '{code}' is no unit of UCUM.")
    atom, power = found.group("atom"), found.group("power")
    return _atom(atom, code) + (f"^{int(power)}" if power else "")


def _atom(atom: str, code: str) -> str:
    if atom.isdigit():
        return atom
    if atom in ATOMS:
        return ATOMS[atom]
    if atom in METRIC:
        return METRIC[atom]
    for name, known in METRIC.items():
        if atom.endswith(name) and atom.removesuffix(name) in PREFIXES:
            return atom.removesuffix(name) + known
    raise UnitError(f"'{atom}' in '{code}' is no unit of UCUM that is known here.")
