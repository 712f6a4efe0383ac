"""Newton and Fisher scoring iterations to the maximum of the likelihood, trial by trial in a stack.

A step uses the observed information where it is positive definite and the expected one elsewhere, and is
halved until the covariance matrix is positive definite and the likelihood no worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.covariance import Structure, derivatives, lower_triangle, matrix
from euexia.statistics.mmrm_likelihood import Curvature, Value, curvature, evaluate, sweep
from euexia.statistics.mmrm_moments import Moments
from euexia.statistics.mmrm_result import Diagnosis

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_ITERATIONS = 60
MOST_HALVINGS = 18
CLOSE = 1e-12
"""Iterations end when g'H^-1 g, twice the squared distance in standard errors, is below this."""
SLACK = 1e-11
"""Relative rounding of the likelihood that is not taken for a worse fit."""
_RIDGE = 0.01
"""Share of its diagonal that is added to an information matrix that is singular."""
NEARLY_SINGULAR = 1e-7
"""Smallest share of a variance that must be left, given the other visits."""

_FEWEST = 0.1
"""Degrees of freedom of a visit's variance below which it cannot be said to have been estimated."""
_ON_THE_WAY = 1e-3
"""The same where the iterations did not end well: they were on their way to a singular covariance."""

MOVED = ("parameters", "sigma", "gradient", "observed", "expected", "first")
"""What of a path changes with every step, apart from the likelihood."""


@dataclass(slots=True, kw_only=True)
class Path:
    """Where the iterations of each trial stand; arrays over the trials of a chunk."""

    parameters: Floats
    sigma: Floats
    value: Value
    curvature: Curvature
    gradient: Floats
    observed: Floats
    expected: Floats
    first: Floats
    iterations: Integers
    decrement: Floats
    diagnosis: Integers


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # a wild step is refused by its likelihood
def maximise(
    moments: Moments, structure: Structure, begin: Floats, times: Sequence[float], *, restricted: bool
) -> Path:
    """Return the end of the iterations from given parameters, shape (trials, groups, parameters)."""
    path = _stand(moments, structure, begin, times, restricted=restricted)
    active = np.flatnonzero(path.diagnosis == Diagnosis.NOT_TRIED)
    for iteration in range(1, MOST_ITERATIONS + 1):
        if active.size == 0:
            break
        part = moments if active.size == path.decrement.size else moments.take(active)
        step, decrement = _step(path.gradient[active], path.observed[active], path.expected[active])
        path.decrement[active], path.iterations[active] = decrement, iteration - 1
        close = decrement < CLOSE
        path.diagnosis[active[close]] = Diagnosis.FITTED
        going = np.flatnonzero(~close)
        if going.size == 0:
            break
        if going.size < active.size:
            active, part, step = active[going], part.take(going), step[going]
        moved, found, value = _search(
            part,
            structure,
            path.parameters[active],
            step,
            path.value.objective[active],
            times,
            restricted=restricted,
        )
        path.diagnosis[active[~found]] = Diagnosis.NOT_CONVERGED
        active, moved = active[found], moved[found]
        if active.size:
            part = part if found.all() else part.take(np.flatnonzero(found))
            here = _stand(part, structure, moved, times, restricted=restricted, value=value)
            _move(path, active, here)
    path.diagnosis[active] = np.where(
        path.diagnosis[active] == Diagnosis.NOT_TRIED, Diagnosis.NOT_CONVERGED, path.diagnosis[active]
    )
    _judge(path)
    return path


def _stand(
    moments: Moments,
    structure: Structure,
    parameters: Floats,
    times: Sequence[float],
    *,
    restricted: bool,
    value: Value | None = None,
) -> Path:
    """Evaluate everything at given parameters; value: of the likelihood there, where it is known."""
    trials, groups, size = parameters.shape
    sigma = matrix(structure, parameters, times)
    if value is None:
        value = evaluate(moments, sigma, restricted=restricted)
    shape = curvature(moments, value, restricted=restricted)
    first, second = derivatives(structure, parameters, times)
    entries = first.shape[-2]
    gradient = shape.gradient.reshape(trials, groups, 1, entries)
    if structure is Structure.UNSTRUCTURED:
        observed, expected, along = shape.observed, shape.expected, shape.gradient
    else:
        along = (gradient @ first).reshape(trials, groups * size)
        observed = chain(shape.observed, first)
        expected = chain(shape.expected, first)
        bend = (gradient @ second.reshape(trials, groups, entries, size * size)).reshape(
            trials, groups, size, size
        )
        for group in range(groups):
            block = slice(group * size, (group + 1) * size)
            observed[:, block, block] += bend[:, group]
    return Path(
        parameters=parameters,
        sigma=sigma,
        value=value,
        curvature=shape,
        gradient=along,
        observed=observed,
        expected=expected,
        first=np.array(first),
        iterations=np.zeros(trials, dtype=np.int64),
        decrement=np.full(trials, np.nan),
        diagnosis=np.where(value.positive, Diagnosis.NOT_TRIED, Diagnosis.COVARIANCE_SINGULAR).astype(
            np.int64
        ),
    )


def chain(information: Floats, first: Floats) -> Floats:
    """Return J'HJ for block diagonal J, first: (trials, groups, entries, parameters)."""
    trials, groups, entries, size = first.shape
    blocks = information.reshape(trials, groups, entries, groups, entries).transpose(0, 1, 3, 2, 4)
    turned = first[:, :, None].swapaxes(-1, -2) @ np.ascontiguousarray(blocks) @ first[:, None]
    return np.ascontiguousarray(turned.transpose(0, 1, 3, 2, 4)).reshape(trials, groups * size, groups * size)


