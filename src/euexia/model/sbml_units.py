"""Units of measurement as SBML defines them: products of powers of its base units."""

from __future__ import annotations

import re
from typing import NamedTuple

from euexia.core.errors import UnitError


class BaseUnit(NamedTuple):
    """One factor of a unit: (multiplier x 10^scale x kind)^exponent."""

    kind: str
    exponent: int
    scale: int
    multiplier: float


_ATOMS: dict[str, tuple[str, int, float]] = {
    "kg": ("kilogram", 0, 1.0),
    "g": ("gram", 0, 1.0),
    "mg": ("gram", -3, 1.0),
    "ng": ("gram", -9, 1.0),
    "pg": ("gram", -12, 1.0),
    "m": ("metre", 0, 1.0),
    "cm": ("metre", -2, 1.0),
    "mm": ("metre", -3, 1.0),
    "L": ("litre", 0, 1.0),
    "mL": ("litre", -3, 1.0),
    "nmol": ("mole", -9, 1.0),
    "umol": ("mole", -6, 1.0),
    "mmol": ("mole", -3, 1.0),
    "mol": ("mole", 0, 1.0),
    "W": ("watt", 0, 1.0),
    "ohm": ("ohm", 0, 1.0),
    "kcal": ("joule", 3, 4.184),
    "s": ("second", 0, 1.0),
    "min": ("second", 0, 60.0),
    "h": ("second", 0, 3600.0),
    "day": ("second", 0, 86400.0),
    "year": ("second", 0, 31557600.0),
}
"""Unit to SBML's kind, power of ten and multiplier."""
_TOKEN = re.compile(r"1e9|1(?![\d.])|[A-Za-z]+|[*/()^]|-?\d+")


def identifier(unit: str) -> str:
    """Return the name of a unit within a model, such as ``kcal_per_kg_per_day``."""
    if unit == "1":
        return "dimensionless"
    words = unit.replace("(", "").replace(")", "").replace("1e9", "billion").replace("1/", "per_")
    return words.replace("^", "").replace("*", "_").replace("/", "_per_")


def base_units(unit: str) -> tuple[BaseUnit, ...]:
    """Return the factors of a unit such as ``mg/L/(pg/mL)``; raise UnitError for one that is not known."""
    tokens = _TOKEN.findall(unit)
    if "".join(tokens) != unit:
        raise UnitError(f"The unit '{unit}' cannot be written in SBML.")
    found, sign, signs, power = [], 1, [1], 1
    for place, token in enumerate(tokens):
        follows = tokens[place + 1 : place + 3]
        power = int(follows[1]) if follows[:1] == ["^"] else 1
        if token == "/":
            sign = -1
        elif token == "*":
            sign = 1
        elif token == "(":
            signs.append(signs[-1] * sign)
            sign = 1
        elif token == ")":
            signs.pop()
        elif token != "^" and tokens[place - 1 : place] != ["^"]:
            found.append(_atom(token, signs[-1] * sign * power, unit))
    return tuple(entry for entry in found if entry.kind != "dimensionless" or entry.scale)


def _atom(token: str, exponent: int, unit: str) -> BaseUnit:
    if token in ("1", "1e9"):
        return BaseUnit("dimensionless", exponent, 9 if token == "1e9" else 0, 1.0)
    if token not in _ATOMS:
        raise UnitError(f"The unit '{unit}' cannot be written in SBML: '{token}' is not known.")
    kind, scale, multiplier = _ATOMS[token]
    return BaseUnit(kind, exponent, scale, multiplier)
