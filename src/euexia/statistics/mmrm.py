r"""Mixed models for repeated measures, of one data set or of a stack of trials at once.

.. math:: y_i = X_i\beta + \varepsilon_i, \qquad \varepsilon_i \sim N(0, \Sigma_{g(i)})

on the observed visits of every patient: REML or maximum likelihood, any structure of covariance.py, one
Sigma or one for each group of patients.  Sources: Laird and Ware, Biometrics 1982;38:963-974; Jennrich and
Schluchter, Biometrics 1986;42:805-820; Mallinckrodt and others, Drug Information Journal 2008;42:303-319.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError
from euexia.statistics.covariance import Structure, parameter_count, simpler, start
from euexia.statistics.mmrm_aliases import aliases
from euexia.statistics.mmrm_likelihood import (
    normal_equations,
    residual_moments,
    sweep,
    total,
)
from euexia.statistics.mmrm_moments import (
    Moments,
    SubjectDesign,
    buckets,
    moments,
    pattern_codes,
    subject_designs,
)
from euexia.statistics.mmrm_newton import MOVED, Path, entry_covariance, maximise
from euexia.statistics.mmrm_result import Diagnosis, Fit, Freedom, Information, Method
from euexia.statistics.mmrm_small_sample import adjusted_covariance

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_NO_VARIATION = 1e-20
"""A residual variance below this share of the mean square says that the values do not vary."""
_WORKING_BYTES = 48_000_000
"""Trials are fitted in blocks whose working arrays take about so much memory."""


def fit(
    values: ArrayLike,
    design: Floats | SubjectDesign,
    *,
    structures: Sequence[Structure] = (Structure.UNSTRUCTURED,),
    method: Method = Method.REML,
    groups: ArrayLike | None = None,
    group_count: int | None = None,
    times: Sequence[float] | None = None,
    freedom: Freedom = Freedom.SATTERTHWAITE,
    information: Information = Information.OBSERVED,
    names: Sequence[str] | None = None,
) -> Fit:
    """Fit each trial of a stack; a trial's result is the same, bit for bit, whatever its neighbours.

    values: shape (trials, subjects, visits), NaN where missing; a patient without any observed value counts
    for nothing.  design: shape (trials or 1, subjects, visits, p), or a SubjectDesign; an observation with
    NaN in its row of the design is left out.  structures: tried in this order until one can be fitted
    (``CONVENTIONAL`` is the usual order).  groups: covariance group of each patient, shape (trials or 1,
    subjects), whole numbers from 0; one group if not given.  group_count: their number, the
    largest found if not given.  times: of the visits, for the spatial structure.  freedom: Kenward-Roger
    asks for the adjusted covariance to be prepared, with the uncertainty of the covariance parameters from
    the given information.  names: of columns.
    Raises InputError if shapes do not fit together; what is wrong with a trial's data is its diagnosis.
    """
    data = np.array(values, dtype=float, ndmin=3)
    trials, subjects, visits = data.shape
    moments_of_time = tuple(float(time) for time in (range(visits) if times is None else times))
    if len(moments_of_time) != visits or any(np.diff(moments_of_time) <= 0):
        raise InputError(f"'times' are {moments_of_time} for {visits} visits. Give one ascending time each.")
    if not structures:
        raise InputError("'structures' is empty. Name at least one covariance structure.")
    group = _groups(groups, trials, subjects)
    parts = _designs(design, trials, subjects, visits, names)
    result: Fit | None = None
    for places, written in parts:
        result = _fit_written(
            data[places],
            written,
            group[places],
            places,
            result,
            _Plan(
                structures=tuple(structures),
                method=method,
                times=moments_of_time,
                freedom=freedom,
                information=information,
                groups=int(group.max(initial=0)) + 1 if group_count is None else group_count,
                trials=trials,
            ),
        )
    if result is None:
        raise InputError("There is no trial to fit: 'values' is empty. Give at least one.")
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is asked of every trial."""

    structures: tuple[Structure, ...]
    method: Method
    times: tuple[float, ...]
    freedom: Freedom
    information: Information
    groups: int
    trials: int

    @property
    def restricted(self) -> bool:
        return self.method is Method.REML

    @property
    def adjusting(self) -> bool:
        return self.freedom in (Freedom.KENWARD_ROGER, Freedom.KENWARD_ROGER_LINEAR)


