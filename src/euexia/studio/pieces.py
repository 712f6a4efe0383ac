"""Pieces of a run, as they are sent to the computing processes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some trials of a design: the text of its protocol, the file's name in messages, and which trials."""

    text: str
    name: str
    seed: int
    first_trial: int
    trials: int
