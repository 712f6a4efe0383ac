"""An append-only log of decisions: one JSON object a line, each carrying the hash of the line before."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from euexia.core.errors import InputError, OutputError
from euexia.version import __version__

FIRST = "0" * 64
"""What the first line carries in place of a hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """A log as it is: how many lines, and the hash of the last."""

    lines: int
    last: str


def line_hash(line: str) -> str:
    """Return the SHA-256 of a line without its line end."""
    return hashlib.sha256(line.encode()).hexdigest()


def verify(path: Path) -> LogState:
    """Return the state of a log; raise InputError, with the line, if anything in it was changed."""
    if not path.exists():
        return LogState(lines=0, last=FIRST)
    last = FIRST
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"'{path}', line {number} is damaged. Keep it, and start a new log.") from error
        if not isinstance(entry, dict) or entry.get("previous") != last or entry.get("line") != number:
            raise InputError(
                f"'{path}' was changed: line {number} does not follow from the one before. Keep it as it is, "
                "find out why, and start a new log."
            )
        last = line_hash(line)
    return LogState(lines=len(lines), last=last)


def append(path: Path, entry: Mapping[str, Any], *, now: datetime | None = None) -> str:
    """Append an entry to a log, after checking it whole; return the hash of the new line.

    Raises InputError for a log that was changed, OutputError when it cannot be written.
    """
    state = verify(path)
    when = now or datetime.now(UTC)
    line = json.dumps(
        {
            "line": state.lines + 1,
            "time": when.isoformat(timespec="seconds"),
            "euexia": __version__,
            **entry,
            "previous": state.last,
        },
        ensure_ascii=False,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(f"The log '{path}' cannot be written: {error.strerror or error}.") from error
    return line_hash(line)
