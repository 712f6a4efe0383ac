"""Figures of real patients: shares per definition, how definitions overlap, courses of weight and muscle."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from euexia.assess.assessment import LEADING
from euexia.assess.record import Series
from euexia.assess.trend import DEGREES, Trend
from euexia.core.studytime import DAYS_PER_MONTH, DAYS_PER_WEEK
from euexia.criteria.catalogue import DEFINITIONS
from euexia.report.assessment_material import AssessmentMaterial, Counts
from euexia.report.assessment_words import label
from euexia.report.axes import placed
from euexia.report.drawing import Panel, Picture
from euexia.report.formatting import percent, plural
from euexia.report.style import FAINT, INK, MUTED, PALETTE, tinted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

WIDE = 470.0
YES, OPEN, NO = PALETTE[1], tinted(PALETTE[4], 0.25), tinted(PALETTE[0], 0.25)
KEY = ((0.0, "■ yes", YES), (0.1, "■ unknown", PALETTE[4]), (0.27, "■ no", PALETTE[0]))
DRAWN = (*LEADING, "low weight", "nutritional risk", "sarcopenia risk", "appetite", "response")
"""Concepts whose yes and no are drawn; the table has all."""
MOST_COMBINATIONS = 12
MOST_LINES = 250


def prevalence(material: AssessmentMaterial) -> Picture | None:
    """Return the share of patients with each answer, one bar for each yes/no definition."""
    rows = [
        (label(name), counts)
        for name, counts in material.yes_no.items()
        if DEFINITIONS[name].concept in DRAWN and counts.total
    ]
    if not rows:
        return None
    size = (WIDE, 58 + 40.0 * len(rows))

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=14, right=20, top=26, bottom=32)
        for place, (text, counts) in enumerate(rows):
            axes.text(0, place - 0.34, text, color=INK, size=11, ha="left", va="center")
            _stacked(axes, place + 0.12, counts)
        for share, text, colour in KEY:
            axes.text(share, 1.0, text, transform=axes.transAxes, color=colour, size=10.5, va="bottom")
        axes.set_ylim(len(rows) - 0.5, -0.62)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)

    said = "; ".join(f"{text}: yes {c.yes}, unknown {c.unknown}, no {c.no}" for text, c in rows)
    panel = Panel(
        name="prevalence",
        title="Answers by definition",
        description=said,
        draw=draw,
        width=size[0],
        height=size[1],
    )
    caption = (
        f"Each of {plural(material.patients, 'patient')} on the last date with a reading. Unknown means that "
        "a reading is missing which could still change the answer; it is not no."
    )
    return Picture(name="prevalence", title="Answers", caption=caption, panels=(panel,))


def _stacked(axes: Axes, place: float, counts: Counts) -> None:
    left = 0.0
    for number, colour, hatch in ((counts.yes, YES, ""), (counts.unknown, OPEN, "////"), (counts.no, NO, "")):
        share = number / counts.total
        axes.barh(place, share, 0.42, left=left, color=colour, hatch=hatch, edgecolor="white", lw=0.5)
        if share >= 0.07:
            ink = "#ffffff" if colour == YES else INK
            axes.text(
                left + share / 2, place, percent(share, 0), color=ink, size=10.5, ha="center", va="center"
            )
        left += share


def overlap(material: AssessmentMaterial) -> Picture | None:
    """Return how many patients meet each combination of the main definitions."""
    names = material.main
    if len(names) < 2:
        return None
    truths = np.stack([material.outcomes[name].truth == 1 for name in names])
    counted = Counter(map(tuple, truths.T.astype(int).tolist()))
    rows = [(combination, count) for combination, count in counted.most_common() if any(combination)]
    shown = rows[:MOST_COMBINATIONS]
    size = (WIDE, 170 + 24.0 * len(names))

    def draw(figure: FigureBase) -> None:
        left, bottom = 218.0, 24.0 * len(names) + 8
        bars = placed(figure, size, left=left, right=14, top=14, bottom=bottom + 8)
        dots = placed(figure, size, left=left, right=14, top=size[1] - bottom, bottom=4)
        _draw_bars(bars, [count for _, count in shown])
        for place, (combination, _) in enumerate(shown):
            inside = [row for row, met in enumerate(combination) if met]
            dots.plot([place] * len(names), range(len(names)), "o", color=FAINT, markersize=6)
            dots.plot([place] * len(inside), inside, "o-", color=PALETTE[0], markersize=8, linewidth=2)
        for row, name in enumerate(names):
            dots.text(-0.7, row, label(name), color=INK, size=10.5, ha="right", va="center", clip_on=False)
        dots.set_ylim(len(names) - 0.5, -0.5)
        for axes in (bars, dots):
            axes.set_xlim(-0.6, max(len(shown), 4) - 0.4)
        dots.axis("off")

    said = "; ".join(
        f"{' and '.join(label(name) for name, met in zip(names, combination, strict=True) if met)}: {count}"
        for combination, count in shown
    )
    left_out = sum(count for _, count in rows[MOST_COMBINATIONS:])
    more = f" {plural(left_out, 'patient')} with rarer combinations are not drawn." if left_out else ""
    panel = Panel(
        name="overlap",
        title="Overlap of definitions",
        description=said,
        draw=draw,
        width=size[0],
        height=size[1],
    )
    caption = (
        f"Patients who meet exactly the definitions marked below the bar, of the first {len(names)} of "
        "cachexia, malnutrition, sarcopenia and low muscle that somebody meets. A definition unknown in a "
        f"patient counts as not met here.{more}"
    )
    return Picture(name="overlap", title="Overlap", caption=caption, panels=(panel,))


def _draw_bars(axes: Axes, counts: list[int]) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.bar(range(len(counts)), counts, 0.6, color=PALETTE[0])
    for place, count in enumerate(counts):
        axes.text(place, count, f"{count}", color=MUTED, size=10.5, ha="center", va="bottom")
    axes.set_xticks([])
    axes.set_ylabel("Patients")
    axes.set_ylim(0, max(counts) * 1.15)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))


def courses(material: AssessmentMaterial) -> Picture | None:
    """Return every patient's weight and muscle area, in per cent of the first reading."""
    record = material.checked.record
    panels = [
        _course_panel(record.of(measure), title, colour)
        for measure, title, colour in (
            ("body_weight", "Body weight", PALETTE[0]),
            ("skeletal_muscle_area", "Muscle area (CT, L3)", PALETTE[2]),
        )
    ]
    drawn = tuple(panel for panel in panels if panel is not None)
    if not drawn:
        return None
    caption = (
        "Each thin line is a patient; the thick line is the median of months with at least three patients. "
        f"At most {MOST_LINES} patients are drawn; all count in the median. Withheld readings are left out."
    )
    return Picture(name="courses", title="Courses", caption=caption, panels=drawn, columns=len(drawn))


