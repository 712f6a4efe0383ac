"""The CDISC rules engine (CORE) as an outside judge, where it is installed; it runs as a program of its own.

Euexia neither contains nor needs it.  It is looked for under the name ``core`` or ``cdisc-rules-engine`` on
the path, or where EUEXIA_CDISC_CORE points: a program, or the ``core.py`` of a checkout.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from euexia.core.errors import OutputError
from euexia.standards.export import Standard

PLACE = "EUEXIA_CDISC_CORE"
NAMES = ("cdisc-rules-engine", "core")
STANDARDS: Mapping[Standard, tuple[str, str]] = {
    Standard.SDTM: ("sdtmig", "3-4"),
    Standard.ADAM: ("adamig", "1-3"),
}
PATIENCE = 900.0
"""Seconds after which the engine is taken to hang."""
NOT_FOUND = "CORE not found; built-in checks only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One finding of the engine: its rule, the dataset, what it says, and how often."""

    rule: str
    dataset: str
    message: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the engine found, or why it was not asked."""

    asked: bool
    words: str
    issues: tuple[Issue, ...] = ()


def command() -> tuple[str, ...] | None:
    """Return how the engine is started; None where it is not installed."""
    given = os.environ.get(PLACE, "")
    if given:
        return (sys.executable, given) if given.endswith(".py") else (given,)
    found = next((place for name in NAMES if (place := shutil.which(name))), None)
    return None if found is None else (found,)


def judge(folder: Path, standard: Standard) -> Judgement:
    """Let the engine check the datasets of a folder; say so where it is not installed.

    Raises OutputError if it is installed and fails.
    """
    start = command()
    if start is None:
        return Judgement(asked=False, words=NOT_FOUND)
    name, version = STANDARDS[standard]
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report"
        words = [*start, "validate", "-s", name, "-v", version, "-d", str(folder.resolve())]
        _run([*words, "-o", str(report), "-of", "JSON"])
        issues = _issues(json.loads(report.with_suffix(".json").read_text("utf-8")))
    found = f"{len(issues)} kinds of findings" if issues else "no findings"
    return Judgement(asked=True, words=f"CORE, {name} {version}: {found}", issues=issues)


def _run(words: Sequence[str]) -> None:
    """Run the engine in its own folder, where it keeps its rules."""
    script = Path(words[1]) if words[1].endswith(".py") else Path(words[0])
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=script.resolve().parent
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutputError(f"CORE could not be run ({words[0]}): {error}. Unset {PLACE} to go on.") from error
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no message"]
        raise OutputError(f"CORE ended with code {done.returncode}: {last[0]}. Unset {PLACE} to go on.")


def _issues(report: Mapping[str, Any]) -> tuple[Issue, ...]:
    """Return the summary of a report in JSON."""
    return tuple(
        Issue(
            rule=str(entry.get("core_id", "")),
            dataset=str(entry.get("dataset", "")),
            message=str(entry.get("message", "")),
            count=int(entry.get("issues", 1)),
        )
        for entry in report.get("Issue_Summary", ())
    )
