"""The figure of mass against force: what each treatment does to lean mass and to handgrip strength."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from euexia.report.axes import heading, placed
from euexia.report.drawing import Panel, Picture, picture_files
from euexia.report.style import FAINT, INK, MUTED, PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

Floats = NDArray[np.float64]
SIZE = (640.0, 470.0)
LINE = 14.0
"""Height of a label [pt]."""
LETTER = 6.4
"""Width of a letter of a label, generously [pt]."""
RISES = tuple(step * LINE * side for step in range(8) for side in ((1, -1) if step else (1,)))
"""How far above or below its point a label may stand, nearest first [pt]."""
GAP = 9.0
"""Between a point and its label [pt]."""
MARGIN = 0.17
"""Of the axes beyond the outermost points, as a share of what they span."""
TITLE = "Mass and force can part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What a treatment changes against no treatment."""

    label: str
    lean_mass: float
    """[kg]"""
    handgrip: float
    """[kg]"""


class Box(NamedTuple):
    """Room on the figure [pt]."""

    left: float
    bottom: float
    right: float
    top: float


def dissociation_svg(gains: Sequence[Gain], second: str) -> str:
    """Return the scatter of handgrip strength over lean mass as an SVG file.

    second: the line under the heading, which says whose gains these are and when.
    """
    described = "; ".join(f"{g.label}: {g.lean_mass:+.2f} kg, {g.handgrip:+.2f} kg" for g in gains)
    panel = Panel(
        name="dissociation",
        title=TITLE,
        description=f"Gain of lean mass (DXA) and of handgrip strength against no treatment. {described}.",
        draw=lambda figure: _draw(figure, gains, second),
        width=SIZE[0],
        height=SIZE[1],
    )
    picture = Picture(name=panel.name, title=TITLE, caption=second, panels=(panel,))
    return picture_files(picture)[f"{panel.name}.svg"].decode()


def _draw(figure: FigureBase, gains: Sequence[Gain], second: str) -> None:
    axes = placed(figure, SIZE, left=52.0, right=20.0, top=52.0)
    heading(figure, SIZE, TITLE, second=second)
    across = np.array([gain.lean_mass for gain in gains])
    up = np.array([gain.handgrip for gain in gains])
    for values, limit in ((across, axes.set_xlim), (up, axes.set_ylim)):
        low, high = min(values.min(), 0.0), max(values.max(), 0.0)
        pad = MARGIN * (high - low) or 1.0
        limit(low - pad, high + pad)
    axes.grid(visible=True)
    axes.axhline(0.0, color=FAINT, linewidth=1.2, zorder=1)
    axes.axvline(0.0, color=FAINT, linewidth=1.2, zorder=1)
    axes.set_xlabel("Change of lean mass (DXA) against no treatment [kg]")
    axes.set_ylabel("Change of handgrip strength against no treatment [kg]")
    axes.scatter(across, up, s=42, color=PALETTE[0], zorder=3)
    _label(axes, gains)


def _label(axes: Axes, gains: Sequence[Gain]) -> None:
    """Write each label at the nearest place beside its point that is still free."""
    points = axes.transData.transform([(gain.lean_mass, gain.handgrip) for gain in gains])
    frame = axes.transAxes.transform([(0, 0), (1, 1)])
    taken = [Box(x - GAP / 2, y - GAP / 2, x + GAP / 2, y + GAP / 2) for x, y in points]
    for gain, point in zip(gains, points, strict=True):
        ahead, rise, box = _place(gain.label, point, frame, taken)
        taken.append(box)
        axes.annotate(
            gain.label,
            (gain.lean_mass, gain.handgrip),
            xytext=(ahead, rise),
            textcoords="offset points",
            ha="left" if ahead > 0 else "right",
            va="center",
            size=10.5,
            color=INK,
            arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "shrinkB": 3} if rise else None,
        )


def _place(label: str, point: Floats, frame: Floats, taken: Sequence[Box]) -> tuple[float, float, Box]:
    """Return how far ahead and above its point a label begins [pt], and the room it takes."""
    width, (x, y) = LETTER * len(label), point
    for rise in RISES:
        for side in (1, -1):
            ahead = side * (2 * GAP if rise else GAP)
            left = x + ahead - (0 if side > 0 else width)
            box = Box(left, y + rise - LINE / 2, left + width, y + rise + LINE / 2)
            inside = frame[0][0] <= box.left and box.right <= frame[1][0]
            if inside and not any(_meet(box, other) for other in taken):
                return ahead, rise, box
    return GAP, 0.0, Box(x, y, x + width, y)


def _meet(one: Box, other: Box) -> bool:
    across = one.left < other.right and other.left < one.right
    return across and one.bottom < other.top and other.bottom < one.top
