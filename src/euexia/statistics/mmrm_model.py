"""A mixed model for repeated measures of one data set in long form: one row per patient and visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError, NumericalError
from euexia.statistics.covariance import Structure
from euexia.statistics.mmrm import fit
from euexia.statistics.mmrm_result import CONVENTIONAL, Diagnosis, Fit, Freedom, Information, Method
from euexia.statistics.model_terms import Terms, read_terms

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_NOT_CONVERGED = frozenset(
    {
        Diagnosis.COVARIANCE_SINGULAR,
        Diagnosis.INFORMATION_SINGULAR,
        Diagnosis.NOT_CONVERGED,
        Diagnosis.ADJUSTMENT_FAILED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A fitted model of one data set, with what LS means and tests of its terms need.

    fit: a stack of one.  values: (1, subjects, visits).  design: (1, subjects, visits, p).  groups: the
    covariance group of each patient, (1, subjects).  rows: values of every variable in the observations
    analysed, for factors the place of the level.  left_out: rows with a missing response or covariate.
    """

    fit: Fit
    terms: Terms
    values: Floats
    design: Floats
    groups: Integers
    group_levels: tuple[str, ...]
    subjects: tuple[str, ...]
    visits: tuple[str, ...]
    rows: Mapping[str, Floats | Integers]
    left_out: int
    freedom: Freedom
    information: Information

    def words(self) -> str:
        """Say how the model came about: covariance structures tried and used, observations, patients."""
        return (
            f"{self.fit.explain()} {int(self.fit.observations[0])} observations of "
            f"{int(self.fit.subjects[0])} patients analysed, {self.left_out} rows left out as incomplete."
        )


def estimate_mmrm(
    table: Mapping[str, Any],
    *,
    response: str,
    subject: str,
    visit: str,
    terms: Sequence[str],
    factors: Mapping[str, Sequence[str]],
    group: str | None = None,
    structures: Sequence[Structure] = CONVENTIONAL,
    method: Method = Method.REML,
    freedom: Freedom = Freedom.SATTERTHWAITE,
    information: Information = Information.OBSERVED,
    times: Mapping[str, float] | None = None,
) -> Model:
    """Fit one data set and return the model, or raise an error that says what stands against it.

    table: columns by name (a data frame will do), a row for each patient and visit.  terms: the model of
    the mean beside its intercept, such as ("sex", "arm", "visit", "arm:visit", "baseline").  factors: levels
    of every categorical variable, the visit's in their order in time, the reference level first.  group: a
    factor, constant within patients, with a covariance matrix for each level.  times: of the visits, for the
    spatial structure.  Raises InputError for what is wrong with the data, NumericalError where no structure
    could be fitted.
    """
    if visit not in factors:
        raise InputError(f"'{visit}' tells the visits apart. Give its levels in 'factors', in their order.")
    model = read_terms(terms, factors)
    needed = tuple(dict.fromkeys((*model.factors, *model.covariates, *([group] if group else []))))
    visits = tuple(str(level) for level in factors[visit])
    columns = {name: _column(table, name) for name in dict.fromkeys((response, subject, visit, *needed))}
    places = _levels(visit, columns[visit], visits)
    subjects, who = np.unique(columns[subject].astype(str), return_inverse=True)
    _refuse_duplicates(subjects[who], np.asarray(visits)[places])
    coded = {
        name: _levels(name, columns[name], tuple(str(level) for level in factors[name]), missing=True)
        if name in factors
        else _numbers(name, columns[name])
        for name in needed
    }
    answer = _numbers(response, columns[response])
    complete = ~np.isnan(answer)
    for value in coded.values():
        complete &= (value >= 0) if value.dtype.kind == "i" else ~np.isnan(value)
    shape = (subjects.size, len(visits))
    values = np.full(shape, np.nan)
    values[who[complete], places[complete]] = answer[complete]
    filled = {name: _spread(value, who, places, shape, complete) for name, value in coded.items()}
    if visit in filled:
        filled[visit] = np.broadcast_to(np.arange(len(visits)), shape)
    groups = np.zeros(shape[0], dtype=np.int64) if group is None else _constant(group, filled[group], values)
    design = model.matrix({name: filled[name] for name in (*model.factors, *model.covariates)})
    found = fit(
        values[None],
        np.broadcast_to(design, (*shape, design.shape[-1]))[None],
        structures=structures,
        method=method,
        groups=groups[None],
        group_count=1 if group is None else len(factors[group]),
        times=None if times is None else [float(times[level]) for level in visits],
        freedom=freedom,
        information=information,
        names=model.names,
    )
    _raise_if_not_fitted(found, values, visits)
    return Model(
        fit=found,
        terms=model,
        values=values[None],
        design=np.broadcast_to(design, (*shape, design.shape[-1]))[None],
        groups=groups[None],
        group_levels=("all",) if group is None else tuple(str(level) for level in factors[group]),
        subjects=tuple(str(name) for name in subjects),
        visits=visits,
        rows={name: value[complete] for name, value in coded.items()},
        left_out=int((~complete).sum()),
        freedom=freedom,
        information=information,
    )


