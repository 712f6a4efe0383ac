"""The opening of a report: the trial's question, its answer in sentences, the key figures, and what is assumed."""

from __future__ import annotations

from dataclasses import dataclass

from euexia.protocol.protocol import Status
from euexia.report.formatting import count, p_value, percent, percent_range, sentence_case, share_with_error
from euexia.report.material import EXAMPLE, Material
from euexia.report.style import CONTROL
from euexia.study.operating import AnalysisCharacteristics, Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """One figure of the opening, with what it is and how sure it is."""

    label: str
    value: str
    detail: str
    colour: str = CONTROL


def sentences(material: Material) -> tuple[str, ...]:
    """Return the answer to the trial's question."""
    if material.operating is not None:
        return material.operating.answer
    found = []
    for test in material.tests:
        result = material.result[test.name]
        label, null = material.labels[test.arm], percent(test.null or 0.0, 0)
        responders, analysed = result.numbers["responders"][EXAMPLE], result.numbers["analysed"][EXAMPLE]
        verdict = "is above" if result.reject[EXAMPLE] else "was not shown to be above"
        found.append(
            f"{label}: {count(responders)} of {count(analysed)} patients responded "
            f"({percent(result.estimate[EXAMPLE])}, {percent(result.level, 0)} confidence interval "
            f"{percent_range(result.low[EXAMPLE], result.high[EXAMPLE])}). The response rate {verdict} {null} "
            f"(p = {p_value(result.p_value[EXAMPLE])})."
        )
    return tuple(found) or ("This trial has no planned test of a response rate.",)


def key_figures(material: Material) -> tuple[KeyFigure, ...]:
    """Return the figures a hurried reader needs."""
    rates = tuple(
        KeyFigure(
            label=f"Response rate, {arm.label}",
            value=percent(material.characteristics(arm.name).responder_rate.value),
            detail=_rate_detail(material, arm.name),
            colour=arm.colour,
        )
        for arm in material.arms
    )
    return rates + _test_figures(material)


def _rate_detail(material: Material, arm: str) -> str:
    estimate = material.characteristics(arm).responder_rate
    if material.operating is None:
        patients = material.characteristics(arm).patients
        return f"of {count(patients)} patients" if material.trials == 1 else f"mean of {material.trials} trials"
    return share_with_error(estimate).removeprefix(percent(estimate.value)).strip() or "no error known"


def _test_figures(material: Material) -> tuple[KeyFigure, ...]:
    if material.operating is None:
        return ()
    colours = {arm.name: arm.colour for arm in material.arms}
    figures = []
    for test in material.tests:
        label, null = material.labels[test.arm], percent(test.null or 0.0, 0)
        power = rejection(material.operating.as_modelled, test.name)
        false = rejection(material.operating.without_effect, test.name)
        figures.append(
            KeyFigure(
                label=f"Chance of showing more than {null}, {label}",
                value=percent(power.rejection.value),
                detail=f"{_error(power)}; {percent(false.rejection.value)} if the drug does nothing",
                colour=colours[test.arm],
            )
        )
    return tuple(figures)


def _error(found: AnalysisCharacteristics) -> str:
    text = share_with_error(found.rejection)
    return text.removeprefix(percent(found.rejection.value)).strip()


def rejection(scenario: Scenario, analysis: str) -> AnalysisCharacteristics:
    """Return how one analysis behaves in one scenario."""
    return next(found for found in scenario.analyses if found.analysis == analysis)


def assumptions(material: Material) -> tuple[tuple[str, str], ...]:
    """Return what the protocol assumes: about what, and what stands there instead; the dosing rules first."""
    protocol = material.protocol
    said = {entry.about for entry in protocol.assumptions}
    rules = [
        (f"Dosing rule {name}", "The steps, the waiting times and the limits of this rule are assumed.")
        for name, rule in protocol.rules.items()
        if rule.status is Status.ASSUMED and name not in said
    ]
    listed = [(_about(entry.about, protocol.rules), entry.text) for entry in protocol.assumptions]
    listed.sort(key=lambda entry: not entry[0].startswith("Dosing rule"))
    return (*rules, *listed)


def _about(about: str, rules: object) -> str:
    name = about.replace("_", " ")
    known = isinstance(rules, dict) and about in rules
    return f"Dosing rule {name}" if known else sentence_case(about)
