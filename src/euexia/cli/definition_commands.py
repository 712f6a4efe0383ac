"""``euexia definitions``: every published definition, what it asks for and where it comes from."""

from __future__ import annotations

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
    from euexia.criteria.definition import Definition


class Layout(StrEnum):
    """How the list is written."""

    TEXT = "text"
    MARKDOWN = "markdown"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "euexia definitions",
            "euexia definitions cachexia",
            "euexia definitions --format markdown > definitions.md",
        )
    )(definitions)


def definitions(
    concept: Annotated[
        str | None,
        typer.Argument(
            help="Only those about this, such as sarcopenia.", metavar="CONCEPT", show_default="all"
        ),
    ] = None,
    *,
    written: Annotated[
        Layout,
        typer.Option("--format", help="Lines to read, or a page of all definitions with their readings."),
    ] = Layout.TEXT,
) -> None:
    """List the published definitions and scores: source, and whether it was checked."""
    from euexia.core.choices import choose
    from euexia.criteria.catalogue import DEFINITIONS
    from euexia.criteria.definition_page import by_concept, markdown

    if written is Layout.MARKDOWN:
        if concept is not None:
            raise InputError("The page holds all definitions. Leave out the concept, or the --format.")
        results.print(markdown(DEFINITIONS), end="", markup=False, soft_wrap=True)
        return
    concepts = by_concept(DEFINITIONS.values())
    chosen = concepts if concept is None else {concept: choose("concept", concept, concepts)}
    for name, entries in chosen.items():
        results.print(f"[bold]{name}[/bold]")
        results.print(Group(*map(_entry, entries)))
    tell(f"{sum(map(len, chosen.values()))} of {len(DEFINITIONS)} definitions.")


def _entry(definition: Definition) -> RenderableType:
    """Return the identifier on one line; the source and whether it was checked below it."""
    from euexia.criteria.definition_page import checked

    head = Text.assemble("  ", (definition.id, "cyan"), (f" [{definition.version}]", "dim"))
    words = f"{definition.source.rstrip('.')}. Checked: {checked(definition)}."
    return Group(head, Padding(Text(words), (0, 0, 0, 6)))
