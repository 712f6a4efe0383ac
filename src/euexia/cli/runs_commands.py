"""``euexia runs``: which runs there are, what they hold, questions to them in SQL, and their removal."""

from __future__ import annotations

import csv
import itertools
import json
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples
from euexia.core.errors import InputError

if TYPE_CHECKING:
    from euexia.study.run_query import Answer
    from euexia.study.run_registry import Removal, Run

MOST_ROWS = 200
"""So many rows of an answer are shown as a table; CSV and JSON give all."""
UNITS = ("B", "kB", "MB", "GB")
THOUSAND = 1000

Folders = Annotated[
    list[Path] | None,
    typer.Argument(help="Runs, or folders that hold runs.", metavar="FOLDER...", show_default="here"),
]


class Layout(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        name="runs",
        invoke_without_command=True,
        rich_markup_mode="rich",
        help="List, query and prune the runs on disk.",
        epilog=examples(
            "euexia runs",
            "euexia runs show small-design",
            'euexia runs query "SELECT analysis, avg(reject::int) FROM results GROUP BY ALL" small-design',
            "euexia runs prune --older-than 30d",
        ),
    )
    group.callback()(runs)
    group.command("list", epilog=examples("euexia runs list", "euexia runs list projects/2026 other"))(
        show_list
    )
    group.command("show", epilog=examples("euexia runs show small-design"))(show)
    group.command(
        "query",
        epilog=examples(
            'euexia runs query "SELECT run, analysis, avg(reject::int) AS power FROM results '
            "WHERE scenario = 'as_modelled' GROUP BY ALL\"",
            'euexia runs query "DESCRIBE results" small-design',
            'euexia runs query "SELECT * FROM screening" small-design --format csv > screening.csv',
        ),
    )(query)
    group.command(
        "prune",
        epilog=examples(
            "euexia runs prune",
            "euexia runs prune --interrupted --yes",
            "euexia runs prune projects --older-than 30d",
            "euexia runs prune --run small-design --yes",
        ),
    )(prune)
    app.add_typer(group)


def runs(context: typer.Context) -> None:
    """List, query and prune the runs on disk."""
    if context.invoked_subcommand is None:
        show_list()


def show_list(folders: Folders = None) -> None:
    """List the runs in some folders: what they are of, how far they are, and whether they are whole."""
    from euexia.study import run_registry

    places = folders or [Path()]
    found = run_registry.find(places)
    if not found:
        named = ", ".join(f"'{place}'" for place in places)
        tell(f"There is no run in {named}. A run is begun with: euexia run lenalidomide --out FOLDER")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("Folder", "Protocol"):
        table.add_column(name, overflow="fold")
    for name in ("Trials", "Patients", "Seed", "Bytes"):
        table.add_column(name, justify="right")
    for name in ("Changed", "State"):
        table.add_column(name)
    for run in found:
        table.add_row(str(run.folder), *_about(run))
    results.print(table)


def _about(run: Run) -> tuple[str, ...]:
    manifest = run.manifest
    told = ("–", "–", "–", "–")
    if manifest is not None:
        planned = f"{manifest.trials:,} of {manifest.planned_trials:,}" + (
            " at most" if manifest.until else ""
        )
        told = (manifest.protocol, planned, f"{manifest.size:,}", str(manifest.seed))
    changed = run.changed.astimezone().strftime("%Y-%m-%d %H:%M")
    return (*told, _size(run.size_in_bytes), changed, run.state.value)


def _size(size: float) -> str:
    for unit in UNITS[:-1]:
        if size < THOUSAND:
            return f"{size:.0f} {unit}"
        size /= THOUSAND
    return f"{size:.1f} {UNITS[-1]}"


def show(folder: Annotated[Path, typer.Argument(help="The folder of a run.", metavar="FOLDER")]) -> None:
    """Tell all of one run: what it was made from, whether its parts are as written, and how to go on."""
    from euexia.study import run_registry

    found = [run for run in run_registry.find([folder]) if run.folder == folder]
    if not found:
        raise InputError(f"The folder '{folder}' is no run. Runs are listed by: euexia runs list {folder}")
    run = found[0]
    if run.manifest is None:
        raise InputError(run.fault)
    manifest, damaged = run.manifest, run_registry.damaged_parts(run)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    labels = ("Protocol", "Trials", "Patients per trial", "Seed", "Size on disk", "Changed", "State")
    rows = [
        *zip(labels, _about(run), strict=True),
        ("Until", manifest.until),
        ("Parts", str(len(manifest.parts))),
    ]
    rows += [("Damaged", ", ".join(damaged)), ("Overlays", ", ".join(manifest.overlays))]
    rows += [("Made by", manifest.command), ("Versions", _pairs(manifest.versions))]
    rows += [("Hashes", _pairs({name: text[:12] for name, text in manifest.hashes.items()}))]
    for name, value in rows:
        if value:
            table.add_row(name, value)
    results.print(table)
    if damaged:
        tell(f"Damaged parts are computed again by: {run_registry.continuing(run)}")
    elif run.state is run_registry.State.INTERRUPTED:
        tell(f"It goes on with: {run_registry.continuing(run)}")


