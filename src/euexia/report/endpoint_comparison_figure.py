"""The figure of a comparison of endpoints: power, size and losses, one row for each endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from euexia.report.axes import reference
from euexia.report.drawing import Panel, Picture
from euexia.report.endpoint_comparison_words import FIRST_POWER, arms_in_words, fate, lost, needed
from euexia.report.formatting import count, percent, share_with_error
from euexia.report.style import INK, MUTED, PALETTE, PAPER, tinted
from euexia.study.endpoint_comparison import Comparison, Verdict
from euexia.study.endpoint_comparison_plan import OWN, Pair
from euexia.study.endpoint_comparison_size import CONFIDENCE, LARGEST

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

WIDTH, ROW, TOP, BOTTOM = 940.0, 34.0, 56.0, 44.0
NARROW, NARROW_ROW, NARROW_TOP = 360.0, 50.0, 34.0
LABEL = 40
"""Characters of a label on one line."""
COLUMNS = ((268.0, 210.0), (520.0, 180.0), (742.0, 130.0))
"""Left end and width, in points, of power, size and losses."""
LOST = (("lost_by_death", ""), ("lost_by_leaving", "////"), ("lost_by_missed_visit", ".."))
"""Losses that are drawn, with their hatching."""
SMALLEST = 20.0
MARKS = {True: "met", False: "missed", None: ""}


def picture(comparison: Comparison, pair: Pair) -> Picture:
    """Return the figure of one pair of arms."""
    verdicts = comparison.of(pair)
    name = f"endpoints-{pair.arm.replace('_', '-')}"
    title = f"One trial, every endpoint: {arms_in_words(comparison, pair)}"
    said = " ".join(_in_words(verdict) for verdict in verdicts)
    return Picture(
        name=name,
        title=title,
        caption=(
            "Power with its 95 % Monte-Carlo interval, the dashed line at 80 %; patients in the two arms for "
            "80 % power, with 95 % limits, on a scale of ratios, the dashed line at the size of this trial; "
            "share of the randomised who have no value: died (plain), left the trial (hatched), missed the "
            "visit (dotted); deaths that count as failures are not lost. Met and missed: the published trial."
        ),
        panels=(
            _wide(comparison, pair, verdicts, name, title, said),
            _narrow(verdicts, f"{name}-narrow", title, said),
        ),
    )


def label(verdict: Verdict) -> str:
    """Return an endpoint as the figure calls it."""
    return "The protocol's own primary" if verdict.judgement == OWN else verdict.label


def _in_words(verdict: Verdict) -> str:
    size = needed(verdict.needed.get(FIRST_POWER))
    return (
        f"{verdict.label}: power {share_with_error(verdict.power)}; patients for 80 %: {size}; lost: "
        f"{lost(verdict)}; published: {fate(verdict)}."
    )


def _wide(
    comparison: Comparison,
    pair: Pair,
    verdicts: Sequence[Verdict],
    name: str,
    title: str,
    said: str,
) -> Panel:
    height = TOP + ROW * len(verdicts) + BOTTOM
    size = comparison.plan.variant.size
    ratios = {arm.name: arm.ratio for arm in comparison.plan.variant.arms}
    here = float(round(size * (ratios[pair.arm] + ratios[pair.control]) / sum(ratios.values())))

    def draw(figure: FigureBase) -> None:
        power, patients, losses = (
            figure.add_axes((left / WIDTH, BOTTOM / height, width / WIDTH, ROW * len(verdicts) / height))
            for left, width in COLUMNS
        )
        for (left, _), text in zip(
            COLUMNS, ("Power", "Patients for 80 %", "Lost to the endpoint"), strict=True
        ):
            figure.text(left / WIDTH, 1 - 12 / height, text, color=INK, weight="bold", size=12, va="top")
        _labels(figure, verdicts, height)
        for place, verdict in enumerate(verdicts):
            _draw_power(power, place, verdict)
            _draw_size(patients, place, verdict)
            _draw_losses(losses, place, verdict)
        _finish_power(power, verdicts)
        _finish_sizes(patients, verdicts, here)
        _finish_losses(losses, verdicts)

    return Panel(
        name=name, title=title, description=said, draw=draw, width=WIDTH, height=height, shown="wide"
    )


def _labels(figure: FigureBase, verdicts: Sequence[Verdict], height: float) -> None:
    for place, verdict in enumerate(verdicts):
        middle = 1 - (TOP + ROW * (place + 0.5)) / height
        text = "\n".join(wrap(label(verdict), LABEL)[:2])
        figure.text(8 / WIDTH, middle, text, color=INK, size=10.5, va="center", linespacing=1.05)
        figure.text(
            (WIDTH - 8) / WIDTH,
            middle,
            MARKS[verdict.met],
            color=PALETTE[2] if verdict.met else PALETTE[1],
            size=10.5,
            weight="bold",
            ha="right",
            va="center",
        )


def _draw_power(axes: Axes, place: float, verdict: Verdict) -> None:
    power, error = verdict.power.value, CONFIDENCE * verdict.power.error
    axes.barh(place, power, height=0.5, color=tinted(PALETTE[0], 0.28), zorder=2)
    axes.plot(
        [max(0.0, power - error), min(1.0, power + error)],
        [place, place],
        color=PALETTE[0],
        linewidth=2,
        zorder=4,
    )
    axes.plot(power, place, marker="o", color=PALETTE[0], markersize=7, markeredgecolor=PAPER, zorder=5)
    inside = power > 0.75
    axes.annotate(
        percent(power, 0),
        (power, place),
        xytext=(-9 if inside else 9, 0),
        textcoords="offset points",
        color=INK,
        size=10,
        ha="right" if inside else "left",
        va="center",
        zorder=6,
    )


def _finish_power(axes: Axes, verdicts: Sequence[Verdict]) -> None:
    _rows(axes, verdicts)
    axes.set_xlim(0, 1.02)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0], ["0", "20", "40", "60", "80", "100 %"])
    reference(axes, FIRST_POWER)


def _draw_size(axes: Axes, place: int, verdict: Verdict) -> None:
    found = verdict.needed.get(FIRST_POWER)
    if found is None or found.patients is None:
        axes.text(
            0.02,
            place,
            "–" if found is None else "none found",
            transform=axes.get_yaxis_transform(),
            color=MUTED,
            size=10,
            va="center",
        )
        return
    low, high = max(found.low, SMALLEST), min(found.high, LARGEST)
    axes.plot([low, high], [place, place], color=PALETTE[3], linewidth=2, zorder=3)
    axes.plot(
        found.patients, place, marker="D", color=PALETTE[3], markersize=7, markeredgecolor=PAPER, zorder=4
    )
    axes.annotate(
        count(found.patients),
        (found.patients, place),
        xytext=(0, 7),
        textcoords="offset points",
        color=INK,
        size=9.5,
        ha="center",
        va="bottom",
        zorder=5,
    )


def _finish_sizes(axes: Axes, verdicts: Sequence[Verdict], here: float) -> None:
    _rows(axes, verdicts)
    axes.set_xscale("log")
    axes.set_xlim(SMALLEST, LARGEST)
    ticks = [30, 100, 300, 1000, 10000]
    axes.set_xticks(ticks, [count(tick) for tick in ticks])
    axes.minorticks_off()
    reference(axes, here, f"this trial: {count(here)}")


def _draw_losses(axes: Axes, place: int, verdict: Verdict) -> None:
    start = 0.0
    for step, (key, hatch) in enumerate(LOST):
        share = verdict.losses[key]
        axes.barh(
            place,
            share,
            left=start,
            height=0.5,
            facecolor=tinted(PALETTE[1], 0.75 - 0.25 * step),
            edgecolor=PAPER if not hatch else INK,
            hatch=hatch,
            linewidth=0.4,
            zorder=2,
        )
        start += share
    axes.annotate(
        percent(start, 0),
        (start, place),
        xytext=(5, 0),
        textcoords="offset points",
        color=INK,
        size=10,
        va="center",
    )


def _finish_losses(axes: Axes, verdicts: Sequence[Verdict]) -> None:
    _rows(axes, verdicts)
    most = max(0.1, max(verdict.lost for verdict in verdicts))
    top = float(np.ceil(13 * most)) / 10
    axes.set_xlim(0, top)
    ticks = np.arange(0, top + 1e-9, 0.1 if top <= 0.5 else 0.2)
    axes.set_xticks(ticks, [f"{round(100 * tick)}" + (" %" if tick == ticks[-1] else "") for tick in ticks])


def _rows(axes: Axes, verdicts: Sequence[Verdict]) -> None:
    axes.set_ylim(len(verdicts) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


def _narrow(verdicts: Sequence[Verdict], name: str, title: str, said: str) -> Panel:
    """Return the figure for small screens: power, with size and fate in words."""
    height = NARROW_TOP + NARROW_ROW * len(verdicts) + BOTTOM

    def draw(figure: FigureBase) -> None:
        axes = figure.add_axes(
            (12 / NARROW, BOTTOM / height, (NARROW - 24) / NARROW, NARROW_ROW * len(verdicts) / height)
        )
        figure.text(12 / NARROW, 1 - 10 / height, "Power", color=INK, weight="bold", size=12.5, va="top")
        for place, verdict in enumerate(verdicts):
            _draw_power(axes, place + 0.18, verdict)
            found = verdict.needed.get(FIRST_POWER)
            size = "" if found is None or found.patients is None else f" · 80 %: {count(found.patients)}"
            mark = f" · {MARKS[verdict.met]}" if verdict.met is not None else ""
            axes.text(
                0.0,
                place - 0.28,
                f"{wrap(label(verdict), LABEL - 4)[0]}{size}{mark}",
                color=INK,
                size=10.5,
                va="center",
            )
        _finish_power(axes, verdicts)

    return Panel(
        name=name, title=title, description=said, draw=draw, width=NARROW, height=height, shown="narrow"
    )
