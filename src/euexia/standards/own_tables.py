"""Trial data in the tables that Euexia itself writes."""

from __future__ import annotations

from pathlib import Path

from euexia.protocol.protocol import Protocol
from euexia.standards.understanding import Source, Understanding
from euexia.trialdata import tables
from euexia.trialdata.files import NEEDED, TABLES
from euexia.trialdata.trialdata import TrialData


def recognise(path: Path, mapping: Path | None) -> bool:
    """Say whether a folder holds trial data as Euexia writes them."""
    return mapping is None and path.is_dir() and all(_has(path, name) for name in NEEDED)


def read(path: Path, mapping: Path | None, protocol: Protocol | None) -> tuple[TrialData, Understanding]:
    """Read the tables; nothing in them is open to doubt."""
    del mapping, protocol
    data = tables.read(path)
    names = tables.subject_identifiers(data.trials, data.size)
    found = tuple(Source(name=name, role="trial data", rows=0, used=0) for name in TABLES if _has(path, name))
    return data, Understanding(
        standard="own tables", sources=found, subjects=tuple(tuple(map(str, row)) for row in names)
    )


def _has(path: Path, name: str) -> bool:
    return any((path / f"{name}{ending}").is_file() for ending in (".parquet", ".csv"))
