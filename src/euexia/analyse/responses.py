"""Tests of response rates: one arm against a fixed rate, or against the control."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.plan import Planned
from euexia.analyse.result import Result
from euexia.core.errors import InputError
from euexia.statistics.proportion_intervals import miettinen_nurminen
from euexia.statistics.proportions import (
    Alternative,
    boschloo_p_values,
    clopper_pearson,
    critical_count,
    fisher_p_values,
    probability_at_least,
    two_arm_probabilities,
)

Floats = NDArray[np.float64]
ExactTable = Callable[[int, int, Alternative], Floats]


def exact_binomial(planned: Planned) -> Result:
    r"""Test one arm's response rate against a fixed rate, exactly.

    .. math:: p = P(X \ge x \mid n, p_0); \quad \text{two-sided: twice the smaller tail}

    The interval is Clopper and Pearson's at the level that fits the test, so that it leaves out the fixed
    rate exactly when the test rejects.
    """
    analysis = planned.analysis
    null = analysis.null
    if null is None:
        raise InputError(
            f"Analysis '{analysis.name}' tests against a fixed rate but gives no 'null'. Give one."
        )
    responders, analysed = responses(planned, planned.treated)
    upper = probability_at_least(responders, analysed, null)
    if analysis.one_sided:
        p_value = upper
    else:
        lower = probability_at_least(analysed - responders, analysed, 1.0 - null)
        p_value = np.minimum(1.0, 2.0 * np.minimum(upper, lower))
    low, high = clopper_pearson(responders, analysed, planned.level)
    return planned.result(
        measure_of_effect="response rate",
        unit="1",
        estimate=share(responders, analysed),
        limits=(low, high),
        p_value=np.where(analysed > 0, p_value, np.nan),
        numbers={"responders": responders, "analysed": analysed},
        design=_design(planned, null),
        notes=("Exact binomial test; Clopper-Pearson interval.",),
    )


def fisher(planned: Planned) -> Result:
    """Test an arm's response rate against the control's by Fisher; Miettinen-Nurminen interval."""
    return _against_control(planned, fisher_p_values, "Fisher's exact test")


def boschloo(planned: Planned) -> Result:
    """Test an arm's response rate against the control's by Boschloo; Miettinen-Nurminen interval."""
    return _against_control(planned, boschloo_p_values, "Boschloo's exact test")


def responses(planned: Planned, members: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return responders and analysed of an arm, per trial; a value of 1 or more is a response."""
    analysed = members & planned.settled.included
    return planned.count(analysed & (planned.settled.value >= 1)), planned.count(analysed)


def share(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, NaN where there is nobody."""
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))


def exact_p_values(
    table: ExactTable, counts: tuple[Floats, Floats, Floats, Floats], alternative: Alternative
) -> Floats:
    """Return the p-value of an exact two-arm test per trial; NaN where an arm is empty.

    counts: responders and analysed of the arm, then of the control.  The table of all p-values is made once
    for each pair of sizes that occurs.
    """
    x1, n1, x0, n0 = (part.astype(np.int64) for part in counts)
    p_values = np.full(x1.shape, np.nan)
    for treated, controls in np.unique(np.stack([n1, n0], axis=1), axis=0):
        if treated > 0 and controls > 0:
            here = (n1 == treated) & (n0 == controls)
            p_values[here] = table(int(treated), int(controls), alternative)[x1[here], x0[here]]
    return p_values


def _against_control(planned: Planned, table: ExactTable, test: str) -> Result:
    responders, analysed = responses(planned, planned.treated)
    control_responders, control_analysed = responses(planned, planned.controls)
    counts = (responders, analysed, control_responders, control_analysed)
    rate, control_rate = share(responders, analysed), share(control_responders, control_analysed)
    return planned.result(
        measure_of_effect="risk difference",
        unit="1",
        estimate=rate - control_rate,
        limits=miettinen_nurminen(*counts, planned.level),
        p_value=exact_p_values(table, counts, planned.alternative),
        numbers={
            "responders": responders,
            "analysed": analysed,
            "rate": rate,
            "responders_control": control_responders,
            "analysed_control": control_analysed,
            "rate_control": control_rate,
        },
        design=_two_arm_design(planned, table),
        notes=(f"{test}; Miettinen-Nurminen score interval of the difference.",),
    )


def _design(planned: Planned, null: float) -> dict[str, float]:
    """Return what the design promises for the planned number of patients, whatever the data."""
    analysis, size = planned.analysis, planned.planned_sizes[planned.analysis.arm]
    critical = int(critical_count(size, null, analysis.alpha if analysis.one_sided else analysis.alpha / 2.0))
    facts = {
        "size": float(size),
        "critical_value": float(critical),
        "null": null,
        "level": float(probability_at_least(critical, size, null)),
    }
    if analysis.alternative is not None:
        power = float(probability_at_least(critical, size, analysis.alternative))
        facts |= {"alternative": analysis.alternative, "power": power}
    return facts


def _two_arm_design(planned: Planned, table: ExactTable) -> dict[str, float]:
    """Return exact level and power at the rates of the protocol, if it gives them."""
    analysis = planned.analysis
    size = planned.planned_sizes[analysis.arm]
    controls = planned.planned_sizes[analysis.control or ""]
    facts = {"size": float(size), "size_control": float(controls)}
    if analysis.null is None or analysis.alternative is None or not size or not controls:
        return facts
    rejected = table(size, controls, planned.alternative) <= analysis.alpha
    level = two_arm_probabilities(size, controls, analysis.null, analysis.null)[rejected].sum()
    power = two_arm_probabilities(size, controls, analysis.alternative, analysis.null)[rejected].sum()
    rates = {"null": analysis.null, "alternative": analysis.alternative}
    return {**facts, **rates, "level": float(level), "power": float(power)}
