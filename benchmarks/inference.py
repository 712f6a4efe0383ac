"""How sure individual inference is, and how sure it may be: coverage on simulated patients.

    python benchmarks/inference.py 100

Prints the table of docs/explanation/individual-inference.md and writes benchmarks/inference.csv.
"""

from __future__ import annotations

import csv
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from euexia import parameters
from euexia.study import executor, inference_check

POPULATION, SEED, PARTICLES = "inflammatory_cachexia", 20261, 1024


def main(patients: int) -> None:
    """Judge so many simulated patients."""
    begun, refused, hits = time.monotonic(), [], []
    found = inference_check.check(
        patients=patients,
        population_name=POPULATION,
        parameters=parameters.load(),
        seed=SEED,
        particles=PARTICLES,
        workers=executor.default_workers(),
    )
    for done, judged in enumerate(found, start=1):
        refused += [judged] if isinstance(judged, str) else []
        hits += [] if isinstance(judged, str) else judged
        sys.stderr.write(f"\r{done} of {patients}")
    rows = summary(hits)
    with (Path(__file__).parent / "inference.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("what", "measure", "interval", "patients", "held", "error", "median_absolute_error"))
        writer.writerows(rows)
    for row in rows:
        print(*row, sep="  ")
    print(f"{patients - len(refused)} of {patients} patients; {time.monotonic() - begun:.0f} s")
    for text in refused:
        print("-", text.partition("\n")[0])


def summary(hits: list[inference_check.Hit]) -> list[tuple[str, ...]]:
    """Return the coverage of each kind of interval with its Monte-Carlo error."""
    groups: dict[tuple[str, str, str], list[inference_check.Hit]] = defaultdict(list)
    for hit in sorted(hits, key=lambda one: one.patient):
        groups[hit.what, hit.measure, hit.share].append(hit)
    rows = []
    for (what, measure, share), members in groups.items():
        held = float(np.mean([hit.held for hit in members]))
        error = float(np.sqrt(held * (1 - held) / len(members)))
        distance = float(np.median([abs(hit.error) for hit in members]))
        rows.append(
            (what, measure, share, f"{len(members)}", f"{held:.3f}", f"{error:.3f}", f"{distance:.3f}")
        )
    return rows


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
