"""``euexia design``: what a trial promises before any patient is seen, in closed form."""

from __future__ import annotations

from typing import Annotated

import typer

from euexia.cli import assurance_commands, design_sequential, design_sizes, search_commands
from euexia.cli.design_output import Format, Out, Written, deliver, listed, whole
from euexia.cli.examples import examples
from euexia.core.errors import InputError

Null = Annotated[float, typer.Option(help="Response rate that is not worth pursuing (p0).")]
Hoped = Annotated[float, typer.Option("--alternative", help="Response rate that would be (p1).")]
Alpha = Annotated[float, typer.Option(help="One-sided type I error.")]
Power = Annotated[float, typer.Option(help="Probability of success if the alternative is true.")]


def add_to(app: typer.Typer) -> None:
    """Add the group ``design`` and its commands."""
    group = typer.Typer(
        name="design",
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="Design a trial: sizes, boundaries and power in closed form; the better design by simulation.",
        epilog=examples(
            "euexia design two-stage --null 0.1 --alternative 0.3 --alpha 0.1 --power 0.9",
            "euexia design group-sequential --boundary obrien-fleming --looks 3 --fixed-size 300",
            "euexia design sample-size mmrm --difference 2 --deviation 4 --correlation 0.6 --retention "
            "0.95,0.9,0.8",
        ),
    )
    group.command(
        "one-stage",
        epilog=examples(
            "euexia design one-stage --null 0.05 --alternative 0.2 --alpha 0.025 --power 0.8",
            "euexia design one-stage --null 0.05 --alternative 0.2 --size 24",
        ),
    )(one_stage)
    group.command(
        "two-stage",
        epilog=examples(
            "euexia design two-stage --null 0.2 --alternative 0.4 --alpha 0.05 --power 0.8",
            "euexia design two-stage --null 0.1 --alternative 0.3 --alpha 0.1 --power 0.9 --check 2/18,4/26",
        ),
    )(two_stage)
    group.command(
        "binomial-looks",
        epilog=examples(
            "euexia design binomial-looks --sizes 50,100 --stop-at-most=-1,-1 --reject-at-least 13,17 "
            "--rates 0.1,0.2"
        ),
    )(binomial_looks)
    group.command("dose-finding", epilog=examples("euexia design dose-finding --target 0.3"))(dose_finding)
    group.command(
        "coprimary",
        epilog=examples(
            "euexia design coprimary --effects 0.5,0.35 --correlation 0.5",
            "euexia design coprimary --rates 0.5,0.3,0.4,0.2 --correlation 0.3 --test fisher",
            "euexia design coprimary --effects 0.5 --rates 0.6,0.4 --correlation 0.5 --power 0.9",
        ),
    )(coprimary)
    design_sequential.add_to(group)
    design_sizes.add_to(group)
    search_commands.add_to(group)
    assurance_commands.add_to(group)
    app.add_typer(group)


