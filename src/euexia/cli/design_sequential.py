"""``euexia design group-sequential`` and ``conditional-power``: trials that look before they end."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.cli.design_output import Format, Out, Written, deliver, listed
from euexia.cli.examples import examples
from euexia.core.errors import InputError

if TYPE_CHECKING:
    from euexia.design.boundaries import Futility
    from euexia.design.group_sequential import GroupSequentialDesign


class BoundaryName(StrEnum):
    """Boundaries by name."""

    OBRIEN_FLEMING = "obrien-fleming"
    POCOCK = "pocock"
    WANG_TSIATIS = "wang-tsiatis"
    HWANG_SHIH_DECANI = "hwang-shih-decani"
    KIM_DEMETS = "kim-demets"
    SPENDING_OBRIEN_FLEMING = "lan-demets-obrien-fleming"
    SPENDING_POCOCK = "lan-demets-pocock"


Kind = Annotated[BoundaryName, typer.Option("--boundary", help="How the efficacy boundary is made.")]
Looks = Annotated[
    int | None, typer.Option(help="Number of evenly spaced analyses.", show_default="2, unless --information")
]
Information = Annotated[
    str | None,
    typer.Option(
        help="Information at each analysis, such as 0.4,0.7,1; patients or events do.", show_default="even"
    ),
]
Shape = Annotated[
    float | None,
    typer.Option(
        help="Of a family: gamma of Hwang-Shih-DeCani, Delta of Wang-Tsiatis, power of Kim-DeMets.",
        show_default="none",
    ),
]
Alpha = Annotated[float, typer.Option(help="Type I error, over all sides.")]
Power = Annotated[float, typer.Option(help="Probability of rejecting under the planned effect.")]
Sides = Annotated[int, typer.Option(help="1 or 2.")]
FutilityOption = Annotated[
    str | None,
    typer.Option(
        help="Spending function of the second error (a --boundary name), or Z at each analysis but the "
        "last, such as 0,0.5.",
        show_default="none",
    ),
]
FutilityShape = Annotated[
    float | None, typer.Option(help="Shape of the futility spending.", show_default="none")
]
Binding = Annotated[
    bool, typer.Option("--binding", help="The efficacy boundary relies on stopping for futility.")
]


def add_to(group: typer.Typer) -> None:
    """Add the commands of this module to the group ``design``."""
    group.command(
        "group-sequential",
        epilog=examples(
            "euexia design group-sequential --boundary obrien-fleming --looks 3",
            "euexia design group-sequential --boundary hwang-shih-decani --shape -4 --looks 5 --power 0.9",
            "euexia design group-sequential --boundary lan-demets-obrien-fleming --information 0.4,0.7,1 "
            "--futility lan-demets-pocock --fixed-size 240",
        ),
    )(group_sequential)
    group.command(
        "conditional-power",
        epilog=examples(
            "euexia design conditional-power --boundary obrien-fleming --looks 2 --analysis 1 --statistic "
            "1.2",
            "euexia design conditional-power --boundary hwang-shih-decani --shape -4 --power 0.9 --analysis "
            "1 "
            "--statistic 1.15",
        ),
    )(conditional_power)
    group.command(
        "final-analysis",
        epilog=examples(
            "euexia design final-analysis --boundary obrien-fleming --looks 3 --analysis 2 --statistic 2.7"
        ),
    )(final_analysis)


def group_sequential(
    *,
    boundary: Kind = BoundaryName.OBRIEN_FLEMING,
    looks: Looks = None,
    information: Information = None,
    shape: Shape = None,
    alpha: Alpha = 0.025,
    power: Power = 0.8,
    sides: Sides = 1,
    futility: FutilityOption = None,
    futility_shape: FutilityShape = None,
    binding: Binding = False,
    fixed_size: Annotated[
        float | None,
        typer.Option(help="Patients or events of the trial without interim analyses.", show_default="none"),
    ] = None,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Design a group-sequential trial: boundaries, stopping probabilities, inflation, expected size."""
    from euexia.design import answer_sequential

    stopping = _futility(futility, futility_shape, binding=binding)
    plan = _plan(boundary, looks, information, shape, alpha, power, sides, stopping)
    deliver(answer_sequential.group_sequential(plan, fixed_size), written, out)


