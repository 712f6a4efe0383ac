"""Small parts that the figures share: placed axes, grids, reference lines and direct labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from euexia.report.style import INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

PANEL_WIDTH = 276.0
PANEL_HEIGHT = 230.0


def placed(
    figure: FigureBase,
    size: tuple[float, float],
    *,
    left: float = 40.0,
    right: float = 12.0,
    top: float = 34.0,
    bottom: float = 40.0,
) -> Axes:
    """Return axes with margins in points inside a panel, so that neighbouring panels line up."""
    width, height = size
    return figure.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    )


def heading(
    figure: FigureBase, size: tuple[float, float], text: str, colour: str = INK, second: str = ""
) -> None:
    """Write the panel's own heading at its top left, in the arm's colour, with a quiet second line."""
    width, height = size
    figure.text(8 / width, 1 - 8 / height, text, color=colour, weight="bold", size=12.5, ha="left", va="top")
    if second:
        figure.text(8 / width, 1 - 25 / height, second, color=MUTED, size=10.5, ha="left", va="top")


def reference(
    axes: Axes, value: float, label: str = "", *, upright: bool = True, colour: str = MUTED
) -> None:
    """Draw a dashed reference line, with its label at its end."""
    if upright:
        axes.axvline(value, color=colour, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
        if label:
            transform = axes.get_xaxis_transform()
            axes.text(
                value, 1.02, label, transform=transform, color=colour, size=10.5, ha="center", va="bottom"
            )
        return
    axes.axhline(value, color=colour, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
    if label:
        transform = axes.get_yaxis_transform()
        axes.text(1.0, value, label, transform=transform, color=colour, size=10.5, ha="right", va="bottom")
