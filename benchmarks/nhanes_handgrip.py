"""Handgrip strength by sex and age in NHANES 2011-2014, and what is fitted to it.

Run: ``python benchmarks/nhanes_handgrip.py TABLE.csv [--write benchmarks/nhanes_handgrip.csv]``.  The table
has one row per person with gender (1 man, 2 woman), age, height [cm], weight [kg], grip_d, grip_r and grip_l
[kg, mean of the trials of a hand].  NHANES is in the public domain (US National Center for Health
Statistics); survey weights are not in the table at hand, so figures are of the people examined.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from euexia import parameters
from euexia.physiology import premorbid
from euexia.physiology.body import constants

YOUNGEST, OLDEST = 40, 90
LEAN, HEAVY = 16, 40
BANDS = (40, 50, 60, 70, 80, 90)
USUAL_INDEX = 25.0


def people(path: Path) -> pd.DataFrame:
    """Return whom the fit is about, with handgrip of the better hand and the model's muscle."""
    frame = pd.read_csv(path, low_memory=False)
    frame = frame.assign(
        grip=frame[["grip_r", "grip_l"]].max(axis=1), index=frame.weight / (frame.height / 100) ** 2
    )
    kept = frame.age.between(YOUNGEST, OLDEST) & frame["index"].between(LEAN, HEAVY, inclusive="neither")
    frame = frame[kept & frame.grip_d.notna()].copy()
    c = constants(parameters.load()).premorbid
    frame["male"] = (frame.gender == 1).astype(float)
    muscle = premorbid.skeletal_muscle(
        frame.weight.to_numpy(), frame.height.to_numpy(), frame.age.to_numpy(), frame.male.to_numpy(), c
    )
    return frame.assign(muscle=muscle, model=c.grip_per_muscle * muscle)


def fit(frame: pd.DataFrame) -> dict[str, float]:
    r"""Return the fit of ln(grip/muscle) to sex, age and body-mass index, and its residual."""
    ratio = np.log(frame.grip / frame.muscle)
    terms = np.column_stack(
        [np.ones(len(frame)), 1 - frame.male, frame.age - 60, np.log(frame["index"] / USUAL_INDEX)]
    )
    found, *_ = np.linalg.lstsq(terms, ratio, rcond=None)
    return {
        "grip_per_muscle": float(np.exp(found[0])),
        "grip_women": float(np.exp(found[1])),
        "grip_age": float(found[2]),
        "index_exponent": float(found[3]),
        "residual": float((ratio - terms @ found).std()),
    }


def linear(frame: pd.DataFrame) -> dict[str, tuple[float, ...]]:
    """Return handgrip from age, height and weight for each sex: constant, slopes, residual SD."""
    found = {}
    for name, male in (("men", 1.0), ("women", 0.0)):
        own = frame[frame.male == male]
        terms = np.column_stack([np.ones(len(own)), own.age, own.height, own.weight])
        slopes, *_ = np.linalg.lstsq(terms, own.grip, rcond=None)
        found[name] = (*map(float, slopes), float((own.grip - terms @ slopes).std()))
    return found


def by_age(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a small table by sex and age: people, measured and modelled handgrip."""
    band = pd.cut(frame.age, BANDS, right=False, labels=[f"{a}-{b - 1}" for a, b in pairwise(BANDS)])
    groups = frame.assign(sex=np.where(frame.male == 1, "men", "women"), age=band).groupby(
        ["sex", "age"], observed=True
    )
    table = groups.agg(
        people=("grip", "size"),
        grip_mean=("grip", "mean"),
        grip_sd=("grip", "std"),
        grip_10=("grip", lambda values: values.quantile(0.1)),
        grip_50=("grip", "median"),
        grip_90=("grip", lambda values: values.quantile(0.9)),
        height_mean=("height", "mean"),
        weight_mean=("weight", "mean"),
        model_mean=("model", "mean"),
    )
    return table.round(1).reset_index()


def main() -> None:
    """Print the fits and the table; write the table if a file is named."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("table", type=Path)
    reader.add_argument("--write", type=Path, help="CSV file of the table by sex and age")
    asked = reader.parse_args()
    frame = people(asked.table)
    print(len(frame), "people", fit(frame))
    for name, numbers in linear(frame).items():
        print(name, "constant, age, height, weight, residual SD:", *(f"{value:.3f}" for value in numbers))
    table = by_age(frame)
    print(table.to_string())
    if asked.write is not None:
        head = "# NHANES 2011-2014, US National Center for Health Statistics (public domain); unweighted\n"
        asked.write.write_text(head + table.to_csv(index=False), encoding="utf-8")


if __name__ == "__main__":
    main()
