"""``euexia plain``: a trial, or a run, on a page that a patient or a family can read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import tell
from euexia.cli.examples import examples
from euexia.cli.new_file import write_new

if TYPE_CHECKING:
    from euexia.report.plain_language import PlainPage


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(
        epilog=examples(
            "euexia plain lenalidomide",
            "euexia plain my-run --out for-patients.html",
            remark="Research use only: Euexia is no medical device and gives no medical advice.",
        )
    )(plain)


def plain(
    trial: Annotated[
        str, typer.Argument(help="A protocol by name or file, or a run folder.", metavar="PROTOCOL|RUN")
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="HTML file to write; never overwritten.", show_default="text on the screen"),
    ] = None,
) -> None:
    """Tell a trial in plain words: what cachexia is, what is asked, what may be gained or go wrong."""
    from euexia.report import plain_language_page

    page = _page(trial)
    if out is None:
        typer.echo(plain_language_page.text(page), nl=False)
    else:
        write_new(out, plain_language_page.full_page(page))
        tell(f"Page: {out}.")
    tell(f"Reading grade (Flesch-Kincaid): {page.reading_grade:g}.")


def _page(trial: str) -> PlainPage:
    from euexia import protocol
    from euexia.report.plain_language import plain_page
    from euexia.report.plain_language_facts import of_folder

    folder = Path(trial)
    if folder.is_dir() and trial not in protocol.shipped():
        return plain_page(*of_folder(folder))
    return plain_page(protocol.load(trial))
