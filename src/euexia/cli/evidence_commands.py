"""``euexia evidence``: published results, and results posted in a register as rows of evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import tell
from euexia.cli.examples import examples
from euexia.cli.new_file import write_new

if TYPE_CHECKING:
    from euexia.evidence import Row, Study

LONGEST = 60
"""Characters of a citation in a list."""


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "euexia evidence",
            "euexia evidence anamorelin_romana1",
            "euexia evidence NCT01387269.json --out romana1.yaml",
        )
    )(evidence)


def evidence(
    study: Annotated[
        str,
        typer.Argument(
            help="A published study by name, or a registry record (JSON, XML) with posted results.",
            metavar="[STUDY | RECORD]",
            show_default="list every study",
        ),
    ] = "",
    *,
    out: Annotated[
        Path | None, typer.Option(help="Evidence file to write (YAML); never overwritten.")
    ] = None,
) -> None:
    """List published studies, print the rows of one, or turn posted results into rows."""
    from euexia import evidence as published

    if not study:
        for name in published.shipped():
            found = published.load(name)
            typer.echo(f"{name}: {len(found.rows)} rows. {found.citation[:LONGEST]}")
        return
    chosen = _posted(Path(study)) if Path(study).suffix else published.load(study)
    if out is None:
        _print(chosen)
        return
    from euexia.evidence.written import written

    write_new(out, written(chosen))
    tell(f"Evidence: {out}, {len(chosen.rows)} rows.")


def _posted(path: Path) -> Study:
    from euexia.core.datafile import read_text
    from euexia.evidence.posted_results import posted_results
    from euexia.formats.registry import read_registry_record

    return posted_results(read_registry_record(read_text(path), path.name))


def _print(study: Study) -> None:
    """Print a study: a line for each row, so that it can be searched and copied."""
    typer.echo(f"{study.id}: {study.citation}")
    for name, text in (("patients", study.population), ("handling", study.handling), ("notes", study.notes)):
        if text:
            typer.echo(f"  {name}: {text}")
    typer.echo("  rows (* seen at the source):")
    for key, row in study.rows.items():
        typer.echo(f"  {'*' if row.verified else ' '} {key}: {_in_words(row)}")
    for source in study.sources:
        typer.echo(f"  source: {source}")


def _in_words(row: Row) -> str:
    """Return a row as ``lbm_change, anamorelin, weeks 0 to 12: 0.99 kg (median), 0.61 to 1.36, n 284``."""
    weeks = " to ".join(f"{week:g}" for week in row.weeks)
    place = (row.measure, row.arm or row.contrast, f"weeks {weeks}" if weeks else row.when)
    limits = "" if row.low is None or row.high is None else f"{row.low:g} to {row.high:g}"
    found = (
        _value(row),
        f"{limits} ({(row.limits or '').replace('_', ' ')})" if limits else row.dispersion,
        "" if row.p is None else f"p {'<' if row.below else '='} {row.p:g}",
        "" if row.n is None else f"n {row.n:g}",
        row.note,
    )
    return f"{', '.join(part for part in place if part)}: {', '.join(part for part in found if part)}"


def _value(row: Row) -> str:
    if row.value is None:
        return row.text or " / ".join(f"{value:g}" for value in row.values)
    return f"{row.value:g} {row.unit} ({row.statistic.value.replace('_', ' ')})".replace("  ", " ")
