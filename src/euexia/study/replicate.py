"""Many simulated trials of one protocol: the main job."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from euexia import parameters
from euexia.analyse import Result
from euexia.analyse import run as analyse
from euexia.core.errors import InputError
from euexia.endpoints.derive import derive
from euexia.parameters import ParameterSet
from euexia.protocol.protocol import Protocol
from euexia.study import answer, executor, provenance, simulated
from euexia.study.block import Block, reduce_block
from euexia.study.operating import OperatingCharacteristics
from euexia.study.provenance import Provenance
from euexia.study.run_folder import DAMAGED, Manifest, opened
from euexia.study.tally import Tally
from euexia.trialdata.trialdata import TrialData, first_trials

PATIENTS_PER_PART = 1 << 16
"""Patients of a part of a run on disk: some seconds of work."""
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
    provenance: Provenance
    notices: tuple[str, ...] = ()
    """What happened on the way that the user should know."""


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
    folder: Path | None = None,
    resume: bool = False,
) -> StudyResult:
    """Simulate, analyse and summarise many trials of a protocol.

    trials: how many.  seed: the same seed gives the same bits whatever the number of workers.
    overlays: names of parameter overlays.  keep: how many whole trials come back.
    progress: called after each block.  folder: where the trials are kept, part by part, so that they can be
    continued; None keeps only the summary.  resume: continue the run in the folder; ``trials`` may be more.
    On KeyboardInterrupt the finished trials are summarised; ``operating.trials`` says how many they are.
    Raises InputError when trials, seed, workers, keep or folder make no sense.
    """
    _check(trials=trials, seed=seed, workers=workers, keep=keep)
    chosen = parameters.load(overlays=tuple(overlays))
    made = _provenance(protocol, chosen, trials, seed, tuple(overlays), command)
    asked = Manifest(
        protocol=protocol.id,
        size=protocol.size,
        seed=seed,
        planned_trials=trials,
        versions=made.versions,
        hashes=made.hashes,
        overlays=tuple(overlays),
        command=made.command,
    )
    per_part = max(1, PATIENTS_PER_PART // protocol.size)
    tally = Tally(protocol)
    with opened(folder, asked, resume=resume, protocol_text=protocol.source_text, per_part=per_part) as kept:
        for modelled, without_effect in kept.blocks():
            tally.add(modelled, without_effect)
        planned = max(trials, tally.trials)
        tasks = _tasks(protocol, chosen, tally.trials, planned, seed, keep)
        example = None
        for outcome in _outcomes(tasks, tally.trials, planned, workers, progress):
            tally.add(outcome.as_modelled, outcome.without_effect)
            kept.append(outcome.as_modelled, outcome.without_effect)
            example = example or outcome.example
        kept.flush()
    if not tally.trials:
        raise KeyboardInterrupt
    if example is None:
        example = simulated.simulate(protocol, trials=keep, seed=seed, parameters=chosen)
    operating = tally.finish(planned=planned, seed=seed)
    return StudyResult(
        protocol=protocol,
        parameters=chosen,
        operating=dataclasses.replace(operating, answer=answer.sentences(protocol, operating)),
        example=example,
        example_results=analyse(derive(example, protocol), protocol),
        provenance=made,
        notices=tuple(
            f"Part {name} of the run was damaged; it was set aside in '{DAMAGED}' and computed again."
            for name in kept.set_aside
        ),
    )


def _check(*, trials: int, seed: int, workers: int | None, keep: int) -> None:
    if trials < 1:
        raise InputError(f"The number of trials is {trials}; it must be at least 1.")
    if not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"The seed is {seed}; it must lie between 0 and {LARGEST_SEED}.")
    if workers is not None and workers < 1:
        raise InputError(f"The number of workers is {workers}; it must be at least 1.")
    if keep < 1:
        raise InputError(f"The number of trials to keep whole is {keep}; it must be at least 1.")


def _tasks(
    protocol: Protocol, chosen: ParameterSet, done: int, trials: int, seed: int, keep: int
) -> list[_Task]:
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
        for first in range(done, trials, per_block)
    ]


def _outcomes(
    tasks: Sequence[_Task], done: int, trials: int, workers: int | None, progress: Progress | None
) -> Iterator[_Outcome]:
    """Yield each block's outcome in the order of trials; end early, without an error, on an interrupt.

    A block that comes before its turn waits; what still waits for an earlier one on an interrupt is lost.
    """
    arrived: dict[int, _Outcome] = {}
    following = done
    with suppress(KeyboardInterrupt):
        for outcome in executor.completed(_simulate_block, tasks, workers or executor.default_workers()):
            arrived[outcome.as_modelled.first_trial] = outcome
            done += outcome.as_modelled.trials
            while following in arrived:
                ready = arrived.pop(following)
                following += ready.as_modelled.trials
                yield ready
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
