"""The waterfall: every patient of one arm of a trial, in the order of the first measure's change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from euexia.report.axes import heading, reference
from euexia.report.drawing import Panel
from euexia.report.formatting import number, plural
from euexia.report.style import INK, MUTED, PAPER, ArmStyle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SIZE = (276.0, 340.0)
MANY = 50
"""More patients than this are drawn with smaller markers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The change of one measure, of every patient of an arm, with the threshold of response, in ``unit``."""

    label: str
    unit: str
    value: Floats
    threshold: float | None
    limits: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patients:
    """One arm of the example trial, patient by patient."""

    arm: ArmStyle
    changes: tuple[Change, ...]
    responder: Flags
    dead: Flags


def order_of(patients: Patients) -> NDArray[np.int64]:
    """Return the patients in order: falling first change, then missing, then dead."""
    first = patients.changes[0].value
    group = np.where(patients.dead, 2, np.where(np.isnan(first), 1, 0))
    return np.lexsort((-np.nan_to_num(first), group))


def waterfall_panel(patients: Patients, *, name: str = "", responds: bool = True) -> Panel:
    """Return the waterfall of one arm: one row of stems per measure, patients in the same order in each.

    name: tells several waterfalls of a page apart.  responds: whether there are responders to be counted.
    """
    arm = patients.arm
    order = order_of(patients)
    responders = int(patients.responder.sum())
    known = int((np.isfinite(patients.changes[0].value) & ~patients.dead).sum())
    said = f"{plural(responders, 'responder')}" if responds else f"{known} assessed"
    said = f"{said} of {len(order)}"

    def draw(figure: FigureBase) -> None:
        heading(figure, SIZE, arm.label, arm.colour, said)
        rows = len(patients.changes)
        height = (SIZE[1] - 40 - 24) / rows
        for place, change in enumerate(patients.changes):
            bottom = 24 + height * (rows - 1 - place)
            axes = figure.add_axes(
                (40 / SIZE[0], bottom / SIZE[1], (SIZE[0] - 50) / SIZE[0], (height - 26) / SIZE[1])
            )
            _draw_changes(axes, change, patients, order)
        figure.text(0.55, 4 / SIZE[1], "patients", color=MUTED, size=11, ha="center", va="bottom")

    return Panel(
        name=f"waterfall-{name}-{arm.name}" if name else f"waterfall-{arm.name}",
        title=f"Change of every patient: {arm.label}",
        description=_describe(patients, said),
        draw=draw,
        width=SIZE[0],
        height=SIZE[1],
    )


def _draw_changes(axes: Axes, change: Change, patients: Patients, order: NDArray[np.int64]) -> None:
    value, responder = change.value[order], patients.responder[order]
    dead = patients.dead[order]
    place = np.arange(len(order))
    shown = np.clip(value, *change.limits)
    known = np.isfinite(value) & ~dead
    axes.axhline(0, color=INK, linewidth=0.8, zorder=2)
    if change.threshold is not None:
        reference(axes, change.threshold, upright=False, colour=INK)
    axes.vlines(place[known], 0, shown[known], color=patients.arm.colour, linewidth=1.1, alpha=0.55, zorder=2)
    large = 5.0 if len(order) <= MANY else 3.6
    style: dict[str, Any] = {
        "marker": patients.arm.marker,
        "linestyle": "",
        "markeredgecolor": patients.arm.colour,
    }
    for chosen, fill in ((known & ~responder, PAPER), (known & responder, patients.arm.colour)):
        axes.plot(
            place[chosen], shown[chosen], color=fill, markersize=large, markeredgewidth=1.0, zorder=3, **style
        )
    axes.plot(
        place[dead], np.zeros(dead.sum()), marker="x", linestyle="", color=INK, markersize=large, zorder=4
    )
    missing = ~known & ~dead
    axes.plot(
        place[missing],
        np.zeros(missing.sum()),
        marker="o",
        linestyle="",
        color=PAPER,
        markeredgecolor=MUTED,
        markersize=large - 0.4,
        zorder=4,
    )
    axes.set_xlim(-1, max(len(order), 1))
    axes.set_ylim(*change.limits)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_title(f"{change.label} [{change.unit}]", loc="left", size=11, color=MUTED, pad=4)
    axes.grid(axis="y")


def _describe(patients: Patients, said: str) -> str:
    parts = [f"{patients.arm.label}: {said}, {int(patients.dead.sum())} died before the assessment."]
    for change in patients.changes:
        known = change.value[np.isfinite(change.value)]
        if known.size:
            parts.append(
                f"{change.label}: median {number(float(np.median(known)))} {change.unit}, "
                f"from {number(float(known.min()))} to {number(float(known.max()))}, of {known.size} "
                "patients."
            )
    return " ".join(parts)


def common_limits(values: Sequence[Floats], threshold: float | None) -> tuple[float, float]:
    """Return limits that hold every patient of every arm, zero and the threshold."""
    flat = np.concatenate([*values, np.array([0.0, threshold or 0.0])])
    flat = flat[np.isfinite(flat)]
    low, high = float(flat.min()), float(flat.max())
    pad = 0.07 * (high - low) or 1.0
    return low - pad, high + pad
