"""Patient-dates per second: a table checked and every definition asked, against a plain loop over rows.

Run: ``python benchmarks/assess.py`` (one process, about a minute).  The plain loop finds the weight of half a
year before and decides one definition (Fearon 2011); the arrays decide all that the readings allow.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from euexia.assess import assessment
from euexia.assess.checks import check
from euexia.assess.record import Record, Series, occasions

DATES = 10
"""Visits of each patient, four weeks apart."""
APART = 28
KILOBYTES_PER_GIGABYTE = 1024**2
LABORATORY = {
    "crp": (20.0, 15.0),
    "albumin": (36.0, 5.0),
    "neutrophils": (5.0, 1.5),
    "lymphocytes": (1.5, 0.4),
}
"""Mean and standard deviation of invented readings."""


def invented(patients: int) -> Record:
    """Return readings of invented patients: weight at each date, laboratory and strength at each date."""
    chance = np.random.default_rng(1)
    who = np.repeat(np.arange(patients), DATES)
    day = np.tile(np.arange(DATES) * APART, patients)
    row = np.arange(len(who)) + 2
    start = np.repeat(chance.normal(72, 12, patients).clip(45, 120), DATES)
    fall = np.repeat(chance.uniform(-0.0002, 0.0006, patients), DATES)
    series = {
        "body_weight": Series.sorted(
            who, day, start * (1 - fall * day) + chance.normal(0, 0.4, len(who)), row
        )
    }
    for name, (mean, spread) in LABORATORY.items():
        series[name] = Series.sorted(who, day, chance.normal(mean, spread, len(who)).clip(mean / 5), row)
    series["handgrip_strength"] = Series.sorted(who, day, chance.normal(28, 7, len(who)).clip(5), row)
    first, rows = np.arange(patients), np.arange(patients) + 2
    for name, values in {
        "height": chance.normal(170, 9, patients).clip(145, 200),
        "male": chance.integers(0, 2, patients).astype(float),
        "age": chance.integers(40, 90, patients).astype(float),
    }.items():
        series[name] = Series.sorted(first, np.zeros(patients), values, rows)
    return Record(
        patients=tuple(f"P{number}" for number in range(patients)), series=series, source="invented"
    )


def time_arrays(record: Record) -> tuple[int, int, float, float]:
    """Return patient-dates, definitions, seconds of the checks and seconds of the definitions."""
    begun = time.perf_counter()
    usable = check(record).record
    checked = time.perf_counter()
    asked = assessment.applicable(usable)
    at = occasions(usable)
    for block in assessment.blocks(at):
        assessment.assess(usable, definitions=asked, at=block)
    return len(at), len(asked), checked - begun, time.perf_counter() - checked


def time_loop(record: Record) -> tuple[int, float]:
    """Return patient-dates and seconds of a plain loop over rows that decides one definition."""
    weights, heights = record.of("body_weight"), record.of("height")
    tall = dict(zip(heights.patient.tolist(), heights.value.tolist(), strict=True))
    rows = list(zip(weights.patient.tolist(), weights.day.tolist(), weights.value.tolist(), strict=True))
    by_patient: dict[int, list[tuple[int, float]]] = {}
    for patient, day, weight in rows:
        by_patient.setdefault(patient, []).append((day, weight))
    begun = time.perf_counter()
    answers = []
    for patient, day, weight in rows:
        best = None
        for earlier, value in by_patient[patient]:
            distance = abs(day - earlier - 182.625)
            if earlier < day and distance <= 30 and (best is None or distance < best[0]):
                best = (distance, value)
        if best is None:
            answers.append(None)
            continue
        lost = (best[1] - weight) / best[1]
        index = weight / (tall[patient] / 100) ** 2
        if lost > 0.05 * (1 + 1e-9) or (index < 20 and lost > 0.02 * (1 + 1e-9)):
            answers.append(True)
        else:
            answers.append(None if lost > 0.02 else False)
    return len(rows), time.perf_counter() - begun


def main() -> None:
    """Print seconds, memory and the ratio of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=100_000)
    patients = parser.parse_args().patients
    record = invented(patients)
    dates, definitions, checking, asking = time_arrays(record)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES_PER_GIGABYTE
    loop_dates, looping = time_loop(invented(min(patients, 20_000)))
    per_answer = asking / (dates * definitions)
    plain = looping / loop_dates
    print(f"{dates:,} patient-dates, {definitions} definitions")
    print(f"checks {checking:.1f} s, definitions {asking:.1f} s, largest memory {memory:.2f} GB")
    print(f"one answer: arrays {1e9 * per_answer:.0f} ns, plain loop {1e9 * plain:.0f} ns")


if __name__ == "__main__":
    main()
