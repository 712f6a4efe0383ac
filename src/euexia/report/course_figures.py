"""Figures of a measure over time: per arm the median, the middle half and the middle four fifths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from euexia.core.studytime import DAYS_PER_WEEK
from euexia.report.axes import PANEL_HEIGHT, PANEL_WIDTH, heading, placed
from euexia.report.drawing import Panel
from euexia.report.formatting import number, signed, weeks
from euexia.report.style import FAINT, INK, MUTED, PAPER, ArmStyle, tinted
from euexia.study.operating import Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

MOST_TICKS = 8
MOST_MARKERS = 9
SIZE = (PANEL_WIDTH, PANEL_HEIGHT)
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is drawn over time: its names, its unit, and how it is to be looked at.

    changed: values are changes, drawn about a line of no change.  doubling: values are multiples of the
    baseline, drawn on an axis of halvings and doublings.  from_zero: the axis begins at zero.  steps: values
    hold until the next.  thresholds: lines with their labels.
    """

    name: str
    label: str
    unit: str
    decimals: int
    series: tuple[tuple[ArmStyle, Series], ...]
    changed: bool = False
    doubling: bool = False
    from_zero: bool = False
    steps: bool = False
    thresholds: tuple[tuple[float, str], ...] = ()

    def printed(self, value: float) -> str:
        """Return a value with its unit."""
        if self.doubling:
            return f"{number(value, self.decimals)}\u00a0×"
        text = signed(value, self.decimals) if self.changed else number(value, self.decimals)
        return f"{text}\u00a0{self.unit}"


def course_panels(course: Course) -> tuple[Panel, ...]:
    """Return one panel per arm, all on the same axes, with the other arms' medians drawn faintly."""
    limits = _limits(course)
    return tuple(_panel(course, limits, arm, series) for arm, series in course.series)


def _limits(course: Course) -> tuple[float, float, float, float]:
    """Return the common limits of time (weeks) and of what is drawn."""
    found = [series for _, series in course.series]
    days = np.concatenate([series.day for series in found]) / DAYS_PER_WEEK
    ends = [_onto(course, series.quantiles[key]) for series in found for key in ("0.1", "0.9")]
    marks = [_onto(course, np.array([value for value, _ in course.thresholds]))]
    everything = np.concatenate(ends + (marks if course.changed else []))
    known = everything[np.isfinite(everything)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
    if course.changed:
        low, high = min(low, 0.0), max(high, 0.0)
    pad = 0.06 * (high - low) or 1.0
    bottom = min(0.0, low) - 0.02 * high if course.from_zero else low - pad
    return float(days.min()), float(days.max()), float(bottom), float(high + pad)


def _onto(course: Course, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values as their axis counts them: multiples of a baseline in doublings."""
    return np.log2(values) if course.doubling else values


def _panel(course: Course, limits: tuple[float, float, float, float], arm: ArmStyle, series: Series) -> Panel:
    known = _known(series)
    said = _in_words(course, series, known)

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, SIZE, top=52)
        heading(figure, SIZE, arm.label, arm.colour, said)
        if course.changed:
            axes.axhline(0, color=FAINT, linewidth=1.0, zorder=1)
        for value, label in course.thresholds:
            _draw_threshold(axes, float(_onto(course, np.array(value))), label)
        for other, values in course.series:
            if other is not arm:
                _draw_median(axes, course, values)
        _draw_spread(axes, course, series, known, arm)
        span = limits[1] - limits[0] or 1.0
        axes.set_xlim(limits[0] - 0.02 * span, limits[1] + 0.02 * span)
        axes.set_ylim(limits[2], limits[3])
        axes.set_xticks(_week_ticks(limits[0], limits[1]))
        if course.doubling:
            ticks = _doublings(limits[2], limits[3])
            axes.set_yticks(ticks, [f"{2.0**tick:g}\u00a0×" for tick in ticks])
        axes.set_xlabel("week")
        axes.grid(axis="y")

    return Panel(
        name=f"{course.name}-{arm.name}",
        title=f"{course.label} over time: {arm.label}",
        description=f"{course.label}, {arm.label}: {said}.",
        draw=draw,
        width=SIZE[0],
        height=SIZE[1],
    )


def _known(series: Series) -> Flags:
    return np.asarray(np.isfinite(series.quantiles["0.5"]) & (series.count > 0))


def _in_words(course: Course, series: Series, known: Flags) -> str:
    if not known.any():
        return "no readings"
    median, days = series.quantiles["0.5"][known], series.day[known]
    first, last = course.printed(float(median[0])), course.printed(float(median[-1]))
    if len(median) == 1:
        return f"median {first} in week {weeks(float(days[0]))}"
    if not course.changed:
        return f"median {first} → {last}, week {weeks(float(days[0]))} → {weeks(float(days[-1]))}"
    show = number if course.doubling else signed
    low, high = (show(float(series.quantiles[key][known][-1]), course.decimals) for key in ("0.25", "0.75"))
    return f"week {weeks(float(days[-1]))}: median {last} ({low} to {high})"


def _draw_threshold(axes: Axes, value: float, label: str) -> None:
    axes.axhline(value, color=INK, linewidth=1.0, linestyle=(0, (4, 3)), zorder=2.5)
    transform = axes.get_yaxis_transform()
    axes.text(1.0, value, label, transform=transform, color=INK, size=10, ha="right", va="bottom", zorder=4)


def _draw_spread(axes: Axes, course: Course, series: Series, known: Flags, arm: ArmStyle) -> None:
    if not known.any():
        axes.text(0.5, 0.5, "no readings", transform=axes.transAxes, color=MUTED, ha="center", va="center")
        return
    week = series.day[known] / DAYS_PER_WEEK
    step: Literal["post"] | None = "post" if course.steps else None
    levels: Mapping[str, NDArray[np.float64]] = {
        key: _onto(course, values[known]) for key, values in series.quantiles.items()
    }
    for low, high, share in (("0.1", "0.9", 0.14), ("0.25", "0.75", 0.32)):
        axes.fill_between(
            week, levels[low], levels[high], color=tinted(arm.colour, share), linewidth=0, step=step
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
        drawstyle="steps-post" if course.steps else "default",
        zorder=3,
    )


def _draw_median(axes: Axes, course: Course, series: Series) -> None:
    known = _known(series)
    week, median = series.day[known] / DAYS_PER_WEEK, _onto(course, series.quantiles["0.5"][known])
    axes.plot(
        week, median, color=MUTED, linewidth=1.0, linestyle=(0, (1, 1.5)), zorder=1.8,
        drawstyle="steps-post" if course.steps else "default",
    )  # fmt: skip


def _week_ticks(first: float, last: float) -> list[float]:
    step = next(step for step in (1, 2, 4, 8, 13, 26, 52, 104, 1e9) if (last - first) / step <= MOST_TICKS)
    return [step * place for place in range(int(np.ceil(first / step)), int(np.floor(last / step)) + 1)]


def _doublings(low: float, high: float) -> Sequence[int]:
    step = next(step for step in (1, 2, 4, 8, 1000) if (high - low) / step <= MOST_TICKS)
    return [step * place for place in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]
