"""Read any file of clinical data, or a folder of them, by its first bytes and its ending."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import assert_never

from euexia.core.errors import DataFileError, Fault
from euexia.formats import dataset_json, tables, xpt
from euexia.formats.dataset import Dataset
from euexia.formats.files import fault, refusal
from euexia.formats.xpt_layout import HEADER

KIND = "file of clinical data"
FIRST = 64


class Format(Enum):
    """The formats of datasets that can be read and written."""

    XPT = "SAS transport"
    DATASET_JSON = "Dataset-JSON"
    DELIMITED = "delimited text"
    PARQUET = "Parquet"


ENDINGS = {
    ".xpt": Format.XPT,
    ".json": Format.DATASET_JSON,
    ".ndjson": Format.DATASET_JSON,
    ".dsjc": Format.DATASET_JSON,
    ".csv": Format.DELIMITED,
    ".tsv": Format.DELIMITED,
    ".csv.gz": Format.DELIMITED,
    ".tsv.gz": Format.DELIMITED,
    ".parquet": Format.PARQUET,
}


def read(path: str | Path, *, encoding: str | None = None) -> tuple[Dataset, ...]:
    """Read the datasets of a file, or of every file of a folder (not of its folders) that has a known ending.

    encoding: of text in SAS transport and delimited files, where no file says it itself.
    Raises DataFileError that names every fault; for a folder, the faults of all its files at once.
    """
    path = Path(path)
    if path.is_dir():
        return _folder(path, encoding)
    known = format_of(path)
    if known is None:
        problem = (
            f"'{path.name}' has none of the endings {', '.join(ENDINGS)}, nor the first bytes of a format."
        )
        raise refusal(str(path), KIND, [fault("file", problem)])
    match known:
        case Format.XPT:
            return xpt.read(path, encoding=encoding)
        case Format.DATASET_JSON:
            return (dataset_json.read(path),)
        case Format.DELIMITED:
            return (tables.read_csv(path, encoding=encoding),)
        case Format.PARQUET:
            return (tables.read_parquet(path),)
        case _:
            assert_never(known)


def format_of(path: Path) -> Format | None:
    """Say which format a file has: by its first bytes where they are telling, else by its ending."""
    try:
        with path.open("rb") as file:
            first = file.read(FIRST)
    except OSError as error:
        raise refusal(str(path), KIND, [fault("file", f"cannot be read: {error.strerror}.")]) from error
    if first.startswith((HEADER, b"**COMPRESSED**")):
        return Format.XPT
    if first.startswith(b"PAR1"):
        return Format.PARQUET
    return ending_format(path)


def ending_format(path: Path) -> Format | None:
    """Say which format the ending of a name means."""
    name = path.name.lower()
    fitting = [ending for ending in ENDINGS if name.endswith(ending)]
    return ENDINGS[max(fitting, key=len)] if fitting else None


def _folder(folder: Path, encoding: str | None) -> tuple[Dataset, ...]:
    """Read every file of a folder, and name all faults at once."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and ending_format(path) is not None)
    if not files:
        problem = f"holds no file that ends in {', '.join(ENDINGS)}."
        raise refusal(str(folder), "folder of clinical data", [fault("folder", problem)])
    datasets: list[Dataset] = []
    faults: list[Fault] = []
    for path in files:
        try:
            datasets += read(path, encoding=encoding)
        except DataFileError as error:
            faults += [_in_file(path, one) for one in error.faults]
    if faults:
        raise refusal(str(folder), "folder of clinical data", faults)
    return tuple(datasets)


def _in_file(path: Path, one: Fault) -> Fault:
    return fault(f"{path.name}, {one.place}", one.problem, one.remedy, line=one.line)


def by_name(datasets: Sequence[Dataset]) -> dict[str, Dataset]:
    """Index datasets by their upper-case names; DataFileError if two have the same."""
    names = [dataset.name.upper() for dataset in datasets]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        problems = [
            fault(f"dataset {name}", "is there twice; keep one file of each dataset.") for name in twice
        ]
        raise refusal(", ".join(names), "set of datasets", problems)
    return dict(zip(names, datasets, strict=True))
