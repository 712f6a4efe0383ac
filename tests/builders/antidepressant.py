"""The public antidepressant trial: change in HAMD-17, four visits, drug and placebo, artificial drug arm."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TABLE = Path(__file__).parents[2] / "reference" / "imputation" / "antidepressant.csv"
VISITS = (4, 5, 6, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Antidepressant:
    """One row per patient; see reference/imputation/README.md for origin and licence."""

    patient: tuple[str, ...]
    change: NDArray[np.float64]
    """NaN where missing, shape (172, 4)."""
    baseline: NDArray[np.float64]
    female: NDArray[np.float64]
    arm: NDArray[np.int64]
    """1 drug, 0 placebo."""
    event: NDArray[np.int64]
    """First visit after the last one observed, 4 for those seen at the last: gaps before it are at random."""


def antidepressant() -> Antidepressant:
    """Read the trial."""
    with TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    patients = tuple(dict.fromkeys(row["PATIENT"] for row in rows))
    place = {patient: number for number, patient in enumerate(patients)}
    change = np.full((len(patients), len(VISITS)), np.nan)
    baseline, female = np.zeros(len(patients)), np.zeros(len(patients))
    arm = np.zeros(len(patients), dtype=np.int64)
    for row in rows:
        subject = place[row["PATIENT"]]
        change[subject, VISITS.index(int(row["VISIT"]))] = float(row["CHANGE"])
        baseline[subject] = float(row["BASVAL"])
        female[subject] = row["GENDER"] == "F"
        arm[subject] = row["THERAPY"] == "DRUG"
    seen = ~np.isnan(change)
    event = len(VISITS) - np.argmax(seen[:, ::-1], axis=1)
    return Antidepressant(
        patient=patients, change=change, baseline=baseline, female=female, arm=arm, event=event
    )
