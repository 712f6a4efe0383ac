"""results.json: every figure of a report for programs, in a stable shape, with units and without NaN.

Schema ``euexia-results/1``.  Shares are fractions; a value that is not known is null; nothing depends on the
clock, so equal runs give equal bytes.

- ``schema``, ``protocol`` {id, title, registry, size, arms [{name, label, ratio, planned}]}
- ``question``, ``answer`` [sentence], ``assumptions`` [{about, text}]
- ``trials`` {summarised, planned, of_data, patients_per_trial}
- ``seed``, ``versions``, ``hashes``, ``command``
- ``design`` {analysis: {critical_value, level, power ...}}
- ``scenarios`` [{name, label, arms [...], analyses [...]}]: estimates are {value, error, trials}, error being
  the Monte-Carlo standard error; ``series`` hold day, mean, sd, count and quantiles in ``unit``, of measures
  and of changes from baseline (``.change``, ``.percent_change``; of a ``.ratio`` the mean is geometric and sd
  that of the natural logarithm)
  and, where looks are carried out, ``looks`` {analyses [{name, held, ends {efficacy, futility, harm,
  no_arm_left}, months, randomised, patients, information, lower, upper}], rejection, randomised, months,
  patients, left, size, resized, estimate, bias ...; ``without_looks``: the same patients in a trial of the
  planned size without looks}
- ``screening`` {screened, enrolled, months, refused} or null
- ``results`` [{analysis, endpoint, method, arm, control, estimand, measure_of_effect, unit, level, alpha,
  one_sided, trials [...]}]: the planned analyses of the trials in the data, one entry of ``trials`` each
- ``stopping`` {rule, met_at, trials, most}: how a stopping rule ended, where there is one
- ``convergence`` [{analysis, scenario, trials, share, low, high}]: of the primary analyses over the first so
  many trials, with the exact 95 % Monte-Carlo interval
- ``published`` [{name, endpoint, arm, figure, unit, published, low, high, mean, predicted_low,
  predicted_high, inside, ...}]: published results beside simulated ones, where the protocol names any
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from euexia.analyse.result import Result
from euexia.report import answer
from euexia.report.look_results import looks_of
from euexia.report.material import Material, series_unit
from euexia.study.operating import (
    AnalysisCharacteristics,
    ArmCharacteristics,
    Estimate,
    Scenario,
    ScreeningCharacteristics,
    Series,
)

SCHEMA = "euexia-results/1"
MOST_TRIALS = 100
"""No more than this many trials of the data are written one by one."""


def to_json(material: Material) -> str:
    """Return the results of a report as JSON text."""
    return json.dumps(plain(build(material)), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def build(material: Material) -> dict[str, Any]:
    """Return the results of a report as plain values; unknown numbers are still NaN."""
    protocol, operating, provenance = material.protocol, material.operating, material.provenance
    scenarios = [material.scenario] + ([operating.without_effect] if operating is not None else [])
    return {
        "schema": SCHEMA,
        "protocol": {
            "id": protocol.id,
            "title": protocol.title,
            "registry": protocol.registry,
            "size": protocol.size,
            "arms": [
                {"name": arm.name, "label": arm.label, "ratio": arm.ratio, "planned": style.size}
                for arm, style in zip(protocol.arms, material.arms, strict=True)
            ],
        },
        "question": protocol.question,
        "answer": list(answer.sentences(material)),
        "assumptions": [{"about": entry.about, "text": entry.text} for entry in protocol.assumptions],
        "trials": {
            "summarised": material.trials,
            "planned": operating.planned_trials if operating is not None else material.trials,
            "of_data": material.data.trials,
            "patients_per_trial": material.data.size,
        },
        "seed": provenance.seed,
        "versions": dict(sorted(provenance.versions.items())),
        "hashes": dict(sorted(provenance.hashes.items())),
        "command": provenance.command,
        "design": _design(material),
        "scenarios": [_scenario(scenario) for scenario in scenarios],
        "screening": None if material.screening is None else _screening(material.screening),
        "results": [_result(result) for result in material.results],
        **_sureness(material),
        **_published(material),
    }


def _sureness(material: Material) -> dict[str, Any]:
    """Return how the figures settled; nothing where no trials were simulated in numbers."""
    found: dict[str, Any] = {}
    if material.stopping is not None:
        found["stopping"] = dataclasses.asdict(material.stopping)
    if material.convergence:
        found["convergence"] = [dataclasses.asdict(course) for course in material.convergence]
    return found


def _published(material: Material) -> dict[str, Any]:
    """Return published beside simulated results; nothing where the protocol names none."""
    found = () if material.operating is None else material.operating.published
    if not found:
        return {}
    return {"published": [dataclasses.asdict(c) | {"inside": c.inside, "error": c.error} for c in found]}


def _design(material: Material) -> Mapping[str, Mapping[str, float]]:
    if material.operating is not None:
        return material.operating.design
    return {result.analysis: result.design for result in material.results if result.design}


def _scenario(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "label": scenario.label,
        "arms": [_arm(arm) for arm in scenario.arms],
        "analyses": [_analysis(analysis) for analysis in scenario.analyses],
        **({} if scenario.looks is None else {"looks": looks_of(scenario.looks)}),
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "error": estimate.error, "trials": estimate.trials}


def _estimates(found: Mapping[str, Estimate]) -> dict[str, Any]:
    return {name: _estimate(estimate) for name, estimate in found.items()}


def _arm(arm: ArmCharacteristics) -> dict[str, Any]:
    return {
        "arm": arm.arm,
        "label": arm.label,
        "patients_per_trial": arm.patients,
        "analysed_per_trial": arm.analysed,
        "responder_rate": {"unit": "1", **_estimate(arm.responder_rate)},
        "responder_rates": {"unit": "1", "values": arm.responder_rates},
        "components": _estimates(arm.components),
        "disposition": _estimates(arm.disposition),
        "adverse_events": _estimates(arm.adverse_events),
        "series": {name: _series(name, series) for name, series in arm.series.items()},
    }


def _series(name: str, series: Series) -> dict[str, Any]:
    return {
        "unit": series_unit(name),
        "day": series.day,
        "count": series.count,
        "mean": series.mean,
        "sd": series.sd,
        "quantiles": dict(series.quantiles),
    }


def _analysis(found: AnalysisCharacteristics) -> dict[str, Any]:
    return {
        "analysis": found.analysis,
        "endpoint": found.endpoint,
        "arm": found.arm,
        "control": found.control,
        "measure_of_effect": found.measure_of_effect,
        "unit": found.unit,
        "primary": found.primary,
        "rejection": _estimate(found.rejection),
        "effect": _estimate(found.effect),
        "quantiles": dict(found.quantiles),
    }


def _screening(found: ScreeningCharacteristics) -> dict[str, Any]:
    return {
        "screened": _estimate(found.screened),
        "enrolled": _estimate(found.enrolled),
        "months": _estimate(found.months),
        "refused": _estimates(found.refused),
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "analysis": result.analysis,
        "endpoint": result.endpoint,
        "method": result.method,
        "arm": result.arm,
        "control": result.control,
        "estimand": result.estimand,
        "measure_of_effect": result.measure_of_effect,
        "unit": result.unit,
        "level": result.level,
        "alpha": result.alpha,
        "one_sided": result.one_sided,
        "notes": list(result.notes),
        "trials": [_one(result, trial) for trial in range(min(len(result.estimate), MOST_TRIALS))],
    }


def _one(result: Result, trial: int) -> dict[str, Any]:
    return {
        "estimate": result.estimate[trial],
        "low": result.low[trial],
        "high": result.high[trial],
        "p_value": result.p_value[trial],
        "reject": bool(result.reject[trial]),
        "numbers": {name: values[trial] for name, values in result.numbers.items()},
        "settled": {name: values[trial] for name, values in result.settled.items()},
    }


def plain(value: Any) -> Any:
    """Return a value as JSON knows it; a number that is not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value