def _column(table: Mapping[str, Any], name: str) -> NDArray[Any]:
    if name not in table:
        raise InputError(f"The table has no column '{name}'. It has {sorted(str(key) for key in table)}.")
    return np.asarray(table[name])


def _numbers(name: str, column: NDArray[Any]) -> Floats:
    try:
        return np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"Column '{name}' is not numeric. Name its levels in 'factors' if it is a category."
        ) from None


def _levels(name: str, column: NDArray[Any], levels: tuple[str, ...], *, missing: bool = False) -> Integers:
    """Return the place of each value among the levels, -1 where missing."""
    known = {level: place for place, level in enumerate(levels)}
    texts = ["" if value is None or value != value else str(value) for value in column.tolist()]
    places = np.array([known.get(text, -1) for text in texts], dtype=np.int64)
    strange = sorted({text for text, place in zip(texts, places, strict=True) if place < 0 and text})
    if strange or (not missing and (places < 0).any()):
        raise InputError(
            f"Column '{name}' holds {strange or 'empty cells'}, not among its levels {list(levels)}. "
            "Add the level to 'factors', or correct the table."
        )
    return places


def _refuse_duplicates(subjects: NDArray[Any], visits: NDArray[Any]) -> None:
    pairs, count = np.unique(np.stack([subjects, visits]), axis=1, return_counts=True)
    if (count > 1).any():
        first = pairs[:, count > 1][:, 0]
        raise InputError(
            f"Patient '{first[0]}' has several rows for visit '{first[1]}' ({int((count > 1).sum())} such "
            "pairs). Keep one row for each patient and visit."
        )


def _spread(
    value: NDArray[Any], who: Integers, places: Integers, shape: tuple[int, int], complete: NDArray[np.bool_]
) -> NDArray[Any]:
    """Return a variable by patient and visit; where no row is complete, as in the first that is."""
    result = np.zeros(shape, dtype=value.dtype)
    rows = np.flatnonzero(complete)[::-1]
    result[who[rows]] = value[rows, None]
    result[who[rows], places[rows]] = value[rows]
    return result


def _constant(name: str, value: NDArray[Any], values: Floats) -> Integers:
    """Return a patient's level of a factor that must not change between visits."""
    seen = ~np.isnan(values)
    if (seen & (value != value[:, :1])).any():
        raise InputError(f"'{name}' changes within patients. A covariance group must be constant.")
    return np.asarray(value[:, 0], dtype=np.int64)


def _raise_if_not_fitted(found: Fit, values: Floats, visits: tuple[str, ...]) -> None:
    diagnosis = Diagnosis(int(found.diagnosis[0]))
    if diagnosis is Diagnosis.FITTED:
        return
    if diagnosis in _NOT_CONVERGED:
        raise NumericalError(f"No covariance structure could be fitted. {found.explain()}")
    empty = [name for name, count in zip(visits, (~np.isnan(values)).sum(axis=0), strict=True) if not count]
    where = f" Visits without observation: {empty}." if empty else ""
    raise InputError(f"The model cannot be fitted. {found.explain()}{where}")
