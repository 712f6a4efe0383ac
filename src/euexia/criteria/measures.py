"""The quantities that can be observed in a patient: the one vocabulary of all files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from importlib.resources import files

from euexia.core import datafile, quantities
from euexia.core.datafile import FAULTY, Node, Reader
from euexia.core.errors import UnitError

FLAG = "flag"
"""Kind of a yes/no quantity, stored as 1 and 0."""
CATEGORY = "category"
"""Kind of a quantity with named values, stored as their place in the list, from 0."""
EXACT = 1e-9
"""Relative difference below which a printed number stands for the value."""


class Better(StrEnum):
    """Which direction is good for the patient."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One observable quantity; ``low`` and ``high`` bound a plausible reading, in the canonical unit."""

    id: str
    label: str
    short: str
    kind: str
    note: str
    better: Better
    low: float
    high: float
    unit: str = ""
    """The canonical unit as people print it; empty for a flag."""
    decimals: int = 0
    derived_from: tuple[str, ...] = ()
    """Measures it is computed from; it is available wherever all of them are."""
    change: float | None = None
    """Largest change from baseline that summaries tell apart; without it changes are not summarised."""
    percent_change: float | None = None
    """The same as a share of the baseline."""
    fold_change: float | None = None
    """The same as a multiple of the baseline, up or down."""
    categories: tuple[str, ...] = ()
    """Named values of a category, in the order of their codes."""

    @property
    def is_flag(self) -> bool:
        """Return whether it is a yes/no quantity."""
        return self.kind == FLAG

    @property
    def is_category(self) -> bool:
        """Return whether its values are names."""
        return self.kind == CATEGORY

    @property
    def is_coded(self) -> bool:
        """Return whether its values are words, not numbers with a unit."""
        return self.is_flag or self.is_category


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureFile:
    """The content of measures.yaml."""

    measures: Mapping[str, Measure]


def parse_written(text: str, measure: Measure) -> float:
    """Return the canonical value of a written reading of a measure, such as ``30 mg/L`` or ``2 x ULN``.

    Raises UnitError when number or unit is missing or of another dimension.
    """
    return quantities.parse(_spelled(text, measure.unit, measure.kind), measure.kind)


def _spelled(text: str, unit: str, kind: str) -> str:
    """Return the text with the measure's own way of printing its unit replaced by the canonical unit."""
    text = text.strip()
    if unit and text.endswith(unit):
        return f"{text.removesuffix(unit)}{quantities.canonical_unit(kind)}"
    return text


def format_value(value: float, measure: Measure, *, exact: bool = False) -> str:
    """Return a reading as people write it, rounded for display, with its unit.

    No decision is ever based on it.
    exact: as many digits as it takes (for thresholds, which must be printed as they are).
    """
    if not math.isfinite(value):
        return "unknown"
    if measure.is_flag:
        return "yes" if value else "no"
    if measure.is_category:
        return measure.categories[int(value)].replace("_", " ")
    number = f"{_half_up(value, measure.decimals):,.{measure.decimals}f}"
    if exact and abs(float(number.replace(",", "")) - value) > EXACT * abs(value):
        number = f"{value:.6g}"
    times = "×" if measure.unit.startswith("10") else ""
    return f"{number.replace(',', ' ')} {times}{measure.unit}".rstrip()


def _half_up(value: float, decimals: int) -> Decimal:
    """Return the written decimal value rounded half up, as people round."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _read_measure(reader: Reader, node: Node, place: str) -> object:
    found = reader.entries(node, place)
    if found is None:
        return FAULTY
    entries = dict(found)
    kind = reader.read(entries["kind"], str, f"{place}.kind") if "kind" in entries else ""
    given: dict[str, object] = {"id": place.rpartition(".")[2]}
    if kind == FLAG:
        given |= {"low": 0.0, "high": 1.0}
    elif kind == CATEGORY and "categories" in entries:
        names = reader.read(entries.pop("categories"), tuple[str, ...], f"{place}.categories")
        given |= {"categories": names, "low": 0.0, "high": float(max(len(names) - 1, 0))}
    elif kind in quantities.CANONICAL:
        unit = reader.read(entries["unit"], str, f"{place}.unit") if "unit" in entries else ""
        for bound in ("low", "high", "change"):
            if bound in entries:
                given[bound] = _read_bound(reader, entries.pop(bound), kind, unit, f"{place}.{bound}")
        if "percent_change" in entries:
            share = entries.pop("percent_change")
            given["percent_change"] = _read_bound(reader, share, "fraction", "", f"{place}.percent_change")
    return reader.build(node, entries, Measure, place, **given)


def _read_bound(reader: Reader, node: Node, kind: str, unit: str, place: str) -> object:
    text = reader.read(node, str, place)
    if text is FAULTY:
        return FAULTY
    try:
        return quantities.parse(_spelled(text, unit, kind), kind)
    except UnitError as error:
        return reader.fault(node, place, str(error))


def load_measures() -> Mapping[str, Measure]:
    """Return every measure by its identifier, from the file shipped with the package."""
    source = files("euexia") / "data" / "measures.yaml"
    content = datafile.load(source, "list of measures", MeasureFile, readers={Measure: _read_measure})
    return content.measures


MEASURES: Mapping[str, Measure] = load_measures()
"""Every measure by its identifier."""
