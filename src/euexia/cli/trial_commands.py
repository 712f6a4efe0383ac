"""``euexia demo`` and ``euexia run``: simulate trials, summarise them, write the report."""

from __future__ import annotations

import dataclasses
import itertools
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples
from euexia.cli.progress import trial_progress
from euexia.core.errors import InputError

if TYPE_CHECKING:
    from euexia.protocol.protocol import Protocol
    from euexia.study.executor import Executor
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
            "euexia run lenalidomide --until 'power se < 0.5 %' --trials 100000",
            "euexia run lenalidomide --trials 100000 --scheduler tcp://10.0.0.5:8786",
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
    until: Annotated[
        str,
        typer.Option(
            help="End when figures are sure enough, such as [i]'power se < 0.5 %'[/i] or [i]'type I se < "
            "0.2 % and responders se < 0.1 %'[/i]; an analysis or arm may be named: "
            "[i]power(response_fixed)[/i]. --trials are then the most.",
            metavar="RULE",
            show_default="all trials",
        ),
    ] = "",
    scheduler: Annotated[
        str,
        typer.Option(
            help="Compute on a Dask cluster: the address of its scheduler, or [i]local[/i] for one on this "
            "machine. Changes no figure.",
            metavar="ADDRESS",
            show_default="processes of this machine",
        ),
    ] = "",
) -> None:
    """Simulate many trials of a protocol and report what the design can do.

    Power, type I error and response rates come with their Monte-Carlo error, which falls with the root of
    the number of trials: 10 trials are for reading one by one, 1,000 for a look (a power is known to 1.6
    percentage points or better), 10,000 for a decision (0.5).

    Ctrl-C keeps the trials that are finished and reports those; --resume goes on, also after a crash, to the
    same bits as one run.
    """
    if resume and (out is None or overwrite):
        raise InputError("--resume continues the run in a folder: name it with --out, without --overwrite.")
    processes = _workers(workers)
    chosen = _load(protocol, size)
    overlays = tuple(parameters or ())
    if until:
        from euexia.study import stopping

        stopping.parse(until, chosen)  # a fault is said before anything is computed
    options = {"--trials": trials, "--seed": seed, "--size": size, "--until": until or None}
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
        until=until,
        on=_executor(scheduler, processes),
        command=_command("run", options, protocol, *repeated),
    )


def _executor(scheduler: str, workers: int | None) -> Executor | None:
    """Return who computes; None for processes of this machine."""
    if not scheduler:
        return None
    from euexia.study.cluster import Cluster

    return Cluster.at(scheduler, workers=workers, tell=tell)


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
    until: str = "",
    on: Executor | None = None,
) -> None:
    """Check that the result can be written, simulate, write, and say where the report is."""
    from euexia import parameters
    from euexia.report import write_study
    from euexia.study import feasibility, replicate

    for notice in feasibility.notices(protocol):
        tell(notice)
    parameters.load(overlays=overlays)  # faults are said now, not in the middle of the run
    with _room_made(folder, command, overwrite=overwrite, resume=resume):
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
                until=until,
                on=on,
            )
        for notice in study.notices:
            tell(notice)
        tell("Writing the report ...")
        page = write_study(folder, study)
    _conclude(study, page)


@contextmanager
def _room_made(folder: Path, command: str, *, overwrite: bool, resume: bool) -> Iterator[None]:
    """Set an earlier run aside until the new one is there, and say of any end what is kept."""
    from euexia.study import run_folder, store

    aside = None if resume else store.prepare(folder, overwrite=overwrite)
    done = False
    try:
        yield
        done = True
    except KeyboardInterrupt:
        again = f"{command} --out {folder} {'--resume' if aside is None else '--overwrite'}"
        tell(f"Interrupted before the first part of trials was finished. Begin again with: {again}")
        raise typer.Exit(INTERRUPTED) from None
    except Exception as error:
        for note in getattr(error, "__notes__", ()):
            if note.endswith(run_folder.GOES_ON):
                tell(f"Go on with: {command} --out {folder} --resume")
        raise
    finally:
        earlier = store.release(folder, aside, done=done)
        if earlier is not None:
            tell(f"The earlier run that was to be replaced is kept in '{earlier}'.")


def _conclude(study: StudyResult, page: Path) -> None:
    from euexia.cli.summary import summarise
    from euexia.study import ladder

    results.print(summarise(study))
    for sentence in ladder.sentences(study.protocol, study.operating, study.stopping):
        results.print(f"\n{sentence}", markup=False, soft_wrap=True)
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
