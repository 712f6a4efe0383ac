"""A block of trials judged by every endpoint: simulated once, each endpoint derived once.

What is kept is one number or flag per trial, whole-number counts of patients, and the patients themselves as
derived endpoints, from which trials of other sizes are drawn later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from euexia.analyse import run as analyse
from euexia.analyse.plan import look_up
from euexia.analyse.result import Result
from euexia.analyse.settled import DEATH, MISSING
from euexia.endpoints.derive import derive
from euexia.endpoints.table import DerivedEndpoint, EndpointTable
from euexia.parameters import ParameterSet
from euexia.protocol.analysis_plan import Analysis, EndpointKind, Strategy
from euexia.study import simulated
from euexia.study.endpoint_comparison_list import PREFIX
from euexia.study.endpoint_comparison_plan import Plan, Question
from euexia.study.success import RATIOS, gains_upward, neutral

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LOSSES = ("died", "lost_by_death", "lost_by_leaving", "lost_by_missed_visit", "counted_as_failure")
"""Of the randomised: who died by the day, who is not analysed for which reason, and who is analysed as a
failure because of death or a missing reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the analyses of a block of trials say, by analysis; shape (trials,) each.

    gain: the estimate towards the patient's side, from no effect; of a ratio its logarithm.  estimate: as
    printed.  rejects: in either direction.  succeeds: on the patient's side.
    """

    gain: Mapping[str, Floats]
    estimate: Mapping[str, Floats]
    rejects: Mapping[str, Flags]
    succeeds: Mapping[str, Flags]
    measure_of_effect: Mapping[str, str]
    unit: Mapping[str, str]
    estimand: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedBlock:
    """A block of trials.

    losses: per question, counts of patients over the block in the order of LOSSES.  randomised: how many they
    are of.  pool: the patients, shape (1, patients); None where enough are kept.
    """

    first_trial: int
    trials: int
    as_modelled: Told
    without_effect: Told
    losses: tuple[tuple[int, ...], ...]
    randomised: tuple[int, ...]
    pool: EndpointTable | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker is asked to do.  pooled_trials: patients of trials up to this number are kept."""

    plan: Plan
    parameters: ParameterSet
    seed: int
    first_trial: int
    trials: int
    pooled_trials: int


def judge(task: Task) -> JudgedBlock:
    """Simulate a block of trials under both scenarios and judge it; runs in a worker."""
    protocol = task.plan.variant
    recruited = simulated.recruit_trials(
        protocol, trials=task.trials, seed=task.seed, first_trial=task.first_trial, parameters=task.parameters
    )
    with np.errstate(invalid="ignore"):  # the model goes on for the dead, whose function means nothing
        table = derive(simulated.conduct(recruited), protocol)
        silent = derive(simulated.conduct(recruited, without_effect=True), protocol)
    counts = [losses(task.plan, table, question) for question in task.plan.questions]
    kept = max(0, min(task.trials, task.pooled_trials - task.first_trial))
    return JudgedBlock(
        first_trial=task.first_trial,
        trials=task.trials,
        as_modelled=told(task.plan, analyse(table, protocol, curves=False)),
        without_effect=told(task.plan, analyse(silent, protocol, curves=False)),
        losses=tuple(count for count, _ in counts),
        randomised=tuple(size for _, size in counts),
        pool=_flat(table, kept) if kept else None,
    )


def told(plan: Plan, results: Sequence[Result]) -> Told:
    """Return what a comparison needs of results."""
    analyses = plan.analyses
    gain = {result.analysis: gain_of(plan, analyses[result.analysis], result) for result in results}
    rejects = {
        result.analysis: result.reject if result.adjusted is None else result.adjusted.reject
        for result in results
    }
    with np.errstate(invalid="ignore"):
        succeeds = {name: np.asarray(rejects[name] & (gain[name] > 0)) for name in gain}
    return Told(
        gain=gain,
        estimate={result.analysis: result.estimate for result in results},
        rejects=rejects,
        succeeds=succeeds,
        measure_of_effect={result.analysis: result.measure_of_effect for result in results},
        unit={result.analysis: result.unit for result in results},
        estimand={result.analysis: result.estimand for result in results},
    )


