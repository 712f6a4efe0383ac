"""Designs of one arm and of response rates, in words and numbers."""

from __future__ import annotations

import numpy as np

from euexia.design import single_arm, two_stage
from euexia.design.answer import Answer, AnswerTable, bar, count, number, probability, text
from euexia.design.binomial_sequential import BinomialCourse
from euexia.design.boin import BoinBoundaries, BoinRow, boin_boundaries, boin_table
from euexia.design.single_arm import ExactDesign

BINOMIAL = "Patients respond independently, all with the same rate; everyone enrolled is counted."
_CURVE_POINTS = 11
_TEETH = 12


_STAGES = (
    text("aim", "Aim"),
    text("first_stage", "r1/n1"),
    text("whole_trial", "r/n"),
    number("expected_size", "EN(p0)"),
    probability("early_stop", "PET(p0)"),
    probability("level", "Type I error"),
    probability("power", "Power"),
)


def one_stage(null: float, alternative: float, alpha: float, power: float, size: int | None = None) -> Answer:
    """Return the one-stage exact design of a given size, or of the smallest that keeps the power."""
    if size is None:
        chosen = single_arm.smallest_size(null, alternative, alpha, power)
        first = single_arm.first_size(null, alternative, alpha, power)
    else:
        chosen = first = single_arm.exact_design(size, null, alternative, alpha)
    warnings = []
    if size is None and first.size < chosen.size:
        warnings.append(
            f"{first.size} patients are the first to reach the power ({first.power:.4f}), but a larger size "
            f"up to {chosen.size - 1} loses it: exact power is a saw-tooth. From {chosen.size} on every size "
            "keeps it."
        )
    if size is not None and chosen.power < power:
        warnings.append(f"{size} patients do not reach power {power:g}.")
    if chosen.critical_value > chosen.size:
        warnings.append("With so few patients the test can never reject.")
    return Answer(
        title=f"One arm, one stage: response rate {null:g} or less against {alternative:g}",
        tables=(_exact(chosen), _teeth(chosen, first.size), _curve(chosen)),
        assumptions=(BINOMIAL, f"The test is one-sided at {alpha:g} and exact: its true level is lower."),
        sources=("Exact binomial test; textbook.",),
        warnings=tuple(warnings),
    )


def two_stage_designs(null: float, alternative: float, alpha: float, power: float) -> Answer:
    """Return Simon's optimal and minimax designs, and the admissible ones between."""
    optimal = two_stage.simon(null, alternative, alpha, power, two_stage.Aim.OPTIMAL)
    minimax = two_stage.simon(null, alternative, alpha, power, two_stage.Aim.MINIMAX)
    corners = two_stage.admissible(null, alternative, alpha, power)
    rows = [_stages("optimal", optimal), _stages("minimax", minimax)]
    weights = tuple(
        (
            f"{corner.design.first_limit}/{corner.design.first_size}",
            f"{corner.design.limit}/{corner.design.size}",
            corner.design.expected_size,
            corner.least_weight,
            corner.greatest_weight,
        )
        for corner in corners
    )
    return Answer(
        title=f"One arm, two stages: response rate {null:g} or less against {alternative:g}",
        tables=(
            AnswerTable(
                name="designs",
                title="Stop after n1 patients with r1 responders or fewer; reject above r of n",
                columns=_STAGES,
                rows=tuple(rows),
            ),
            AnswerTable(
                name="admissible",
                title="Admissible designs: best for some weight of the largest size against EN(p0)",
                columns=(
                    text("first_stage", "r1/n1"),
                    text("whole_trial", "r/n"),
                    number("expected_size", "EN(p0)"),
                    probability("least_weight", "Weight from"),
                    probability("greatest_weight", "to"),
                ),
                rows=weights,
            ),
        ),
        assumptions=(
            BINOMIAL,
            "Every pair of stages was enumerated; the optimal design is proven, not only found: no larger "
            "trial can have a smaller EN(p0).",
            "Stopping after the first stage is obeyed. A trial that goes on regardless has another level.",
        ),
        sources=(
            "Simon, Controlled Clinical Trials 1989;10:1-10.",
            "Admissible designs: Jung, Lee, Kim and George, Statistics in Medicine 2004;23:561-569.",
        ),
        warnings=(
            "Some published calculators call designs optimal that are not; compare theirs by --check "
            "r1/n1,r/n.",
        ),
    )


def checked_two_stage(
    stages: tuple[int, int, int, int], null: float, alternative: float, alpha: float, power: float
) -> Answer:
    """Return what a given two-stage design promises, beside the optimal one; stages: r1, n1, r, n."""
    given = two_stage.evaluate(*stages, null, alternative)
    optimal = two_stage.simon(null, alternative, alpha, power, two_stage.Aim.OPTIMAL)
    warnings = []
    if given.level > alpha:
        warnings.append(f"The given design errs more often than asked: {given.level:.4f} against {alpha:g}.")
    if given.power < power:
        warnings.append(f"The given design has less power than asked: {given.power:.4f} against {power:g}.")
    if not warnings and given.expected_size > optimal.expected_size + 1e-9:
        warnings.append(
            f"The given design is not optimal: {optimal.first_limit}/{optimal.first_size}, "
            f"{optimal.limit}/{optimal.size} has the smaller expected size {optimal.expected_size:.2f} "
            f"against {given.expected_size:.2f}."
        )
    return Answer(
        title=f"A given two-stage design: response rate {null:g} or less against {alternative:g}",
        tables=(
            AnswerTable(
                name="designs",
                title="Stop after n1 patients with r1 responders or fewer; reject above r of n",
                columns=_STAGES,
                rows=(_stages("given", given), _stages("optimal", optimal)),
            ),
        ),
        assumptions=(BINOMIAL,),
        sources=("Simon, Controlled Clinical Trials 1989;10:1-10.",),
        warnings=tuple(warnings),
    )


