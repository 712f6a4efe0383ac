"""What every published definition, score or formula carries with it, and how it is asked.

A rule is a pure function of readings by name, on scalars, NumPy arrays or columns of a data frame; ``asked``
wraps it once with what all rules share: missing values, plausible ranges and the shape of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from math import inf
from typing import Any, ParamSpec

import numpy as np

from euexia.core.errors import InputError
from euexia.core.quantities import CANONICAL
from euexia.criteria.criterion import Flags, Floats
from euexia.criteria.outcome import Outcome, shaped, with_invalid

Rule = ParamSpec("Rule")

FLAG = "flag"
"""Kind of a yes/no input: 1, 0 or missing."""
CATEGORY = "category"
"""Kind of an input that is one of ``Input.categories``: by name, or by its place in them."""
FLUID_RETENTION = "fluid_retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One reading that a definition asks for; a number is in the canonical unit of its kind.

    name: keyword of the function.  kind: of core.quantities.CANONICAL, FLAG or CATEGORY.  required: False
    where an answer may be had without it.  low, high: plausible range; a value outside is refused, never
    clipped (decisions of this project, not clinical thresholds).  whole: only whole multiples of this step
    are readings.  absent_unless_stated: a missing flag counts as no (exclusions that are recorded only when
    present).  spoiled_by_fluid: cannot be used where fluid_retention is stated.
    """

    name: str
    kind: str
    meaning: str
    required: bool = True
    low: float = -inf
    high: float = inf
    whole: float | None = None
    categories: tuple[str, ...] = ()
    absent_unless_stated: bool = False
    spoiled_by_fluid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """Name, version and origin of one definition, score or formula, and the function that applies it.

    source_verified: whether its numbers were seen at a public source; False means they await a check against
    the paper.  unverified: the parts that await it where the others do not.  concept: what it is about
    ("cachexia", "malnutrition", "sarcopenia", "score" ...).  inputs: readings, by the names of the function's
    keyword arguments.  options: further keyword arguments, such as an operator on which copies of the source
    differ, with their meaning; each has a default.  monotone: whether learning a missing reading can never
    turn one decided answer into another (all rules of AND and OR).
    """

    id: str
    version: str
    source: str
    source_verified: bool
    concept: str = "measurement"
    inputs: tuple[Input, ...] = ()
    function: Callable[..., Outcome] | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    unverified: tuple[str, ...] = ()
    monotone: bool = True
    licence_note: str = ""


def asked(*inputs: Input) -> Callable[[Callable[Rule, Outcome]], Callable[Rule, Outcome]]:
    """Return a decorator that gives a rule its readings as arrays and its answer one shape.

    Readings arrive as float64 with NaN for missing, categories as their index with -1 for missing.  Values
    that are not plausible, and weights under fluid retention, are withheld from the rule and named in
    ``Outcome.invalid``.
    """
    known = {entry.name: entry for entry in inputs}

    def decorate(rule: Callable[Rule, Outcome]) -> Callable[Rule, Outcome]:
        @wraps(rule)
        def applied(*args: Rule.args, **given: Rule.kwargs) -> Outcome:
            readings: dict[str, Any] = {}
            invalid: dict[str, Flags] = {}
            for name, entry in known.items():
                readings[name], refused = _usable(entry, given.get(name))
                if refused is not None:
                    invalid[name] = refused
            shape = np.broadcast_shapes(*(array.shape for array in readings.values()))
            invalid = _spoil_by_fluid(inputs, readings, invalid)
            options = {name: value for name, value in given.items() if name not in known}
            outcome = rule(*args, **readings, **options)  # type: ignore[arg-type]
            return shaped(with_invalid(outcome, invalid), shape)

        return applied

    return decorate


def numbers(values: object) -> Floats:
    """Return readings as float64 with NaN for missing: from scalars, arrays or columns of a data frame."""
    if values is None:
        return np.asarray(np.nan)
    if hasattr(values, "to_numpy"):
        if hasattr(values, "isna"):  # pandas: its own missing marks must become NaN
            return np.asarray(values.to_numpy(dtype=float, na_value=np.nan), dtype=float)
        return np.asarray(values.to_numpy(), dtype=float)
    return np.asarray(values, dtype=float)


def _usable(entry: Input, values: object) -> tuple[Any, Flags | None]:
    """Return the readings a rule may see, and where a given one was refused."""
    if entry.kind == CATEGORY:
        return _indices(entry, values), None
    try:
        given = numbers(values)
    except (TypeError, ValueError) as error:
        unit = "1, 0 or missing" if entry.kind == FLAG else f"a number in {CANONICAL[entry.kind]}"
        raise InputError(f"'{entry.name}' must be {unit}: {error}.") from error
    if entry.kind == FLAG:
        return np.where((given == 0) | (given == 1), given, np.nan), None
    with np.errstate(invalid="ignore"):
        refused = np.asarray((given < entry.low) | (given > entry.high))
        if entry.whole is not None:
            refused = refused | (np.isfinite(given) & (np.mod(given, entry.whole) != 0))
    if not refused.any():
        return given, None
    return np.where(refused, np.nan, given), refused


def _indices(entry: Input, values: Any) -> Any:
    """Return the index of each category, -1 for a name that is not one of them."""
    if values is None:
        return np.asarray(np.int8(-1))
    if hasattr(values, "isna"):  # pandas: its own missing marks cannot be compared
        values = values.astype(object).to_numpy(na_value=None)
    given = np.asarray(values)
    codes = np.full(given.shape, -1, dtype=np.int8)
    numbered = given.dtype.kind not in "UT"
    for index, name in enumerate(entry.categories):
        if given.dtype.kind in "OUT":
            codes[given == name] = index
        if numbered:
            codes[given == index] = index
    return codes


def _spoil_by_fluid(
    inputs: tuple[Input, ...], readings: dict[str, Any], invalid: dict[str, Flags]
) -> dict[str, Flags]:
    """Withhold what cannot be read under fluid retention; return where readings were refused."""
    if FLUID_RETENTION not in readings:
        return invalid
    retained = readings[FLUID_RETENTION] == 1
    if not retained.any():
        return invalid
    refused = dict(invalid)
    for entry in inputs:
        if entry.spoiled_by_fluid:
            spoiled = retained & ~np.isnan(readings[entry.name])
            refused[entry.name] = refused[entry.name] | spoiled if entry.name in refused else spoiled
            readings[entry.name] = np.where(retained, np.nan, readings[entry.name])
    return refused
