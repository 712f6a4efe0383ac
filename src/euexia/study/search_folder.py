"""The folder of a design search: what was asked, a protocol file for each design, the figures of its trials.

A family of designs is there whole or not at all, so that a search that was ended goes on with the next one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError, OutputError
from euexia.core.whole_file import write_whole
from euexia.study.search_simulation import Table

Floats = NDArray[np.float64]

MANIFEST = "search.json"
FORMAT = "euexia-search/1"
POINTS, TRIALS = "points", "trials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """On what the simulated figures hang."""

    protocol: str
    vary: tuple[str, ...]
    trials: int
    seed: int
    overlays: tuple[str, ...]
    versions: Mapping[str, str]
    hashes: Mapping[str, str]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        found = json.loads(json.dumps(asdict(self)))
        return {"format": FORMAT, **found}


def begin(folder: Path, asked: Asked, *, resume: bool) -> None:
    """Begin the folder, or with ``resume`` go on with one of the same question.

    Raises InputError for the folder of another search, OutputError when it cannot be written.
    """
    path = folder / MANIFEST
    if resume and path.is_file():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"'{path}' cannot be read: {error}. Start a new search.") from error
        differing = _differences(found, asked.plain())
        if differing:
            lines = "\n".join(f"  - {line}" for line in differing)
            raise InputError(
                f"The search in '{folder}' cannot be continued by this one; its trials would be others:\n"
                f"{lines}\nGive what it was begun with, or another --out."
            )
        return
    try:
        for name in (POINTS, TRIALS):
            (folder / name).mkdir(parents=True, exist_ok=True)
        write_whole(path, (json.dumps(asked.plain(), indent=1) + "\n").encode())
    except OSError as error:
        raise _not_written(folder, error) from error


def _differences(there: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    found = []
    for name in now:
        one, other = there.get(name), now[name]
        if isinstance(other, dict) and isinstance(one, dict):
            keys = sorted({*one, *other})
            found += [f"{name} of the {key}: not the same" for key in keys if one.get(key) != other.get(key)]
        elif one != other:
            found.append(f"{name}: {one} there, {other} now")
    return found


def point_name(point: int, points: int) -> str:
    """Return the name of a design's file without its ending; designs count from 1."""
    return f"{point + 1:0{len(str(points))}d}"


def write_protocol(folder: Path, name: str, text: str) -> None:
    """Write the protocol file of a design.  Raises OutputError."""
    try:
        write_whole(folder / POINTS / f"{name}.yaml", text.encode())
    except OSError as error:
        raise _not_written(folder, error) from error


def write_tables(folder: Path, names: Sequence[str], tables: Sequence[Table]) -> None:
    """Write the figures of every trial of a family, in one step.  Raises OutputError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {
        "design": np.repeat(np.array(names), [len(table["success"]) for table in tables]),
        "trial": np.concatenate([np.arange(len(table["success"])) for table in tables]),
    }
    for figure in tables[0]:
        columns[figure] = np.concatenate([table[figure] for table in tables])
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    try:
        write_whole(folder / TRIALS / f"{names[0]}.parquet", sink.getvalue().to_pybytes())
    except OSError as error:
        raise _not_written(folder, error) from error


def read_tables(folder: Path, names: Sequence[str], trials: int) -> tuple[Table, ...] | None:
    """Return the figures of a family; None where they are not there, or not whole."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / TRIALS / f"{names[0]}.parquet"
    if not path.is_file():
        return None
    try:
        read = pq.read_table(path)
    except (pa.ArrowInvalid, OSError):
        return None
    designs = np.array(read.column("design").to_pylist())
    figures = [name for name in read.column_names if name not in ("design", "trial")]
    found = []
    for name in names:
        rows = designs == name
        if int(rows.sum()) != trials:
            return None
        found.append({figure: read.column(figure).to_numpy()[rows] for figure in figures})
    return tuple(found)


def _not_written(folder: Path, error: OSError) -> OutputError:
    return OutputError(
        f"The search in '{folder}' could not be written further: {error.strerror or error}. What is finished "
        "is kept; make room, then continue with --resume."
    )
