"""The chapter on secondary outcomes: a forest plot, the effects in a table, and categories by arm."""

from __future__ import annotations

import numpy as np

from euexia.analyse.result import Result
from euexia.protocol.analysis_plan import Method
from euexia.report.answer import rejection
from euexia.report.content import Block, Chapter, Drawn, Prose, Table
from euexia.report.drawing import Picture
from euexia.report.forest_figures import EffectRow, OutcomeEffects, forest_panel
from euexia.report.formatting import (
    count,
    joined,
    number,
    p_value,
    points_with_error,
    range_of,
    sentence_case,
    share_with_error,
    signed,
    value_with_error,
    weeks,
)
from euexia.report.material import EXAMPLE, Material
from euexia.report.style import ArmStyle
from euexia.study.operating import Estimate

LARGE = 100.0
"""From here on an effect is printed without decimals."""


def chapter(material: Material) -> Chapter:
    """Return every planned analysis that is not of the primary endpoint."""
    results = [result for result in material.results if result.endpoint != material.primary.name]
    counted = [result for result in results if result.method == Method.CATEGORY_TABLE]
    measured = [result for result in results if result.method != Method.CATEGORY_TABLE]
    blocks: list[Block] = []
    compared = [result for result in measured if result.control is not None]
    if any(np.isfinite(result.estimate[EXAMPLE]) for result in compared):
        blocks.append(_forest(material, compared))
    if measured:
        blocks.append(_effects(material, measured))
    names = dict.fromkeys(result.endpoint for result in counted)
    blocks += [_categories(material, [r for r in counted if r.endpoint == name]) for name in names]
    if not blocks:
        blocks.append(Prose(text="The protocol plans no analysis of a secondary outcome."))
    return Chapter(id="secondary", title="Secondary outcomes", blocks=tuple(blocks))


def _forest(material: Material, results: list[Result]) -> Drawn:
    """Return the effects as a forest plot, each outcome in its own unit."""
    styles = {arm.name: arm for arm in material.arms}
    endpoints = {endpoint.name: endpoint for endpoint in material.protocol.endpoints}
    outcomes = []
    for name in dict.fromkeys((result.endpoint, result.unit) for result in results):
        mine = [result for result in results if (result.endpoint, result.unit) == name]
        endpoint = endpoints[mine[0].endpoint]
        outcomes.append(
            OutcomeEffects(
                label=f"{endpoint.label}, week {weeks(endpoint.day)}",
                unit=_unit(mine[0]),
                higher_is_better=endpoint.higher_is_better,
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
    title = "Effects on secondary outcomes"
    panels = (forest_panel(outcomes, said),)
    return Drawn(picture=Picture(name="forest", title=title, caption=caption, panels=panels))


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
    if result.unit != "1":
        return result.unit
    return "%" if result.control is None else "percentage points"


def _factor(result: Result) -> float:
    return 100.0 if result.unit == "1" else 1.0


def _effects(material: Material, results: list[Result]) -> Table:
    labels = {endpoint.name: endpoint for endpoint in material.protocol.endpoints}
    rows = []
    for result in results:
        endpoint = labels[result.endpoint]
        between = material.labels[result.arm]
        if result.control is not None:
            between += f" − {material.labels[result.control]}"
        row: tuple[str, ...] = (
            f"{endpoint.label}, week {weeks(endpoint.day)}: {result.measure_of_effect} [{_unit(result)}]",
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
        caption=f"Secondary outcomes {which}",
        columns=columns,
        rows=tuple(rows),
        wordy=(1,),
        note="Secondary outcomes are not corrected for multiple testing. Death and missing values are dealt "
        "with as the estimand of each outcome says (see the protocol).",
    )


def _value(value: float, result: Result) -> str:
    shown = _factor(result) * value
    decimals = _decimals(shown)
    return number(shown, decimals) if result.control is None else signed(shown, decimals)


def _interval(result: Result, trial: int) -> str:
    factor = _factor(result)
    low, high = factor * result.low[trial], factor * result.high[trial]
    return range_of(low, high, _decimals(low, high))


def _decimals(*values: float) -> int:
    """Return no decimals for large numbers, one for small ones."""
    return 0 if any(np.isfinite(value) and abs(value) >= LARGE for value in values) else 1


def _mean(estimate: Estimate, result: Result) -> str:
    if result.unit != "1":
        return value_with_error(estimate, _decimals(estimate.value))
    return share_with_error(estimate) if result.control is None else points_with_error(estimate)


def _categories(material: Material, results: list[Result]) -> Table:
    """Return the counts of each category, every arm once."""
    endpoint = next(e for e in material.protocol.endpoints if e.name == results[0].endpoint)
    names = [name for name in results[0].numbers if not name.endswith("_control") and name != "analysed"]
    counts: dict[str, tuple[str, ...]] = {}
    for result in results:
        for suffix, arm in (("", result.arm), ("_control", result.control)):
            if arm is not None:
                counts[arm] = tuple(count(result.numbers[f"{name}{suffix}"][EXAMPLE]) for name in names)
    which = "this trial" if material.trials == 1 else "the first simulated trial"
    return Table(
        caption=f"{endpoint.label}, week {weeks(endpoint.day)}: patients of {which}",
        columns=("Arm", *(sentence_case(name) for name in names)),
        rows=tuple((arm.label, *counts[arm.name]) for arm in material.arms if arm.name in counts),
        note=f"{results[0].notes[0]} Unknown: died or not assessed." if results[0].notes else "",
    )
