"""Lines of an analysed trial: means over visits, times to events with the numbers at risk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.result import Curve, Result
from euexia.core.studytime import DAYS_PER_WEEK
from euexia.report.analysis_material import ONE, AnalysisMaterial
from euexia.report.analysis_numbers import decimals, factor, value_unit
from euexia.report.axes import heading, reference
from euexia.report.drawing import Panel, Picture
from euexia.report.formatting import number, percent, range_of, weeks
from euexia.report.style import MUTED, PAPER, ArmStyle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

Floats = NDArray[np.float64]

WIDTH = 400.0
HEIGHT = 300.0
RISK_ROW = 15.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 16.0, 58.0, 40.0
RISK_LEFT = 96.0
LONGEST = 17
"""Letters of an arm beside its numbers at risk."""
SHIFT = 0.05
"""Arms are drawn beside each other by this share of the first gap between visits."""
MOST_TICKS = 9


def mean_pictures(material: AnalysisMaterial) -> Iterator[Picture]:
    """Give the least-squares means over visits of every model that has them."""
    for result, found in material.curves("means"):
        difference = result.curves["difference"]
        size = (WIDTH, HEIGHT + RISK_ROW * len(found) + 12.0)
        panels = (
            _means_panel(material, result, found, size),
            _difference_panel(material, result, difference, size),
        )
        yield Picture(
            name=f"means-{result.analysis}",
            title=f"Least-squares means over visits: {material.endpoint_title(result.endpoint)}",
            caption=f"{result.method.upper()} ({result.analysis}): means with {100 * result.level:g} % "
            "intervals; right, their difference. Numbers under the axis: patients with a reading. Intervals "
            "are not adjusted for several visits.",
            panels=panels,
            columns=2,
        )


def event_pictures(material: AnalysisMaterial) -> Iterator[Picture]:
    """Give the curves of every time to event, once where several analyses share them."""
    shown: set[tuple[str, str, bytes]] = set()
    for kind in ("survival", "incidence"):
        for result, found in material.curves(kind):
            lines = b"".join(part.tobytes() for curve in found for part in (curve.x, curve.y))
            key = (kind, result.endpoint, lines)
            if key not in shown:
                shown.add(key)
                yield _event_picture(material, result, found, kind)


def _event_picture(material: AnalysisMaterial, result: Result, found: Sequence[Curve], kind: str) -> Picture:
    size = (560.0, HEIGHT + 30.0 + RISK_ROW * len(found))
    what = "Share without the event (Kaplan-Meier)" if kind == "survival" else "Share with the event"
    label = f"{material.endpoint_title(result.endpoint)}: {material.between(result)}"

    def draw(figure: FigureBase) -> None:
        axes = _axes(figure, size, len(found), left=RISK_LEFT)
        heading(figure, size, what)
        for curve in found:
            _draw_steps(axes, curve, material.styles[str(curve.arm)])
        top = max(float(np.nanmax(curve.high[ONE])) for curve in found)
        axes.set_ylim(0.0, 1.02 if kind == "survival" else min(1.02, max(0.1, 1.1 * top)))
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        _week_axis(axes, max(float(np.nanmax(curve.x[ONE])) for curve in found))
        _legend(figure, size, [material.styles[str(curve.arm)] for curve in found])
        _at_risk(figure, axes, size, found, material)

    said = "; ".join(f"{material.styles[str(c.arm)].label}: {_ends(c)}" for c in found)
    panel = Panel(
        name=f"{kind}-{result.analysis}",
        title=label,
        description=f"{what}. {said}.",
        draw=draw,
        width=size[0],
        height=size[1],
    )
    competing = "" if kind == "survival" else " Competing events end the time at risk (Aalen-Johansen)."
    return Picture(
        name=f"{kind}-{result.analysis}",
        title=label,
        caption=f"Bands: {100 * result.level:g} % intervals, point by point.{competing} Ticks on a line: "
        "patients censored at a time without event. Numbers under the axis: patients at risk.",
        panels=(panel,),
    )


def _axes(figure: FigureBase, size: tuple[float, float], rows: int, left: float = LEFT) -> Axes:
    width, height = size
    bottom = BOTTOM + RISK_ROW * rows + 14.0
    return figure.add_axes(
        (left / width, bottom / height, (width - left - RIGHT) / width, (height - TOP - bottom) / height)
    )


def _draw_steps(axes: Axes, curve: Curve, arm: ArmStyle) -> None:
    known = np.isfinite(curve.x[ONE]) & np.isfinite(curve.y[ONE])
    x, y = curve.x[ONE][known] / DAYS_PER_WEEK, curve.y[ONE][known]
    band = np.isfinite(curve.low[ONE][known]) & np.isfinite(curve.high[ONE][known])
    axes.fill_between(
        x[band],
        curve.low[ONE][known][band],
        curve.high[ONE][known][band],
        step="post",
        color=arm.colour,
        alpha=0.14,
        linewidth=0,
        zorder=1,
    )
    axes.step(x, y, where="post", color=arm.colour, linestyle=arm.line, linewidth=1.9, zorder=3)
    stays = np.diff(y, prepend=y[:1]) == 0
    stays[0] = False
    stays &= ~np.isin(x, x[np.diff(y, prepend=y[:1]) != 0])  # a tie with an event is part of its step
    axes.plot(x[stays], y[stays], marker="|", linestyle="", color=arm.colour, markersize=6, zorder=4)


def _week_axis(axes: Axes, last: float) -> None:
    longest = max(last / DAYS_PER_WEEK, 1.0)
    step = next(step for step in (1, 2, 4, 8, 13, 26, 52, 104, 520) if longest / step <= MOST_TICKS)
    axes.set_xlim(0.0, longest * 1.02)
    axes.set_xticks(np.arange(0.0, longest * 1.001, step))
    axes.set_xlabel("weeks since randomisation")
    axes.grid(axis="y")


def _legend(figure: FigureBase, size: tuple[float, float], arms: Sequence[ArmStyle]) -> None:
    canvas = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    canvas.set_axis_off()
    canvas.set_xlim(0.0, size[0])
    canvas.set_ylim(0.0, size[1])
    place, y = 8.0, size[1] - 33.0
    for arm in arms:
        canvas.plot([place, place + 24], [y, y], color=arm.colour, linestyle=arm.line, linewidth=1.9)
        canvas.plot(place + 12, y, color=arm.colour, marker=arm.marker, markersize=5)
        canvas.text(place + 29, y, arm.label, color=arm.colour, size=10, ha="left", va="center")
        place += 46 + 6.0 * len(arm.label)


def _at_risk(
    figure: FigureBase,
    axes: Axes,
    size: tuple[float, float],
    found: Sequence[Curve],
    material: AnalysisMaterial,
) -> None:
    """Write the patients at risk under the ticks of the axis."""
    ticks = axes.get_xticks()
    figure.text(
        8 / size[0], (RISK_ROW * len(found) + 8) / size[1], "At risk", color=MUTED, size=9.5, va="center"
    )
    for row, curve in enumerate(found):
        arm = material.styles[str(curve.arm)]
        y = RISK_ROW * (len(found) - row) - 8
        for tick in ticks:
            x = RISK_LEFT + (size[0] - RISK_LEFT - RIGHT) * tick / axes.get_xlim()[1]
            text = number(at_risk(curve, float(tick) * DAYS_PER_WEEK), 0)
            figure.text(x / size[0], y / size[1], text, color=arm.colour, size=9.5, ha="center", va="center")
        figure.text(
            8 / size[0],
            y / size[1],
            _shortened(arm.label),
            color=arm.colour,
            size=8.5,
            ha="left",
            va="center",
        )


def _shortened(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"


def at_risk(curve: Curve, day: float) -> float:
    """Return how many patients are at risk just before a day."""
    x, count = curve.x[ONE], curve.count[ONE]
    later = np.flatnonzero(np.isfinite(x) & (x >= day))
    later = later[later > 0] if day > 0 else later
    return float(count[later[0]]) if later.size else 0.0


def _ends(curve: Curve) -> str:
    known = np.flatnonzero(np.isfinite(curve.x[ONE]) & np.isfinite(curve.y[ONE]))
    last = int(known[-1])
    return f"{percent(float(curve.y[ONE, last]))} on day {number(float(curve.x[ONE, last]), 0)}"


def _means_panel(
    material: AnalysisMaterial, result: Result, found: Sequence[Curve], size: tuple[float, float]
) -> Panel:
    times, unit = factor(result.unit), value_unit(result)
    arms = [material.styles[str(curve.arm)] for curve in found]

    def draw(figure: FigureBase) -> None:
        axes = _axes(figure, size, len(found))
        heading(figure, size, f"Mean change [{unit}]")
        _legend(figure, size, arms)
        gap = _gap(found[0])
        for place, (curve, arm) in enumerate(zip(found, arms, strict=True)):
            _draw_means(axes, curve, arm, times, SHIFT * gap * (2 * place - len(found) + 1))
        _visit_axis(axes, found[0])
        _counts_under(figure, axes, size, found, arms)

    shown = decimals(result.unit, material.endpoints[result.endpoint])
    said = "; ".join(
        f"{arm.label}, week {weeks(day)}: {number(times * value, shown)}"
        for curve, arm in zip(found, arms, strict=True)
        for day, value in zip(curve.x[ONE], curve.y[ONE], strict=True)
    )
    return Panel(
        name=f"means-{result.analysis}",
        title=f"Means over visits: {material.title(result)}",
        description=f"Mean change in {unit}. {said}.",
        draw=draw,
        width=size[0],
        height=size[1],
    )


def _difference_panel(
    material: AnalysisMaterial, result: Result, curve: Curve, size: tuple[float, float]
) -> Panel:
    times, unit = factor(result.unit), value_unit(result)
    arm = material.styles[result.arm]

    def draw(figure: FigureBase) -> None:
        axes = _axes(figure, size, 2)
        heading(figure, size, f"Difference [{unit}]", second=material.between(result))
        _draw_means(axes, curve, arm, times, 0.0)
        _visit_axis(axes, curve)

    shown = decimals(result.unit, material.endpoints[result.endpoint])
    said = "; ".join(
        f"week {weeks(day)}: {number(times * value, shown)} ({range_of(times * low, times * high, shown)})"
        for day, value, low, high in zip(
            curve.x[ONE], curve.y[ONE], curve.low[ONE], curve.high[ONE], strict=True
        )
    )
    return Panel(
        name=f"difference-{result.analysis}",
        title=f"Difference over visits: {material.title(result)}",
        description=f"Difference in {unit}. {said}.",
        draw=draw,
        width=size[0],
        height=size[1],
    )


def _gap(curve: Curve) -> float:
    x = curve.x[ONE] / DAYS_PER_WEEK
    return float(np.diff(np.concatenate([[0.0], x])).min())


def _draw_means(axes: Axes, curve: Curve, arm: ArmStyle, times: float, shift: float) -> None:
    x = curve.x[ONE] / DAYS_PER_WEEK + shift
    y, low, high = (times * part[ONE] for part in (curve.y, curve.low, curve.high))
    axes.vlines(x, low, high, color=arm.colour, linewidth=1.4, zorder=2)
    axes.plot(
        x,
        y,
        color=arm.colour,
        linestyle=arm.line,
        marker=arm.marker,
        markersize=6,
        markeredgecolor=PAPER,
        linewidth=1.7,
        zorder=3,
    )


def _visit_axis(axes: Axes, curve: Curve) -> None:
    x = curve.x[ONE] / DAYS_PER_WEEK
    reference(axes, 0.0, upright=False)
    axes.set_xlim(0.0, float(x.max()) + max(0.5, 0.06 * float(x.max())))
    kept = [place for place in range(x.size) if (x.size - 1 - place) % (1 + x.size // MOST_TICKS) == 0]
    axes.set_xticks([float(x[place]) for place in kept], [weeks(curve.x[ONE, place]) for place in kept])
    axes.set_xlabel("week")
    axes.grid(axis="y")


def _counts_under(
    figure: FigureBase,
    axes: Axes,
    size: tuple[float, float],
    found: Sequence[Curve],
    arms: Sequence[ArmStyle],
) -> None:
    right = axes.get_xlim()[1]
    for row, (curve, arm) in enumerate(zip(found, arms, strict=True)):
        y = (RISK_ROW * (len(found) - row) - 8) / size[1]
        figure.text(8 / size[0], y, "n", color=arm.colour, size=9.5, va="center")
        for tick in axes.get_xticks():
            place = int(np.argmin(np.abs(curve.x[ONE] / DAYS_PER_WEEK - tick)))
            x = (LEFT + (size[0] - LEFT - RIGHT) * tick / right) / size[0]
            text = number(float(curve.count[ONE, place]), 0)
            figure.text(x, y, text, color=arm.colour, size=9.5, ha="center", va="center")
