"""Why believe it, for one stated use: criteria that were set beforehand, and the figures they judge.

The categories are those of the FDA's guidance on the credibility of computational modelling (17 November
2023); influence and consequence are those of ASME V&V 40-2018.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from euexia.core import datafile
from euexia.core.choices import choose
from euexia.core.errors import DataFileError, Fault, InputError
from euexia.study.credibility_figures import FIGURES, Figure
from euexia.version import __version__

RELATIVE = 1e-3
"""Change of a figure that rounding on another machine explains."""


class Category(StrEnum):
    """Kinds of evidence, in the order of the guidance."""

    CODE_VERIFICATION = "code_verification"
    CALIBRATION = "calibration"
    BENCH_VALIDATION = "bench_validation"
    IN_VIVO_VALIDATION = "in_vivo_validation"
    POPULATION_VALIDATION = "population_validation"
    EMERGENT_BEHAVIOUR = "emergent_behaviour"
    PLAUSIBILITY = "plausibility"
    CALCULATION_VERIFICATION = "calculation_verification"


class Level(StrEnum):
    """How much hangs on something."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A level, and why."""

    level: Level
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What a figure must be, and why."""

    category: Category
    figure: str
    why: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def limit(self) -> str:
        """Return the limit in words."""
        return f"at most {self.at_most:g}" if self.at_most is not None else f"at least {self.at_least:g}"

    def met_by(self, value: float) -> bool:
        """Return whether a value is within the limit; an unknown value never is."""
        return (
            bool(value <= self.at_most) if self.at_most is not None else bool(value >= (self.at_least or 0))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextOfUse:
    """A use of the model, and what must be shown for it."""

    context: str
    title: str
    question: str
    use: str
    influence: Weighed
    consequence: Weighed
    criteria: tuple[Criterion, ...]
    not_applicable: Mapping[Category, str] = field(default_factory=dict)

    @property
    def risk(self) -> Level:
        """Return the model's risk: the higher of influence and consequence."""
        order = list(Level)
        return max(self.influence.level, self.consequence.level, key=order.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A criterion with its figure.  before: the figure as it was acknowledged, None if it never was."""

    criterion: Criterion
    figure: Figure
    before: float | None

    @property
    def met(self) -> bool:
        """Return whether the criterion is met."""
        return self.criterion.met_by(self.figure.value)

    @property
    def changed(self) -> bool:
        """Return whether the figure is another than the one that was acknowledged."""
        if self.before is None:
            return True
        return abs(self.figure.value - self.before) > RELATIVE * max(abs(self.before), abs(self.figure.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Credibility:
    """What can be said of a use: every criterion, judged."""

    context: ContextOfUse
    judged: tuple[Judged, ...]
    hashes: Mapping[str, str]

    @property
    def changed(self) -> tuple[Judged, ...]:
        """Return the criteria whose figures nobody has acknowledged."""
        return tuple(entry for entry in self.judged if entry.changed)

    @property
    def missed(self) -> tuple[Judged, ...]:
        """Return the criteria that are not met."""
        return tuple(entry for entry in self.judged if not entry.met)


@cache
def _shipped() -> dict[str, Any]:
    folder = files("euexia") / "data" / "credibility"
    return {
        entry.name.removesuffix(".yaml"): entry for entry in folder.iterdir() if entry.name.endswith(".yaml")
    }


def names() -> tuple[str, ...]:
    """Return the contexts of use that ship with the package."""
    return tuple(sorted(name for name in _shipped() if not name.endswith(".acknowledged")))


def load(name_or_path: str) -> ContextOfUse:
    """Return a context of use, by name or from a YAML file.

    Raises UnknownNameError or DataFileError (every fault at once).
    """
    own = name_or_path.endswith((".yaml", ".yml"))
    source: Any = (
        Path(name_or_path)
        if own
        else choose("context of use", name_or_path, {n: _shipped()[n] for n in names()})
    )
    found = datafile.load(source, "context of use", ContextOfUse)
    faults = tuple(_faults(found))
    if faults:
        raise DataFileError(getattr(source, "name", name_or_path), "context of use", faults)
    return found


def _faults(context: ContextOfUse) -> list[Fault]:
    faults = []
    for number, criterion in enumerate(context.criteria, start=1):
        place = f"criteria[{number}]"
        if criterion.figure not in FIGURES:
            known = ", ".join(sorted(FIGURES))
            faults.append(
                Fault(
                    line=None,
                    place=place,
                    problem=f"no figure '{criterion.figure}'.",
                    remedy=f"Known: {known}.",
                )
            )
        if (criterion.at_most is None) == (criterion.at_least is None):
            faults.append(Fault(line=None, place=place, problem="give at_most or at_least, one of them."))
    seen = {criterion.category for criterion in context.criteria} | set(context.not_applicable)
    faults += [
        Fault(
            line=None,
            place="criteria",
            problem=f"nothing is said of {category.value}.",
            remedy="Give a criterion, or a reason under not_applicable.",
        )
        for category in Category
        if category not in seen
    ]
    return faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Figures that a person has looked at.  version: of Euexia.  reason: why they are as they are now."""

    version: str
    reason: str
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """Every acknowledgement, the last one last."""

    acknowledgements: tuple[Acknowledgement, ...]


def acknowledged(context: ContextOfUse) -> tuple[Acknowledgement, ...]:
    """Return what was acknowledged of a shipped context of use; nothing of one's own."""
    source = _shipped().get(f"{context.context}.acknowledged")
    if source is None:
        return ()
    return datafile.load(source, "list of acknowledgements", Acknowledged).acknowledgements


def assess(context: ContextOfUse) -> Credibility:
    """Compute every figure that a context of use asks for, and judge it."""
    known = acknowledged(context)
    before = dict(known[-1].figures) if known else {}
    figures = {name: FIGURES[name]() for name in dict.fromkeys(c.figure for c in context.criteria)}
    judged = tuple(
        Judged(criterion=criterion, figure=figures[criterion.figure], before=before.get(criterion.figure))
        for criterion in context.criteria
    )
    return Credibility(context=context, judged=judged, hashes={"criteria": fingerprint(context)})


def fingerprint(context: ContextOfUse) -> str:
    """Return the SHA-256 of the criteria, so that a report says by which it judged."""
    return hashlib.sha256(repr(context).encode()).hexdigest()


def keep(found: Credibility, reason: str, checkout: Path, page: str) -> tuple[Path, Path]:
    """Write the figures as acknowledged, and the page, into a checkout; return both paths.

    Raises InputError for a folder that is no checkout, or a reason that says nothing.
    """
    if not reason.strip():
        raise InputError('Say why the figures are as they are: --acknowledge "a new calibration".')
    name = found.context.context
    data = checkout / "src" / "euexia" / "data" / "credibility"
    if not (data / f"{name}.yaml").is_file():
        raise InputError(
            f"'{checkout}' is no checkout of Euexia with the context of use '{name}'. Give --into."
        )
    now = Acknowledgement(
        version=__version__,
        reason=reason,
        figures={entry.criterion.figure: float(f"{entry.figure.value:.6g}") for entry in found.judged},
    )
    lines = [
        "# Figures that somebody has looked at, the last ones last (euexia credibility --acknowledge).",
        "acknowledgements:",
    ]
    for entry in (*acknowledged(found.context), now):
        lines += [f"  - version: {entry.version}", f"    reason: {json.dumps(entry.reason)}", "    figures:"]
        lines += [f"      {figure}: {value!r}" for figure, value in entry.figures.items()]
    written = (data / f"{name}.acknowledged.yaml", checkout / "docs" / "explanation" / "credibility.md")
    for path, text in zip(written, ("\n".join(lines) + "\n", page), strict=True):
        path.write_text(text, encoding="utf-8")
    return written
