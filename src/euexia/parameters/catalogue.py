"""Every number of the model as a page: meaning, value, unit, range, spread, status, source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from euexia.core.choices import choose
from euexia.core.errors import InputError
from euexia.core.quantities import canonical_unit
from euexia.parameters.parameter import Parameter, Status
from euexia.parameters.parameter_set import ParameterSet
from euexia.parameters.references import load_references

ASSUMPTION = "assumption"
COLUMNS = ("Parameter", "Meaning", "Value", "Range", "Spread", "Status", "Source")
HEAD = """\
# Parameters

Every number of the model, as `euexia parameters --format markdown` prints it from the data files. Value and
range are in Euexia's own unit of the kind. *Range* is what is plausible; *spread* is the log-normal
coefficient of variation between patients, empty where all share the value. *Verified* was read at the source
named, *derived* is arithmetic from such numbers, *calibrated* was tuned on published trials, *assumed* was
chosen for the reason given.
"""


def markdown(parameters: ParameterSet, references: Mapping[str, str] | None = None) -> str:
    """Return the catalogue as Markdown.

    references: the sources by key; those of the package if None.  Raises InputError for a parameter without
    a meaning or a source, or with a source that is not on the list.
    """
    known = load_references() if references is None else references
    blocks: dict[str, list[Parameter]] = {}
    for entry in parameters.values():
        check_sourced(entry, known)
        blocks.setdefault(entry.name.partition(".")[0], []).append(entry)
    parts = [HEAD, _counts(parameters.values())]
    for block in sorted(blocks):
        title = block.replace("_", " ")
        rows = [_row(_cells(entry)) for entry in blocks[block]]
        parts.append(
            "\n".join([f"## {title}", "", _row(COLUMNS), _row("---" for _ in COLUMNS), *rows]) + "\n"
        )
    used = sorted({entry.source.key for entry in parameters.values()} - {ASSUMPTION})
    parts.append("\n".join(["## Sources", "", *(f"- `{key}`: {known[key]}" for key in used)]) + "\n")
    return "\n".join(parts)


def check_sourced(entry: Parameter, references: Mapping[str, str]) -> None:
    """Raise InputError unless a parameter has a meaning, a source on the list, and a place or reason."""
    choose("source", entry.source.key, references, asked_in=f"parameter '{entry.name}'")
    if not (entry.meaning.strip() and entry.source.where.strip()):
        raise InputError(
            f"The parameter '{entry.name}' has no {'source' if entry.meaning.strip() else 'meaning'}. "
            "Say where in the source it stands, or why it is assumed."
        )
    if entry.source.key == ASSUMPTION and entry.status in (Status.VERIFIED, Status.DERIVED):
        raise InputError(
            f"The parameter '{entry.name}' is called {entry.status.value}, but names no source. "
            "Name the source, or call it assumed or calibrated."
        )


def _counts(entries: Iterable[Parameter]) -> str:
    found = [entry.status for entry in entries]
    counts = ", ".join(f"{found.count(status)} {status.value}" for status in Status)
    return f"{len(found)} parameters: {counts}.\n"


def _cells(entry: Parameter) -> tuple[str, ...]:
    unit = canonical_unit(entry.kind)
    written = "" if unit == "1" else f" {unit}"
    limits = "" if entry.low is None or entry.high is None else f"{entry.low:.6g} to {entry.high:.6g}"
    spread = f"{100 * entry.spread:g} %" if entry.spread else ""
    where = entry.source.where
    source = where if entry.source.key == ASSUMPTION else f"`{entry.source.key}`, {where}"
    name = f"`{entry.name.partition('.')[2]}`"
    return (name, entry.meaning, f"{entry.value:.6g}{written}", limits, spread, entry.status.value, source)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
