r"""The treatment effect at every visit: the analysis that trials with repeated measurements plan.

.. math:: y_{it} = \mu_t + \tau_{a(i)t} + \gamma_t b_i + \delta' z_i + \varepsilon_{it}

with y the change from baseline, b the baseline (its slope free at each visit), tau the effect of the arm and
z covariates or indicators of strata.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError
from euexia.statistics.covariance import Structure
from euexia.statistics.mmrm import fit
from euexia.statistics.mmrm_aliases import kept_columns
from euexia.statistics.mmrm_freedom import Contrasts, contrasts
from euexia.statistics.mmrm_moments import SubjectDesign
from euexia.statistics.mmrm_result import CONVENTIONAL, Fit, Freedom, Information, Method
from euexia.statistics.mmrm_robust import Sandwich, robust_contrasts
from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_BLOCK = 1000
"""Trials whose complete fits are held at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEffects:
    """LS means and differences at each visit; NaN where a trial's diagnosis is not FITTED.

    means: of each arm, arrays of shape (trials, arms, visits).  differences: of the arms 1, 2, ... less arm
    0, arrays of shape (trials, arms - 1, visits).  counts: patients observed and analysed, (trials, arms,
    visits).  diagnosis, structure, attempts, iterations, structures: as in Fit.  coefficients, sigma: as in
    Fit, names of the former.  left_out: columns that are combinations of earlier ones without the effects
    depending on it, such as a stratum without patients, (trials, p); their coefficients are NaN.
    """

    means: Contrasts
    differences: Contrasts
    counts: Integers
    diagnosis: Integers
    structure: Integers
    attempts: Integers
    iterations: Integers
    structures: tuple[Structure, ...]
    coefficients: Floats
    left_out: NDArray[np.bool_]
    sigma: Floats
    objective: Floats
    names: tuple[str, ...]


