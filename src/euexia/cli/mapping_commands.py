"""``euexia map-template``: a mapping to begin with, for data whose columns only a person can name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from euexia.cli.consoles import tell
from euexia.cli.examples import examples
from euexia.cli.new_file import write_new


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        "map-template",
        epilog=examples(
            "euexia map-template export.csv --out mapping.yaml",
            "euexia map-template project.xml --out mapping.yaml",
            "euexia map-template --example my-project",
            remark="A REDCap export needs its data dictionary beside it. Look through every guess; "
            "'euexia check' names those that are still marked.",
        ),
    )(map_template)


def map_template(
    data: Annotated[
        Path | None,
        typer.Argument(
            help="REDCap export or project XML, a table, or a folder of them.", show_default=False
        ),
    ] = None,
    *,
    example: Annotated[
        Path | None,
        typer.Option(help="New folder for an invented REDCap project with its mapping.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Mapping file to write (YAML); never overwritten. Default: print it.")
    ] = None,
) -> None:
    """Write a mapping that says what each column of data means, with guesses marked as guesses."""
    from euexia.core.errors import InputError
    from euexia.standards.mapping_template import template, write_example

    if example is not None:
        names = write_example(example)
        told = f"euexia check {example / names[0]} --mapping {example / names[-1]}"
        tell(f"Example: {example}, with {', '.join(names)}. Read it: {told}")
        return
    if data is None:
        raise InputError("No data are given. Name an export or a table, or ask for '--example FOLDER'.")
    if not data.exists():
        raise InputError(f"'{data}' does not exist. Give a file or a folder with data.")
    text = template(data)
    if out is None:
        typer.echo(text, nl=False)
        return
    write_new(out, text)
    tell(f"Mapping: {out}. Look through its {text.count('guess')} guesses.")
