"""The opening of a report: the trial's question, its answer in sentences, the key figures, and what is assumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from euexia.protocol.protocol import Status
from euexia.report.formatting import count, p_value, percent, percent_range, sentence_case, share_with_error
from euexia.report.material import EXAMPLE, Material
from euexia.study.operating import AnalysisCharacteristics, Estimate, Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFigures:
    """The figures of one arm that a hurried reader needs: what, how much, how sure."""

    label: str
    colour: str
    figures: tuple[tuple[str, str, str], ...]


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


def key_figures(material: Material) -> tuple[ArmFigures, ...]:
    """Return the key figures of each arm: its response rate, and what the tests of it do."""
    return tuple(
        ArmFigures(
            label=arm.label,
            colour=arm.colour,
            figures=(("respond", *_parted(material.characteristics(arm.name).responder_rate)), *_tests(material, arm.name)),
        )
        for arm in material.arms
    )


def _tests(material: Material, arm: str) -> Iterator[tuple[str, str, str]]:
    for test in material.tests:
        if test.arm != arm:
            continue
        null = percent(test.null or 0.0, 0)
        if material.operating is None:
            yield f"p against {null}", p_value(material.result[test.name].p_value[EXAMPLE]), ""
            continue
        power = rejection(material.operating.as_modelled, test.name).rejection
        false = rejection(material.operating.without_effect, test.name).rejection
        yield f"of trials show more than {null} (power)", *_parted(power)
        yield "of trials do so if the drug does nothing", *_parted(false)


def _parted(estimate: Estimate) -> tuple[str, str]:
    """Return a share, and its error apart."""
    value, _, error = share_with_error(estimate).partition(" ")
    return value, error


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
