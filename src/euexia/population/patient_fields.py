"""What a file about one virtual patient may say: fields with meaning, range, and default with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from euexia.core import datafile, quantities
from euexia.core.choices import did_you_mean
from euexia.core.errors import UnitError
from euexia.parameters.parameter import Source, Status

SEX, FLAG = "sex", "flag"
"""Kinds of fields that are no quantity."""
CHOICES: Mapping[str, Mapping[str, float]] = {
    SEX: {"man": 1.0, "woman": 0.0},
    FLAG: {"yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientField:
    """One thing that can be said about a virtual patient."""

    meaning: str
    kind: str
    """Of core.quantities.CANONICAL, or SEX or FLAG."""
    low: str = ""
    high: str = ""
    default: str = ""
    """Written value that holds when nothing is said; a field without one must be there, unless optional."""
    example: str = ""
    optional: bool = False
    status: Status | None = None
    source: Source | None = None

    @property
    def is_required(self) -> bool:
        """Return whether a file must say it."""
        return not self.default and not self.optional

    @property
    def written(self) -> str:
        """Return the value that a template shows."""
        return self.default or self.example


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fields:
    """The file of fields."""

    about: str
    fields: Mapping[str, PatientField]


@cache
def patient_fields() -> Mapping[str, PatientField]:
    """Return every field, by name."""
    path = resources.files("euexia") / "data" / "populations" / "archetypes" / "fields" / "patient.yaml"
    return datafile.load(path, "list of fields", _Fields).fields


def parse(text: str, field: PatientField) -> float:
    """Return the canonical value of what is written; raise UnitError, with the way out, if it is none."""
    if field.kind in CHOICES:
        options = CHOICES[field.kind]
        if text not in options:
            raise UnitError(f"'{text}' is not a choice here. Write {' or '.join(list(options)[:2])}.")
        return options[text]
    value = quantities.parse(text, field.kind)
    low, high = quantities.parse(field.low, field.kind), quantities.parse(field.high, field.kind)
    if not low <= value <= high:
        raise UnitError(f"{text} is outside the range {field.low} to {field.high}. Check number and unit.")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A value of one field, as a file says it or by default."""

    value: float
    """In the canonical unit of the field's kind; 1 for man and yes, 0 for woman and no."""
    written: str
    status: Status | None = None
    source: Source | None = None
    by_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sourced:
    """A value with its source, as the shipped archetypes write it."""

    value: str
    status: Status
    source: Source


class SaidReader:
    """Reads the values of a file and keeps those that are sound, for the checks that compare fields."""

    def __init__(self) -> None:
        self.sound: dict[str, Said] = {}

    def __call__(self, reader: datafile.Reader, node: Any, place: str) -> Any:
        """Return a Said, or note a fault."""
        name = place.rpartition(".")[2]
        fields = patient_fields()
        if name not in fields:
            return reader.fault(node, place, "unknown key.", did_you_mean(name, fields))
        entry: Any = node.value if isinstance(node.value, str) else reader.read(node, _Sourced, place)
        if entry is datafile.FAULTY:
            return entry
        given = (
            _Sourced(value=entry, status=Status.ASSUMED, source=YOURS) if isinstance(entry, str) else entry
        )
        try:
            value = parse(given.value, fields[name])
        except UnitError as error:
            return reader.fault(node, place, str(error))
        said = Said(value=value, written=given.value, status=given.status, source=given.source)
        self.sound[name] = said
        return said


YOURS = Source(key="assumption", where="said by the file")
"""Source of a value that a file of one's own gives without one."""
