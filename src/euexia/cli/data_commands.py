"""``euexia check`` and ``export``: data of trials understood, and written as SDTM and ADaM."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli import protocol_commands
from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples

if TYPE_CHECKING:
    from euexia.protocol.protocol import Protocol
    from euexia.standards import export as exporting
    from euexia.standards.understanding import Understanding
    from euexia.trialdata.trialdata import TrialData

PROTOCOL_ENDINGS = (".yaml", ".yml")
OWN_DATA = "data"
OWN_PROTOCOL = "protocol.yaml"


class Standard(StrEnum):
    """The standard of content."""

    SDTM = "sdtm"
    ADAM = "adam"


class FileFormat(StrEnum):
    """The format of the files."""

    XPT = "xpt"
    DATASET_JSON = "dataset-json"
    CSV = "csv"
    PARQUET = "parquet"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "euexia check my-trial.yaml",
            "euexia check sdtm/",
            "euexia check visits.csv --mapping mapping.yaml --protocol my-trial.yaml",
        )
    )(check)
    app.command(
        epilog=examples(
            "euexia export euexia-lenalidomide --as adam --format xpt --out adam",
            "euexia export sdtm/ --as adam --format dataset-json --out adam-json",
        )
    )(export)


Mapping_ = Annotated[
    Path | None,
    typer.Option(help="File that says what the columns of plain tables mean.", show_default="none"),
]
ProtocolName = Annotated[
    str | None,
    typer.Option(
        help="Protocol whose arms and visits the data must match: a name or a file.", show_default="none"
    ),
]


def check(
    path: Annotated[
        str,
        typer.Argument(help="A protocol, or data of a trial: a name, a file or a folder.", metavar="WHAT"),
    ],
    *,
    mapping: Mapping_ = None,
    protocol: ProtocolName = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also list what was understood without doubt, remark by remark.")
    ] = False,
    conformance: Annotated[
        bool, typer.Option("--conformance", help="Also check SDTM and ADaM datasets by our own small rules.")
    ] = False,
) -> None:
    """Check a protocol, or data of a trial: what was understood, what was not, and every conflict.

    Every fault of a protocol is named with its line and the way out. What cannot be read is refused with
    file, row and column.
    """
    if mapping is None and protocol is None and _is_protocol(path):
        protocol_commands.check(path)
        return
    from euexia.standards.read import read

    data, understanding = read(_data_of(Path(path)), mapping, _protocol(protocol))
    _print_sources(understanding)
    _print_measures(data, understanding)
    _print_remarks(understanding, everything=everything)
    if conformance:
        _print_conformance(Path(path), understanding)
    _print_verdict(path, data, understanding)


def _print_conformance(path: Path, understanding: Understanding) -> None:
    from euexia.formats.read import read as read_files
    from euexia.standards import conformance

    results.print("\n[bold]Conformance[/bold]")
    if not {"SDTM", "ADaM"} & set(understanding.standard.split(" and ")):
        results.print("  The rules are about SDTM and ADaM; these data are neither.")
        return
    folders = sorted(one for one in path.glob("trial_*") if one.is_dir()) if path.is_dir() else []
    findings = [found for folder in folders or [path] for found in conformance.check(read_files(folder))]
    for finding in findings:
        results.print(f"  - {finding}", markup=False, soft_wrap=True)
    if not findings:
        results.print(f"  {len(conformance.rules().rules)} rules, no findings.")


def _is_protocol(path: str) -> bool:
    place = Path(path)
    return place.suffix in PROTOCOL_ENDINGS or not place.exists()


def _protocol(name: str | None) -> Protocol | None:
    if name is None:
        return None
    from euexia import protocol

    return protocol.load(name)


def _data_of(path: Path) -> Path:
    """Return the tables of a run folder; any other path is the data itself."""
    inner = path / OWN_DATA
    return inner if (path / OWN_PROTOCOL).is_file() and inner.is_dir() else path


def _print_sources(understanding: Understanding) -> None:
    from rich import box
    from rich.table import Table

    table = Table(title=f"{understanding.standard}: what was read", box=box.SIMPLE_HEAD, title_justify="left")
    for heading in ("dataset", "taken for"):
        table.add_column(heading)
    for heading in ("rows", "used"):
        table.add_column(heading, justify="right")
    for source in understanding.sources:
        table.add_row(source.name, source.role, f"{source.rows:,}", f"{source.used:,}")
    results.print(table)


def _print_measures(data: TrialData, understanding: Understanding) -> None:
    import numpy as np
    from rich import box
    from rich.table import Table

    table = Table(title="Readings", box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column("measure", overflow="fold")
    table.add_column("read from", overflow="fold")
    for heading in ("readings", "subjects", "visits"):
        table.add_column(heading, justify="right")
    for measure, part in data.readings.items():
        known = ~np.isnan(part.value)
        table.add_row(
            measure,
            understanding.measures.get(measure, ""),
            f"{int(known.sum()):,}",
            f"{int(known.any(axis=-1).sum()):,}",
            str(len(part.visits)),
        )
    results.print(table)


def _print_remarks(understanding: Understanding, *, everything: bool) -> None:
    from rich.markup import escape

    from euexia.standards.understanding import Level

    headings = {
        Level.CONFLICT: "Conflicts",
        Level.LEFT_OUT: "Not understood, or left out",
        Level.UNDERSTOOD: "Understood",
    }
    for level, heading in headings.items():
        remarks = understanding.of(level)
        if not remarks:
            continue
        results.print(f"\n[bold]{heading}[/bold]")
        if level is Level.UNDERSTOOD and not everything:
            topics = dict.fromkeys(remark.topic for remark in remarks)
            results.print(f"  {len(remarks)} remarks on {', '.join(topics)}; --all lists them.")
            continue
        for remark in remarks:
            results.print(f"  - {escape(remark.topic)}: {escape(str(remark))}", soft_wrap=True)


def _print_verdict(path: str, data: TrialData, understanding: Understanding) -> None:
    trials = "one trial" if data.trials == 1 else f"{data.trials} trials"
    conflicts = len(understanding.conflicts)
    kinds = "1 conflict" if conflicts == 1 else f"{conflicts} conflicts"
    words = "no conflicts" if not conflicts else f"{kinds}, listed above"
    counts = ", ".join(
        f"{arm} {int((data.subjects['arm'] == index).sum())}" for index, arm in enumerate(data.arms)
    )
    tell(f"'{path}' is {trials} of {data.size} randomised subjects ({counts}): {words}.")


def export(
    path: Annotated[Path, typer.Argument(help="A run folder, or data of a trial.", metavar="RUN_OR_DATA")],
    *,
    standard: Annotated[Standard, typer.Option("--as", help="Standard of content.")],
    out: Annotated[Path, typer.Option(help="New folder for the datasets and their define.xml.")],
    file_format: Annotated[
        FileFormat, typer.Option("--format", help="Format of the files.")
    ] = FileFormat.XPT,
    mapping: Mapping_ = None,
    protocol: ProtocolName = None,
) -> None:
    """Write a simulated or a real trial as SDTM or ADaM, with Define-XML.

    The datasets pass the conformance check of Euexia before they are written; its findings are printed.
    """
    from euexia.standards import conformance
    from euexia.standards import export as exporting
    from euexia.standards.read import read

    own = path / OWN_PROTOCOL
    plan = _protocol(protocol or (str(own) if own.is_file() else None))
    data, _ = read(_data_of(path), mapping, plan)
    written = exporting.write(
        out,
        data,
        exporting.Standard(standard.value),
        exporting.FileFormat(file_format.value),
        protocol=plan,
    )
    for name, records in written.datasets:
        results.print(f"{name:8} {records:>9,} records", markup=False)
    for note in written.notes:
        tell(note)
    made = exporting.datasets(data, exporting.Standard(standard.value), protocol=plan)
    for finding in conformance.check(made):
        tell(str(finding))
    _print_core(written.folders[0], exporting.Standard(standard.value), file_format)
    folders = "" if len(written.folders) == 1 else f" ({len(written.folders)} folders, one a trial)"
    tell(f"Written: {out}{folders}.")


def _print_core(folder: Path, standard: exporting.Standard, file_format: FileFormat) -> None:
    """Ask the rules engine of CDISC, where it is installed and reads the format."""
    from euexia.standards import core_engine

    if file_format in (FileFormat.CSV, FileFormat.PARQUET):
        return
    judgement = core_engine.judge(folder, standard)
    tell(judgement.words)
    for issue in judgement.issues:
        tell(f"  {issue.rule} {issue.dataset}: {issue.message} ({issue.count} times)")
