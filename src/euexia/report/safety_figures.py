"""Figures of adverse events by grade, and of why candidates were refused."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from euexia.report.axes import heading, placed
from euexia.report.drawing import Panel
from euexia.report.formatting import percent
from euexia.report.rate_figures import WIDE, percent_rows
from euexia.report.style import INK, MUTED, ArmStyle, tinted
from euexia.study.operating import Estimate

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

MOST_REASONS = 10
REFUSAL_COLOUR = "#39687a"
LINE_LENGTH = 50


def events_panel(
    arm: ArmStyle, rows: Sequence[tuple[str, Estimate, Estimate]], right: float, description: str
) -> Panel:
    """Return the share of an arm's patients with each event: pale for any grade, full for grade 3 or more."""
    size = (300.0, 62 + 42.0 * len(rows))

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=12, right=42, top=32, bottom=30)
        heading(figure, size, arm.label, arm.colour)
        for place, (label, any_grade, severe) in enumerate(rows):
            axes.text(0, place - 0.36, label, color=INK, size=11, ha="left", va="center")
            axes.barh(place + 0.06, _drawn(any_grade), 0.36, color=tinted(arm.colour, 0.3))
            axes.barh(
                place + 0.06,
                _drawn(severe),
                0.36,
                color=arm.colour,
                hatch="////",
                edgecolor="#ffffff",
                linewidth=0,
            )
            text = percent(any_grade.value)
            axes.annotate(
                text, (_drawn(any_grade), place + 0.06), xytext=(4, 0), textcoords="offset points",
                va="center", size=10.5, color=MUTED,
            )  # fmt: skip
        axes.set_ylim(len(rows) - 0.45, -0.65)
        percent_rows(axes, right)

    return Panel(
        name=f"events-{arm.name}",
        title=f"Adverse events: {arm.label}",
        description=description,
        draw=draw,
        width=size[0],
        height=size[1],
    )


def refusals_panel(rows: Sequence[tuple[str, Estimate]], description: str) -> Panel:
    """Return the share of screened candidates who failed each criterion, largest first."""
    rows = rows[:MOST_REASONS]
    wrapped = [textwrap.wrap(label, LINE_LENGTH) or [""] for label, _ in rows]
    size = (WIDE, 44 + 40.0 * len(rows))
    right = min(1.0, max([_drawn(estimate) for _, estimate in rows] + [0.05]) * 1.15)

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=14, right=48, top=6, bottom=32)
        for place, (lines, (_, estimate)) in enumerate(zip(wrapped, rows, strict=True)):
            text = lines[0] + ("…" if len(lines) > 1 else "")
            axes.text(0, place - 0.34, text, color=INK, size=11, ha="left", va="center")
            axes.barh(place + 0.1, _drawn(estimate), 0.32, color=REFUSAL_COLOUR)
            axes.annotate(
                percent(estimate.value), (_drawn(estimate), place + 0.1), xytext=(4, 0),
                textcoords="offset points", va="center", size=10.5, color=MUTED,
            )  # fmt: skip
        axes.set_ylim(len(rows) - 0.5, -0.6)
        percent_rows(axes, right)

    return Panel(
        name="refusals",
        title="Why candidates were refused",
        description=description,
        draw=draw,
        width=size[0],
        height=size[1],
    )


def _drawn(estimate: Estimate) -> float:
    return estimate.value if np.isfinite(estimate.value) else 0.0
