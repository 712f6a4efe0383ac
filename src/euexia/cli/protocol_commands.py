"""``euexia protocols``, ``show``, ``check`` and ``draft``: protocols in words, checked, and begun."""

from __future__ import annotations

from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated, assert_never

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples
from euexia.cli.new_file import write_new
from euexia.core.errors import InputError

Name = Annotated[
    str, typer.Argument(help="Name of a shipped protocol, or a protocol file.", metavar="PROTOCOL")
]


class Format(StrEnum):
    """How a protocol is laid out."""

    TEXT = "text"
    MARKDOWN = "markdown"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(epilog=examples("euexia protocols"))(protocols)
    app.command(
        epilog=examples(
            "euexia show lenalidomide", "euexia show my-trial.yaml --format markdown > my-trial.md"
        )
    )(show)
    app.command(
        epilog=examples(
            "euexia draft record.txt --out my-trial.yaml",
            "euexia draft study.json --out my-trial.yaml",
            "euexia draft --example > record.txt",
        )
    )(draft)


def protocols() -> None:
    """List the protocols that come with Euexia."""
    from euexia import protocol

    for name in protocol.shipped():
        results.print(f"[bold]{name}[/bold]  {protocol.load(name).title}")


def show(
    name: Name, *, layout: Annotated[Format, typer.Option("--format", help="Layout.")] = Format.TEXT
) -> None:
    """Read a protocol back in plain words."""
    from euexia import protocol
    from euexia.cli import markdown

    loaded = protocol.load(name)
    match layout:
        case Format.TEXT:
            typer.echo(protocol.words(loaded), nl=False)
        case Format.MARKDOWN:
            typer.echo(markdown.written(loaded.title, protocol.sections(loaded)), nl=False)
        case _:
            assert_never(layout)


def check(name: Name) -> None:
    """Check a protocol file; every fault is named with its line and the way out."""
    from euexia import protocol
    from euexia.study import feasibility

    loaded = protocol.load(name)
    feasibility.check(loaded)
    arms = ", ".join(f"{arm.label} ({arm.ratio})" for arm in loaded.arms)
    tell(f"'{name}' is a valid protocol: {loaded.size} patients, arms {arms}.")


def _print_example(wanted: bool) -> None:
    if wanted:
        record = files("euexia") / "data" / "records" / "example-record.txt"
        typer.echo(record.read_text(encoding="utf-8"), nl=False)
        raise typer.Exit


def draft(
    record: Annotated[Path, typer.Argument(help="A registry record, or a USDM document.", metavar="RECORD")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="File to write; never overwritten.", show_default="standard output")
    ] = None,
    example: Annotated[
        bool,
        typer.Option(
            "--example",
            help="Print a record of the form that is read, invented as an example.",
            is_eager=True,
            callback=_print_example,
        ),
    ] = False,
) -> None:
    """Turn a registry record or a USDM document into a draft protocol, with a list of what it does not say.

    A USDM document that carries a protocol in full gives back that protocol.
    """
    from euexia.core.datafile import read_text
    from euexia.protocol import registry
    from euexia.standards import usdm

    if out is not None and out.exists():
        raise InputError(f"'{out}' exists and is not overwritten. Choose another --out.")
    found = read_text(record)
    text = usdm.draft(found, record.name) if usdm.is_usdm(found) else registry.draft(found, record.name)
    if out is None:
        typer.echo(text, nl=False)
        return
    write_new(out, text)
    ready = "TODO" not in text
    tell(
        f"Protocol: {out}."
        if ready
        else f"Draft: {out}. Fill in what is marked TODO, then: euexia check {out}"
    )