def conditional_power(
    *,
    analysis: Annotated[int, typer.Option(help="Which analysis was made, counted from 1.")],
    statistic: Annotated[float, typer.Option(help="Z found there, positive in the hoped-for direction.")],
    boundary: Kind = BoundaryName.OBRIEN_FLEMING,
    looks: Looks = None,
    information: Information = None,
    shape: Shape = None,
    alpha: Alpha = 0.025,
    power: Power = 0.8,
    sides: Sides = 1,
    futility: FutilityOption = None,
    futility_shape: FutilityShape = None,
    binding: Binding = False,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Say what an interim result leaves open: conditional and predictive power, repeated interval."""
    from euexia.design import answer_sequential

    stopping = _futility(futility, futility_shape, binding=binding)
    plan = _plan(boundary, looks, information, shape, alpha, power, sides, stopping)
    deliver(answer_sequential.conditional(plan, analysis, statistic), written, out)


def final_analysis(
    *,
    analysis: Annotated[int, typer.Option(help="At which analysis the trial ended, counted from 1.")],
    statistic: Annotated[float, typer.Option(help="Z found there, positive in the hoped-for direction.")],
    boundary: Kind = BoundaryName.OBRIEN_FLEMING,
    looks: Looks = None,
    information: Information = None,
    shape: Shape = None,
    alpha: Alpha = 0.025,
    power: Power = 0.8,
    sides: Sides = 1,
    futility: FutilityOption = None,
    futility_shape: FutilityShape = None,
    binding: Binding = False,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Read a trial that has ended: p-value, estimate and interval corrected for its looks."""
    from euexia.design import answer_sequential

    stopping = _futility(futility, futility_shape, binding=binding)
    plan = _plan(boundary, looks, information, shape, alpha, power, sides, stopping)
    deliver(answer_sequential.ended(plan, analysis, statistic), written, out)


def _plan(
    boundary: BoundaryName,
    looks: int | None,
    information: str | None,
    shape: float | None,
    alpha: float,
    power: float,
    sides: int,
    futility: Futility | None,
) -> GroupSequentialDesign:
    from euexia.design.group_sequential import design
    from euexia.design.spending import Boundary

    return design(
        Boundary(boundary.value),
        _times(looks, information),
        alpha,
        power,
        shape=shape,
        sides=sides,
        futility=futility,
    )


def _times(looks: int | None, information: str | None) -> tuple[float, ...]:
    if information is not None:
        times = listed("--information", information)
        if looks is not None and looks != len(times):
            raise InputError(
                f"'--looks' is {looks}, but '--information' has {len(times)} analyses. Give one of the two."
            )
        return times
    count = 2 if looks is None else looks
    if not 1 <= count <= 50:
        raise InputError(f"'--looks' is {count}. Give 1 to 50.")
    return tuple((index + 1) / count for index in range(count))


def _futility(words: str | None, shape: float | None, *, binding: bool) -> Futility | None:
    from euexia.core.choices import choose
    from euexia.design.boundaries import Futility
    from euexia.design.spending import Boundary

    if words is None:
        if shape is not None or binding:
            raise InputError("'--futility-shape' and '--binding' need '--futility'. Name a boundary for it.")
        return None
    if words[:1].isalpha():
        spending = {kind.value: kind for kind in Boundary if kind.spends}
        kind = choose("spending function", words, spending, asked_in="--futility")
        return Futility(boundary=kind, shape=shape, binding=binding)
    return Futility(values=listed("--futility", words), binding=binding)
