"""The forest plot: effects on several outcomes, each in its own unit, all about one line of no effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from euexia.report.drawing import Panel
from euexia.report.formatting import signed
from euexia.report.style import INK, MUTED, PAPER, ArmStyle, tinted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

WIDTH = 400.0
LEFT, RIGHT = 16.0, 20.0
TITLE, ROW, AXIS, GAP = 36.0, 36.0, 24.0, 12.0
"""Heights in points: of an outcome's title, of each comparison, of its axis and of the gap below."""
LINE, CHARACTERS = 15.0, 48
"""Of longer titles: height of each further line in points, and characters that fit on a line."""
BETTER = "#eef5f0"
"""Ground of the side that is better for the patient."""
MOST_TICKS = 5
LEAST_DOUBLING = 0.1
"""Ticks of ratios are no closer than this share of a doubling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """One comparison; NaN is not drawn.

    one, one_low, one_high: the estimate of a single trial with its confidence interval.  mean, low, high:
    over all trials, with the 5 % and 95 % quantiles of the estimates.
    """

    arm: ArmStyle
    one: float
    one_low: float
    one_high: float
    mean: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")

    @property
    def ends(self) -> tuple[float, ...]:
        """Return everything that is drawn and known."""
        found = (self.one, self.one_low, self.one_high, self.mean, self.low, self.high)
        return tuple(value for value in found if np.isfinite(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEffects:
    """The effects on one outcome, in one unit."""

    label: str
    unit: str
    higher_is_better: bool
    rows: tuple[EffectRow, ...]
    is_ratio: bool = False
    """The effects are ratios: 1 is no effect, and a halving is as far from it as a doubling."""

    def place(self, value: float) -> float:
        """Return where a value is drawn; no effect at 0."""
        return float(np.log2(value)) if self.is_ratio and value > 0 else value


def forest_panel(outcomes: Sequence[OutcomeEffects], description: str, *, name: str, title: str) -> Panel:
    """Return the forest plot: one band per outcome, the lines of no effect under each other."""
    height = sum(_height(outcome) for outcome in outcomes)

    def draw(figure: FigureBase) -> None:
        top = height
        for outcome in outcomes:
            rows = ROW * len(outcome.rows)
            heading = _heading(outcome)
            bottom = top - _title_height(outcome) - rows
            figure.text(
                LEFT / WIDTH, (top - 4) / height, heading, color=INK, size=11.5, weight="bold", va="top"
            )
            axes = figure.add_axes(
                (LEFT / WIDTH, bottom / height, (WIDTH - LEFT - RIGHT) / WIDTH, rows / height)
            )
            _draw_outcome(axes, outcome)
            top -= _height(outcome)

    return Panel(
        name=name,
        title=title,
        description=description,
        draw=draw,
        width=WIDTH,
        height=height,
    )


def _height(outcome: OutcomeEffects) -> float:
    return _title_height(outcome) + ROW * len(outcome.rows) + AXIS + GAP


def _title_height(outcome: OutcomeEffects) -> float:
    return TITLE + LINE * _heading(outcome).count("\n")


def _heading(outcome: OutcomeEffects) -> str:
    """Return the outcome's title, in as many lines as it takes."""
    return "\n".join(wrap(f"{outcome.label} [{outcome.unit}]", CHARACTERS))


def _draw_outcome(axes: Axes, outcome: OutcomeEffects) -> None:
    rows = [_placed(outcome, row) for row in outcome.rows]
    ends = [abs(end) for row in rows for end in row.ends]
    limit = 1.1 * max(ends, default=1.0) or 1.0
    side = (0.0, limit) if outcome.higher_is_better else (-limit, 0.0)
    axes.axvspan(*side, color=BETTER, linewidth=0, zorder=0)
    axes.text(
        0.99 if outcome.higher_is_better else 0.01,
        1.02,
        "better →" if outcome.higher_is_better else "← better",
        transform=axes.transAxes,
        color=MUTED,
        size=9.5,
        ha="right" if outcome.higher_is_better else "left",
        va="bottom",
    )
    axes.axvline(0.0, color=INK, linewidth=1.0, zorder=1)
    for place, row in enumerate(rows):
        _draw_row(axes, place, row)
    axes.set_xlim(-limit, limit)
    axes.set_ylim(len(outcome.rows) - 0.42, -0.5)
    axes.set_yticks([])
    step = max(_step(limit), LEAST_DOUBLING) if outcome.is_ratio else _step(limit)
    ticks = [step * place for place in range(-int(limit / step), int(limit / step) + 1)]
    decimals = 0 if step >= 1 else 1
    axes.set_xticks(
        ticks, [f"{2**tick:.2g}" if outcome.is_ratio else signed(tick, decimals) for tick in ticks]
    )
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


def _placed(outcome: OutcomeEffects, row: EffectRow) -> EffectRow:
    return EffectRow(
        arm=row.arm,
        one=outcome.place(row.one),
        one_low=outcome.place(row.one_low),
        one_high=outcome.place(row.one_high),
        mean=outcome.place(row.mean),
        low=outcome.place(row.low),
        high=outcome.place(row.high),
    )


def _draw_row(axes: Axes, place: int, row: EffectRow) -> None:
    colour, marker = row.arm.colour, row.arm.marker
    if np.isfinite(row.low) and np.isfinite(row.high):
        band = tinted(colour, 0.32)
        axes.barh(place - 0.14, row.high - row.low, left=row.low, height=0.3, color=band, zorder=2)
    if np.isfinite(row.mean):
        axes.plot(
            row.mean, place - 0.14, marker=marker, color=colour, markersize=8, markeredgecolor=PAPER, zorder=5
        )
    if not np.isfinite(row.one):
        return
    height = place + (0.22 if np.isfinite(row.mean) else 0.0)
    if np.isfinite(row.one_low) and np.isfinite(row.one_high):
        axes.plot([row.one_low, row.one_high], [height, height], color=colour, linewidth=1.3, zorder=3)
    axes.plot(row.one, height, marker=marker, color=PAPER, markeredgecolor=colour, markersize=5.5, zorder=4)


def _step(limit: float) -> float:
    """Return a round step, so that no more than MOST_TICKS ticks stand between -limit and limit."""
    power = 10.0 ** np.floor(np.log10(limit))
    steps = [factor * power for factor in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)]
    return float(next(step for step in steps if 2 * int(limit / step) + 1 <= MOST_TICKS))
