"""``euexia calibrate``: fit uncertain numbers to published trials, with what doubt is left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import messages, tell
from euexia.cli.examples import examples

if TYPE_CHECKING:
    from euexia.study.calibration import Progress

INTERRUPTED = 130
STATE = "state"
STEPS = 5
"""Steps, and a last look, that a calibration usually takes; the time left is reckoned by it."""


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "euexia calibrate my-calibration",
            "euexia calibrate quick --members 32 --repeats 1 --trials gordon,romana1",
            "euexia calibrate my-calibration   # again, after Ctrl-C: goes on where it was",
            remark="Rows that are held out are never read. The draws serve 'euexia validate --draws-from'.",
        )
    )(calibrate)


def calibrate(
    folder: Annotated[Path, typer.Argument(help="Folder of the calibration; a begun one is gone on with.")],
    *,
    members: Annotated[int, typer.Option(min=16, help="Parameter sets in each of two ensembles.")] = 128,
    repeats: Annotated[
        int, typer.Option(min=1, help="Trials of each twin for every set; small trials get more.")
    ] = 3,
    trials: Annotated[
        str, typer.Option(help="Only these twins, separated by commas.", show_default="all fitted ones")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same draws, bit for bit.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the work.")] = 2,
) -> None:
    """Fit uncertain numbers of the model to published trials by ensemble Kalman inversion.

    Writes draws, an overlay with their medians and a page with prior and posterior. Half an hour to an hour
    on two cores; Ctrl-C and go on later. A posterior that does not converge is said by name, and gives no
    overlay.
    """
    from euexia import parameters
    from euexia.report.calibration_report import write_calibration
    from euexia.study.calibrated_set import OVERLAY, SUMMARY, set_files
    from euexia.study.calibration import Settings
    from euexia.study.calibration import calibrate as fit
    from euexia.study.calibration_result import require_converged, summarise

    only = tuple(name.strip() for name in trials.split(",") if name.strip())
    settings = Settings(members=members, repeats=repeats, seed=seed, workers=workers, only=only)
    started = time.monotonic()
    try:
        with _progress() as progress:
            found = fit(parameters.load(), folder / STATE, settings, progress=progress)
    except KeyboardInterrupt:
        tell(f"Stopped. What is computed is kept; the same command goes on: euexia calibrate {folder}")
        raise typer.Exit(INTERRUPTED) from None
    seconds = time.monotonic() - started
    summary = summarise(found)
    files = set_files(folder.name, found, summary, seconds=seconds)
    if not summary.converged:
        files = {SUMMARY: files[SUMMARY]}
    page = write_calibration(folder, found, summary, files, seconds=seconds)
    tell(f"Report: {page}")
    require_converged(summary)
    tell(f"Use it: euexia run romana1 --parameters {folder / OVERLAY}")


@contextmanager
def _progress() -> Iterator[Progress]:
    """Tell how far the calibration has come, and how much longer it takes."""
    started = time.monotonic()
    first: list[float] = []
    said = [-1]

    def report(ensemble: int, step: int, done: int, members: int, reached: float) -> None:
        share = ((ensemble - 1) + min(step + done / members, STEPS) / STEPS) / 2
        if not first:
            first.append(share)
        gone = time.monotonic() - started
        new = share - first[0]
        left = f", about {gone / new * (1 - share) / 60:.0f} min left" if new > 0 else ""
        line = (
            f"ensemble {ensemble} of 2, step {step + 1}, {done} of {members} sets, "
            f"{reached:.0%} of the way{left}"
        )
        tenth = int(10 * share)
        if messages.is_terminal:
            status.update(line)
        elif tenth > said[0]:
            said[0] = tenth
            tell(line)

    with messages.status("Calibrating ...") as status:
        yield report
