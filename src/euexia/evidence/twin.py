"""Virtual twins of published studies: which protocol stands for which study, and what is compared with what.

A twin says for each published row which figure of the simulated trial is to be set beside it: the same
measure, of the same patients (survivors, those with a reading), over the same visits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from euexia.core import datafile
from euexia.core.choices import choose
from euexia.core.errors import DataFileError, Fault
from euexia.evidence.loader import find_row, load
from euexia.protocol import loader as protocols
from euexia.protocol.protocol import Protocol

KIND = "twin"
FOLDER = "twins"
PROTOCOLS = "protocols"


class Of(StrEnum):
    """What is taken of the simulated trial."""

    CHANGE = "change"
    """Change from day 0 of whoever has a reading, averaged over the weeks."""
    LEVELS = "levels"
    """Mean at the week less mean of all at day 0: not of the same patients, as some abstracts print it."""
    GAINED = "gained"
    """Share of those with a reading who gained more than ``percent`` of the reading at day 0."""
    READ = "read"
    """Share of the randomised with a reading in any of the weeks."""
    IN_TRIAL = "in_trial"
    """Share neither dead nor withdrawn by the week."""
    DEAD = "dead"
    """Share who died by the week."""
    SPREAD = "spread"
    """Standard deviation between patients of the change."""


class Average(StrEnum):
    """What is printed of the changes of an arm."""

    MEAN = "mean"
    MEDIAN = "median"


class Measured(StrEnum):
    """What a comparison is about; errors are averaged within these."""

    WEIGHT = "weight"
    LEAN_MASS = "lean_mass"
    FAT_MASS = "fat_mass"
    MUSCLE = "muscle"
    BODY_INDEX = "body_index"
    HANDGRIP = "handgrip"
    APPETITE = "appetite"
    SYMPTOMS = "symptoms"
    CRP = "crp"
    COMPLETION = "completion"
    DEATH = "death"
    GAIN = "gain"
    SPREAD = "spread"


SHARES = frozenset({Of.GAINED, Of.READ, Of.IN_TRIAL, Of.DEAD})
"""What is a share of patients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that a simulated trial prints.

    arms: of whom; several arms are one group.  control: another group, whose figure is subtracted.  measure:
    what is read; less ``minus`` where that is named (fat is weight less lean mass).  weeks: planned visits.
    after: only of those still in the trial at this week.  squared_height: per height in metres squared.
    """

    of: Of
    arms: tuple[str, ...]
    weeks: tuple[float, ...]
    control: tuple[str, ...] = ()
    measure: str = ""
    minus: str = ""
    average: Average = Average.MEAN
    percent: float = 0.0
    after: float | None = None
    squared_height: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispersion:
    """A standard deviation or standard error that the row itself does not print, and where it is from."""

    source: str
    sd: float | None = None
    se: float | None = None
    n: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One published row beside one simulated figure.

    less: a row that is subtracted (a level before).  out_of: the row with the number of patients of whom a
    count is the share; or ``patients``, that number itself.  turned: printed the other way round.  Of a
    figure that is a spread the row's own dispersion is compared, and not its value.
    """

    row: str
    measured: Measured
    figure: Figure
    less: str = ""
    out_of: str = ""
    patients: float | None = None
    turned: bool = False
    fit: bool = True
    """Whether a row for calibration is fitted here; ``note`` says why not."""
    dispersion: Dispersion | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A published study and its virtual twin."""

    twin: str
    study: str
    protocol: str
    """A protocol that ships, or one of the folder beside the twins."""
    matched: str
    """How like is compared with like, and where it is not."""
    comparisons: Mapping[str, Comparison]
    repeats: int = 0
    """Trials at least, for every parameter set of a calibration, where few are too noisy."""


def shipped() -> tuple[str, ...]:
    """Return the names of all twins."""
    return tuple(sorted(_paths()))


@cache
def load_twin(name: str) -> Twin:
    """Return one twin.  Raises UnknownNameError, or DataFileError with every fault of its file."""
    path = choose("twin", name, _paths())
    found = datafile.load(path, KIND, Twin)
    faults = list(_faults(found, name))
    if faults:
        raise DataFileError(path.name, KIND, tuple(faults))
    return found


@cache
def protocol_of(twin: str) -> Protocol:
    """Return the protocol of a twin.  Raises UnknownNameError, or DataFileError with every fault."""
    name = load_twin(twin).protocol
    own = _root() / PROTOCOLS / f"{name}.yaml"
    if own.is_file():
        return protocols.loads(own.read_text("utf-8"), f"{name}.yaml")
    return protocols.load(name)


def _root() -> Any:
    return files("euexia") / "data" / FOLDER


def _paths() -> dict[str, Any]:
    entries = (path for path in _root().iterdir() if path.name.endswith(".yaml"))
    return {path.name.removesuffix(".yaml"): path for path in entries}


def _faults(twin: Twin, name: str) -> Iterator[Fault]:
    if twin.twin != name:
        yield Fault(line=None, place="twin", problem=f"it is '{twin.twin}', but the file is called '{name}'.")
    load(twin.study)
    for key, comparison in twin.comparisons.items():
        for row in filter(None, (comparison.row, comparison.less, comparison.out_of)):
            find_row(twin.study, row)
        if not comparison.fit and not comparison.note:
            yield Fault(
                line=None, place=f"comparisons.{key}", problem="it is not fitted, and no note says why."
            )
        for problem, remedy in _figure_faults(comparison.figure):
            yield Fault(line=None, place=f"comparisons.{key}", problem=problem, remedy=remedy)


def _figure_faults(figure: Figure) -> Iterator[tuple[str, str]]:
    needs_measure = figure.of not in (Of.IN_TRIAL, Of.DEAD)
    if needs_measure and not figure.measure:
        yield f"'{figure.of}' needs a measure.", "Name it under 'measure'."
    if not figure.weeks:
        yield "it has no week.", "Give at least one week."
    if figure.of is Of.LEVELS and len(figure.weeks) != 1:
        yield "a level is of one week.", "Give one week."
