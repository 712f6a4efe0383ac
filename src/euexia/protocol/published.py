"""What was published of a trial, and which simulated figure it is to be set beside."""

from __future__ import annotations

from dataclasses import dataclass

ESTIMATE = "estimate"
"""The figure that is an analysis's own estimate; every other is one of its numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One published result beside which a simulated figure is set.

    It decides nothing: the simulation never reads it.
    """

    name: str
    study: str
    """Identifier of the published study (``euexia evidence``)."""
    row: str
    """Which of its rows."""
    analysis: str
    """The planned analysis whose figure is compared."""
    figure: str = ESTIMATE
    """``estimate``, or a number of that analysis such as ``mean``, ``mean_control`` or ``median``."""
    reversed: bool = False
    """The difference was printed the other way round, control less arm; it is compared turned round."""
    note: str = ""
    """Where like is not quite compared with like: in what they differ."""
