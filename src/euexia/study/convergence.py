"""How power and false alarms settle as trials come in, with their Monte-Carlo band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.protocol.protocol import Protocol
from euexia.statistics.proportions import clopper_pearson
from euexia.study.decisions import SCENARIOS, Decisions

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

LEVEL = 0.95
FIRST = 10
POINTS = 120
"""At so many numbers of trials, evenly spread over their logarithms, a curve is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Convergence:
    """The share of trials in which one analysis rejects, over the first so many of them.

    low, high: exact 95 % interval (Clopper and Pearson) of the share at that number of trials.
    """

    analysis: str
    scenario: str
    trials: Counts
    share: Floats
    low: Floats
    high: Floats


def convergence(protocol: Protocol, decisions: Decisions) -> tuple[Convergence, ...]:
    """Return the course of every primary analysis, as modelled and without effect, in the order of trials."""
    grid = _grid(decisions.trials)
    return tuple(
        _course(analysis.name, scenario, decisions, grid)
        for scenario in SCENARIOS
        for analysis in protocol.analyses
        if analysis.primary
    )


def _grid(trials: int) -> Counts:
    first = min(FIRST, trials)
    return np.unique(np.rint(np.geomspace(first, trials, POINTS)).astype(np.int64))


def _course(analysis: str, scenario: str, decisions: Decisions, grid: Counts) -> Convergence:
    hits = np.cumsum(decisions.rejections(scenario, analysis))[grid - 1]
    low, high = clopper_pearson(hits, grid, LEVEL)
    return Convergence(
        analysis=analysis, scenario=scenario, trials=grid, share=hits / grid, low=low, high=high
    )
