"""Public tables of real people, assessed: the share that each definition answers yes, no and not at all.

Run: ``python benchmarks/public_patients.py FOLDER`` (under a minute), or name the folder in
EUEXIA_PUBLIC_DATA.  The tables are not part of the project.  Wanted in the folder:

- ``survival_classics/lung.csv``: advanced lung cancer, 228 patients (Loprinzi CL et al. J Clin Oncol
  1994;12:601-607), as the R package survival gives it;
- ``nhanes/nhanes_1999_2018_bioage_subset.csv.gz``: people of the US National Health and Nutrition
  Examination Survey, unweighted;
- ``cdisc_pilot_adam/csv/advs.csv.gz``: vital signs of the CDISC pilot, 254 patients.

With ``--figure survival.svg`` it draws the survival of the lung patients by pounds lost.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from euexia.assess.assessment import LEADING, Assessment, answer_word, applicable, assess
from euexia.assess.checks import check
from euexia.assess.mapping import Column, Layout, TableMapping
from euexia.assess.reading import read
from euexia.assess.record import Record, Series, occasions
from euexia.criteria.catalogue import DEFINITIONS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LUNG = "survival_classics/lung.csv"
NHANES = "nhanes/nhanes_1999_2018_bioage_subset.csv.gz"
PILOT = "cdisc_pilot_adam/csv/advs.csv.gz"
TODAY = date(2026, 11, 1)
GRIP_AGE = 20
SAID = 3
"""Missing readings that are named, those that leave most answers open first."""
DECADES = range(20, 90, 10)
BANDS = ((-np.inf, 0.0), (0.0, 10.0), (10.0, 20.0), (20.0, np.inf))
"""Pounds lost: above the first, up to and with the second."""
BAND_NAMES = ("none or gained", "up to 10 lb", "over 10 to 20 lb", "over 20 lb")
COLOURS = ("#5b6670", "#0072b2", "#00795a", "#b84a08")
NO_GRADE = (
    "By pounds lost, not by weight-loss grade: the grade needs the loss in per cent and the body-mass index, "
    "and the table holds neither weight nor height. Gains, left out above, are in the curves."
)


@dataclass(frozen=True, kw_only=True)
class Survival:
    """A product-limit estimate: the share still alive from each time of death on, to the last follow-up."""

    times: NDArray[np.float64]
    alive: NDArray[np.float64]
    followed: float

    @property
    def median(self) -> float:
        """Return the first time at which no more than half are alive; NaN if it was not reached."""
        reached = self.times[self.alive <= 0.5 * (1 + 1e-12)]
        return float(reached[0]) if len(reached) else float("nan")


def product_limit(days: NDArray[np.float64], died: NDArray[np.bool_]) -> Survival:
    """Return S(t), the product over deaths up to t of 1 - deaths / at risk.

    A patient censored on the day of a death counts as at risk on that day.  Source: Kaplan EL, Meier P. J Am
    Stat Assoc 1958;53:457-481.
    """
    times = np.unique(days[died])
    deaths = np.array([np.sum(died & (days == time)) for time in times], dtype=float)
    at_risk = np.array([np.sum(days >= time) for time in times], dtype=float)
    return Survival(times=times, alive=np.cumprod(1 - deaths / at_risk), followed=float(days.max()))


def lung(folder: Path) -> tuple[Assessment, pd.DataFrame]:
    """Return the lung patients, every definition of the leading concepts asked, and their table."""
    layout = TableMapping(
        layout=Layout.WIDE,
        patient="",
        date="",
        fixed_date="1994-01-01",
        columns={
            "age": Column(measure="age", unit="year"),
            "sex": Column(measure="male", values={"1": 1.0, "2": 0.0}),
            "ph.ecog": Column(measure="ecog"),
            "ph.karno": Column(measure="karnofsky"),
            "meal.cal": Column(measure="energy_intake", unit="kcal/day"),
            "wt.loss": Column(measure="kilograms_lost_6_months", unit="lb"),
        },
    )
    found = read(folder / LUNG, layout, keep_going=True, today=TODAY)
    for fault in found.faults:
        print(f"left out: {fault}")
    record = check(found.record).record
    asked = {definition.id for definition in applicable(record)} | {"snaq_kruizenga"}
    asked |= {name for name, entry in DEFINITIONS.items() if entry.concept in LEADING and entry.function}
    definitions = tuple(entry for name, entry in DEFINITIONS.items() if name in asked)
    return assess(record, definitions=definitions), pd.read_csv(folder / LUNG)


def pilot(folder: Path) -> Assessment:
    """Return the CDISC pilot's patients, assessed on their last date."""
    layout = TableMapping(
        patient="USUBJID",
        date="ADT",
        measure="PARAMCD",
        value="AVAL",
        unit="",
        skip_others=True,
        columns={
            "WEIGHT": Column(measure="body_weight", unit="kg"),
            "HEIGHT": Column(measure="height", unit="cm"),
        },
    )
    checked = check(read(folder / PILOT, layout, today=TODAY).record)
    for finding in checked.findings:
        if finding.withheld:
            print(f"withheld: {finding.patient}, {finding.date}: {finding.text}")
    return assess(checked.record, at=occasions(checked.record, last_only=True))


