"""How a result came about, and how to make it again."""

from __future__ import annotations

import json
import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata

from euexia import population
from euexia.observe import adverse_events, measurement
from euexia.parameters import ParameterSet
from euexia.protocol import fingerprint, load, loads, shipped
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


def hashes(protocol: Protocol, parameters: ParameterSet) -> dict[str, str]:
    """Return the SHA-256 of everything that a simulated trial is made from.

    A population that does not ship with the package has none.
    """
    found = {
        "protocol": fingerprint(protocol),
        "parameters": parameters.hash,
        "instruments": measurement.fingerprint(),
        "adverse_events": adverse_events.fingerprint(),
    }
    if protocol.population in population.names():
        found["population"] = population.fingerprint(protocol.population)
    return found


def command_line(
    protocol: Protocol, *, trials: int, seed: int, overlays: Sequence[str], until: str = ""
) -> str:
    """Return the command line that simulates these trials of a protocol again."""
    words = ["euexia", "run", _where(protocol), "--trials", str(trials), "--seed", str(seed)]
    if _was_resized(protocol):
        words += ["--size", str(protocol.size)]
    for overlay in overlays:
        words += ["--parameters", str(overlay)]
    words += ["--until", until] if until else []
    return shlex.join(words)


def python_lines(
    protocol: Protocol, *, trials: int, seed: int, overlays: Sequence[str], until: str = ""
) -> str:
    """Return the Python that simulates these trials of a protocol again."""
    loaded = f"euexia.load_protocol({json.dumps(_where(protocol))})"
    resized = _was_resized(protocol)
    named = f", overlays={list(map(str, overlays))!r}" if overlays else ""
    named += f", until={until!r}" if until else ""
    lines = [
        *(["import dataclasses", ""] if resized else []),
        "import euexia",
        "",
        f"protocol = dataclasses.replace({loaded}, size={protocol.size})"
        if resized
        else f"protocol = {loaded}",
        f"study = euexia.operating_characteristics(protocol, trials={trials}, seed={seed}{named})",
    ]
    return "\n".join(lines)


def _where(protocol: Protocol) -> str:
    """Return what loads the protocol: its name if it ships with the package as it is, else its file."""
    return protocol.id if _is_shipped(protocol) else protocol.source_name or protocol.id


def _is_shipped(protocol: Protocol) -> bool:
    """Return whether the file behind the protocol is the one that ships; a changed copy keeps the name."""
    if protocol.id not in shipped():
        return False
    return not protocol.source_text or protocol.source_text == load(protocol.id).source_text


def _was_resized(protocol: Protocol) -> bool:
    """Return whether the number of patients is another than the one its file gives."""
    if not protocol.source_text:
        return False
    return loads(protocol.source_text, protocol.source_name).size != protocol.size
