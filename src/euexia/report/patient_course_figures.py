"""Figures of one virtual patient: every observable over time, one line per treatment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from euexia.core.studytime import DAYS_PER_WEEK
from euexia.report.axes import PANEL_HEIGHT, PANEL_WIDTH, heading, placed
from euexia.report.drawing import Panel, Picture
from euexia.report.formatting import joined, number
from euexia.report.patient_words import Followed, followed
from euexia.report.style import CONTROL, CONTROL_LINE, LINES, MARKERS, PALETTE, PAPER
from euexia.study.single_patient import PatientCourse

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

Floats = NDArray[np.float64]

LEGEND_ROW = 17.0
SIZE = (PANEL_WIDTH, PANEL_HEIGHT)
MOST_MARKERS = 8


def course_picture(course: PatientCourse) -> Picture:
    """Return the figure of all observables, with the weeks before day 0."""
    panels = (_legend(course), *(_panel(course, entry) for entry in followed(course)))
    return Picture(
        name="course",
        title="The same person under each treatment",
        caption=(
            "True values of the model, without measurement error. Left of week 0: how the patient came to be "
            "as today; that part is the same for every treatment. GDF-15 is the part that no antibody binds."
        ),
        panels=panels,
        columns=3,
    )


def look(course: PatientCourse, index: int) -> tuple[str, str, Any]:
    """Return colour, marker and line of a regimen; the reference is grey."""
    if index == course.reference:
        return CONTROL, "^", CONTROL_LINE
    place = index - (1 if course.reference is not None and index > course.reference else 0)
    return PALETTE[place % len(PALETTE)], MARKERS[place % len(MARKERS)], LINES[place % len(LINES)]


def _legend(course: PatientCourse) -> Panel:
    labels = [entry.label for entry in course.regimens]

    def draw(figure: FigureBase) -> None:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, SIZE[0])
        axes.set_ylim(SIZE[1], 0)
        heading(figure, SIZE, "Treatment")
        for index, label in enumerate(labels):
            colour, marker, line = look(course, index)
            height = 46 + 2 * LEGEND_ROW * index if len(labels) < 5 else 40 + LEGEND_ROW * index
            axes.plot([10, 40], [height, height], color=colour, linestyle=line, linewidth=2.2)
            axes.plot([25], [height], color=colour, marker=marker, markersize=6, markeredgecolor=PAPER)
            words = label if len(label) <= 36 else label.replace(" + ", "\n+ ")
            axes.text(48, height, words, va="center", size=10.5)

    return Panel(
        name="legend",
        title="Treatments",
        description=f"The treatments are {joined(tuple(labels))}.",
        draw=draw,
        width=SIZE[0],
        height=SIZE[1],
    )


def _panel(course: PatientCourse, entry: Followed) -> Panel:
    weeks = course.days / DAYS_PER_WEEK
    values = course.values[entry.name] * entry.factor

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, SIZE, left=48.0, top=46)
        heading(figure, SIZE, entry.label, second=entry.unit)
        if entry.name in course.before:
            before = course.days_before / DAYS_PER_WEEK
            past = np.append(course.before[entry.name], values[0, 0] / entry.factor) * entry.factor
            axes.plot(np.append(before, 0.0), past, color=CONTROL, linewidth=1.2, linestyle=(0, (1, 1.5)))
        axes.axvline(0, color=CONTROL, linewidth=0.8)
        for index in range(len(course.regimens)):
            _draw(axes, course, index, weeks, values[index])
        axes.set_xlabel("week")
        axes.grid(axis="y")

    return Panel(
        name=f"course-{entry.name.replace('_', '-')}",
        title=f"{entry.label} over time",
        description=_in_words(course, entry),
        draw=draw,
        width=SIZE[0],
        height=SIZE[1],
    )


def _draw(axes: Axes, course: PatientCourse, index: int, weeks: Floats, values: Floats) -> None:
    colour, marker, line = look(course, index)
    axes.plot(
        weeks,
        values,
        color=colour,
        linestyle=line,
        linewidth=2.0,
        marker=marker,
        markersize=4.5,
        markeredgecolor=PAPER,
        markevery=max(1, len(weeks) // MOST_MARKERS),
    )


def _in_words(course: PatientCourse, entry: Followed) -> str:
    values = course.values[entry.name] * entry.factor
    first = number(float(values[0, 0]), entry.decimals)
    ends = [
        f"{regimen.label} {number(float(last), entry.decimals)}"
        for regimen, last in zip(course.regimens, values[:, -1], strict=True)
    ]
    week = f"{course.days[-1] / DAYS_PER_WEEK:g}"
    return f"{entry.label}: {first} {entry.unit} today; in week {week}: {'; '.join(ends)}."
