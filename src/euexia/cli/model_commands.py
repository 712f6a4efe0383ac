"""``euexia export-model``: one virtual patient, for other simulators."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from euexia.cli.consoles import tell
from euexia.cli.examples import examples

Who = Annotated[
    str,
    typer.Argument(
        help="A built-in patient (nsclc, gdf15_high, pancreas, il6, inflammatory) or a YAML file.",
        metavar="PATIENT",
    ),
]
Overlays = Annotated[
    list[str] | None,
    typer.Option("--parameters", help="Parameter overlay; may be given again.", metavar="OVERLAY"),
]


class Format(StrEnum):
    """Formats that a model can be written in."""

    SBML = "sbml"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        "export-model",
        epilog=examples(
            "euexia export-model nsclc --out nsclc.xml",
            'euexia export-model gdf15_high --treat "ponsegromab 200 mg every 4 weeks" --out treated.xml',
            'euexia export-model nsclc --treat "lenalidomide 25 mg daily" --stop-week 12 --out model.xml',
        ),
    )(export_model)


def export_model(
    who: Who,
    *,
    out: Annotated[Path, typer.Option(help="File to write.", metavar="FILE")],
    treat: Annotated[
        str, typer.Option(help="Treatment, such as 'lenalidomide 25 mg daily'; '+' joins several.")
    ] = "none",
    weeks: Annotated[float, typer.Option(help="Weeks for which injections are listed.")] = 52.0,
    stop_week: Annotated[
        float | None, typer.Option(help="Week in which treatment ends.", show_default="never")
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="SBML, Level 3 Version 2, with units.")
    ] = Format.SBML,
    parameters: Overlays = None,
) -> None:
    """Write one virtual patient under a treatment as a model that other simulators run."""
    from euexia import parameters as catalogue
    from euexia.population import archetypes
    from euexia.study.exchange import export, write_model
    from euexia.study.regimen import parse

    numbers = catalogue.load(overlays=tuple(parameters or ()))
    regimen = parse(treat, numbers)
    match format_:
        case Format.SBML:
            text = export(archetypes.load(who), regimen, parameters=numbers, weeks=weeks, stop_week=stop_week)
    write_model(out, text)
    tell(f"Model: {out} (SBML Level 3 Version 2; time in days from the start of treatment).")
