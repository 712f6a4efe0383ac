"""Figures of a measure over time: per arm the median, the middle half and the middle four fifths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from euexia.report.axes import PANEL_HEIGHT, PANEL_WIDTH, heading, placed
from euexia.report.drawing import Panel
from euexia.report.formatting import number, weeks
from euexia.report.style import MUTED, PAPER, ArmStyle, tinted
from euexia.study.operating import Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

MOST_TICKS = 8
MOST_MARKERS = 9


def course_panels(
    name: str, label: str, unit: str, decimals: int, series: Sequence[tuple[ArmStyle, Series]]
) -> tuple[Panel, ...]:
    """Return one panel per arm, all on the same axes, with the other arms' medians drawn faintly."""
    limits = _limits([found for _, found in series], from_zero=name in {"crp", "dose"})
    return tuple(
        _panel(name, label, unit, decimals, limits, arm, found, [s for a, s in series if a is not arm])
        for arm, found in series
    )


def _limits(series: Sequence[Series], *, from_zero: bool) -> tuple[float, float, float, float]:
    """Return the common limits of time (weeks) and value."""
    days = np.concatenate([found.day for found in series]) / 7
    lows = np.concatenate([found.quantiles["0.1"] for found in series])
    highs = np.concatenate([found.quantiles["0.9"] for found in series])
    low, high = (np.nanmin(lows), np.nanmax(highs)) if np.isfinite(highs).any() else (0.0, 1.0)
    pad = 0.06 * (high - low) or 1.0
    bottom = min(0.0, low) - (0.02 * high if from_zero else 0.0) if from_zero else low - pad
    return float(days.min()), float(days.max()), float(bottom), float(high + pad)


def _panel(
    name: str,
    label: str,
    unit: str,
    decimals: int,
    limits: tuple[float, float, float, float],
    arm: ArmStyle,
    series: Series,
    others: Sequence[Series],
) -> Panel:
    size = (PANEL_WIDTH, PANEL_HEIGHT)
    steps = name == "dose"
    known = _known(series)
    said = _in_words(series, known, unit, decimals)

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, top=52)
        heading(figure, size, arm.label, arm.colour, said)
        for other in others:
            _draw_median(axes, other, steps=steps)
        _draw_spread(axes, series, known, arm, steps=steps)
        span = limits[1] - limits[0] or 1.0
        axes.set_xlim(limits[0] - 0.02 * span, limits[1] + 0.02 * span)
        axes.set_ylim(limits[2], limits[3])
        axes.set_xticks(_week_ticks(limits[0], limits[1]))
        axes.set_xlabel("week")
        axes.grid(axis="y")

    return Panel(
        name=f"{name.replace('_', '-')}-{arm.name}",
        title=f"{label} over time: {arm.label}",
        description=f"{label}, {arm.label}: {said}.",
        draw=draw,
        width=size[0],
        height=size[1],
    )


def _known(series: Series) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(np.isfinite(series.quantiles["0.5"]) & (series.count > 0))


def _in_words(
    series: Series, known: np.ndarray[tuple[int], np.dtype[np.bool_]], unit: str, decimals: int
) -> str:
    if not known.any():
        return "no readings"
    median, days = series.quantiles["0.5"][known], series.day[known] / 7
    first, last = number(float(median[0]), decimals), number(float(median[-1]), decimals)
    if len(median) == 1:
        return f"median {first} {unit} in week {days[0]:.0f}"
    return f"median {first} → {last} {unit}, week {weeks(7 * float(days[0]))} → {weeks(7 * float(days[-1]))}"


def _draw_spread(
    axes: Axes,
    series: Series,
    known: np.ndarray[tuple[int], np.dtype[np.bool_]],
    arm: ArmStyle,
    *,
    steps: bool,
) -> None:
    if not known.any():
        axes.text(0.5, 0.5, "no readings", transform=axes.transAxes, color=MUTED, ha="center", va="center")
        return
    week = series.day[known] / 7
    step: Literal["post"] | None = "post" if steps else None
    levels: Mapping[str, np.ndarray[tuple[int], np.dtype[np.float64]]] = {
        key: values[known] for key, values in series.quantiles.items()
    }
    axes.fill_between(
        week, levels["0.1"], levels["0.9"], color=tinted(arm.colour, 0.14), linewidth=0, step=step
    )
    axes.fill_between(
        week, levels["0.25"], levels["0.75"], color=tinted(arm.colour, 0.32), linewidth=0, step=step
    )
    axes.plot(
        week,
        levels["0.5"],
        color=arm.colour,
        linewidth=2.2,
        marker=arm.marker,
        markersize=5.5,
        markeredgecolor=PAPER,
        markevery=max(1, len(week) // MOST_MARKERS),
        drawstyle="steps-post" if steps else "default",
    )


def _draw_median(axes: Axes, series: Series, *, steps: bool) -> None:
    known = _known(series)
    style = "steps-post" if steps else "default"
    week, median = series.day[known] / 7, series.quantiles["0.5"][known]
    axes.plot(week, median, color=MUTED, linewidth=1.0, linestyle=(0, (1, 1.5)), zorder=1.8, drawstyle=style)


def _week_ticks(first: float, last: float) -> list[float]:
    step = next(step for step in (1, 2, 4, 8, 13, 26, 52, 104, 1e9) if (last - first) / step <= MOST_TICKS)
    return [step * place for place in range(int(np.ceil(first / step)), int(np.floor(last / step)) + 1)]
