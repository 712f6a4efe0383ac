"""The recommended design simulated again with another seed: the figure to quote.

The best of many designs was lucky, too: its figures are those of the seed that chose it.  With a fresh seed
that luck is gone.  Where a design does not meet the goals again, the next is tried, with a seed of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from euexia.core.errors import InputError
from euexia.protocol.loader import load
from euexia.study import executor, replicate
from euexia.study.operating import Estimate
from euexia.study.parts import read_part
from euexia.study.run_folder import MANIFEST, PARTS, load_manifest
from euexia.study.search import Plan, Search, priced
from euexia.study.search_folder import POINTS, point_name
from euexia.study.search_goal import kind_of
from euexia.study.summary import mean
from euexia.study.trial_figures import Kind, figures_of

CONFIRMATIONS = "confirmation"
MOST_TRIED = 3
"""So many designs are simulated again at most until one meets the goals."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """One design on a fresh seed.  confirmed: whether its figures meet every goal again."""

    point: int
    seed: int
    trials: int
    values: Mapping[str, Estimate]
    confirmed: bool
    shrinkage: Mapping[str, float]
    """By figure that is a share: the new value minus the one that chose it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirming:
    """How designs are confirmed."""

    trials: int
    seed: int
    """Of the first; the others take the seeds behind it."""
    workers: int | None = None


def check(confirming: Confirming, plan: Plan) -> None:
    """Raise InputError where the seeds would be those of the search."""
    if confirming.seed <= plan.seed < confirming.seed + MOST_TRIED:
        raise InputError(
            f"A confirmation with the seed {plan.seed} of the search would confirm its luck too. Give "
            "another --confirm-seed."
        )


def confirm(
    found: Search, plan: Plan, confirming: Confirming, *, progress: Callable[[str], Progress] | None = None
) -> tuple[Confirmation, ...]:
    """Simulate what is recommended again, best first, until a design meets the goals; at most three.

    progress: gives for a design's name what is called with (trials done, planned).
    """
    check(confirming, plan)
    made: list[Confirmation] = []
    for place, point in enumerate(found.ranking[:MOST_TRIED]):
        name = point_name(point, found.space.points)
        report = None if progress is None else progress(name)
        made.append(_again(found, plan, confirming, point, confirming.seed + place, report))
        if made[-1].confirmed:
            break
    return tuple(made)


def _again(
    found: Search, plan: Plan, confirming: Confirming, point: int, seed: int, progress: Progress | None
) -> Confirmation:
    name = point_name(point, found.space.points)
    file = plan.folder / POINTS / f"{name}.yaml"
    protocol = load(file)
    folder = plan.folder / CONFIRMATIONS / f"{name}-seed-{seed}"
    result = replicate.run(
        protocol,
        trials=confirming.trials,
        seed=seed,
        overlays=plan.overlays,
        folder=folder,
        resume=(folder / MANIFEST).is_file(),
        progress=progress,
        command=command_of(f"{POINTS}/{name}.yaml", confirming.trials, seed, plan.overlays),
        on=executor.Processes(confirming.workers),
    )
    if result.operating.trials < confirming.trials:
        raise KeyboardInterrupt
    parts = [read_part(folder / PARTS / part.name) for part in load_manifest(folder).parts]
    table = figures_of(protocol, [one for one, _ in parts], [other for _, other in parts], found.costs)
    values = {figure: mean(numbers) for figure, numbers in priced(table, found.costs).items()}
    before = found.values(point)
    return Confirmation(
        point=point,
        seed=seed,
        trials=confirming.trials,
        values=values,
        confirmed=all(goal.met(values[goal.figure].value) for goal in found.question.goals),
        shrinkage={
            figure: values[figure].value - before[figure].value
            for figure in values
            if kind_of(figure) is Kind.SHARE and figure in before
        },
    )


def command_of(file: str | Path, trials: int, seed: int, overlays: tuple[str, ...]) -> str:
    """Return the command that simulates a design again."""
    more = "".join(f" --parameters {overlay}" for overlay in overlays)
    return f"euexia run {file} --trials {trials} --seed {seed}{more}"