def _groups(groups: ArrayLike | None, trials: int, subjects: int) -> Integers:
    if groups is None:
        return np.zeros((trials, subjects), dtype=np.int64)
    given = np.asarray(groups)
    if given.shape[-1:] != (subjects,) or not np.array_equal(given, given.astype(np.int64)):
        raise InputError(f"'groups' must be whole numbers, one for each of {subjects} patients.")
    return np.broadcast_to(given.astype(np.int64), (trials, subjects))


def _designs(
    design: Floats | SubjectDesign, trials: int, subjects: int, visits: int, names: Sequence[str] | None
) -> list[tuple[Integers, SubjectDesign]]:
    """Return the designs of all trials, with the trials they belong to."""
    every = np.arange(trials)
    if isinstance(design, SubjectDesign):
        return [(every, design)]
    array = np.asarray(design, dtype=float)
    if array.ndim == 3:
        array = array[None]
    if array.ndim != 4 or array.shape[0] not in (1, trials) or array.shape[1:3] != (subjects, visits):
        raise InputError(
            f"'design' has shape {np.shape(design)}; with values of shape {(trials, subjects, visits)} it "
            f"must be (1 or {trials}, {subjects}, {visits}, columns)."
        )
    labels = tuple(names) if names is not None else tuple(f"x{place}" for place in range(array.shape[3]))
    if len(labels) != array.shape[3]:
        raise InputError(f"There are {len(labels)} 'names' for {array.shape[3]} columns. Give one each.")
    found = list(subject_designs(array, labels))
    return [(every, found[0][1])] if array.shape[0] == 1 else found


