"""``euexia design sample-size``: patients for a comparison of two arms."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from euexia.cli.design_output import Format, Out, Written, deliver, listed
from euexia.cli.examples import examples
from euexia.core.errors import InputError

Alpha = Annotated[float, typer.Option(help="One-sided type I error: half of a two-sided one.")]
Power = Annotated[float, typer.Option(help="Probability of rejecting under the planned effect.")]
Ratio = Annotated[float, typer.Option(help="Treated patients per control.")]
Difference = Annotated[float, typer.Option(help="Difference of the means to detect.")]
Deviation = Annotated[float, typer.Option(help="Standard deviation between patients.")]


class Test(StrEnum):
    """Tests of two response rates."""

    FISHER = "fisher"
    BOSCHLOO = "boschloo"
    CHI_SQUARE = "chi-square"
    MIETTINEN_NURMINEN = "miettinen-nurminen"


class StructureName(StrEnum):
    """How the readings of one patient hang together."""

    COMPOUND_SYMMETRY = "compound-symmetry"
    AUTOREGRESSIVE = "autoregressive"


class Events(StrEnum):
    """Formulas for events or patients."""

    SCHOENFELD = "schoenfeld"
    FREEDMAN = "freedman"
    LACHIN_FOULKES = "lachin-foulkes"


def add_to(group: typer.Typer) -> None:
    """Add the group ``sample-size`` to the group ``design``."""
    sizes = typer.Typer(
        name="sample-size",
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="Patients for a comparison of two arms.",
        epilog=examples("euexia design sample-size mean --difference 2 --deviation 4"),
    )
    sizes.command(epilog=examples("euexia design sample-size mean --difference 2 --deviation 4 --power 0.9"))(
        mean
    )
    sizes.command(
        epilog=examples("euexia design sample-size ancova --difference 2 --deviation 4 --correlation 0.6")
    )(ancova)
    sizes.command(
        epilog=examples(
            "euexia design sample-size mmrm --difference 2 --deviation 4 --correlation 0.6 --retention "
            "0.95,0.9,0.8",
            "euexia design sample-size mmrm --difference 2 --deviation 4 --correlation 0.7 --structure "
            "autoregressive "
            "--retention 0.95,0.9,0.8 --baseline",
        )
    )(mmrm)
    sizes.command(
        epilog=examples(
            "euexia design sample-size responder --rate 0.5 --control-rate 0.3",
            "euexia design sample-size responder --rate 0.6 --control-rate 0.3 --test fisher",
        )
    )(responder)
    sizes.command(
        epilog=examples(
            "euexia design sample-size survival --hazard-ratio 0.7 --control-median 12 --accrual 12 "
            "--follow-up 6"
        )
    )(survival)
    sizes.command(
        "win-odds",
        epilog=examples(
            "euexia design sample-size win-odds --odds 1.5",
            "euexia design sample-size win-odds --treated 0.2,0.3,0.5 --control 0.3,0.4,0.3",
        ),
    )(win_odds)
    group.add_typer(sizes)


def mean(
    *,
    difference: Difference,
    deviation: Deviation,
    alpha: Alpha = 0.025,
    power: Power = 0.8,
    ratio: Ratio = 1.0,
    known_variance: Annotated[
        bool, typer.Option("--known-variance", help="z test instead of t test.")
    ] = False,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Compare two means by a t test."""
    from euexia.design import answer_sizes

    answer = answer_sizes.mean(difference, deviation, alpha, power, ratio=ratio, known=known_variance)
    deliver(answer, written, out)


