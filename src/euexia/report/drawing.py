"""From a drawing function to an SVG inside a page: named, described, small, the same bytes each time."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from euexia.report.style import PAPER, SETTINGS

if TYPE_CHECKING:
    from matplotlib.figure import Figure, FigureBase

Place = tuple[float, float]
"""Across and down, in points."""
POINTS_PER_INCH = 72
PRINT_RESOLUTION = 144
"""Dots per inch of the PNG files: two per point."""
COMPRESSION = 4
"""Of the PNG files; more takes longer and saves little."""


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


class Drawings:
    """The panels of one report, each drawn once, for its page and for its files."""

    def __init__(self) -> None:
        self._insides: dict[str, str] = {}
        self._figures: dict[str, Figure] = {}

    def inline_svg(self, panel: Panel) -> Markup:
        """Return the panel as an SVG element, with role, title and description for readers who listen."""
        head = (
            f'<svg viewBox="0 0 {panel.width:g} {panel.height:g}" role="img" class="panel-{panel.shown}" '
            f'aria-labelledby="{panel.name}-title {panel.name}-text">'
            f'<title id="{panel.name}-title">{escape(panel.title)}</title>'
            f'<desc id="{panel.name}-text">{escape(panel.description)}</desc>'
        )
        return Markup(f"{head}{self._inside(panel)}</svg>")

    def files(self, picture: Picture) -> dict[str, bytes]:
        """Return the picture as files, name to content: all panels together, as SVG and as PNG."""
        panels = [panel for panel in picture.panels if panel.shown != "narrow"]
        columns = min(picture.columns, len(panels))
        width, height = panels[0].width, panels[0].height
        places = [(place % columns * width, place // columns * height) for place in range(len(panels))]
        size = (columns * width, -(-len(panels) // columns) * height)
        return {
            f"{picture.name}.svg": self._svg_file(panels, places, size).encode(),
            f"{picture.name}.png": self._png_file(panels, places, size),
        }

    def _inside(self, panel: Panel) -> str:
        """Return the inside of the panel's SVG element."""
        if panel.name not in self._insides:
            with _settings():
                figure = _new_figure(panel.width, panel.height)
                panel.draw(figure)
                text = _svg_text(figure)
            body = _shrink(text[text.index("<svg") : text.rindex("</svg>")], panel.name)
            self._insides[panel.name] = body[body.index(">") + 1 :].strip()
            self._figures[panel.name] = figure
        return self._insides[panel.name]

    def _pixels(self, panel: Panel) -> NDArray[np.uint8]:
        """Return the panel as pixels; its figure is let go."""
        if panel.name not in self._figures:
            self._insides.pop(panel.name, None)
            self._inside(panel)
        return _rasterised(self._figures.pop(panel.name))

    def _svg_file(self, panels: list[Panel], places: list[Place], size: Place) -> str:
        inner = "\n".join(
            f'<svg x="{x:g}" y="{y:g}" width="{panel.width:g}" height="{panel.height:g}">'
            f"<desc>{escape(panel.description)}</desc>\n{self._inside(panel)}</svg>"
            for panel, (x, y) in zip(panels, places, strict=True)
        )
        width, height = size
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}pt" height="{height:g}pt" '
            f'viewBox="0 0 {width:g} {height:g}">\n<rect width="100%" height="100%" fill="{PAPER}"/>\n'
            f"{inner}\n</svg>\n"
        )

    def _png_file(self, panels: list[Panel], places: list[Place], size: Place) -> bytes:
        from PIL import Image  # comes with the drawing library

        sheet = np.full((_pixels(size[1]), _pixels(size[0]), 3), 255, dtype=np.uint8)
        for panel, (x, y) in zip(panels, places, strict=True):
            shown = self._pixels(panel)
            top, left = _pixels(y), _pixels(x)
            part = sheet[top : top + shown.shape[0], left : left + shown.shape[1]]
            part[:] = shown[: part.shape[0], : part.shape[1]]
        png = io.BytesIO()
        resolution = (PRINT_RESOLUTION, PRINT_RESOLUTION)
        Image.fromarray(sheet).save(png, format="PNG", dpi=resolution, compress_level=COMPRESSION)
        return png.getvalue()


def inline_svg(panel: Panel) -> Markup:
    """Return one panel as an SVG element; see ``Drawings.inline_svg``."""
    return Drawings().inline_svg(panel)


def picture_files(picture: Picture) -> dict[str, bytes]:
    """Return one picture as files; see ``Drawings.files``."""
    return Drawings().files(picture)


def _pixels(length: float) -> int:
    return round(length * PRINT_RESOLUTION / POINTS_PER_INCH)


def _rasterised(figure: Figure) -> NDArray[np.uint8]:
    """Return a drawn figure as pixels, shape (height, width, 3)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with _settings():
        figure.set_dpi(PRINT_RESOLUTION)
        canvas: Any = FigureCanvasAgg(figure)  # the library does not type it
        canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


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
