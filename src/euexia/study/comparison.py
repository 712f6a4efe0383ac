"""Two designs side by side on common chance: the same candidates come to both, trial by trial.

Differences are paired, so their Monte-Carlo error is that of a difference between twins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.core.studytime import DAYS_PER_MONTH
from euexia.protocol.protocol import Protocol
from euexia.study.block import Block
from euexia.study.operating import Estimate
from euexia.study.parts import read_part
from euexia.study.run_folder import PARTS, load_manifest
from euexia.study.success import successes
from euexia.study.summary import mean

Floats = NDArray[np.float64]

SHARE, PATIENTS, MONTHS, MONEY = "share", "patients", "months", "money"


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a trial costs, in any one currency; nothing is known by default."""

    per_patient: float = 0.0
    per_candidate: float = 0.0
    per_month: float = 0.0

    @property
    def are_known(self) -> bool:
        """Return whether any cost was given."""
        return any((self.per_patient, self.per_candidate, self.per_month))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """One figure of two designs, and their difference over the trials that both have.

    kind: ``share`` of trials, number of ``patients``, ``months`` or ``money``, or the unit of an effect.
    larger_is_better: None where neither is.
    """

    name: str
    label: str
    kind: str
    first: Estimate
    second: Estimate
    difference: Estimate
    larger_is_better: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One of the two designs, with its run on disk."""

    protocol: Protocol
    folder: Path
    label: str


def compare(first: Design, second: Design, costs: Costs | None = None) -> tuple[Paired, ...]:
    """Return the figures of two designs whose runs have the same seed.

    Raises InputError for runs that do not share their chance, or have no trial in common.
    """
    chosen = Costs() if costs is None else costs
    _check(first, second)
    figures = [dict(_figures(design, chosen)) for design in (first, second)]
    trials = min(len(next(iter(found.values()))[1]) for found in figures)
    if not trials:
        raise InputError("The two runs have no trial in common. Simulate at least one trial of each.")
    found = []
    for name, (figure, values) in figures[0].items():
        if name in figures[1]:
            found.append(_paired(name, figure, values[:trials], figures[1][name][1][:trials]))
    return tuple(found)


def _check(first: Design, second: Design) -> None:
    one, other = load_manifest(first.folder), load_manifest(second.folder)
    if one.seed != other.seed:
        raise InputError(
            f"The runs have the seeds {one.seed} and {other.seed}, so their patients are not the same. "
            "Simulate both with one seed."
        )
    told = {"parameters", "instruments", "adverse_events"}
    differing = sorted(name for name in told if one.hashes.get(name) != other.hashes.get(name))
    if differing:
        raise InputError(
            f"The runs differ in their {', '.join(differing)}, not only in their design. Simulate both with "
            "one version and the same --parameters."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    label: str
    kind: str
    larger_is_better: bool | None


def _figures(design: Design, costs: Costs) -> Iterator[tuple[str, tuple[_Figure, Floats]]]:
    """Give every figure of a design, trial by trial."""
    parts = [read_part(design.folder / PARTS / part.name) for part in load_manifest(design.folder).parts]
    modelled, null = [block for block, _ in parts], [block for _, block in parts]
    works, errs = _succeeds(design.protocol, modelled), _succeeds(design.protocol, null)
    yield "success", (_figure("Trials that succeed (power)", SHARE, True), works)
    yield "false_success", (_figure("Trials that succeed if the drug does nothing", SHARE, False), errs)
    right = _figure("Correct decisions, were the drug as likely to work as not", SHARE, True)
    yield "correct_decision", (right, (works + 1 - errs) / 2)
    patients = np.concatenate([block.arms.patients.sum(axis=1) for block in modelled]).astype(float)
    yield "patients", (_figure("Patients randomised", PATIENTS, False), patients)
    died = _count(modelled, "died")
    yield "deaths", (_figure("Patients who die before the primary assessment", PATIENTS, None), died)
    screening = [block.screening for block in modelled if block.screening is not None]
    if not screening:
        return
    screened = np.concatenate([part.screened for part in screening]).astype(float)
    yield "screened", (_figure("Candidates screened", PATIENTS, False), screened)
    follow_up = design.protocol.schedule.follow_up / DAYS_PER_MONTH
    months = np.concatenate([part.months for part in screening]) + follow_up
    yield "duration", (_figure("Months from the first candidate to the last visit", MONTHS, False), months)
    if costs.are_known:
        price = costs.per_patient * patients + costs.per_candidate * screened + costs.per_month * months
        yield "cost", (_figure("Cost of the trial", MONEY, False), price)
    yield from _effects(design.protocol, modelled)


def _figure(label: str, kind: str, larger_is_better: bool | None) -> _Figure:
    return _Figure(label=label, kind=kind, larger_is_better=larger_is_better)


def _succeeds(protocol: Protocol, blocks: list[Block]) -> Floats:
    """Return in which trials at least one arm succeeds."""
    found = successes(protocol, blocks)
    if not found:
        return np.zeros(sum(block.trials for block in blocks))
    return np.asarray(np.any(list(found.values()), axis=0), dtype=float)


def _count(blocks: list[Block], name: str) -> Floats:
    return np.concatenate([block.arms.disposition[name].sum(axis=1) for block in blocks]).astype(float)


def _effects(protocol: Protocol, blocks: list[Block]) -> Iterator[tuple[str, tuple[_Figure, Floats]]]:
    """Give the estimate of each primary analysis; designs that plan it by the same name share it."""
    endpoints = {endpoint.name: endpoint for endpoint in protocol.endpoints}
    for analysis in protocol.analyses:
        if analysis.primary:
            part = blocks[0].analyses[analysis.name]
            label = f"{endpoints[analysis.endpoint].label}, {analysis.arm}: {part.measure_of_effect}"
            values = np.concatenate([block.analyses[analysis.name].estimate for block in blocks])
            yield f"effect.{analysis.name}", (_figure(label, part.unit, None), values)


def _paired(name: str, figure: _Figure, first: Floats, second: Floats) -> Paired:
    return Paired(
        name=name,
        label=figure.label,
        kind=figure.kind,
        first=mean(first),
        second=mean(second),
        difference=mean(second - first),
        larger_is_better=figure.larger_is_better,
    )
