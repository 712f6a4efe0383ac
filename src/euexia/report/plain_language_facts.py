"""The few figures of a run that a plain page tells, as counts of 100 people."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from euexia.core.datafile import read_text
from euexia.core.errors import InputError
from euexia.protocol.protocol import Protocol
from euexia.study.operating import Estimate, OperatingCharacteristics

RESULTS, PROTOCOL = "results.json", "protocol.yaml"
SERIOUS, DIED, COMPLETED = "serious_adverse_event", "died", "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFacts:
    """Shares of the patients of one arm; None where nothing is known."""

    name: str
    label: str
    responders: float | None
    died: float | None
    completed: float | None
    harms: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectFacts:
    """The mean effect of one primary analysis; ``success``: share of trials whose test rejects."""

    analysis: str
    value: float
    unit: str
    measure_of_effect: str
    success: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What a plain page tells of a run."""

    trials: int
    arms: tuple[ArmFacts, ...]
    effects: tuple[EffectFacts, ...]


def of_operating(operating: OperatingCharacteristics) -> RunFacts:
    """Return the facts of simulated trials."""
    modelled = operating.as_modelled
    return RunFacts(
        trials=operating.trials,
        arms=tuple(
            ArmFacts(
                name=arm.arm,
                label=arm.label,
                responders=_share(arm.responder_rate),
                died=_share(arm.disposition.get(DIED)),
                completed=_share(arm.disposition.get(COMPLETED)),
                harms={name: share.value for name, share in arm.adverse_events.items() if share.trials},
            )
            for arm in modelled.arms
        ),
        effects=tuple(
            EffectFacts(
                analysis=entry.analysis,
                value=entry.effect.value,
                unit=entry.unit,
                measure_of_effect=entry.measure_of_effect,
                success=entry.rejection.value,
            )
            for entry in modelled.analyses
            if entry.primary
        ),
    )


def _share(estimate: Estimate | None) -> float | None:
    if estimate is None or estimate.trials == 0 or not math.isfinite(estimate.value):
        return None
    return estimate.value


def of_folder(folder: Path) -> tuple[Protocol, RunFacts]:
    """Return protocol and facts of a run folder.  Raises InputError for a folder without a report."""
    from euexia import protocol

    path = folder / RESULTS
    if not path.is_file():
        raise InputError(f"'{folder}' holds no {RESULTS}: it is no finished run. Continue it with --resume.")
    try:
        written = json.loads(read_text(path))
        modelled = written["scenarios"][0]
        facts = RunFacts(
            trials=int(written["trials"]["summarised"]),
            arms=tuple(_arm(arm) for arm in modelled["arms"]),
            effects=tuple(_effect(entry) for entry in modelled["analyses"] if entry["primary"]),
        )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InputError(f"'{path}' is not the results of a run ({error}).") from error
    return protocol.load(folder / PROTOCOL), facts


def _value(entry: Any) -> float | None:
    return None if not entry or entry.get("value") is None else float(entry["value"])


def _arm(arm: Mapping[str, Any]) -> ArmFacts:
    shares = {name: _value(entry) for name, entry in arm["adverse_events"].items()}
    return ArmFacts(
        name=arm["arm"],
        label=arm["label"],
        responders=_value(arm["responder_rate"]),
        died=_value(arm["disposition"].get(DIED)),
        completed=_value(arm["disposition"].get(COMPLETED)),
        harms={name: share for name, share in shares.items() if share is not None},
    )


def _effect(entry: Mapping[str, Any]) -> EffectFacts:
    return EffectFacts(
        analysis=entry["analysis"],
        value=_value(entry["effect"]) or 0.0,
        unit=entry["unit"],
        measure_of_effect=entry["measure_of_effect"],
        success=_value(entry["rejection"]) or 0.0,
    )
