"""Published figures as targets: value, standard error and discrepancy in the unit of the simulated figure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import sqrt

from euexia.core import quantities
from euexia.core.errors import InputError, UnitError
from euexia.criteria.measures import MEASURES
from euexia.evidence.discrepancy import discrepancies
from euexia.evidence.loader import load
from euexia.evidence.row import Limits, Row, Use
from euexia.evidence.split import rows_for
from euexia.evidence.twin import (
    SHARES,
    Average,
    Comparison,
    Dispersion,
    Figure,
    Measured,
    Of,
    Twin,
    load_twin,
    protocol_of,
    shipped,
)

REACH = {Limits.CONFIDENCE_95: 1.959964, Limits.CONFIDENCE_90: 1.644854}
"""Standard errors between an estimate and either limit of its interval."""
MEDIAN = 1.2533
"""Standard error of a median over that of a mean, in normal data."""
PERCENT = "%"
_PER_CENT = 100.0
_POINTS = ("points", "1", "")
TOO_FAR = 3.0
"""Combined standard errors from which on two rows on the same figure contradict each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One published figure and what it is compared with.

    se: standard error of the published value; None where no dispersion is known.  discrepancy: SD of what
    the model may miss it by.  Both in ``unit``, canonical.
    """

    name: str
    """``twin.comparison``."""
    twin: str
    study: str
    comparison: Comparison
    use: Use
    value: float
    se: float | None
    se_from: str
    discrepancy: float
    unit: str
    verified: bool
    n: float | None

    @property
    def figure(self) -> Figure:
        """Return the simulated figure."""
        return self.comparison.figure

    @property
    def measured(self) -> Measured:
        """Return what is measured."""
        return self.comparison.measured


class MissingDispersionError(InputError):
    """A row that is to be fitted says nothing of its error."""


class ContradictionError(InputError):
    """Rows that are to be fitted exclude each other, or count the same patients twice."""


def calibration_targets() -> tuple[Target, ...]:
    """Return what the model is fitted to: rows for calibration and no other.

    This is the one door between evidence and fitting.  Raises MissingDispersionError and ContradictionError
    with every row concerned.
    """
    rows = {(entry.study, entry.key) for entry in rows_for(Use.CALIBRATION)}
    found = tuple(
        target
        for name in shipped()
        for target in _of_twin(load_twin(name), rows)
        if target.use is Use.CALIBRATION and target.comparison.fit
    )
    check(found)
    return found


def all_targets() -> tuple[Target, ...]:
    """Return every comparison of every twin, whatever its use; for judging, never for fitting."""
    return tuple(target for name in shipped() for target in _of_twin(load_twin(name), None))


def check(targets: Iterable[Target]) -> None:
    """Refuse targets that cannot be fitted, all faults at once.

    Raises MissingDispersionError or ContradictionError.
    """
    entries = tuple(targets)
    bare = [target for target in entries if target.se is None]
    if bare:
        raise MissingDispersionError(
            "These rows are for calibration, but say nothing of their error: "
            + ", ".join(f"'{t.study}.{t.comparison.row}'" for t in bare)
            + ". Give the comparison of their twin a 'dispersion' and its source, or use them as context."
        )
    clashes = list(_clashes(entries))
    if clashes:
        raise ContradictionError(
            "Rows for calibration contradict each other or count twice: "
            + "; ".join(clashes)
            + ". Keep one of each pair and make the other context."
        )


def _clashes(targets: Iterable[Target]) -> Iterator[str]:
    alike = defaultdict(list)
    for target in targets:
        alike[(target.study, target.figure)].append(target)
    for (study, _), group in alike.items():
        for other in group[1:]:
            first = group[0]
            apart = abs(first.value - other.value) / sqrt((first.se or 0) ** 2 + (other.se or 0) ** 2)
            how = f"{apart:.1f} standard errors apart" if apart > TOO_FAR else "the same patients twice"
            yield (
                f"'{study}.{first.comparison.row}' ({first.value:g}) and '{study}.{other.comparison.row}' "
                f"({other.value:g}), {how}"
            )


def _of_twin(twin: Twin, rows: set[tuple[str, str]] | None) -> Iterator[Target]:
    for key, comparison in twin.comparisons.items():
        if rows is None or (twin.study, comparison.row) in rows:
            yield _target(twin, key, comparison)


def _target(twin: Twin, key: str, comparison: Comparison) -> Target:
    study = load(twin.study)
    row = study.rows[comparison.row]
    place = f"Row '{twin.study}.{comparison.row}'"
    if row.value is None:
        raise InputError(f"{place} has no value; its twin cannot compare it.")
    of = _patients(twin, comparison, row)
    try:
        factor, unit = _scale(row, comparison.figure, of)
    except UnitError as error:
        raise UnitError(f"{place}: {error}") from error
    se: float | None
    if comparison.figure.of is Of.SPREAD:
        value, se, origin = _own_spread(row, factor, place)
    else:
        less = study.rows[comparison.less].value if comparison.less else None
        value = (row.value - (less or 0.0)) * (-factor if comparison.turned else factor)
        se, origin = _error(comparison, row, factor, value, of)
    return Target(
        name=f"{twin.twin}.{key}",
        twin=twin.twin,
        study=twin.study,
        comparison=comparison,
        use=row.use,
        value=value,
        se=se,
        se_from=origin,
        discrepancy=_discrepancy(comparison, value),
        unit=unit,
        verified=row.verified,
        n=of if comparison.figure.of in SHARES else row.n,
    )


def _discrepancy(comparison: Comparison, value: float) -> float:
    """Return the SD of what the model may miss; of a spread it is a share of the spread."""
    stated = discrepancies()[comparison.measured].sd
    return stated * value if comparison.figure.of is Of.SPREAD else stated


def _own_spread(row: Row, factor: float, place: str) -> tuple[float, float, str]:
    """Return the SD between patients behind a row, its standard error, and where it is from.

    An SD of n normal values has the standard error SD / sqrt(2 n); one that was taken back from the
    interval of a median is less certain by as much as a median is less certain than a mean.
    """
    if row.n and row.sd is not None:
        return row.sd * factor, row.sd * factor / sqrt(2 * row.n), "printed SD"
    if row.n and row.low is not None and row.high is not None and row.limits in REACH:
        sd = (row.high - row.low) / (2 * REACH[row.limits]) * sqrt(row.n) / MEDIAN * factor
        return sd, MEDIAN * sd / sqrt(2 * row.n), f"printed interval ({row.limits}) of the median"
    raise MissingDispersionError(
        f"{place} prints neither an SD nor an interval with a number of patients, so it tells no spread. "
        "Take the comparison of spreads away."
    )


def _patients(twin: Twin, comparison: Comparison, row: Row) -> float | None:
    """Return of how many patients a share is."""
    if comparison.out_of:
        return load(twin.study).rows[comparison.out_of].value
    return comparison.patients or row.n


def _scale(row: Row, figure: Figure, of: float | None) -> tuple[float, str]:
    """Return by what the printed value is multiplied, and the unit that it then has."""
    if figure.of in SHARES:
        if row.unit == PERCENT:
            return 1 / _PER_CENT, "1"
        if not of:
            raise UnitError(f"'{row.measure}' is a count, but of how many patients is not said.")
        return 1 / of, "1"
    measure = MEASURES[figure.measure]
    if figure.squared_height:
        return quantities.convert(1.0, _power(row.unit), "body_mass_index"), "kg/m^2"
    canonical = quantities.canonical_unit(measure.kind)
    if row.unit == canonical or (canonical in _POINTS and row.unit in _POINTS):
        return 1.0, canonical
    return quantities.convert(1.0, _power(row.unit), measure.kind), canonical


def _power(unit: str) -> str:
    """Return a printed unit with its powers marked: kg/m2 as kg/m^2."""
    return re.sub(r"(?<=[a-z])(\d)", r"^\1", unit)


def _error(
    comparison: Comparison, row: Row, factor: float, value: float, of: float | None
) -> tuple[float | None, str]:
    """Return the standard error and where it is from."""
    if comparison.figure.of in SHARES:
        if not of:
            return None, ""
        share = (value * of + 0.5) / (of + 1)
        return sqrt(share * (1 - share) / of), "binomial"
    found, origin = _printed_error(comparison.figure, row)
    if found is None and comparison.dispersion is not None:
        found, origin = _borrowed_error(comparison.figure, comparison.dispersion, row)
    return None if found is None else found * factor, origin


def _printed_error(figure: Figure, row: Row) -> tuple[float | None, str]:
    if row.se is not None:
        return row.se, "printed standard error"
    if row.low is not None and row.high is not None and row.limits in REACH:
        return (row.high - row.low) / (2 * REACH[row.limits]), f"printed interval ({row.limits})"
    if row.sd is not None and row.n:
        return _of_mean(figure, row.sd, row.n), "printed SD"
    return None, ""


def _borrowed_error(figure: Figure, given: Dispersion, row: Row) -> tuple[float | None, str]:
    n = given.n or row.n
    if given.se is not None:
        return given.se, given.source
    if given.sd is None or not n:
        return None, ""
    return _of_mean(figure, given.sd, n), given.source


def _of_mean(figure: Figure, sd: float, n: float) -> float:
    wider = MEDIAN if figure.average is Average.MEDIAN and figure.of is Of.CHANGE else 1.0
    return wider * sd / sqrt(n)


def needed(targets: Iterable[Target]) -> dict[str, tuple[Figure, ...]]:
    """Return the figures wanted of each twin, in the order of the targets."""
    found: dict[str, list[Figure]] = {}
    for target in targets:
        protocol_of(target.twin)  # a twin that cannot be simulated is said here, not after an hour
        found.setdefault(target.twin, []).append(target.figure)
    return {twin: tuple(figures) for twin, figures in found.items()}
