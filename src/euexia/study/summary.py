"""Many blocks of trials put together: operating characteristics with Monte-Carlo error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from euexia.protocol.protocol import Analysis, Protocol
from euexia.study.block import BINS, ArmBlock, Block, limits_of
from euexia.study.operating import (
    AnalysisCharacteristics,
    ArmCharacteristics,
    Estimate,
    Scenario,
    ScreeningCharacteristics,
    Series,
)

Floats = NDArray[np.float64]

EFFECT_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
PATIENT_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


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


def ratio(numerator: NDArray[np.int64], denominator: NDArray[np.int64]) -> Estimate:
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
    series = {measure: _series(measure, ordered) for measure in ordered[0].series}
    arms = tuple(
        _arm(protocol, index, [block.arms for block in ordered], {m: s[index] for m, s in series.items()})
        for index in range(len(protocol.arms))
    )
    return Scenario(name=name, label=label, analyses=analyses, arms=arms)


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
    patients = np.concatenate([part.patients[:, index] for part in parts])
    responders = np.concatenate([part.responders[:, index] for part in parts])

    def shares(counts: Sequence[Mapping[str, NDArray[np.int64]]]) -> dict[str, Estimate]:
        return {
            name: ratio(np.concatenate([c[name][:, index] for c in counts]), patients) for name in counts[0]
        }

    return ArmCharacteristics(
        arm=protocol.arms[index].name,
        label=protocol.arms[index].label,
        patients=float(patients.mean()),
        responder_rate=ratio(responders, patients),
        responder_rates=np.sort(responders / np.maximum(patients, 1)),
        disposition=shares([part.disposition for part in parts]),
        adverse_events=shares([part.adverse_events for part in parts]),
        components=shares([part.components for part in parts]),
        series=series,
    )


def _series(measure: str, blocks: Sequence[Block]) -> tuple[Series, ...]:
    """Return one Series per arm; sums run over trials in order, so that no blocking shows."""
    parts = [block.series[measure] for block in blocks]
    count = np.concatenate([part.count for part in parts]).sum(axis=0).astype(float)
    total = np.concatenate([part.total for part in parts]).sum(axis=0)
    square = np.concatenate([part.square for part in parts]).sum(axis=0)
    histogram = np.stack([part.histogram for part in parts]).sum(axis=0, dtype=np.int64)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where(count > 0, total / count, np.nan)
        variance = np.where(count > 1, (square - count * centre**2) / (count - 1), np.nan)
    spread = np.sqrt(np.maximum(variance, 0.0))
    low, high = limits_of(measure)
    return tuple(
        Series(
            day=parts[0].day,
            mean=centre[arm],
            sd=spread[arm],
            quantiles=_quantiles(histogram[arm], low, high),
            count=count[arm],
        )
        for arm in range(count.shape[0])
    )


def _quantiles(histogram: NDArray[np.int64], low: float, high: float) -> dict[str, Floats]:
    """Return quantiles of each visit from its histogram, by the middle of the cell that holds them."""
    cumulative = histogram.cumsum(axis=-1)
    size = cumulative[:, -1:]
    width = (high - low) / BINS
    found: dict[str, Floats] = {}
    for q in PATIENT_QUANTILES:
        cell = (cumulative < q * size).sum(axis=-1)
        found[str(q)] = np.where(size[:, 0] > 0, low + (cell + 1 / 2) * width, np.nan)
    return found
