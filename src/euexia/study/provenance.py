"""How a result came about, and how to make it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Everything needed to make a result again.

    versions: package to version.  hashes: what was hashed to its SHA-256 (``protocol``, ``parameters``, ``population``).
    command: the command line that makes the result.  python: the same in Python.
    """

    seed: int
    versions: Mapping[str, str]
    hashes: Mapping[str, str]
    command: str
    python: str
