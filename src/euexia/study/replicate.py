"""Many simulated trials of one protocol: the main job."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from euexia import parameters
from euexia.analyse import Result
from euexia.analyse import run as analyse
from euexia.core.errors import InputError
from euexia.endpoints.derive import derive
from euexia.parameters import ParameterSet
from euexia.protocol.protocol import Protocol
from euexia.study import answer, executor, provenance, simulated, summary
from euexia.study.block import Block, reduce_block
from euexia.study.operating import OperatingCharacteristics
from euexia.study.provenance import Provenance
from euexia.study.published import compare
from euexia.study.series import SeriesBlock, add_all
from euexia.trialdata.trialdata import TrialData, first_trials

PATIENTS_PER_BLOCK = 4096
"""Patients simulated together: enough to fill the vector units, few enough for smooth progress."""

LARGEST_SEED = 2**48 - 1

Progress = Callable[[int, int], None]
"""Called with (trials done, trials planned)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """A protocol's operating characteristics, with one trial to read."""

    protocol: Protocol
    parameters: ParameterSet
    operating: OperatingCharacteristics
    example: TrialData
    """The first trials, whole."""
    example_results: tuple[Result, ...]
    blocks: tuple[Block, ...]
    """Every trial's results, as modelled; in the order of trials."""
    blocks_without_effect: tuple[Block, ...]
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What a worker is asked to do."""

    protocol: Protocol
    parameters: ParameterSet
    seed: int
    first_trial: int
    trials: int
    keep: int
    """How many whole trials to bring back; only the first block does, if it holds as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    as_modelled: Block
    without_effect: Block
    example: TrialData | None


def run(
    protocol: Protocol,
    *,
    trials: int,
    seed: int = 1,
    workers: int | None = None,
    overlays: Sequence[str] = (),
    keep: int = 1,
    progress: Progress | None = None,
    command: str = "",
) -> StudyResult:
    """Simulate, analyse and summarise many trials of a protocol.

    trials: how many.  seed: the same seed gives the same bits whatever the number of workers.
    overlays: names of parameter overlays.  keep: how many whole trials come back.
    progress: called after each block.
    On KeyboardInterrupt the finished blocks are summarised; ``operating.trials`` says how many they hold.
    Raises InputError when trials, seed, workers or keep make no sense.
    """
    _check(trials=trials, seed=seed, workers=workers, keep=keep)
    chosen = parameters.load(overlays=tuple(overlays))
    tasks = _tasks(protocol, chosen, trials, seed, keep)
    pooled: dict[str, SeriesBlock] = {}
    arrived = [_pooled(outcome, pooled) for outcome in _outcomes(tasks, trials, workers, progress)]
    if not arrived:
        raise KeyboardInterrupt
    outcomes = sorted(arrived, key=lambda outcome: outcome.as_modelled.first_trial)
    first, *others = (outcome.as_modelled for outcome in outcomes)
    modelled = (dataclasses.replace(first, series=pooled), *others)
    null = tuple(outcome.without_effect for outcome in outcomes)
    example = outcomes[0].example or simulated.simulate(protocol, trials=keep, seed=seed, parameters=chosen)
    return StudyResult(
        protocol=protocol,
        parameters=chosen,
        operating=_operating(protocol, modelled, null, planned=trials, seed=seed),
        example=example,
        example_results=analyse(derive(example, protocol), protocol),
        blocks=modelled,
        blocks_without_effect=null,
        provenance=_provenance(protocol, chosen, trials, seed, tuple(overlays), command),
    )


def _pooled(outcome: _Outcome, pooled: dict[str, SeriesBlock]) -> _Outcome:
    """Return the outcome without its series, which are added to those of the blocks before."""
    pooled |= add_all(pooled, outcome.as_modelled.series)
    return dataclasses.replace(outcome, as_modelled=dataclasses.replace(outcome.as_modelled, series={}))


def _check(*, trials: int, seed: int, workers: int | None, keep: int) -> None:
    if trials < 1:
        raise InputError(f"The number of trials is {trials}; it must be at least 1.")
    if not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"The seed is {seed}; it must lie between 0 and {LARGEST_SEED}.")
    if workers is not None and workers < 1:
        raise InputError(f"The number of workers is {workers}; it must be at least 1.")
    if keep < 1:
        raise InputError(f"The number of trials to keep whole is {keep}; it must be at least 1.")


def _tasks(protocol: Protocol, chosen: ParameterSet, trials: int, seed: int, keep: int) -> list[_Task]:
    per_block = max(1, PATIENTS_PER_BLOCK // protocol.size)
    return [
        _Task(
            protocol=protocol,
            parameters=chosen,
            seed=seed,
            first_trial=first,
            trials=min(per_block, trials - first),
            keep=keep if first == 0 and keep <= min(per_block, trials) else 0,
        )
        for first in range(0, trials, per_block)
    ]


def _outcomes(
    tasks: Sequence[_Task], trials: int, workers: int | None, progress: Progress | None
) -> Iterator[_Outcome]:
    """Yield each block's outcome; end early, without an error, when the user interrupts."""
    done = 0
    with suppress(KeyboardInterrupt):
        for outcome in executor.completed(_simulate_block, tasks, workers or executor.default_workers()):
            yield outcome
            done += outcome.as_modelled.trials
            if progress is not None:
                progress(done, trials)


def _simulate_block(task: _Task) -> _Outcome:
    """Simulate and reduce one block under both scenarios; runs in a worker."""
    protocol = task.protocol
    recruited = simulated.recruit_trials(
        protocol, trials=task.trials, seed=task.seed, first_trial=task.first_trial, parameters=task.parameters
    )
    blocks = []
    example = None
    for without_effect in (False, True):
        data = simulated.conduct(recruited, without_effect=without_effect)
        if not without_effect and task.keep:
            example = first_trials(data, task.keep)
        table = derive(data, protocol)
        results = analyse(table, protocol)
        blocks.append(
            reduce_block(task.first_trial, protocol, data, table, results, with_series=not without_effect)
        )
    return _Outcome(as_modelled=blocks[0], without_effect=blocks[1], example=example)


def _operating(
    protocol: Protocol, modelled: Sequence[Block], null: Sequence[Block], *, planned: int, seed: int
) -> OperatingCharacteristics:
    operating = OperatingCharacteristics(
        protocol_id=protocol.id,
        trials=sum(block.trials for block in modelled),
        planned_trials=planned,
        size=protocol.size,
        seed=seed,
        as_modelled=summary.scenario("as_modelled", "As modelled", protocol, modelled),
        without_effect=summary.scenario("without_effect", "Study drug without effect", protocol, null),
        screening=summary.screening(modelled),
        design={name: dict(block.design) for name, block in modelled[0].analyses.items() if block.design},
        answer=(),
        published=compare(protocol, modelled),
    )
    return dataclasses.replace(operating, answer=answer.sentences(protocol, operating))


def _provenance(
    protocol: Protocol,
    chosen: ParameterSet,
    trials: int,
    seed: int,
    overlays: tuple[str, ...],
    command: str,
) -> Provenance:
    return Provenance(
        seed=seed,
        versions=provenance.versions(),
        hashes=provenance.hashes(protocol, chosen),
        command=command or provenance.command_line(protocol, trials=trials, seed=seed, overlays=overlays),
        python=provenance.python_lines(protocol, trials=trials, seed=seed, overlays=overlays),
    )
