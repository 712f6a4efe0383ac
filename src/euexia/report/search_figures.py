"""Figures of a design search: what power costs, and what each choice does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from euexia.report.axes import heading, placed, reference
from euexia.report.drawing import Panel, Picture
from euexia.report.formatting import percent
from euexia.report.style import CONTROL, INK, MUTED, PALETTE
from euexia.study.search import Search
from euexia.study.search_choice import front
from euexia.study.search_goal import kind_of, label_of
from euexia.study.search_words import power_figure
from euexia.study.trial_figures import COST, FIGURES, IN_VAIN, MONTHS, PATIENTS, POWER, Kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

Floats = NDArray[np.float64]

SIZE = (400.0, 300.0)
PRICES = (PATIENTS, MONTHS, IN_VAIN, COST)
SHORT = {
    PATIENTS: "patients",
    MONTHS: "months",
    IN_VAIN: "patients treated in vain",
    COST: "cost",
}
MOST_NAMED = 6
"""Values of an axis up to which each is named below its tick."""


def pareto_picture(found: Search, chosen: int) -> Picture:
    """Return the power of every simulated design against what it costs, with the Pareto front."""
    prices = [name for name in PRICES if name in found.simulated[0].values]
    return Picture(
        name="pareto",
        title="What power costs",
        caption=(
            "Each dot is a simulated design; the line joins those that no other beats in both (the Pareto "
            "front). The ring is the recommended design (or the nearest to the goals), as the search saw it. "
            "All dots have the same seed; the Monte-Carlo error of a power of 50 % is "
            f"{_worst_error(found)} points."
        ),
        panels=tuple(_pareto(found, chosen, name) for name in prices),
        columns=2,
    )


def _worst_error(found: Search) -> str:
    return f"{50 / np.sqrt(found.trials):.1f}"


def _pareto(found: Search, chosen: int, price: str) -> Panel:
    power = power_figure(found)
    costs = np.array([entry.values[price].value for entry in found.simulated])
    gains = 100 * np.array([entry.values[power].value for entry in found.simulated])
    best = front(costs, gains)
    order = np.argsort(costs[best])
    ring = [entry.point for entry in found.simulated].index(chosen)
    limit = _goal(found, power)

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, SIZE, left=52, right=16, top=50, bottom=42)
        heading(figure, SIZE, f"Power against {SHORT[price]}")
        axes.plot(costs, gains, linestyle="none", marker="o", markersize=4.5, color=CONTROL, alpha=0.5)
        axes.plot(
            costs[best][order], gains[best][order], marker="o", markersize=5, color=PALETTE[0], linewidth=1.6
        )
        axes.plot(
            [costs[ring]],
            [gains[ring]],
            marker="o",
            markersize=13,
            markerfacecolor="none",
            markeredgecolor=PALETTE[1],
            markeredgewidth=2.2,
        )
        if limit is not None:
            _mark_goal(axes, limit)
        axes.set_xlabel(SHORT[price])
        axes.set_ylabel("power [%]")
        axes.set_ylim(-3, 103)
        axes.grid(axis="both")

    return Panel(
        name=f"pareto-{price.replace('_', '-')}",
        title=f"Power against {SHORT[price]}",
        description=(
            f"{len(costs)} designs, {int(best.sum())} on the Pareto front. The recommended one: "
            f"{gains[ring]:.1f} % at {costs[ring]:,.1f} {SHORT[price]}."
        ),
        draw=draw,
        width=SIZE[0],
        height=SIZE[1],
    )


def _mark_goal(axes: Axes, limit: float) -> None:
    """Draw the goal, with its name at the left where few designs reach it."""
    reference(axes, limit, upright=False)
    axes.text(
        0.015,
        limit + 1.5,
        f"goal {limit:g} %",
        transform=axes.get_yaxis_transform(),
        color=MUTED,
        size=10,
        va="bottom",
    )


def _goal(found: Search, figure: str) -> float | None:
    values = [100 * goal.value for goal in found.question.goals if goal.figure == figure]
    return values[0] if values else None


def choices_picture(found: Search, chosen: int) -> Picture | None:
    """Return what each choice does when the others stay as in one design; None without a surrogate."""
    axes = [place for place, axis in enumerate(found.space.axes) if len(axis.values) > 1]
    if found.beliefs is None or len(found.beliefs.places) < found.space.points or not axes:
        return None
    return Picture(
        name="choices",
        title="What each choice does",
        caption=(
            "One value is moved, the others stay as in the ringed design. Line: the surrogate, fitted to all "
            "simulated designs; band: two of its errors either side. Dots: designs that were simulated, with "
            "two Monte-Carlo errors."
        ),
        panels=tuple(_choice(found, chosen, place) for place in axes),
        columns=2,
    )


def _choice(found: Search, chosen: int, place: int) -> Panel:
    axis = found.space.axes[place]
    levels = list(found.space.levels(chosen))
    points = [
        found.space.number([*levels[:place], level, *levels[place + 1 :]])
        for level in range(len(axis.values))
    ]
    across = axis.numbers if axis.numbers is not None else np.arange(len(points), dtype=float)
    power = shown_figure(found)
    middle, low, high = _believed(found, power, points)
    dots = _dots(found, power, points)
    limit = _goal(found, power)
    scale = 100.0 if kind_of(power) is Kind.SHARE else 1.0

    def draw(figure: FigureBase) -> None:
        drawn = placed(figure, SIZE, left=52, right=16, top=50, bottom=42)
        heading(figure, SIZE, axis.path)
        drawn.fill_between(across, scale * low, scale * high, color=PALETTE[0], alpha=0.16, linewidth=0)
        drawn.plot(across, scale * middle, color=PALETTE[0], linewidth=1.8)
        for level, value, error in dots:
            drawn.errorbar(
                [across[level]],
                [scale * value],
                [2 * scale * error],
                color=INK,
                marker="o",
                markersize=4.5,
                linewidth=1,
            )
        own = levels[place]
        drawn.plot(
            [across[own]],
            [scale * middle[own]],
            marker="o",
            markersize=13,
            markerfacecolor="none",
            markeredgecolor=PALETTE[1],
            markeredgewidth=2.2,
        )
        if limit is not None:
            _mark_goal(drawn, limit)
        _name_values(drawn, across, [axis.words(level) for level in range(len(points))], axis.numbers is None)
        drawn.set_ylabel(_label(power))
        if kind_of(power) is Kind.SHARE:
            drawn.set_ylim(-3, 103)
        drawn.grid(axis="both")

    told = "; ".join(
        f"{axis.words(level)}: {percent(float(middle[level])) if scale > 1 else f'{middle[level]:.1f}'}"
        for level in range(len(points))
    )
    return Panel(
        name=f"choice-{place + 1}",
        title=axis.path,
        description=f"{label_of(power)} by {axis.path}: {told}.",
        draw=draw,
        width=SIZE[0],
        height=SIZE[1],
    )


def shown_figure(found: Search) -> str:
    """Return the figure of the panels: a power that was asked for, else the objective."""
    power = power_figure(found)
    assert found.beliefs is not None
    return power if power in found.beliefs.by_figure else found.question.objective.figure


def _label(figure: str) -> str:
    if kind_of(figure) is Kind.SHARE:
        return "power [%]" if figure.startswith(POWER) else f"{label_of(figure)[:28]} [%]"
    return SHORT.get(figure, FIGURES[figure].label[:28])


def _believed(found: Search, figure: str, points: Sequence[int]) -> tuple[Floats, Floats, Floats]:
    assert found.beliefs is not None
    rows = [found.beliefs.places[point] for point in points]
    belief = found.beliefs.by_figure[figure]
    return belief.value()[rows], belief.value(-2)[rows], belief.value(2)[rows]


def _dots(found: Search, figure: str, points: Sequence[int]) -> list[tuple[int, float, float]]:
    simulated = {entry.point: entry.values[figure] for entry in found.simulated}
    return [
        (level, simulated[point].value, np.nan_to_num(simulated[point].error))
        for level, point in enumerate(points)
        if point in simulated
    ]


def _name_values(axes: Axes, across: Floats, words: Sequence[str], named: bool) -> None:
    if named or len(words) <= MOST_NAMED:
        shown = [word if len(word) <= 24 else f"{word[:22]}…" for word in words]
        axes.set_xticks(across, shown, size=9 if max(map(len, shown)) > 8 else 10.5)
    if named:
        axes.set_xlim(-0.4, len(words) - 0.6)