def ancova(
    *,
    difference: Difference,
    deviation: Deviation,
    correlation: Annotated[float, typer.Option(help="Of the covariate, often baseline, and the outcome.")],
    alpha: Alpha = 0.025,
    power: Power = 0.8,
    ratio: Ratio = 1.0,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Compare two means adjusted for baseline."""
    from euexia.design import answer_sizes

    deliver(answer_sizes.ancova(difference, deviation, alpha, power, correlation, ratio=ratio), written, out)


def mmrm(
    *,
    difference: Difference,
    deviation: Annotated[str, typer.Option(help="Standard deviation: one number, or one for each visit.")],
    correlation: Annotated[float, typer.Option(help="Of readings: of any two, or of neighbours.")],
    retention: Annotated[
        str,
        typer.Option(help="Share of the randomised seen at each visit after baseline, such as 0.95,0.9,0.8."),
    ],
    control_retention: Annotated[
        str | None, typer.Option(help="The same in the control arm.", show_default="as --retention")
    ] = None,
    structure: Annotated[
        StructureName, typer.Option(help="Same correlation of any two visits, or falling with distance.")
    ] = StructureName.COMPOUND_SYMMETRY,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Adjust for a baseline reading of the same kind.")
    ] = False,
    alpha: Alpha = 0.025,
    power: Power = 0.8,
    ratio: Ratio = 1.0,
    t: Annotated[
        bool, typer.Option("--t", help="Noncentral t with the completers' degrees of freedom.")
    ] = False,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Compare two arms at the last visit by a mixed model, with dropout."""
    from euexia.design import answer_sizes, repeated

    kept = listed("--retention", retention)
    spread = listed("--deviation", deviation)
    visits = len(kept) + baseline
    if len(spread) not in (1, visits):
        raise InputError(
            f"'--deviation' has {len(spread)} numbers. Give one, or one for each of {visits} readings."
        )
    deviations = spread * visits if len(spread) == 1 else spread
    covariance = repeated.covariance_of(repeated.Structure(structure.value), deviations, correlation)
    answer = answer_sizes.mixed_model(
        difference,
        repeated.given_baseline(covariance) if baseline else covariance,
        kept,
        alpha,
        power,
        ratio=ratio,
        control_retention=None
        if control_retention is None
        else listed("--control-retention", control_retention),
        known=not t,
    )
    deliver(answer, written, out)


def responder(
    *,
    rate: Annotated[float, typer.Option(help="Response rate hoped for in the treated arm.")],
    control_rate: Annotated[float, typer.Option(help="Response rate of the control arm.")],
    margin: Annotated[float, typer.Option(help="Of non-inferiority; 0 is superiority.")] = 0.0,
    test: Annotated[
        Test | None, typer.Option(help="Exact size for this test.", show_default="formula")
    ] = None,
    alpha: Alpha = 0.025,
    power: Power = 0.8,
    ratio: Ratio = 1.0,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Compare two response rates: by formula, or exactly for a named test."""
    from euexia.design import answer_sizes
    from euexia.design.two_arm import RateTest

    chosen = None if test is None else RateTest(test.value)
    answer = answer_sizes.responder(rate, control_rate, alpha, power, ratio=ratio, test=chosen, margin=margin)
    deliver(answer, written, out)


def survival(
    *,
    hazard_ratio: Annotated[float, typer.Option(help="Treated hazard over control hazard.")],
    control_median: Annotated[float, typer.Option(help="Median time to the event without treatment.")],
    accrual: Annotated[float, typer.Option(help="Time over which patients come, in the same unit.")],
    follow_up: Annotated[float, typer.Option(help="Time from the last patient to the analysis.")],
    dropout: Annotated[float, typer.Option(help="Share of the patients lost by --dropout-time.")] = 0.0,
    dropout_time: Annotated[
        float | None,
        typer.Option(help="Time by which that share is lost.", show_default="the control median"),
    ] = None,
    formula: Annotated[Events, typer.Option(help="Formula for events or patients.")] = Events.SCHOENFELD,
    alpha: Alpha = 0.025,
    power: Power = 0.8,
    ratio: Ratio = 1.0,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Compare two survival curves by the log-rank test: events and patients."""
    from math import log1p

    from euexia.design import answer_sizes
    from euexia.design.input_checks import check_positive
    from euexia.design.survival import EventFormula, Recruitment

    if not 0 <= dropout < 1:
        raise InputError(f"'--dropout' is {dropout:g}. Give the share lost by --dropout-time, below 1.")
    span = control_median if dropout_time is None else dropout_time
    check_positive("--control-median", control_median, "a time")
    check_positive("--dropout-time", span, "a time")
    recruitment = Recruitment(accrual=accrual, follow_up=follow_up, dropout=-log1p(-dropout) / span)
    chosen = EventFormula(formula.value)
    answer = answer_sizes.time_to_event(
        hazard_ratio, control_median, recruitment, alpha, power, ratio=ratio, formula=chosen
    )
    deliver(answer, written, out)


def win_odds(
    *,
    odds: Annotated[
        float | None, typer.Option(help="Wins over losses, ties counted half each.", show_default="none")
    ] = None,
    treated: Annotated[
        str | None, typer.Option(help="Shares of ordered categories, worst first.", show_default="none")
    ] = None,
    control: Annotated[
        str | None, typer.Option(help="The same of the control arm.", show_default="none")
    ] = None,
    cautious: Annotated[bool, typer.Option("--cautious", help="Largest possible variance.")] = False,
    alpha: Alpha = 0.025,
    power: Power = 0.8,
    ratio: Ratio = 1.0,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Compare two arms by win odds, or by ordered categories."""
    from euexia.design import answer_sizes, ranks

    tied = 0.0
    if treated is not None and control is not None and odds is None:
        shares = listed("--treated", treated), listed("--control", control)
        odds, tied = ranks.win_odds_of_categories(*shares, ratio=ratio)
    elif odds is None or treated is not None or control is not None:
        raise InputError("Give either --odds, or --treated and --control with the shares of each category.")
    spread = ranks.Spread.LARGEST if cautious else ranks.Spread.SHIFT
    deliver(answer_sizes.win_odds(odds, alpha, power, ratio=ratio, spread=spread, tied=tied), written, out)
