"""What a comparison of endpoints says: the answer in sentences, and the cells of its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import isfinite

from euexia.report.formatting import (
    NOT_KNOWN,
    SPACE,
    count,
    joined,
    number,
    percent,
    plural,
    share_with_error,
    signed,
    value_with_error,
    weeks,
)
from euexia.study.endpoint_comparison import Comparison, Effect, Verdict
from euexia.study.endpoint_comparison_plan import OWN, Pair
from euexia.study.endpoint_comparison_size import Needed

NOT_STATED = "not stated here"
UNBROKEN = re.compile(r"(?<=p) (?=[<=])|(?<=[<=]) ")
"""Spaces at which a printed p-value must not break."""
FIRST_POWER = 0.8
RATIO_WORDS = ("ratio", "odds")
CAUTION = (
    "An endpoint that is easily met is not thereby one that helps a patient: what each tells is below, and "
    "what the model assumes of function and symptoms decides much of this."
)


def sentences(comparison: Comparison) -> tuple[str, ...]:
    """Return the answer: of every pair of arms which endpoint succeeds how often, and what that costs."""
    found: list[str] = []
    several = len(comparison.plan.pairs) > 1
    for pair in comparison.plan.pairs:
        verdicts = comparison.of(pair)
        parts = (
            _powers(comparison, pair, verdicts),
            _order(verdicts),
            *_sizes(verdicts),
            *_published(verdicts),
        )
        found += [" ".join(parts)] if several else parts
    return (*found, _losses(comparison.verdicts), CAUTION)


def arms_in_words(comparison: Comparison, pair: Pair) -> str:
    """Return the labels of the two arms."""
    labels = {arm.name: arm.label for arm in comparison.protocol.arms}
    return f"{labels[pair.arm]} against {labels[pair.control]}"


def _powers(comparison: Comparison, pair: Pair, verdicts: Sequence[Verdict]) -> str:
    judged = [verdict for verdict in verdicts if verdict.judgement != OWN]
    best = max(judged, key=lambda verdict: verdict.power.value)
    worst = _contrast(comparison, judged, best)
    size = plural(comparison.plan.variant.size, "patient")
    text = (
        f"{arms_in_words(comparison, pair)}: by {best.short} this trial of {size} succeeds in "
        f"{percent(best.power.value, 0)} of its repeats; by {worst.short} in "
        f"{percent(worst.power.value, 0)}. The patients, the drug and the chance are the same."
    )
    own = [verdict for verdict in verdicts if verdict.judgement == OWN]
    return text + "".join(
        f" By {verdict.short}, as planned, it succeeds in {percent(verdict.power.value, 0)}."
        for verdict in own
    )


def _contrast(comparison: Comparison, judged: Sequence[Verdict], best: Verdict) -> Verdict:
    """Return the weakest of the protocol's own endpoints where it has several, else the weakest of all."""
    endpoints = comparison.plan.endpoints
    analyses = [analysis for analysis in comparison.protocol.analyses if analysis.primary]
    own = {endpoints[analysis.endpoint].measure for analysis in analyses} - {None}
    entries = comparison.plan.judgements
    measured = [
        verdict
        for verdict in judged
        if (entry := entries[verdict.judgement].endpoint) is not None and entry.measure in own
    ]
    return min(measured if len(own) > 1 and measured != [best] else judged, key=lambda v: v.power.value)


def _order(verdicts: Sequence[Verdict]) -> str:
    """Return every endpoint in the order of its power."""
    ordered = sorted(verdicts, key=lambda verdict: -verdict.power.value)
    listed = (f"{verdict.short} {percent(verdict.power.value, 0)}" for verdict in ordered)
    return f"In order: {', '.join(listed)}."


def _sizes(verdicts: Sequence[Verdict]) -> Iterator[str]:
    known = [
        (verdict.needed[FIRST_POWER].patients or 0, verdict)
        for verdict in verdicts
        if FIRST_POWER in verdict.needed and verdict.needed[FIRST_POWER].patients is not None
    ]
    if not known:
        if any(verdict.needed for verdict in verdicts):
            yield "No endpoint reaches 80 % with any size that was looked for."
        return
    (least, first), (most, last) = (chosen(known, key=lambda entry: entry[0]) for chosen in (min, max))
    beyond = [v for v in verdicts if FIRST_POWER in v.needed and v.needed[FIRST_POWER].patients is None]
    text = f"For 80 % power {first.short} needs {plural(least, 'patient')} in the two arms"
    text += f", {last.short} {count(most)}" if last is not first else ""
    text += f"; no size was found for {joined(tuple(verdict.short for verdict in beyond))}" if beyond else ""
    yield f"{text}."


def _losses(verdicts: Sequence[Verdict]) -> str:
    worst = max(verdicts, key=lambda verdict: verdict.lost)
    losses = worst.losses
    return (
        f"Of those randomised, {percent(worst.lost, 0)} have no value of {worst.short} in week "
        f"{weeks(worst.day)}: {percent(losses['lost_by_death'], 0)} have died, "
        f"{percent(losses['lost_by_leaving'], 0)} have left the trial, "
        f"{percent(losses['lost_by_missed_visit'], 0)} missed the visit."
    )


