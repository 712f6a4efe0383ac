"""Questions in SQL to the trials of runs: read only, and blind to every file but the runs' own tables.

DuckDB is handed the tables as Arrow data sets and then forbidden every access to files and the network, so a
question cannot read or write anything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from euexia.core.errors import InputError
from euexia.study import parts
from euexia.study.run_folder import PARTS, load_manifest

ALONE = """
SET python_enable_replacements = false;
SET temp_directory = '';
SET enable_external_access = false;
SET lock_configuration = true;
"""
BATCH = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The rows of an answer, in their order; they are fetched as they are asked for."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


def ask(question: str, runs: Mapping[str, Path]) -> Answer:
    """Return the answer of runs to a question in SQL.

    runs: the run folders by the name they get in the column ``run`` of every table.  Tables: ``results``,
    ``arms``, ``screening``, ``series`` and ``histograms``.  Raises InputError for a question that is none,
    that would change something, or where DuckDB is absent or no run holds any trial.
    """
    duckdb = _duckdb()
    connection = duckdb.connect(":memory:")
    named = _bind(connection, runs)
    try:
        connection.execute(ALONE)
        statements = connection.extract_statements(question)
        _check(duckdb, statements, named)
        cursor = connection.execute(statements[0])
        columns = tuple(entry[0] for entry in cursor.description)
        first = cursor.fetchmany(BATCH)
    except duckdb.Error as error:
        raise _not_understood(error, named) from error
    return Answer(columns=columns, rows=_rows(duckdb, cursor, first, named))


def _rows(
    duckdb: Any, cursor: Any, first: Sequence[tuple[Any, ...]], named: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    try:
        found = first
        while found:
            yield from found
            found = cursor.fetchmany(BATCH)
    except duckdb.Error as error:
        raise _not_understood(error, named) from error


def _check(duckdb: Any, statements: Sequence[Any], named: Sequence[str]) -> None:
    allowed = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    if len(statements) != 1 or statements[0].type not in allowed:
        raise InputError(
            "Ask one question that begins with SELECT (or WITH, DESCRIBE, EXPLAIN); runs are read, never "
            f"changed. Tables: {', '.join(named)}."
        )


def _not_understood(error: Exception, named: Sequence[str]) -> InputError:
    return InputError(
        f"The question could not be answered: {error}\nTables: {', '.join(named)}; DESCRIBE results lists "
        "the columns of one."
    )


def _bind(connection: Any, runs: Mapping[str, Path]) -> tuple[str, ...]:
    """Make a view of each kind of table, of all runs; return their names."""
    from pyarrow import dataset

    sources: dict[str, list[str]] = {}
    for place, (name, folder) in enumerate(runs.items()):
        for table, files in _files(folder).items():
            source = f"run_{place}_{table}"
            connection.register(source, dataset.dataset([str(file) for file in files], format="parquet"))
            quoted = name.replace("'", "''")
            sources.setdefault(table, []).append(f"SELECT '{quoted}' AS run, * FROM {source}")
    if not sources:
        raise InputError("None of these runs holds any trial yet, so there is nothing to ask.")
    for table, selections in sources.items():
        connection.execute(f"CREATE VIEW {table} AS {' UNION ALL BY NAME '.join(selections)}")
    return tuple(sources)


def _files(folder: Path) -> dict[str, list[Path]]:
    """Return the files of each kind of table of a run.  Raises InputError where one is missing."""
    found: dict[str, list[Path]] = {}
    for part in load_manifest(folder).parts:
        for table in (*parts.TABLES, *sorted(set(part.tables) - set(parts.TABLES))):
            path = folder / PARTS / part.name / f"{table}.parquet"
            if not path.is_file():
                raise InputError(
                    f"The run in '{folder}' lacks '{path.name}' of part {part.name}; continue it with "
                    "--resume, which computes what is damaged again."
                )
            found.setdefault(table, []).append(path)
    return found


def _duckdb() -> Any:
    """Return the library that answers.  Raises InputError where it is absent."""
    try:
        import duckdb
    except ImportError as error:
        raise InputError(
            "Questions in SQL need DuckDB, which is not installed: pip install 'euexia[query]'. The tables "
            "in parts/ can be read by any program that reads Parquet."
        ) from error
    return duckdb
