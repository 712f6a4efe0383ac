"""From a drawing function to an SVG inside a page: named, described, small, the same bytes each time."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from euexia.report.style import SETTINGS

if TYPE_CHECKING:
    from matplotlib.figure import Figure, FigureBase

POINTS_PER_INCH = 72
PRINT_RESOLUTION = 150
"""Dots per inch of the PNG files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One drawing of a picture.  ``shown``: ``always``, or only on ``wide`` or ``narrow`` screens."""

    name: str
    title: str
    description: str
    draw: Callable[[FigureBase], None]
    width: float
    height: float
    shown: str = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure of the report: panels side by side under one caption.

    columns: panels per row in the file; the page itself arranges panels by the width of the screen.
    """

    name: str
    title: str
    caption: str
    panels: tuple[Panel, ...]
    columns: int = 1


def inline_svg(panel: Panel) -> Markup:
    """Return the panel as an SVG element, with role, title and description for readers who listen."""
    with _settings():
        figure = _new_figure(panel.width, panel.height)
        panel.draw(figure)
        text = _svg_text(figure)
    body = _shrink(text[text.index("<svg") :], panel.name)
    inner = body[body.index(">") + 1 :]
    head = (
        f'<svg viewBox="0 0 {panel.width:g} {panel.height:g}" role="img" class="panel-{panel.shown}" '
        f'aria-labelledby="{panel.name}-title {panel.name}-text">'
        f'<title id="{panel.name}-title">{escape(panel.title)}</title>'
        f'<desc id="{panel.name}-text">{escape(panel.description)}</desc>'
    )
    return Markup(head + inner.strip())


def picture_files(picture: Picture) -> dict[str, bytes]:
    """Return the picture as files, name to content: all panels together, as SVG and as PNG."""
    panels = [panel for panel in picture.panels if panel.shown != "narrow"]
    columns = min(picture.columns, len(panels))
    rows = -(-len(panels) // columns)
    with _settings():
        figure = _new_figure(columns * panels[0].width, rows * panels[0].height)
        grid = figure.subfigures(rows, columns, squeeze=False)
        for place, panel in enumerate(panels):
            panel.draw(grid[place // columns][place % columns])
        svg = _svg_text(figure)
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=PRINT_RESOLUTION, metadata={"Software": None})
    return {f"{picture.name}.svg": svg.encode(), f"{picture.name}.png": png.getvalue()}


def _settings() -> AbstractContextManager[None]:
    import matplotlib

    settings: Any = SETTINGS  # the library types its keys one by one
    return matplotlib.rc_context(settings)


def _new_figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH), dpi=POINTS_PER_INCH)


def _svg_text(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


_IDENTIFIER = re.compile(r' id="([^"]+)"')
_REFERENCE = re.compile(r'(?:url\(#|href="#)([^")]+)')
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_PATH = re.compile(r' (?:d|x|y|points|transform|cx|cy|width|height)="[^"]*"')


def _shrink(svg: str, prefix: str) -> str:
    """Drop what a browser does not need, and make every identifier the panel's own."""
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = svg.replace("xlink:href", "href")
    used = set(_REFERENCE.findall(svg))

    def rename(match: re.Match[str]) -> str:
        return f' id="{prefix}-{match[1]}"' if match[1] in used else ""

    svg = _IDENTIFIER.sub(rename, svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{prefix}-", svg)
    svg = _PATH.sub(lambda match: _LONG_NUMBER.sub(_rounded, match[0]), svg)
    svg = re.sub(r"<g>\s*</g>", "", svg)
    return re.sub(r"\n\s*", "\n", svg)


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
