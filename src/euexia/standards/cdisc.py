"""CDISC in: SDTM and ADaM, in any format and mixture, to trial data."""

from __future__ import annotations

from pathlib import Path

from euexia.core.errors import InputError
from euexia.protocol.protocol import Protocol
from euexia.standards.understanding import Understanding
from euexia.trialdata.trialdata import TrialData


def recognise(path: Path, mapping: Path | None) -> bool:
    """Say whether a file or a folder holds SDTM or ADaM."""
    del path, mapping
    return False


def read(path: Path, mapping: Path | None, protocol: Protocol | None) -> tuple[TrialData, Understanding]:
    """Read SDTM and ADaM."""
    del mapping, protocol
    raise InputError(f"'{path}': not yet.")
