"""Conditions, strata and strategies from YAML, with thresholds in the unit of their measure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

from euexia.core import quantities
from euexia.core.choices import did_you_mean
from euexia.core.datafile import FAULTY, Node, Reader, Unit, written
from euexia.core.errors import UnitError
from euexia.core.logic import Comparison
from euexia.criteria.measures import MEASURES, Measure, parse_written
from euexia.protocol.analysis_plan import Strategy
from euexia.protocol.protocol import Stratum
from euexia.protocol.statement import Condition, Quantity

CONDITION_KEYS = (
    "any",
    "all",
    "measure",
    "of",
    "over",
    "above",
    "at_least",
    "below",
    "at_most",
    "is_true",
    "one_of",
)
COMPARISONS = tuple(comparison.value for comparison in Comparison)
RELATIVE = (Quantity.PERCENT_CHANGE.value, Quantity.PERCENT_LOSS.value)
"""Quantities that are shares, whatever the measure."""
MOST_GAINED = 10.0
"""Largest plausible relative rise of a reading (tenfold)."""

PRINCIPAL_STRATUM = "principal_stratum"
PRINCIPAL_STRATUM_REFUSED = (
    "a principal stratum is refused: who would have the event under the other treatment is never observed, "
    "so the stratum rests on assumptions that no data can test. What can be said is bounds: an analysis by "
    "survivor_bounds gives them for those who would survive under both treatments."
)


def read_condition(reader: Reader, node: Node, place: str) -> Any:
    """Return a Condition from ``{any: [...]}``, ``{all: [...]}`` or ``{measure: ..., <comparison>: ...}``."""
    found = reader.entries(node, place)
    if found is None:
        return FAULTY
    before = len(reader.faults)
    for name in found:
        if name not in CONDITION_KEYS:
            reader.fault(found[name], f"{place}.{name}", "unknown key.", did_you_mean(name, CONDITION_KEYS))
    if len([name for name in ("any", "all", "measure") if name in found]) != 1:
        remedy = "Write {measure: ..., at_least: ...}, {all: [...]} or {any: [...]}."
        return reader.fault(
            node, place, "a condition needs exactly one of 'measure', 'all' and 'any'.", remedy
        )
    if "measure" not in found:
        return _read_joined(reader, node, found, place)
    leaf = _read_leaf(reader, node, found, place)
    return leaf if len(reader.faults) == before else FAULTY


def _read_joined(reader: Reader, node: Node, found: Mapping[str, Node], place: str) -> Any:
    name = "any" if "any" in found else "all"
    if set(found) & set(CONDITION_KEYS) != {name}:
        return reader.fault(node, place, f"'{name}' stands alone.", "Put the other keys into its list.")
    parts = reader.read(found[name], tuple[Condition, ...], f"{place}.{name}")
    if parts is FAULTY or set(found) != {name}:
        return FAULTY
    if not parts:
        return reader.fault(node, f"{place}.{name}", "the list is empty.", "Name at least one condition.")
    return Condition(any=parts) if name == "any" else Condition(all=parts)


def _read_leaf(reader: Reader, node: Node, found: Mapping[str, Node], place: str) -> Any:
    name = reader.read(found["measure"], str, f"{place}.measure")
    if name is FAULTY:
        return FAULTY
    if name not in MEASURES:
        problem = f"there is no measure called '{name}'."
        return reader.fault(found["measure"], f"{place}.measure", problem, did_you_mean(name, MEASURES))
    measure = MEASURES[name]
    if measure.is_flag:
        return _read_flag(reader, node, found, measure, place)
    if measure.is_category:
        return _read_category(reader, node, found, measure, place)
    return _read_comparison(reader, node, found, measure, place)


def _read_flag(reader: Reader, node: Node, found: Mapping[str, Node], measure: Measure, place: str) -> Any:
    if set(found) - {"measure"} != {"is_true"}:
        problem = f"'{measure.id}' is a yes/no quantity."
        return reader.fault(
            node, place, problem, "Write 'is_true: true' or 'is_true: false', and nothing else."
        )
    value = reader.read(found["is_true"], bool, f"{place}.is_true")
    return FAULTY if value is FAULTY else Condition(measure=measure.id, is_true=value)


def _read_category(
    reader: Reader, node: Node, found: Mapping[str, Node], measure: Measure, place: str
) -> Any:
    if set(found) - {"measure"} != {"one_of"}:
        known = ", ".join(measure.categories)
        problem = f"'{measure.id}' has named values."
        return reader.fault(node, place, problem, f"Write 'one_of: [...]' with some of {known}.")
    inside = f"{place}.one_of"
    names = reader.read(found["one_of"], tuple[str, ...], inside)
    if names is FAULTY:
        return FAULTY
    if not names:
        return reader.fault(found["one_of"], inside, "the list is empty.", "Name at least one value.")
    unknown = [name for name in names if name not in measure.categories]
    for name in unknown:
        problem = f"'{name}' is no value of '{measure.id}'."
        reader.fault(found["one_of"], inside, problem, did_you_mean(name, measure.categories))
    return FAULTY if unknown else Condition(measure=measure.id, one_of=names)


def _read_comparison(
    reader: Reader, node: Node, found: Mapping[str, Node], measure: Measure, place: str
) -> Any:
    chosen = [name for name in COMPARISONS if name in found]
    for name, what in (("is_true", "a yes/no quantity"), ("one_of", "one with named values")):
        if name in found:
            problem = f"'{measure.id}' is a number, not {what}."
            return reader.fault(found[name], f"{place}.{name}", problem, "Compare it with a threshold.")
    if len(chosen) != 1:
        remedy = f"Write exactly one of {', '.join(COMPARISONS)}."
        return reader.fault(node, place, f"{len(chosen)} comparisons are given.", remedy)
    of = reader.read(found["of"], Quantity, f"{place}.of") if "of" in found else Quantity.VALUE
    over = (
        reader.read(found["over"], Annotated[float, Unit("duration")], f"{place}.over")
        if "over" in found
        else None
    )
    if of is FAULTY or over is FAULTY:
        return FAULTY
    if over is not None and (of is Quantity.VALUE or over <= 0):
        remedy = "Add 'of: percent_loss' (or change, percent_change) and a duration above zero."
        return reader.fault(
            found["over"], f"{place}.over", "a look-back is only for a change, and is positive.", remedy
        )
    inside = f"{place}.{chosen[0]}"
    threshold = _read_threshold(reader, found[chosen[0]], measure, of, inside)
    comparison = Comparison(chosen[0])
    return Condition(measure=measure.id, of=of, over=over, comparison=comparison, threshold=threshold)


def _read_threshold(reader: Reader, node: Node, measure: Measure, of: Quantity, place: str) -> Any:
    text = reader.read(node, str, place)
    if text is FAULTY:
        return FAULTY
    relative = of in (Quantity.PERCENT_CHANGE, Quantity.PERCENT_LOSS)
    try:
        value = quantities.parse(text, "fraction") if relative else parse_written(text, measure)
    except UnitError as error:
        return reader.fault(node, place, str(error))
    low, high = plausible(measure, of)
    if not low <= value <= high or not math.isfinite(value):
        scale, unit = (100.0, "%") if relative else (1.0, measure.unit)
        problem = f"{written(node)} is not plausible for {measure.label.lower()}."
        remedy = f"The range is {low * scale:g} to {high * scale:g} {unit}; check the unit."
        return reader.fault(node, place, problem, remedy)
    return value


def plausible(measure: Measure, of: Quantity) -> tuple[float, float]:
    """Return the least and greatest plausible threshold, canonical."""
    width = measure.high - measure.low
    return {
        Quantity.VALUE: (measure.low, measure.high),
        Quantity.CHANGE: (-width, width),
        Quantity.PERCENT_CHANGE: (-1.0, MOST_GAINED),
        Quantity.PERCENT_LOSS: (-MOST_GAINED, 1.0),
    }[of]


def read_stratum(reader: Reader, node: Node, place: str) -> Any:
    """Return a Stratum, its cuts in the unit of its measure."""
    found = reader.entries(node, place)
    if found is None:
        return FAULTY
    name = reader.read(found["measure"], str, f"{place}.measure") if "measure" in found else ""
    if name in MEASURES and not MEASURES[name].is_coded and "cuts" in found:
        entries = {key: child for key, child in found.items() if key != "cuts"}
        relative = "of" in found and str(found["of"].value) in RELATIVE
        kind = "fraction" if relative else MEASURES[name].kind
        cuts = reader.read(found["cuts"], Annotated[tuple[float, ...], Unit(kind)], f"{place}.cuts")
        return reader.build(node, entries, Stratum, place, cuts=cuts)
    if name in MEASURES and not MEASURES[name].is_coded:
        problem = f"'{name}' is a number, and nothing says where its strata end."
        return reader.fault(node, place, problem, "Add 'cuts:', such as [30 mg/L].")
    if name in MEASURES and "cuts" in found:
        problem = f"'{name}' has no cuts: its values are the strata."
        return reader.fault(found["cuts"], f"{place}.cuts", problem, "Take 'cuts' away.")
    if name and name is not FAULTY and name not in MEASURES:
        problem = f"there is no measure called '{name}'."
        return reader.fault(found["measure"], f"{place}.measure", problem, did_you_mean(name, MEASURES))
    return reader.build(node, found, Stratum, place)


def read_strategy(reader: Reader, node: Node, place: str) -> Any:
    """Return a Strategy; refuse a principal stratum with the reason."""
    text = reader.read(node, str, place)
    options = [strategy.value for strategy in Strategy]
    if text is FAULTY or text in options:
        return FAULTY if text is FAULTY else Strategy(text)
    if text == PRINCIPAL_STRATUM:
        return reader.fault(node, place, PRINCIPAL_STRATUM_REFUSED, f"Use one of {', '.join(options)}.")
    return reader.fault(node, place, f"'{text}' is not a strategy.", did_you_mean(text, options))
