"""What virtual patients are like on day 0, and the same beside published baseline tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia import evidence, population
from euexia import parameters as parameter_files
from euexia import protocol as protocols
from euexia.core import datafile
from euexia.core.errors import DataFileError, Fault
from euexia.evidence.row import Row
from euexia.parameters import ParameterSet
from euexia.simulate.referral import as_referred, inputs_of
from euexia.study.simulated import engine_for, recruit_trials

Floats = NDArray[np.float64]

LABELS: Mapping[str, tuple[str, str, float]] = {
    "age": ("Age", "years", 1.0),
    "male": ("Men", "%", 100.0),
    "height": ("Height", "cm", 1.0),
    "body_weight": ("Body weight", "kg", 1.0),
    "body_mass_index": ("Body-mass index", "kg/m2", 1.0),
    "weight_loss": ("Weight lost in 6 months", "%", 100.0),
    "crp": ("C-reactive protein", "mg/L", 1.0),
    "gdf15": ("GDF-15", "ng/mL", 1.0),
    "albumin": ("Albumin", "g/L", 1.0),
    "lean_mass_dxa": ("Lean mass (DXA)", "kg", 1.0),
    "skeletal_muscle_index": ("Muscle index (CT)", "cm2/m2", 1.0),
    "handgrip_strength": ("Handgrip strength", "kg", 1.0),
    "faact_acs": ("Appetite (FAACT A/CS)", "points", 1.0),
    "ecog": ("ECOG status", "", 1.0),
}
"""Label, unit and factor of what a table shows, in its order."""
SHARES: Mapping[str, str] = {
    "female": "Women",
    "lung_cancer": "Lung cancer",
    "pancreatic_cancer": "Pancreatic cancer",
    "ecog_0_1": "ECOG status 0 or 1",
    "loss_over_5": "Lost 5 % or more in 6 months",
}
"""Labels of what is only ever a share."""
FIVE_PERCENT = 0.05
_CM_PER_M = 100.0
_PERCENT = 100.0
LUNG, PANCREAS = 0.0, 1.0
"""Places of two cancers in the list of measures."""


class Summary(StrEnum):
    """What was printed of a characteristic."""

    MEAN = "mean"
    MEDIAN = "median"
    SHARE = "share"
    CORRELATION = "correlation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One published line and whom it is compared with.

    protocol: whom a trial enrols.  population: who is referred, or with a protocol from whom it enrols.
    sd: in the printed unit, where the row has none of its own.  factor: from the printed unit to the
    canonical one.
    """

    study: str
    row: str
    quantity: str
    summary: Summary
    protocol: str = ""
    population: str = ""
    other: str = ""
    sd: float | None = None
    factor: float = 1.0
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entries:
    """The file of lines."""

    about: str
    lines: Mapping[str, Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One published line beside the simulated one, both in the unit of the table.

    spread: simulated standard deviation.  apart: standardised difference, simulated less published.
    """

    label: str
    who: str
    enrolled: bool
    unit: str
    summary: Summary
    study: str
    verified: bool
    published: float
    published_sd: float | None
    simulated: float
    spread: float | None
    apart: float
    remark: str


@cache
def entries() -> Mapping[str, Entry]:
    """Return every line that is compared; raise DataFileError for one that says not whom."""
    path = files("euexia") / "data" / "baselines" / "baselines.yaml"
    found = datafile.load(path, "list of baselines", _Entries).lines
    faults = [
        Fault(line=None, place=f"lines.{key}", problem="it needs a protocol or a population.")
        for key, entry in found.items()
        if not (entry.protocol or entry.population)
    ]
    if faults:
        raise DataFileError(path.name, "list of baselines", tuple(faults))
    return found


def concerning(name: str) -> Mapping[str, Entry]:
    """Return the lines of a population: of who is referred, and of who is enrolled from it or its model.

    A population that is like another is compared as that other is.
    """
    spec = population.load(name)
    alike = {name, spec.like} if spec.joint else {name}
    found: dict[str, Entry] = {}
    for key, entry in entries().items():
        own = protocols.load(entry.protocol).population if entry.protocol else entry.population
        if own in alike:
            found[key] = entry if own == name else _moved(entry, name)
    return found


def _moved(entry: Entry, name: str) -> Entry:
    """Return a line of another population as one of this population."""
    return replace(entry, population=name)


def referred(
    name: str, *, people: int = 2000, seed: int = 1, parameters: ParameterSet | None = None
) -> dict[str, Floats]:
    """Return what those who are referred are like on day 0, each of shape (people,).

    name: a population.  Raises UnknownNameError.
    """
    chosen = parameter_files.load() if parameters is None else parameters
    sampled = population.sample(population.load(name), seed, 0, np.arange(people))
    columns = as_referred(sampled.columns, chosen)
    engine = engine_for(chosen)
    _, _, history = engine.run_in(inputs_of(columns), days=())
    return _characteristics(columns, history[0.0])


def enrolled(
    name: str,
    *,
    source: str = "",
    trials: int = 4,
    seed: int = 1,
    parameters: ParameterSet | None = None,
) -> dict[str, Floats]:
    """Return what those whom a protocol enrols are like on day 0, each of shape (patients,).

    source: another population than the protocol's own.
    """
    chosen = parameter_files.load() if parameters is None else parameters
    plan = protocols.load(name)
    plan = replace(plan, population=source or plan.population)
    cohort = recruit_trials(plan, trials=trials, seed=seed, parameters=chosen).cohort
    truth = engine_for(chosen).observe(cohort.state, cohort.body, day=plan.schedule.run_in)
    return _characteristics(cohort.columns, truth)


def _characteristics(columns: Mapping[str, Floats], truth: Mapping[str, Floats]) -> dict[str, Floats]:
    square = (columns["height"] / _CM_PER_M) ** 2
    cancer = columns.get("cancer_type", np.full(square.shape, np.nan))
    found = {name: np.asarray(truth[name]) for name in LABELS if name in truth}
    found |= {name: np.asarray(columns[name]) for name in LABELS if name in columns and name not in found}
    return {
        **found,
        "female": 1 - columns["male"],
        "body_mass_index": truth["body_weight"] / square,
        "skeletal_muscle_index": truth["skeletal_muscle_area"] / square,
        "weight_loss": truth["weight_loss_6_months"],
        "loss_over_5": np.asarray(truth["weight_loss_6_months"] >= FIVE_PERCENT, dtype=float),
        "log_crp": np.log10(truth["crp"]),
        "lung_cancer": np.asarray(cancer == LUNG, dtype=float),
        "pancreatic_cancer": np.asarray(cancer == PANCREAS, dtype=float),
        "ecog_0_1": np.asarray(columns["ecog"] <= 1, dtype=float),
    }


def rank_correlations(people: Mapping[str, Floats], names: tuple[str, ...]) -> Floats:
    """Return Spearman's correlations of some characteristics, shape (names, names)."""
    from scipy.stats import rankdata

    ranks = [rankdata(people[name]) for name in names]
    return np.asarray(np.corrcoef(np.stack(ranks)))


def compare(
    wanted: Mapping[str, Entry] | None = None,
    *,
    seed: int = 1,
    parameters: ParameterSet | None = None,
) -> tuple[Line, ...]:
    """Return published lines beside simulated ones.

    wanted: some of ``entries()``; all of them if None.
    """
    asked = entries() if wanted is None else wanted
    people: dict[tuple[str, str], Mapping[str, Floats]] = {}
    lines = []
    for entry in asked.values():
        who = (entry.protocol, entry.population)
        if who not in people:
            people[who] = (
                enrolled(entry.protocol, source=entry.population, seed=seed, parameters=parameters)
                if entry.protocol
                else referred(entry.population, seed=seed, parameters=parameters)
            )
        lines.append(_line(entry, people[who]))
    return tuple(lines)


def _line(entry: Entry, people: Mapping[str, Floats]) -> Line:
    row = evidence.find_row(entry.study, entry.row)
    label, unit, size = LABELS.get(entry.quantity, (SHARES.get(entry.quantity, ""), "%", _PERCENT))
    if entry.summary is Summary.CORRELATION:
        label, unit, size = f"{label} with {_name(entry.other)}", "r", 1.0
    printed, deviation = _printed(entry, row, size)
    values = people[entry.quantity]
    simulated, spread = _summarised(entry, people, size)
    return Line(
        label=label,
        who=entry.protocol or entry.population,
        enrolled=bool(entry.protocol),
        unit=unit,
        summary=entry.summary,
        study=entry.study,
        verified=row.verified,
        published=printed,
        published_sd=deviation,
        simulated=simulated,
        spread=spread,
        apart=_apart(entry.summary, printed, deviation, simulated, float(values.std()) * size),
        remark=entry.remark,
    )


def _name(quantity: str) -> str:
    return "log CRP" if quantity == "log_crp" else LABELS[quantity][0].lower()


def _printed(entry: Entry, row: Row, size: float) -> tuple[float, float | None]:
    """Return the published value and its standard deviation in the unit of the table."""
    value = float(row.value or 0.0)
    if entry.summary in (Summary.SHARE, Summary.CORRELATION):
        return value, None
    known = entry.sd if row.sd is None else row.sd
    scale = entry.factor * size
    return value * scale, None if known is None else known * abs(scale)


def _summarised(entry: Entry, people: Mapping[str, Floats], size: float) -> tuple[float, float | None]:
    values = people[entry.quantity]
    match entry.summary:
        case Summary.MEAN:
            return float(values.mean()) * size, float(values.std()) * size
        case Summary.MEDIAN:
            return float(np.median(values)) * size, float(values.std()) * size
        case Summary.SHARE:
            return float(values.mean()) * _PERCENT, None
        case Summary.CORRELATION:
            return float(np.corrcoef(values, people[entry.other])[0, 1]), None
        case _:
            assert_never(entry.summary)


def _apart(
    summary: Summary, published: float, deviation: float | None, simulated: float, spread: float
) -> float:
    r"""Return the standardised difference.

    Means and medians: over the published standard deviation, or the simulated one.  Shares:
    :math:`(p - q)/\sqrt{(p(1-p) + q(1-q))/2}` (Cohen).  Correlations: of Fisher's z.
    """
    if summary is Summary.CORRELATION:
        return float(np.arctanh(simulated) - np.arctanh(published))
    if summary is Summary.SHARE:
        p, q = simulated / _PERCENT, published / _PERCENT
        return float((p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2))
    return (simulated - published) / (spread if deviation is None else deviation)
