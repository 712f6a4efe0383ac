"""Tables as files: CSV for people, Parquet with units and meanings for programs; all of them or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from euexia.core.errors import OutputError, TrialDataError
from euexia.trialdata.columns import SUBJECT_COLUMNS

TABLES = (
    "subjects",
    "readings",
    "dosing",
    "adverse_events",
    "screening",
    "screening_criteria",
    "dictionary",
)
"""Every table; the first, the readings and the dictionary must be there."""
NEEDED = ("subjects", "readings", "dictionary")

FLAGS = {"adverse_events": ("serious",), "screening": ("enrolled",)}
NUMBERS = frozenset(
    {"planned_day", "day", "value", "dose"}
    | {name for name, column in SUBJECT_COLUMNS.items() if column.kind}
)
WHOLE = frozenset({"trial", "grade"})


def write_frames(folder: str | os.PathLike[str], frames: Mapping[str, pd.DataFrame]) -> None:
    """Write every table as CSV and Parquet; the folder appears complete or not at all."""
    target = Path(folder)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise OutputError(
            f"'{target}' already holds something, which is not overwritten. "
            "Choose another folder or move it away."
        )
    staging: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        for name, frame in frames.items():
            frame.to_csv(staging / f"{name}.csv", index=False, lineterminator="\n")
            _write_parquet(staging / f"{name}.parquet", name, frame, frames["dictionary"])
        staging.chmod(0o755)
        if target.exists():
            target.rmdir()
        os.replace(staging, target)
    except OSError as error:
        raise OutputError(
            f"The tables could not be written to '{target}': {error.strerror or error}. Nothing was changed. "
            "Free some space or choose another folder."
        ) from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def read_frames(folder: str | os.PathLike[str]) -> dict[str, pd.DataFrame]:
    """Read every table there is, from Parquet or else from CSV."""
    source = Path(folder)
    frames = {name: frame for name in TABLES if (frame := _read_one(source, name)) is not None}
    missing = [name for name in NEEDED if name not in frames]
    if missing:
        wanted = ", ".join(f"{name}.parquet or {name}.csv" for name in missing)
        raise TrialDataError(
            f"'{source}' holds no trial data: {wanted} is missing. Give a folder with tables."
        )
    return frames


def _read_one(folder: Path, name: str) -> pd.DataFrame | None:
    import pyarrow.parquet

    if (folder / f"{name}.parquet").is_file():
        return _filled(pyarrow.parquet.read_table(folder / f"{name}.parquet").to_pandas())
    if not (folder / f"{name}.csv").is_file():
        return None
    text = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False).astype(object)
    return pd.DataFrame({column: _parsed(text[column], name) for column in text.columns})


def _parsed(texts: pd.Series[str], table: str) -> pd.Series[Any]:
    """Return a column of text as what it stands for; an empty number is missing."""
    name = str(texts.name)
    if name in FLAGS.get(table, ()):
        return texts == "True"
    if name not in NUMBERS and name not in WHOLE:
        return texts
    try:
        if name in WHOLE:
            return texts.map(int).astype("int64")
        return texts.map(lambda text: float(text or "nan")).astype("float64")
    except ValueError as error:
        raise TrialDataError(
            f"Column '{name}' of table '{table}' holds text where a number belongs: {error}. Correct it."
        ) from error


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    for column in frame.columns:
        if column not in NUMBERS and column not in WHOLE and frame[column].dtype != bool:
            frame[column] = frame[column].astype(object)
    return frame


def _write_parquet(path: Path, table: str, frame: pd.DataFrame, dictionary: pd.DataFrame) -> None:
    import pyarrow
    import pyarrow.parquet

    arrow = pyarrow.Table.from_pandas(_typed(frame), preserve_index=False)
    told = dict(_metadata(table, dictionary))
    fields = [field.with_metadata(told.get(field.name, {})) for field in arrow.schema]
    schema = pyarrow.schema(fields, metadata={"table": table})
    pyarrow.parquet.write_table(arrow.cast(schema), path)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its text columns typed as text even where they are empty."""
    texts = [column for column in frame.columns if frame[column].dtype == object]
    return frame.astype(dict.fromkeys(texts, "string"))


def _metadata(table: str, dictionary: pd.DataFrame) -> Iterator[tuple[str, dict[str, str]]]:
    """Give what the dictionary says of each column as a whole."""
    here = dictionary[(dictionary["table"] == table) & (dictionary["where"] == "")]
    for row in here.itertuples():
        told = {"meaning": row.meaning, "type": row.type, "unit": row.unit, "allowed": row.allowed}
        yield str(row.column), {key: str(value) for key, value in told.items() if value}
