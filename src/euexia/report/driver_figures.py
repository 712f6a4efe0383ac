"""Figures of what drives one patient's loss, and of what each treatment could give back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from euexia.report.axes import heading, placed
from euexia.report.drawing import Panel, Picture
from euexia.report.formatting import number
from euexia.report.patient_words import signed
from euexia.report.style import CONTROL, INK, MUTED, PALETTE
from euexia.study.drivers import Channel, Drivers, Period, active
from euexia.study.recovery import Recoveries

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

OUTCOME_WORDS = {
    "body_weight": ("Body weight", "kg", 2),
    "skeletal_muscle_area": ("Muscle area at L3", "cm²", 1),
    "handgrip_strength": ("Handgrip strength", "kg", 2),
}
"""Name, unit and decimals of what is explained."""
ROW = 22.0
WIDTH = 500.0
LEFT = 228.0


def drivers_picture(drivers: Drivers, period: Period, name: str, title: str) -> Picture:
    """Return the shares of one period: a bar per mechanism, one panel per outcome."""
    channels = active(drivers, period)
    return Picture(
        name=name,
        title=title,
        caption=(
            "Bars to the right: lost to this. Bars to the left: spared by it (a person who moves less "
            "burns less). "
            "The bars of a panel add up to its total."
        ),
        panels=tuple(_shares(period, outcome, channels, name) for outcome in OUTCOME_WORDS),
        columns=2,
    )


def _shares(period: Period, outcome: str, channels: Sequence[Channel], name: str) -> Panel:
    label, unit, decimals = OUTCOME_WORDS[outcome]
    size = (WIDTH, 84 + ROW * len(channels))
    parts = [period.shares[outcome][channel.name] for channel in channels]
    total = f"{_verb(period.lost(outcome))} {number(abs(period.lost(outcome)), decimals)} {unit} in all"

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=LEFT, right=60, top=46, bottom=34)
        heading(figure, size, label, second=total)
        colours = [PALETTE[1] if part > 0 else PALETTE[2] for part in parts]
        places = range(len(parts))
        axes.barh(places, parts, color=colours, height=0.66)
        _rows(axes, [channel.label for channel in channels])
        _mark(axes, parts, decimals)
        axes.set_xlabel(f"lost [{unit}]")

    words = "; ".join(f"{c.label} {number(p, decimals)}" for c, p in zip(channels, parts, strict=True))
    return Panel(
        name=f"{name}-{outcome.replace('_', '-')}",
        title=f"{label}: what it is lost to",
        description=f"{label}, {total}: {words}.",
        draw=draw,
        width=size[0],
        height=size[1],
    )


def _verb(lost: float) -> str:
    return "lost" if lost >= 0 else "gained"


def _rows(axes: Axes, labels: Sequence[str]) -> None:
    """Name the rows, the first at the top."""
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)


def _mark(axes: Axes, parts: Sequence[float], decimals: int) -> None:
    """Write each number beside its bar."""
    low, high = min(0.0, *parts), max(0.0, *parts)
    reach = high - low or 1.0
    axes.set_xlim(low - (0.26 * reach if low < 0 else 0.02 * reach), high + 0.2 * reach)
    for place, part in enumerate(parts):
        side = 1 if part >= 0 else -1
        axes.text(
            part + side * 0.02 * reach,
            place,
            number(part, decimals),
            ha="left" if side > 0 else "right",
            va="center",
            size=10,
            color=MUTED,
        )


def recovery_picture(recoveries: Recoveries) -> Picture:
    """Return what each treatment could give back: the stated value and the middle 90 % of the draws."""
    return Picture(
        name="recovery",
        title=f"What each treatment could give back in {recoveries.weeks} weeks",
        caption=(
            "Difference from no treatment. Dot: with every number of the model at its stated value. Line: "
            "the "
            f"middle 90 % of {recoveries.used} draws of the numbers from their stated ranges. It is no "
            "confidence "
            "interval of a trial, and it does not cover the model itself being wrong."
        ),
        panels=tuple(_gains(recoveries, outcome) for outcome in OUTCOME_WORDS),
        columns=2,
    )


def _gains(recoveries: Recoveries, outcome: str) -> Panel:
    label, unit, decimals = OUTCOME_WORDS[outcome]
    found = recoveries.treatments
    size = (WIDTH, 84 + ROW * len(found))

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=LEFT, right=18, top=46, bottom=34)
        heading(figure, size, label, second=f"against no treatment, week {recoveries.weeks}")
        for place, entry in enumerate(found):
            gain = entry.gains[outcome]
            sure = gain.low > 0 or gain.high < 0
            colour = PALETTE[0] if sure else CONTROL
            axes.plot(
                [gain.low, gain.high], [place, place], color=colour, linewidth=2.2, solid_capstyle="butt"
            )
            axes.plot([gain.stated], [place], marker="o", color=colour, markersize=6.5)
        _rows(axes, [entry.regimen.label for entry in found])
        axes.set_xlabel(f"gained [{unit}]")

    words = "; ".join(
        f"{entry.regimen.label} {signed(entry.gains[outcome].stated, decimals)}, "
        f"from {number(entry.gains[outcome].low, decimals)} to {number(entry.gains[outcome].high, decimals)}"
        for entry in found
    )
    return Panel(
        name=f"recovery-{outcome.replace('_', '-')}",
        title=f"{label}: what each treatment could give back",
        description=f"{label} [{unit}] against no treatment: {words}.",
        draw=draw,
        width=size[0],
        height=size[1],
    )
