"""``euexia design search``: the better design, by simulation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.cost_options import CandidateCost, CostFile, MonthCost, PatientCost, VisitCost, costs_of
from euexia.cli.examples import examples
from euexia.cli.progress import share_progress, trial_progress
from euexia.core.errors import InputError

if TYPE_CHECKING:
    from euexia.study.search import Plan, Search
    from euexia.study.search_confirmation import Confirmation
    from euexia.study.search_goal import Question
    from euexia.study.search_space import Space

INTERRUPTED = 130


def add_to(group: typer.Typer) -> None:
    """Add ``search`` to the group ``design``."""
    group.command(
        epilog=examples(
            "euexia design search lenalidomide --vary arms.fixed.size=20..120 --goal 'power >= 80 %'",
            "euexia design search lenalidomide --vary size=50..300 --vary endpoints.primary.week=6,8,12 "
            "--vary 'dosing.crp_guided.threshold=10..50 %' --goal 'power(crp_guided) >= 80 %'",
            "euexia design search lenalidomide --vary 'dosing.crp_guided.steps=[5 mg, 10 mg, 25 mg],"
            "[5 mg, 10 mg, 15 mg, 20 mg, 25 mg]' --maximise 'power(crp_guided)'",
            "euexia design search lenalidomide --vary 'eligibility.inflammation=10..60 mg/L' --vary "
            "size=50..250 --goal 'power >= 80 %' --minimise duration",
        )
    )(search)


def search(
    protocol: Annotated[str, typer.Argument(help="A protocol, by name or file.", metavar="PROTOCOL")],
    *,
    vary: Annotated[
        list[str],
        typer.Option(
            help="What is varied: a path of the protocol file and its values, [i]LOW..HIGH[/i], "
            "[i]LOW..HIGH..STEP[/i] or [i]A,B,C[/i]; again for each path. Short names: "
            "[i]arms.ARM.size[/i], [i]arms.ARM.dose[/i], [i]endpoints.primary.week[/i], "
            "[i]dosing.RULE.threshold[/i], [i]dosing.RULE.wait[/i], [i]dosing.RULE.steps[/i], "
            "[i]eligibility.CRITERION[/i].",
            metavar="PATH=VALUES",
        ),
    ],
    goal: Annotated[
        list[str] | None,
        typer.Option(
            help="What a design must reach, such as [i]'power >= 80 %'[/i], [i]'power(ARM) >= 80 %'[/i], "
            "[i]'false success <= 10 %'[/i] or [i]'duration <= 24'[/i]; may be given again.",
            metavar="GOAL",
            show_default="none",
        ),
    ] = None,
    minimise: Annotated[
        str,
        typer.Option(
            help="What is then to be small: [i]patients[/i], [i]duration[/i], [i]in vain[/i], "
            "[i]candidates[/i], [i]cost[/i].",
            metavar="FIGURE",
            show_default="patients, with a goal",
        ),
    ] = "",
    maximise: Annotated[
        str,
        typer.Option(help="What is to be large.", metavar="FIGURE", show_default="power, without a goal"),
    ] = "",
    trials: Annotated[int, typer.Option(min=2, help="Trials of each design.")] = 200,
    points: Annotated[
        int,
        typer.Option(
            min=8, help="Most designs to simulate; sizes of one design share their patients and count once."
        ),
    ] = 40,
    seed: Annotated[int, typer.Option(min=0, help="Of the search; the same for every design.")] = 1,
    confirm_trials: Annotated[
        int, typer.Option(min=0, help="Trials of the recommended design on a fresh seed; 0: none.")
    ] = 1000,
    confirm_seed: Annotated[
        int | None, typer.Option(min=0, help="The fresh seed.", show_default="--seed plus 1")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, help="Processes that share the work. Changes no figure.", show_default="processors"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the report and all designs.", show_default="a new one here"),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the search in the folder of --out.")
    ] = False,
    parameters: Annotated[
        list[str] | None,
        typer.Option(help="Parameter overlay; may be given again.", metavar="OVERLAY", show_default="none"),
    ] = None,
    costs: CostFile = None,
    patient_cost: PatientCost = 0.0,
    visit_cost: VisitCost = 0.0,
    candidate_cost: CandidateCost = 0.0,
    month_cost: MonthCost = 0.0,
) -> None:
    """Search for the better design: sizes, weeks, doses, thresholds, who may enter.

    Few designs are all simulated; of many, a surrogate chooses which. The best one is simulated again with a
    fresh seed, and that is the figure to quote. Ctrl-C keeps what is finished; --resume goes on.
    """
    from euexia import protocol as protocols
    from euexia.cli.trial_commands import free_folder
    from euexia.report.search_report import write_search
    from euexia.study.search import Plan
    from euexia.study.search_goal import question_of
    from euexia.study.search_space import space_of
    from euexia.study.search_words import sentences
    from euexia.study.store import check_folder

    if resume and out is None:
        raise InputError("--resume goes on with the search in a folder: name it with --out.")
    folder = out if out is not None else free_folder("euexia-search")
    if not resume:
        check_folder(folder)
    loaded = protocols.load(protocol)
    space = space_of(loaded, vary)
    priced = costs_of(costs, patient_cost, visit_cost, candidate_cost, month_cost)
    question = question_of(loaded, goals=goal or (), minimise=minimise, maximise=maximise, costs=priced)
    plan = Plan(
        trials=trials,
        seed=seed,
        families=points,
        folder=folder,
        overlays=tuple(parameters or ()),
        costs=priced,
        workers=workers,
        resume=resume,
    )
    fresh = seed + 1 if confirm_seed is None else confirm_seed
    found, confirmations, finished = _searched(space, question, plan, confirm_trials, fresh)
    page = write_search(folder, found, confirmations, overlays=plan.overlays)
    for sentence in sentences(found, confirmations):
        results.print(sentence, markup=False, soft_wrap=True)
    results.print(f"\nReport: {page}", markup=False, soft_wrap=True)
    if not finished:
        tell(f"Stopped. Continue with --out {folder} --resume.")
        raise typer.Exit(INTERRUPTED)


def _searched(
    space: Space, question: Question, plan: Plan, confirm_trials: int, confirm_seed: int
) -> tuple[Search, tuple[Confirmation, ...], bool]:
    """Search and confirm; return both, and whether nothing was interrupted."""
    from euexia.study.search import search as searched
    from euexia.study.search_confirmation import Confirming, check, confirm

    confirming = Confirming(trials=confirm_trials, seed=confirm_seed, workers=plan.workers)
    if confirm_trials:
        check(confirming, plan)
    try:
        with share_progress("Searching") as progress:
            found = searched(
                space,
                question,
                plan,
                progress=lambda done, planned: progress(done / max(planned, 1)),
            )
    except KeyboardInterrupt:
        tell("Stopped before any design was finished.")
        raise typer.Exit(INTERRUPTED) from None
    if found.stopped or not confirm_trials or not found.ranking:
        return found, (), not found.stopped
    with ExitStack() as shown:

        def told(name: str) -> Callable[[int, int], None]:
            tell(f"Design {name} again, with a fresh seed:")
            return shown.enter_context(trial_progress(confirm_trials))

        try:
            return found, confirm(found, plan, confirming, progress=told), True
        except KeyboardInterrupt:
            return found, (), False
