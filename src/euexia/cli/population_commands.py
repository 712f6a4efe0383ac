"""``euexia population``: what virtual patients are like, and the same beside published baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from euexia.cli.consoles import results
from euexia.cli.examples import examples

if TYPE_CHECKING:
    from euexia.study.baseline import Line

SHOWN = (
    "age", "body_mass_index", "weight_loss", "crp", "gdf15", "albumin", "lean_mass_dxa", "handgrip_strength",
    "ecog",
)  # fmt: skip
"""Characteristics whose correlations are shown."""
FAR = 0.25
"""A standardised difference beyond this is marked."""


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "euexia population",
            "euexia population advanced_nsclc",
            "euexia population advanced_nsclc_joint --people 5000",
            "euexia population elevated_gdf15 --parameters known_misfits",
        )
    )(population)


def population(
    name: Annotated[
        str,
        typer.Argument(help="A population.", metavar="[NAME]", show_default="list every population"),
    ] = "",
    *,
    people: Annotated[int, typer.Option(min=100, max=100_000, help="How many to look at.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Number that chooses the chance.")] = 1,
    parameters: Annotated[
        list[str] | None,
        typer.Option(help="Parameter overlay (a name or a YAML file); may be given again."),
    ] = None,
) -> None:
    """Show who is referred from a population on day 0, and the published baselines beside them."""
    from euexia import population as populations

    if not name:
        for each in populations.names():
            typer.echo(f"{each}: {populations.load(each).title}")
        return
    from euexia import parameters as catalogue
    from euexia.study import baseline

    spec = populations.load(name)
    chosen = catalogue.load(overlays=tuple(parameters or ()))
    found = baseline.referred(name, people=people, seed=seed, parameters=chosen)
    results.print(f"[bold]{name}[/bold]: {spec.title}")
    results.print(f"{people} people are referred; day 0, without error of reading.")
    results.print(_summary(found, baseline.LABELS))
    results.print("Rank correlations")
    results.print(_correlations(baseline.rank_correlations(found, SHOWN), baseline.LABELS))
    wanted = baseline.concerning(name)
    if not wanted:
        results.print("No published baseline is compared with this population.")
        return
    results.print("Beside published baselines")
    results.print(_comparison(baseline.compare(wanted, seed=seed, parameters=chosen)))


def _new_table(*headings: str) -> Table:
    """Return a table whose first column is text."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", no_wrap=place > 0)
    return table


def _summary(found: Mapping[str, Any], labels: Mapping[str, tuple[str, str, float]]) -> Table:
    import numpy as np

    table = _new_table("", "mean", "SD", "25 %", "median", "75 %")
    for name, (label, unit, size) in labels.items():
        if name not in found:
            continue
        values = np.asarray(found[name]) * size
        spread = () if name == "male" else (values.std(), *np.quantile(values, (0.25, 0.5, 0.75)))
        named = f"{label} [{unit}]" if unit else label
        table.add_row(escape(named), *(f"{value:.1f}" for value in (values.mean(), *spread)))
    return table


def _correlations(found: Any, labels: Mapping[str, tuple[str, str, float]]) -> Table:
    """Return the lower triangle; a column bears the number of its row."""
    table = _new_table("", *(str(place + 1) for place in range(len(SHOWN) - 1)))
    for row, name in enumerate(SHOWN):
        cells = (f"{found[row, place]:.2f}" for place in range(row))
        table.add_row(f"{row + 1} {labels[name][0]}", *cells)
    return table


def _comparison(lines: Sequence[Line]) -> Table:
    table = _new_table("", "published", "simulated", "apart")
    told = ""
    for line in lines:
        if line.who != told:
            told = line.who
            table.add_row(f"[bold]{'Enrolled' if line.enrolled else 'Referred'}: {told}[/bold]")
        unit = f" [{line.unit}]" if line.unit else ""
        how = f", {line.summary.value}" if line.spread is not None else ""
        printed = _number(line.published, line.published_sd) + ("" if line.verified else " *")
        mark = " !" if abs(line.apart) > FAR else "  "
        simulated = _number(line.simulated, line.spread)
        table.add_row(escape(f"{line.label}{how}{unit}"), printed, simulated, f"{line.apart:+.2f}{mark}")
    table.caption = "SD in brackets; * not seen at the source; apart: standardised difference, ! beyond 0.25"
    return table


def _number(value: float, deviation: float | None) -> str:
    return f"{value:.2f}" if deviation is None else f"{value:.2f} ({deviation:.2f})"
