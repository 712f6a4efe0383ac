"""``euexia analyse``: the analyses a protocol plans, on the data of a trial."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples

if TYPE_CHECKING:
    from rich.table import Table

    from euexia.study.real import TrialAnalysis, TrialSource

INTERRUPTED = 130
PATIENCE = 2.0
"""Seconds after which a long analysis says how far it has come."""
MOST_CONFLICTS = 10
RESEARCH = "Research use only: Euexia is no medical device and gives no medical advice."


class Format(StrEnum):
    """What is written beside ``results.json``."""

    HTML = "html"
    RTF = "rtf"
    CSV = "csv"
    SVG = "svg"
    PNG = "png"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "euexia analyse lenalidomide euexia-lenalidomide/data --out analysis",
            "euexia analyse my-trial.yaml adam/ --analysis weight_mmrm --out weight",
            "euexia analyse my-trial.yaml data --look half --out half",
            "euexia analyse my-trial.yaml visits.csv --mapping mapping.yaml --format csv --format rtf",
            remark=RESEARCH,
        )
    )(analyse)


def analyse(
    protocol: Annotated[
        str, typer.Argument(help="Name of a shipped protocol, or a protocol file.", metavar="PROTOCOL")
    ],
    data: Annotated[
        Path,
        typer.Argument(help="Data of the trial: a folder or a file, real or simulated.", metavar="DATA"),
    ],
    *,
    out: Annotated[Path, typer.Option(help="New folder for report, tables, figures and results.")] = Path(
        "analysis"
    ),
    mapping: Annotated[
        Path | None,
        typer.Option(help="What the columns of plain tables mean.", show_default="none", dir_okay=False),
    ] = None,
    analysis: Annotated[
        list[str] | None,
        typer.Option(
            help="Do only this analysis of the protocol; may be given again.",
            metavar="NAME",
            show_default="every one",
        ),
    ] = None,
    look: Annotated[
        str | None,
        typer.Option(
            help="Take this interim look of the protocol: only what was known on its day.",
            metavar="NAME",
            show_default="none",
        ),
    ] = None,
    formats: Annotated[
        list[Format] | None,
        typer.Option(
            "--format",
            help="Write only this beside results.json; may be given again.",
            show_default="all",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier analysis in the folder.")
    ] = False,
) -> None:
    """Do every analysis a protocol plans on the data of one trial, and report it.

    Every result carries its method, its estimand, how many were analysed of how many randomised, its
    warnings, and the code that does it again.  What the data do not allow is named, with the reason.
    """
    from euexia.protocol import load
    from euexia.report.analysis_report import FORMATS, check_target, write_analysis
    from euexia.study import real

    check_target(out, overwrite=overwrite)
    plan = load(protocol)
    chosen = tuple(each.value for each in formats) if formats else FORMATS
    try:
        source = real.read(data, mapping=mapping, protocol=plan)
        _tell_conflicts(source)
        found = real.analyse(source, plan, only=tuple(analysis or ()), progress=_progress(), look=look)
        page = write_analysis(out, found, formats=chosen, overwrite=overwrite)
    except KeyboardInterrupt:
        tell("Interrupted; nothing was written.")
        raise typer.Exit(INTERRUPTED) from None
    results.print(_summary(found))
    _tell_gaps(found)
    what = "Report" if page.suffix == ".html" else "Results"
    results.print(f"\n{what}: {page}", markup=False, soft_wrap=True)


def _tell_conflicts(source: TrialSource) -> None:
    conflicts = source.understanding.conflicts
    for remark in conflicts[:MOST_CONFLICTS]:
        tell(f"Conflict in the data, {remark.topic}: {remark}")
    if len(conflicts) > MOST_CONFLICTS:
        tell(f"... and {len(conflicts) - MOST_CONFLICTS} more conflicts; the report lists them.")


def _progress() -> Callable[[int, int, str], None]:
    """Return what says, once it has taken a while, which analysis is next and how long the rest may take."""
    start = time.monotonic()

    def report(done: int, planned: int, name: str) -> None:
        gone = time.monotonic() - start
        if not name or gone < PATIENCE:
            return
        left = gone / done * (planned - done) if done else 0.0
        tell(f"{done} of {planned} analyses after {gone:.0f} s, about {left:.0f} s left; next: {name}")

    return report


def _summary(found: TrialAnalysis) -> Table:
    from rich.table import Table

    from euexia.report.analysis_material import AnalysisMaterial
    from euexia.report.analysis_numbers import effect_text, effect_unit, interval_text, p_text
    from euexia.report.analysis_tables import tested

    material = AnalysisMaterial(trial=found)
    table = Table(title=f"{found.protocol.id}: {material.data.size} patients", title_justify="left")
    table.add_column("Analysis", overflow="fold")
    table.add_column("Analysed", justify="right")
    table.add_column("Effect", justify="right")
    table.add_column("Interval", justify="right")
    table.add_column("p", justify="right")
    for result in tested(material):
        endpoint = material.endpoints[result.endpoint]
        table.add_row(
            result.analysis,
            f"{result.analysed[0]:g} of {result.randomised[0]:g}",
            f"{effect_text(result, endpoint)} {effect_unit(result)}",
            interval_text(result, endpoint),
            p_text(result),
        )
    return table


def _tell_gaps(found: TrialAnalysis) -> None:
    """Say on standard error what was not estimated."""
    for result in found.results:
        if result.diagnosis and result.diagnosis[0]:
            why = result.diagnosis[0].rstrip(".")
            tell(f"{result.analysis} was not estimated, or only in part, because: {why}.")
    for each in found.not_done:
        tell(f"{each.analysis} was not done: {each.reason}")
    for remark in found.remarks:
        tell(remark)
