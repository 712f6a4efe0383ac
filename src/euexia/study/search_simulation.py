"""The trials of a family of designs that differ in size alone, simulated once.

The first patients of a larger trial are, bit for bit, the smaller trial: candidates come in the same order,
a patient's arm hangs on those before, and nobody's course on anybody else.  So the largest trial is simulated
and the smaller ones are its beginnings, analysed each for itself.  Where trials look at their data and act on
it, that is not so, and each size is simulated by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from euexia.analyse import run as analyse
from euexia.endpoints.derive import derive
from euexia.parameters import ParameterSet
from euexia.protocol.analysis_plan import Role
from euexia.protocol.look_words import is_adaptive
from euexia.protocol.protocol import Protocol
from euexia.study import executor, replicate, simulated
from euexia.study.block import Block, reduce_block
from euexia.study.costs import Costs
from euexia.study.trial_figures import figures_of
from euexia.trialdata.cut import first_subjects, without_empty_places
from euexia.trialdata.trialdata import TrialData

Floats = NDArray[np.float64]
Table = Mapping[str, Floats]
"""Figures of the trials of one design, shape (trials,) each; nothing is priced in it."""

PATIENTS_PER_BLOCK = 12288


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Some trials of a family: its designs by increasing size."""

    family: int
    protocols: tuple[Protocol, ...]
    parameters: ParameterSet
    seed: int
    first_trial: int
    trials: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The figures of each design of a task."""

    family: int
    tables: tuple[Table, ...]


def tasks_of(
    family: int, protocols: Sequence[Protocol], parameters: ParameterSet, *, trials: int, seed: int
) -> list[Task]:
    """Return the work of a family in blocks; where they end changes no figure."""
    per_block = max(1, PATIENTS_PER_BLOCK // max(protocol.size for protocol in protocols))
    return [
        Task(
            family=family,
            protocols=tuple(protocols),
            parameters=parameters,
            seed=seed,
            first_trial=first,
            trials=min(per_block, trials - first),
        )
        for first in range(0, trials, per_block)
    ]


def simulate_families(
    crew: executor.Executor, tasks: Sequence[Task]
) -> Iterator[tuple[int, tuple[Table, ...], int]]:
    """Yield each family with the figures of its designs when its last block is there, and trials so far."""
    waiting: list[Outcome] = []
    done = 0
    for place, outcome in enumerate(executor.in_order(crew, simulate_block, tasks)):
        waiting.append(outcome)
        done += tasks[place].trials
        if place + 1 == len(tasks) or tasks[place + 1].family != outcome.family:
            yield outcome.family, _joined(waiting), done
            waiting = []


def _joined(outcomes: Sequence[Outcome]) -> tuple[Table, ...]:
    designs = range(len(outcomes[0].tables))
    return tuple(
        {
            name: np.concatenate([outcome.tables[place][name] for outcome in outcomes])
            for name in outcomes[0].tables[place]
        }
        for place in designs
    )


def simulate_block(task: Task) -> Outcome:
    """Simulate and judge some trials of a family; runs in a worker."""
    if not are_nested(task.protocols):
        apart = tuple(_single(task, protocol) for protocol in task.protocols)
        return Outcome(family=task.family, tables=apart)
    largest = max(task.protocols, key=lambda protocol: protocol.size)
    recruited = simulated.recruit_trials(
        largest,
        trials=task.trials,
        seed=task.seed,
        first_trial=task.first_trial,
        parameters=task.parameters,
    )
    whole = [simulated.conduct(recruited, without_effect=flag) for flag in (False, True)]
    tables = []
    for protocol in task.protocols:
        modelled, null = (
            [_block(task.first_trial, protocol, beginning(data, protocol.size))] for data in whole
        )
        tables.append(figures_of(protocol, modelled, null, Costs()))
    return Outcome(family=task.family, tables=tuple(tables))


def are_nested(protocols: Sequence[Protocol]) -> bool:
    """Return whether smaller trials are the beginnings of larger ones: none acts on its own data."""
    return not any(is_adaptive(protocol) for protocol in protocols)


def beginning(data: TrialData, size: int) -> TrialData:
    """Return the trials of the first patients."""
    if size == data.size:
        return data
    return without_empty_places(first_subjects(data, np.full(data.trials, size, dtype=np.int64)))


def _block(first_trial: int, protocol: Protocol, data: TrialData) -> Block:
    judged = deciding(protocol)
    table = derive(data, judged)
    return reduce_block(first_trial, judged, data, table, analyse(table, judged), with_series=False)


def deciding(protocol: Protocol) -> Protocol:
    """Return a protocol with only the analyses and endpoints on which success hangs."""
    if protocol.multiplicity is not None:
        return protocol
    analyses = tuple(analysis for analysis in protocol.analyses if analysis.primary)
    asked = {analysis.endpoint for analysis in analyses}
    endpoints = tuple(
        entry for entry in protocol.endpoints if entry.role is Role.PRIMARY or entry.name in asked
    )
    return replace(protocol, analyses=analyses, endpoints=endpoints)


def _single(task: Task, protocol: Protocol) -> Table:
    """Return the figures of a design that is simulated by itself, as a run would."""
    modelled, null = replicate.simulate_block(
        protocol,
        parameters=task.parameters,
        seed=task.seed,
        first_trial=task.first_trial,
        trials=task.trials,
    )
    return figures_of(protocol, [modelled], [null], Costs())
