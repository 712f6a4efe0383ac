"""Group-sequential designs in words and numbers."""

from __future__ import annotations

import math
from typing import assert_never

import numpy as np

from euexia.core.errors import InputError
from euexia.design import monitoring
from euexia.design.answer import Answer, AnswerTable, Cell, bar, count, number, probability, text
from euexia.design.group_sequential import GroupSequentialDesign, course, level
from euexia.design.input_checks import check_positive
from euexia.design.spending import SOURCES, Boundary

CANONICAL = (
    "The statistic is normal with independent increments of information: true of means, rates and log-rank "
    "tests in large samples."
)
_NUMERICAL = (
    "Exact recursive integration: Armitage, McPherson and Rowe, Journal of the Royal Statistical Society A "
    "1969;132:235-244; Jennison and Turnbull, Group Sequential Methods, 2000, chapter 19."
)
_CURVE = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)


def group_sequential(plan: GroupSequentialDesign, fixed_size: float | None = None) -> Answer:
    """Return a group-sequential design; fixed_size: patients or events of the trial without looks."""
    if fixed_size is not None:
        check_positive("fixed_size", fixed_size, "the patients or events without interim analyses")
    return Answer(
        title=_title(plan),
        tables=(_analyses(plan, fixed_size), _crossings(plan), _summary(plan, fixed_size), _curve(plan)),
        assumptions=(CANONICAL, *_rules(plan)),
        sources=(f"{_name(plan.boundary)}: {SOURCES[plan.boundary]}.", *_futility_source(plan), _NUMERICAL),
        warnings=_warnings(plan),
    )


def conditional(plan: GroupSequentialDesign, analysis: int, statistic: float) -> Answer:
    """Return what an interim result leaves open: conditional and predictive power, repeated interval."""
    if not math.isfinite(statistic):
        raise InputError(f"'statistic' is {statistic:g}. Give the value of Z at the interim analysis.")
    time = monitoring.interim_information(plan, analysis)
    return Answer(
        title=f"After analysis {analysis} of {plan.upper.size}: Z = {statistic:g} at information {time:.3g}",
        tables=(_prospects(plan, analysis, statistic), _effect_so_far(plan, analysis, statistic)),
        assumptions=(
            CANONICAL,
            "Later boundaries are obeyed, futility included.",
            "The interval is a repeated confidence interval: it holds at every analysis at once.",
        ),
        sources=(
            "Conditional power, repeated intervals: Jennison and Turnbull, Group Sequential Methods, 2000, "
            "chapters 9 and 10.",
            "Predictive power: Spiegelhalter, Freedman and Blackburn, Controlled Clinical Trials "
            "1986;7:8-17.",
        ),
        warnings=_already(plan, analysis, statistic),
    )


def _prospects(plan: GroupSequentialDesign, analysis: int, statistic: float) -> AnswerTable:
    """Return conditional power under three effects, and predictive power."""
    trend = statistic / math.sqrt(monitoring.interim_information(plan, analysis))
    rows: list[tuple[Cell, ...]] = []
    for words, drift in (
        ("the planned effect", plan.drift),
        ("the observed trend", trend),
        ("no effect", 0.0),
    ):
        power = float(monitoring.conditional_power(plan, analysis, statistic, drift))
        rows.append((f"Conditional power under {words}", drift, power))
    predicted = float(monitoring.predictive_power(plan, analysis, statistic))
    rows.append(("Predictive power, no prior opinion", None, predicted))
    return AnswerTable(
        name="power",
        title="Probability of rejecting by the end",
        columns=(text("what", ""), number("drift", "Drift"), probability("power", "Probability")),
        rows=tuple(rows),
    )


def _effect_so_far(plan: GroupSequentialDesign, analysis: int, statistic: float) -> AnswerTable:
    """Return the estimate and its repeated interval."""
    root = math.sqrt(monitoring.interim_information(plan, analysis))
    low, high = monitoring.repeated_interval(plan, analysis, statistic / root, 1.0 / root)
    shares = (value / plan.drift for value in (statistic / root, float(low), float(high)))
    return AnswerTable(
        name="effect",
        title="Effect so far, as a share of the planned one",
        columns=(
            number("estimate", "Estimate"),
            number("low", "From"),
            number("high", "To"),
            probability("confidence", "Confidence"),
        ),
        rows=((*shares, _confidence(plan)),),
    )


