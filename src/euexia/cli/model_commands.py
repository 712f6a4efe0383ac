"""``euexia export-model`` and ``sensitivity``: the model, for other simulators, and what it hangs on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples

if TYPE_CHECKING:
    from rich.table import Table

    from euexia.study.sensitivity import Sensitivity

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


LEFT_OUT = ("Range", "Mean effect", "SD of effects", "Interactions")
"""Columns that the page has and the terminal has no room for."""


class Format(StrEnum):
    """Formats that a model can be written in."""

    SBML = "sbml"


class Method(StrEnum):
    """How global sensitivity is measured."""

    MORRIS = "morris"
    SOBOL = "sobol"


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
    app.command(
        epilog=examples(
            "euexia sensitivity nsclc --of body_weight",
            "euexia sensitivity nsclc --of handgrip_strength --vary muscle --vary strength --method sobol",
            'euexia sensitivity pancreas --of body_weight --treat "anamorelin 100 mg daily" --out hangs-on',
        ),
    )(sensitivity)


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
    from euexia.study.exchange import check_new, export, write_model
    from euexia.study.regimen import parse

    numbers = catalogue.load(overlays=tuple(parameters or ()))
    regimen = parse(treat, numbers)
    check_new(out)
    match format_:
        case Format.SBML:
            text = export(archetypes.load(who), regimen, parameters=numbers, weeks=weeks, stop_week=stop_week)
    write_model(out, text)
    tell(f"Model: {out} (SBML Level 3 Version 2; time in days from the start of treatment).")


def sensitivity(
    who: Who,
    *,
    of: Annotated[list[str], typer.Option(help="Observable whose change is looked at; may be given again.")],
    weeks: Annotated[int, typer.Option(help="Length of the course.")] = 12,
    treat: Annotated[str, typer.Option(help="Treatment; '+' joins several.")] = "none",
    vary: Annotated[
        list[str] | None,
        typer.Option(
            help="Number of the model, or a whole block; may be given again.",
            show_default="all that have a range and are not 0",
        ),
    ] = None,
    method: Annotated[
        Method, typer.Option(help="Morris screens; Sobol shares the variance.")
    ] = Method.MORRIS,
    size: Annotated[
        int | None,
        typer.Option(help="Trajectories of Morris, or base samples of Sobol.", show_default="10 or 64"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures.")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="New folder for the page and the numbers.", show_default="none")
    ] = None,
    parameters: Overlays = None,
) -> None:
    """Say which numbers of the model one patient's course hangs on, within their stated ranges."""
    from euexia import parameters as catalogue
    from euexia.population import archetypes
    from euexia.report import sensitivity_report as words
    from euexia.study import global_indices
    from euexia.study.regimen import parse
    from euexia.study.sensitivity import analyse
    from euexia.study.store import check_folder

    numbers = catalogue.load(overlays=tuple(parameters or ()))
    regimen = parse(treat, numbers)
    if out is not None:
        check_folder(out)
    found = analyse(
        archetypes.load(who),
        regimen,
        parameters=numbers,
        of=of,
        names=tuple(vary or ()),
        weeks=weeks,
        method=global_indices.Method(method.value),
        size=size,
        seed=seed,
    )
    for name in found.influences:
        results.print(_influences(found, name))
        results.print(words.leading(found, name), markup=False)
    for text in (*words.identifiability_words(found), words.method_words(found)):
        results.print(text, markup=False)
    if out is not None:
        tell(f"Report: {words.write_sensitivity(out, found)}")


def _influences(found: Sensitivity, name: str) -> Table:
    from rich.table import Table
    from rich.text import Text

    from euexia.report.sensitivity_report import SHOWN, column_heads, row
    from euexia.study.exchange import observable

    unit, meaning = observable(name)
    title = f"{meaning}{'' if unit == '1' else f' [{unit}]'}, change in {found.weeks} weeks"
    table = Table(title=Text(title), title_justify="left", title_style="bold")
    heads = ("Number", *column_heads(found.method))
    shown = [place for place, head in enumerate(heads) if head not in LEFT_OUT]
    for place in shown:
        table.add_column(
            heads[place], justify="right" if place else "left", overflow="fold", no_wrap=place == 0
        )
    for entry in found.influences[name][:SHOWN]:
        cells = row(entry)
        table.add_row(*(Text(cells[place]) for place in shown))
    left = len(found.influences[name]) - SHOWN
    if left > 0:
        table.caption = f"and {left} more; --out writes them all"
        table.caption_justify = "left"
    return table
