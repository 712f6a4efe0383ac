"""Plain tables (CSV, Excel, Parquet) with a mapping file, wide or long, to trial data."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from euexia.core.errors import InputError
from euexia.formats.text_cells import FORMATS, headings, read_pieces
from euexia.protocol.protocol import Protocol
from euexia.standards.mapping import TrialMapping, load
from euexia.standards.mapping_reading import read_tables
from euexia.standards.mapping_tables import Table
from euexia.standards.understanding import Understanding
from euexia.trialdata.trialdata import TrialData

STANDARD = "tables"


def recognise(path: Path, mapping: Path | None) -> bool:
    """Say whether a path is a table, or a folder of tables, that comes with a mapping."""
    if mapping is None:
        return False
    return bool(_files(path))


def read(path: Path, mapping: Path | None, protocol: Protocol | None) -> tuple[TrialData, Understanding]:
    """Read the tables as the mapping says.

    Raises InputError without a mapping, DataFileError with every fault, TrialDataError where it is no trial.
    """
    if mapping is None:
        raise InputError(
            f"'{path}' is a plain table. Say what its columns mean in a mapping file (--mapping)."
        )
    told = load(mapping)
    data, understanding, _ = read_tables(
        tables_of(path, told), told, protocol, standard=STANDARD, source=path.name
    )
    return data, understanding


def tables_of(path: Path, mapping: TrialMapping) -> dict[str, Table]:
    """Return every table of a path by the stem of its file's name."""
    return {_stem(file): table_of(file, mapping.encoding) for file in _files(path)}


def table_of(file: Path, encoding: str) -> Table:
    """Return the table in a file, all cells as text."""
    import pandas as pd

    frame = pd.concat(list(read_pieces(file, encoding)))
    names = list(frame.columns)
    written = headings(file, encoding) or names
    twice = sorted({name for name in written if written.count(name) > 1})
    if twice:
        raise InputError(f"'{file.name}': the column '{twice[0]}' stands twice. Rename one.")
    filled = (frame != "").any(axis=1)
    frame = frame[filled]
    columns = {str(name): frame[name].astype(str).str.strip().to_numpy(dtype=object) for name in names}
    return Table(name=_stem(file), file=file.name, columns=columns, rows=frame.index.to_numpy(dtype=np.int64))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.suffix.lower() in FORMATS and file.is_file())
    return [path] if path.suffix.lower() in FORMATS else []


def _stem(file: Path) -> str:
    return file.name.partition(".")[0]
