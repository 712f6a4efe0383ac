"""What the page shows of the trials so far, with Monte-Carlo error on every figure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from euexia.protocol.protocol import Protocol
from euexia.statistics.proportion_intervals import wilson
from euexia.studio import outline
from euexia.study import answer
from euexia.study.operating import ArmCharacteristics, Comparison, Estimate, OperatingCharacteristics, Series

LEVEL = 0.95
Hits = Mapping[str, str]
Shares = Mapping[str, Sequence[float]]


def figure(estimate: Estimate) -> dict[str, Any] | None:
    """Return a figure with its standard error; None where nothing is known."""
    if estimate.trials == 0:
        return None
    return {"value": estimate.value, "se": estimate.error}


def snapshot(
    protocol: Protocol, operating: OperatingCharacteristics, *, planned: int, hits: Hits, each: Shares
) -> dict[str, Any]:
    """Return the figures of the trials so far.

    hits: by analysis, one character a trial, 1 where the test rejects.  each: by arm, the response rate of
    every trial.
    """
    modelled, null = operating.as_modelled, operating.without_effect
    rejected = {entry.analysis: entry.rejection for entry in modelled.analyses}
    effects = {entry.analysis: entry for entry in modelled.analyses}
    false = {entry.analysis: entry.rejection for entry in null.analyses}
    analyses = outline.analyses(protocol)
    said = dataclasses.replace(operating, planned_trials=operating.trials)
    return {
        "trials": operating.trials,
        "planned": planned,
        "size": operating.size,
        "seed": operating.seed,
        "power": [
            {
                **entry,
                **_proportion(rejected[entry["analysis"]]),
                "effect": _effect(effects[entry["analysis"]]),
                "hits": hits.get(entry["analysis"]),
            }
            for entry in analyses
        ],
        "success": [{"arm": arm, **_proportion(found)} for arm, found in modelled.success.items()],
        "type_one": [{**entry, **_proportion(false[entry["analysis"]])} for entry in analyses],
        "arms": [_arm(arm, each.get(arm.arm)) for arm in modelled.arms],
        "series": _series(protocol, modelled.arms),
        "published": [_published(entry) for entry in operating.published],
        "answer": list(answer.sentences(protocol, said)),
        "duration": {
            "months": figure(operating.screening.months),
            "screened": figure(operating.screening.screened),
            "enrolled": figure(operating.screening.enrolled),
            "refused": [
                {"criterion": text, **_known(share)} for text, share in operating.screening.refused.items()
            ],
        },
    }


def _proportion(estimate: Estimate) -> dict[str, Any]:
    """Return a share of trials with its error and its 95 % interval (Wilson), which 0 and 1 have too."""
    low, high = wilson(round(estimate.value * estimate.trials), estimate.trials, LEVEL)
    return {**_known(estimate), "low": float(low), "high": float(high)}


def _known(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "se": estimate.error}


def _published(found: Comparison) -> dict[str, Any]:
    content = dataclasses.asdict(found)
    return {**content, "limits": None if found.limits is None else found.limits.value, "inside": found.inside}


def _effect(found: Any) -> dict[str, Any]:
    return {
        "measure": found.measure_of_effect,
        "unit": found.unit,
        **_known(found.effect),
        "quantiles": dict(found.quantiles),
    }


def _arm(arm: ArmCharacteristics, each: Sequence[float] | None) -> dict[str, Any]:
    responders = figure(arm.responder_rate)
    if responders is not None:
        responders["each"] = None if each is None else list(each)
    return {
        "arm": arm.arm,
        "label": arm.label,
        "patients": arm.patients,
        "analysed": arm.analysed,
        "responders": responders,
        "components": {name: figure(share) for name, share in arm.components.items()},
        "disposition": {name: figure(share) for name, share in arm.disposition.items()},
        "adverse_events": {name: figure(share) for name, share in arm.adverse_events.items()},
    }


def _series(protocol: Protocol, arms: Sequence[ArmCharacteristics]) -> list[dict[str, Any]]:
    found = []
    for name in outline.measures(protocol):
        for series in sorted({key for arm in arms for key in arm.series if key.partition(".")[0] == name}):
            is_change = series != name and name != outline.DOSE
            if not is_change:
                found.append(_one_series(series, arms))
    return found


def _one_series(name: str, arms: Sequence[ArmCharacteristics]) -> dict[str, Any]:
    return {
        "measure": name,
        "label": outline.label_of(name),
        "unit": outline.unit_of(name),
        "arms": [{"arm": arm.arm, **_course(arm.series[name])} for arm in arms if name in arm.series],
    }


def _course(series: Series) -> dict[str, Any]:
    counts = [float(count) for count in series.count]
    spreads = [float(spread) for spread in series.sd]
    return {
        "day": [float(day) for day in series.day],
        "mean": [float(value) for value in series.mean],
        "sd": spreads,
        "se": [sd / math.sqrt(n) if n > 0 else math.nan for sd, n in zip(spreads, counts, strict=True)],
        "count": counts,
    }
