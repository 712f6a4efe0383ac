"""How many trials are enough for what: 10 to read one by one, 1,000 for a look, 10,000 for a decision."""

from __future__ import annotations

from collections.abc import Iterator

from euexia.protocol.protocol import Protocol
from euexia.study.operating import AnalysisCharacteristics, OperatingCharacteristics
from euexia.study.stopping import Stopping

FOR_A_LOOK = 1_000
FOR_A_DECISION = 10_000
CONFIDENCE = 0.95
TO_HALVE = 4
"""Errors fall with the root of the number of trials."""


def sentences(
    protocol: Protocol, operating: OperatingCharacteristics, stopping: Stopping | None
) -> tuple[str, ...]:
    """Return what the number of trials is good for: the error of the power now, and how to halve it."""
    return tuple(_sentences(protocol, operating, stopping))


def _sentences(
    protocol: Protocol, operating: OperatingCharacteristics, stopping: Stopping | None
) -> Iterator[str]:
    if stopping is not None:
        yield ended(stopping)
    primary = [analysis for analysis in operating.as_modelled.analyses if analysis.primary]
    if primary:
        worst = max(primary, key=lambda analysis: analysis.rejection.error)
        yield f"{_known(protocol, worst, operating.trials)}; {_good_for(operating.trials)}"


def _known(protocol: Protocol, worst: AnalysisCharacteristics, trials: int) -> str:
    """Return in words how well the power is known that is known least."""
    error = 100 * worst.rejection.error
    if error == 0:
        bound = 100 * (1 - (1 - CONFIDENCE) ** (1 / trials))
        one = trials == 1
        agree = "One trial decides nothing" if one else f"All {trials:,} trials decide alike"
        return f"{agree}: the power may be off by up to {bound:.2g} percentage points (95 % bound)"
    label = next(arm.label for arm in protocol.arms if arm.name == worst.arm)
    return (
        f"The power of {label} is known to ±{error:.2g} percentage points (one Monte-Carlo standard error) "
        f"from {trials:,} trials"
    )


def _good_for(trials: int) -> str:
    more = TO_HALVE * trials
    halved = f"{more:,} trials would halve that (--trials {more} --resume)"
    if trials < FOR_A_LOOK:
        return f"that is for reading trials one by one, a look takes {FOR_A_LOOK:,}. {halved}."
    if trials < FOR_A_DECISION:
        return f"that is enough for a look, a decision takes {FOR_A_DECISION:,}. {halved}."
    return f"that is enough for a decision. {halved}."


def ended(stopping: Stopping) -> str:
    """Return in words where a stopping rule ended a run, and why that does not bend the figures."""
    if stopping.met_at is None:
        most = f"{stopping.trials:,} of at most {stopping.most:,} trials"
        return f"The rule '{stopping.rule}' was not met by {most}."
    there = f"The rule '{stopping.rule}' was met at {stopping.met_at:,} trials"
    if stopping.trials > stopping.met_at:
        return f"{there}; the run already held {stopping.trials:,}, and all of them are reported."
    return (
        f"{there} (at most {stopping.most:,}), so the run ended there. The rule looks at the standard error "
        "alone, not at whether the figure is welcome, so it leaves the figures all but unbiased."
    )
