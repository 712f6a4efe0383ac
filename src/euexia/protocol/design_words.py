"""Allocation, masking, treatments and crossover in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from euexia.criteria.measures import MEASURES, format_value
from euexia.protocol.condition import duration_in_words, in_words, percent
from euexia.protocol.design import Crossover, Masking, Programme
from euexia.protocol.protocol import Arm, Protocol, RandomisationMethod, Stratum, Treatment
from euexia.protocol.sections import Block, Bullets, Paragraph
from euexia.protocol.statement import Quantity, Status

MASKED: Mapping[Masking, str] = {
    Masking.NOT_STATED: "Who knows the arm is not stated.",
    Masking.OPEN_LABEL: "Open label: patients and those who treat and measure know the arm.",
    Masking.PATIENT: "Patients do not know their arm; those who treat and measure do.",
    Masking.ASSESSOR: "Those who measure do not know the arm; patients do.",
    Masking.DOUBLE_BLIND: "Double-blind: neither patients nor those who treat and measure know the arm.",
}
UNMODELLED = "Knowing the arm has no modelled effect on measurement or withdrawal."


def assumed(status: Status) -> str:
    """Return the mark of a value that no source gives."""
    return " (assumed)" if status is Status.ASSUMED else ""


def given(arm: Arm) -> str:
    """Return what an arm is given."""
    text = "; ".join(treatment_in_words(item) for item in arm.treatments) or "no active treatment"
    return text if arm.duration is None else f"{text}; for {duration_in_words(arm.duration)}"


def treatment_in_words(treatment: Treatment) -> str:
    """Return a treatment: what, how, how much, how long, and how much of it is taken up."""
    text = treatment.drug.replace("_", " ")
    if treatment.route is not None:
        text += f" ({treatment.route.value})"
    if treatment.programme is not None:
        text += f", {_programme(treatment.programme)}"
    if treatment.loading:
        text += f", first {' then '.join(f'{dose:g} mg' for dose in treatment.loading)}"
    if treatment.dose is not None:
        begins = "starting with " if treatment.rule else ("then " if treatment.loading else "")
        often = "once a day" if treatment.every == 1 else f"every {duration_in_words(treatment.every)}"
        text += f", {begins}{treatment.dose:g} mg {often}"
    if treatment.rule is not None:
        text += f", dose by the rule '{treatment.rule}'"
    text += f", from day {treatment.begins:g}" if treatment.begins else ""
    text += f", for {duration_in_words(treatment.lasts)}" if treatment.lasts is not None else ""
    return text if treatment.adherence == 1 else f"{text}, mean uptake {percent(treatment.adherence)}"


def _programme(programme: Programme) -> str:
    weekly = 7 * programme.sessions
    often = "once a week" if abs(weekly - 1) < 1e-9 else f"{weekly:.4g} times a week"
    return f"{programme.type.value} training {often} at {percent(programme.load)} of what the patient can do"


def allocation(protocol: Protocol) -> str:
    """Return how arms are allotted, and who knows them."""
    return f"{_method(protocol)} {MASKED[protocol.masking]}" + (
        "" if protocol.masking is Masking.NOT_STATED else f" {UNMODELLED}"
    )


def _method(protocol: Protocol) -> str:
    plan = protocol.randomisation
    factors = ", ".join(_stratum(stratum, weighed=False) for stratum in plan.strata)
    match plan.method:
        case RandomisationMethod.PERMUTED_BLOCKS:
            text = f"Arms are allotted by chance in blocks of {plan.block_size} patients, "
            return text + (f"separately by {factors}." if factors else "without strata.")
        case RandomisationMethod.SIMPLE:
            return "Each patient's arm is drawn by itself, with the probabilities of the ratio."
        case RandomisationMethod.MINIMISATION:
            weighed = ", ".join(_stratum(stratum, weighed=True) for stratum in plan.strata)
            return (
                f"Arms are allotted by minimisation (Pocock and Simon, {plan.imbalance.value}) over "
                f"{weighed}; the arm that balances best is taken with probability "
                f"{percent(plan.probability)}."
            )
        case _:
            assert_never(plan.method)


def _stratum(stratum: Stratum, *, weighed: bool) -> str:
    measure = MEASURES[stratum.measure]
    text = measure.short
    if stratum.of is not Quantity.VALUE and stratum.over is not None:
        word = "fall" if stratum.of is Quantity.PERCENT_LOSS else "change"
        text = f"{word} of {text} in {duration_in_words(stratum.over)}"
    if stratum.cuts:
        share = stratum.of in (Quantity.PERCENT_LOSS, Quantity.PERCENT_CHANGE)
        cuts = (percent(cut) if share else format_value(cut, measure, exact=True) for cut in stratum.cuts)
        text += f" (cut at {', '.join(cuts)})"
    return f"{text}, weight {stratum.weight:g}" if weighed and stratum.weight != 1 else text


def changes(protocol: Protocol) -> tuple[Block, ...]:
    """Return changes of treatment after randomisation."""
    if not protocol.crossovers:
        return ()
    items = tuple(_crossover(protocol, crossover) for crossover in protocol.crossovers)
    return (
        Paragraph(text="Later changes of treatment; each patient is analysed in the arm allotted:"),
        Bullets(items=items),
    )


def _crossover(protocol: Protocol, crossover: Crossover) -> str:
    labels = {arm.name: arm.label for arm in protocol.arms}
    who = ", ".join(labels[name] for name in crossover.arms if name != crossover.to)
    stay = f"; {labels[crossover.to]} goes on" if crossover.to in crossover.arms else ""
    when = f"on day {crossover.day:g}"
    if crossover.when is not None:
        when = f"at the first dose check from day {crossover.day:g} at which {in_words(crossover.when)}"
    length = f" for {duration_in_words(crossover.lasts)}" if crossover.lasts is not None else ""
    agree = f"; {percent(crossover.uptake)} agree" if crossover.uptake < 1 else ""
    lead = f"{who}: to {labels[crossover.to]}" if who else labels[crossover.to]
    return f"{lead} {when}{length}{agree}{stay}{assumed(crossover.status)}."