def nhanes(folder: Path) -> tuple[Assessment, pd.DataFrame]:
    """Return the adults whose grip was measured, assessed, and their table."""
    frame = pd.read_csv(folder / NHANES, low_memory=False)
    frame = frame[frame["grip_d"].notna() & (frame["age"] >= GRIP_AGE)].reset_index(drop=True)
    who = np.arange(len(frame))
    day = np.zeros(len(frame))
    columns = {"handgrip_strength": "grip_d", "body_weight": "weight", "height": "height", "age": "age"}
    series = {}
    for name, column in columns.items():
        known = frame[column].notna().to_numpy()
        series[name] = Series.sorted(who[known], day[known], frame[column].to_numpy()[known], who[known])
    series["male"] = Series.sorted(who, day, (frame["gender"] == 1).to_numpy(dtype=float), who)
    record = Record(patients=tuple(map(str, who)), series=series)
    return assess(check(record).record), frame


def shares(found: Assessment) -> Iterator[str]:
    """Yield one line for each definition: its answers with their shares, UNKNOWN included."""
    for name, outcome in found.outcomes.items():
        words, counts = np.unique(answer_word(outcome).astype(str), return_counts=True)
        said = ", ".join(
            f"{word} {count} ({100 * count / len(found):.1f} %)"
            for word, count in zip(words, counts, strict=True)
        )
        gaps = sorted(outcome.missing.items(), key=lambda gap: -int(np.sum(gap[1])))
        lacks = ", ".join(gap for gap, where in gaps[:SAID] if np.any(where))
        yield f"  {name:30s} {DEFINITIONS[name].concept:13s} {said}{f'; lacks {lacks}' if lacks else ''}"


def grip_by_age(found: Assessment, frame: pd.DataFrame) -> Iterator[str]:
    """Yield grip and body-mass index by sex and age, and the share of low grip by each definition."""
    weak = [name for name in found.outcomes if name.startswith("weak_grip")]
    yield f"  {'':16s} {'n':>5s} {'grip kg (SD)':>13s} {'BMI (SD)':>12s}  low grip %: " + ", ".join(weak)
    index = frame["weight"] / (frame["height"] / 100) ** 2
    for code, sex in ((1, "men"), (2, "women")):
        for low in DECADES:
            rows = ((frame["gender"] == code) & frame["age"].between(low, low + 9)).to_numpy()
            if not rows.any():
                continue
            grip, mass = frame.loc[rows, "grip_d"], index[rows]
            low_grip = (
                100 * float((answer_word(found.outcomes[name])[rows] == "TRUE").mean()) for name in weak
            )
            cells = "  ".join(f"{share:5.1f}" for share in low_grip)
            yield (
                f"  {sex:6s} {low} to {low + 9} {rows.sum():5d} {grip.mean():6.1f} ({grip.std():4.1f}) "
                f"{mass.mean():5.1f} ({mass.std():4.1f})  {cells}"
            )


