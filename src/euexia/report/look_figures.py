"""Figures of looks: boundaries with the paths of trials, and where trials end."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from euexia.report.axes import heading, placed
from euexia.report.drawing import Panel
from euexia.report.formatting import number, percent
from euexia.report.style import CONTROL, FAINT, INK, MUTED, PALETTE, tinted
from euexia.study.operating import LookCharacteristics, LooksCharacteristics

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

SIZE = (414.0, 292.0)
EFFICACY, FUTILITY, HARM, NO_ARM = PALETTE[0], PALETTE[1], PALETTE[3], CONTROL
COLOURS: Mapping[str, str] = {
    "efficacy": EFFICACY,
    "futility": FUTILITY,
    "harm": HARM,
    "no_arm_left": NO_ARM,
}
WORDS: Mapping[str, str] = {
    "efficacy": "efficacy",
    "futility": "futility, or no rejection",
    "harm": "harm",
    "no_arm_left": "no arm left",
}
BAR = 0.34
LEAST_WRITTEN = 0.06
"""Shares below this are not written into their bar."""


def paths_panel(found: LooksCharacteristics) -> Panel:
    """Return the statistic of some trials over their information, and the mean boundaries."""
    said = "; ".join(
        f"at {percent(look.information.value, 0)} of the information futility below "
        f"{number(look.lower.value, 2)}, efficacy from {number(look.upper.value, 2)}"
        for look in found.looks
        if isfinite(look.information.value)
    )
    return Panel(
        name="look-paths",
        title="Boundaries and paths of trials",
        description=f"Mean boundaries: {said}.",
        draw=lambda figure: _draw_paths(figure, found),
        width=SIZE[0],
        height=SIZE[1],
    )


def _draw_paths(figure: FigureBase, found: LooksCharacteristics) -> None:
    heading(figure, SIZE, "Boundaries and trials", second="pale lines: trials as modelled")
    axes = placed(figure, SIZE, left=44, top=48, right=66)
    for information, statistic in found.paths:
        known = np.isfinite(information) & np.isfinite(statistic)
        across, up = np.append(0.0, information[known]), np.append(0.0, statistic[known])
        axes.plot(across, up, color=tinted(MUTED, 0.35), linewidth=0.6, zorder=1)
        axes.plot(across[-1:], up[-1:], ".", color=tinted(MUTED, 0.6), markersize=3.0, zorder=2)
    _boundary(axes, found.looks, "upper", EFFICACY, "efficacy")
    _boundary(axes, found.looks[:-1], "lower", FUTILITY, "futility")
    axes.axhline(0.0, color=FAINT, linewidth=0.8)
    axes.set_xlabel("share of the planned information")
    axes.set_ylabel("responders" if found.by_responders else "Z towards benefit")
    axes.set_xlim(0.0, None)


def _boundary(axes: Axes, looks: tuple[LookCharacteristics, ...], side: str, colour: str, label: str) -> None:
    points = [
        (look.information.value, getattr(look, side).value)
        for look in looks
        if isfinite(look.information.value) and isfinite(getattr(look, side).value)
    ]
    if not points:
        return
    across, up = zip(*points, strict=True)
    axes.plot(across, up, "o-", color=colour, linewidth=1.8, markersize=5.0, zorder=3)
    axes.annotate(
        label,
        (across[-1], up[-1]),
        xytext=(7, 0),
        textcoords="offset points",
        color=colour,
        size=10.5,
        va="center",
    )


def endings_panel(found: LooksCharacteristics, null: LooksCharacteristics, names: Mapping[str, str]) -> Panel:
    """Return the share of trials that end at each analysis, by reason, under both scenarios."""
    said = "; ".join(
        f"{names[look.name]}, {where}: "
        + ", ".join(f"{WORDS[reason]} {percent(share.value)}" for reason, share in look.ends.items())
        for part, where in ((found, "as modelled"), (null, "without effect"))
        for look in part.looks
    )
    return Panel(
        name="look-endings",
        title="Where trials end",
        description=said,
        draw=lambda figure: _draw_endings(figure, found, null, names),
        width=SIZE[0],
        height=SIZE[1],
    )


def _draw_endings(
    figure: FigureBase, found: LooksCharacteristics, null: LooksCharacteristics, names: Mapping[str, str]
) -> None:
    shown = [
        reason
        for reason in COLOURS
        if any(look.ends[reason].value for part in (found, null) for look in part.looks)
    ]
    heading(figure, SIZE, "Where trials end", second="upper bar as modelled, lower bar without effect")
    axes = placed(figure, SIZE, left=92, top=64)
    width, height = SIZE
    left = 92.0
    for reason in shown:
        figure.text(
            left / width, 1 - 46 / height, f"■ {WORDS[reason]}", color=COLOURS[reason], size=10.5, va="top"
        )
        left += 24 + 6.4 * len(WORDS[reason])
    for row, name in enumerate(names[look.name] for look in found.looks):
        for part, shift, tint in ((found, -BAR / 2 - 0.02, 1.0), (null, BAR / 2 + 0.02, 0.55)):
            _bar(axes, part.looks[row], row + shift, shown, tint)
        axes.text(-0.02, row, name, ha="right", va="center", color=INK, size=10.5)
    axes.set_yticks([])
    axes.set_ylim(len(found.looks) - 0.5, -0.5)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100"])
    axes.set_xlabel("per cent of all trials")
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


def _bar(axes: Axes, look: LookCharacteristics, place: float, shown: list[str], tint: float) -> None:
    begin = 0.0
    for reason in shown:
        share = look.ends[reason].value
        axes.barh(place, share, BAR, left=begin, color=tinted(COLOURS[reason], tint), linewidth=0)
        if share >= LEAST_WRITTEN:
            colour = "#ffffff" if tint == 1.0 else INK
            axes.text(
                begin + share / 2, place, percent(share, 0), ha="center", va="center", color=colour, size=9.5
            )
        begin += share