def _course_panel(series: Series, title: str, colour: str) -> Panel | None:
    starts = (
        np.flatnonzero(np.diff(series.patient, prepend=-1)) if len(series) else np.empty(0, dtype=np.int64)
    )
    sizes = np.diff(np.append(starts, len(series)))
    if not (sizes > 1).any():
        return None
    first = np.repeat(starts, sizes)
    months = (series.day - series.day[first]) / DAYS_PER_MONTH
    share = 100 * series.value / series.value[first]
    size = (360.0, 270.0)
    middle = _medians(months, share)

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=46, right=14, top=34, bottom=44)
        axes.set_title(title, loc="left", size=12, weight="bold", color=INK)
        for start, count in list(zip(starts, sizes, strict=True))[:MOST_LINES]:
            part = slice(start, start + count)
            axes.plot(months[part], share[part], color=tinted(colour, 0.45), linewidth=0.7)
        axes.plot(*zip(*middle, strict=True), color=colour, linewidth=2.6) if middle else None
        axes.axhline(100, color=MUTED, linewidth=0.8)
        axes.set_xlabel("Months from the first reading")
        axes.set_ylabel("Per cent of the first")
        axes.grid(axis="y")

    end = f"; the median of the last month is {middle[-1][1]:.1f} %" if middle else ""
    said = f"{title} of {int((sizes > 1).sum())} patients with at least two readings{end}."
    name = title.split()[0].lower()
    return Panel(
        name=f"course-{name}", title=title, description=said, draw=draw, width=size[0], height=size[1]
    )


def _medians(months: np.ndarray, share: np.ndarray) -> list[tuple[float, float]]:
    whole = np.rint(months).astype(int)
    return [
        (float(month), float(np.median(share[whole == month])))
        for month in np.unique(whole)
        if (whole == month).sum() >= 3
    ]


def weight_panel(weights: Series, trend: Trend, name: str) -> Panel | None:
    """Return one patient's weights, with the trend and the next degrees of loss."""
    if len(weights) < 2:
        return None
    size = (420.0, 215.0)
    days = weights.day - weights.day[-1]

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=46, right=74, top=12, bottom=42)
        axes.plot(days / DAYS_PER_WEEK, weights.value, "o-", color=PALETTE[0], markersize=5, linewidth=1.4)
        low, high = float(weights.value.min()), float(weights.value.max())
        if trend.slope is not None:
            back = np.array([-trend.slope.days, 28.0])
            line = trend.slope.level + trend.slope.per_day * back
            axes.plot(back / DAYS_PER_WEEK, line, "--", color=PALETTE[1], linewidth=1.6)
            low, high = min(low, float(line.min())), max(high, float(line.max()))
        for degree in DEGREES if np.isfinite(trend.reference_weight) else ():
            limit = trend.reference_weight * (1 - degree)
            if low - 3 <= limit <= high + 1:
                axes.axhline(limit, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
                text = f"−{100 * degree:.0f} %: {limit:.1f}"
                axes.annotate(
                    text, (1.0, limit), xycoords=("axes fraction", "data"), xytext=(4, 0),
                    textcoords="offset points", color=MUTED, size=10, va="center",
                )  # fmt: skip
                low = min(low, limit)
        axes.set_ylim(low - 0.06 * (high - low + 1), high + 0.1 * (high - low + 1))
        axes.set_xlabel("Weeks before and after the last weight")
        axes.set_ylabel("Body weight [kg]")
        axes.grid(axis="y")

    said = ", ".join(f"{value:.1f}" for value in weights.value[-12:])
    return Panel(
        name=name,
        title="Body weight",
        description=f"Last weights in kg: {said}.",
        draw=draw,
        width=size[0],
        height=size[1],
    )
