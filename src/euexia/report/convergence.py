"""How sure the figures are: power and false alarms as trials come in, and where a run ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from euexia.report.axes import PANEL_HEIGHT, PANEL_WIDTH, heading, placed
from euexia.report.content import Block, Chapter, Drawn, Prose
from euexia.report.drawing import Panel, Picture
from euexia.report.formatting import count, percent, percent_range
from euexia.report.material import Material
from euexia.report.rate_figures import percent_axis
from euexia.report.style import CONTROL, INK, ArmStyle, tinted
from euexia.study import ladder
from euexia.study.convergence import Convergence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

FEWEST = 20
"""Fewer trials make no curve."""
SETTLED = 30
"""From so many trials on a band is wanted whole in the figure; before, it may leave it at the top."""
MOST_TICKS = 5
SEE_THROUGH = 0.75
"""Of the bands, so that one shows where the other lies over it."""


def chapter(material: Material) -> Chapter | None:
    """Return how the figures settle; nothing for trials that were not simulated in numbers."""
    operating = material.operating
    if operating is None or not material.convergence:
        return None
    words = ladder.sentences(material.protocol, operating, material.stopping)
    blocks: list[Block] = [Prose(text=sentence) for sentence in words]
    if operating.trials >= FEWEST:
        blocks.append(Drawn(picture=_picture(material)))
    return Chapter(id="convergence", title="How sure the figures are", blocks=tuple(blocks))


def _picture(material: Material) -> Picture:
    styles = {arm.name: arm for arm in material.arms}
    found = {(course.analysis, course.scenario): course for course in material.convergence}
    panels = []
    for name in dict.fromkeys(course.analysis for course in material.convergence):
        analysis = material.planned[name]
        pair = (found[name, "as_modelled"], found[name, "without_effect"])
        panels.append(_panel(styles[analysis.arm], _title(material, name), pair))
    return Picture(
        name="convergence",
        title="Power and false alarms against the number of trials",
        caption="Share of trials in which each primary analysis rejects, over the first so many trials in "
        "their order, with the exact 95 % Monte-Carlo interval at that number. Solid: drug as modelled "
        "(power). Dashed: drug without effect (false alarms). A band says how sure the figure is, not how "
        "far trials differ.",
        panels=tuple(panels),
        columns=2,
    )


def _title(material: Material, name: str) -> str:
    """Return what an analysis compares; of which endpoint only where there are several."""
    analysis = material.planned[name]
    against = material.labels[analysis.control] if analysis.control else percent(analysis.null or 0.0, 0)
    several = len({material.planned[course.analysis].endpoint for course in material.convergence}) > 1
    endpoint = next(e.label for e in material.protocol.endpoints if e.name == analysis.endpoint)
    return f"against {against}" + (f": {endpoint}" if several else "")


def _panel(arm: ArmStyle, title: str, pair: tuple[Convergence, Convergence]) -> Panel:
    power, null = pair
    size = (PANEL_WIDTH, PANEL_HEIGHT)
    top = _top(pair)

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=46, top=46)
        heading(figure, size, arm.label, colour=arm.colour, second=title)
        _draw(axes, null, CONTROL, (0, (4, 2)))
        _draw(axes, power, arm.colour, "-")
        axes.set_xscale("log")
        axes.set_xlim(power.trials[0], power.trials[-1])
        ticks = _ticks(int(power.trials[0]), int(power.trials[-1]))
        axes.set_xticks(ticks, [count(tick) for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel("Trials")
        percent_axis(axes, 0.0, top, upright=True)
        axes.grid(axis="y")

    return Panel(
        name=f"convergence-{power.analysis}",
        title=f"{arm.label} {title}",
        description=f"Power {_last(power)}. False alarms {_last(null)}.",
        draw=draw,
        width=size[0],
        height=size[1],
    )


def _last(course: Convergence) -> str:
    return (
        f"{percent(float(course.share[-1]))}, 95 % interval "
        f"{percent_range(float(course.low[-1]), float(course.high[-1]))}, {count(course.trials[-1])} trials"
    )


def _top(pair: tuple[Convergence, Convergence]) -> float:
    settled = max(
        float(course.high[course.trials >= min(SETTLED, course.trials[-1])].max()) for course in pair
    )
    return min(1.0, 1.08 * settled)


def _draw(axes: Axes, course: Convergence, colour: str, line: object) -> None:
    band: dict[str, Any] = {"color": tinted(colour, 0.3), "alpha": SEE_THROUGH, "linewidth": 0}
    axes.fill_between(course.trials, course.low, course.high, zorder=2, **band)
    axes.plot(course.trials, course.share, color=colour, linestyle=line, linewidth=1.8, zorder=3)
    axes.tick_params(colors=INK)


def _ticks(first: int, last: int) -> NDArray[np.int64]:
    """Return round numbers of trials, and the last."""
    powers = 10 ** np.arange(np.ceil(np.log10(first)), np.floor(np.log10(last)) + 1)
    kept = [int(tick) for tick in powers if tick * 2 <= last]
    return np.array([*kept[-MOST_TICKS:], last])
