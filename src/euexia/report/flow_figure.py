"""The flow of patients, from screening to analysis, drawn once for wide and once for narrow screens."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from euexia.report.drawing import Panel
from euexia.report.style import FAINT, INK, MUTED, PAPER, ArmStyle, tinted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

LINE = 17.0
PADDING = 10.0
GAP = 26.0
WIDE = 860.0
NARROW = 330.0
LETTER = 6.9
"""Points per letter of body text: a little more than the true mean, so that text stays inside its box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One box of the flow: a bold first line, then details."""

    head: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFlow:
    """The boxes of one arm, from allocation to analysis."""

    arm: ArmStyle
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The whole flow; ``screened`` and ``refused`` are None without a screening log."""

    screened: Step | None
    refused: Step | None
    randomised: Step
    arms: tuple[ArmFlow, ...]

    def in_words(self) -> str:
        """Return the flow as text, for those who listen."""
        steps = [step for step in (self.screened, self.refused, self.randomised) if step is not None]
        text = [_said(step) for step in steps]
        text += [f"{flow.arm.label}: " + " ".join(_said(step) for step in flow.steps) for flow in self.arms]
        return " ".join(text)


def _said(step: Step) -> str:
    return f"{step.head}: {'; '.join(step.details)}." if step.details else f"{step.head}."


@dataclass(frozen=True, slots=True)
class _Box:
    """A placed box; y grows downwards."""

    x: float
    y: float
    width: float
    head: tuple[str, ...]
    details: tuple[str, ...]
    arm: ArmStyle | None = None

    @property
    def height(self) -> float:
        return 2 * PADDING + LINE * (len(self.head) + len(self.details)) - 2

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> float:
        return self.x + self.width / 2


def flow_panels(flow: Flow) -> tuple[Panel, Panel]:
    """Return the flow for wide and for narrow screens."""
    return _panel(flow, "wide", *_wide(flow)), _panel(flow, "narrow", *_narrow(flow))


def _box(x: float, y: float, width: float, step: Step, arm: ArmStyle | None = None) -> _Box:
    letters = int((width - 2 * PADDING) / LETTER)
    head = tuple(textwrap.wrap(step.head, int(letters * 0.9)))
    details: list[str] = []
    for text in step.details:
        details += textwrap.wrap(text, letters, subsequent_indent="   ")
    return _Box(x, y, width, head, tuple(details), arm)


Lines = list[tuple[tuple[float, float], ...]]


def _wide(flow: Flow) -> tuple[list[_Box], Lines, float, float]:
    boxes: list[_Box] = []
    lines: Lines = []
    left, width = 40.0, 290.0
    top = 4.0
    if flow.screened is not None:
        first = _box(left, top, width, flow.screened)
        boxes.append(first)
        top = first.bottom + GAP
        if flow.refused is not None:
            aside = _box(left + width + 70, 4.0, WIDE - left - width - 74, flow.refused)
            boxes.append(aside)
            top = max(top, aside.bottom + GAP / 2)
            lines.append(((first.x + first.width, first.y + 18), (aside.x, first.y + 18)))
        lines.append(((first.centre, first.bottom), (first.centre, top)))
    randomised = _box(left, top, width, flow.randomised)
    boxes.append(randomised)
    fork = randomised.bottom + GAP * 0.6
    column = (WIDE - 8 + 16) / len(flow.arms)
    for place, arm in enumerate(flow.arms):
        placed = _column(arm, 4 + place * column, fork + GAP * 0.6, column - 16)
        boxes += placed
        lines.append(((randomised.centre, randomised.bottom), (randomised.centre, fork),
                      (placed[0].centre, fork), (placed[0].centre, placed[0].y)))  # fmt: skip
        lines += _between(placed)
    return boxes, lines, WIDE, max(box.bottom for box in boxes) + 4


def _narrow(flow: Flow) -> tuple[list[_Box], Lines, float, float]:
    boxes: list[_Box] = []
    top = 4.0
    for step in (flow.screened, flow.refused, flow.randomised):
        if step is not None:
            boxes.append(_box(4, top, NARROW - 8, step))
            top = boxes[-1].bottom + GAP * 0.7
    lines = _between(boxes)
    trunk, start = 14.0, boxes[-1].bottom
    for arm in flow.arms:
        placed = _column(arm, 34, top, NARROW - 38, gap=GAP * 0.6)
        boxes += placed
        middle = placed[0].y + placed[0].height / 2
        lines.append(((trunk, start), (trunk, middle), (34, middle)))
        lines += _between(placed)
        top = placed[-1].bottom + GAP * 0.7
    return boxes, lines, NARROW, max(box.bottom for box in boxes) + 4


def _column(flow: ArmFlow, x: float, y: float, width: float, gap: float = GAP * 0.8) -> list[_Box]:
    boxes: list[_Box] = []
    for step in flow.steps:
        boxes.append(_box(x, y, width, step, flow.arm))
        y = boxes[-1].bottom + gap
    return boxes


def _between(boxes: Sequence[_Box]) -> Lines:
    return [((a.centre, a.bottom), (b.centre, b.y)) for a, b in pairwise(boxes)]


def _panel(flow: Flow, shown: str, boxes: list[_Box], lines: Lines, width: float, height: float) -> Panel:
    def draw(figure: FigureBase) -> None:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.axis("off")
        for line in lines:
            _draw_line(axes, line)
        for box in boxes:
            _draw_box(axes, box)

    return Panel(
        name=f"flow-{shown}",
        title="Flow of patients",
        description=flow.in_words(),
        draw=draw,
        width=width,
        height=height,
        shown=shown,
    )


def _draw_line(axes: Axes, line: tuple[tuple[float, float], ...]) -> None:
    across, down = [point[0] for point in line], [point[1] for point in line]
    axes.plot(across, down, color=MUTED, linewidth=1.1, solid_joinstyle="round", zorder=1)
    axes.annotate(
        "",
        line[-1],
        xytext=line[-2],
        arrowprops={"arrowstyle": "-|>", "color": MUTED, "linewidth": 1.1, "shrinkA": 0, "shrinkB": 0},
        zorder=1,
    )


def _draw_box(axes: Axes, box: _Box) -> None:
    from matplotlib.patches import FancyBboxPatch, Rectangle

    edge = FAINT if box.arm is None else tinted(box.arm.colour, 0.55)
    fill = PAPER if box.arm is None else tinted(box.arm.colour, 0.06)
    style = "round,pad=0,rounding_size=5"
    axes.add_patch(
        FancyBboxPatch(
            (box.x, box.y), box.width, box.height, boxstyle=style, facecolor=fill, edgecolor=edge, zorder=2
        )
    )
    if box.arm is not None:
        axes.add_patch(
            Rectangle((box.x, box.y + 5), 3, box.height - 10, color=box.arm.colour, linewidth=0, zorder=3)
        )
    baseline = box.y + PADDING + 10
    for text in box.head:
        axes.text(
            box.x + PADDING + 2, baseline, text, size=13, weight="bold", color=INK, va="baseline", zorder=3
        )
        baseline += LINE
    for text in box.details:
        axes.text(box.x + PADDING + 2, baseline, text, size=12, color=MUTED, va="baseline", zorder=3)
        baseline += LINE
