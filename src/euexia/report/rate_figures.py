"""Figures of response rates: per arm with intervals, over trials, and the design's power curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from euexia.report.axes import PANEL_HEIGHT, PANEL_WIDTH, heading, placed, reference
from euexia.report.drawing import Panel
from euexia.report.formatting import number, percent
from euexia.report.style import INK, MUTED, PAPER, ArmStyle, tinted
from euexia.statistics.proportions import probability_at_least
from euexia.study.operating import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROW = 58.0
CURVE_POINTS = 161
WIDE = 400.0
MANY_RATES = 60
"""More different rates than this are drawn in bins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    """One arm in the figure of response rates; shares; NaN is not drawn.

    mean: over trials, with their low and high (5 % and 95 % quantile).  one, one_low, one_high: a single
    trial with its confidence interval.
    """

    arm: ArmStyle
    mean: float
    low: float
    high: float
    one: float
    one_low: float
    one_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point on the power curve: an arm's true rate and the share of simulated trials that rejected."""

    arm: ArmStyle
    rate: float
    rejection: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The power curve of one exact design: reject at ``critical`` or more responders of ``size``."""

    label: str
    size: int
    critical: int
    null: float
    alternative: float | None
    marks: tuple[Mark, ...]


def percent_rows(axes: Axes, high: float) -> None:
    """Finish axes whose rows are named in words: no vertical axis, per cent from nought along the other."""
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    percent_axis(axes, 0.0, high)
    axes.grid(axis="x")


def percent_axis(axes: Axes, low: float, high: float, *, upright: bool = False) -> None:
    """Label an axis of shares in per cent, with round steps."""
    span = high - low
    step = next(step for step in (0.02, 0.05, 0.1, 0.2, 0.25) if span / step <= 6 or step == 0.25)
    ticks = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
    labels = [f"{number(100 * tick, 0)} %" for tick in ticks]
    if upright:
        axes.set_yticks(ticks, labels)
        axes.set_ylim(low, high)
    else:
        axes.set_xticks(ticks, labels)
        axes.set_xlim(low, high)


def rates_panel(rows: Sequence[RateRow], references: Sequence[tuple[float, str]], description: str) -> Panel:
    """Return the figure of response rates per arm, with lines at the null and the hoped-for rate."""
    size = (WIDE, 64 + ROW * len(rows))
    ends = [v for r in rows for v in (r.mean, r.high, r.one, r.one_high) if np.isfinite(v)]
    top = min(1.0, max([value for value, _ in references] + ends + [0.1]) * 1.08)

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=14, right=20, top=26, bottom=36)
        for value, label in references:
            reference(axes, value, label)
        for place, row in enumerate(rows):
            _draw_rate(axes, place, row)
        axes.set_ylim(len(rows) - 0.4, -0.62)
        percent_rows(axes, top)

    return Panel(
        name="response-rates",
        title="Response rate per arm",
        description=description,
        draw=draw,
        width=size[0],
        height=size[1],
    )


def _draw_rate(axes: Axes, place: int, row: RateRow) -> None:
    colour = row.arm.colour
    blank = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5}
    axes.text(
        0.003,
        place - 0.36,
        row.arm.label,
        color=colour,
        weight="bold",
        size=12,
        va="center",
        bbox=blank,
        zorder=4,
    )
    if np.isfinite(row.low) and np.isfinite(row.high):
        span = row.high - row.low
        axes.barh(place, span, left=row.low, height=0.26, color=tinted(colour, 0.28), zorder=2)
    if np.isfinite(row.one_low) and np.isfinite(row.one_high):
        below = place + 0.3
        axes.plot([row.one_low, row.one_high], [below, below], color=colour, linewidth=1.2, zorder=3)
        axes.plot(
            row.one, below, marker=row.arm.marker, color=PAPER, markeredgecolor=colour, markersize=5, zorder=4
        )
    if np.isfinite(row.mean):
        axes.plot(
            row.mean,
            place,
            marker=row.arm.marker,
            color=colour,
            markersize=8,
            markeredgecolor=PAPER,
            zorder=5,
        )


def power_panel(curve: Curve, name: str, description: str) -> Panel:
    """Return the exact power curve of one design, with each arm's modelled rate and simulated power on it."""
    size = (WIDE, 300.0)
    right = max([0.4, (curve.alternative or 0.0) * 1.3] + [1.15 * mark.rate for mark in curve.marks])
    right = min(1.0, right)

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=60, right=24, top=48, bottom=46)
        heading(figure, size, curve.label, INK, f"reject at {curve.critical} or more of {curve.size}")
        rate = np.linspace(0.0, right, CURVE_POINTS)
        axes.plot(rate, probability_at_least(curve.critical, curve.size, rate), color=INK, linewidth=2.0)
        for value in (curve.null, curve.alternative):
            if value is not None:
                _draw_promise(axes, curve, value)
        _list_marks(axes, curve.marks)
        for mark in curve.marks:
            _draw_mark(axes, mark)
        percent_axis(axes, 0.0, right)
        percent_axis(axes, 0.0, 1.04, upright=True)
        axes.grid(axis="y")
        axes.set_xlabel("true response rate")
        axes.set_ylabel("chance of rejecting")

    return Panel(
        name=name, title="Power curve", description=description, draw=draw, width=size[0], height=size[1]
    )