def _pairs(named: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in named.items())


def query(
    question: Annotated[str, typer.Argument(help="A question in SQL.", metavar="SQL")],
    folders: Folders = None,
    *,
    written: Annotated[Layout, typer.Option("--format", help="How the answer is written.")] = Layout.TABLE,
) -> None:
    """Ask runs a question in SQL (DuckDB); they are only read.

    Tables, each with the column run: results (scenario, trial, analysis, estimate, low, high, p_value,
    reject, decided, ...), arms (scenario, trial, arm: counts), screening (trial), series and histograms
    (readings over visits, of all trials of a part). DESCRIBE results lists the columns of one.
    """
    from euexia.study import run_query, run_registry

    found = [run for run in run_registry.find(folders or [Path()]) if run.manifest and run.manifest.parts]
    if not found:
        raise InputError("There is no run with trials here. Name the folders of runs after the question.")
    answer = run_query.ask(question, {str(run.folder): run.folder for run in found})
    {Layout.TABLE: _write_table, Layout.CSV: _write_csv, Layout.JSON: _write_json}[written](answer)


def _write_table(answer: Answer) -> None:
    table = Table(*answer.columns, box=None, pad_edge=False)
    for row in itertools.islice(answer.rows, MOST_ROWS):
        table.add_row(*("–" if value is None else _text(value) for value in row))
    results.print(table)
    more = sum(1 for _ in answer.rows)
    if more:
        tell(f"{more:,} more rows; --format csv or json gives all.")


def _text(value: object) -> str:
    from rich.markup import escape

    return escape(f"{value:.6g}" if isinstance(value, float) else str(value))


def _write_csv(answer: Answer) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows(answer.rows)


def _write_json(answer: Answer) -> None:
    """Write a list of objects, a row at a time."""
    sys.stdout.write("[")
    for place, row in enumerate(answer.rows):
        values = dict(zip(answer.columns, map(_plain, row), strict=True))
        sys.stdout.write((",\n " if place else "\n ") + json.dumps(values, ensure_ascii=False, default=str))
    sys.stdout.write("\n]\n")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return None if isinstance(value, float) and value - value != 0 else value


def prune(
    folders: Folders = None,
    *,
    interrupted: Annotated[
        bool, typer.Option("--interrupted", help="Also whole runs that are not complete.")
    ] = False,
    older_than: Annotated[
        str | None,
        typer.Option(help="Also whole runs last written so long ago: 12h, 30d, 2w.", show_default="none"),
    ] = None,
    run: Annotated[
        list[str] | None,
        typer.Option(help="Also the whole run in the folder of this name.", show_default="none"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove; without it, only say what would go.")] = False,
) -> None:
    """Remove what ended processes and damage left behind, and whole runs where they are asked for.

    Without --yes nothing is removed. A run that is being written is never touched, and neither are files
    that Euexia did not write.
    """
    from euexia.study import run_registry

    age = run_registry.age(older_than) if older_than is not None else None
    found = run_registry.find(folders or [Path()])
    removals = run_registry.removable(found, interrupted=interrupted, older_than=age, named=tuple(run or ()))
    for busy in (entry for entry in found if entry.state is run_registry.State.BEING_WRITTEN):
        tell(f"{busy.folder} is being written; it is left alone.")
    if not removals:
        tell("There is nothing to remove.")
        return
    total = _size(sum(removal.size_in_bytes for removal in removals))
    _list_removals(removals)
    if not yes:
        tell(f"{total} would be removed; nothing was. Add --yes to remove them.")
        return
    for removal in removals:
        if not run_registry.remove(removal) and removal.whole:
            tell(f"{removal.run.folder} stays: it holds files that are not of the run.")
    tell(f"{total} removed.")


def _list_removals(removals: Sequence[Removal]) -> None:
    table = Table("Folder", "What", "Bytes", box=None, pad_edge=False)
    for removal in removals:
        table.add_row(str(removal.run.folder), removal.what, _size(removal.size_in_bytes))
    results.print(table)
