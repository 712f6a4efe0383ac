"""One trial judged by every endpoint: what each would have said of the same simulated patients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia import parameters
from euexia.core.errors import InputError
from euexia.parameters import ParameterSet
from euexia.protocol.protocol import Protocol
from euexia.study import executor, provenance
from euexia.study.endpoint_comparison_block import LOSSES, JudgedBlock, Task, Told, joined, judge
from euexia.study.endpoint_comparison_fate import Fate, fates, met
from euexia.study.endpoint_comparison_list import Judgement
from euexia.study.endpoint_comparison_list import load as load_list
from euexia.study.endpoint_comparison_plan import OWN, Pair, Plan, Question, plan
from euexia.study.endpoint_comparison_size import Needed, Pool, drift_of, sizes_of, standardised
from euexia.study.operating import Estimate
from euexia.study.provenance import Provenance
from euexia.study.success import RATIOS
from euexia.study.summary import mean, proportion

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PATIENTS_PER_BLOCK = 4096
POOLED_PATIENTS = 150_000
"""Simulated patients that are kept to draw trials of other sizes from."""
POWERS = (0.8, 0.9)
OWN_ABOUT = "What the protocol planned, by its own estimand and method."
LARGEST_SEED = 2**48 - 1

Progress = Callable[[int, int], None]
"""Called with (trials done, trials planned), and again with (endpoints sized, endpoints)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The effect on one endpoint over trials, as its analysis prints it; of a ratio the geometric mean.

    standardised: in standard deviations of one randomised patient, so that endpoints can be compared.
    """

    analysis: str
    endpoint: str
    estimand: str
    measure_of_effect: str
    unit: str
    estimate: Estimate
    standardised: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A trial judged by one endpoint, in one comparison of two arms.

    power: share of trials in which every analysis rejects on the patient's side.  type_one: share in which
    every analysis rejects, on either side, with the study drug without effect.  losses: shares of the
    randomised, by LOSSES.  needed: by power; empty where sizes were not looked for.  met: by the published
    trial; None: nothing was said.
    """

    judgement: str
    label: str
    short: str
    about: str
    pair: Pair
    day: float
    power: Estimate
    type_one: Estimate
    effects: tuple[Effect, ...]
    losses: Mapping[str, float]
    needed: Mapping[float, Needed]
    accepted: str
    accepted_source: str
    met: bool | None
    fates: tuple[Fate, ...]

    @property
    def lost(self) -> float:
        """Return the share of the randomised who are not analysed."""
        return sum(share for name, share in self.losses.items() if name.startswith("lost"))

    @property
    def standardised(self) -> float:
        """Return the standardised effect, of several endpoints the weakest."""
        return min(effect.standardised for effect in self.effects)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One protocol, judged by every endpoint."""

    protocol: Protocol
    plan: Plan
    verdicts: tuple[Verdict, ...]
    trials: int
    planned_trials: int
    pooled_patients: int
    seed: int
    provenance: Provenance
    sized: bool = True
    """False where the search for sizes was stopped early."""

    def of(self, pair: Pair) -> tuple[Verdict, ...]:
        """Return the verdicts on one pair of arms."""
        return tuple(verdict for verdict in self.verdicts if verdict.pair == pair)


@dataclass(slots=True)
class _Collected:
    """Blocks in the order of their trials, put together."""

    modelled: list[Told] = field(default_factory=list)
    silent: list[Told] = field(default_factory=list)
    losses: list[NDArray[np.int64]] = field(default_factory=list)
    randomised: list[NDArray[np.int64]] = field(default_factory=list)
    pools: list[Any] = field(default_factory=list)
    trials: int = 0

    def add(self, block: JudgedBlock) -> None:
        self.modelled.append(block.as_modelled)
        self.silent.append(block.without_effect)
        self.losses.append(np.array(block.losses, dtype=np.int64))
        self.randomised.append(np.array(block.randomised, dtype=np.int64))
        self.trials += block.trials
        if block.pool is not None:
            self.pools.append(block.pool)


def compare(
    protocol: Protocol,
    *,
    trials: int,
    seed: int = 1,
    workers: int | None = None,
    arm: str | None = None,
    week: float | None = None,
    judgements: Mapping[str, Judgement] | None = None,
    overlays: Sequence[str] = (),
    powers: Sequence[float] = POWERS,
    progress: Progress | None = None,
    sizing: Progress | None = None,
    command: str = "",
) -> Comparison:
    """Simulate trials of a protocol once and judge them by every endpoint.

    trials: how many.  seed: the same seed gives the same bits whatever the number of workers.  arm, week: see
    ``endpoint_comparison_plan.plan``.  judgements: the endpoints, the shipped list if None.  overlays: of the
    model's parameters.  powers: for which sizes are looked for; none if empty.  progress: called after each
    block.  sizing: called after each endpoint whose size was looked for.
    On KeyboardInterrupt the finished trials are judged; ``trials`` of the result says how many they are.
    Raises InputError for anything that makes no sense, KeyboardInterrupt when no block was finished.
    """
    _check(trials=trials, seed=seed, workers=workers)
    planned = plan(protocol, load_list() if judgements is None else judgements, arm=arm, week=week)
    chosen = parameters.load(overlays=tuple(overlays))
    collected = _Collected()
    tasks = _tasks(planned, chosen, trials, seed)
    for block in _in_order(tasks, trials, workers or executor.default_workers(), progress):
        collected.add(block)
    if not collected.trials:
        raise KeyboardInterrupt
    modelled, silent = _joined(collected.modelled), _joined(collected.silent)
    pooled = joined(collected.pools)
    sizes: dict[int, Mapping[float, Needed]] = {}
    with suppress(KeyboardInterrupt):
        pool = Pool(planned, pooled, seed)
        for place in range(len(planned.questions) if powers else 0):
            sizes[place] = sizes_of(planned, modelled, powers, pool, place)
            if sizing is not None:
                sizing(place + 1, len(planned.questions))
    lost = np.sum(collected.losses, axis=0) / np.sum(collected.randomised, axis=0)[:, None]
    return Comparison(
        protocol=protocol,
        plan=planned,
        verdicts=tuple(
            _verdict(planned, question, modelled, silent, lost[place], sizes.get(place, {}))
            for place, question in enumerate(planned.questions)
        ),
        trials=collected.trials,
        planned_trials=trials,
        pooled_patients=int(pooled.arm.size),
        seed=seed,
        provenance=_provenance(protocol, chosen, trials, seed, tuple(overlays), command),
        sized=not powers or len(sizes) == len(planned.questions),
    )


def _check(*, trials: int, seed: int, workers: int | None) -> None:
    if trials < 2:
        raise InputError(f"The number of trials is {trials}; it must be at least 2.")
    if not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"The seed is {seed}; it must lie between 0 and {LARGEST_SEED}.")
    if workers is not None and workers < 1:
        raise InputError(f"The number of workers is {workers}; it must be at least 1.")


def _tasks(planned: Plan, chosen: ParameterSet, trials: int, seed: int) -> list[Task]:
    size = planned.variant.size
    per_block = max(1, PATIENTS_PER_BLOCK // size)
    return [
        Task(
            plan=planned,
            parameters=chosen,
            seed=seed,
            first_trial=first,
            trials=min(per_block, trials - first),
            pooled_trials=max(1, POOLED_PATIENTS // size),
        )
        for first in range(0, trials, per_block)
    ]


def _in_order(
    tasks: Sequence[Task], trials: int, workers: int, progress: Progress | None
) -> Iterator[JudgedBlock]:
    """Yield each block in the order of trials; end early, without an error, on an interrupt."""
    arrived: dict[int, JudgedBlock] = {}
    following = done = 0
    with suppress(KeyboardInterrupt):
        for block in executor.completed(judge, tasks, workers):
            arrived[block.first_trial] = block
            done += block.trials
            while following in arrived:
                ready = arrived.pop(following)
                following += ready.trials
                yield ready
            if progress is not None:
                progress(done, trials)


def _joined(parts: Sequence[Told]) -> Told:
    """Return what several blocks say, in their order."""
    first = parts[0]
    arrays: dict[str, Any] = {
        name: {
            analysis: np.concatenate([getattr(part, name)[analysis] for part in parts])
            for analysis in first.gain
        }
        for name in ("gain", "estimate", "rejects", "succeeds")
    }
    others = {entry.name: getattr(first, entry.name) for entry in fields(first) if entry.name not in arrays}
    return Told(**arrays, **others)


def _verdict(
    planned: Plan,
    question: Question,
    modelled: Told,
    silent: Told,
    lost: Floats,
    sizes: Mapping[float, Needed],
) -> Verdict:
    own = question.judgement == OWN
    entry = None if own else planned.judgements[question.judgement]
    analyses = [planned.analyses[name] for name in question.analyses]
    endpoints = [planned.endpoints[analysis.endpoint] for analysis in analyses]
    labels = " and ".join(dict.fromkeys(endpoint.label for endpoint in endpoints))
    return Verdict(
        judgement=question.judgement,
        label=f"The protocol's own: {labels}" if entry is None else entry.label,
        short="its own primary endpoint" if entry is None else entry.short,
        about=OWN_ABOUT if entry is None else entry.about,
        pair=question.pair,
        day=max(endpoint.day for endpoint in endpoints),
        power=proportion(_all(modelled.succeeds, question)),
        type_one=proportion(_all(silent.rejects, question)),
        effects=tuple(_effect(planned, question, modelled, name) for name in question.analyses),
        losses=dict(zip(LOSSES, map(float, lost), strict=True)),
        needed=sizes,
        accepted="" if entry is None else entry.accepted,
        accepted_source="" if entry is None else entry.accepted_source,
        met=met(planned, question),
        fates=fates(planned, question),
    )


def _all(flags: Mapping[str, Flags], question: Question) -> Flags:
    return np.asarray(np.logical_and.reduce([flags[name] for name in question.analyses]), dtype=bool)


def _effect(planned: Plan, question: Question, modelled: Told, name: str) -> Effect:
    analysis = planned.analyses[name]
    estimate = modelled.estimate[name]
    found = mean(np.where(np.isfinite(estimate), estimate, np.nan))
    if analysis.method in RATIOS:
        with np.errstate(divide="ignore", invalid="ignore"):
            logged = np.log(estimate)
        logs = mean(np.where(np.isfinite(logged), logged, np.nan))
        centre = float(np.exp(logs.value))
        found = Estimate(value=centre, error=centre * logs.error, trials=logs.trials)
    return Effect(
        analysis=name,
        endpoint=planned.endpoints[analysis.endpoint].label,
        estimand=modelled.estimand[name],
        measure_of_effect=modelled.measure_of_effect[name],
        unit=modelled.unit[name],
        estimate=found,
        standardised=standardised(planned, question.pair, drift_of(modelled.gain[name])),
    )


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
        command=command or f"euexia endpoints {protocol.id} --trials {trials} --seed {seed}",
        python="",
    )
