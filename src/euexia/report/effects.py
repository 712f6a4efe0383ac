"""Effects of planned analyses: a forest plot, each outcome in its own unit, and the same in a table."""

from __future__ import annotations

import numpy as np

from euexia.analyse.result import Result
from euexia.report.answer import rejection
from euexia.report.content import Drawn, Table
from euexia.report.drawing import Picture
from euexia.report.forest_figures import EffectRow, OutcomeEffects, forest_panel
from euexia.report.formatting import (
    joined,
    number,
    p_value,
    points_with_error,
    range_of,
    share_with_error,
    signed,
    value_with_error,
    weeks,
)
from euexia.report.material import EXAMPLE, Material
from euexia.report.style import ArmStyle
from euexia.study.operating import Estimate
from euexia.study.success import gains_upward, is_ratio

LARGE = 100.0
"""From here on an effect is printed without decimals."""
RATIO_DECIMALS = 2
PLURALS = {"rank": "ranks", "day": "days"}


def forest(material: Material, results: list[Result], *, name: str, title: str) -> Drawn:
    """Return the effects as a forest plot, each outcome in its own unit; ratios on a scale of doublings."""
    styles = {arm.name: arm for arm in material.arms}
    endpoints = {endpoint.name: endpoint for endpoint in material.protocol.endpoints}
    outcomes = []
    for kind in dict.fromkeys(_kind(result) for result in results):
        mine = [result for result in results if _kind(result) == kind]
        endpoint = endpoints[mine[0].endpoint]
        outcomes.append(
            OutcomeEffects(
                label=f"{endpoint.label}, week {weeks(endpoint.day)}",
                unit=_unit(mine[0]),
                higher_is_better=gains_upward(material.planned[mine[0].analysis].method, endpoint),
                is_ratio=_is_ratio(mine[0]),
                rows=tuple(_effect_row(material, styles[result.arm], result) for result in mine),
            )
        )
    said = " ".join(f"{_row_in_words(material, result)}." for result in results)
    controls = joined(tuple(dict.fromkeys(material.labels[r.control] for r in results if r.control)))
    markers = ", ".join(
        f"{styles[name].marker_name} {styles[name].label}" for name in dict.fromkeys(r.arm for r in results)
    )
    which = "this trial" if material.operating is None else "the first simulated trial alone"
    shown = f"Open marker with line: {which}, with its confidence interval."
    if material.operating is not None:
        shown = (
            f"Filled marker: mean of the estimates of {material.trials:,} simulated trials; band: nine of "
            f"ten trials lie in it. {shown}"
        )
    caption = (
        f"Difference from {controls}: {markers}. {shown} Each outcome has its own axis: lengths must not be "
        "compared between outcomes. Tinted ground: the side that is better for the patient."
    )
    panels = (forest_panel(outcomes, said, name=name, title=title),)
    return Drawn(picture=Picture(name=name, title=title, caption=caption, panels=panels))


def _kind(result: Result) -> tuple[str, str, str]:
    return result.endpoint, result.unit, result.measure_of_effect


def _is_ratio(result: Result) -> bool:
    return result.unit == "ratio" or is_ratio(result.measure_of_effect)


def _effect_row(material: Material, arm: ArmStyle, result: Result) -> EffectRow:
    factor = _factor(result)
    one = [factor * float(part[EXAMPLE]) for part in (result.estimate, result.low, result.high)]
    if material.operating is None:
        return EffectRow(arm=arm, one=one[0], one_low=one[1], one_high=one[2])
    found = rejection(material.operating.as_modelled, result.analysis)
    return EffectRow(
        arm=arm,
        one=one[0],
        one_low=one[1],
        one_high=one[2],
        mean=factor * found.effect.value,
        low=factor * found.quantiles["0.05"],
        high=factor * found.quantiles["0.95"],
    )


def _row_in_words(material: Material, result: Result) -> str:
    endpoint = next(e for e in material.protocol.endpoints if e.name == result.endpoint)
    unit = _unit(result)
    text = (
        f"{endpoint.label}, {material.labels[result.arm]}: {_value(result.estimate[EXAMPLE], result)} "
        f"{unit}, interval {_interval(result, EXAMPLE)}"
    )
    if material.operating is None:
        return text
    found = rejection(material.operating.as_modelled, result.analysis)
    return f"{text}; mean over all trials {_value(found.effect.value, result)} {unit}"


def _unit(result: Result) -> str:
    if _is_ratio(result):
        return result.measure_of_effect
    if result.unit != "1":
        return PLURALS.get(result.unit, result.unit)
    return "%" if result.control is None else "percentage points"


def _factor(result: Result) -> float:
    return 100.0 if result.unit == "1" and not _is_ratio(result) else 1.0


def effects_table(material: Material, results: list[Result], *, caption: str, note: str) -> Table:
    """Return the effects of the example trial, and over all trials, in a table."""
    labels = {endpoint.name: endpoint for endpoint in material.protocol.endpoints}
    rows = []
    for result in results:
        endpoint = labels[result.endpoint]
        between = material.labels[result.arm]
        if result.control is not None:
            between += f" − {material.labels[result.control]}"
        unit = "" if _is_ratio(result) else f" [{_unit(result)}]"
        row: tuple[str, ...] = (
            f"{endpoint.label}, week {weeks(endpoint.day)}: {result.measure_of_effect}{unit}",
            between,
            f"{_value(result.estimate[EXAMPLE], result)} ({_interval(result, EXAMPLE)})",
            p_value(result.p_value[EXAMPLE]),
        )
        if material.operating is not None:
            found = rejection(material.operating.as_modelled, result.analysis)
            row += (_mean(found.effect, result), share_with_error(found.rejection))
        rows.append(row)
    columns: tuple[str, ...] = ("Outcome, effect and its unit", "Arms", "Estimate (interval)", "p")
    if material.operating is not None:
        columns += ("Mean over all trials", "Trials that reject")
    which = "in this trial" if material.trials == 1 else "in the first simulated trial, and over all trials"
    return Table(
        caption=f"{caption} {which}",
        columns=columns,
        rows=tuple(rows),
        wordy=(1,),
        note=note,
    )


def _value(value: float, result: Result) -> str:
    shown = _factor(result) * value
    decimals = _decimals(shown)
    if _is_ratio(result):
        return number(shown, RATIO_DECIMALS)
    return number(shown, decimals) if result.control is None else signed(shown, decimals)


def _interval(result: Result, trial: int) -> str:
    factor = _factor(result)
    low, high = factor * result.low[trial], factor * result.high[trial]
    return range_of(low, high, RATIO_DECIMALS if _is_ratio(result) else _decimals(low, high))


def _decimals(*values: float) -> int:
    """Return no decimals for large numbers, one for small ones."""
    return 0 if any(np.isfinite(value) and abs(value) >= LARGE for value in values) else 1


def _mean(estimate: Estimate, result: Result) -> str:
    if _is_ratio(result):
        return value_with_error(estimate, RATIO_DECIMALS)
    if result.unit != "1":
        return value_with_error(estimate, _decimals(estimate.value))
    return share_with_error(estimate) if result.control is None else points_with_error(estimate)
