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

if TYPE_CHECKING:
    from euexia.parameters import Parameter


class Standing(StrEnum):
    """How well a value is known."""

    VERIFIED = "verified"
    DERIVED = "derived"
    CALIBRATED = "calibrated"
    ASSUMED = "assumed"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "euexia parameters --status assumed",
            "euexia parameters lenalidomide",
            "euexia parameters --overlay my-drug.yaml",
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
) -> None:
    """List the numbers of the model: meaning, value, range, status and source."""
    from euexia import parameters as catalogue
    from euexia.core.choices import choose

    blocks = _blocks(catalogue.load(overlays=tuple(overlay or ())).values())
    chosen = blocks if block is None else {block: choose("block of the model", block, blocks)}
    shown = 0
    for name, entries in chosen.items():
        wanted = [entry for entry in entries if status is None or entry.status.value == status.value]
        shown += len(wanted)
        if wanted:
            results.print(f"[bold]{name}[/bold]")
            results.print(Group(*(_entry(entry) for entry in wanted)))
    tell(f"{shown} of {sum(map(len, blocks.values()))} parameters.")


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
