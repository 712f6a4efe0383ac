"""The forest of an analysed trial: every comparison with its interval and its numbers, outcome by outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from euexia.analyse.result import Result
from euexia.protocol.analysis_plan import Method
from euexia.report.analysis_material import ONE, AnalysisMaterial
from euexia.report.analysis_numbers import effect_text, effect_unit, factor, interval_text
from euexia.report.drawing import Panel, Picture
from euexia.report.forest_figures import BETTER
from euexia.report.formatting import sentence_case, signed
from euexia.report.style import INK, MUTED, ArmStyle
from euexia.study.success import gains_upward

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

WIDTH = 400.0
LEFT, RIGHT = 14.0, 14.0
TOP, ROW, AXIS = 46.0, 34.0, 26.0
"""Heights in points: of an outcome's heading, of each comparison, of the axis."""
LETTERS = 64
"""Letters on one line of a panel."""
LETTERS_OF_HEADING = 44
"""Letters of a heading; a longer one is smaller."""
MOST_TICKS = 5
NEAR, CLOSE, CLOSELY = (0.6, 0.8, 1.0, 1.25, 1.6), (0.8, 0.9, 1.0, 1.1, 1.25), 0.4
"""Ticks of ratios within a doubling, and within so many doublings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One line of the forest; ends that are not known are NaN."""

    label: str
    numbers: str
    arm: ArmStyle
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Comparisons that share an endpoint, an effect and a unit."""

    name: str
    label: str
    effect: str
    is_ratio: bool
    higher_is_better: bool
    rows: tuple[Comparison, ...]

    def place(self, value: float) -> float:
        """Return where a value is drawn: no effect at 0, ratios by doublings."""
        if not self.is_ratio:
            return value
        return float(np.log2(value)) if value > 0 else float("nan")


def forest(material: AnalysisMaterial) -> Picture | None:
    """Return the forest of every comparison that was estimated; None if there is none."""
    # The first panel gives the file its rows, so the tallest comes first.
    found = sorted(outcomes(material), key=lambda outcome: -len(outcome.rows))
    if not found:
        return None
    return Picture(
        name="forest",
        title="Effects of every comparison",
        caption="Estimate (marker) and confidence interval (line) of the first arm against the second. Each "
        "outcome has its own axis: lengths must not be compared between outcomes. Tinted ground: the side "
        "that is better for the patient. Ratios are drawn by doublings.",
        panels=tuple(_panel(outcome) for outcome in found),
        columns=2,
    )


def outcomes(material: AnalysisMaterial) -> tuple[Outcome, ...]:
    """Return every comparison that was estimated, by endpoint and effect."""
    compared = [
        result
        for result in material.results
        if result.control is not None and np.isfinite(result.estimate[ONE])
    ]
    kinds = dict.fromkeys((r.endpoint, r.measure_of_effect, r.unit) for r in compared)
    return tuple(
        _outcome(material, [r for r in compared if (r.endpoint, r.measure_of_effect, r.unit) == kind])
        for kind in kinds
    )


def _outcome(material: AnalysisMaterial, results: Sequence[Result]) -> Outcome:
    first = results[0]
    endpoint = material.endpoints[first.endpoint]
    several = len({(result.arm, result.control) for result in results}) < len(results)
    return Outcome(
        name=f"forest-{first.analysis}",
        label=material.endpoint_title(first.endpoint),
        effect=f"{first.measure_of_effect} [{effect_unit(first)}]",
        is_ratio=first.unit == "ratio",
        higher_is_better=gains_upward(Method(first.method), endpoint),
        rows=tuple(_comparison(material, result, several=several) for result in results),
    )


def _comparison(material: AnalysisMaterial, result: Result, *, several: bool) -> Comparison:
    endpoint = material.endpoints[result.endpoint]
    times = factor(result.unit)
    value, low, high = (times * float(part[ONE]) for part in (result.estimate, result.low, result.high))
    label = material.between(result)
    if several:
        label = f"{label} ({result.analysis.replace('_', ' ')})"
    return Comparison(
        label=label,
        numbers=f"{effect_text(result, endpoint)} ({interval_text(result, endpoint)})",
        arm=material.styles[result.arm],
        estimate=value,
        low=low,
        high=high,
    )


def _panel(outcome: Outcome) -> Panel:
    height = TOP + ROW * len(outcome.rows) + AXIS

    def draw(figure: FigureBase) -> None:
        named = 12.5 if len(outcome.label) <= LETTERS_OF_HEADING else 9.5
        figure.text(
            8 / WIDTH,
            1 - 8 / height,
            outcome.label,
            color=INK,
            weight="bold",
            size=named,
            ha="left",
            va="top",
        )
        effect = sentence_case_effect(outcome.effect)
        size_of = 10.5 if len(effect) <= LETTERS else 8.5
        figure.text(8 / WIDTH, 1 - 25 / height, effect, color=MUTED, size=size_of, ha="left", va="top")
        size = (LEFT / WIDTH, AXIS / height, (WIDTH - LEFT - RIGHT) / WIDTH, ROW * len(outcome.rows) / height)
        _draw(figure.add_axes(size), outcome)

    said = "; ".join(f"{row.label}: {row.numbers}" for row in outcome.rows)
    return Panel(
        name=outcome.name,
        title=f"{outcome.label}: {outcome.effect}",
        description=f"{said}.",
        draw=draw,
        width=WIDTH,
        height=height,
    )


def sentence_case_effect(text: str) -> str:
    """Return an effect with a capital, its unit as it is."""
    name, _, unit = text.partition(" [")
    return f"{sentence_case(name)} [{unit}" if unit else sentence_case(name)


def _draw(axes: Axes, outcome: Outcome) -> None:
    places = [[outcome.place(end) for end in (row.estimate, row.low, row.high)] for row in outcome.rows]
    known = [abs(end) for row in places for end in row if np.isfinite(end)]
    limit = 1.1 * max(known, default=1.0) or 1.0
    axes.axvspan(*((0.0, limit) if outcome.higher_is_better else (-limit, 0.0)), color=BETTER, linewidth=0)
    for index, (row, (value, low, high)) in enumerate(zip(outcome.rows, places, strict=True)):
        line = index + 0.28
        axes.plot([0.0, 0.0], [index + 0.06, index + 0.5], color=INK, linewidth=1.0, zorder=1)
        ends = [low if np.isfinite(low) else -limit, high if np.isfinite(high) else limit]
        if np.isfinite(row.low) or np.isfinite(row.high):
            axes.plot(ends, [line, line], color=row.arm.colour, linewidth=1.6, zorder=3)
        axes.plot(value, line, marker=row.arm.marker, color=row.arm.colour, markersize=7, zorder=4)
        for where, text, side in ((0.0, _fitted(row), "left"), (1.0, row.numbers, "right")):
            axes.text(
                where,
                index - 0.12,
                text,
                transform=axes.get_yaxis_transform(),
                color=INK,
                size=10.5,
                ha=side,
                va="center",
                zorder=5,
            )
    axes.set_xlim(-limit, limit)
    axes.set_ylim(len(outcome.rows) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    _ticks(axes, outcome, limit)
    axes.text(
        1.0 if outcome.higher_is_better else 0.0,
        1.0,
        "better →" if outcome.higher_is_better else "← better",
        transform=axes.transAxes,
        color=MUTED,
        size=9,
        ha="right" if outcome.higher_is_better else "left",
        va="bottom",
    )


def _fitted(row: Comparison) -> str:
    """Return a label that leaves room for the numbers on its line."""
    room = LETTERS - len(row.numbers)
    return row.label if len(row.label) <= room else f"{row.label[: room - 1].rstrip()}…"


def _ticks(axes: Axes, outcome: Outcome, limit: float) -> None:
    if outcome.is_ratio and limit < 1.0:
        ratios = [ratio for ratio in (CLOSE if limit < CLOSELY else NEAR) if abs(np.log2(ratio)) <= limit]
        axes.set_xticks([float(np.log2(ratio)) for ratio in ratios], [f"{ratio:g}" for ratio in ratios])
        return
    power = 10.0 ** np.floor(np.log10(limit))
    steps = [part * power for part in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if part * power >= outcome.is_ratio]
    step = float(next(step for step in steps if 2 * int(limit / step) + 1 <= MOST_TICKS))
    ticks = [step * place for place in range(-int(limit / step), int(limit / step) + 1)]
    decimals = max(0, -int(np.floor(np.log10(step))))
    axes.set_xticks(ticks, [_tick(tick, outcome, decimals) for tick in ticks])


def _tick(tick: float, outcome: Outcome, decimals: int) -> str:
    return f"{2**tick:.3g}" if outcome.is_ratio else signed(tick, decimals)
