"""The win plot: how pairs of patients were decided, component by component, and what is left tied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from euexia.analyse.result import Result
from euexia.report.analysis_material import ONE, AnalysisMaterial
from euexia.report.analysis_numbers import effect_text, interval_text
from euexia.report.axes import heading
from euexia.report.drawing import Panel, Picture
from euexia.report.formatting import number, percent, sentence_case
from euexia.report.style import INK, MUTED, tinted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

WINS = frozenset({"win_ratio", "win_odds", "net_benefit"})
WIDTH = 480.0
TOP, ROW, BOTTOM = 50.0, 38.0, 18.0
TIED = "#d8d4cb"
LOST = "#8a9198"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What one component decided: shares of all pairs."""

    label: str
    won: float
    lost: float
    open: float
    """Still undecided after it."""


def win_pictures(material: AnalysisMaterial) -> Iterator[Picture]:
    """Give a win plot for every hierarchical comparison, once where several methods share one."""
    shown: set[tuple[str, str, str | None, bool]] = set()
    for result in material.results:
        if result.method not in WINS:
            continue
        strata = bool(material.planned[result.analysis].chosen.strata)
        key = (material.planned[result.analysis].estimand_name, result.arm, result.control, strata)
        rows = decided(result)
        if key in shown or not rows:
            continue
        shown.add(key)
        yield Picture(
            name=f"wins-{result.analysis}",
            title=f"Wins, losses and ties: {material.title(result)}",
            caption=f"Every patient of the one arm against every patient of the other"
            f"{', within strata' if strata else ''}. Each row: pairs that this component decided, out of all "
            f"pairs; what is pale is left to the next one. {sentence_case(result.measure_of_effect)}: "
            f"{effect_text(result, material.endpoints[result.endpoint])} "
            f"({interval_text(result, material.endpoints[result.endpoint])}).",
            panels=(_panel(material, result, rows),),
        )


def decided(result: Result) -> tuple[Decided, ...]:
    """Return what each component decided, in order; nothing where there were no pairs."""
    numbers = {name: float(values[ONE]) for name, values in result.numbers.items()}
    pairs = numbers["wins"] + numbers["losses"] + numbers["ties"]
    if not pairs > 0:
        return ()
    left, rows = 1.0, []
    for name in numbers:
        if name.startswith("wins: "):
            part = name.removeprefix("wins: ")
            won, lost = numbers[name] / pairs, numbers[f"losses: {part}"] / pairs
            left -= won + lost
            rows.append(Decided(label=sentence_case(part), won=won, lost=lost, open=max(0.0, left)))
    return tuple(rows)


def _panel(material: AnalysisMaterial, result: Result, rows: Sequence[Decided]) -> Panel:
    arm = material.styles[result.arm]
    control = material.styles[str(result.control)]
    total = Decided(
        label="All together",
        won=sum(row.won for row in rows),
        lost=sum(row.lost for row in rows),
        open=rows[-1].open,
    )
    every = (*rows, total)
    height = TOP + ROW * len(every) + BOTTOM

    def draw(figure: FigureBase) -> None:
        size = (WIDTH, height)
        heading(figure, size, f"Won by {arm.label}", arm.colour)
        figure.text(
            0.5, 1 - 8 / height, "undecided", color=MUTED, weight="bold", size=11.5, ha="center", va="top"
        )
        figure.text(
            1 - 8 / WIDTH,
            1 - 8 / height,
            f"won by {control.label}",
            color=INK,
            weight="bold",
            size=12.5,
            ha="right",
            va="top",
        )
        place = (8 / WIDTH, BOTTOM / height, 1 - 16 / WIDTH, ROW * len(every) / height)
        _draw(figure.add_axes(place), every, arm.colour)

    said = "; ".join(
        f"{row.label}: won {percent(row.won)}, lost {percent(row.lost)}, undecided {percent(row.open)}"
        for row in every
    )
    return Panel(
        name=f"wins-{result.analysis}",
        title=f"Wins, losses and ties: {material.title(result)}",
        description=f"Shares of all pairs. {said}.",
        draw=draw,
        width=WIDTH,
        height=height,
    )


def _draw(axes: Axes, rows: Sequence[Decided], colour: str) -> None:
    before_won = before_lost = 0.0
    for place, row in enumerate(rows):
        last = place == len(rows) - 1
        if last:
            before_won = before_lost = 0.0
        y = place + 0.18
        axes.barh(y, 1.0, height=0.46, color=tinted(TIED, 0.45), linewidth=0, zorder=1)
        _decided_before(axes, y, before_won, before_lost, colour)
        axes.barh(y, row.won, left=before_won, height=0.46, color=tinted(colour, 0.62), zorder=3)
        axes.barh(
            y,
            row.lost,
            left=1 - before_lost - row.lost,
            height=0.46,
            color=LOST,
            hatch="////",
            edgecolor="#ffffff",
            linewidth=0,
            zorder=3,
        )
        text = (
            f"{row.label}: won {number(100 * row.won, 1)} %, lost {number(100 * row.lost, 1)} %, "
            f"left {number(100 * row.open, 1)} %"
        )
        axes.text(0.0, y - 0.36, text, color=INK, size=10, va="center", weight="bold" if last else "normal")
        before_won += row.won
        before_lost += row.lost
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_axis_off()


def _decided_before(axes: Axes, y: float, won: float, lost: float, colour: str) -> None:
    """Draw faintly what the components before have decided."""
    axes.barh(y, won, height=0.46, color=tinted(colour, 0.16), linewidth=0, zorder=2)
    axes.barh(y, lost, left=1 - lost, height=0.46, color=tinted(LOST, 0.3), linewidth=0, zorder=2)
