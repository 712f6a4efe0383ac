"""Several tests in one trial: adjusted decisions, or a word on what stands unadjusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.result import Adjusted, Result
from euexia.protocol.analysis_options import Multiplicity, Procedure
from euexia.protocol.protocol import Protocol
from euexia.statistics import dunnett, graphical, multiplicity
from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]


def with_adjustment(results: Sequence[Result], plan: Multiplicity) -> tuple[Result, ...]:
    """Add to each test of the plan its adjusted p-value and decision at the level shared.

    A test that was not estimated rejects nothing: its p-value counts as 1.
    """
    named = {result.analysis: result for result in results}
    family = [named[name] for name in plan.analyses]
    adjusted = adjusted_p_values(family, plan)
    said = _in_words(plan)
    decisions = {}
    for place, result in enumerate(family):
        p_value = adjusted[:, place]
        with np.errstate(invalid="ignore"):
            reject = np.asarray(p_value <= plan.alpha, dtype=bool)
        decisions[result.analysis] = Adjusted(
            procedure=plan.procedure.value, alpha=plan.alpha, reject=reject, p_value=p_value
        )
    return tuple(
        replace(result, adjusted=decisions[result.analysis], notes=(*result.notes, said))
        if result.analysis in decisions
        else result
        for result in results
    )


def adjusted_p_values(family: Sequence[Result], plan: Multiplicity) -> Floats:
    """Return the adjusted p-values of the tests of a plan, shape (trials, tests)."""
    p_values = np.stack([result.p_value for result in family], axis=1)
    match plan.procedure:
        case Procedure.CO_PRIMARY:
            known = np.where(np.isnan(p_values), 1.0, p_values)
            return np.repeat(known.max(axis=1)[:, np.newaxis], len(family), axis=1)
        case Procedure.BONFERRONI:
            return np.minimum(1.0, p_values * len(family))
        case Procedure.HOLM:
            return multiplicity.adjust(p_values, multiplicity.Method.HOLM)
        case Procedure.HOCHBERG:
            return multiplicity.adjust(p_values, multiplicity.Method.HOCHBERG)
        case Procedure.FIXED_SEQUENCE:
            return multiplicity.adjust(p_values, multiplicity.Method.FIXED_SEQUENCE)
        case Procedure.DUNNETT:
            return _dunnett(family, p_values)
        case Procedure.GRAPHICAL:
            return graphical.adjust(p_values, _graph(plan))
        case _:
            assert_never(plan.procedure)


def _graph(plan: Multiplicity) -> graphical.Graph:
    names = plan.analyses
    weights = [plan.weights.get(name, 0.0) for name in names]
    transitions = [[plan.transitions.get(name, {}).get(other, 0.0) for other in names] for name in names]
    return graphical.graph(weights, transitions)


def _dunnett(family: Sequence[Result], p_values: Floats) -> Floats:
    """Return step-down adjusted p-values of several arms against one control.

    Comparisons share the control; their correlation is that of means of independent arms of the sizes
    analysed, and the degrees of freedom are the smallest of theirs.
    """
    t = np.stack([result.estimate / result.numbers["standard_error"] for result in family], axis=1)
    freedom = np.min([result.numbers["degrees_of_freedom"] for result in family], axis=0)
    sizes = np.stack([result.numbers["analysed"] for result in family], axis=1)
    control = family[0].numbers["analysed_control"]
    alternatives = {_alternative(result) for result in family}
    alternative = alternatives.pop() if len(alternatives) == 1 else Alternative.TWO_SIDED
    adjusted = dunnett.step_down(t, dunnett.loadings(sizes, control), freedom, alternative=alternative)
    return np.where(np.isnan(p_values), np.nan, adjusted)


def _alternative(result: Result) -> Alternative:
    if not result.one_sided:
        return Alternative.TWO_SIDED
    return Alternative.GREATER if result.higher_is_better else Alternative.LESS


def _in_words(plan: Multiplicity) -> str:
    count, level = len(plan.analyses), f"{100 * plan.alpha:g} %"
    if plan.procedure is Procedure.CO_PRIMARY:
        return f"One of {count} co-primary tests: the trial succeeds if all reject at {level}."
    name = plan.procedure.value.replace("_", " ")
    return f"One of {count} tests that share the level {level} ({name}); the adjusted decision is given."


def without_adjustment(results: Sequence[Result], protocol: Protocol) -> Iterator[Result]:
    """Add to each primary test that is one of several what that does to the chance of a false success."""
    primary = {analysis.name for analysis in protocol.analyses if analysis.primary}
    for result in results:
        family = [
            other
            for other in results
            if other.analysis in primary
            and (other.method, other.endpoint) == (result.method, result.endpoint)
        ]
        if result.analysis in primary and len(family) > 1:
            yield replace(result, notes=(*result.notes, _unadjusted(family)))
        else:
            yield result


def _unadjusted(family: list[Result]) -> str:
    arms, alpha = ", ".join(result.arm for result in family), family[0].alpha
    text = (
        f"{len(family)} arms ({arms}) are each tested at {100 * alpha:g} %, without adjustment; Bonferroni "
        f"would "
        f"test each at {100 * alpha / len(family):g} %"
    )
    if any("level" not in result.design or result.control is not None for result in family):
        return f"{text}."
    none = 1.0
    for result in family:  # arms without a common control are independent
        none *= 1.0 - result.design["level"]
    return f"{text}. If no arm works, at least one test rejects with probability {100 * (1 - none):.1f} %."
