"""Global sensitivity of any model to numbers that are known only within a range, computed by SALib.

Screening after Morris (Technometrics 1991;33:161) takes few runs; the indices of Sobol share the variance of
the outcome among the numbers (Saltelli et al., Comput Phys Commun 2010;181:259).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError

Floats = NDArray[np.float64]

LEVELS = 4
"""Levels of the grid of Morris."""
LEAST = {"morris": 4, "sobol": 16}
"""Smallest size that says anything."""
MOST_RUNS = 20_000


class Method(StrEnum):
    """How global sensitivity is measured."""

    MORRIS = "morris"
    """Elementary effects: how far a number moves the outcome across its range, from many places."""
    SOBOL = "sobol"
    """Shares of the variance of the outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indices:
    """What one outcome owes to each number; each field of shape (numbers,).

    Morris: ``own`` is the mean elementary effect over the range, ``overall`` the mean of its size, ``spread``
    its SD, in the unit of the outcome.  Sobol: ``own`` is the first-order index, ``overall`` the total one,
    ``spread`` their difference.  error: half-width of the 95 % interval of ``overall``.
    """

    own: Floats
    overall: Floats
    spread: Floats
    error: Floats


def runs_needed(method: Method, size: int, numbers: int) -> int:
    """Return how many runs of the model a size asks for; raise InputError for a size that cannot be."""
    if size < LEAST[method] or (method is Method.SOBOL and size & (size - 1)):
        rule = "a power of 2, at least 16" if method is Method.SOBOL else "at least 4"
        raise InputError(f"The size {size} does not suit the method {method.value}. Give {rule}.")
    runs = size * (numbers + (2 if method is Method.SOBOL else 1))
    if runs > MOST_RUNS:
        raise InputError(
            f"{runs} runs are too many (at most {MOST_RUNS}). Vary fewer numbers, or give a smaller size."
        )
    return runs


def measure(
    bounds: Mapping[str, tuple[float, float]],
    model: Callable[[Floats], Floats],
    *,
    method: Method,
    size: int,
    seed: int,
) -> tuple[Indices, ...]:
    """Return the indices of each outcome of a model.

    bounds: number to its range.  model: from numbers of shape (runs, numbers) to outcomes of shape (runs,
    outcomes).  size: trajectories of Morris, or base samples of Sobol (a power of 2).  Raises InputError for
    a size that cannot be, and when SALib is not installed.
    """
    runs_needed(method, size, len(bounds))
    problem = {
        "num_vars": len(bounds),
        "names": list(bounds),
        "bounds": [list(entry) for entry in bounds.values()],
    }
    sample, analyse = _functions(method)
    drawn = np.asarray(sample(problem, size, seed), dtype=np.float64)
    outcomes = model(drawn)
    return tuple(
        _indices(analyse, problem, drawn, outcomes[:, place], seed) for place in range(outcomes.shape[1])
    )


def _indices(
    analyse: Callable[..., tuple[Any, ...]],
    problem: Mapping[str, Any],
    drawn: Floats,
    outcome: Floats,
    seed: int,
) -> Indices:
    """Return the indices of one outcome; nothing moves an outcome that never changes."""
    if np.ptp(outcome) == 0:
        nothing = np.zeros(drawn.shape[1])
        return Indices(own=nothing, overall=nothing, spread=nothing, error=nothing)
    own, overall, spread, error = (
        np.asarray(values, dtype=np.float64) for values in analyse(problem, drawn, outcome, seed)
    )
    return Indices(own=own, overall=overall, spread=spread, error=error)


def _functions(method: Method) -> tuple[Callable[..., Any], Callable[..., tuple[Any, ...]]]:
    """Return how to sample, and how to analyse, by SALib."""
    try:
        from SALib.analyze import morris as analyse_morris
        from SALib.analyze import sobol as analyse_sobol
        from SALib.sample import morris as sample_morris
        from SALib.sample import sobol as sample_sobol
    except ImportError as error:
        raise InputError(
            "Sensitivity needs the package SALib. Install it: pip install 'euexia[sensitivity]'."
        ) from error

    def morris(problem: Any, drawn: Floats, outcome: Floats, seed: int) -> tuple[Any, ...]:
        found = analyse_morris.analyze(problem, drawn, outcome, num_levels=LEVELS, seed=seed)
        return found["mu"], found["mu_star"], found["sigma"], found["mu_star_conf"]

    def sobol(problem: Any, drawn: Floats, outcome: Floats, seed: int) -> tuple[Any, ...]:
        found = analyse_sobol.analyze(problem, outcome, calc_second_order=False, seed=seed)
        return found["S1"], found["ST"], found["ST"] - found["S1"], found["ST_conf"]

    match method:
        case Method.MORRIS:
            return lambda p, n, seed: sample_morris.sample(p, n, num_levels=LEVELS, seed=seed), morris
        case Method.SOBOL:
            return lambda p, n, seed: sample_sobol.sample(p, n, calc_second_order=False, seed=seed), sobol
        case _:
            assert_never(method)
