"""A population as data: which columns a patient has, how they vary, and where each number comes from."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from euexia.core import datafile, quantities
from euexia.core.choices import choose
from euexia.core.errors import DataFileError, Fault, UnitError
from euexia.parameters.parameter import Source, Status
from euexia.population.distribution import REQUIRED, Distribution

DIMENSIONAL = ("value", "mean", "median", "sd", "scale", "low", "high")
"""Numbers of a column that carry its unit; the others are pure."""
PAIR = 2
"""How many columns a correlation is between."""
BY_SEX = frozenset({"mean", "median", "sd", "probability"})
"""Numbers that may differ for women."""
LIMITED = frozenset({Distribution.NORMAL, Distribution.LOG_NORMAL})


class Formula(StrEnum):
    """How a derived column follows from columns before it."""

    WEIGHT_FROM_BODY_MASS_INDEX = "weight_from_body_mass_index"
    COCKCROFT_GAULT = "cockcroft_gault"


FOLLOWS_FROM: Mapping[Formula, tuple[str, ...]] = {
    Formula.WEIGHT_FROM_BODY_MASS_INDEX: ("body_mass_index", "height"),
    Formula.COCKCROFT_GAULT: ("creatinine", "weight", "age", "male"),
}
"""Columns that a formula reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """Correlation of the latent normal number with that of a column before this one."""

    column: str
    coefficient: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One characteristic of the patients.

    number: address of its chance; never renumbered.  women: the numbers that differ for women.
    low, high: the distribution is cut there (not heaped up).
    """

    number: int
    meaning: str
    kind: str
    unit: str
    distribution: Distribution
    status: Status
    source: Source
    value: float | None = None
    mean: float | None = None
    median: float | None = None
    sd: float | None = None
    cv: float | None = None
    log_sd: float | None = None
    scale: float | None = None
    probability: float | None = None
    values: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    women: Mapping[str, float] = field(default_factory=dict)
    correlated: Correlation | None = None
    formula: Formula | None = None

    def numbers(self, *, women: bool = False) -> dict[str, float]:
        """Return the numbers of the distribution in canonical units, for men or for women."""
        size = quantities.factor(self.unit, self.kind)
        given = {name: getattr(self, name) for name in (*DIMENSIONAL, "cv", "log_sd", "probability")}
        if women:
            given.update(self.women)
        return {
            name: number * size if name in DIMENSIONAL else number
            for name, number in given.items()
            if number is not None
        }

    def categories(self) -> tuple[float, ...]:
        """Return the values of a categorical column in canonical units."""
        size = quantities.factor(self.unit, self.kind)
        return tuple(value * size for value in self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankCorrelation:
    """Rank correlation (Spearman) of two columns that are drawn, within each sex where they differ by sex."""

    columns: tuple[str, ...]
    rank: float
    status: Status
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationSpec:
    """A population file.

    like: a population that ships with the package, whose columns hold where this file gives none of its own.
    joint: rank correlations of columns, by a Gaussian copula; latent numbers of pairs that are not named are
    uncorrelated.  None: columns are drawn each for itself.
    """

    population: str
    title: str
    meaning: str
    columns: Mapping[str, Column]
    like: str = ""
    joint: tuple[RankCorrelation, ...] = ()


def _numbers_faults(column: Column) -> list[str]:
    faults = []
    for group in REQUIRED[column.distribution]:
        given = [name for name in group if getattr(column, name) not in (None, ())]
        if len(given) != 1:
            faults.append(
                f"a {column.distribution.value} column needs {' or '.join(group)}, given: {given or 'none'}."
            )
    if (column.low is not None or column.high is not None) and column.distribution not in LIMITED:
        faults.append(f"low and high have no meaning for a {column.distribution.value} column.")
    unknown = sorted(set(column.women) - BY_SEX)
    if unknown:
        faults.append(f"{', '.join(unknown)} cannot differ for women; {', '.join(sorted(BY_SEX))} can.")
    return faults


def _range_faults(column: Column) -> list[str]:
    faults = []
    if len(column.values) != len(column.shares):
        faults.append("values and shares must be equally long.")
    elif column.shares and not math.isclose(sum(column.shares), 1.0, abs_tol=1e-9):
        faults.append(f"shares add up to {sum(column.shares):g}, not 1.")
    if column.probability is not None and not 0 <= column.probability <= 1:
        faults.append(f"probability {column.probability:g} is not between 0 and 1.")
    if column.low is not None and column.high is not None and column.low >= column.high:
        faults.append(f"low {column.low:g} is not below high {column.high:g}.")
    try:
        quantities.factor(column.unit, column.kind)
    except UnitError as error:
        faults.append(str(error))
    return faults


def _order_faults(name: str, column: Column, before: Mapping[str, Column]) -> list[str]:
    faults = []
    if column.correlated is not None:
        if column.correlated.column not in before:
            faults.append(
                f"it is correlated with '{column.correlated.column}', which does not stand before it."
            )
        if not -1 < column.correlated.coefficient < 1:
            faults.append(f"correlation {column.correlated.coefficient:g} is not between -1 and 1.")
    if column.women and "male" not in before:
        faults.append("it differs for women, but 'male' does not stand before it.")
    same = [other for other, seen in before.items() if seen.number == column.number]
    if same:
        faults.append(f"number {column.number} is already taken by '{same[0]}'; numbers are never shared.")
    return faults


def with_what_they_need(spec: PopulationSpec, names: Collection[str]) -> frozenset[str]:
    """Return the columns of these names that the population has, and those from which they are made."""
    needed: set[str] = set()
    for name, column in reversed(list(spec.columns.items())):  # a column is made from columns before it
        if name in names or name in needed:
            needed.add(name)
            needed.update(FOLLOWS_FROM[column.formula] if column.formula is not None else ())
            needed.update({column.correlated.column} if column.correlated is not None else ())
            needed.update({"male"} if column.women else ())
    return frozenset(needed)


def check(spec: PopulationSpec, file: str) -> None:
    """Raise DataFileError with every column that cannot be sampled."""
    faults: list[Fault] = []
    before: dict[str, Column] = {}
    for name, column in spec.columns.items():
        problems = [*_numbers_faults(column), *_range_faults(column), *_order_faults(name, column, before)]
        faults += [Fault(line=None, place=f"columns.{name}", problem=problem) for problem in problems]
        before[name] = column
    faults += [
        Fault(line=None, place="joint", problem=problem) for problem in joint_faults(spec.columns, spec.joint)
    ]
    if faults:
        raise DataFileError(file, "population", tuple(faults))


def joint_faults(columns: Mapping[str, Column], joint: Collection[RankCorrelation]) -> list[str]:
    """Return what keeps rank correlations from being drawn."""
    faults: list[str] = []
    seen: set[frozenset[str]] = set()
    for entry in joint:
        pair = " and ".join(f"'{name}'" for name in entry.columns)
        if len(set(entry.columns)) != PAIR:
            faults.append(f"a correlation is between two columns, given: {pair}.")
            continue
        if not -1 < entry.rank < 1:
            faults.append(f"rank correlation {entry.rank:g} of {pair} is not between -1 and 1.")
        if frozenset(entry.columns) in seen:
            faults.append(f"the correlation of {pair} is given twice.")
        seen.add(frozenset(entry.columns))
        faults += [fault for name in entry.columns for fault in _member_faults(name, columns.get(name))]
    return faults


def _member_faults(name: str, column: Column | None) -> list[str]:
    """Return why a column cannot go together with others."""
    if column is None:
        return [f"there is no column '{name}'."]
    if column.formula is not None or column.distribution is Distribution.CONSTANT:
        return [f"'{name}' is not drawn, so nothing can be correlated with it."]
    if column.correlated is not None:
        return [f"'{name}' says under 'correlated' what it goes with; keep one of the two."]
    return []


def read(text: str, file: str) -> PopulationSpec:
    """Return a population from YAML text; raise DataFileError with every fault."""
    own = datafile.loads(text, file, "population", PopulationSpec)
    spec = own
    if own.like:
        usual = load(own.like)
        spec = replace(own, columns={**usual.columns, **own.columns}, joint=own.joint or usual.joint)
    check(spec, file)
    return spec


def fingerprint(name: str) -> str:
    """Return the SHA-256 of a population file that ships with the package, and of those it is like."""
    texts = [datafile.read_text(_shipped(name))]
    while like := datafile.loads(texts[-1], name, "population", PopulationSpec).like:
        texts.append(datafile.read_text(_shipped(like)))
    return hashlib.sha256("".join(texts).encode()).hexdigest()


def names() -> tuple[str, ...]:
    """Return the names of the populations that ship with the package."""
    return tuple(sorted(_files()))


def _files() -> dict[str, Traversable]:
    folder = resources.files("euexia") / "data" / "populations"
    return {
        entry.name.removesuffix(".yaml"): entry for entry in folder.iterdir() if entry.name.endswith(".yaml")
    }


def _shipped(name: str) -> Traversable:
    return choose("population", name, _files())


@cache
def load(name: str) -> PopulationSpec:
    """Return a population that ships with the package; raise UnknownNameError for any other name."""
    chosen = _shipped(name)
    return read(datafile.read_text(chosen), chosen.name)