def by_band(frame: pd.DataFrame) -> dict[str, tuple[int, Survival]]:
    """Return patients and survival by pounds lost; who has no reading stands apart."""
    lost = frame["wt.loss"].to_numpy(dtype=float)
    days, died = frame["time"].to_numpy(dtype=float), (frame["status"] == 2).to_numpy()
    found = {}
    for name, (above, most) in zip(BAND_NAMES, BANDS, strict=True):
        rows = (lost > above) & (lost <= most)
        found[name] = (int(rows.sum()), product_limit(days[rows], died[rows]))
    return found


def drawn(frame: pd.DataFrame) -> Figure:
    """Return the survival curves by pounds lost."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 5.0), layout="constrained")
    axes = figure.subplots()
    for colour, (name, (patients, survival)) in zip(COLOURS, by_band(frame).items(), strict=True):
        times = np.concatenate([[0.0], survival.times, [survival.followed]])
        alive = 100 * np.concatenate([[1.0], survival.alive, survival.alive[-1:]])
        label = f"{name} ({patients} patients, median {survival.median:.0f} days)"
        axes.step(times, alive, where="post", color=colour, label=label)
    missing = int(frame["wt.loss"].isna().sum())
    axes.set(xlabel="Days since entry", ylabel="Alive, %", xlim=(0, None), ylim=(0, 100))
    axes.set_title(
        "Advanced lung cancer: survival by pounds lost in the 6 months before", loc="left", fontsize=11
    )
    axes.legend(frameon=False, fontsize=9)
    note = "By pounds lost, not by weight-loss grade: the table holds no weight and no height,\n"
    figure.supxlabel(
        f"{note}so the loss in per cent is unknown. {missing} patients without a reading are left out.",
        fontsize=9,
    )
    return figure


def tell_lung(folder: Path, picture: Path | None) -> None:
    """Print the lung patients' answers and survival; draw the survival where asked."""
    found, frame = lung(folder)
    print(f"Lung cancer, {len(found)} patients")
    print("\n".join(shares(found)))
    print(f"  Survival. {NO_GRADE}")
    for name, (patients, survival) in by_band(frame).items():
        print(f"  {name:18s} {patients:4d} patients, median {survival.median:.0f} days")
    print(f"  no reading of loss {int(frame['wt.loss'].isna().sum()):4d} patients, left out")
    if picture is not None:
        drawn(frame).savefig(picture)


def tell(folder: Path, picture: Path | None) -> None:
    """Print what each of the tables in the folder gives; say which are not there."""
    missing = [name for name in (LUNG, NHANES, PILOT) if not (folder / name).is_file()]
    for name in missing:
        print(f"not in the folder: {name}")
    if LUNG not in missing:
        tell_lung(folder, picture)
    if NHANES not in missing:
        begun = time.perf_counter()
        found, frame = nhanes(folder)
        print(f"NHANES, {len(found)} adults whose grip was measured, {time.perf_counter() - begun:.1f} s")
        print("\n".join([*shares(found), *grip_by_age(found, frame)]))
    if PILOT not in missing:
        assessed = pilot(folder)
        print(f"CDISC pilot, {len(assessed)} patients on their last date")
        print("\n".join(shares(assessed)))


def main() -> None:
    """Print the shares; draw the survival."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", default=os.environ.get("EUEXIA_PUBLIC_DATA"), type=Path)
    parser.add_argument("--figure", type=Path, help="file for the survival curves (svg, png or pdf)")
    given = parser.parse_args()
    if given.folder is None or not given.folder.is_dir():
        sys.exit("Name the folder of the public tables, as argument or in EUEXIA_PUBLIC_DATA.")
    tell(given.folder, given.figure)


if __name__ == "__main__":
    main()
