"""Write a stack of trials as SDTM or ADaM: a folder each trial, all of it or nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import numpy as np

from euexia.core.errors import OutputError
from euexia.formats import define_xml
from euexia.formats.dataset import Dataset
from euexia.formats.write import write as write_dataset
from euexia.protocol.protocol import Protocol
from euexia.standards.adam_writing import adam
from euexia.standards.definition import definition
from euexia.standards.one_trial import OPENED, OneTrial, one_trial
from euexia.standards.sdtm_writing import sdtm
from euexia.trialdata.checks import check
from euexia.trialdata.trialdata import TrialData


class Standard(StrEnum):
    """The standards of content that can be written."""

    SDTM = "sdtm"
    ADAM = "adam"


class FileFormat(StrEnum):
    """The file formats that can be written."""

    XPT = "xpt"
    DATASET_JSON = "dataset-json"
    CSV = "csv"
    PARQUET = "parquet"


ENDINGS = {
    FileFormat.XPT: ".xpt",
    FileFormat.DATASET_JSON: ".json",
    FileFormat.CSV: ".csv",
    FileFormat.PARQUET: ".parquet",
}
NAMES = {Standard.SDTM: "SDTM", Standard.ADAM: "ADaM"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written: the folder of each trial, datasets and records of the first, what was left out."""

    folders: tuple[Path, ...]
    datasets: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]


def datasets(
    data: TrialData,
    standard: Standard,
    *,
    trial: int = 0,
    protocol: Protocol | None = None,
    opened: date = OPENED,
) -> tuple[Dataset, ...]:
    """Return one trial of a stack as SDTM or ADaM datasets.

    protocol: gives the labels of arms.  opened: the calendar day from which ``enrolled_day`` counts.
    """
    return _datasets(one_trial(data, trial, protocol, opened), standard)


def _datasets(trial: OneTrial, standard: Standard) -> tuple[Dataset, ...]:
    return sdtm(trial) if standard is Standard.SDTM else adam(trial)


def write(
    folder: str | os.PathLike[str],
    data: TrialData,
    standard: Standard,
    file_format: FileFormat,
    *,
    protocol: Protocol | None = None,
    opened: date = OPENED,
) -> Exported:
    """Write trial data with their Define-XML into a folder that is new or empty.

    A single trial is written there; of a stack each trial has a folder ``trial_0001``.
    Raises TrialDataError if the arrays are not trial data, OutputError if the folder cannot be written.
    """
    check(data, plausible=False)
    target = Path(folder)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise OutputError(
            f"'{target}' already holds something, which is not overwritten. Choose another --out."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        counts: list[tuple[str, int]] = []
        places = _places(data)
        for trial, place in enumerate(places):
            (staging / place).mkdir(exist_ok=True)
            view = one_trial(data, trial, protocol, opened)
            written = _write_trial(staging / place, view, standard, file_format)
            counts = counts or [(one.name, one.records) for one in written]
        staging.chmod(0o755)
        if target.exists():
            target.rmdir()
        os.replace(staging, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Exported(
        folders=tuple(target / place for place in places), datasets=tuple(counts), notes=_notes(data)
    )


def _places(data: TrialData) -> tuple[str, ...]:
    if data.trials == 1:
        return (".",)
    return tuple(f"trial_{number:04d}" for number in range(1, data.trials + 1))


def _write_trial(
    folder: Path, trial: OneTrial, standard: Standard, file_format: FileFormat
) -> tuple[Dataset, ...]:
    made = _datasets(trial, standard)
    files = [f"{one.name.lower()}{ENDINGS[file_format]}" for one in made]
    for one, file in zip(made, files, strict=True):
        write_dataset(folder / file, one)
    told = definition(trial.study, trial.title, NAMES[standard], made, files)
    define_xml.write(folder / "define.xml", told)
    return made


def _notes(data: TrialData) -> tuple[str, ...]:
    """Say what CDISC datasets do not hold of these trial data."""
    notes = []
    parts = [part.day for part in data.readings.values()] + [data.events.day]
    parts += [data.subjects[name] for name in data.subjects if name.endswith("_day")]
    fractions = sum(int((np.isfinite(part) & (part != np.floor(part))).sum()) for part in parts)
    if fractions:
        notes.append(f"{fractions} days are not whole; CDISC study days are, and they were rounded down.")
    if data.screening is not None:
        notes.append(
            "The screening log is not written: those who were not randomised have no readings. "
            "It stays in Euexia's own tables."
        )
    return tuple(notes)
