"""Whole commands from outside: how long they take.  Memory is measured by ``benchmarks/memory.py``."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

COMMAND = str(Path(sys.executable).parent / "euexia")
GLANCES = ("--help", "show lenalidomide", "protocols", "parameters", "evidence", "check lenalidomide")
SIZE = 100
"""Patients per trial."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command cost."""

    seconds: float
    processor_seconds: float
    """Of the command and the processes that it waited for."""


def spend(arguments: list[str], **environment: str) -> Spent:
    """Run a command of Euexia and return what it cost."""
    begun = time.perf_counter()
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        [COMMAND, *arguments],
        env={**kept, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"euexia {' '.join(arguments)} failed with exit code {process.returncode}.")
    took = time.perf_counter() - begun
    return Spent(took, used.ru_utime + used.ru_stime)


def run_trials(trials: int, *options: str) -> Spent:
    """Simulate, analyse and report so many lenalidomide trials in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        out = ["--out", f"{folder}/run"]
        return spend(
            ["run", "lenalidomide", "--trials", str(trials), "--size", str(SIZE), *out, *options],
        )


def demo(*, cold: bool) -> Spent:
    """Run the demo, with nothing compiled before if cold."""
    with tempfile.TemporaryDirectory() as folder:
        if cold:
            return spend(["demo", "--out", f"{folder}/demo"], EUEXIA_CACHE_DIR=f"{folder}/cache")
        return spend(["demo", "--out", f"{folder}/demo"])
