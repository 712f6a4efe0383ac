"""The trial's own question, answered in sentences from its operating characteristics."""

from __future__ import annotations

from collections.abc import Iterator

from euexia.protocol.analysis_plan import Analysis, EndpointKind, Method, Role
from euexia.protocol.lead import is_response
from euexia.protocol.protocol import Protocol
from euexia.study.operating import AnalysisCharacteristics, Estimate, OperatingCharacteristics

CONFIDENCE = 0.95
"""Level of the bound given for what was never, or always, seen."""


def percent(estimate: Estimate) -> str:
    """Return a share of trials or patients in per cent with its Monte-Carlo standard error."""
    if estimate.trials == 0:
        return "not estimable"
    return f"{100 * estimate.value:.1f} % (Monte-Carlo SE {100 * estimate.error:.2f})"


def trials_that_reject(estimate: Estimate) -> str:
    """Return a rejection rate in words; for none or all of n trials with the exact bound 1 - 0.05^(1/n)."""
    bound = 100 * (1 - (1 - CONFIDENCE) ** (1 / estimate.trials))
    if estimate.value == 0:
        return f"none of {estimate.trials} trials (95 % upper bound {bound:.2g} %)"
    if estimate.value == 1:
        return f"all of {estimate.trials} trials (95 % lower bound {100 - bound:.4g} %)"
    return f"{percent(estimate)} of trials"


def sentences(protocol: Protocol, operating: OperatingCharacteristics) -> tuple[str, ...]:
    """Return the answer: what each arm reaches, whether the design would see it, and what decides it."""
    return tuple(_sentences(protocol, operating))


def _sentences(protocol: Protocol, operating: OperatingCharacteristics) -> Iterator[str]:
    against_null = [a for a in protocol.analyses if a.primary and a.method is Method.EXACT_BINOMIAL]
    rejection = {a.analysis: a for a in operating.as_modelled.analyses}
    false_alarm = {a.analysis: a for a in operating.without_effect.analyses}
    if not against_null:
        yield from _successes(protocol, operating)
    if is_response(protocol):
        yield from _reach(protocol, operating, against_null)
    for analysis in against_null:
        yield _power(protocol, operating, analysis, rejection[analysis.name], false_alarm[analysis.name])
    yield from look_sentences(operating)
    yield from _obstacle(protocol, operating)
    if operating.trials < operating.planned_trials:
        yield f"The run was stopped after {operating.trials} of {operating.planned_trials} trials."


def _successes(protocol: Protocol, operating: OperatingCharacteristics) -> Iterator[str]:
    """Say for each arm how often all its primary analyses succeed, and what each of them finds."""
    labels = {arm.name: arm.label for arm in protocol.arms}
    endpoints = {endpoint.name: endpoint.label for endpoint in protocol.endpoints}
    modelled = operating.as_modelled
    if not modelled.success:
        yield "The protocol plans no primary analysis, so there is no power to report."
    for arm, success in modelled.success.items():
        tests = [a for a in modelled.analyses if a.primary and a.arm == arm]
        against = next((f" against {labels[a.control]}" for a in tests if a.control is not None), "")
        what = {1: "its primary analysis", 2: "both primary analyses"}.get(
            len(tests), f"all {len(tests)} primary analyses"
        )
        yield (
            f"{labels[arm]}{against} succeeds ({what} rejecting, on the patient's side) in "
            f"{trials_that_reject(success)} as modelled, and in "
            f"{trials_that_reject(operating.without_effect.success[arm])} when the drug does nothing."
        )
        for test in tests:
            unit = "" if test.unit in ("", "1") else f" {test.unit}"
            low, high = test.quantiles["0.05"], test.quantiles["0.95"]
            yield (
                f"{endpoints[test.endpoint]}: {test.measure_of_effect} {test.effect.value:.3g}{unit} on "
                f"average (nine of ten trials {low:.3g} to {high:.3g}); the test rejects in "
                f"{trials_that_reject(test.rejection)}."
            )


