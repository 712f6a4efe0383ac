"""Tipping points: how far imputed values must be shifted, in one arm or in both, until the result turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from euexia.analyse.result import Curve, Result
from euexia.report.analysis_material import ONE, AnalysisMaterial
from euexia.report.analysis_numbers import decimals, factor, value_unit
from euexia.report.axes import heading, reference
from euexia.report.drawing import Panel, Picture
from euexia.report.formatting import number, signed
from euexia.report.style import INK, ArmStyle, tinted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase
    from matplotlib.patches import Rectangle

SIZE = (400.0, 320.0)
LEFT, RIGHT, TOP, BOTTOM = 60.0, 14.0, 46.0, 46.0
TURNED = "#ece9e2"


def tipping_pictures(material: AnalysisMaterial) -> Iterator[Picture]:
    """Give the line, and where there is one the surface, of every tipping-point analysis."""
    for result, (line, *_) in material.curves("tipping"):
        surface = [
            (float(name.partition(".")[2]), curve)
            for name, curve in result.curves.items()
            if name.startswith("surface.")
        ]
        panels = [_line_panel(material, result, line)]
        if surface:
            panels.append(_surface_panel(material, result, surface))
        times, unit = factor(result.unit), value_unit(result)
        shift = float(result.numbers["tipping_shift"][ONE])
        shown = decimals(result.unit, material.endpoints[result.endpoint])
        said = (
            f"The result turns at a shift of {signed(times * shift, shown)} {unit}."
            if np.isfinite(shift) and shift != 0
            else "Without any shift the test does not reject."
            if shift == 0
            else "The result does not turn within the shifts tried."
        )
        yield Picture(
            name=f"tipping-{result.analysis}",
            title=f"Tipping point: {material.title(result)}",
            caption=f"Left: effect with its interval when imputed values of the arm are shifted. Right: "
            f"when those of both arms are; cells with a dot on a coloured ground: the null "
            f"hypothesis is rejected, in either direction. {said}",
            panels=tuple(panels),
            columns=2,
        )


def _axes(figure: FigureBase) -> Axes:
    width, height = SIZE
    return figure.add_axes(
        (LEFT / width, BOTTOM / height, (width - LEFT - RIGHT) / width, (height - TOP - BOTTOM) / height)
    )


def _line_panel(material: AnalysisMaterial, result: Result, curve: Curve) -> Panel:
    arm, times, unit = material.styles[result.arm], factor(result.unit), value_unit(result)
    x, y, low, high = (times * part[ONE] for part in (curve.x, curve.y, curve.low, curve.high))
    turned = times * float(result.numbers["tipping_shift"][ONE])

    def draw(figure: FigureBase) -> None:
        axes = _axes(figure)
        heading(figure, SIZE, "Imputed values of the arm shifted", second=f"effect [{unit}]")
        axes.fill_between(x, low, high, color=tinted(arm.colour, 0.18), linewidth=0)
        axes.plot(x, y, color=arm.colour, linewidth=1.9)
        reference(axes, 0.0, upright=False)
        if np.isfinite(turned) and turned != 0:
            reference(axes, turned, f"turns at {signed(turned, 2)}")
        axes.set_xlabel(f"shift [{unit}]")

    return Panel(
        name=f"tipping-{result.analysis}",
        title=f"Tipping point: {material.title(result)}",
        description=f"Effect {number(float(y[0]), 2)} {unit} without shift, {number(float(y[-1]), 2)} at a "
        f"shift of {signed(float(x[-1]), 2)} {unit}.",
        draw=draw,
        width=SIZE[0],
        height=SIZE[1],
    )


def _surface_panel(
    material: AnalysisMaterial, result: Result, surface: Sequence[tuple[float, Curve]]
) -> Panel:
    arm, times, unit = material.styles[result.arm], factor(result.unit), value_unit(result)
    rejected = [_rejected(curve) for _, curve in surface]
    share = float(np.mean(rejected))

    def draw(figure: FigureBase) -> None:
        axes = _axes(figure)
        heading(figure, SIZE, "Both arms shifted", second=f"effect [{unit}] in each cell")
        _draw_cells(axes, surface, arm, times)
        axes.set_xlabel(f"shift of {arm.label} [{unit}]")
        axes.set_ylabel(f"shift of {material.styles[str(result.control)].label} [{unit}]")

    return Panel(
        name=f"surface-{result.analysis}",
        title=f"Tipping surface: {material.title(result)}",
        description=f"Still rejected at {number(100 * share, 0)} % of the pairs of shifts shown.",
        draw=draw,
        width=SIZE[0],
        height=SIZE[1],
    )


def _rejected(curve: Curve) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    low, high = curve.low[ONE], curve.high[ONE]
    with np.errstate(invalid="ignore"):
        return np.asarray((low > 0) | (high < 0))


def _draw_cells(axes: Axes, surface: Sequence[tuple[float, Curve]], arm: ArmStyle, times: float) -> None:
    for row, (_, curve) in enumerate(surface):
        for column, stays in enumerate(_rejected(curve)):
            colour = tinted(arm.colour, 0.3) if stays else TURNED
            axes.add_patch(_cell(column, row, colour))
            value = signed(times * float(curve.y[ONE, column]), 1)
            axes.text(
                column, row, f"{value}{' •' if stays else ''}", color=INK, size=7.5, ha="center", va="center"
            )
    shifts = [times * shift for shift, _ in surface]
    every = range(0, len(shifts), 2)
    axes.set_xticks(list(every), [signed(shifts[place], 1) for place in every])
    axes.set_yticks(list(every), [signed(shifts[place], 1) for place in every])
    axes.set_xlim(-0.5, len(shifts) - 0.5)
    axes.set_ylim(-0.5, len(shifts) - 0.5)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _cell(column: int, row: int, colour: str) -> Rectangle:
    from matplotlib.patches import Rectangle as Patch

    return Patch((column - 0.48, row - 0.48), 0.96, 0.96, facecolor=colour, linewidth=0)
