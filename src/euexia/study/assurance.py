"""Assurance: the power to be expected when the numbers of the model are as uncertain as they are.

An outer loop over draws of the parameters, and inner trials at each.  Every draw has trials of its own (draw
k the m trials from k m on), so that the Monte-Carlo errors of the draws are independent of each other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError, NumericalError, OutputError
from euexia.core.streams import Purpose, uniform
from euexia.core.whole_file import write_whole
from euexia.parameters import Parameter
from euexia.protocol.protocol import Protocol
from euexia.statistics.power_uncertainty import (
    BOOTSTRAPS,
    Share,
    Split,
    chance_above,
    expected_better,
    shares,
    split,
)
from euexia.study import executor, feasibility, provenance
from euexia.study.search_simulation import Task, simulate_block
from euexia.study.trial_figures import ARM, FALSE_SUCCESS, POWER
from euexia.study.uncertain_parameters import Uncertainty

Floats = NDArray[np.float64]

MANIFEST, DRAWS = "assurance.json", "draws"
FORMAT = "euexia-assurance/1"
FEWEST_DRAWS, FEWEST_TRIALS = 10, 2
WORTH = 0.8
"""Power from which on a trial is worth running, unless said otherwise."""
MOST_FAILED = 0.2
"""Share of draws that may fail before the rest says nothing."""

STATED_TIMES = 5
"""So many times the trials of a draw are simulated of the model as stated."""
STATED_FIRST = 1 << 30

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How an assurance is computed."""

    draws: int
    trials: int
    seed: int
    folder: Path
    worth: float = WORTH
    of: str = ""
    """Arm whose power is meant; any arm's if empty."""
    workers: int | None = None
    resume: bool = False
    overlays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One draw: its numbers, and the share of its trials that succeed; a draw that failed says why."""

    number: int
    values: Mapping[str, float]
    figures: Mapping[str, float]
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """What the power owes to one number of the model."""

    parameter: Parameter
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Assurance:
    """What was found; all figures are of the draws that did not fail."""

    protocol: Protocol
    uncertainty: Uncertainty
    plan: Plan
    draws: tuple[Draw, ...]
    stated: Mapping[str, float]
    """Figures with every number as stated, over as many trials as all draws together have at most."""
    stated_trials: int
    power: Split
    false_success: Split
    chance: float
    """Probability that the power is at least what makes a trial worth running."""
    chance_error: float
    influences: tuple[Influence, ...]
    """The largest share first."""
    perfect: float
    """Value of knowing every number at once."""
    stopped: bool = False

    @property
    def used(self) -> tuple[Draw, ...]:
        """Return the draws that did not fail."""
        return tuple(draw for draw in self.draws if not draw.fault)

    @property
    def powers(self) -> Floats:
        """Return the estimated power at each draw."""
        return np.array([draw.figures[figure_of(self.plan)] for draw in self.used])


def figure_of(plan: Plan) -> str:
    """Return the figure that is the power."""
    return f"{ARM}{plan.of}" if plan.of else POWER


def assure(
    protocol: Protocol, uncertainty: Uncertainty, plan: Plan, *, progress: Progress | None = None
) -> Assurance:
    """Return the assurance of a protocol.

    On KeyboardInterrupt the finished draws are kept and judged, if they are enough.  Raises InputError for a
    plan that cannot be, NumericalError where too many draws fail, OutputError when nothing can be written.
    """
    _check(protocol, plan)
    feasibility.check(protocol)
    _begin(protocol, uncertainty, plan)
    found: dict[int, Draw] = {}
    stopped = False
    try:
        _go(protocol, uncertainty, plan, found, progress)
    except KeyboardInterrupt:
        stopped = True
    draws = tuple(found[number] for number in sorted(found) if number)
    if len(draws) < FEWEST_DRAWS or 0 not in found:
        raise KeyboardInterrupt
    return _judged(protocol, uncertainty, plan, found[0], draws, stopped=stopped)


def _check(protocol: Protocol, plan: Plan) -> None:
    if plan.draws < FEWEST_DRAWS:
        raise InputError(f"{plan.draws} draws say nothing of a distribution. Give at least {FEWEST_DRAWS}.")
    if plan.trials < FEWEST_TRIALS:
        raise InputError(f"{plan.trials} trials at each draw cannot be told from chance. Give 2 or more.")
    if not 0 < plan.worth < 1:
        raise InputError(f"A power of {100 * plan.worth:g} % is none. Give one between 0 and 100 %.")
    tested = [analysis.arm for analysis in protocol.analyses if analysis.primary]
    if not tested:
        raise InputError(f"The protocol '{protocol.id}' has no primary analysis, so it has no power.")
    if plan.of and plan.of not in tested:
        known = ", ".join(dict.fromkeys(tested))
        raise InputError(f"No primary analysis is about an arm '{plan.of}'. Known: {known}.")


def _begin(protocol: Protocol, uncertainty: Uncertainty, plan: Plan) -> None:
    """Begin the folder, or check that it holds the draws of the same question.  ``draws`` may have grown."""
    path = plan.folder / MANIFEST
    drawn = uncertainty.draws
    asked = {
        "format": FORMAT,
        "protocol": protocol.id,
        "trials": plan.trials,
        "seed": plan.seed,
        "ranged": [entry.name for entry in uncertainty.ranged],
        "posterior": list(uncertainty.posterior),
        "posterior_sha256": "" if drawn is None else hashlib.sha256(drawn.tobytes()).hexdigest(),
        "hashes": provenance.hashes(protocol, uncertainty.parameters),
        "versions": provenance.versions(),
    }
    if plan.resume and path.is_file():
        try:
            there = json.loads(path.read_text(encoding="utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"'{path}' cannot be read: {error}. Start anew with another --out.") from error
        differing = [name for name, value in asked.items() if there.get(name) != value]
        if differing:
            raise InputError(
                f"The draws in '{plan.folder}' were made with other {', '.join(differing)}. Give what "
                "they were "
                "made with, or another --out."
            )
        return
    try:
        (plan.folder / DRAWS).mkdir(parents=True, exist_ok=True)
        write_whole(path, (json.dumps(asked, indent=1) + "\n").encode())
    except OSError as error:
        raise _not_written(plan.folder, error) from error


def _not_written(folder: Path, error: OSError) -> OutputError:
    return OutputError(
        f"The draws in '{folder}' could not be written further: {error.strerror or error}. What is "
        "finished is "
        "kept; make room, then continue with --resume."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """One draw to be simulated; number 0 is the model as stated."""

    number: int
    task: Task
    values: Mapping[str, float] = field(default_factory=dict)


def _go(
    protocol: Protocol,
    uncertainty: Uncertainty,
    plan: Plan,
    found: dict[int, Draw],
    progress: Progress | None,
) -> None:
    """Bring every draw, from the folder or by simulation, into ``found``."""
    work = []
    for number in range(plan.draws + 1):
        kept = _kept(plan, number)
        if kept is not None:
            found[number] = kept
            continue
        work.append(_work(protocol, uncertainty, plan, number))
    if progress is not None:
        progress(len(found), plan.draws + 1)
    crew = executor.Processes(plan.workers)
    for draw in executor.in_order(crew, simulate_draw, work):
        _keep(plan, draw)
        found[draw.number] = draw
        if progress is not None:
            progress(len(found), plan.draws + 1)


def _work(protocol: Protocol, uncertainty: Uncertainty, plan: Plan, number: int) -> _Work:
    values = uncertainty.values(plan.seed, number) if number else {}
    task = Task(
        family=number,
        protocols=(protocol,),
        parameters=uncertainty.drawn(plan.seed, number) if number else uncertainty.parameters,
        seed=plan.seed,
        first_trial=number * plan.trials,
        trials=plan.trials if number else STATED_TIMES * plan.trials,
    )
    if not number:  # behind the trials of every draw that may still be asked for
        task = replace(task, first_trial=STATED_FIRST)
    return _Work(number=number, task=task, values=values)


def simulate_draw(work: _Work) -> Draw:
    """Simulate and judge the trials of one draw; runs in a worker."""
    try:
        table = simulate_block(work.task).tables[0]
    except (InputError, NumericalError) as error:
        return Draw(number=work.number, values=work.values, figures={}, fault=str(error).splitlines()[0])
    figures = {name: float(np.mean(values)) for name, values in table.items()}
    return Draw(number=work.number, values=work.values, figures=figures)


def _path(plan: Plan, number: int) -> Path:
    return plan.folder / DRAWS / f"{number:05d}.json"


def _keep(plan: Plan, draw: Draw) -> None:
    content = {
        "number": draw.number,
        "values": dict(draw.values),
        "figures": dict(draw.figures),
        "fault": draw.fault,
    }
    try:
        write_whole(_path(plan, draw.number), (json.dumps(content) + "\n").encode())
    except OSError as error:
        raise _not_written(plan.folder, error) from error


def _kept(plan: Plan, number: int) -> Draw | None:
    """Return a draw that is on disk; None where it is not, or not whole."""
    path = _path(plan, number)
    if not path.is_file():
        return None
    try:
        return Draw(**json.loads(path.read_text(encoding="utf-8")))
    except (json.JSONDecodeError, UnicodeDecodeError, TypeError):
        return None


def _judged(
    protocol: Protocol,
    uncertainty: Uncertainty,
    plan: Plan,
    stated: Draw,
    draws: Sequence[Draw],
    *,
    stopped: bool,
) -> Assurance:
    if stated.fault:
        raise InputError(stated.fault)
    used = [draw for draw in draws if not draw.fault]
    if len(used) < max(FEWEST_DRAWS, (1 - MOST_FAILED) * len(draws)):
        first = next(draw.fault for draw in draws if draw.fault)
        raise NumericalError(
            f"{len(draws) - len(used)} of {len(draws)} draws could not be simulated, too many for the "
            "rest to "
            f"stand for all. The first: {first} Narrow the ranges, or vary less with --only."
        )
    powers = np.array([draw.figures[figure_of(plan)] for draw in used])
    numbers = np.array([[draw.values[name] for name in uncertainty.names] for draw in used])
    resamples = _resamples(plan.seed, len(used))
    found = split(powers, plan.trials)
    again = [split(powers[rows], plan.trials) for rows in resamples]
    chances = [chance_above(one.expected, one.variance, plan.worth) for one in again]
    parts = shares(numbers, powers, plan.trials, limit=plan.worth, resamples=resamples)
    influences = [
        Influence(parameter=uncertainty.parameters[name], share=part)
        for name, part in zip(uncertainty.names, parts, strict=True)
    ]
    best = expected_better(found.expected, found.variance, plan.worth)
    return Assurance(
        protocol=protocol,
        uncertainty=uncertainty,
        plan=plan,
        draws=tuple(draws),
        stated=stated.figures,
        stated_trials=STATED_TIMES * plan.trials,
        power=found,
        false_success=split(np.array([draw.figures[FALSE_SUCCESS] for draw in used]), plan.trials),
        chance=chance_above(found.expected, found.variance, plan.worth),
        chance_error=float(np.std(chances, ddof=1)),
        influences=tuple(sorted(influences, key=lambda one: (-one.share.index, one.parameter.name))),
        perfect=best - max(found.expected, plan.worth),
        stopped=stopped,
    )


def _resamples(seed: int, draws: int) -> NDArray[np.int64]:
    """Return the rows of each bootstrap, shape (bootstraps, draws)."""
    chance = uniform(
        seed, Purpose.BOOTSTRAP, 0, np.arange(BOOTSTRAPS)[:, np.newaxis], 0, np.arange(draws)[np.newaxis]
    )
    return np.minimum((chance * draws).astype(np.int64), draws - 1)
