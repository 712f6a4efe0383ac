"""results.json and the tidy tables of an analysed trial: every number for programs, with its unit.

Schema ``euexia-analysis/1``.  Shares are fractions; a value that is not known is null (an empty cell);
nothing depends on the clock, so equal data and protocols give equal bytes.

- ``schema``, ``protocol`` {id, title, registry, arms [{name, label, randomised}]}
- ``data`` {path, mapping, standard, sha256, subjects, sources, measures, remarks}
- ``versions``, ``hashes``, ``command``, ``remarks`` [sentence]
- ``results`` [{analysis, endpoint, endpoint_label, day, role, primary, method, method_words, arm, control,
  estimand {name, words, population, summary, death, discontinuation, rescue, missing}, measure_of_effect,
  unit, estimate, low, high, level, p_value, alpha, one_sided, reject, adjusted {procedure, alpha, p_value,
  reject} or null, higher_is_better, randomised, analysed, numbers {name: value}, units {name: unit},
  settled {name: patients}, design, notes, diagnosis, choices, curves, code {command, python, yaml}}]
- ``not_done`` [{analysis, reason}]

``results.csv`` has one row per analysis, ``estimates.csv`` one row per analysis, arm, point and number.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from euexia.analyse.result import Curve, Result
from euexia.protocol.analysis_plan import Strategy
from euexia.report.analysis_material import CONTROL, ONE, AnalysisMaterial
from euexia.report.analysis_numbers import number_unit
from euexia.report.results import plain

SCHEMA = "euexia-analysis/1"
EVENTS = ("death", "discontinuation", "rescue", "missing")
RESULT_COLUMNS = (
    "analysis",
    "endpoint",
    "day",
    "primary",
    "method",
    "arm",
    "control",
    "measure_of_effect",
    "unit",
    "estimate",
    "low",
    "high",
    "level",
    "p_value",
    "one_sided",
    "alpha",
    "reject",
    "adjusted_p_value",
    "adjusted_reject",
    "randomised",
    "analysed",
    "diagnosis",
)
ESTIMATE_COLUMNS = ("analysis", "part", "arm", "name", "x", "x_unit", "value", "low", "high", "count", "unit")


def to_json(material: AnalysisMaterial) -> str:
    """Return all results as JSON text."""
    return json.dumps(plain(build(material)), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def build(material: AnalysisMaterial) -> dict[str, Any]:
    """Return all results as plain values; unknown numbers are still NaN."""
    protocol, trial = material.protocol, material.trial
    return {
        "schema": SCHEMA,
        "protocol": {
            "id": protocol.id,
            "title": protocol.title,
            "registry": protocol.registry,
            "arms": [
                {"name": arm.name, "label": arm.label, "randomised": material.size(arm.name)}
                for arm in protocol.arms
            ],
        },
        "data": _data(material),
        "versions": dict(sorted(trial.versions.items())),
        "hashes": dict(sorted(trial.hashes.items())),
        "command": trial.command,
        "remarks": list(trial.remarks),
        "results": [_result(material, result) for result in trial.results],
        "not_done": [{"analysis": each.analysis, "reason": each.reason} for each in trial.not_done],
    }


def _data(material: AnalysisMaterial) -> dict[str, Any]:
    source = material.trial.source
    found = source.understanding
    return {
        "path": source.path,
        "mapping": source.mapping,
        "standard": found.standard,
        "sha256": source.hash,
        "subjects": material.data.size,
        "sources": [
            {"name": part.name, "role": part.role, "rows": part.rows, "used": part.used}
            for part in found.sources
        ],
        "measures": dict(found.measures),
        "remarks": [
            {"level": each.level.value, "topic": each.topic, "text": str(each), "count": each.count}
            for each in found.remarks
        ],
    }


def _result(material: AnalysisMaterial, result: Result) -> dict[str, Any]:
    endpoint, code = material.endpoints[result.endpoint], material.reproduction(result.analysis)
    return {
        "analysis": result.analysis,
        "endpoint": result.endpoint,
        "endpoint_label": endpoint.label,
        "day": endpoint.day,
        "role": endpoint.role.value,
        "primary": material.planned[result.analysis].primary,
        "method": result.method,
        "method_words": material.method_words(result),
        "arm": result.arm,
        "control": result.control,
        "estimand": _estimand(material, result),
        "measure_of_effect": result.measure_of_effect,
        "unit": result.unit,
        "estimate": result.estimate[ONE],
        "low": result.low[ONE],
        "high": result.high[ONE],
        "level": result.level,
        "p_value": result.p_value[ONE],
        "alpha": result.alpha,
        "one_sided": result.one_sided,
        "reject": bool(result.reject[ONE]),
        "adjusted": _adjusted(result),
        "higher_is_better": result.higher_is_better,
        "randomised": result.randomised[ONE],
        "analysed": result.analysed[ONE],
        "numbers": {name: values[ONE] for name, values in result.numbers.items()},
        "units": {name: number_unit(result, name) for name in result.numbers},
        "settled": {name: values[ONE] for name, values in result.settled.items()},
        "design": dict(result.design),
        "notes": list(result.notes),
        "diagnosis": result.diagnosis[ONE] if result.diagnosis else "",
        "choices": {name: texts[ONE] for name, texts in result.choices.items()},
        "curves": {name: _curve(curve) for name, curve in result.curves.items()},
        "code": {"command": code.command, "python": code.python, "yaml": code.yaml},
    }


def _estimand(material: AnalysisMaterial, result: Result) -> dict[str, Any]:
    name = material.planned[result.analysis].estimand_name
    estimand = material.protocol.estimands[name]
    strategies: dict[str, Strategy] = {event: getattr(estimand, event) for event in EVENTS}
    return {
        "name": name,
        "words": result.estimand,
        "population": estimand.population.value,
        "subgroup": estimand.subgroup is not None,
        "summary": estimand.summary.value,
        **{event: strategy.value for event, strategy in strategies.items()},
    }


def _adjusted(result: Result) -> dict[str, Any] | None:
    found = result.adjusted
    if found is None:
        return None
    return {
        "procedure": found.procedure,
        "alpha": found.alpha,
        "p_value": found.p_value[ONE],
        "reject": bool(found.reject[ONE]),
    }


def _curve(curve: Curve) -> dict[str, Any]:
    return {
        "label": curve.label,
        "arm": curve.arm,
        "x_label": curve.x_label,
        "unit": curve.unit,
        "steps": curve.steps,
        "points": [
            {"x": x, "y": y, "low": low, "high": high, "count": count}
            for x, y, low, high, count in points(curve)
        ],
    }


def points(curve: Curve) -> Iterator[tuple[float, ...]]:
    """Give x, y, low, high and count of each point of a line."""
    parts = [part[ONE] for part in (curve.x, curve.y, curve.low, curve.high, curve.count)]
    for row in zip(*parts, strict=True):
        if np.isfinite(row[0]):
            yield tuple(float(value) for value in row)


def results_csv(material: AnalysisMaterial) -> str:
    """Return one row for each analysis."""
    rows = []
    for found in build(material)["results"]:
        adjusted = found["adjusted"] or {"p_value": None, "reject": None}
        row = {**found, "adjusted_p_value": adjusted["p_value"], "adjusted_reject": adjusted["reject"]}
        rows.append([row[name] for name in RESULT_COLUMNS])
    return _csv(RESULT_COLUMNS, rows)


def estimates_csv(material: AnalysisMaterial) -> str:
    """Return one row for each number: effects, what they were made of, who was decided by what, lines."""
    rows = [row for result in material.results for row in _rows(material, result)]
    return _csv(ESTIMATE_COLUMNS, rows)


def _rows(material: AnalysisMaterial, result: Result) -> Iterator[list[Any]]:
    effect = [part[ONE] for part in (result.estimate, result.low, result.high)]
    arm = result.arm if result.control is None else f"{result.arm} - {result.control}"
    yield [
        result.analysis,
        "effect",
        arm,
        result.measure_of_effect,
        None,
        "",
        *effect,
        result.analysed[ONE],
        result.unit,
    ]
    for part, numbers in (("number", result.numbers), ("settled", result.settled)):
        for name, values in numbers.items():
            unit = "patients" if part == "settled" else number_unit(result, name)
            own = result.control if name.endswith(CONTROL) else result.arm
            base = name.removesuffix(CONTROL)
            yield [result.analysis, part, own, base, None, "", values[ONE], None, None, None, unit]
    for name, curve in result.curves.items():
        x_unit = curve.unit if curve.x_label == "shift" else "day"
        for x, *rest in points(curve):
            line = name.split(".")[0]
            yield [result.analysis, "line", curve.arm or arm, line, x, x_unit, *rest, curve.unit]


def _csv(columns: tuple[str, ...], rows: list[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return text.getvalue()


def _cell(value: Any) -> Any:
    value = plain(value)
    return "" if value is None else value
