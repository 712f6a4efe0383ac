"""``euexia compare``: two designs on the same candidates and the same chance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.cost_options import CandidateCost, CostFile, MonthCost, PatientCost, VisitCost, costs_of
from euexia.cli.examples import examples
from euexia.cli.progress import trial_progress
from euexia.core.errors import InputError

if TYPE_CHECKING:
    from euexia.study.comparison import Design

INTERRUPTED = 130


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "euexia compare lenalidomide my-lenalidomide.yaml",
            "euexia compare a.yaml b.yaml --trials 10000 --patient-cost 20000 --month-cost 50000",
            "euexia compare a.yaml b.yaml --costs my-costs.yaml",
        )
    )(compare)


def compare(
    first: Annotated[str, typer.Argument(help="A protocol, by name or file.", metavar="A")],
    second: Annotated[str, typer.Argument(help="Another one.", metavar="B")],
    *,
    trials: Annotated[int, typer.Option(min=1, help="How many trials of each.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="The same for both, so that their patients are too.")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the page and both runs.", show_default="a new folder here")
    ] = None,
    costs: CostFile = None,
    patient_cost: PatientCost = 0.0,
    visit_cost: VisitCost = 0.0,
    candidate_cost: CandidateCost = 0.0,
    month_cost: MonthCost = 0.0,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            help="Parameter overlay for both; may be given again.", metavar="OVERLAY", show_default="none"
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue both runs in the folder of --out.")
    ] = False,
) -> None:
    """Compare two designs: power, false alarms, patients, duration, cost, and how sure each difference is.

    The same candidates come to both trials and live the same chance, so few trials tell small differences.
    """
    from euexia import parameters as parameter_files
    from euexia import protocol
    from euexia.cli.trial_commands import free_folder
    from euexia.report.comparison_report import sentences, write_comparison
    from euexia.study.comparison import Design, agreement
    from euexia.study.comparison import compare as compared
    from euexia.study.store import check_folder

    if resume and out is None:
        raise InputError("--resume continues the runs in a folder: name it with --out.")
    priced = costs_of(costs, patient_cost, visit_cost, candidate_cost, month_cost)
    folder = out if out is not None else free_folder("euexia-compare")
    if not resume:
        check_folder(folder)
    loaded = [protocol.load(name) for name in (first, second)]
    labels = _labels(first, second)
    one, other = (
        Design(protocol=loaded[place], folder=folder / "ab"[place], label=labels[place]) for place in range(2)
    )
    overlays = tuple(parameters or ())
    for design in (one, other):
        _simulate(design, trials, seed, overlays, resume=resume)
    found = compared(one, other, priced)
    page = write_comparison(
        folder,
        one,
        other,
        found,
        parameters_hash=parameter_files.load(overlays=overlays).hash,
        agreement=agreement(one, other),
        currency=priced.currency,
    )
    for sentence in sentences(one, other, found):
        results.print(sentence, markup=False, soft_wrap=True)
    results.print(f"\nReport: {page}", markup=False, soft_wrap=True)


def _labels(first: str, second: str) -> tuple[str, str]:
    names = (Path(first).stem, Path(second).stem)
    return names if names[0] != names[1] else (f"{names[0]} (A)", f"{names[1]} (B)")


def _simulate(design: Design, trials: int, seed: int, overlays: tuple[str, ...], *, resume: bool) -> None:
    from euexia.study import replicate
    from euexia.study.run_folder import MANIFEST

    tell(f"{design.label}:")
    begun = resume and (design.folder / MANIFEST).is_file()
    try:
        with trial_progress(trials) as progress:
            study = replicate.run(
                design.protocol,
                trials=trials,
                seed=seed,
                overlays=overlays,
                folder=design.folder,
                resume=begun,
                progress=progress,
            )
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    if study.operating.trials < trials:
        tell(f"Stopped. Continue with --out {design.folder.parent} --resume.")
        raise typer.Exit(INTERRUPTED)
