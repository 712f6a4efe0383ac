"""How a result came about, and how to make it again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

from euexia.version import __version__

PACKAGES = ("jax", "numpy", "scipy")
"""Packages whose version can move a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Everything needed to make a result again.

    versions: package to version.  hashes: what was hashed (``protocol``, ``parameters``) to its SHA-256.
    command: the command line that makes the result, if there is one.  python: the same in Python.
    """

    seed: int | None
    """None when trials were handed over and nobody said how they were made."""
    versions: Mapping[str, str]
    hashes: Mapping[str, str]
    command: str
    python: str


def versions() -> dict[str, str]:
    """Return the versions of Euexia, Python and the packages that can move a number."""
    found = {name: metadata.version(name) for name in PACKAGES}
    return {"euexia": __version__, "python": platform.python_version()} | found


def hash_text(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
