"""Many simulated trials of one protocol: the main job."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from euexia import parameters
from euexia.analyse import Result
from euexia.analyse import run as analyse
from euexia.core.errors import InputError
from euexia.endpoints.derive import derive
from euexia.parameters import ParameterSet
from euexia.protocol.look_words import is_adaptive
from euexia.protocol.protocol import Protocol
from euexia.study import adaptive_simulation, answer, executor, provenance, simulated, stopping
from euexia.study.block import Block, reduce_block
from euexia.study.convergence import Convergence, convergence
from euexia.study.decisions import Decisions
from euexia.study.operating import OperatingCharacteristics
from euexia.study.provenance import Provenance
from euexia.study.run_folder import DAMAGED, Manifest, RunFolder, opened
from euexia.study.stopping import Stopping, Watch
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
    convergence: tuple[Convergence, ...] = ()
    """How the rejections of the primary analyses settle as trials come in."""
    stopping: Stopping | None = None
    """How the stopping rule ended, where there is one."""


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
    until: str = "",
    on: executor.Executor | None = None,
) -> StudyResult:
    """Simulate, analyse and summarise many trials of a protocol.

    trials: how many.  seed: the same seed gives the same bits whatever the number of workers.
    overlays: names of parameter overlays.  keep: how many whole trials come back.
    progress: called after each block.  folder: where the trials are kept, part by part, so that they can be
    continued; None keeps only the summary.  resume: continue the run in the folder; ``trials`` may be more.
    until: a stopping rule such as ``power se < 0.5 %``; ``trials`` are then the most.
    on: who computes, such as a cluster; processes of this machine if None.
    On KeyboardInterrupt the finished trials are summarised; ``operating.trials`` says how many they are.
    Whatever error ends the run, the finished trials are in the folder first.
    Raises InputError when trials, seed, workers, keep, until or folder make no sense.
    """
    _check(trials=trials, seed=seed, workers=workers, keep=keep)
    rule = stopping.parse(until, protocol) if until else None
    chosen = parameters.load(overlays=tuple(overlays))
    made = _provenance(protocol, chosen, trials, seed, tuple(overlays), command, until)
    asked = Manifest(
        protocol=protocol.id,
        size=protocol.size,
        seed=seed,
        planned_trials=trials,
        versions=made.versions,
        hashes=made.hashes,
        overlays=tuple(overlays),
        command=made.command,
        trials_per_part=max(1, PATIENTS_PER_PART // protocol.size),
        until=rule.text if rule is not None else "",
    )
    trace = _Trace(Tally(protocol), Decisions(protocol))
    watch = Watch(rule, trace.decisions)
    job = _Job(protocol=protocol, parameters=chosen, seed=seed, keep=keep)
    with opened(folder, asked, resume=resume, protocol_text=protocol.source_text) as kept:
        for modelled, without_effect in kept.blocks():
            trace.add(modelled, without_effect)
        planned = max(trials, trace.trials)
        crew = executor.Processes(workers) if on is None else on
        example = None if watch.is_met() else _go_on(job, trace, kept, watch, planned, crew, progress)
        kept.conclude(met=watch.is_met())
    if not trace.trials:
        raise KeyboardInterrupt
    if example is None:
        example = adaptive_simulation.example(protocol, trials=keep, seed=seed, parameters=chosen)
    operating = trace.tally.finish(planned=trace.trials if watch.is_met() else planned, seed=seed)
    return StudyResult(
        protocol=protocol,
        parameters=chosen,
        operating=dataclasses.replace(operating, answer=answer.sentences(protocol, operating)),
        example=example,
        example_results=adaptive_simulation.results_of(example, protocol),
        provenance=made,
        notices=tuple(
            f"Part {name} of the run was damaged; it was set aside in '{DAMAGED}' and computed again."
            for name in kept.set_aside
        ),
        convergence=convergence(protocol, trace.decisions),
        stopping=watch.outcome(trials),
    )


@dataclass(frozen=True, slots=True)
class _Trace:
    """What is kept in memory of the trials."""

    tally: Tally
    decisions: Decisions

    @property
    def trials(self) -> int:
        return self.tally.trials

    def add(self, modelled: Block, without_effect: Block) -> None:
        self.tally.add(modelled, without_effect)
        self.decisions.add(modelled, without_effect)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What all blocks of a run share."""

    protocol: Protocol
    parameters: ParameterSet
    seed: int
    keep: int


