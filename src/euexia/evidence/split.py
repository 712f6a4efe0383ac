"""Which published rows the model may be fitted to, and which only judge it: fixed in the evidence files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from euexia.evidence.loader import load, shipped
from euexia.evidence.row import Row, Use


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedRow:
    """One row that is for calibration or held out, with its place."""

    study: str
    key: str
    row: Row


def rows_for(use: Use) -> Iterator[UsedRow]:
    """Yield every row of one use, by study and in the order of its file.

    Fitting asks for ``Use.CALIBRATION`` and so is never handed a row that is held out.
    """
    for study in shipped():
        for key, row in load(study).rows.items():
            if row.use is use:
                yield UsedRow(study=study, key=key, row=row)


def studies_of(use: Use) -> tuple[str, ...]:
    """Return the studies that have a row of this use."""
    return tuple(dict.fromkeys(entry.study for entry in rows_for(use)))


def uses() -> Mapping[str, Use]:
    """Return what each study is for, where it is for more than context."""
    return {study: use for use in (Use.CALIBRATION, Use.HOLDOUT) for study in studies_of(use)}


def split_hash() -> str:
    """Return the SHA-256 of who is on which side: study, row and use, without any value."""
    lines = [
        f"{entry.study}.{entry.key} {entry.row.use}"
        for use in (Use.CALIBRATION, Use.HOLDOUT)
        for entry in rows_for(use)
    ]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
