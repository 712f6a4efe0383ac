"""The controls of a design, read from its protocol file: value, unit, range, choices, and status."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from euexia import drugs
from euexia.core import datafile, quantities
from euexia.core.datafile import Node
from euexia.core.errors import UnitError
from euexia.criteria.measures import MEASURES
from euexia.studio.control_rules import RULES, Kind, Options, Range, Rule, pattern

WRITTEN = re.compile(r"^\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(.*?)\s*$")
PERCENT = "%"
YES_NO = ("true", "false")
TIMES_THE_VALUE = 4.0
STEPS_OF_A_RANGE = 50.0
"""A slider has about so many steps."""
NICE = (5, 2, 1)
ASSUMED = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One value of a protocol that a designer may move; ``path`` is where it stands in the file."""

    path: str
    label: str
    group: str
    kind: str
    value: float | str | bool
    unit: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    status: str = ""
    """``assumed`` where the file says so; empty where it says nothing."""
    help: str = ""
    origin: str = ""
    """What the file remarks beside the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A written value, with the groups around it, innermost last."""

    place: str
    node: Node
    around: tuple[Mapping[str, Node], ...]


@dataclass(slots=True)
class File:
    """A protocol file as far as controls need it."""

    text: str
    name: str
    root: Node = field(init=False)
    lines: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.root = datafile.compose(self.text, self.name, "protocol")
        self.lines = self.text.splitlines()

    def leaves(self) -> Iterator[Leaf]:
        """Yield every written value."""
        yield from _leaves(self.root, "", ())

    def remark(self, node: Node) -> str:
        """Return the comment at the end of a value's line."""
        line = self.lines[datafile.line_of(node) - 1]
        _, mark, text = line.partition(" #")
        return text.strip() if mark else ""


def _leaves(node: Node, place: str, around: tuple[Mapping[str, Node], ...]) -> Iterator[Leaf]:
    if isinstance(node.value, str):
        yield Leaf(place=place, node=node, around=around)
        return
    if node.value and isinstance(node.value[0], tuple):
        group = {str(key.value): value for key, value in node.value}
        for name, child in group.items():
            yield from _leaves(child, f"{place}.{name}".lstrip("."), (*around, group))
        return
    for index, child in enumerate(node.value, start=1):
        yield from _leaves(child, f"{place}.{index}", around)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Rule], ...]:
    return tuple((pattern(rule), rule) for rule in RULES)


def controls(text: str, name: str) -> tuple[Control, ...]:
    """Return the controls of a protocol file, in the order of the rules.  Raises DataFileError (no YAML)."""
    file = File(text, name)
    found: dict[int, list[Control]] = {}
    for leaf in file.leaves():
        for index, (shape, rule) in enumerate(_patterns()):
            matched = shape.match(leaf.place)
            made = None if matched is None else _control(file, leaf, rule, matched.groups())
            if made is not None:
                found.setdefault(index, []).append(made)
                break
    return tuple(control for index in sorted(found) for control in found[index])


def _control(file: File, leaf: Leaf, rule: Rule, stars: Sequence[str]) -> Control | None:
    """Return the control of a value; None where it cannot be moved."""
    remark = file.remark(leaf.node)
    shared: dict[str, Any] = {
        "path": leaf.place,
        "label": _label(file, leaf, rule, stars),
        "group": rule.group,
        "help": rule.help,
        "status": _status(leaf, remark),
        "origin": remark,
    }
    written = str(leaf.node.value)
    match rule.kind:
        case Kind.FLAG:
            return Control(kind=rule.kind, value=written == "true", **shared)
        case Kind.CHOICE:
            choices = _choices(file, rule)
            choices = choices if written in choices else (*choices, written)
            return Control(kind=rule.kind, value=written, choices=choices, **shared)
        case Kind.TEXT:
            return Control(kind=rule.kind, value=written, **shared)
        case Kind.NUMBER:
            return _number(leaf, rule, written, shared)


def _number(leaf: Leaf, rule: Rule, written: str, shared: Mapping[str, Any]) -> Control | None:
    matched = WRITTEN.match(written)
    if matched is None:
        return None
    value, unit = float(matched.group(1)), matched.group(2)
    low, high = _range(leaf, rule, value, unit)
    whole = rule.range is Range.COUNT or unit in ("days", "day", "weeks", "week", "points")
    return Control(
        kind=Kind.NUMBER,
        value=value,
        unit=unit,
        low=min(low, value),
        high=max(high, value),
        step=_step(low, high, value, whole=whole),
        **shared,
    )


