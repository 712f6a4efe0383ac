"""Figures of an assurance: the distribution of power, and what it owes to each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from euexia.report.axes import heading, placed, reference
from euexia.report.drawing import Panel, Picture
from euexia.report.style import CONTROL, INK, PALETTE
from euexia.statistics.power_uncertainty import beta_of
from euexia.study.assurance import Assurance, Influence

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

SIZE = (500.0, 320.0)
ROW = 24.0
LEFT = 268.0
SHOWN = 12
BINS = 20
LONGEST = 40
GRID = 400


def distribution_picture(found: Assurance) -> Picture:
    """Return how power is distributed over the draws."""
    return Picture(
        name="distribution",
        title="Power over the draws",
        caption=(
            f"Bars: the estimated power at each draw, which the chance of {found.plan.trials} trials spreads "
            "wider than the power itself. Line: the beta distribution with that chance taken away. "
            "Solid mark: "
            "expected power; broken: power with every number as stated."
        ),
        panels=(_distribution(found),),
    )


def _distribution(found: Assurance) -> Panel:
    powers = 100 * found.powers
    shape = beta_of(found.power.expected, found.power.variance)

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, SIZE, left=46, right=16, top=50, bottom=44)
        heading(figure, SIZE, "", second=f"{len(powers)} draws; density")
        axes.hist(
            powers, bins=np.linspace(0, 100, BINS + 1).tolist(), density=True, color=CONTROL, alpha=0.35
        )
        top = axes.get_ylim()[1]
        if shape is not None:
            from scipy.stats import beta

            across = np.linspace(0, 1, GRID)[1:-1]
            axes.plot(100 * across, beta.pdf(across, *shape) / 100, color=PALETTE[0], linewidth=2)
        axes.set_ylim(0, 1.15 * top)
        axes.axvline(100 * found.power.expected, color=PALETTE[1], linewidth=2)
        reference(axes, 100 * found.stated[_power(found)], colour=PALETTE[2])
        reference(axes, 100 * found.plan.worth, f"{100 * found.plan.worth:g} %")
        axes.set_xlim(0, 100)
        axes.set_yticks([])
        axes.set_xlabel("power [%]")

    low, middle, high = np.quantile(powers, (0.05, 0.5, 0.95))
    return Panel(
        name="power-distribution",
        title="Power over the draws",
        description=(
            f"Estimated power at {len(powers)} draws: median {middle:.0f} %, middle 90 % from {low:.0f} % to "
            f"{high:.0f} %; expected {100 * found.power.expected:.1f} %."
        ),
        draw=draw,
        width=SIZE[0],
        height=SIZE[1],
    )


def _power(found: Assurance) -> str:
    from euexia.study.assurance import figure_of

    return figure_of(found.plan)


def influence_picture(found: Assurance) -> Picture:
    """Return the share of each number in the variance of the power."""
    return Picture(
        name="influences",
        title="Which uncertainty costs most",
        caption=(
            "Share of the variance of the power over the draws that would go if the number were known (first "
            "order), with two bootstrap errors. Shares of numbers that act together do not add up to "
            "100 %, and "
            "a share near its error may be none."
        ),
        panels=(_influences(found.influences[:SHOWN]),),
    )


def _influences(shown: tuple[Influence, ...]) -> Panel:
    size = (SIZE[0] + 160, 56 + ROW * len(shown))
    values = [100 * one.share.index for one in shown]
    errors = [200 * one.share.index_error for one in shown]
    labels = [_label(one) for one in shown]

    def draw(figure: FigureBase) -> None:
        axes = placed(figure, size, left=LEFT, right=24, top=16, bottom=40)
        places = list(range(len(shown)))
        axes.barh(places, np.maximum(values, 0), color=PALETTE[0], height=0.62, alpha=0.75)
        axes.errorbar(values, places, xerr=errors, linestyle="none", color=INK, linewidth=1.1)
        axes.set_yticks(places, labels)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlim(0, min(104.0, 1.04 * max(30.0, *(v + e for v, e in zip(values, errors, strict=True)))))
        axes.grid(axis="x")
        axes.set_xlabel("share of the variance of the power [%]")

    told = "; ".join(f"{label} {value:.0f} %" for label, value in zip(labels, values, strict=True))
    return Panel(
        name="influences",
        title="Which uncertainty costs most",
        description=f"Share of the variance of the power: {told}.",
        draw=draw,
        width=size[0],
        height=size[1],
    )


def _label(one: Influence) -> str:
    name = one.parameter.name
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