def _go_on(
    job: _Job,
    trace: _Trace,
    kept: RunFolder,
    watch: Watch,
    planned: int,
    crew: executor.Executor,
    progress: Progress | None,
) -> TrialData | None:
    """Simulate the trials that are not there yet, in their order; return the example if it is among them.

    Ends early, without an error, on an interrupt, and where the stopping rule is met.
    """
    tasks = _tasks(job, kept.manifest.trials_per_part, trace.trials, planned, checked=watch.rule is not None)
    example = None
    with suppress(KeyboardInterrupt), closing(_outcomes(crew, tasks)) as outcomes:
        for outcome in outcomes:
            trace.add(outcome.as_modelled, outcome.without_effect)
            kept.append(outcome.as_modelled, outcome.without_effect)
            example = example or outcome.example
            met = watch.is_met()
            if progress is not None:
                progress(trace.trials, watch.expected(planned))
            if met:
                break
    return example


def _check(*, trials: int, seed: int, workers: int | None, keep: int) -> None:
    if trials < 1:
        raise InputError(f"The number of trials is {trials}; it must be at least 1.")
    if not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"The seed is {seed}; it must lie between 0 and {LARGEST_SEED}.")
    if workers is not None and workers < 1:
        raise InputError(f"The number of workers is {workers}; it must be at least 1.")
    if keep < 1:
        raise InputError(f"The number of trials to keep whole is {keep}; it must be at least 1.")


def _tasks(job: _Job, per_part: int, first: int, last: int, *, checked: bool) -> list[_Task]:
    per_block = max(1, PATIENTS_PER_BLOCK // job.protocol.size)
    blocks = stopping.spans(first, last, per_block=per_block, per_part=per_part, checked=checked)
    return [
        _Task(
            protocol=job.protocol,
            parameters=job.parameters,
            seed=job.seed,
            first_trial=begin,
            trials=trials,
            keep=job.keep if begin == 0 and job.keep <= trials else 0,
        )
        for begin, trials in blocks
    ]


def _outcomes(crew: executor.Executor, tasks: Sequence[_Task]) -> Generator[_Outcome]:
    """Yield each block's outcome in the order of trials."""
    yield from executor.in_order(crew, _simulate_block, tasks)


def simulate_block(
    protocol: Protocol, *, parameters: ParameterSet, seed: int, first_trial: int, trials: int
) -> tuple[Block, Block]:
    """Return some trials as a run computes them: as modelled, and with the study drug without effect."""
    found = _simulate_block(
        _Task(
            protocol=protocol,
            parameters=parameters,
            seed=seed,
            first_trial=first_trial,
            trials=trials,
            keep=0,
        )
    )
    return found.as_modelled, found.without_effect


def _simulate_block(task: _Task) -> _Outcome:
    """Simulate and reduce one block under both scenarios; runs in a worker."""
    protocol = task.protocol
    if is_adaptive(protocol):
        found = adaptive_simulation.simulate_blocks(
            protocol,
            parameters=task.parameters,
            seed=task.seed,
            first_trial=task.first_trial,
            trials=task.trials,
            keep=task.keep,
        )
        return _Outcome(
            as_modelled=found.as_modelled, without_effect=found.without_effect, example=found.example
        )
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
    until: str,
) -> Provenance:
    return Provenance(
        seed=seed,
        versions=provenance.versions(),
        hashes=provenance.hashes(protocol, chosen),
        command=command
        or provenance.command_line(protocol, trials=trials, seed=seed, overlays=overlays, until=until),
        python=provenance.python_lines(protocol, trials=trials, seed=seed, overlays=overlays, until=until),
    )
