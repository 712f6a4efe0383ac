"""``euexia parameters``: every number of the model, with its status and source."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples
from euexia.core.errors import InputError

if TYPE_CHECKING:
    from euexia.parameters import Parameter, ParameterSet


class Standing(StrEnum):
    """How well a value is known."""

    VERIFIED = "verified"
    DERIVED = "derived"
    CALIBRATED = "calibrated"
    ASSUMED = "assumed"


class Format(StrEnum):
    """How the list is written."""

    TEXT = "text"
    MARKDOWN = "markdown"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "euexia parameters --status assumed",
            "euexia parameters lenalidomide",
            "euexia parameters --overlay my-drug.yaml",
            "euexia parameters --format markdown > parameters.md",
        )
    )(parameters)


def parameters(
    block: Annotated[
        str | None,
        typer.Argument(help="Only this block of the model, or drug.", metavar="BLOCK", show_default="all"),
    ] = None,
    *,
    status: Annotated[Standing | None, typer.Option(help="Only values of this status.")] = None,
    overlay: Annotated[
        list[str] | None, typer.Option(help="Parameter overlay to look at; may be given again.")
    ] = None,
    written: Annotated[
        Format,
        typer.Option("--format", help="Lines to read, or a page of all parameters with their sources."),
    ] = Format.TEXT,
) -> None:
    """List the numbers of the model: meaning, value, range, status and source."""
    from euexia import parameters as catalogue
    from euexia.core.choices import choose

    numbers = catalogue.load(overlays=tuple(overlay or ()))
    if written is Format.MARKDOWN:
        _print_page(numbers, chosen=block is not None or status is not None)
        return
    blocks = _blocks(numbers.values())
    chosen = blocks if block is None else {block: choose("block of the model", block, blocks)}
    shown = 0
    for name, entries in chosen.items():
        wanted = [entry for entry in entries if status is None or entry.status.value == status.value]
        shown += len(wanted)
        if wanted:
            results.print(f"[bold]{name}[/bold]")
            results.print(Group(*(_entry(entry) for entry in wanted)))
    tell(f"{shown} of {sum(map(len, blocks.values()))} parameters.")


def _print_page(numbers: ParameterSet, *, chosen: bool) -> None:
    """Print the catalogue; it is of all parameters."""
    from euexia.parameters.catalogue import markdown

    if chosen:
        raise InputError("The page holds all parameters. Leave out the block and --status, or the --format.")
    results.print(markdown(numbers), end="", markup=False, soft_wrap=True)


def _blocks(entries: Iterable[Parameter]) -> dict[str, list[Parameter]]:
    """Return the parameters by the block or drug they belong to."""
    blocks: dict[str, list[Parameter]] = {}
    for entry in entries:
        blocks.setdefault(entry.name.split(".")[0], []).append(entry)
    return blocks


def _entry(entry: Parameter) -> RenderableType:
    """Return name, value and status on one line; meaning and source below it."""
    short = entry.name.split(".", 1)[1]
    spread = f", varies {100 * entry.spread:g} % between patients" if entry.spread else ""
    reason = (
        entry.source.where
        if entry.source.key == "assumption"
        else f"{entry.source.key}, {entry.source.where}"
    )
    head = Text.assemble(
        "  ", (short, "cyan"), f" = {entry.printed}{spread} ", (f"[{entry.status.value}]", "dim")
    )
    return Group(head, Padding(Text(f"{entry.meaning}. Source: {reason}."), (0, 0, 0, 6)))
