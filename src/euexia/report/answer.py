"""The opening of a report: the answer in sentences, the key figures, and what is assumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from euexia.protocol.protocol import Action, DosingRule
from euexia.protocol.statement import Status
from euexia.report.formatting import (
    count,
    joined,
    p_value,
    percent,
    percent_range,
    sentence_case,
    share_with_error,
    unbroken,
)
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
    where = "" if material.trials == 1 else "First trial. "
    if not material.responds:
        return tuple(f"{where}{text}" for text in _effects(material))
    found = []
    for test in material.tests:
        result = material.result[test.name]
        label, null = material.labels[test.arm], percent(test.null or 0.0, 0)
        responders, analysed = result.numbers["responders"][EXAMPLE], result.numbers["analysed"][EXAMPLE]
        verdict = "is above" if result.reject[EXAMPLE] else "was not shown to be above"
        found.append(
            f"{where}{label}: {count(responders)} of {count(analysed)} patients responded "
            f"({percent(result.estimate[EXAMPLE])}, {percent(result.level, 0)} confidence interval "
            f"{percent_range(result.low[EXAMPLE], result.high[EXAMPLE])}). The response rate {verdict} "
            f"{null} "
            f"(p = {p_value(result.p_value[EXAMPLE])})."
        )
    return tuple(found) or ("This trial has no planned test of a response rate.",)


def _effects(material: Material) -> Iterator[str]:
    """Say what each primary analysis found in the trial."""
    endpoints = {endpoint.name: endpoint.label for endpoint in material.protocol.endpoints}
    for result in material.results:
        if not material.planned[result.analysis].primary:
            continue
        against = "" if result.control is None else f" against {material.labels[result.control]}"
        unit = "" if result.unit in ("", "1") else f" {result.unit}"
        estimate, low, high = (part[EXAMPLE] for part in (result.estimate, result.low, result.high))
        verdict = "rejects" if result.reject[EXAMPLE] else "does not reject"
        interval = f"{percent(result.level, 0)} confidence interval {low:.3g} to {high:.3g}"
        yield (
            f"{endpoints[result.endpoint]}, {material.labels[result.arm]}{against}: "
            f"{result.measure_of_effect} {estimate:.3g}{unit} ({interval}); the test {verdict} "
            f"(p = {p_value(result.p_value[EXAMPLE])})."
        )


def key_figures(material: Material) -> tuple[ArmFigures, ...]:
    """Return the key figures of each arm: its response rate, its parts alone, and what the tests of it do."""
    if not material.responds:
        return tuple(
            ArmFigures(label=arm.label, colour=arm.colour, figures=tuple(_of_arm(material, arm.name)))
            for arm in material.arms
        )
    return tuple(
        ArmFigures(
            label=arm.label,
            colour=arm.colour,
            figures=(
                ("respond", *_parted(material.characteristics(arm.name).responder_rate)),
                *(
                    (unbroken(text), *_parted(share))
                    for text, share in material.characteristics(arm.name).components.items()
                ),
                *_tests(material, arm.name),
            ),
        )
        for arm in material.arms
    )


def _of_arm(material: Material, arm: str) -> Iterator[tuple[str, str, str]]:
    """Give what became of an arm's patients, and how often its primary analyses succeed."""
    found = material.characteristics(arm)
    yield "die before the primary assessment", *_parted(found.disposition["died"])
    yield "are still in the trial then", *_parted(found.disposition["completed"])
    if material.operating is not None and arm in material.operating.as_modelled.success:
        power = material.operating.as_modelled.success[arm]
        yield "of trials succeed (power)", *_parted(power)
        null = material.operating.without_effect.success[arm]
        yield "of trials do so if the drug does nothing", *_parted(null)


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
    text = share_with_error(estimate)
    place = min((text.find(mark) for mark in "±(" if mark in text), default=len(text))
    return text[:place].strip(), text[place:]


def rejection(scenario: Scenario, analysis: str) -> AnalysisCharacteristics:
    """Return how one analysis behaves in one scenario."""
    return next(found for found in scenario.analyses if found.analysis == analysis)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What a reader must know first: the dose rules in full, the rest by name, the model by count."""

    rules: tuple[tuple[str, str], ...]
    others: str
    numbers: str


def assumed(material: Material) -> Assumed:
    """Return what is assumed, in short."""
    protocol = material.protocol
    texts = {entry.about: entry.text for entry in protocol.assumptions}
    ordered = sorted(protocol.rules.items(), key=lambda entry: not _responds(entry[1]))
    rules = tuple(
        (
            f"The dose rule of {_users(material, name)} is assumed",
            texts.get(name, "Its steps, waits and limits are ours."),
        )
        for name, rule in ordered
        if rule.status is Status.ASSUMED or name in texts
    )
    others = tuple(_lower(entry.about) for entry in protocol.assumptions if entry.about not in protocol.rules)
    entries = list(material.parameters.values())
    guessed = sum(entry.status.value == "assumed" for entry in entries)
    tuned = sum(entry.status.value == "calibrated" for entry in entries)
    return Assumed(
        rules=rules,
        others=joined(others),
        numbers=f"Of the {count(len(entries))} numbers of the model {count(guessed)} are assumed "
        f"and {count(tuned)} are calibrated.",
    )


def _responds(rule: DosingRule) -> bool:
    """Return whether a rule raises the dose by what it reads; such a rule is told first."""
    return any(clause.do is Action.RAISE for clause in rule.clauses)


def _users(material: Material, rule: str) -> str:
    """Return the arms whose dose follows a rule."""
    labels = [
        arm.label
        for arm in material.protocol.arms
        if rule in {treatment.rule for treatment in arm.treatments}
    ]
    return joined(tuple(labels)) or sentence_case(rule)


def _lower(about: str) -> str:
    words = sentence_case(about)
    return words if words[:2].isupper() else words[:1].lower() + words[1:]
