"""Canonical units, and the one place where other units become canonical.

Inside Euexia a number is a float64 in the canonical unit of its kind.  Nothing else imports pint.
"""

from __future__ import annotations

import re
import threading
import tokenize
from functools import cache
from typing import Any

from euexia.core.choices import did_you_mean
from euexia.core.errors import UnitError

CANONICAL: dict[str, str] = {
    "albumin": "g/L",
    "amount_per_mass": "nmol/mg",
    "area": "cm^2",
    "area_index": "cm^2/m^2",
    "area_under_curve": "mg*h/L",
    "bilirubin": "umol/L",
    "calcium": "mmol/L",
    "body_mass_index": "kg/m^2",
    "cell_count": "1e9/L",
    "clearance": "L/h",
    "clearance_ratio": "L/h/(mL/min)",
    "concentration": "mg/L",
    "creatinine": "umol/L",
    "crp_per_cytokine": "mg/L/(pg/mL)",
    "cytokine": "pg/mL",
    "distance": "m",
    "distance_per_age": "m/year",
    "distance_per_height": "m/cm",
    "distance_per_mass": "m/kg",
    "duration": "day",
    "energy_density": "kcal/kg",
    "energy_rate": "kcal/day",
    "energy_rate_density": "kcal/kg/day",
    "energy_rate_per_age": "kcal/day/year",
    "energy_rate_per_height": "kcal/day/cm",
    "event_rate": "1/day",
    "filtration_rate": "mL/min/(1.73*m^2)",
    "density": "kg/L",
    "fraction": "1",
    "fraction_per_age": "1/year",
    "gdf15": "ng/mL",
    "haemoglobin": "g/L",
    "height": "cm",
    "length": "mm",
    "mass": "kg",
    "mass_per_area": "kg/cm^2",
    "mass_per_age": "kg/year",
    "mass_per_height": "kg/cm",
    "mass_ratio": "kg/kg",
    "molar_concentration": "nmol/L",
    "molar_concentration_per_gdf15": "nmol/L/(ng/mL)",
    "molar_mass": "g/mol",
    "oral_dose": "mg",
    "points": "1",
    "power": "W",
    "power_per_mass": "W/kg",
    "radiodensity": "1",
    "rate": "1/day",
    "rate_per_hour": "1/h",
    "renal_clearance": "mL/min",
    "resistance": "ohm",
    "sodium_concentration": "mg/kg",
    "sodium_rate": "mg/day/kg",
    "sodium_intake": "mg/day",
    "speed": "m/s",
    "steps": "1/day",
    "test_time": "s",
    "time_h": "h",
    "volume": "L",
    "volume_rate": "L/day",
    "volume_ratio": "mm^3/L",
    "years": "year",
}
"""Canonical unit of each kind of quantity."""

_SPELLINGS = {
    "%": "percent",
    "10^9/L": "1e9/L",
    "10⁹/L": "1e9/L",
    "µmol/L": "umol/L",
    "-": "1",
    "": "1",
    "points": "1",
}
KNOWN = {
    ("%", "fraction"): 0.01,
    ("1/week", "event_rate"): 0.14285714285714285,
    ("10^9/L", "cell_count"): 1.0,
    ("MJ/kg", "energy_density"): 239.0057361376673,
    ("days", "duration"): 1.0,
    ("kJ/kg", "energy_density"): 0.2390057361376673,
    ("kJ/kg/day", "energy_rate_density"): 0.2390057361376673,
    ("kcal/day/m", "energy_rate_per_height"): 0.01,
    ("kg/m", "mass_per_height"): 0.01,
    ("kg/m^2", "mass_per_area"): 0.0001,
    ("months", "duration"): 30.4375,
    ("ng*h/mL", "area_under_curve"): 0.001,
    ("pg/mL", "gdf15"): 0.0009999999999999998,
    ("points", "points"): 1.0,
    ("week", "duration"): 7.0,
    ("weeks", "duration"): 7.0,
}
"""Factors that shipped files need, as the library of units gives them: loading it takes longer than most
commands.  A test compares each with the library."""
_UNIT_TEXT = re.compile(r"^[A-Za-zµ0-9][A-Za-zµ0-9 ^*/.()-]*$")
_WRITTEN = re.compile(r"^\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(.*?)\s*$")


_MAKING = threading.Lock()
"""Units of two registries cannot be compared, so that threads that ask at once must get the same one."""


def _registry() -> Any:
    with _MAKING:
        return _only_registry()


@cache
def _only_registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(cache_folder=None)
    return registry


@cache
def _unit(text: str) -> Any:
    """Return the pint quantity that is one of the unit; raise UnitError if it is no unit."""
    import pint

    spelled = _SPELLINGS.get(text, text)
    if not _UNIT_TEXT.match(spelled):
        raise UnitError(f"'{text}' is not a unit that Euexia knows.")
    try:
        return _registry().parse_expression(spelled) * _registry().dimensionless
    except (
        pint.PintError,
        AssertionError,
        AttributeError,
        TypeError,
        ValueError,
        SyntaxError,
        tokenize.TokenError,
    ) as error:
        raise UnitError(f"'{text}' is not a unit that Euexia knows.") from error


def canonical_unit(kind: str) -> str:
    """Return the canonical unit of a kind of quantity; raise UnitError for an unknown kind."""
    if kind not in CANONICAL:
        raise UnitError(f"There is no kind of quantity called '{kind}'. {did_you_mean(kind, CANONICAL)}")
    return CANONICAL[kind]


@cache
def factor(unit: str, kind: str) -> float:
    """Return the canonical size of one ``unit``; raise UnitError if its dimension is not the kind's."""
    if unit == canonical_unit(kind):
        return 1.0
    return KNOWN[unit, kind] if (unit, kind) in KNOWN else derived_factor(unit, kind)


def derived_factor(unit: str, kind: str) -> float:
    """Return what ``factor`` does, from the library of units."""
    target = _unit(canonical_unit(kind))
    ratio = _unit(unit) / target
    if not ratio.check("[]"):
        raise UnitError(
            f"'{unit}' cannot be converted to '{canonical_unit(kind)}', the unit of '{kind}'. "
            f"Write the value in {canonical_unit(kind)} or a unit of the same dimension."
        )
    return float(ratio.to("").magnitude)


def convert(value: float, unit: str, kind: str) -> float:
    """Return value, given in ``unit``, in the canonical unit of ``kind``."""
    size = factor(unit, kind)
    return value if size == 1.0 else value * size


def parse(text: str | float, kind: str) -> float:
    """Return the canonical value of a written quantity such as ``25 mg`` or ``5 %``.

    Raises UnitError when the number or the unit is missing, unknown or of another dimension.
    """
    unit = canonical_unit(kind)
    example = f"Write it like '2 {'%' if kind == 'fraction' else unit}'."
    matched = _WRITTEN.match(str(text))
    if matched is None:
        raise UnitError(f"'{text}' is not a quantity. {example}")
    number, written = matched.groups()
    if not written and unit != "1":
        raise UnitError(f"'{text}' has no unit. {example}")
    return convert(float(number), written, kind)


def quantity(value: Any, kind: str) -> Any:
    """Return value (canonical) with its unit attached, for tests that run rate functions on quantities."""
    return value * _unit(canonical_unit(kind))