def one_stage(
    *,
    null: Null,
    alternative: Hoped,
    alpha: Alpha = 0.05,
    power: Power = 0.8,
    size: Annotated[
        int | None, typer.Option(help="Number of patients, if it is given.", show_default="the smallest")
    ] = None,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Test one response rate exactly, in one stage; shows the saw-tooth of exact power."""
    from euexia.design import answer_binomial

    deliver(answer_binomial.one_stage(null, alternative, alpha, power, size), written, out)


def two_stage(
    *,
    null: Null,
    alternative: Hoped,
    alpha: Alpha = 0.05,
    power: Power = 0.8,
    check: Annotated[
        str | None,
        typer.Option(help="Design to look at instead: r1/n1,r/n.", metavar="R1/N1,R/N", show_default="none"),
    ] = None,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Simon's two-stage designs: optimal, minimax and admissible, by complete enumeration."""
    from euexia.design import answer_binomial

    if check is None:
        deliver(answer_binomial.two_stage_designs(null, alternative, alpha, power), written, out)
        return
    stages = _stages(check)
    deliver(answer_binomial.checked_two_stage(stages, null, alternative, alpha, power), written, out)


def binomial_looks(
    *,
    sizes: Annotated[str, typer.Option(help="Patients at each look, such as 50,100.")],
    reject_at_least: Annotated[
        str, typer.Option(help="Responders that end the trial for efficacy, each look.")
    ],
    stop_at_most: Annotated[
        str, typer.Option(help="Responders that end it for futility, each look; -1 for never.")
    ],
    rates: Annotated[str, typer.Option(help="True response rates to look at.")],
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Follow one arm through several looks at its responders, exactly."""
    from euexia.design import answer_binomial
    from euexia.design.binomial_sequential import binomial_course

    found = binomial_course(
        whole("--sizes", sizes),
        whole("--stop-at-most", stop_at_most),
        whole("--reject-at-least", reject_at_least),
        listed("--rates", rates),
    )
    deliver(answer_binomial.binomial_looks(found), written, out)


def dose_finding(
    *,
    target: Annotated[float, typer.Option(help="Tolerable rate of dose-limiting toxicity.")] = 0.3,
    patients: Annotated[int, typer.Option(help="Largest number of patients at a dose.")] = 12,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Bayesian optimal interval design: when to go up, stay, come down or give a dose up."""
    from euexia.design import answer_binomial

    deliver(answer_binomial.dose_finding(target, patients), written, out)


def coprimary(
    *,
    correlation: Annotated[float, typer.Option(help="Of the two endpoints within an arm.")],
    effects: Annotated[
        str,
        typer.Option(
            help="Standardised effect of each endpoint that is a mean: one or two.", show_default="none"
        ),
    ] = "",
    rates: Annotated[
        str,
        typer.Option(
            help="Treated and control rate of each endpoint that is a response: two or four.",
            show_default="none",
        ),
    ] = "",
    alpha: Alpha = 0.025,
    power: Power = 0.8,
    ratio: Annotated[float, typer.Option(help="Treated patients per control.")] = 1.0,
    test: Annotated[
        design_sizes.Test | None,
        typer.Option(help="Exact power of this test, for two rates.", show_default="formula"),
    ] = None,
    known_variance: Annotated[
        bool, typer.Option(help="For two means: z tests, or t tests averaged over the variances.")
    ] = True,
    written: Written = Format.TEXT,
    out: Out = None,
) -> None:
    """Size a trial that must win on two endpoints at once: two means, two rates, or one of each."""
    from euexia.design import answer_coprimary
    from euexia.design.coprimary import BinaryEndpoint, ContinuousEndpoint, Endpoint
    from euexia.design.two_arm import RateTest

    found = [
        ContinuousEndpoint(effect=effect) for effect in (listed("--effects", effects) if effects else ())
    ]
    pairs = listed("--rates", rates) if rates else ()
    if len(pairs) % 2:
        raise InputError(
            f"'--rates' is '{rates}'. Give treated and control rate of each endpoint: 2 or 4 numbers."
        )
    answers = [
        BinaryEndpoint(rate=rate, control_rate=control)
        for rate, control in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    endpoints: tuple[Endpoint, ...] = (*found, *answers)
    if len(endpoints) != 2:
        raise InputError(
            f"{len(endpoints)} endpoints were given. Give two: by --effects 0.5,0.35, by --rates "
            "0.5,0.3,0.4,0.2, or one by each."
        )
    if test is not None and found:
        raise InputError("'--test' is for two rates. Leave it out.")
    first, second = endpoints
    answer = answer_coprimary.two_endpoints(
        first,
        second,
        correlation,
        alpha,
        power,
        ratio=ratio,
        known_variance=known_variance,
        test=None if test is None else RateTest(test.value),
    )
    deliver(answer, written, out)


def _stages(check: str) -> tuple[int, int, int, int]:
    words = check.replace("/", ",").split(",")
    if len(words) != 4 or not all(word.strip().isdigit() for word in words):
        raise InputError(f"'--check' is '{check}'. Give the design as r1/n1,r/n, such as 1/10,5/29.")
    first_limit, first_size, limit, size = (int(word) for word in words)
    return first_limit, first_size, limit, size
