"""Peak memory of runs of different lengths: flat, because a trial leaves a few numbers behind.

Prints one row per number of trials: peak resident memory of the process that gathers and of the worker that
computes most, in MB, and the time.  ``python benchmarks/memory.py 1000 10000 100000``.
"""

from __future__ import annotations

import dataclasses
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZE = 10
"""Patients per trial: what grows with the number of trials shows best where trials are small."""
WORKERS = 2
KILOBYTES_PER_MEGABYTE = 1024


def measure(trials: int) -> None:
    """Run and print the peaks of this process and its workers, and the seconds, for the parent to read."""
    from euexia import load_protocol
    from euexia.study import replicate

    protocol = dataclasses.replace(load_protocol("lenalidomide"), size=SIZE)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        replicate.run(protocol, trials=trials, workers=WORKERS, folder=Path(place) / "run")
    seconds = time.monotonic() - begun
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(*(round(peak / KILOBYTES_PER_MEGABYTE) for peak in peaks), f"{seconds:.0f}")


def main(sizes: list[str]) -> None:
    """Measure each number of trials in a process of its own."""
    print(f"{'trials':>10} {'gathering MB':>13} {'worker MB':>10} {'seconds':>8}")
    for trials in sizes or ["1000", "10000"]:
        done = subprocess.run(
            [sys.executable, __file__, "--measure", trials], capture_output=True, text=True, check=True
        )
        gathering, worker, seconds = done.stdout.split()
        print(f"{int(trials):>10,} {gathering:>13} {worker:>10} {seconds:>8}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(int(sys.argv[2]))
    else:
        main(sys.argv[1:])
