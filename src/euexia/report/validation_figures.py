"""Figures of a validation: one forest of every published figure, and survival and completion by week."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from euexia.evidence.row import Use
from euexia.evidence.twin import Of, load_twin
from euexia.report import validation_words as words
from euexia.report.axes import heading, placed
from euexia.report.drawing import Panel, Picture
from euexia.report.style import CONTROL, FAINT, INK, MUTED, PALETTE, PAPER
from euexia.study.validation import CALIBRATED, UNCALIBRATED, Curve, Validation, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

WIDTH, ROW, TOP, BOTTOM, HEAD = 980.0, 21.0, 40.0, 44.0, 30.0
LEFT, AXIS = 400.0, 330.0
"""Left end and width of the axes, in points."""
ACROSS = 4
"""More columns than the page narrows: one drawing takes its whole width."""
REACH = 1.96
FURTHEST = 6.0
"""Errors beyond are drawn at the edge, with an arrow."""
CURVE_WIDTH, CURVE_HEIGHT = 300.0, 230.0
COURSES = {Of.DEAD: ("alive", PALETTE[1]), Of.IN_TRIAL: ("in the trial", PALETTE[0])}


def forest(validation: Validation) -> Picture:
    """Return the forest: predictions about the published value of each figure, in common steps."""
    groups = [
        (use, [entry for entry in validation.verdicts if entry.target.use is use])
        for use in (Use.HOLDOUT, Use.CALIBRATION, Use.CONTEXT)
    ]
    groups = [(use, entries) for use, entries in groups if entries]
    rows = sum(len(entries) for _, entries in groups)
    height = TOP + ROW * rows + HEAD * len(groups) + BOTTOM
    said = " ".join(_said(entry) for _, entries in groups for entry in entries)

    def draw(figure: FigureBase) -> None:
        body = height - TOP - BOTTOM
        axes = figure.add_axes((LEFT / WIDTH, BOTTOM / height, AXIS / WIDTH, body / height))
        axes.set(xlim=(-FURTHEST - 0.4, FURTHEST + 0.4), ylim=(body, 0))
        axes.set_yticks([])
        axes.set_xticks(range(-6, 7, 2))
        axes.spines["left"].set_visible(False)
        axes.axvline(0, color=INK, linewidth=1.2)
        axes.set_xlabel("prediction less published value, in SDs of sampling and discrepancy")
        for across, text in ((LEFT + AXIS + 12, "published (SE)"), (LEFT + AXIS + 118, "predicted, 95 %")):
            figure.text(across / WIDTH, 1 - 22 / height, text, color=MUTED, size=10, weight="bold")
        down = 0.0
        for use, entries in groups:
            title = f"{words.USES[use][0].upper()}{words.USES[use][1:]} ({len(entries)})"
            place = 1 - (TOP + down + HEAD / 2) / height
            figure.text(8 / WIDTH, place, title, color=INK, size=12.5, weight="bold", va="center")
            down += HEAD
            for entry in entries:
                _row(figure, axes, entry, down + ROW / 2, height)
                down += ROW

    return Picture(
        name="validation-forest",
        title="Every published figure beside its prediction",
        caption=(
            "Each row is one published figure, drawn at zero; grey is its 95 % interval of sampling. Filled: "
            "the calibrated model with its 80 % (thick) and 95 % (thin) interval for one more trial of that "
            "size, parameters, chance and discrepancy together. Hollow: the uncalibrated model. One step is "
            "one SD of the published sampling error and the assumed discrepancy together."
        ),
        panels=(
            Panel(
                name="validation-forest",
                title="Every published figure beside its prediction",
                description=said,
                draw=draw,
                width=WIDTH,
                height=height,
            ),
        ),
        columns=ACROSS,
    )


def _said(entry: Verdict) -> str:
    found = entry.predictions[CALIBRATED]
    return (
        f"{entry.target.name}: published {words.value(entry.target.value, entry.target)}, "
        f"predicted {words.value(found.mean, entry.target)} "
        f"({words.interval(*found.wide, entry.target)})."
    )


def _row(figure: FigureBase, axes: Axes, entry: Verdict, down: float, height: float) -> None:
    target = entry.target
    step = float(np.hypot(target.se or 0.0, target.discrepancy))
    found = entry.predictions[CALIBRATED]

    def placed_at(value: float) -> float:
        return float(np.clip((value - target.value) / step, -FURTHEST, FURTHEST))

    if target.se:
        reach = REACH * target.se / step
        axes.fill_betweenx([down - 7, down + 7], -reach, reach, color=FAINT, alpha=0.55, linewidth=0)
    colour = PALETTE[0] if entry.inside(CALIBRATED, "wide") else PALETTE[1]
    axes.plot([placed_at(end) for end in found.wide], [down, down], color=colour, linewidth=1.3)
    axes.plot([placed_at(end) for end in found.narrow], [down, down], color=colour, linewidth=3.6, alpha=0.8)
    axes.plot(placed_at(found.mean), down, "o", color=colour, markersize=5.5, zorder=4)
    other = placed_at(entry.predictions[UNCALIBRATED].mean)
    axes.plot(other, down, "D", color=CONTROL, markerfacecolor=PAPER, markersize=4.6, zorder=3)
    place = 1 - (TOP + down) / height
    name = f"{target.twin}: {words.label(target)}"
    figure.text(8 / WIDTH, place, _fitted(name), color=INK, size=8.6, va="center")
    text = words.printed(target)
    figure.text((LEFT + AXIS + 12) / WIDTH, place, text, color=INK, size=8.8, va="center")
    text = f"{words.value(found.mean, target)} ({words.interval(*found.wide, target)})"
    figure.text((LEFT + AXIS + 118) / WIDTH, place, text, color=colour, size=8.8, va="center")


def _fitted(text: str, most: int = 82) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def courses(validation: Validation) -> Picture | None:
    """Return survival and completion of every twin that has a published share beside it; None without."""
    twins = [
        twin
        for twin in dict.fromkeys(curve.twin for curve in validation.curves)
        if any(_points(validation, twin, of) for of in (*COURSES, Of.READ))
    ]
    if not twins:
        return None
    panels = tuple(_panel(validation, twin) for twin in twins)
    return Picture(
        name="validation-courses",
        title="Survival and completion",
        caption=(
            "Share alive and share still in the trial by week, all arms together: mean of the calibrated "
            "twin with the band of 95 % of trials. Points: published shares with their 95 % interval, "
            "deaths as 100 % less the dead, diamonds those with a reading; a later share hangs on the mean."
        ),
        panels=panels,
        columns=3,
    )


def _points(validation: Validation, twin: str, of: Of) -> list[Verdict]:
    return [
        entry
        for entry in validation.verdicts
        if entry.target.twin == twin and entry.target.figure.of is of and _of_one_week(entry)
    ]


def _of_one_week(entry: Verdict) -> bool:
    """Return whether a share belongs to one week; whoever has any reading of several does not."""
    return len(entry.target.figure.weeks) == 1


def _panel(validation: Validation, twin: str) -> Panel:
    curves = [curve for curve in validation.curves if curve.twin == twin]
    size = (CURVE_WIDTH, CURVE_HEIGHT)
    shown = [entry for of in (*COURSES, Of.READ) for entry in _points(validation, twin, of)]

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size)
        heading(figure, size, twin, second=load_twin(twin).study)
        for curve in curves:
            _curve(axes, curve)
        for entry in shown:
            _point(axes, entry, curves)
        axes.set(ylim=(0, 104), xlim=(0, 24.5), xlabel="week", ylabel="%")
        axes.set_xticks(range(0, 25, 6))

    said = " ".join(_said(entry) for entry in shown)
    return Panel(
        name=f"course-{twin.replace('_', '-')}",
        title=f"Survival and completion: {twin}",
        description=said,
        draw=draw,
        width=CURVE_WIDTH,
        height=CURVE_HEIGHT,
    )


def _curve(axes: Axes, curve: Curve) -> None:
    name, colour = COURSES[curve.what]
    axes.fill_between(curve.weeks, 100 * curve.low, 100 * curve.high, color=colour, alpha=0.16, linewidth=0)
    axes.plot(curve.weeks, 100 * curve.mean, color=colour, linewidth=1.8)
    axes.text(curve.weeks[0] + 0.4, _height_of(curve.what), name, color=colour, size=10)


def _height_of(what: Of) -> float:
    return 12.0 if what is Of.DEAD else 4.0


def _point(axes: Axes, entry: Verdict, curves: Sequence[Curve]) -> None:
    target = entry.target
    dead = target.figure.of is Of.DEAD
    share = 1 - target.value if dead else target.value
    before = 1.0
    if target.figure.after is not None:
        curve = next(c for c in curves if c.what is Of.IN_TRIAL)
        before = float(np.interp(target.figure.after, curve.weeks, curve.mean))
        if dead:
            return  # the dead of those who were still in the trial belong to no curve of all
    week, reach = max(target.figure.weeks), REACH * (target.se or 0.0)
    axes.errorbar(
        week,
        100 * share * before,
        yerr=100 * reach * before,
        color=INK,
        marker={Of.IN_TRIAL: "o", Of.READ: "D"}.get(target.figure.of, "s"),
        markerfacecolor=PAPER if target.figure.of is Of.READ else INK,
        markersize=4.5,
        linewidth=1.1,
        capsize=2,
        zorder=5,
    )