def _range(leaf: Leaf, rule: Rule, value: float, unit: str) -> tuple[float, float]:
    match rule.range:
        case Range.COUNT:
            return rule.low, rule.high
        case Range.SHARE:
            return 0.0, 100.0 if unit == PERCENT else 1.0
        case Range.MEASURE:
            return _range_of_measure(leaf, value, unit)
        case Range.AROUND:
            return (TIMES_THE_VALUE * value if value < 0 else 0.0), (
                TIMES_THE_VALUE * value if value > 0 else 1.0 if value == 0 else 0.0
            )


def _range_of_measure(leaf: Leaf, value: float, unit: str) -> tuple[float, float]:
    """Return what a reading may be, in the unit written; of changes, what is around the value."""
    around = _inner(leaf, "measure")
    changed = _inner(leaf, "of") not in ("", "value")
    if unit == PERCENT:
        return 0.0, 100.0
    if around not in MEASURES or changed:
        return min(0.0, TIMES_THE_VALUE * value), max(0.0, TIMES_THE_VALUE * value)
    measure = MEASURES[around]
    try:
        size = quantities.factor(unit, measure.kind) if unit else 1.0
    except UnitError:
        return 0.0, TIMES_THE_VALUE * value
    return measure.low / size, min(measure.high / size, max(TIMES_THE_VALUE * abs(value), measure.low / size))


def _step(low: float, high: float, value: float, *, whole: bool) -> float:
    """Return a round step, by which the value can be reached."""
    rough = (high - low) / STEPS_OF_A_RANGE
    if whole or rough <= 0:
        return 1.0
    power = math.floor(math.log10(rough))
    rounds = [float(f"{nice}e{exponent}") for exponent in range(power + 1, power - 4, -1) for nice in NICE]
    fitting = (step for step in rounds if step <= 2 * rough and _is_multiple(value, step))
    return next(fitting, rounds[-1])


def _is_multiple(value: float, step: float) -> bool:
    return math.isclose(value / step, round(value / step), abs_tol=1e-6)


def _inner(leaf: Leaf, name: str) -> str:
    """Return what stands under a name in the innermost group; empty if nothing does."""
    node = leaf.around[-1].get(name)
    return str(node.value) if node is not None and isinstance(node.value, str) else ""


def _status(leaf: Leaf, remark: str) -> str:
    """Return the status of the nearest group that states one, or what the line's remark says."""
    if ASSUMED in remark.lower():
        return ASSUMED
    for group in reversed(leaf.around):
        if "status" in group:
            return str(group["status"].value)
    return ""


def _label(file: File, leaf: Leaf, rule: Rule, stars: Sequence[str]) -> str:
    measure = _inner(leaf, "measure")
    drug = _inner(leaf, "drug") or next((name for name in _drugs_around(leaf)), "")
    names = [_called(leaf, place, star) for place, star in enumerate(stars)]
    return rule.label.format(
        *names,
        measure=_measured(measure, _inner(leaf, "of")) if measure else "",
        drug=drugs.DRUGS[drug].label.lower() if drug in drugs.DRUGS else drug,
    ).strip()


def _drugs_around(leaf: Leaf) -> Iterator[str]:
    for group in reversed(leaf.around):
        if "drug" in group:
            yield str(group["drug"].value)


def _measured(measure: str, of: str) -> str:
    label = MEASURES[measure].label if measure in MEASURES else measure
    words = {
        "percent_loss": "Percentage lost of",
        "percent_change": "Percentage gained of",
        "change": "Gain of",
    }
    return f"{words[of]} {label}" if of in words else label


def _called(leaf: Leaf, place: int, star: str) -> str:
    """Return the label or text of the entry that a star stands for, else its name in words."""
    for group in leaf.around:
        if star in group and not isinstance(group[star].value, str):
            inside = {str(k.value): v for k, v in group[star].value if isinstance(k.value, str)}
            for name in ("label", "text"):
                if name in inside:
                    return str(inside[name].value).rstrip(".")
    return star.replace("_", " ").capitalize() if place == 0 else star.replace("_", " ")


def _choices(file: File, rule: Rule) -> tuple[str, ...]:
    match rule.options:
        case Options.RULES:
            found = dict.fromkeys(
                leaf.place.split(".")[1] for leaf in file.leaves() if leaf.place.startswith("rules.")
            )
        case Options.VISITS:
            found = dict.fromkeys(
                str(leaf.node.value)
                for leaf in file.leaves()
                if re.match(r"^schedule\.visits\.[^.]+\.day$", leaf.place)
            )
        case Options.LISTED:
            found = dict.fromkeys(rule.listed)
        case Options.YES_NO:
            found = dict.fromkeys(YES_NO)
        case Options.NONE:
            found = {}
    return tuple(found)
