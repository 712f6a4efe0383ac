"""How a result came about, and how to make it again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

from euexia import population
from euexia.observe import adverse_events, measurement
from euexia.parameters import ParameterSet
from euexia.protocol.protocol import Protocol
from euexia.version import __version__

PACKAGES = ("jax", "numpy", "scipy")
"""Packages whose version can move a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Everything needed to make a result again.

    versions: package to version.  hashes: what was hashed (``protocol``, ``parameters``, ``population``,
    ``instruments``, ``adverse_events``) to its SHA-256.
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


def hashes(protocol: Protocol, parameters: ParameterSet) -> dict[str, str]:
    """Return the SHA-256 of everything that a simulated trial is made from.

    A population that does not ship with the package has none.
    """
    found = {
        "protocol": hash_text(protocol.source_text),
        "parameters": parameters.hash,
        "instruments": measurement.fingerprint(),
        "adverse_events": adverse_events.fingerprint(),
    }
    if protocol.population in population.names():
        found["population"] = population.fingerprint(protocol.population)
    return found
