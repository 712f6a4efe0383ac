"""``euexia design assurance``: the power to be expected when the model is not certain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples
from euexia.cli.progress import share_progress
from euexia.core.errors import InputError

if TYPE_CHECKING:
    from euexia.parameters import ParameterSet
    from euexia.protocol.protocol import Protocol
    from euexia.study.uncertain_parameters import Uncertainty

INTERRUPTED = 130


def add_to(group: typer.Typer) -> None:
    """Add ``assurance`` to the group ``design``."""
    group.command(
        epilog=examples(
            "euexia design assurance ponsegromab --draws 200 --trials 20",
            "euexia design assurance ponsegromab --only ponsegromab --only gdf15 --of dose_400",
            "euexia design assurance my-trial.yaml --posterior draws.csv --worth 0.9",
        )
    )(assurance)


def assurance(
    protocol: Annotated[str, typer.Argument(help="A protocol, by name or file.", metavar="PROTOCOL")],
    *,
    draws: Annotated[int, typer.Option(min=10, help="Draws of the parameters.")] = 200,
    trials: Annotated[int, typer.Option(min=2, help="Trials at each draw.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures, bit for bit.")] = 1,
    of: Annotated[
        str, typer.Option(help="Arm whose power is meant.", metavar="ARM", show_default="any arm")
    ] = "",
    worth: Annotated[
        float, typer.Option(min=0.01, max=0.99, help="Power from which on the trial is worth running.")
    ] = 0.8,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Draw only this parameter, or those of this block; may be given again.",
            metavar="NAME",
            show_default="every parameter with a range that acts in the trial",
        ),
    ] = None,
    posterior: Annotated[
        str,
        typer.Option(
            help="Draws of a calibration: its name, or a CSV or Parquet file with a column for each "
            "parameter. Rows are taken whole; the other parameters are drawn from their ranges.",
            metavar="DRAWS",
            show_default="none",
        ),
    ] = "",
    parameters: Annotated[
        list[str] | None,
        typer.Option(help="Parameter overlay; may be given again.", metavar="OVERLAY", show_default="none"),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, help="Processes that share the work. Changes no figure.", show_default="processors"
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the report and the draws.", show_default="a new one here")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on in the folder of --out; --draws may be more than before.")
    ] = False,
) -> None:
    """Average the power over what is not known of the model, and say whose uncertainty costs most.

    The parameters are drawn from their stated ranges or from a posterior; trials are simulated at each draw.
    Ctrl-C keeps the finished draws; --resume goes on.
    """
    from euexia import parameters as parameter_files
    from euexia import protocol as protocols
    from euexia.cli.trial_commands import free_folder
    from euexia.report.assurance_report import write_assurance
    from euexia.study.assurance import Plan, assure
    from euexia.study.assurance_words import sentences
    from euexia.study.store import check_folder

    if resume and out is None:
        raise InputError("--resume goes on in a folder: name it with --out.")
    folder = out if out is not None else free_folder("euexia-assurance")
    if not resume:
        check_folder(folder)
    loaded = protocols.load(protocol)
    overlays = tuple(parameters or ())
    chosen = parameter_files.load(overlays=overlays)
    uncertain = _uncertainty(loaded, chosen, only or [], posterior)
    plan = Plan(
        draws=draws,
        trials=trials,
        seed=seed,
        folder=folder,
        worth=worth,
        of=of,
        workers=workers,
        resume=resume,
        overlays=overlays,
    )
    try:
        with share_progress("Simulating draws") as progress:
            found = assure(loaded, uncertain, plan, progress=lambda done, planned: progress(done / planned))
    except KeyboardInterrupt:
        tell(f"Stopped. Continue with --out {folder} --resume.")
        raise typer.Exit(INTERRUPTED) from None
    page = write_assurance(folder, found)
    for sentence in sentences(found):
        results.print(sentence, markup=False, soft_wrap=True)
    results.print(f"\nReport: {page}", markup=False, soft_wrap=True)
    if found.stopped:
        tell(f"Stopped. Continue with --out {folder} --resume.")
        raise typer.Exit(INTERRUPTED)


def _uncertainty(
    protocol: Protocol, parameters: ParameterSet, only: list[str], posterior: str
) -> Uncertainty:
    """Return what is uncertain, with the posterior of a file or of a calibration that ships."""
    from euexia.study.uncertain_parameters import read_draws, uncertainty_of

    if not posterior:
        return uncertainty_of(protocol, parameters, only=only)
    if Path(posterior).suffix:
        columns = read_draws(Path(posterior))
    else:
        from euexia.study.calibrated_set import load_draws

        found = load_draws(posterior)
        columns = {name: found.values[:, place] for place, name in enumerate(found.names)}
    return uncertainty_of(protocol, parameters, only=only, posterior=columns, source=posterior)
