"""``euexia document``: a protocol as a synopsis for people, or as CDISC USDM for other programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, assert_never

import typer

from euexia.cli.consoles import tell
from euexia.cli.examples import examples
from euexia.core.errors import InputError, OutputError

if TYPE_CHECKING:
    from euexia.protocol.protocol import Protocol


class Document(StrEnum):
    """What is made of a protocol."""

    SYNOPSIS = "synopsis"
    USDM = "usdm"


class Layout(StrEnum):
    """In which form it is written."""

    HTML = "html"
    DOCX = "docx"
    JSON = "json"


LAYOUTS = {Document.SYNOPSIS: (Layout.HTML, Layout.DOCX), Document.USDM: (Layout.JSON,)}
"""Forms of each document; the first is taken if neither --format nor the file's ending says another."""


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(
        epilog=examples(
            "euexia document lenalidomide --as synopsis --out synopsis.html",
            "euexia document lenalidomide --as synopsis --out synopsis.docx",
            "euexia document lenalidomide --as usdm --out lenalidomide.json",
        )
    )(document)


def document(
    name: Annotated[
        str, typer.Argument(help="Name of a shipped protocol, or a protocol file.", metavar="PROTOCOL")
    ],
    *,
    what: Annotated[
        Document, typer.Option("--as", help="Synopsis in the order of ICH M11, or CDISC USDM v4.")
    ] = Document.SYNOPSIS,
    layout: Annotated[
        Layout | None, typer.Option("--format", help="Form of the file.", show_default="by its ending")
    ] = None,
    out: Annotated[Path, typer.Option(help="File to write; never overwritten.")],
) -> None:
    """Write a protocol as a synopsis (HTML, DOCX) or as CDISC USDM v4 (JSON)."""
    from euexia import protocol

    if out.exists():
        raise InputError(f"'{out}' exists and is not overwritten. Choose another --out.")
    chosen = _layout(what, layout, out)
    content = _content(protocol.load(name), chosen)
    _write_new(out, content)
    tell(f"Written: {out} ({len(content) / 1024:.0f} KiB)")


def _layout(what: Document, asked: Layout | None, out: Path) -> Layout:
    """Return the form asked for, or named by the file's ending; raise InputError if there is none such."""
    known = LAYOUTS[what]
    endings = {f".{item.value}": item for item in Layout}
    chosen = asked or endings.get(out.suffix.lower()) or known[0]
    if chosen not in known:
        names = " or ".join(item.value for item in known)
        raise InputError(
            f"'--as {what.value}' is written as {names}, not as {chosen.value}. "
            "Choose another --as or --format."
        )
    return chosen


def _content(loaded: Protocol, layout: Layout) -> bytes:
    match layout:
        case Layout.HTML:
            from euexia.report.synopsis_page import synopsis_page

            return synopsis_page(loaded).encode()
        case Layout.DOCX:
            from euexia.report.synopsis_docx import synopsis_docx

            return synopsis_docx(loaded)
        case Layout.JSON:
            from euexia.standards import usdm

            return usdm.written(loaded).encode()
        case _:
            assert_never(layout)


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet; leave nothing behind on failure."""
    try:
        with path.open("xb") as file:
            try:
                file.write(content)
                file.flush()
            except OSError:
                path.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise OutputError(
            f"'{path}' cannot be written: {error.strerror or error}. Choose another --out."
        ) from error