def binomial_looks(found: BinomialCourse) -> Answer:
    """Return what becomes of a trial of one arm with several looks."""
    rows = tuple(
        (
            rate,
            size,
            float(found.upper[row, column]),
            float(found.lower[row, column]),
            float(found.expected_size[row]),
        )
        for row, rate in enumerate(found.rates)
        for column, size in enumerate(found.sizes)
    )
    return Answer(
        title="One arm, several looks at the responders",
        tables=(
            AnswerTable(
                name="looks",
                title="Probability of stopping at each look",
                columns=(
                    number("rate", "True rate"),
                    count("size", "Patients"),
                    probability("efficacy", "For efficacy"),
                    probability("futility", "For futility"),
                    number("expected_size", "Expected patients"),
                ),
                rows=rows,
            ),
        ),
        assumptions=(BINOMIAL, "Both boundaries are obeyed at every look."),
        sources=("Exact recursion; Jennison and Turnbull, Group Sequential Methods, 2000, chapter 12.",),
    )


def dose_finding(target: float, patients: int) -> Answer:
    """Return the boundaries of a BOIN design and its decisions by count."""
    boundaries = boin_boundaries(target)
    return Answer(
        title=f"Dose finding by BOIN: target toxicity {target:g}",
        tables=(_boin_rows(boin_table(boundaries, patients)), _boin_limits(boundaries)),
        assumptions=(
            f"Rates of {0.6 * target:g} are too low and {1.4 * target:g} too high to tell from the target.",
            "A dose is given up when, from a uniform prior, it is too toxic with probability above 0.95.",
        ),
        sources=("Liu and Yuan, Journal of the Royal Statistical Society C 2015;64:507-523.",),
    )


def _exact(design: ExactDesign) -> AnswerTable:
    return AnswerTable(
        name="design",
        title="Design",
        columns=(
            count("size", "Patients"),
            count("critical_value", "Rejected at responders"),
            probability("level", "Type I error"),
            probability("power", "Power"),
        ),
        rows=((design.size, design.critical_value, design.level, design.power),),
    )


def _teeth(design: ExactDesign, first: int) -> AnswerTable:
    start = max(1, min(first, design.size - _TEETH // 2) - 2)
    sizes = np.arange(start, max(design.size + 3, start + _TEETH))
    found = single_arm.saw_tooth(design.null, design.alternative, design.alpha, sizes)
    powers = found.powers.tolist()
    rows = zip(
        sizes.tolist(), found.critical_values.tolist(), found.levels.tolist(), powers, powers, strict=True
    )
    return AnswerTable(
        name="saw_tooth",
        title="The saw-tooth around it",
        columns=(
            count("size", "Patients"),
            count("critical_value", "Rejected at"),
            probability("level", "Type I error"),
            probability("power", "Power"),
            bar(""),
        ),
        rows=tuple(rows),
    )


def _curve(design: ExactDesign) -> AnswerTable:
    rates = np.linspace(design.null, min(1.0, 2 * design.alternative - design.null), _CURVE_POINTS)
    powers = single_arm.power_curve(design, rates).tolist()
    return AnswerTable(
        name="power_curve",
        title="Power by true response rate",
        columns=(probability("rate", "True rate"), probability("power", "Power"), bar("")),
        rows=tuple(zip(rates.tolist(), powers, powers, strict=True)),
    )


def _stages(aim: str, design: two_stage.TwoStageDesign) -> tuple[str | float, ...]:
    return (
        aim,
        f"{design.first_limit}/{design.first_size}",
        f"{design.limit}/{design.size}",
        design.expected_size,
        design.early_stop,
        design.level,
        design.power,
    )


def _boin_rows(rows: tuple[BoinRow, ...]) -> AnswerTable:
    return AnswerTable(
        name="decisions",
        title="Decisions by toxicities at the current dose",
        columns=(
            count("patients", "Patients"),
            count("escalate_at_most", "Up at most"),
            count("deescalate_at_least", "Down at least"),
            count("eliminate_at_least", "Give up at least"),
        ),
        rows=tuple(
            (row.patients, row.escalate_at_most, row.deescalate_at_least, row.eliminate_at_least)
            for row in rows
        ),
    )


def _boin_limits(boundaries: BoinBoundaries) -> AnswerTable:
    return AnswerTable(
        name="boundaries",
        title="Boundaries of the observed rate",
        columns=(number("escalate", "Up at most"), number("deescalate", "Down at least")),
        rows=((boundaries.escalate, boundaries.deescalate),),
    )
