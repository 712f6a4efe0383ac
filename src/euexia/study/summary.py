"""Many blocks of trials put together: operating characteristics with Monte-Carlo error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from euexia.protocol.analysis_plan import Analysis
from euexia.protocol.protocol import Protocol
from euexia.study.block import ArmBlock, Block
from euexia.study.operating import (
    AnalysisCharacteristics,
    ArmCharacteristics,
    Estimate,
    Scenario,
    ScreeningCharacteristics,
    Series,
)
from euexia.study.series import SeriesBlock, add_all, characterise
from euexia.study.success import successes

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

UNKNOWN = Estimate(value=float("nan"), error=float("nan"), trials=0)
EFFECT_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def proportion(hits: NDArray[np.bool_]) -> Estimate:
    """Return the share of trials with a hit, with standard error sqrt(p (1 - p) / trials)."""
    trials = len(hits)
    share = float(np.count_nonzero(hits)) / trials
    return Estimate(value=share, error=float(np.sqrt(share * (1 - share) / trials)), trials=trials)


def mean(values: Floats) -> Estimate:
    """Return the mean over trials that have a value, with standard error sd / sqrt(trials)."""
    known = values[~np.isnan(values)]
    if known.size == 0:
        return Estimate(value=float("nan"), error=float("nan"), trials=0)
    error = float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else float("nan")
    return Estimate(value=float(known.mean()), error=error, trials=int(known.size))


def ratio(numerator: Counts, denominator: Counts) -> Estimate:
    """Return sum(numerator) / sum(denominator) over trials, with the delta-method standard error."""
    trials = len(numerator)
    total = float(denominator.sum())
    if total == 0:
        return Estimate(value=float("nan"), error=float("nan"), trials=0)
    share = float(numerator.sum()) / total
    residual = numerator - share * denominator
    error = float(np.sqrt(np.sum(residual**2) / max(trials - 1, 1) * trials) / total)
    return Estimate(value=share, error=error if trials > 1 else float("nan"), trials=trials)


def scenario(name: str, label: str, protocol: Protocol, blocks: Sequence[Block]) -> Scenario:
    """Return the characteristics of one scenario from its blocks, in the order of their trials."""
    ordered = sorted(blocks, key=lambda block: block.first_trial)
    analyses = tuple(_analysis(analysis, ordered) for analysis in protocol.analyses)
    pooled: dict[str, SeriesBlock] = {}
    for block in ordered:
        pooled |= add_all(pooled, block.series)
    series = {name: characterise(name, part) for name, part in pooled.items()}
    arms = tuple(
        _arm(protocol, index, [block.arms for block in ordered], {m: s[index] for m, s in series.items()})
        for index in range(len(protocol.arms))
    )
    success = {arm: proportion(flags) for arm, flags in successes(protocol, ordered).items()}
    return Scenario(name=name, label=label, analyses=analyses, arms=arms, success=success)


def screening(blocks: Sequence[Block]) -> ScreeningCharacteristics:
    """Return how many candidates were needed and why the others were refused."""
    parts = [
        b.screening for b in sorted(blocks, key=lambda block: block.first_trial) if b.screening is not None
    ]
    screened = np.concatenate([part.screened for part in parts])
    return ScreeningCharacteristics(
        screened=mean(screened.astype(float)),
        enrolled=mean(np.concatenate([part.enrolled for part in parts]).astype(float)),
        months=mean(np.concatenate([part.months for part in parts])),
        refused={
            criterion: ratio(np.concatenate([part.refused[criterion] for part in parts]), screened)
            for criterion in parts[0].refused
        },
    )


def _analysis(analysis: Analysis, blocks: Sequence[Block]) -> AnalysisCharacteristics:
    parts = [block.analyses[analysis.name] for block in blocks]
    estimates = np.concatenate([part.estimate for part in parts])
    known = estimates[~np.isnan(estimates)]
    levels = np.quantile(known, EFFECT_QUANTILES) if known.size else np.full(len(EFFECT_QUANTILES), np.nan)
    return AnalysisCharacteristics(
        analysis=analysis.name,
        endpoint=analysis.endpoint,
        arm=analysis.arm,
        control=analysis.control,
        measure_of_effect=parts[0].measure_of_effect,
        unit=parts[0].unit,
        primary=analysis.primary,
        rejection=proportion(np.concatenate([part.reject for part in parts])),
        effect=mean(estimates),
        quantiles={str(q): float(level) for q, level in zip(EFFECT_QUANTILES, levels, strict=True)},
    )


def _arm(
    protocol: Protocol, index: int, parts: Sequence[ArmBlock], series: Mapping[str, Series]
) -> ArmCharacteristics:
    def joined(counts: Iterable[Counts]) -> Counts:
        return np.concatenate([count[:, index] for count in counts])

    def shares(counts: Sequence[Mapping[str, Counts]], of: Callable[[str], Counts]) -> dict[str, Estimate]:
        return {name: ratio(joined(count[name] for count in counts), of(name)) for name in counts[0]}

    patients = joined(part.patients for part in parts)
    analysed = joined(part.analysed for part in parts)
    counted = [part.responders for part in parts if part.responders is not None]
    responders = joined(counted) if counted else None
    anybody = analysed > 0
    return ArmCharacteristics(
        arm=protocol.arms[index].name,
        label=protocol.arms[index].label,
        patients=float(patients.mean()),
        analysed=float(analysed.mean()),
        responder_rate=UNKNOWN if responders is None else ratio(responders, analysed),
        responder_rates=(
            np.zeros(0) if responders is None else np.sort(responders[anybody] / analysed[anybody])
        ),
        disposition=shares([part.disposition for part in parts], lambda name: patients),
        adverse_events=shares([part.adverse_events for part in parts], lambda name: patients),
        components=shares(
            [part.components for part in parts],
            lambda name: joined(part.components_analysed[name] for part in parts),
        ),
        series=series,
    )
