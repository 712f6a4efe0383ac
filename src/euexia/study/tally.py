"""What is kept of trials as they come, in their order: little for each trial, and nothing of its patients.

Shares are kept as sums of whole numbers, readings as sums and histograms; only the estimates and decisions of
the analyses, the response rates and the months of accrual are kept trial by trial.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from euexia.protocol.analysis_plan import Analysis
from euexia.protocol.protocol import Protocol
from euexia.study.block import AnalysisBlock, ArmBlock, Block, ScreeningBlock
from euexia.study.look_summary import LookTally
from euexia.study.operating import (
    AnalysisCharacteristics,
    ArmCharacteristics,
    Estimate,
    OperatingCharacteristics,
    Scenario,
    ScreeningCharacteristics,
    Series,
)
from euexia.study.published import Figures
from euexia.study.series import SeriesBlock, add_all, characterise
from euexia.study.success import successes
from euexia.study.summary import EFFECT_QUANTILES, UNKNOWN, mean, proportion

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Share:
    """Sums over trials of a numerator x and a denominator y, from which a ratio and its error follow."""

    trials: int = 0
    x: int = 0
    y: int = 0
    xx: int = 0
    xy: int = 0
    yy: int = 0

    def add(self, numerator: Counts, denominator: Counts) -> None:
        """Add the counts of some trials."""
        x, y = numerator.astype(object), denominator.astype(object)
        self.trials += len(numerator)
        self.x += int(x.sum())
        self.y += int(y.sum())
        self.xx += int((x * x).sum())
        self.xy += int((x * y).sum())
        self.yy += int((y * y).sum())

    def estimate(self) -> Estimate:
        r"""Return the ratio of sums with its delta-method standard error.

        .. math:: r = \frac{\sum x}{\sum y}, \quad
                  \mathrm{se} = \frac{1}{\sum y}\sqrt{\frac{T}{T-1} \sum (x - r y)^2}
        """
        if self.y == 0:
            return UNKNOWN
        # sum (x - r y)^2 times (sum y)^2, in whole numbers: no digit is lost where all trials are alike
        square = self.xx * self.y**2 - 2 * self.xy * self.x * self.y + self.yy * self.x**2
        spread = float(np.sqrt(square / max(self.trials - 1, 1) * self.trials)) / self.y
        error = spread / self.y if self.trials > 1 else float("nan")
        return Estimate(value=self.x / self.y, error=error, trials=self.trials)


@dataclass(slots=True)
class _AnalysisTally:
    first: AnalysisBlock
    estimates: list[Floats] = field(default_factory=list)
    rejections: list[Flags] = field(default_factory=list)


@dataclass(slots=True)
class ScenarioTally:
    """The trials of one scenario so far."""

    protocol: Protocol
    trials: int = 0
    analyses: dict[str, _AnalysisTally] = field(default_factory=dict)
    success: dict[str, list[Flags]] = field(default_factory=dict)
    shares: dict[tuple[str, str, int], Share] = field(default_factory=dict)
    rates: dict[int, list[Floats]] = field(default_factory=dict)
    series: dict[str, SeriesBlock] = field(default_factory=dict)
    looks: LookTally = field(default_factory=LookTally)

    def add(self, block: Block) -> None:
        """Add the next trials."""
        self.trials += block.trials
        for name, part in block.analyses.items():
            tally = self.analyses.setdefault(name, _AnalysisTally(first=part))
            tally.estimates.append(part.estimate)
            tally.rejections.append(part.reject)
        for arm, flags in successes(self.protocol, [block]).items():
            self.success.setdefault(arm, []).append(flags)
        self._add_arms(block.arms)
        if block.looks is not None:
            self.looks.add(block.looks, block.arms.patients)
        self.series |= add_all(self.series, block.series)

    def _add_arms(self, arms: ArmBlock) -> None:
        ones = np.ones(arms.patients.shape[0], dtype=np.int64)
        for index in range(arms.patients.shape[1]):
            patients, analysed = arms.patients[:, index], arms.analysed[:, index]
            self._add(("patients", "", index), patients, ones)
            self._add(("analysed", "", index), analysed, ones)
            if arms.responders is not None:
                responders = arms.responders[:, index]
                self._add(("responders", "", index), responders, analysed)
                anybody = analysed > 0
                self.rates.setdefault(index, []).append(responders[anybody] / analysed[anybody])
            for group in ("disposition", "adverse_events"):
                for name, counts in getattr(arms, group).items():
                    self._add((group, name, index), counts[:, index], patients)
            for name, counts in arms.components.items():
                known = arms.components_analysed[name][:, index]
                self._add(("components", name, index), counts[:, index], known)

    def _add(self, key: tuple[str, str, int], numerator: Counts, denominator: Counts) -> None:
        self.shares.setdefault(key, Share()).add(numerator, denominator)

    def finish(self, name: str, label: str) -> Scenario:
        """Return the characteristics of the scenario."""
        series = {measure: characterise(measure, part) for measure, part in self.series.items()}
        return Scenario(
            name=name,
            label=label,
            analyses=tuple(
                _analysis(analysis, self.analyses[analysis.name]) for analysis in self.protocol.analyses
            ),
            arms=tuple(
                self._arm(index, {measure: found[index] for measure, found in series.items()})
                for index in range(len(self.protocol.arms))
            ),
            success={arm: proportion(np.concatenate(parts)) for arm, parts in self.success.items()},
            looks=self.looks.finish(self.protocol),
        )

    def _arm(self, index: int, series: Mapping[str, Series]) -> ArmCharacteristics:
        def shares(group: str) -> dict[str, Estimate]:
            return {
                name: share.estimate()
                for (kind, name, arm), share in self.shares.items()
                if (kind, arm) == (group, index)
            }

        responders = self.shares.get(("responders", "", index))
        arm = self.protocol.arms[index]
        return ArmCharacteristics(
            arm=arm.name,
            label=arm.label,
            patients=self.shares["patients", "", index].estimate().value,
            analysed=self.shares["analysed", "", index].estimate().value,
            responder_rate=UNKNOWN if responders is None else responders.estimate(),
            responder_rates=np.sort(np.concatenate(self.rates.get(index, [np.zeros(0)]))),
            disposition=shares("disposition"),
            adverse_events=shares("adverse_events"),
            components=shares("components"),
            series=series,
        )


def _analysis(analysis: Analysis, tally: _AnalysisTally) -> AnalysisCharacteristics:
    estimates = np.concatenate(tally.estimates)
    known = estimates[~np.isnan(estimates)]
    levels = np.quantile(known, EFFECT_QUANTILES) if known.size else np.full(len(EFFECT_QUANTILES), np.nan)
    return AnalysisCharacteristics(
        analysis=analysis.name,
        endpoint=analysis.endpoint,
        arm=analysis.arm,
        control=analysis.control,
        measure_of_effect=tally.first.measure_of_effect,
        unit=tally.first.unit,
        primary=analysis.primary,
        rejection=proportion(np.concatenate(tally.rejections)),
        effect=mean(estimates),
        quantiles={str(q): float(level) for q, level in zip(EFFECT_QUANTILES, levels, strict=True)},
    )


def scenario(name: str, label: str, protocol: Protocol, blocks: Iterable[Block]) -> Scenario:
    """Return the characteristics of one scenario from its blocks, which come in the order of their trials."""
    tally = ScenarioTally(protocol=protocol)
    for block in blocks:
        tally.add(block)
    return tally.finish(name, label)


@dataclass(slots=True)
class ScreeningTally:
    """The screening of the trials so far."""

    shares: dict[str, Share] = field(default_factory=dict)
    screened: list[Floats] = field(default_factory=list)
    enrolled: list[Floats] = field(default_factory=list)
    months: list[Floats] = field(default_factory=list)

    def add(self, block: ScreeningBlock) -> None:
        """Add the next trials."""
        self.screened.append(block.screened.astype(float))
        self.enrolled.append(block.enrolled.astype(float))
        self.months.append(block.months)
        for criterion, refused in block.refused.items():
            self.shares.setdefault(criterion, Share()).add(refused, block.screened)

    def finish(self) -> ScreeningCharacteristics:
        """Return how many candidates were needed and why the others were refused."""
        return ScreeningCharacteristics(
            screened=mean(np.concatenate(self.screened)),
            enrolled=mean(np.concatenate(self.enrolled)),
            months=mean(np.concatenate(self.months)),
            refused={criterion: share.estimate() for criterion, share in self.shares.items()},
        )


def screening(block: ScreeningBlock) -> ScreeningCharacteristics:
    """Return the screening of one block of trials."""
    tally = ScreeningTally()
    tally.add(block)
    return tally.finish()


class Tally:
    """The trials of a run so far, as modelled and with the study drug without effect."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._modelled = ScenarioTally(protocol=protocol)
        self._without_effect = ScenarioTally(protocol=protocol)
        self._screening = ScreeningTally()
        self._figures = Figures(protocol=protocol)

    @property
    def trials(self) -> int:
        """Return how many trials it holds."""
        return self._modelled.trials

    def add(self, modelled: Block, without_effect: Block) -> None:
        """Add the next trials."""
        self._modelled.add(modelled)
        self._without_effect.add(without_effect)
        self._figures.add(modelled)
        if modelled.screening is not None:
            self._screening.add(modelled.screening)

    def finish(self, *, planned: int, seed: int) -> OperatingCharacteristics:
        """Return the operating characteristics; the answer in words is not given yet."""
        return OperatingCharacteristics(
            protocol_id=self._protocol.id,
            trials=self.trials,
            planned_trials=planned,
            size=self._protocol.size,
            seed=seed,
            as_modelled=self._modelled.finish("as_modelled", "As modelled"),
            without_effect=self._without_effect.finish("without_effect", "Study drug without effect"),
            screening=self._screening.finish(),
            design={
                name: dict(tally.first.design)
                for name, tally in self._modelled.analyses.items()
                if tally.first.design
            },
            answer=(),
            published=self._figures.compare(),
        )
