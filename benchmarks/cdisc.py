"""Trials in CDISC files: what is read of a folder, and how long 250,000 laboratory rows take.

``python benchmarks/cdisc.py FOLDER ...`` prints what was read of each folder as a table.
``python benchmarks/cdisc.py --speed`` times 250,000 laboratory rows to trial data, each in its own process.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np

from euexia.core.errors import EuexiaError
from euexia.formats.read import read as read_files
from euexia.formats.write import write
from euexia.standards import export
from euexia.standards.read import read
from euexia.standards.understanding import Level
from euexia.trialdata.trialdata import Events, Readings, TrialData

SUBJECTS, VISITS = 2_500, 20
MEASURES = ("crp", "creatinine", "platelets", "neutrophils", "albumin")
REPEATS = 3
ENDINGS = (".xpt", ".json")


def table(folders: list[str]) -> None:
    """Print subjects, arms, readings and remarks of each folder."""
    print(f"{'folder':44} {'standard':13} {'datasets':>8} {'rows':>9} {'subjects':>8} {'readings':>9} "
          f"{'conflicts':>9} {'left out':>8} {'seconds':>7}")  # fmt: skip
    for folder in folders:
        begun = time.perf_counter()
        try:
            data, told = read(folder)
        except EuexiaError as error:
            print(f"{_short(folder):44} refused: {str(error).splitlines()[0]}")
            continue
        known = sum(int((~np.isnan(part.value)).sum()) for part in data.readings.values())
        rows = sum(source.rows for source in told.sources)
        print(f"{_short(folder):44} {told.standard:13} {len(told.sources):8} {rows:9,} {data.size:8} "
              f"{known:9,} {len(told.conflicts):9} {len(told.of(Level.LEFT_OUT)):8} "
              f"{time.perf_counter() - begun:7.1f}")  # fmt: skip


def _short(folder: str) -> str:
    return "/".join(Path(folder).parts[-2:])


def laboratory() -> TrialData:
    """Return 250,000 laboratory readings of 2,500 subjects."""
    chance = np.random.default_rng(1)
    planned = np.arange(VISITS) * 7.0
    shape = (1, SUBJECTS, VISITS)
    day = planned + chance.integers(-1, 2, shape) * (planned > 0)
    return TrialData(
        protocol_id="laboratory",
        arms=("active", "placebo"),
        subjects={
            "arm": np.arange(SUBJECTS)[np.newaxis] % 2.0,
            "enrolled_day": np.floor(np.arange(SUBJECTS)[np.newaxis] / 3),
            "last_contact_day": np.full((1, SUBJECTS), 200.0),
        },
        readings={
            name: Readings(
                visits=tuple(f"week_{week}" if week else "baseline" for week in range(VISITS)),
                planned=planned,
                day=day,
                value=np.round(chance.uniform(20, 50, shape), 1),
            )
            for name in MEASURES
        },
        dosing={},
        events=Events(
            trial=np.zeros(0, dtype=np.int64), subject=np.zeros(0, dtype=np.int64), day=np.zeros(0),
            term=np.zeros(0, dtype=np.str_), grade=np.zeros(0, dtype=np.int64),
            serious=np.zeros(0, dtype=bool),
        ),
        screening=None,
    )  # fmt: skip


def speed() -> None:
    """Write the rows in each format, and read them in a process of its own."""
    with tempfile.TemporaryDirectory() as place:
        begun = time.perf_counter()
        datasets = export.datasets(laboratory(), export.Standard.SDTM)
        print(f"made as SDTM datasets: {time.perf_counter() - begun:.2f} s")
        for ending in ENDINGS:
            folder = Path(place) / ending[1:]
            folder.mkdir()
            for one in datasets:
                write(folder / f"{one.name.lower()}{ending}", one)
            for what in ("time", "memory", "files"):
                words = [sys.executable, __file__, "--one", what, str(folder)]
                done = subprocess.run(words, capture_output=True, text=True, check=True)
                print(f"{ending}: {done.stdout}", end="")


def one(what: str, folder: str) -> None:
    """Print the best of several times, or the peak of memory, of reading a folder."""
    work = read_files if what == "files" else read
    if what == "memory":
        read(folder)  # modules and lists of codes are loaded once
        tracemalloc.start()
        read(folder)
        print(f"peak of memory {tracemalloc.get_traced_memory()[1] / 2**20:.0f} MiB")
        return
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work(folder)
        times.append(time.perf_counter() - begun)
    words = "of which the files alone" if what == "files" else "files to trial data"
    print(f"{words} {min(times):.2f} s")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--speed"]:
            speed()
        case ["--one", what, folder]:
            one(what, folder)
        case folders:
            table(folders)
