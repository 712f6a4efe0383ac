"""``euexia schema``: what editors need to complete and check a file."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, assert_never

import typer

from euexia.cli.examples import examples


class Kind(StrEnum):
    """Which files the schema is of."""

    PROTOCOL = "protocol"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(epilog=examples("euexia schema protocol > protocol.schema.json"))(schema)


def schema(kind: Annotated[Kind, typer.Argument(help="Which files it is of.")] = Kind.PROTOCOL) -> None:
    """Print the JSON Schema of a file, for editors that complete and check it."""
    match kind:
        case Kind.PROTOCOL:
            from euexia.study import protocol_schema

            typer.echo(protocol_schema.text(), nl=False)
        case _:
            assert_never(kind)