def _step(gradient: Floats, observed: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Return the way to the maximum of the local parabola, and g'H^-1 g."""
    inverse, _, positive = sweep(observed)
    if not positive.all():
        second, _, fallback = sweep(expected)
        if not fallback.all():  # the data do not determine some parameter: take short steps in its direction
            diagonal = np.diagonal(expected, axis1=1, axis2=2)
            eye = np.eye(diagonal.shape[1])
            ridge = eye * (_RIDGE * diagonal + np.finfo(float).tiny)[:, None, :]
            third, _, last = sweep(expected + ridge)
            third = np.where(last[:, None, None], third, 0.0)  # no way out: stop here, and be judged
            second = np.where(fallback[:, None, None], second, third)
        inverse = np.where(positive[:, None, None], inverse, second)
    step = -(inverse @ gradient[..., None])[..., 0]
    return step, -(step * gradient).sum(axis=-1)


def _search(
    moments: Moments,
    structure: Structure,
    parameters: Floats,
    step: Floats,
    before: Floats,
    times: Sequence[float],
    *,
    restricted: bool,
) -> tuple[Floats, Flags, Value | None]:
    """Halve each trial's step until the likelihood is no worse.

    Returns where to, whether it was found, and the likelihood there if no step had to be halved.
    """
    moved = parameters.copy()
    waiting = np.arange(parameters.shape[0])
    step = step.reshape(parameters.shape)
    for halving in range(MOST_HALVINGS + 1):
        part = moments if waiting.size == parameters.shape[0] else moments.take(waiting)
        trial = parameters[waiting] + step[waiting] * 0.5**halving
        value = evaluate(part, matrix(structure, trial, times), restricted=restricted)
        better = value.objective <= before[waiting] + SLACK * (1.0 + np.abs(before[waiting]))
        if halving == 0 and better.all():
            return trial, better, value
        moved[waiting[better]] = trial[better]
        waiting = waiting[~better]
        if waiting.size == 0:
            break
    found = np.ones(parameters.shape[0], dtype=bool)
    found[waiting] = False
    return moved, found, None


def _move(path: Path, places: Integers, here: Path) -> None:
    """Take over where some of the trials stand now."""
    if places.size == path.decrement.size:
        path.value, path.curvature = here.value, here.curvature
    else:
        for name in ("objective", "positive", "coefficients", "spread", "weights"):
            getattr(path.value, name)[places] = getattr(here.value, name)
        for name in ("gradient", "observed", "expected", "slopes"):
            getattr(path.curvature, name)[places] = getattr(here.curvature, name)
    for name in MOVED:
        getattr(path, name)[places] = getattr(here, name)


def _judge(path: Path) -> None:
    """Say of what looks converged, or stuck, whether the covariance or the information is singular."""
    deviations = np.sqrt(np.diagonal(path.sigma, axis1=-2, axis2=-1))
    correlation = path.sigma / deviations[..., :, None] / deviations[..., None, :]
    _, _, proper = sweep(correlation, NEARLY_SINGULAR)
    _, _, inside = sweep(correlation, _ON_THE_WAY)
    proper, inside = np.asarray(proper.all(axis=-1)), np.asarray(inside.all(axis=-1))
    _, _, determined = sweep(path.observed)
    _, _, identified = sweep(path.expected)
    ended = (path.diagnosis == Diagnosis.FITTED) | (path.diagnosis == Diagnosis.NOT_CONVERGED)
    fitted = path.diagnosis == Diagnosis.FITTED
    path.diagnosis[ended & ~proper] = Diagnosis.COVARIANCE_SINGULAR
    path.diagnosis[ended & proper & ~identified] = Diagnosis.INFORMATION_SINGULAR
    path.diagnosis[fitted & proper & identified & ~determined] = Diagnosis.INFORMATION_SINGULAR
    path.diagnosis[(path.diagnosis == Diagnosis.FITTED) & ~_known(path)] = Diagnosis.INFORMATION_SINGULAR
    path.diagnosis[ended & (path.diagnosis != Diagnosis.FITTED) & ~inside] = Diagnosis.COVARIANCE_SINGULAR


def _known(path: Path) -> Flags:
    """Return where the variance of every visit has been estimated at all, by its own degrees of freedom."""
    groups, visits = path.sigma.shape[1], path.sigma.shape[2]
    rows, columns = lower_triangle(visits)
    diagonal = np.tile(rows == columns, groups)
    uncertainty = np.diagonal(entry_covariance(path, path.observed), axis1=1, axis2=2)[:, diagonal]
    variances = np.diagonal(path.sigma, axis1=-2, axis2=-1).reshape(uncertainty.shape)
    return np.asarray((2.0 * variances**2 >= _FEWEST * uncertainty).all(axis=1))


def entry_covariance(path: Path, information: Floats) -> Floats:
    """Return the asymptotic covariance of the entries of Sigma, J (information / 2)^-1 J'."""
    trials, groups, entries, size = path.first.shape
    inverse, _, _ = sweep(information)
    blocks = inverse.reshape(trials, groups, size, groups, size).transpose(0, 1, 3, 2, 4)
    turned = path.first[:, :, None] @ np.ascontiguousarray(blocks) @ path.first[:, None].swapaxes(-1, -2)
    whole = np.ascontiguousarray(turned.transpose(0, 1, 3, 2, 4))
    return 2.0 * whole.reshape(trials, groups * entries, groups * entries)
