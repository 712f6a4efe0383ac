"""Patients per second: every definition on arrays, and four of them against a plain loop over rows.

Run: ``python benchmarks/criteria.py`` (about a minute, one process).  The plain loop uses fractions to be
exact at the boundaries, as the arrays are.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "contracts"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "properties"))

from test_criteria import ask, sample
from test_criteria_properties import RULES, drawn

from euexia.criteria.catalogue import DEFINITIONS

MEGABYTE = 1024
"""Kilobytes."""


def time_arrays(patients: int) -> dict[str, float]:
    """Return the seconds that each definition takes for so many patients."""
    seconds = {}
    for name, definition in DEFINITIONS.items():
        if definition.function is None:
            continue
        readings = sample(definition, patients)
        begun = time.perf_counter()
        ask(definition, readings)
        seconds[name] = time.perf_counter() - begun
    return seconds


def time_rows(name: str) -> float:
    """Return the seconds that the plain rule takes for one patient."""
    rule, names = RULES[name]
    columns = drawn(names, seed=1)
    rows = list(zip(*(columns[reading].tolist() for reading in names), strict=True))
    begun = time.perf_counter()
    for row in rows:
        rule(*(None if np.isnan(value) else value for value in row))
    return (time.perf_counter() - begun) / len(rows)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=1_000_000)
    patients = parser.parse_args().patients
    seconds = time_arrays(patients)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    print(
        f"{len(seconds)} definitions on {patients:,} patients: {sum(seconds.values()):.1f} s, {memory:.0f} MB"
    )
    for name in sorted(seconds, key=lambda name: -seconds[name])[:8]:
        print(f"  {name:24} {seconds[name]:.2f} s")
    for name in RULES:
        rows = time_rows(name) * patients
        ratio = rows / seconds[name]
        print(f"{name:24} arrays {seconds[name]:.2f} s, plain loop {rows:.1f} s, {ratio:.0f} times")


if __name__ == "__main__":
    main()