def treatment_by_visit(
    values: ArrayLike,
    arm: ArrayLike,
    baseline: ArrayLike | None = None,
    *,
    covariates: ArrayLike | None = None,
    arms: int | None = None,
    by_arm: bool = False,
    structures: Sequence[Structure] = CONVENTIONAL,
    method: Method = Method.REML,
    freedom: Freedom = Freedom.SATTERTHWAITE,
    information: Information = Information.OBSERVED,
    times: Sequence[float] | None = None,
    sandwich: Sandwich | None = None,
    margins_at: ArrayLike | None = None,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> VisitEffects:
    """Fit arm by visit and baseline by visit to every trial of a stack; return LS means and differences.

    values: change from baseline (or the value itself), shape (trials, subjects, visits), NaN where missing.
    arm: 0 for the control, 1, 2, ... for treated arms, -1 for a row that is no patient of the analysis;
    shape (trials or 1, subjects).  baseline: same shape; a patient without it is left out; None leaves out
    the term.  covariates: shape (trials or 1, subjects, count), their effects the same at all visits; give
    strata as indicators of all but one.  arms: their number, the largest found if not given.  by_arm: a
    covariance matrix for each arm.  structures: tried in this order.  LS means are at the means of baseline
    and covariates over the observations analysed, as PROC MIXED takes them; margins_at: at these values of
    the covariates instead, shape (trials or 1, count), NaN for the mean.  sandwich: robust standard errors.
    """
    data = np.array(values, dtype=float, ndmin=3)
    trials, subjects, _ = data.shape
    group = np.broadcast_to(np.asarray(arm), (trials, subjects)).astype(np.int64)
    count = int(group.max(initial=-1)) + 1 if arms is None else arms
    if count < 2:
        raise InputError(f"There is {max(count, 0)} arm; a treatment effect needs two. Give 'arm' 0, 1, ...")
    if group.max() >= count:
        raise InputError(f"'arm' goes up to {group.max()}, but there are {count} arms, numbered from 0.")
    columns, held = _columns(group, count, baseline, covariates)
    written = _design(columns, held, count, data.shape[2], baseline is not None)
    data[group < 0] = np.nan
    model: dict[str, Any] = {
        "structures": structures,
        "method": method,
        "group_count": count if by_arm else None,
        "times": times,
        "freedom": freedom,
        "information": information,
    }
    asked: dict[str, Any] = {"freedom": freedom, "level": level, "alternative": alternative}
    asked |= {"information": information} if sandwich is None else {"sandwich": sandwich}
    held_at = None if margins_at is None else np.broadcast_to(margins_at, (trials, np.shape(margins_at)[-1]))
    parts: list[tuple[Integers, VisitEffects]] = []
    for begin in range(0, trials, _BLOCK):
        block = np.arange(begin, min(begin + _BLOCK, trials))
        design = SubjectDesign(columns=columns[block], lift=written.lift, names=written.names)
        at = None if held_at is None else held_at[block]
        found = _block(data[block], group[block], design, count, by_arm, model, asked, at)
        parts += [(block[places], effects) for places, effects in found]
    return _joined(parts)


def _block(
    values: Floats,
    group: Integers,
    design: SubjectDesign,
    arms: int,
    by_arm: bool,
    model: dict[str, Any],
    asked: dict[str, Any],
    at: Floats | None,
) -> Iterator[tuple[Integers, VisitEffects]]:
    """Yield places of trials that keep the same columns of the design, and their effects."""
    rows = _margins(values, design.columns, design.lift, arms, at)
    kept = kept_columns(values, design, rows)
    for way in np.unique(kept, axis=0):
        places = np.flatnonzero((kept == way).all(axis=1))
        lift = design.lift[way]
        needed = (lift != 0.0).any(axis=(0, 1))
        columns = design.columns[places][..., needed]
        names = tuple(name for name, stays in zip(design.names, way, strict=True) if stays)
        groups = np.maximum(group[places], 0) if by_arm else None
        reduced = SubjectDesign(columns=columns, lift=lift[..., needed], names=names)
        found = fit(values[places], reduced, groups=groups, **model)
        complete = np.isfinite(values[places] + columns.sum(axis=-1, keepdims=True))
        counts = _counts(group[places], complete, arms)
        infer = _inference(found, values[places], reduced, groups, asked)
        yield places, _restored(_effects(found, rows[places][..., way], counts, infer), way, design.names)


def _inference(
    found: Fit, values: Floats, design: SubjectDesign, groups: Integers | None, asked: dict[str, Any]
) -> Callable[[Floats], Contrasts]:
    """Return what tests combinations of coefficients: by the model's variance, or by a robust one."""
    if "sandwich" in asked:
        return partial(robust_contrasts, found, values, design, groups=groups, **asked)
    return partial(contrasts, found, **asked)


def _columns(
    group: Integers, arms: int, baseline: ArrayLike | None, covariates: ArrayLike | None
) -> tuple[Floats, int]:
    """Return 1, arms, baseline, covariates of each patient, and how many of them are free at each visit."""
    trials, subjects = group.shape
    parts = [np.ones((trials, subjects, 1)), (group[..., None] == np.arange(1, arms)).astype(float)]
    if baseline is not None:
        parts.append(np.broadcast_to(np.asarray(baseline, dtype=float), (trials, subjects))[..., None])
    held = sum(part.shape[-1] for part in parts)
    if covariates is not None:
        given = np.asarray(covariates, dtype=float)
        if given.ndim < 2 or given.shape[-2] != subjects:
            raise InputError(
                f"'covariates' have shape {given.shape}; they must be (1 or {trials}, {subjects}, count)."
            )
        parts.append(np.broadcast_to(given, (trials, subjects, given.shape[-1])))
    return np.concatenate(parts, axis=-1), held


def _design(columns: Floats, held: int, arms: int, visits: int, with_baseline: bool) -> SubjectDesign:
    """Return the lift that frees the first columns at each visit and holds the others."""
    width = columns.shape[-1]
    terms = ["visit", *(f"arm{arm}:visit" for arm in range(1, arms)), *(["baseline:visit"] * with_baseline)]
    names, lift = [], np.zeros((held * visits + width - held, visits, width))
    for place, term in enumerate(terms):
        for visit in range(visits):
            lift[place * visits + visit, visit, place] = 1.0
            names.append(f"{term}{visit + 1}")
    for extra in range(width - held):
        lift[held * visits + extra, :, held + extra] = 1.0
        names.append(f"covariate{extra + 1}")
    return SubjectDesign(columns=columns, lift=lift, names=tuple(names))


def _margins(values: Floats, columns: Floats, lift: Floats, arms: int, held: Floats | None) -> Floats:
    """Return the LS means as combinations of coefficients, arm by arm, (trials, arms * visits, p)."""
    trials, _, visits = values.shape
    complete = np.asarray(np.isfinite(columns).all(axis=-1))
    seen = (np.isfinite(values) & complete[..., None]).sum(axis=-1)
    share = seen / np.maximum(seen.sum(axis=1, keepdims=True), 1)
    mean = (share[..., None] * np.where(complete[..., None], columns, 0.0)).sum(axis=1)
    if held is not None:
        last = mean[:, -held.shape[1] :]
        mean[:, -held.shape[1] :] = np.where(np.isnan(held), last, held)
    rows = []
    for arm in range(arms):
        at = mean.copy()
        at[:, 0] = 1.0
        at[:, 1:arms] = np.arange(1, arms) == arm
        rows.append((lift[None] @ at[:, None, :, None])[..., 0].swapaxes(1, 2))
    return np.stack(rows, axis=1).reshape(trials, arms * visits, -1)


def _counts(group: Integers, seen: NDArray[np.bool_], arms: int) -> Integers:
    """Return the patients analysed of each arm at each visit."""
    member = group[:, None, :, None] == np.arange(arms)[:, None, None]
    return np.asarray((member & seen[:, None]).sum(axis=2), dtype=np.int64)


def _effects(
    found: Fit, rows: Floats, counts: Integers, infer: Callable[[Floats], Contrasts]
) -> VisitEffects:
    trials, arms, visits = counts.shape
    by_arm = rows.reshape(trials, arms, visits, -1)
    against = (by_arm[:, 1:] - by_arm[:, :1]).reshape(trials, (arms - 1) * visits, -1)
    return VisitEffects(
        means=_shaped(infer(rows), arms),
        differences=_shaped(infer(against), arms - 1),
        counts=counts,
        diagnosis=found.diagnosis,
        structure=found.structure,
        attempts=found.attempts,
        iterations=found.iterations,
        structures=found.structures,
        coefficients=found.coefficients,
        left_out=np.zeros(found.coefficients.shape, dtype=bool),
        sigma=found.sigma,
        objective=found.objective,
        names=found.names,
    )


def _restored(effects: VisitEffects, way: NDArray[np.bool_], names: tuple[str, ...]) -> VisitEffects:
    """Give the columns that were left out their place again, without a coefficient."""
    if way.all():
        return effects
    coefficients = np.full((effects.coefficients.shape[0], way.size), np.nan)
    coefficients[:, way] = effects.coefficients
    left_out = np.broadcast_to(~way, coefficients.shape)
    return replace(effects, coefficients=coefficients, left_out=left_out, names=names)


def _shaped(found: Contrasts, arms: int) -> Contrasts:
    parts = {field.name: getattr(found, field.name) for field in fields(Contrasts)}
    return Contrasts(**{name: part.reshape(part.shape[0], arms, -1) for name, part in parts.items()})


def _joined(found: list[tuple[Integers, VisitEffects]]) -> VisitEffects:
    """Put parts of the trials one after the other, in their order."""
    order = np.argsort(np.concatenate([places for places, _ in found]))
    parts = [part for _, part in found]
    named: dict[str, Any] = {"structures": parts[0].structures, "names": parts[0].names}
    for name in ("means", "differences"):
        blocks = [getattr(part, name) for part in parts]
        named[name] = Contrasts(
            **{
                field.name: np.concatenate([getattr(block, field.name) for block in blocks])[order]
                for field in fields(Contrasts)
            }
        )
    for field in fields(VisitEffects):
        if field.name not in named:
            named[field.name] = np.concatenate([getattr(part, field.name) for part in parts])[order]
    return VisitEffects(**named)