def ended(plan: GroupSequentialDesign, analysis: int, statistic: float) -> Answer:
    """Return what a stopped trial says, corrected for its looks."""
    if not math.isfinite(statistic):
        raise InputError(f"'statistic' is {statistic:g}. Give the value of Z at the last analysis made.")
    found = monitoring.final_analysis(plan, analysis, statistic)
    naive = statistic / math.sqrt(float(plan.information[analysis - 1]))
    shares = [float(value) / plan.drift for value in (found.drift, found.low, found.high)]
    return Answer(
        title=f"Stopped at analysis {analysis} of {plan.upper.size} with Z = {statistic:g}",
        tables=(
            AnswerTable(
                name="final",
                title="Corrected for the looks; effects as shares of the planned one",
                columns=(
                    number("p_value", "One-sided p"),
                    number("estimate", "Median-unbiased estimate"),
                    number("low", "From"),
                    number("high", "To"),
                    probability("confidence", "Confidence"),
                    number("naive", "Uncorrected estimate"),
                ),
                rows=((float(found.p_value), *shares, _confidence(plan), naive / plan.drift),),
            ),
        ),
        assumptions=(
            CANONICAL,
            "Stage-wise ordering: stopping earlier for efficacy is stronger evidence, whatever Z.",
            "A futility boundary that is not binding is left out.",
        ),
        sources=("Tsiatis, Rosner and Mehta, Biometrics 1984;40:797-803.",),
    )


def _confidence(plan: GroupSequentialDesign) -> float:
    return 1.0 - plan.alpha * (2 if plan.sides == 1 else 1)


def _title(plan: GroupSequentialDesign) -> str:
    sides = "one-sided" if plan.sides == 1 else "two-sided"
    shape = "" if plan.shape is None else f" ({plan.shape:g})"
    looks = f"{plan.upper.size} analyses"
    return f"{_name(plan.boundary)}{shape}, {looks}, {sides} {plan.alpha:g}, power {plan.power:g}"


def _name(boundary: Boundary) -> str:
    match boundary:
        case Boundary.OBRIEN_FLEMING:
            return "O'Brien-Fleming"
        case Boundary.POCOCK:
            return "Pocock"
        case Boundary.WANG_TSIATIS:
            return "Wang-Tsiatis"
        case Boundary.HWANG_SHIH_DECANI:
            return "Hwang-Shih-DeCani"
        case Boundary.KIM_DEMETS:
            return "Kim-DeMets"
        case Boundary.SPENDING_OBRIEN_FLEMING:
            return "Lan-DeMets, O'Brien-Fleming type"
        case Boundary.SPENDING_POCOCK:
            return "Lan-DeMets, Pocock type"
        case _:
            assert_never(boundary)


def _analyses(plan: GroupSequentialDesign, fixed_size: float | None) -> AnswerTable:
    """Return the boundaries, one row for each analysis."""
    columns = [count("analysis", "Analysis"), number("information", "Information")]
    if fixed_size is not None:
        columns.append(count("size", "Patients or events"))
    columns.append(number("upper", "Efficacy Z"))
    lower = plan.sides == 2 or plan.futility is not None
    if lower:
        columns.append(number("lower", "Lower Z" if plan.sides == 2 else "Futility Z"))
    columns.append(probability("level", "Nominal level"))
    rows = []
    for index, time in enumerate(plan.information.tolist()):
        row: list[Cell] = [index + 1, time]
        if fixed_size is not None:
            row.append(math.ceil(fixed_size * plan.inflation * time - 1e-9))
        row.append(float(plan.upper[index]))
        if lower:
            row.append(float(plan.lower[index]))
        rows.append((*row, float(plan.levels[index])))
    return AnswerTable(name="analyses", title="Boundaries of Z", columns=tuple(columns), rows=tuple(rows))


