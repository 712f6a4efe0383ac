"""The model as a function of its uncertain numbers: what the twins of published trials print."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import ceil
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError, NumericalError
from euexia.evidence.targets import Target, needed
from euexia.evidence.twin import Figure, load_twin, protocol_of
from euexia.parameters import ParameterSet
from euexia.study.drivers import with_values
from euexia.study.simulated import simulate
from euexia.study.twin_figures import figure_of

Floats = NDArray[np.float64]

MEMBERS_PER_TASK = 8
"""Parameter sets that a process takes at once, and that are written down together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of every parameter set.

    names: of the numbers that change.  figures: of each twin, in the order of the targets.  repeats: trials
    of each twin, more of small ones.  first_trial: its trials are others for another number.
    """

    parameters: ParameterSet
    names: tuple[str, ...]
    figures: Mapping[str, tuple[Figure, ...]]
    repeats: int
    seed: int
    first_trial: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    question: Question
    values: Floats


LEAST_PATIENTS = 300
"""Of each twin, for every parameter set."""

Answered = Callable[[int, Floats], None]
"""Called with the place of the first member of a task and what its members said."""


def question_of(
    targets: Sequence[Target],
    parameters: ParameterSet,
    names: Sequence[str],
    *,
    repeats: int,
    seed: int,
    first_trial: int = 0,
) -> Question:
    """Return what targets ask of the model."""
    return Question(
        parameters=parameters,
        names=tuple(names),
        figures=needed(targets),
        repeats=repeats,
        seed=seed,
        first_trial=first_trial,
    )


def trials_of(twin: str, repeats: int) -> int:
    """Return how many trials of a twin are simulated: so many that chance is small beside theirs."""
    return max(repeats, load_twin(twin).repeats, ceil(LEAST_PATIENTS / protocol_of(twin).size))


def order_of(targets: Sequence[Target]) -> NDArray[np.int64]:
    """Return where each target's figure stands among those that are simulated, twin after twin."""
    twins = list(needed(targets))
    places = sorted(range(len(targets)), key=lambda index: (twins.index(targets[index].twin), index))
    order = np.empty(len(targets), dtype=np.int64)
    order[places] = np.arange(len(targets))
    return order


def trial_figures(question: Question, parameters: ParameterSet, trials: Mapping[str, int]) -> Floats:
    """Return every figure of each trial of one parameter set, shape (trials, figures), twin after twin.

    All twins must be asked for as many trials.
    """
    columns: list[Floats] = []
    for twin, figures in question.figures.items():
        data = simulate(
            protocol_of(twin),
            trials=trials[twin],
            seed=question.seed,
            first_trial=question.first_trial,
            parameters=parameters,
        )
        columns.extend(figure_of(data, figure) for figure in figures)
    return np.stack(columns, axis=-1)


def mean_figures(question: Question, parameters: ParameterSet) -> Floats:
    """Return the mean of every figure over the trials of a parameter set; NaN where none can be lived."""
    found: list[Floats] = []
    for twin, figures in question.figures.items():
        one = Question(
            parameters=question.parameters,
            names=question.names,
            figures={twin: figures},
            repeats=question.repeats,
            seed=question.seed,
            first_trial=question.first_trial,
        )
        try:
            each = trial_figures(one, parameters, {twin: trials_of(twin, question.repeats)})
        except (InputError, NumericalError):
            found.append(np.full(len(figures), np.nan))
            continue
        known = np.isfinite(each)
        total = np.where(known, each, 0.0).sum(axis=0)
        found.append(np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan))
    return np.concatenate(found)


def _answer(task: _Task) -> Floats:
    question = task.question
    rows = [
        mean_figures(
            question,
            with_values(question.parameters, dict(zip(question.names, map(float, row), strict=True))),
        )
        for row in task.values
    ]
    return np.stack(rows)


def ask(
    question: Question, values: Floats, *, workers: int, known: Mapping[int, Floats], answered: Answered
) -> Floats:
    """Return what the model says of every parameter set, shape (members, figures).

    values: canonical, shape (members, names).  known: answers of earlier runs by the place of their first
    member.  answered: called with each new one.  The same bits come whatever the number of workers.
    """
    found = dict(known)
    tasks = {
        start: _Task(question=question, values=values[start : start + MEMBERS_PER_TASK])
        for start in range(0, len(values), MEMBERS_PER_TASK)
        if start not in found
    }
    if workers < 2:
        for start, task in tasks.items():
            found[start] = _answer(task)
            answered(start, found[start])
    elif tasks:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for start, rows in zip(tasks, pool.map(_answer, tasks.values()), strict=True):
                found[start] = rows
                answered(start, rows)
    return np.concatenate([found[start] for start in sorted(found)])
