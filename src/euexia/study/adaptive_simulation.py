"""Simulated trials with looks: where their patients come from, and blocks of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.analyse import run as analyse
from euexia.analyse.result import Result
from euexia.endpoints.derive import derive
from euexia.parameters import ParameterSet
from euexia.protocol.look_words import is_adaptive
from euexia.protocol.protocol import Protocol
from euexia.simulate.randomisation import allot
from euexia.study import simulated
from euexia.study.adaptive import Course, Source, carry_out, read_again
from euexia.study.block import Block, reduce_block
from euexia.study.look_plan import LookPlan, plan_looks
from euexia.study.recruitment import factors_of, stratum_of
from euexia.study.simulated import Recruited
from euexia.trialdata.cut import without_empty_places
from euexia.trialdata.trialdata import TrialData, first_trials

Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """A block of trials with looks under both scenarios."""

    as_modelled: Block
    without_effect: Block
    example: TrialData | None


def simulate_blocks(
    protocol: Protocol,
    *,
    parameters: ParameterSet,
    seed: int,
    first_trial: int,
    trials: int,
    keep: int = 0,
    scenarios: Sequence[bool] = (False, True),
) -> Blocks:
    """Simulate and reduce a block of trials, as modelled and without effect, each with its own looks."""
    plan = plan_looks(protocol)
    recruited = recruit_largest(
        plan, trials=trials, seed=seed, first_trial=first_trial, parameters=parameters
    )
    blocks, example = [], None
    for without_effect in scenarios:
        course = carry_out(plan, source_of(plan, recruited, seed=seed, without_effect=without_effect))
        if not without_effect and keep:
            example = without_empty_places(first_trials(course.data, keep))
        blocks.append(reduce_course(first_trial, plan, course, with_series=not without_effect))
    return Blocks(as_modelled=blocks[0], without_effect=blocks[-1], example=example)


def simulate(
    protocol: Protocol,
    *,
    trials: int = 1,
    seed: int = 1,
    first_trial: int = 0,
    parameters: ParameterSet | None = None,
    without_effect: bool = False,
) -> TrialData:
    """Simulate trials of a protocol, with the looks that it carries out.

    trials: how many.  seed: the same seed gives the same bits.  first_trial: number of the first; trial 7 is
    the same trial whether it is simulated alone or among others.  parameters: of the model; the reference set
    if None.
    without_effect: the study drug is given and dosed, but does nothing; same patients, same chance.
    Where looks end trials, the places of patients who then never came are held by nobody (arm -1).
    Raises InputError (no patients for the protocol, trials below 1) or UnknownNameError (unknown drug or
    population).
    """
    make = _simulate_looks if is_adaptive(protocol) else simulated.simulate
    return make(
        protocol,
        trials=trials,
        seed=seed,
        first_trial=first_trial,
        parameters=parameters,
        without_effect=without_effect,
    )


def _simulate_looks(protocol: Protocol, **how: Any) -> TrialData:
    return without_empty_places(simulate_course(protocol, **how).data)


def simulate_course(
    protocol: Protocol,
    *,
    trials: int = 1,
    seed: int = 1,
    first_trial: int = 0,
    parameters: ParameterSet | None = None,
    without_effect: bool = False,
) -> Course:
    """Simulate trials with their looks; arguments as for ``simulated.simulate``."""
    plan = plan_looks(protocol)
    recruited = recruit_largest(
        plan, trials=trials, seed=seed, first_trial=first_trial, parameters=parameters
    )
    return carry_out(plan, source_of(plan, recruited, seed=seed, without_effect=without_effect))


def recruit_largest(
    plan: LookPlan, *, trials: int, seed: int, first_trial: int, parameters: ParameterSet | None
) -> Recruited:
    """Recruit every trial to its largest size: the first patients are those of the planned trial."""
    largest = replace(plan.protocol, size=plan.maximum)
    return simulated.recruit_trials(
        largest, trials=trials, seed=seed, first_trial=first_trial, parameters=parameters
    )


def source_of(plan: LookPlan, recruited: Recruited, *, seed: int, without_effect: bool) -> Source:
    """Return recruited trials as the source of a course."""
    cohort = recruited.cohort
    shape = (cohort.trials.size, cohort.size)

    def conduct(arm: Integers) -> TrialData:
        return simulated.conduct(replace(recruited, arm=arm.ravel()), without_effect=without_effect)

    def reallot(active: Flags) -> Integers:
        return _among(plan.protocol, recruited, active, seed)

    return Source(arm=recruited.arm.reshape(shape), conduct=conduct, reallot=reallot)


def _among(protocol: Protocol, recruited: Recruited, active: Flags, seed: int) -> Integers:
    """Return the arm of every patient were only the active arms in the trial, shape (trials, subjects).

    A patient's arm depends on the seed, the trial, the place in it and the arms that are active alone.
    """
    cohort = recruited.cohort
    stratum, factors = stratum_of(protocol, cohort), factors_of(protocol, cohort)
    arm = recruited.arm.reshape(stratum.shape).copy()
    for pattern in np.unique(active, axis=0):
        rows = (active == pattern).all(axis=1)
        names = np.flatnonzero(pattern)
        if names.size in (0, pattern.size):
            continue
        fewer = _with_arms(protocol, names)
        found = allot(fewer, seed, cohort.trials[rows], stratum[rows], factors[:, rows])
        arm[rows] = names[found]
    return arm


def _with_arms(protocol: Protocol, places: Integers) -> Protocol:
    """Return the protocol with some of its arms, in blocks of as many rounds as before."""
    arms = tuple(protocol.arms[int(place)] for place in places)
    plan, before = protocol.randomisation, sum(arm.ratio for arm in protocol.arms)
    if plan.block_size is None:
        return replace(protocol, arms=arms)
    size = plan.block_size // before * sum(arm.ratio for arm in arms)
    return replace(protocol, arms=arms, randomisation=replace(plan, block_size=size))


def reduce_course(first_trial: int, plan: LookPlan, course: Course, *, with_series: bool = True) -> Block:
    """Return the summary of a block of trials with looks."""
    table = derive(course.data, plan.protocol)
    block = reduce_block(
        first_trial, plan.protocol, course.data, table, course.results, with_series=with_series
    )
    return replace(block, looks=course.looks)


def example(protocol: Protocol, *, trials: int, seed: int, parameters: ParameterSet) -> TrialData:
    """Return the first trials of a run, whole: as their looks left them, where there are any."""
    return simulate(protocol, trials=trials, seed=seed, parameters=parameters)


def results_of(data: TrialData, protocol: Protocol) -> tuple[Result, ...]:
    """Return the planned analyses of trials, of those with looks as the looks decide."""
    if is_adaptive(protocol):
        return read_again(plan_looks(protocol), data).results
    return analyse(derive(data, protocol), protocol)