def _reach(
    protocol: Protocol, operating: OperatingCharacteristics, analyses: list[Analysis]
) -> Iterator[str]:
    """Say how far each arm's response rate is from what the design hopes for."""
    rates = {arm.arm: arm for arm in operating.as_modelled.arms}
    hoped = {a.arm: a.alternative for a in analyses if a.alternative is not None}
    if hoped:
        reached = [rates[arm].label for arm, rate in hoped.items() if rates[arm].responder_rate.value >= rate]
        target = f"{100 * max(hoped.values()):.0f} %"
        others = [
            arm.label
            for arm in operating.as_modelled.arms
            if arm.arm not in hoped and arm.responder_rate.value >= max(hoped.values())
        ]
        if reached and others:
            yield (
                f"Not by the drug alone: {', '.join(reached)} reaches the hoped-for {target} as modelled, "
                f"but so does {', '.join(others)}."
            )
        elif len(reached) == len(hoped):
            yield f"Yes: as modelled, every study arm reaches the hoped-for response rate of {target}."
        elif reached:
            yield f"In part: as modelled, only {', '.join(reached)} reaches the hoped-for {target}."
        else:
            yield f"No: as modelled, no study arm reaches the hoped-for response rate of {target}."
    shares = "; ".join(f"{arm.label}: {percent(arm.responder_rate)}" for arm in operating.as_modelled.arms)
    yield f"Response rates over {operating.trials} trials of {operating.size} patients: {shares}."


def _power(
    protocol: Protocol,
    operating: OperatingCharacteristics,
    analysis: Analysis,
    modelled: AnalysisCharacteristics,
    null: AnalysisCharacteristics,
) -> str:
    label = next(arm.label for arm in protocol.arms if arm.name == analysis.arm)
    text = (
        f"{label} against {100 * (analysis.null or 0.0):.0f} %: the test rejects in "
        f"{trials_that_reject(modelled.rejection)} as modelled and in {trials_that_reject(null.rejection)} "
        "when the drug does nothing"
    )
    design = operating.design.get(analysis.name, {})
    if "power" in design and analysis.alternative is not None:
        text += (
            f"; were the true rate {100 * analysis.alternative:.0f} %, it would reject with probability "
            f"{100 * design['power']:.4g} %"
        )
    return f"{text}."


EARLY = {
    "efficacy": "for efficacy",
    "futility": "for futility",
    "harm": "for harm",
    "no_arm_left": "as no arm was left",
}
"""Why a look ends a trial."""


def look_sentences(operating: OperatingCharacteristics) -> Iterator[str]:
    """Say how often looks end a trial, and what that saves; nothing where none is carried out."""
    for scenario, where in (
        (operating.as_modelled, "as modelled"),
        (operating.without_effect, "when the drug does nothing"),
    ):
        found = scenario.looks
        if found is None:
            continue
        shares = {why: sum(look.ends[key].value for look in found.looks[:-1]) for key, why in EARLY.items()}
        said = ", ".join(f"{100 * share:.1f} % {why}" for why, share in shares.items() if share)
        yield (
            f"Looks end trials early, {where}: {said or 'none'}. On average {found.randomised.value:.1f} "
            f"patients are randomised ({found.planned} are planned), and follow-up ends after "
            f"{found.months.value:.1f} months ({found.months_without_looks.value:.1f} without looks)."
        )


def _obstacle(protocol: Protocol, operating: OperatingCharacteristics) -> Iterator[str]:
    """Say which part of a joint response is the hardest to meet."""
    primary = [e for e in protocol.endpoints if e.role is Role.PRIMARY and e.kind is EndpointKind.RESPONDER]
    if not primary:
        return
    arms = [arm for arm in operating.as_modelled.arms if len(arm.components) > 1]
    if arms:
        parts = "; ".join(
            f"{arm.label} ("
            + ", ".join(f"{name}: {100 * share.value:.1f} %" for name, share in arm.components.items())
            + ")"
            for arm in arms
        )
        yield f"Share of {_of_whom(operating)} who meet each part of the response: {parts}."


def _of_whom(operating: OperatingCharacteristics) -> str:
    """Return of which patients the rates are: those whom the primary endpoint's estimand analyses."""
    everybody = all(arm.analysed == arm.patients for arm in operating.as_modelled.arms)
    return "all randomised patients" if everybody else "the analysed patients"
