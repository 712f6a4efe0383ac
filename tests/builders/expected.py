"""Read what other software printed: reference/<topic>, rows of case, quantity, place, value."""

import csv
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2] / "reference"


def read_expected(topic, name):
    """Return the values as cases of quantities of arrays."""
    found = {}
    with (ROOT / topic / name).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["case"], {}).setdefault(row["quantity"], []).append(float(row["value"]))
    return {
        case: {name: np.array(values) for name, values in quantities.items()}
        for case, quantities in found.items()
    }


def read_columns(topic, name):
    """Return the columns of a table with a column 'case', by case; missing numbers are NaN."""
    found = {}
    with (ROOT / topic / name).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            columns = found.setdefault(row.pop("case"), {})
            for key, value in row.items():
                columns.setdefault(key, []).append(np.nan if value == "NA" else float(value))
    return {case: {key: np.array(c) for key, c in columns.items()} for case, columns in found.items()}
