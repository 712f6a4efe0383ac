"""Definitions made from array functions: readings by name in, an Outcome out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import Truth
from euexia.criteria.criterion import Flags, fixed
from euexia.criteria.definition import CATEGORY, Definition, Input, asked
from euexia.criteria.outcome import Codes, Outcome, Status, answer, classified, measured

Present = Callable[[Any], Outcome]
Floats = NDArray[np.float64]

NAN = float("nan")
GRADES = tuple(f"grade {number}" for number in range(6))


def asking(
    definition: Definition,
    compute: Callable[..., Any],
    present: Present,
    *,
    arguments: Mapping[str, str] | None = None,
) -> Definition:
    """Return the definition with a function that asks its inputs, computes, and presents what it found.

    compute: array function; its keywords are the names of the inputs, or what ``arguments`` maps them to, and
    the options of the definition.  A flag that counts as absent unless stated arrives as 0.  present: makes
    an outcome; readings that are missing (NaN) where it is open are named here.
    """
    keywords = {entry.name: (arguments or {}).get(entry.name, entry.name) for entry in definition.inputs}

    def rule(**readings: Any) -> Outcome:
        given = {keywords.get(name, name): array for name, array in readings.items()}
        for entry in definition.inputs:
            if entry.absent_unless_stated:
                given[keywords[entry.name]] = np.nan_to_num(readings[entry.name], nan=0.0)
        return _named(present(compute(**given)), definition.inputs, readings)

    rule.__name__, rule.__qualname__, rule.__doc__ = definition.id, definition.id, compute.__doc__
    function = asked(*definition.inputs)(rule)
    function.__signature__ = _signature(definition, compute)  # type: ignore[attr-defined]
    return replace(definition, function=function)


def value_of(result: ArrayLike) -> Outcome:
    """Present a number."""
    return measured(result)


def truth_of(result: Truth) -> Outcome:
    """Present a truth array."""
    return answer(fixed(result))


def one_of(categories: tuple[str, ...]) -> Callable[[Codes], Outcome]:
    """Return what presents an index into the categories, -1 for unknown."""
    return lambda result: classified(np.asarray(result), categories, missing={})


def grades(highest: int) -> Callable[[Codes], Outcome]:
    """Return what presents a grade from 0 to ``highest``."""
    return one_of(GRADES[: highest + 1])


def stacked(function: Callable[[Floats], Any]) -> Callable[..., Any]:
    """Return a function of readings by name that applies ``function`` to them, stacked on a last axis."""

    def compute(**readings: Floats) -> Any:
        return function(np.stack(np.broadcast_arrays(*readings.values()), axis=-1))

    compute.__doc__ = function.__doc__
    return compute


def _named(outcome: Outcome, inputs: tuple[Input, ...], readings: Mapping[str, Any]) -> Outcome:
    """Return the outcome with the names of the readings that are missing where it is open."""
    open_ = np.asarray(outcome.status != Status.OK)
    missing: dict[str, Flags] = {
        name: gap & open_ for name, gap in outcome.missing.items() if (gap & open_).any()
    }
    for entry in inputs:
        gap = readings[entry.name] < 0 if entry.kind == CATEGORY else np.isnan(readings[entry.name])
        if not entry.absent_unless_stated and (gap & open_).any():
            missing[entry.name] = gap & open_ | missing.get(entry.name, False)
    return replace(outcome, missing=missing)


def _signature(definition: Definition, compute: Callable[..., Any]) -> inspect.Signature:
    """Return the signature by inputs and options."""
    kind = inspect.Parameter.KEYWORD_ONLY
    entries = [inspect.Parameter(entry.name, kind, default=NAN) for entry in definition.inputs]
    known = inspect.signature(compute).parameters
    options = [inspect.Parameter(name, kind, default=known[name].default) for name in definition.options]
    return inspect.Signature([*entries, *options], return_annotation=Outcome)
