"""What is decided in each trial, kept in the order of trials: for stopping rules and convergence.

A flag per trial, scenario and analysis, and two counts per trial and arm: nothing else of a trial is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from euexia.protocol.protocol import Protocol
from euexia.study.block import Block

Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]

SCENARIOS = ("as_modelled", "without_effect")


@dataclass(slots=True)
class Decisions:
    """The rejections of every analysis, and the responders of every arm, of the trials so far."""

    protocol: Protocol
    trials: int = 0
    _rejections: dict[tuple[str, str], list[Flags]] = field(default_factory=dict)
    _responders: dict[str, list[tuple[Counts, Counts]]] = field(default_factory=dict)

    def add(self, modelled: Block, without_effect: Block) -> None:
        """Add the next trials."""
        self.trials += modelled.trials
        for scenario, block in zip(SCENARIOS, (modelled, without_effect), strict=True):
            for name, part in block.analyses.items():
                self._rejections.setdefault((scenario, name), []).append(part.reject)
        if modelled.arms.responders is None:
            return
        for place, arm in enumerate(self.protocol.arms):
            counts = (modelled.arms.responders[:, place], modelled.arms.analysed[:, place])
            self._responders.setdefault(arm.name, []).append(counts)

    def rejections(self, scenario: str, analysis: str) -> Flags:
        """Return in which trials an analysis rejects, shape (trials,)."""
        return np.concatenate(self._rejections[scenario, analysis])

    def responders(self, arm: str) -> tuple[Counts, Counts]:
        """Return the responders and the analysed of each trial, as modelled, shape (trials,) each."""
        found = self._responders[arm]
        return np.concatenate([x for x, _ in found]), np.concatenate([y for _, y in found])
