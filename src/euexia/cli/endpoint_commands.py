"""``euexia endpoints``: the same simulated trials judged by every endpoint."""

from __future__ import annotations

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
    from rich.table import Table

    from euexia.protocol.protocol import Protocol
    from euexia.study.endpoint_comparison import Comparison
    from euexia.study.endpoint_comparison_plan import Pair

INTERRUPTED = 130
AUTOMATIC = "auto"
LONGEST = 44
"""Characters of a label in the table on the terminal."""


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "euexia endpoints romana1",
            "euexia endpoints ponsegromab --arm dose_400 --trials 1000 --out endpoints-of-ponsegromab",
            "euexia endpoints my-trial.yaml --week 12 --size 300",
        )
    )(endpoints)


def endpoints(
    protocol: Annotated[
        str, typer.Argument(help="Name of a shipped protocol, or a protocol file.", metavar="PROTOCOL")
    ],
    *,
    trials: Annotated[int, typer.Option(min=2, help="How many trials to simulate.")] = 400,
    size: Annotated[
        int | None, typer.Option(min=1, help="Patients per trial.", show_default="as the protocol says")
    ] = None,
    arm: Annotated[
        str | None, typer.Option(help="Only this arm, against its control.", show_default="every one")
    ] = None,
    week: Annotated[
        float | None,
        typer.Option(
            help="Week of the visit at which endpoints are read.", show_default="of the primary endpoint"
        ),
    ] = None,
    endpoint_list: Annotated[
        Path | None,
        typer.Option("--endpoints", help="A list of endpoints of your own (YAML).", show_default="shipped"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures, bit for bit.")] = 1,
    workers: Annotated[
        str,
        typer.Option(
            help="Processes that share the work; [i]auto[/i]: one per processor. Changes no figure."
        ),
    ] = AUTOMATIC,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the report and its data.", show_default="a new folder here"),
    ] = None,
) -> None:
    """Judge the same simulated trials by every endpoint: power, size, losses, and what each means.

    Lean mass, weight, handgrip, walking, stairs, chair stands, symptoms, composites and survival; beside each
    what became of it in the published trial. 1,000 trials are for a decision. Ctrl-C keeps what is finished.
    """
    from euexia.study import endpoint_comparison, endpoint_comparison_list, endpoint_comparison_plan, store

    chosen = _load(protocol, size)
    judgements = endpoint_comparison_list.load(endpoint_list)
    endpoint_comparison_plan.plan(chosen, judgements, arm=arm, week=week)  # faults are said now
    folder = out if out is not None else _free_folder(f"euexia-endpoints-{chosen.id}")
    store.check_folder(folder)
    options = {
        "--trials": trials,
        "--size": size,
        "--arm": arm,
        "--week": week,
        "--endpoints": endpoint_list,
        "--seed": seed,
    }
    command = _command(protocol, options)
    try:
        with trial_progress(trials) as progress, _sizing() as sizing:
            found = endpoint_comparison.compare(
                chosen,
                trials=trials,
                seed=seed,
                workers=_workers(workers),
                arm=arm,
                week=week,
                judgements=judgements,
                progress=progress,
                sizing=sizing,
                command=command,
            )
    except KeyboardInterrupt:
        tell("Interrupted before the first trials were finished; nothing was written.")
        raise typer.Exit(INTERRUPTED) from None
    _conclude(found, folder)


class _Sizing:
    """Writes a line when the search for sizes begins, half-way, and at its end."""

    def __init__(self) -> None:
        self.written = 0

    def __call__(self, done: int, planned: int) -> None:
        reached = 4 * done // planned
        if reached > self.written or done == 1:
            self.written = reached
            tell(f"Sizes: {done} of {planned} endpoints")


@contextmanager
def _sizing() -> Iterator[_Sizing]:
    yield _Sizing()


def _conclude(found: Comparison, folder: Path) -> None:
    from euexia.report import endpoint_comparison as report
    from euexia.report import endpoint_comparison_words as words

    page = report.write_comparison(folder, found)
    for pair in found.plan.pairs:
        results.print()
        results.print(_table(found, pair))
    for sentence in words.sentences(found):
        results.print(f"\n{sentence}", markup=False)
    results.print(f"\nReport: {page}", markup=False, soft_wrap=True)
    stopped = report.partial(found)
    if stopped:
        tell(stopped)
        raise typer.Exit(INTERRUPTED)


def _table(found: Comparison, pair: Pair) -> Table:
    from rich.table import Table

    from euexia.report import endpoint_comparison_words as words
    from euexia.report.formatting import percent, share_with_error

    table = Table(
        title=(
            f"{words.arms_in_words(found, pair)}: {found.trials} trials of {found.plan.variant.size} patients"
        ),
        title_justify="left",
        title_style="bold",
        caption="± is one Monte-Carlo standard error; patients in the two arms, with 95 % limits.",
        caption_justify="left",
    )
    table.add_column("Endpoint")
    for name in ("Power", "Type I error", "Patients for 80 %", "Lost"):
        table.add_column(name, justify="right")
    table.add_column("Published")
    for verdict in found.of(pair):
        label = verdict.label if len(verdict.label) <= LONGEST else f"{verdict.label[: LONGEST - 1]}…"
        table.add_row(
            label,
            share_with_error(verdict.power),
            share_with_error(verdict.type_one),
            words.needed(verdict.needed.get(words.FIRST_POWER)),
            percent(verdict.lost, 0),
            words.fate(verdict),
        )
    return table


def _load(name: str, size: int | None) -> Protocol:
    """Load a protocol, with another number of patients if one is asked for."""
    import dataclasses

    from euexia import protocol

    loaded = protocol.load(name)
    if size is None:
        return loaded
    smallest = 2 * sum(arm.ratio for arm in loaded.arms)
    if size < smallest:
        raise InputError(
            f"--size {size} is too small: the arms of '{loaded.id}' share patients "
            f"{':'.join(str(arm.ratio) for arm in loaded.arms)}, so a trial needs at least {smallest}."
        )
    return dataclasses.replace(loaded, size=size)


def _workers(text: str) -> int | None:
    """Return the number of worker processes, None for one per processor."""
    if text == AUTOMATIC:
        return None
    if not text.isdigit() or int(text) < 1:
        raise typer.BadParameter(f"'{text}' is neither a whole number from 1 nor '{AUTOMATIC}'.")
    return int(text)


def _free_folder(name: str) -> Path:
    """Return a folder that does not exist yet: the name, or the name with the first free number."""
    candidates = (Path(name if number == 1 else f"{name}-{number}") for number in itertools.count(1))
    return next(path for path in candidates if not path.exists())


def _command(protocol: str, options: Mapping[str, object]) -> str:
    """Return the command line that makes a result again, wherever it is written."""
    words = ["euexia", "endpoints", protocol]
    for option, value in options.items():
        words += [option, str(value)] if value is not None else []
    return shlex.join(words)
