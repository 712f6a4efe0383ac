"""``euexia credibility``: why believe it, for a stated use, by criteria that were set beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples

if TYPE_CHECKING:
    from euexia.study.credibility import Credibility

UNACKNOWLEDGED = 1


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(
        epilog=examples(
            "euexia credibility",
            "euexia credibility --out why",
            "euexia credibility my-use.yaml",
            'euexia credibility --acknowledge "a new calibration" --into .',
        )
    )(credibility)


def credibility(
    context: Annotated[
        str, typer.Argument(help="Context of use, by name or from a YAML file.", metavar="CONTEXT")
    ] = "design_choice",
    *,
    out: Annotated[Path | None, typer.Option(help="Folder for the page.", show_default="none")] = None,
    acknowledge: Annotated[
        str | None,
        typer.Option(
            help="Keep the figures as they are now, for this reason.", metavar="REASON", show_default="no"
        ),
    ] = None,
    into: Annotated[
        Path, typer.Option(help="Checkout whose report and figures are replaced by --acknowledge.")
    ] = Path("."),
) -> None:
    """Compute the figures on which the credibility of a use rests, and judge them.

    Ends with 1 if a figure is another than the one that was last acknowledged.
    """
    from euexia import parameters
    from euexia.report.credibility_report import sentences, value, write_credibility
    from euexia.study import credibility as study

    chosen = study.load(context)
    tell("Computing the figures (a minute) ...")
    found = study.assess(chosen)
    for entry in found.judged:
        mark = "met" if entry.met else "NOT MET"
        results.print(
            f"{mark:8}{entry.figure.meaning}: {value(entry)} ({entry.criterion.limit})", markup=False
        )
    for sentence in sentences(found):
        results.print(sentence, markup=False)
    if out is not None:
        tell(f"Report: {write_credibility(out, found, parameters.load().hash)}")
    if acknowledge is not None:
        _keep(found, acknowledge, into)
        return
    if context in study.names() and found.changed:
        _tell_changes(found)
        raise typer.Exit(UNACKNOWLEDGED)


def _tell_changes(found: Credibility) -> None:
    tell("These figures are not those that were last acknowledged:")
    for entry in found.changed:
        before = "never acknowledged" if entry.before is None else f"was {entry.before:.6g}"
        tell(f"  - {entry.criterion.figure}: {entry.figure.value:.6g} ({before})")
    tell('Look at them; then: euexia credibility --acknowledge "why" --into CHECKOUT')


def _keep(found: Credibility, reason: str, into: Path) -> None:
    from euexia.report.credibility_report import markdown
    from euexia.study import credibility as study

    for path in study.keep(found, reason, into, markdown(found)):
        tell(f"Wrote {path}")
