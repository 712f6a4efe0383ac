"""An endpoint after an estimand has decided, and who was decided by what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from euexia.endpoints.table import Step

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]

OBSERVED, DEATH, DISCONTINUATION, MISSING = "observed", "death", "discontinuation", "missing"
RESCUE, OUTSIDE = "rescue", "outside"
CENSORED, EVENT, COMPETING = 0, 1, 2
"""How the time to an event ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An endpoint after the estimand has decided; arrays have the shape (trials, subjects).

    value: NaN for a subject who is not analysed.  included: who is analysed.  decided: by what each
    subject's value was decided (``observed``, ``death``, ``discontinuation``, ``missing``; ``rescue`` where
    the estimand has a strategy for it, ``outside`` where its population is not everybody): exactly one is
    true for each subject.  series: the change at each visit, shape (trials, subjects, visits).  time, code:
    of a time to event, the days and how they ended (CENSORED, EVENT, COMPETING).  steps: of a hierarchical
    endpoint.  exposure: days that count for an event rate.
    """

    value: Floats
    included: Flags
    decided: Mapping[str, Flags]
    words: str
    notes: tuple[str, ...]
    series: Floats | None = None
    time: Floats | None = None
    code: Codes | None = None
    steps: tuple[Step, ...] = ()
    exposure: Floats | None = None
    eligible: Flags | None = None
    """Of a series: who belongs to the analysis even without any value, for methods that impute."""


def count(settled: Settled, members: Flags) -> dict[str, Floats]:
    """Return per trial how many of an arm were decided by what, and how many are not analysed.

    members: who belongs to the arm, shape (trials, subjects).
    """
    numbers = {name: (flags & members).sum(axis=1).astype(float) for name, flags in settled.decided.items()}
    return {**numbers, "not_analysed": (members & ~settled.included).sum(axis=1).astype(float)}


def leave_out(settled: Settled, who: Flags) -> Settled:
    """Return the same with some subjects not analysed, whatever decided about them."""
    aside = who[..., np.newaxis]
    return replace(
        settled,
        value=np.where(who, np.nan, settled.value),
        included=settled.included & ~who,
        series=None if settled.series is None else np.where(aside, np.nan, settled.series),
        time=None if settled.time is None else np.where(who, np.nan, settled.time),
        eligible=None if settled.eligible is None else settled.eligible & ~who,
        steps=tuple(replace(step, value=np.where(who, np.nan, step.value)) for step in settled.steps),
    )
