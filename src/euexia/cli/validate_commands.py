"""``euexia validate``: predicted against published, for every trial that has a virtual twin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples
from euexia.cli.progress import trial_progress

if TYPE_CHECKING:
    from euexia.study.validation import Validation

INTERRUPTED = 130


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "euexia validate",
            "euexia validate --trials romana2,ono_7643_04 --draws 100",
            "euexia validate --draws-from my-calibration/draws.csv --out why-believe-it",
            remark="Trials: the names of the twins, which 'euexia validate --list' prints.",
        )
    )(validate)


def validate(
    *,
    trials: Annotated[
        str, typer.Option(help="Only these twins, separated by commas.", show_default="all of them")
    ] = "",
    draws: Annotated[
        int, typer.Option(min=20, help="Simulated trials of each, every one with parameters of its own.")
    ] = 200,
    draws_from: Annotated[
        str, typer.Option(help="A calibrated set by name, or its draws (CSV).", show_default="the latest")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures, bit for bit.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the work; no figure moves.")] = 2,
    out: Annotated[
        Path, typer.Option(help="Folder for the page, the table and the figures; new or empty.")
    ] = Path("euexia-validation"),
    list_twins: Annotated[bool, typer.Option("--list", help="List the twins and what they are for.")] = False,
) -> None:
    """Set what the model predicts beside every published figure: coverage, error, and what it must beat.

    Calibrated and uncalibrated, figures that were fitted and that were held out apart, and two predictors
    that know no model. Needs minutes; --trials and --draws make it shorter.
    """
    if list_twins:
        _list()
        return
    from euexia import parameters
    from euexia.evidence.twin import load_twin, shipped
    from euexia.study.calibrated_set import LATEST, load_draws
    from euexia.study.store import check_folder
    from euexia.study.validation import validate as compare

    chosen = tuple(name.strip() for name in trials.split(",") if name.strip())
    for name in chosen:
        load_twin(name)  # a name that is none is said now
    drawn = load_draws(draws_from or LATEST)
    check_folder(out)
    planned = 2 * draws * len(chosen or shipped())
    try:
        with trial_progress(planned) as progress:
            found = compare(parameters.load(), drawn, draws=draws, seed=seed, twins=chosen, progress=progress)
    except KeyboardInterrupt:
        tell("Stopped; nothing is written.")
        raise typer.Exit(INTERRUPTED) from None
    from euexia.report.validation_report import write_validation

    page = write_validation(out, found)
    _print(found)
    tell(f"Report: {page}")


def _list() -> None:
    from euexia.evidence.split import uses
    from euexia.evidence.twin import load_twin, shipped

    known = uses()
    for name in shipped():
        twin = load_twin(name)
        use = known[twin.study].value if twin.study in known else "context"
        typer.echo(f"{name}: {twin.study}, {use}, {len(twin.comparisons)} figures, protocol {twin.protocol}")


def _print(validation: Validation) -> None:
    from rich.markup import escape
    from rich.table import Table

    from euexia.evidence.row import Use
    from euexia.report import validation_report, validation_words

    for sentence in validation_words.sentences(validation):
        typer.echo(sentence)
    blocks = [validation_report.coverage_table(validation)]
    blocks += [
        validation_report.error_table(validation, use)
        for use in (Use.HOLDOUT, Use.CALIBRATION)
        if validation.score("calibrated", use).rows
    ]
    for block in blocks:
        table = Table(*block.columns, title=block.caption)
        for row in block.rows:
            table.add_row(*map(escape, row))
        results.print(table)
