"""The names a table of patients may use: every measure, and every reading that a definition asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from euexia.core import quantities
from euexia.core.choices import choose
from euexia.criteria.catalogue import DEFINITIONS
from euexia.criteria.definition import CATEGORY, FLAG, Input
from euexia.criteria.measures import MEASURES, Measure, format_value

ALIASES: Mapping[str, str] = {"sex": "male", "weight": "body_weight", "grip": "handgrip_strength"}
"""Other names under which a reading is understood."""

FLAG_CODES: Mapping[str, float] = {
    "yes": 1.0,
    "y": 1.0,
    "true": 1.0,
    "1": 1.0,
    "no": 0.0,
    "n": 0.0,
    "false": 0.0,
    "0": 0.0,
}
"""Values of a yes/no reading, in small letters."""
SEX_CODES: Mapping[str, float] = {"m": 1.0, "male": 1.0, "f": 0.0, "female": 0.0}
"""Values of ``sex`` and ``male``; anything else (unless coded in a mapping) is a fault and never guessed."""

LABELS: Mapping[str, str] = {
    "bmi": "body-mass index",
    "nlr": "neutrophils to lymphocytes",
    "sarc_f": "SARC-F",
    "sppb": "short physical performance battery",
}
"""What inputs are called where their name does not say it."""
PRINTED = (("^2", "²"), ("^3", "³"), ("1e9", "10⁹"), ("umol", "µmol"))
"""Units as people print them."""

CONSTANT = ("male", "height", "right_handed")
"""Readings that hold for every date, earlier ones too."""
LASTING = (
    "advanced_solid_tumour",
    "active_cancer",
    "chronic_gut_condition",
    "chronic_illness",
    "chronic_inflammatory_disease",
    "liver_metastases",
)
"""Readings that hold from their date on, until another one says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One name a table may use; ``low`` and ``high`` bound a plausible reading, in the canonical unit."""

    id: str
    label: str
    short: str
    kind: str
    unit: str = ""
    """As people print it; empty for a flag or a category."""
    low: float
    high: float
    note: str = ""
    codes: Mapping[str, float] = field(default_factory=dict)
    """Written values of a flag or category, in small letters."""
    measure: Measure | None = None

    @property
    def is_coded(self) -> bool:
        """Return whether its values are words."""
        return bool(self.codes)

    @property
    def canonical(self) -> str:
        """Return the canonical unit as a table may write it; empty for words."""
        return "" if self.is_coded else quantities.canonical_unit(self.kind)

    def printed(self, value: float) -> str:
        """Return a reading as people write it, with its unit; no decision is ever based on it."""
        if self.measure is not None:
            return format_value(value, self.measure)
        if self.is_coded:
            return next((word for word, code in self.codes.items() if code == value), "unknown")
        if self.kind == "fraction":
            return f"{100 * value:.1f} %"
        return f"{value:.4g} {self.unit}".rstrip()


def _of_measure(measure: Measure) -> Term:
    codes = dict(FLAG_CODES) if measure.is_flag else {}
    if measure.is_category:
        codes = {name: float(index) for index, name in enumerate(measure.categories)}
    if measure.id == "male":
        codes = {**SEX_CODES, **FLAG_CODES}
    return Term(
        id=measure.id,
        label=measure.label,
        short=measure.short,
        kind=measure.kind,
        unit=measure.unit,
        low=measure.low,
        high=measure.high,
        note=measure.note,
        codes=codes,
        measure=measure,
    )


def _of_input(entry: Input) -> Term:
    codes: dict[str, float] = {}
    if entry.kind == FLAG:
        codes = dict(FLAG_CODES)
    elif entry.kind == CATEGORY:
        codes = {name.lower(): float(index) for index, name in enumerate(entry.categories)}
    unit = "" if codes else quantities.canonical_unit(entry.kind)
    words = LABELS.get(entry.name, entry.name.replace("_", " "))
    for written, printed in PRINTED:
        unit = unit.replace(written, printed)
    return Term(
        id=entry.name,
        label=words[:1].upper() + words[1:],
        short=words,
        kind=entry.kind,
        unit="" if unit == "1" else unit,
        low=entry.low,
        high=entry.high,
        note=entry.meaning,
        codes=codes,
    )


@cache
def terms() -> Mapping[str, Term]:
    """Return every name a table may use, aliases apart: measures first, then other inputs of definitions."""
    found = {name: _of_measure(measure) for name, measure in MEASURES.items()}
    for definition in DEFINITIONS.values():
        for entry in definition.inputs:
            if entry.name not in found:
                found[entry.name] = _of_input(entry)
    return found


def proper(name: str) -> str:
    """Return the name an alias stands for; any other name as it is."""
    return ALIASES.get(name, name)


def is_known(name: str) -> bool:
    """Return whether a table may use the name."""
    return proper(name) in terms()


def known_names() -> tuple[str, ...]:
    """Return every name that a table may use."""
    return (*terms(), *ALIASES)


def term(name: str) -> Term:
    """Return what a name or alias stands for; raise UnknownNameError that names the nearest one."""
    return choose("measure", proper(name), terms())