def _draw_promise(axes: Axes, curve: Curve, rate: float) -> None:
    power = float(probability_at_least(curve.critical, curve.size, rate))
    axes.plot([rate, rate], [0, power], color=MUTED, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.plot(rate, power, marker="o", color=PAPER, markeredgecolor=INK, markersize=6, zorder=4)
    low = power < 0.5
    axes.annotate(
        f"{percent(power)} at {percent(rate, 0)}",
        (rate, power),
        xytext=(7, 3 if low else -14),
        textcoords="offset points",
        color=INK,
        size=10.5,
    )


def _draw_mark(axes: Axes, mark: Mark) -> None:
    share = mark.rejection.value
    if not (np.isfinite(mark.rate) and np.isfinite(share)):
        return
    error = mark.rejection.error if np.isfinite(mark.rejection.error) else 0.0
    axes.errorbar(mark.rate, share, yerror_or(error), color=mark.arm.colour, linewidth=1.4, zorder=5)
    axes.plot(
        mark.rate,
        share,
        marker=mark.arm.marker,
        color=mark.arm.colour,
        markersize=8,
        markeredgecolor=PAPER,
        zorder=6,
    )


def _list_marks(axes: Axes, marks: Sequence[Mark]) -> None:
    """Write what the markers are, in the empty corner under the curve, the highest rate first."""
    ordered = sorted(marks, key=lambda mark: mark.rate if np.isfinite(mark.rate) else 0.0)
    blank = {"facecolor": PAPER, "edgecolor": "none", "pad": 2.0}
    for place, mark in enumerate(ordered):
        height = 0.1 + 0.17 * place
        text = f"{mark.arm.label}\n{percent(mark.rate)} respond: rejected in {percent(mark.rejection.value)}"
        axes.text(
            0.99, height, text, transform=axes.transAxes, color=mark.arm.colour, size=10.5, ha="right",
            va="center", bbox=blank, zorder=3,
        )  # fmt: skip


def yerror_or(error: float) -> float | None:
    """Return an error bar's half-length, or None where there is no error to draw."""
    return error if error > 0 else None


def distribution_panel(
    arm: ArmStyle,
    rates: Floats,
    references: Sequence[tuple[float, str]],
    critical: float | None,
    limit: tuple[float, float],
    description: str,
) -> Panel:
    """Return how the response rate of one arm is distributed over trials; rejecting counts are filled."""
    size = (PANEL_WIDTH, PANEL_HEIGHT)

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=44, top=64)
        values, shares, width = rate_shares(rates, arm.size)
        heading(figure, size, arm.label, arm.colour, f"median {percent(float(np.median(rates)))}")
        rejecting = np.zeros(values.shape, bool) if critical is None else values >= critical - 1e-9
        axes.bar(values[~rejecting], shares[~rejecting], width, color=tinted(arm.colour, 0.35))
        axes.bar(values[rejecting], shares[rejecting], width, color=arm.colour)
        for value, label in references:
            reference(axes, value, label)
        percent_axis(axes, -width, limit[0])
        percent_axis(axes, 0.0, limit[1], upright=True)
        axes.set_xlabel("response rate in a trial")
        axes.grid(axis="y")

    return Panel(
        name=f"distribution-{arm.name}",
        title=f"Response rates over trials: {arm.label}",
        description=description,
        draw=draw,
        width=size[0],
        height=size[1],
    )


def rate_shares(rates: Floats, size: int) -> tuple[Floats, Floats, float]:
    """Return the different rates (or bins of them), the share of trials at each, and the width of a bar."""
    values, counts = np.unique(np.round(rates, 9), return_counts=True)
    width = 1.0 / max(size, 1)
    if len(values) > MANY_RATES:
        counts, edges = np.histogram(rates, bins=MANY_RATES // 2)
        values, width = (edges[:-1] + edges[1:]) / 2, float(edges[1] - edges[0])
    return values, counts / max(len(rates), 1), 0.86 * width


def components_panel(
    rows: Sequence[tuple[str, Sequence[tuple[ArmStyle, Estimate]]]], description: str
) -> Panel:
    """Return the share of patients who meet each part of the response: one stem per arm under each part."""
    arms = max(len(line) for _, line in rows)
    step = 24.0 + 17.0 * arms + 10.0
    size = (WIDE, 40.0 + step * len(rows))
    shares = [estimate.value for _, line in rows for _, estimate in line if np.isfinite(estimate.value)]
    right = min(1.0, max([*shares, 0.1]) * 1.2)

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=14, right=44, top=4, bottom=32)
        axes.set_ylim(step * len(rows), 0)
        for place, (label, line) in enumerate(rows):
            axes.text(
                0.0, step * place + 14, label, color=INK, size=11.5, weight="bold", ha="left", va="center"
            )
            for turn, (arm, estimate) in enumerate(line):
                _draw_component(axes, step * place + 34 + 17 * turn, arm, estimate)
        percent_rows(axes, right)

    return Panel(
        name="components",
        title="Parts of the response",
        description=description,
        draw=draw,
        width=size[0],
        height=size[1],
    )


def _draw_component(axes: Axes, height: float, arm: ArmStyle, estimate: Estimate) -> None:
    share = estimate.value
    if not np.isfinite(share):
        return
    axes.plot(
        [0, share], [height, height], color=tinted(arm.colour, 0.4), linewidth=3.0, solid_capstyle="butt"
    )
    axes.plot(
        share, height, marker=arm.marker, color=arm.colour, markersize=8, markeredgecolor=PAPER, zorder=3
    )
    axes.annotate(
        percent(share), (share, height), xytext=(8, 0), textcoords="offset points", va="center",
        color=arm.colour, size=10.5,
    )  # fmt: skip