def gain_of(plan: Plan, analysis: Analysis, result: Result) -> Floats:
    """Return how far estimates lie from no effect, towards the patient's side; ratios as logarithms."""
    upward = gains_upward(analysis.method, plan.endpoints[analysis.endpoint])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = analysis.method in RATIOS
        moved = np.log(result.estimate) if ratio else result.estimate - neutral(analysis)
    return np.asarray(moved if upward else -moved, dtype=float)


def losses(plan: Plan, table: EndpointTable, question: Question) -> tuple[tuple[int, ...], int]:
    """Return how many patients are lost to a question, in the order of LOSSES, and of how many randomised.

    A patient is lost to several endpoints as soon as one of them lacks the patient.
    """
    members = np.zeros(table.arm.shape, dtype=bool)
    lost, failed, died, left = (np.zeros(table.arm.shape, dtype=bool) for _ in range(4))
    for name in question.analyses:
        planned = look_up(table, plan.variant, plan.analyses[name])
        estimand = plan.variant.estimands[planned.analysis.estimand_name]
        members |= planned.treated | planned.controls
        lost |= ~planned.settled.included
        died |= planned.derived.dead
        left |= planned.derived.withdrawn
        if planned.endpoint.kind is not EndpointKind.TIME_TO_EVENT:
            for reason, strategy in ((DEATH, estimand.death), (MISSING, estimand.missing)):
                if strategy is Strategy.COMPOSITE_FAILURE and reason in planned.settled.decided:
                    failed |= planned.settled.decided[reason]
    found = (died, lost & died, lost & ~died & left, lost & ~died & ~left, failed & ~lost)
    return tuple(int((flags & members).sum()) for flags in found), int(members.sum())


def _flat(table: EndpointTable, trials: int) -> EndpointTable:
    """Return the patients of the first trials as one row, without what no estimand asks for."""
    slim = {name: _slim(name, derived) for name, derived in table.endpoints.items()}
    slimmed = replace(table, endpoints=slim)
    return cast(EndpointTable, mapped([slimmed], lambda arrays: _one_row(arrays[0][:trials])))


def _slim(name: str, derived: DerivedEndpoint) -> DerivedEndpoint:
    bare = replace(derived, components=None, changes=None)
    if not name.startswith(PREFIX) or derived.steps or derived.times is not None:
        return bare
    return replace(bare, on_treatment=None, exposure_on_treatment=None, days={})


def _one_row(array: NDArray[Any]) -> NDArray[Any]:
    return array.reshape(1, -1, *array.shape[2:])


def joined(pools: Sequence[EndpointTable]) -> EndpointTable:
    """Return the patients of several blocks as one row."""
    return cast(EndpointTable, mapped(pools, lambda arrays: np.concatenate(arrays, axis=1)))


def mapped(trees: Sequence[Any], function: Any) -> Any:
    """Return a value like the first, its arrays by trial and subject replaced by a function of those of all.

    Values inside dataclasses, mappings and tuples are reached; arrays of one axis are left as they are.
    """
    first = trees[0]
    if isinstance(first, np.ndarray):
        return function(trees) if first.ndim > 1 else first
    if isinstance(first, Mapping):
        return {name: mapped([tree[name] for tree in trees], function) for name in first}
    if isinstance(first, tuple):
        return tuple(mapped(list(parts), function) for parts in zip(*trees, strict=True))
    if is_dataclass(first) and not isinstance(first, type):
        return replace(first, **dict(_fields(trees, function)))
    return first


def _fields(trees: Sequence[Any], function: Any) -> Iterator[tuple[str, Any]]:
    for entry in fields(trees[0]):
        yield entry.name, mapped([getattr(tree, entry.name) for tree in trees], function)