def _fit_written(
    values: Floats, design: SubjectDesign, groups: Integers, places: Integers, result: Fit | None, plan: _Plan
) -> Fit:
    """Fit the trials whose design is written in one way, into the results of all."""
    trials, subjects, visits = values.shape
    columns = np.broadcast_to(design.columns, (trials, subjects, design.columns.shape[-1]))
    infinite = np.isinf(values).any(axis=(1, 2)) | np.isinf(columns).any(axis=(1, 2))
    used = _complete(values, columns, design.lift)
    columns = np.nan_to_num(columns, nan=0.0, posinf=0.0, neginf=0.0)
    used[infinite] = np.nan
    codes = pattern_codes(used, groups)
    constant = _constant(used, groups, plan.groups)
    if result is None:
        result = _empty(plan, design, columns, visits)
    result.observations[places] = (~np.isnan(used)).sum(axis=(1, 2))
    result.subjects[places] = (codes >= 0).sum(axis=1)
    result.diagnosis[places] = np.where(infinite, Diagnosis.INFINITE_VALUE, Diagnosis.NO_OBSERVATION)
    width = design.columns.shape[-1] + visits
    for found, patterns in buckets(codes, plan.groups, visits):
        entries = visits * (visits + 1) // 2
        bytes_each = 8 * (
            subjects * width**2
            + patterns.shape[1] * (entries * visits**2 + subjects)
            + 3 * plan.groups * entries * max(len(design.names), visits * width) ** 2
        )
        size = max(1, min(256, _WORKING_BYTES // bytes_each))
        for begin in range(0, found.size, size):
            block = found[begin : begin + size]
            sums = moments(
                used[block],
                columns[block],
                codes[block],
                patterns[begin : begin + size],
                design.lift,
                plan.groups,
            )
            _fit_block(sums, places[block], constant[block], result, plan)
    return result


def _complete(values: Floats, columns: Floats, lift: Floats) -> Floats:
    """Set missing what has no complete row of the design."""
    lacking = ~np.isfinite(columns)
    if not lacking.any():
        return values.copy()
    needed = (lift != 0.0).any(axis=0).astype(float)  # visits, k
    return np.where(lacking.astype(float) @ needed.T > 0.0, np.nan, values)


def _constant(values: Floats, groups: Integers, count: int) -> NDArray[np.bool_]:
    """Return which trials have the same value in all patients seen at a visit (of one group)."""
    result = np.zeros(values.shape[0], dtype=bool)
    for group in range(count):
        inside = (groups == group)[..., None] & ~np.isnan(values)
        high = np.where(inside, values, -np.inf).max(axis=1)
        low = np.where(inside, values, np.inf).min(axis=1)
        result |= (high <= low).any(axis=1)
    return result


def _empty(plan: _Plan, design: SubjectDesign, columns: Floats, visits: int) -> Fit:
    """Return results without any."""
    names, lift = design.names, design.lift
    between = (lift == lift[:, :1]).all(axis=(1, 2))
    ones = (columns == 1.0).all(axis=(0, 1)).astype(float)
    intercept = between & ((lift[:, 0] @ ones) == 1.0) & (lift[:, 0].sum(axis=-1) == 1.0)
    count, size = len(names), plan.groups * visits * (visits + 1) // 2
    lead = plan.trials

    def unknown(*shape: int) -> Floats:
        return np.full((lead, *shape), np.nan)

    def zero() -> Integers:
        return np.zeros(lead, dtype=np.int64)

    return Fit(
        names=names,
        method=plan.method,
        coefficients=unknown(count),
        coefficient_covariance=unknown(count, count),
        sigma=unknown(plan.groups, visits, visits),
        sigma_covariance=unknown(size, size),
        sigma_covariance_expected=unknown(size, size),
        slopes=unknown(size, count, count),
        adjusted=unknown(count, count) if plan.adjusting else None,
        between=between & ~intercept,
        intercept=intercept,
        objective=unknown(),
        parameters=zero(),
        diagnosis=zero() + Diagnosis.NO_OBSERVATION,
        aliased=np.zeros((lead, count), dtype=bool),
        structures=plan.structures,
        structure=zero() - 1,
        attempts=np.full((lead, len(plan.structures)), Diagnosis.NOT_TRIED, dtype=np.int64),
        iterations=zero(),
        decrement=unknown(),
        observations=zero(),
        subjects=zero(),
    )


def _fit_block(
    sums: Moments, places: Integers, constant: NDArray[np.bool_], result: Fit, plan: _Plan
) -> None:
    """Fit trials that share their number of patterns: check them, then try the structures in turn."""
    diagnosis, centred, origin, scatter = _prepare(sums, result, places, constant)
    result.diagnosis[places] = diagnosis
    left = np.flatnonzero(diagnosis == Diagnosis.FITTED)
    for turn, structure in enumerate(plan.structures):
        if left.size == 0:
            return
        part = centred.take(left)
        path = _attempt(part, structure, scatter[left], plan)
        adjusted = _adjusted(part, path, structure, plan)
        result.attempts[places[left], turn] = path.diagnosis
        result.diagnosis[places[left]] = path.diagnosis
        done = path.diagnosis == Diagnosis.FITTED
        if done.any():
            _keep(result, part, path, adjusted, done, places[left], origin[left], turn, structure, plan)
        left = left[~done]


def _attempt(part: Moments, structure: Structure, scatter: Floats, plan: _Plan) -> Path:
    """Iterate from the moments' estimate, or from independence where that is not positive definite."""
    begin = start(structure, scatter, plan.times)
    path = maximise(part, structure, begin, plan.times, restricted=plan.restricted)
    again = np.flatnonzero(path.diagnosis == Diagnosis.COVARIANCE_SINGULAR)
    if again.size and structure is not Structure.UNSTRUCTURED:
        second = simpler(structure, scatter[again], plan.times)
        retried = maximise(part.take(again), structure, second, plan.times, restricted=plan.restricted)
        better = retried.diagnosis == Diagnosis.FITTED
        if better.any():
            path = _merged(path, retried, again, better)
    return path


def _merged(path: Path, retried: Path, again: Integers, better: NDArray[np.bool_]) -> Path:
    """Put the second attempts that went better in place of the first."""
    places = again[better]
    for name in (*MOVED, "iterations", "decrement", "diagnosis"):
        getattr(path, name)[places] = getattr(retried, name)[better]
    for name in ("objective", "positive", "coefficients", "spread", "weights"):
        getattr(path.value, name)[places] = getattr(retried.value, name)[better]
    for name in ("gradient", "observed", "expected", "slopes"):
        getattr(path.curvature, name)[places] = getattr(retried.curvature, name)[better]
    return path


def _prepare(
    sums: Moments, result: Fit, places: Integers, constant: NDArray[np.bool_]
) -> tuple[Integers, Moments, Floats, Floats]:
    """Return diagnoses, sums around the least squares estimate, that estimate, and residual covariances."""
    trials, _, visits = sums.observed.shape
    eye = np.eye(visits)
    weights = sums.observed[..., None] * eye
    information, moment = normal_equations(sums, weights)
    aliased, inverse = aliases(information)
    result.aliased[places] = aliased
    origin = (inverse @ moment[..., None])[..., 0]
    with_columns, squares = residual_moments(sums, origin)
    centred = replace(sums, crosses=with_columns, products=squares)
    pairs = sums.observed[..., :, None] * sums.observed[..., None, :] * sums.counts[..., None, None]
    shape = (trials, sums.groups, visits, visits)
    scatter, count, raw = np.zeros(shape), np.zeros(shape), np.zeros((trials, sums.groups, visits))
    for group in range(sums.groups):
        part = sums.group_of == group
        if part.any():
            scatter[:, group], count[:, group] = total(squares[:, part]), total(pairs[:, part])
            raw[:, group] = np.diagonal(total(sums.products[:, part]), axis1=-2, axis2=-1)
    scatter = scatter / np.maximum(count, 1.0)
    seen = np.diagonal(count, axis1=-2, axis2=-1)
    variance = np.diagonal(scatter, axis1=-2, axis2=-1)
    diagnosis = np.full(trials, Diagnosis.FITTED, dtype=np.int64)
    flat = (variance <= _NO_VARIATION + 1e-13 * raw / np.maximum(seen, 1.0)).any(axis=(1, 2))
    observations = seen.sum(axis=(1, 2))
    diagnosis[flat | constant] = Diagnosis.NO_VARIATION
    diagnosis[observations <= information.shape[-1]] = Diagnosis.TOO_FEW_OBSERVATIONS
    diagnosis[aliased.any(axis=1)] = Diagnosis.ALIASED_COLUMNS
    diagnosis[(seen == 0).any(axis=(1, 2))] = Diagnosis.VISIT_WITHOUT_OBSERVATION
    scatter[diagnosis != Diagnosis.FITTED] = eye
    return diagnosis, centred, origin, _positive(scatter)


def _positive(scatter: Floats) -> Floats:
    """Shrink the covariances of pairwise moments until the matrix is positive definite."""
    eye = np.eye(scatter.shape[-1])
    result = scatter.copy()
    for share in (0.9, 0.5, 0.0):
        _, _, positive = sweep(result, 1e-3)
        bad = ~positive
        if not bad.any():
            break
        result[bad] = scatter[bad] * (share + (1.0 - share) * eye)
    return result


def _keep(
    result: Fit,
    sums: Moments,
    path: Path,
    adjusted: Floats | None,
    done: NDArray[np.bool_],
    places: Integers,
    origin: Floats,
    turn: int,
    structure: Structure,
    plan: _Plan,
) -> None:
    """Write down the fits of one structure."""
    to = places[done]
    visits = sums.crosses.shape[-1]
    result.coefficients[to] = origin[done] + path.value.coefficients[done]
    result.coefficient_covariance[to] = path.value.spread[done]
    result.sigma[to] = path.sigma[done]
    result.objective[to] = path.value.objective[done]
    result.sigma_covariance[to] = entry_covariance(path, path.observed)[done]
    result.sigma_covariance_expected[to] = entry_covariance(path, path.expected)[done]
    result.slopes[to] = path.curvature.slopes[done]
    result.parameters[to] = plan.groups * parameter_count(structure, visits)
    result.structure[to] = turn
    result.iterations[to] = path.iterations[done]
    result.decrement[to] = path.decrement[done]
    if result.adjusted is not None and adjusted is not None:
        result.adjusted[to] = adjusted[done]


def _adjusted(sums: Moments, path: Path, structure: Structure, plan: _Plan) -> Floats | None:
    """Return the adjusted covariance if it is asked for; where it is none, the trial is not fitted."""
    if not plan.adjusting:
        return None
    information = path.observed if plan.information is Information.OBSERVED else path.expected
    linear = plan.freedom is Freedom.KENWARD_ROGER_LINEAR
    with np.errstate(all="ignore"):  # of trials that are not fitted
        adjusted = adjusted_covariance(sums, path, information, structure, plan.times, linear=linear)
    _, _, positive = sweep(adjusted)
    path.diagnosis[(path.diagnosis == Diagnosis.FITTED) & ~positive] = Diagnosis.ADJUSTMENT_FAILED
    return adjusted
