"""``euexia demo`` and ``euexia run``: simulate trials, summarise them, write the report."""

from __future__ import annotations

import dataclasses
import itertools
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples
from euexia.cli.progress import trial_progress
from euexia.core.errors import InputError

if TYPE_CHECKING:
    from euexia.protocol.protocol import Protocol
    from euexia.study.replicate import StudyResult

DEMO_PROTOCOL = "lenalidomide"
DEMO_TRIALS = 40
INTERRUPTED = 130
AUTOMATIC = "auto"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(epilog=examples("euexia demo", "euexia demo --out first-look --seed 7"))(demo)
    app.command(
        epilog=examples(
            "euexia run lenalidomide",
            "euexia run lenalidomide --trials 200 --size 60 --seed 7 --out small-design",
            "euexia run my-trial.yaml --parameters my-drug.yaml --workers 4",
            "euexia run lenalidomide --trials 10000 --out small-design --resume",
        )
    )(run)


def _workers(text: str) -> int | None:
    """Return the number of worker processes, None for one per processor."""
    if text == AUTOMATIC:
        return None
    if not text.isdigit() or int(text) < 1:
        raise typer.BadParameter(f"'{text}' is neither a whole number from 1 nor '{AUTOMATIC}'.")
    return int(text)


Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same figures, bit for bit.")]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Folder for the report and its data.", show_default="a new folder here", file_okay=True
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier run in the folder.")]


def demo(*, out: Out = None, seed: Seed = 1, overwrite: Overwrite = False) -> None:
    """Run the main job in small: a few simulated lenalidomide trials, analysed and reported."""
    folder = out if out is not None else free_folder("euexia-demo")
    command = _command("demo", {"--seed": seed})
    _simulate_and_report(
        _load(DEMO_PROTOCOL, None),
        folder,
        trials=DEMO_TRIALS,
        seed=seed,
        workers=1,  # so few trials are done before a second process has started
        overwrite=overwrite,
        command=command,
    )


def run(
    protocol: Annotated[
        str, typer.Argument(help="Name of a shipped protocol, or a protocol file.", metavar="PROTOCOL")
    ],
    *,
    trials: Annotated[int, typer.Option(min=1, help="How many trials to simulate.")] = 1000,
    seed: Seed = 1,
    size: Annotated[
        int | None,
        typer.Option(min=1, help="Patients per trial.", show_default="as the protocol says"),
    ] = None,
    workers: Annotated[
        str,
        typer.Option(
            help="Processes that share the work; [i]auto[/i]: one per processor. Changes no figure.",
        ),
    ] = AUTOMATIC,
    out: Out = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            help="Parameter overlay (a name or a YAML file) that replaces values; may be given again.",
            metavar="OVERLAY",
            show_default="none",
        ),
    ] = None,
    overwrite: Overwrite = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Continue the run in the folder of --out; --trials may be more than before."
        ),
    ] = False,
) -> None:
    """Simulate many trials of a protocol and report what the design can do.

    Power, type I error and response rates come with their Monte-Carlo error.

    10 trials are for reading one by one, 1,000 for a look, 10,000 for a decision. Ctrl-C keeps the trials
    that are finished and reports those; --resume goes on, also after a crash, to the same bits as one run.
    """
    if resume and (out is None or overwrite):
        raise InputError("--resume continues the run in a folder: name it with --out, without --overwrite.")
    processes = _workers(workers)
    chosen = _load(protocol, size)
    overlays = tuple(parameters or ())
    options = {"--trials": trials, "--seed": seed, "--size": size}
    repeated = [word for overlay in overlays for word in ("--parameters", overlay)]
    _simulate_and_report(
        chosen,
        out if out is not None else free_folder(f"euexia-{chosen.id}"),
        trials=trials,
        seed=seed,
        workers=processes,
        overlays=overlays,
        overwrite=overwrite,
        resume=resume,
        command=_command("run", options, protocol, *repeated),
    )


def _load(name: str, size: int | None) -> Protocol:
    """Load a protocol, with another number of patients if one is asked for."""
    from euexia import protocol

    loaded = protocol.load(name)
    if size is None:
        return loaded
    smallest = sum(arm.ratio for arm in loaded.arms)
    if size < smallest:
        raise InputError(
            f"--size {size} is too small: the arms of '{loaded.id}' share patients "
            f"{':'.join(str(arm.ratio) for arm in loaded.arms)}, so a trial needs at least {smallest}."
        )
    return dataclasses.replace(loaded, size=size)


def _simulate_and_report(
    protocol: Protocol,
    folder: Path,
    *,
    trials: int,
    seed: int,
    command: str,
    workers: int | None = None,
    overlays: tuple[str, ...] = (),
    overwrite: bool = False,
    resume: bool = False,
) -> None:
    """Check that the result can be written, simulate, write, and say where the report is."""
    from euexia import parameters
    from euexia.report import write_study
    from euexia.study import feasibility, replicate, store

    for notice in feasibility.notices(protocol):
        tell(notice)
    parameters.load(overlays=overlays)  # faults are said now, not in the middle of the run
    aside = None if resume else store.prepare(folder, overwrite=overwrite)
    done = False
    try:
        with trial_progress(trials) as progress:
            study = replicate.run(
                protocol,
                trials=trials,
                seed=seed,
                workers=workers,
                overlays=overlays,
                progress=progress,
                command=command,
                folder=folder,
                resume=resume,
            )
        done = True
        for notice in study.notices:
            tell(notice)
        tell("Writing the report ...")
        page = write_study(folder, study)
    except KeyboardInterrupt:
        tell(f"Interrupted before the first part. Continue with: {command} --out {folder} --resume")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        store.release(folder, aside, done=done)
    _conclude(study, page)


def _conclude(study: StudyResult, page: Path) -> None:
    from euexia.cli.summary import summarise

    results.print(summarise(study))
    results.print(f"\nReport: {page}", markup=False, soft_wrap=True)
    operating = study.operating
    if operating.trials < operating.planned_trials:
        tell(
            f"Stopped after {operating.trials} of {operating.planned_trials} trials; the report says so. The "
            f"same command with --out {page.parent} --resume goes on."
        )
        raise typer.Exit(INTERRUPTED)


def free_folder(name: str) -> Path:
    """Return a folder that does not exist yet: the name, or the name with the first free number."""
    candidates = (Path(name if number == 1 else f"{name}-{number}") for number in itertools.count(1))
    return next(path for path in candidates if not path.exists())


def _command(name: str, options: Mapping[str, object], *arguments: str) -> str:
    """Return the command line that makes a result again, wherever it is written."""
    words = ["euexia", name, *arguments]
    for option, value in options.items():
        words += [option, str(value)] if value is not None else []
    return shlex.join(words)
