"""Every definition as a page: identifier, readings, options, source, and whether it was checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite

from euexia.core.quantities import canonical_unit
from euexia.criteria.definition import CATEGORY, FLAG, Definition, Input

COLUMNS = ("Definition", "Readings", "Options", "Source", "Checked at the source")
READING_COLUMNS = ("Reading", "Meaning", "Unit", "Plausible range")
HEAD = """\
# Definitions

Every published definition, score and formula that Euexia computes, as `euexia definitions --format markdown`
prints it; `criteria.ask` asks one of them by its identifier. Readings in square brackets are optional. What
was not seen at a public source awaits a check against the paper, and is named.
"""
READINGS_HEAD = """\
## Readings

A value outside the plausible range is refused and named, never clipped: the ranges catch slips of the pen and
mistaken units, and are no clinical thresholds. Where definitions ask for a reading in different ways, each
way has its row.
"""
ALL_OF_IT = "all of it"


def markdown(definitions: Mapping[str, Definition]) -> str:
    """Return the definitions by concept, then the readings they ask for, as Markdown."""
    parts = [HEAD, _counts(definitions.values())]
    for concept, entries in by_concept(definitions.values()).items():
        parts.append(_table(f"## {_capital(concept)}\n", COLUMNS, map(_cells, entries)))
    readings = {entry for definition in definitions.values() for entry in definition.inputs}
    shown = dict.fromkeys(map(_reading_cells, sorted(readings, key=_reading_order)))
    parts.append(_table(READINGS_HEAD, READING_COLUMNS, shown))
    return "\n".join(parts)


def by_concept(definitions: Iterable[Definition]) -> dict[str, list[Definition]]:
    """Return the definitions by what they are about, in the order of the catalogue."""
    found: dict[str, list[Definition]] = {}
    for entry in definitions:
        found.setdefault(entry.concept, []).append(entry)
    return found


def checked(definition: Definition) -> str:
    """Say whether a definition was checked at its source, and which parts were not."""
    if definition.unverified:
        return f"not yet: {'; '.join(definition.unverified)}"
    return "yes" if definition.source_verified else f"not yet: {ALL_OF_IT}"


def unit(entry: Input) -> str:
    """Return the unit of a reading, or what kind of answer it is."""
    if entry.kind == FLAG:
        return "yes/no"
    if entry.kind == CATEGORY:
        return "one of " + ", ".join(entry.categories)
    found = canonical_unit(entry.kind)
    return entry.kind.replace("_", " ") if found == "1" else found


def _cells(definition: Definition) -> tuple[str, ...]:
    options = "; ".join(f"`{name}`: {meaning}" for name, meaning in definition.options.items())
    note = f". {definition.licence_note}" if definition.licence_note else ""
    return (
        f"`{definition.id}` ({definition.version})",
        ", ".join(_asked(definition.inputs)),
        options,
        definition.source.rstrip(".") + note,
        checked(definition),
    )


def _asked(inputs: Sequence[Input]) -> Iterator[str]:
    """Yield the readings a definition asks for, numbered items as one."""
    first = 0
    while first < len(inputs):
        last = first
        while last + 1 < len(inputs) and _follows(inputs[last], inputs[last + 1]):
            last += 1
        name = f"`{inputs[first].name}`"
        if last > first:
            name += f" to `{inputs[last].name}`"
        text = f"{name} {unit(inputs[first])}"
        yield text if inputs[first].required else f"[{text}]"
        first = last + 1


def _follows(one: Input, other: Input) -> bool:
    """Return whether two readings are neighbouring items of one questionnaire or repeated test."""
    stem, number = _name_order(one.name)
    same = (one.kind, one.required) == (other.kind, other.required)
    return same and number > 0 and _name_order(other.name) == (stem, number + 1)


def _name_order(name: str) -> tuple[str, int]:
    """Return a name and its number apart, so that item 10 stands after item 9."""
    found = re.fullmatch(r"(.+_)(\d+)", name)
    return (found[1], int(found[2])) if found else (name, 0)


def _reading_cells(entry: Input) -> tuple[str, ...]:
    limits = [f"{limit:.6g}" for limit in (entry.low, entry.high) if isfinite(limit)]
    return (f"`{entry.name}`", entry.meaning, unit(entry), " to ".join(limits))


def _reading_order(entry: Input) -> tuple[object, ...]:
    """Return what settles the place of a reading's row, the same on every run."""
    return (_name_order(entry.name), entry.meaning, entry.low, entry.high, unit(entry))


def _counts(definitions: Iterable[Definition]) -> str:
    found = [definition.source_verified and not definition.unverified for definition in definitions]
    open_still = len(found) - sum(found)
    return (
        f"{len(found)} definitions: {sum(found)} checked at the source, {open_still} not yet in all parts.\n"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(head: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, _row(columns), _row(["---"] * len(columns)), *map(_row, rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
