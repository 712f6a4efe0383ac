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
from euexia.protocol.protocol import Protocol
from euexia.study.block import Block
from euexia.study.costs import Costs
from euexia.study.operating import Estimate
from euexia.study.parts import read_part
from euexia.study.run_folder import PARTS, load_manifest
from euexia.study.summary import mean, proportion
from euexia.study.trial_figures import FIGURES, Figure, Whom, figures_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """One figure of two designs, and their difference over the trials that both have.

    kind: one of ``trial_figures.Kind``, or the unit of an effect.  larger_is_better: None where neither is.
    whom: whom it concerns first; None for an effect.
    """

    name: str
    label: str
    kind: str
    first: Estimate
    second: Estimate
    difference: Estimate
    larger_is_better: bool | None
    whom: Whom | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """In what share of the trials that both have the designs succeed: both, one alone, neither."""

    both: Estimate
    first_alone: Estimate
    second_alone: Estimate
    neither: Estimate


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


def agreement(first: Design, second: Design) -> Agreement:
    """Return how often two designs succeed in the same trials; raises InputError as ``compare`` does."""
    _check(first, second)
    works = [
        _tables(design, Costs())["success"] > 0 for design in (first, second)
    ]  # as modelled, one flag for each trial
    trials = min(len(works[0]), len(works[1]))
    one, other = works[0][:trials], works[1][:trials]
    return Agreement(
        both=proportion(one & other),
        first_alone=proportion(one & ~other),
        second_alone=proportion(~one & other),
        neither=proportion(~one & ~other),
    )


def _blocks(design: Design) -> list[tuple[Block, Block]]:
    return [read_part(design.folder / PARTS / part.name) for part in load_manifest(design.folder).parts]


def _tables(design: Design, costs: Costs) -> dict[str, Floats]:
    parts = _blocks(design)
    return figures_of(design.protocol, [one for one, _ in parts], [other for _, other in parts], costs)


def _figures(design: Design, costs: Costs) -> Iterator[tuple[str, tuple[Figure | _Effect, Floats]]]:
    """Give every figure of a design, trial by trial."""
    for name, values in _tables(design, costs).items():
        if name in FIGURES:
            yield name, (FIGURES[name], values)
    yield from _effects(design.protocol, [modelled for modelled, _ in _blocks(design)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Effect:
    """The estimate of an analysis as a figure; ``kind`` is its unit."""

    label: str
    kind: str
    larger_is_better: bool | None = None
    whom: Whom | None = None


def _effects(protocol: Protocol, blocks: list[Block]) -> Iterator[tuple[str, tuple[_Effect, Floats]]]:
    """Give the estimate of each primary analysis; designs that plan it by the same name share it."""
    endpoints = {endpoint.name: endpoint for endpoint in protocol.endpoints}
    for analysis in protocol.analyses:
        if analysis.primary:
            part = blocks[0].analyses[analysis.name]
            label = f"{endpoints[analysis.endpoint].label}, {analysis.arm}: {part.measure_of_effect}"
            values = np.concatenate([block.analyses[analysis.name].estimate for block in blocks])
            yield f"effect.{analysis.name}", (_Effect(label=label, kind=part.unit), values)


def _paired(name: str, figure: Figure | _Effect, first: Floats, second: Floats) -> Paired:
    return Paired(
        name=name,
        label=figure.label,
        kind=str(figure.kind),
        first=mean(first),
        second=mean(second),
        difference=mean(second - first),
        larger_is_better=figure.larger_is_better,
        whom=figure.whom,
    )
