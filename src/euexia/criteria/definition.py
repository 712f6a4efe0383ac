"""What every published definition or score carries with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """Name, version and origin of one definition, score or formula.

    source_verified: whether its numbers were seen at a public source; False means they await a check against
    the paper.
    """

    id: str
    version: str
    source: str
    source_verified: bool