def _published(verdicts: Sequence[Verdict]) -> Iterator[str]:
    was_met = tuple(verdict.short for verdict in verdicts if verdict.met is True)
    missed = tuple(verdict.short for verdict in verdicts if verdict.met is False)
    if was_met or missed:
        parts = [f"{word} {joined(names)}" for word, names in (("met", was_met), ("missed", missed)) if names]
        yield f"The published trial {' and '.join(parts)}."


def effect(found: Effect) -> str:
    """Return an effect as its analysis prints it, with its Monte-Carlo error."""
    estimate = found.estimate
    if not isfinite(estimate.value):
        return NOT_KNOWN
    if any(word in found.measure_of_effect for word in RATIO_WORDS):
        return f"{value_with_error(estimate, 2)} ({found.measure_of_effect})"
    if found.unit == "1":
        return f"{signed(100 * estimate.value)}{SPACE}% ({found.measure_of_effect})"
    return f"{value_with_error(estimate, 2)} {found.unit}".strip()


def effects(verdict: Verdict) -> str:
    """Return the effects of a verdict."""
    return "; ".join(effect(found) for found in verdict.effects)


def needed(found: Needed | None) -> str:
    """Return a size with its limits, or why there is none."""
    if found is None:
        return NOT_KNOWN
    if found.patients is None:
        return found.why
    return f"{count(found.patients)} ({number(found.low, 0)} to {number(found.high, 0)})"


def checked(found: Needed | None) -> str:
    """Return the power of drawn trials of the size that was found."""
    if found is None or found.checked is None:
        return NOT_KNOWN
    return share_with_error(found.checked)


def fate(verdict: Verdict) -> str:
    """Return what the published trial said of an endpoint."""
    if not verdict.fates:
        return NOT_KNOWN
    several = len(verdict.effects) > 1
    parts = (
        f"{entry.judgement.replace('_', ' ')} {entry.words}" if several else entry.words
        for entry in verdict.fates
    )
    said = "; ".join(dict.fromkeys(parts))
    words = {True: "met: ", False: "missed: ", None: ""}[verdict.met]
    return f"{words}{UNBROKEN.sub(SPACE, said)}"


def lost(verdict: Verdict) -> str:
    """Return the share lost, and by what."""
    losses = verdict.losses
    if verdict.lost == 0:
        return (
            f"none; {percent(losses['counted_as_failure'], 0)} as failures"
            if (losses["counted_as_failure"])
            else "none"
        )
    return (
        f"{percent(verdict.lost, 0)} ({number(100 * losses['lost_by_death'], 0)} died, "
        f"{number(100 * losses['lost_by_leaving'], 0)} left, "
        f"{number(100 * losses['lost_by_missed_visit'], 0)} missed it)"
    )


def accepted(verdict: Verdict) -> str:
    """Return what a regulator or guideline said, with the study of evidence that says so."""
    if not verdict.accepted:
        return NOT_STATED
    return f"{verdict.accepted} (euexia evidence {verdict.accepted_source})"


def method_words(comparison: Comparison) -> tuple[str, ...]:
    """Return how everything was found."""
    pair = comparison.plan.pairs[0]
    side = "one-sided" if pair.one_sided else "two-sided"
    multiplicity = comparison.protocol.multiplicity
    shared = (
        ""
        if multiplicity is None
        else " The protocol's own analyses share their level as planned; the others stand alone."
    )
    return (
        f"{count(comparison.trials)} trials of {count(comparison.plan.variant.size)} patients, seed "
        f"{comparison.seed}, each simulated once with the drug as modelled and once without its effect. "
        f"Visits of day 0 and of week {weeks(comparison.plan.day)} read everything; nothing else is changed. "
        f"Tests are {side} at {percent(pair.alpha, 0)}.{shared} ± is one Monte-Carlo standard error.",
        "Power: share of trials in which the test rejects on the patient's side. Type I error: share that "
        "reject, on either side, without effect. Standardised effect: the mean estimate in standard "
        "deviations of one randomised patient, losses and adjustment included, so that endpoints can be "
        "compared; of two endpoints the weaker.",
        "Patients: in the two arms together. Found by drawing trials of other sizes, with replacement and "
        f"arm by arm, from {count(comparison.pooled_patients)} simulated patients and analysing each as "
        "planned; the search begins where normal estimates with the simulated effect and spread would have "
        "the power. What a formula of the design gives (two means, or two co-primary means) stands beside, "
        "and so does the power of drawn trials of exactly the size found. Limits: 95 %, from the Monte-Carlo "
        "error of the simulated effect. Strata of randomisation are left to chance in drawn trials.",
        "Lost: without a value that the analysis can use. A death that counts as failure, as worst rank or "
        "as a lost pair is not lost, and neither is anybody to survival, where leaving ends the watch.",
        "Published: met where p is below 5 %, or where a 95 % interval leaves out no effect. Methods and "
        "visits of the published trial are not always those of this table.",
    )
