"""Draw the data sets that R and Euexia both analyse: twelve shapes of repeated measurements.

Run: ``python make_data.py`` here; the file it writes is committed, so that nobody needs to.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

SETS = {
    # name: (patients per arm, times, standard deviations, correlation, share missing, monotone, mean)
    "complete": ((30, 30), (1, 2, 3, 4), (4, 5, 6, 7), 0.6, 0.0, True, 70),
    "unbalanced": ((45, 15), (1, 2, 3, 4), (4, 5, 6, 7), 0.6, 0.15, True, 70),
    "heavily_missing": ((50, 50), (1, 2, 3, 4), (3, 5, 5, 8), 0.5, 0.45, False, 30),
    "tiny": ((5, 5), (1, 2, 3), (2, 2, 3), 0.5, 0.0, True, 10),
    "tiny_with_gaps": ((8, 7), (1, 2, 3), (2, 3, 3), 0.4, 0.1, False, 10),
    "near_singular": ((25, 25), (1, 2, 3, 4), (5, 5.5, 6, 6), 0.97, 0.1, False, 60),
    "far_from_zero": ((40, 40), (1, 2, 3, 4), (0.5, 0.6, 0.8, 1.0), 0.7, 0.1, True, 1000),
    "six_visits": ((35, 35), (1, 2, 3, 4, 5, 6), (2, 2, 3, 3, 4, 5), 0.7, 0.15, False, 40),
    "two_visits": ((20, 20), (1, 2), (3, 4), 0.5, 0.1, False, 25),
    "weak_correlation": ((40, 40), (1, 2, 3), (4, 2, 6), 0.05, 0.2, False, 50),
    "uneven_times": ((40, 35), (2, 4, 12, 24), (5, 5, 5, 5), 0.8, 0.2, True, 65),
    "late_dropout": ((60, 60), (4, 8, 12), (3, 4, 6), 0.6, 0.3, True, 70),
}


def rows(name: str, seed: int) -> list[list[object]]:
    """Return one data set in long form."""
    arms, times, deviations, correlation, missing, monotone, mean = SETS[name]
    draw = np.random.default_rng([20261121, seed])
    moments = np.array(times, dtype=float)
    apart = np.abs(moments[:, None] - moments) / np.diff(moments).min()
    sigma = np.outer(deviations, deviations) * correlation ** np.minimum(apart, 6)
    result: list[list[object]] = []
    patient = 0
    for arm, size in enumerate(arms):
        for _ in range(size):
            patient += 1
            baseline = round(float(draw.normal(mean, 2 * deviations[0])), 2)
            noise = draw.multivariate_normal(np.zeros(len(times)), sigma)
            gone = draw.random(len(times)) < missing
            if monotone:
                gone = np.cumsum(gone) > 0
                gone[0] = False
            for visit, time in enumerate(times):
                if gone[visit]:
                    continue
                value = mean + 0.5 * (baseline - mean) + 0.3 * visit + arm * 0.8 * visit + noise[visit]
                result.append([name, patient, arm, visit + 1, time, baseline, round(float(value), 3)])
    return result


def main() -> None:
    """Write the file."""
    path = Path(__file__).parent / "data.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["set", "patient", "arm", "visit", "time", "baseline", "value"])
        for seed, name in enumerate(SETS):
            writer.writerows(rows(name, seed))


if __name__ == "__main__":
    main()
