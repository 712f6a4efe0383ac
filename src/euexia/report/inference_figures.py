"""Figures of what is believed of one person: readings and forecasts, and what each treatment may give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from euexia.core.studytime import DAYS_PER_WEEK
from euexia.criteria.measures import MEASURES
from euexia.report.axes import PANEL_HEIGHT, PANEL_WIDTH, heading, placed
from euexia.report.drawing import Panel, Picture
from euexia.report.formatting import number, signed
from euexia.report.style import CONTROL, INK, PALETTE, PAPER
from euexia.study.forecast import OUTCOMES, Course, Forecast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

SIZE = (PANEL_WIDTH, PANEL_HEIGHT)
SHOWN = ("body_weight", "handgrip_strength", "skeletal_muscle_area", "crp", "gdf15", "faact_acs")
DECIMALS = {
    "body_weight": 1,
    "handgrip_strength": 1,
    "skeletal_muscle_area": 0,
    "crp": 0,
    "gdf15": 1,
    "faact_acs": 0,
}
LOGARITHMIC = ("crp", "gdf15")
ROW, WIDTH, LEFT = 34.0, 500.0, 210.0


def forecast_picture(found: Forecast) -> Picture:
    """Return readings and the forecast without treatment, a panel for each measure."""
    return Picture(
        name="forecast",
        title="What was read, and what may come",
        caption=(
            "Points: readings. Band and line: what the model believes of the truth from the last reading on, "
            "without treatment (middle 50 and 90 % of the draws, and their median), were the person to live. "
            "Dotted: where 90 % of new readings, with their error, would fall."
        ),
        panels=tuple(_panel(found, measure) for measure in SHOWN),
        columns=3,
    )


def _panel(found: Forecast, measure: str) -> Panel:
    course, label, unit = found.courses[0], MEASURES[measure].short, MEASURES[measure].unit
    readings = [reading for reading in found.inference.record.readings if reading.measure == measure]
    decimals = DECIMALS[measure]

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, SIZE, left=48.0, top=46)
        heading(figure, SIZE, label[:1].upper() + label[1:], second=unit)
        _fan(axes, found, course, measure)
        axes.plot(
            [reading.day / DAYS_PER_WEEK for reading in readings],
            [reading.value for reading in readings],
            linestyle="none",
            marker="o",
            color=INK,
            markersize=5,
            markeredgecolor=PAPER,
        )
        axes.axvline(found.inference.day / DAYS_PER_WEEK, color=CONTROL, linewidth=0.8)
        axes.set_xlabel("week from the first visit")
        axes.grid(axis="y")

    low, middle, high = course.interval(measure)[:, -1]
    return Panel(
        name=f"forecast-{measure.replace('_', '-')}",
        title=f"{label}: readings and forecast",
        description=(
            f"{label}: {len(readings)} readings; {found.weeks:g} weeks ahead {number(middle, decimals)} "
            f"({number(low, decimals)} to {number(high, decimals)}) {unit}."
        ),
        draw=draw,
        width=SIZE[0],
        height=SIZE[1],
    )


def _fan(axes: Axes, found: Forecast, course: Course, measure: str) -> None:
    weeks = (found.inference.day + course.days) / DAYS_PER_WEEK
    for share, opacity in (("0.9", 0.18), ("0.5", 0.3)):
        low, _, high = course.interval(measure, share)
        axes.fill_between(weeks, low, high, color=PALETTE[0], alpha=opacity, linewidth=0)
    read = course.interval(measure, "0.9", reading=True)
    for edge in (read[0], read[2]):
        axes.plot(weeks[1:], edge[1:], color=PALETTE[0], linewidth=0.9, linestyle=(0, (1, 1.5)))
    axes.plot(weeks, course.interval(measure)[1], color=PALETTE[0], linewidth=2.0)
    if measure in LOGARITHMIC:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_minor_formatter(lambda value, _: "")


def benefit_picture(found: Forecast) -> Picture:
    """Return what each treatment may give beyond none: a bar for each, one panel per outcome."""
    return Picture(
        name="benefit",
        title="What each treatment may give",
        caption=(
            f"Difference from no treatment {found.weeks:g} weeks ahead: median and middle 90 % of the draws. "
            "The model's numbers of a treatment are taken as they are stated; only the person is uncertain."
        ),
        panels=tuple(_benefits(found, outcome) for outcome in OUTCOMES),
        columns=2,
    )


def _benefits(found: Forecast, outcome: str) -> Panel:
    label, unit = MEASURES[outcome].short, MEASURES[outcome].unit
    treated = found.courses[1:]
    gains = [found.benefit(course, outcome) for course in treated]
    size = (WIDTH, 96 + ROW * len(treated))

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=LEFT, right=30, top=46, bottom=40)
        heading(figure, size, label[:1].upper() + label[1:], second=unit)
        places = np.arange(len(treated))
        middle = np.array([gain.median for gain in gains])
        below = middle - np.array([gain.low for gain in gains])
        above = np.array([gain.high for gain in gains]) - middle
        axes.axvline(0, color=CONTROL, linewidth=0.8)
        axes.errorbar(
            middle, places, xerr=(below, above), fmt="o", color=PALETTE[1], capsize=0, linewidth=2.2
        )
        axes.set_yticks(places, [course.regimen.label.replace(" every", "\nevery") for course in treated])
        axes.set_ylim(len(treated) - 0.4, -0.6)
        axes.set_xlabel(f"difference [{unit}]")

    words = "; ".join(
        f"{course.regimen.label} {signed(gain.median)} ({signed(gain.low)} to {signed(gain.high)})"
        for course, gain in zip(treated, gains, strict=True)
    )
    return Panel(
        name=f"benefit-{outcome.replace('_', '-')}",
        title=f"{label}: difference from no treatment",
        description=f"{label} [{unit}]: {words}.",
        draw=draw,
        width=size[0],
        height=size[1],
    )