def _crossings(plan: GroupSequentialDesign) -> AnswerTable:
    """Return the cumulative probabilities of stopping, without effect and with the planned one."""
    found = course(plan, np.array([0.0, plan.drift]))
    efficacy, futility = np.cumsum(found.efficacy, axis=1), np.cumsum(found.futility, axis=1)
    rows = tuple(
        (index + 1, *(float(part[row, index]) for row in (0, 1) for part in (efficacy, futility)))
        for index in range(plan.upper.size)
    )
    return AnswerTable(
        name="stopping",
        title="Probability of having stopped by each analysis",
        columns=(
            count("analysis", "Analysis"),
            probability("efficacy_null", "No effect: efficacy"),
            probability("lower_null", "lower"),
            probability("efficacy", "Planned effect: efficacy"),
            probability("lower", "lower"),
        ),
        rows=rows,
    )


def _summary(plan: GroupSequentialDesign, fixed_size: float | None) -> AnswerTable:
    """Return drift, inflation and expected information, in patients or events if the fixed size is known."""
    information = course(plan, np.array([0.0, plan.drift / 2.0, plan.drift])).expected_information
    expected = (information * plan.inflation * (1.0 if fixed_size is None else fixed_size)).tolist()
    unit = "fixed sizes" if fixed_size is None else "patients or events"
    return AnswerTable(
        name="summary",
        title="Cost",
        columns=(
            number("drift", "Drift"),
            number("inflation", "Inflation factor"),
            number("expected_null", f"Expected {unit}: no effect"),
            number("expected_half", "half the effect"),
            number("expected", "planned effect"),
            probability("level", "Type I error"),
        ),
        rows=((plan.drift, plan.inflation, *expected, level(plan)),),
    )


def _curve(plan: GroupSequentialDesign) -> AnswerTable:
    shares = np.array(_CURVE)
    powers = course(plan, shares * plan.drift).rejection.tolist()
    return AnswerTable(
        name="power_curve",
        title="Power by true effect",
        columns=(number("share", "Share of the planned effect"), probability("power", "Power"), bar("")),
        rows=tuple(zip(shares.tolist(), powers, powers, strict=True)),
    )


def _rules(plan: GroupSequentialDesign) -> tuple[str, ...]:
    spending = (
        "Analyses may come at other information than planned: the spending function then gives new "
        "boundaries."
        if plan.boundary.spends
        else "Analyses must come at the planned information: this boundary spends no function of it."
    )
    if plan.futility is None:
        return (spending, "No futility boundary.")
    if plan.futility.binding:
        return (spending, "The futility boundary is binding: a trial that ignores it breaks its level.")
    return (spending, "The futility boundary is not binding: ignoring it keeps the type I error.")


def _futility_source(plan: GroupSequentialDesign) -> tuple[str, ...]:
    if plan.futility is None or plan.futility.boundary is None:
        return ()
    source = "Pampallona, Tsiatis and Kim, Drug Information Journal 2001;35:1113-1121"
    return (f"Spending of the second error: {source}.",)


def _warnings(plan: GroupSequentialDesign) -> tuple[str, ...]:
    found = []
    never = [str(index + 1) for index, value in enumerate(plan.upper) if not np.isfinite(value)]
    if never:
        found.append(f"Nothing is spent at analysis {', '.join(never)}: it cannot stop for efficacy.")
    if plan.futility is not None and plan.futility.binding:
        found.append("A committee may overrule a binding futility boundary; then the level is not kept.")
    return tuple(found)


def _already(plan: GroupSequentialDesign, analysis: int, statistic: float) -> tuple[str, ...]:
    upper, lower = float(plan.upper[analysis - 1]), float(plan.lower[analysis - 1])
    if statistic >= upper:
        return (f"Z has reached the efficacy boundary ({upper:.4f}): by its plan the trial has rejected.",)
    if statistic <= lower:
        return (f"Z lies at or below the lower boundary ({lower:.4f}): by its plan the trial has stopped.",)
    return ()
