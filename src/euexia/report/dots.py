"""A figure of rows with a dot for each of a few series, against one reference line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from euexia.report.axes import heading, placed, reference
from euexia.report.drawing import Panel, Picture, picture_files
from euexia.report.style import CONTROL, FAINT, INK, MARKERS, PALETTE

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

WIDTH = 720.0
ROW, ROOM = 26.0, 118.0
"""Height of a row, and of all else [pt]."""
LEFT = 290.0
"""Room for the names of the rows [pt]."""


def dots_svg(
    rows: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    title: str,
    second: str,
    across: str,
    line: float,
    line_label: str,
) -> str:
    """Return the figure as an SVG file.

    rows: names, from top to bottom.  series: a value for each row (NaN: none), by its name.  second: the line
    under the heading.  across: what the axis shows.  line: where the reference line stands.
    """
    size = (WIDTH, ROOM + ROW * len(rows))
    told = "; ".join(
        f"{row}: " + ", ".join(f"{name} {values[place]:.2f}" for name, values in series.items())
        for place, row in enumerate(rows)
    )
    panel = Panel(
        name="dots",
        title=title,
        description=f"{across}. {told}.",
        draw=lambda figure: _draw(figure, size, rows, series, title, second, across, line, line_label),
        width=size[0],
        height=size[1],
    )
    picture = Picture(name=panel.name, title=title, caption=second, panels=(panel,))
    return picture_files(picture)[f"{panel.name}.svg"].decode()


def _draw(
    figure: FigureBase,
    size: tuple[float, float],
    rows: Sequence[str],
    series: Mapping[str, Sequence[float]],
    title: str,
    second: str,
    across: str,
    line: float,
    line_label: str,
) -> None:
    axes = placed(figure, size, left=LEFT, right=20.0, top=74.0, bottom=44.0)
    heading(figure, size, title, second=second)
    places = range(len(rows))
    for place in places:
        axes.axhline(place, color=FAINT, linewidth=0.6, zorder=0)
    reference(axes, line, line_label)
    colours = (CONTROL, *PALETTE)
    for index, (name, values) in enumerate(series.items()):
        axes.scatter(values, places, s=46, color=colours[index], marker=MARKERS[index], zorder=3, label=name)
    axes.set_yticks(list(places), labels=list(rows), color=INK)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel(across)
    axes.tick_params(length=0)
    legend = figure.legend(loc="upper left", bbox_to_anchor=(0.0, 1 - 40 / size[1]), ncols=len(series))
    legend.set_frame_on(False)
