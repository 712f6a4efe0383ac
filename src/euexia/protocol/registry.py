"""From a registry record to a draft protocol file, with a mark at everything the record does not say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from textwrap import wrap

from euexia.core.studytime import DAYS_PER_WEEK
from euexia.criteria.measures import MEASURES
from euexia.protocol.analysis_plan import EndpointKind, Method, Summary
from euexia.protocol.draft_plan import (
    PlannedArm,
    PlannedEndpoint,
    care_of,
    plan_arms,
    plan_endpoints,
    response_rates,
    sentence_with,
)
from euexia.protocol.loader import TODO
from euexia.protocol.record import Intervention, Record, read_record
from euexia.protocol.statement import Quantity
from euexia.protocol.vocabulary import CARE, identifier, look_up

WIDTH = 100
"""Characters a line of quoted criteria."""

SUMMARY: Mapping[EndpointKind, Summary] = {
    EndpointKind.RESPONDER: Summary.PROPORTION,
    EndpointKind.CHANGE: Summary.MEAN,
    EndpointKind.EVENT_COUNT: Summary.RATE,
    EndpointKind.CATEGORY: Summary.COUNTS,
}
COMPARISON: Mapping[EndpointKind, Method] = {
    EndpointKind.RESPONDER: Method.FISHER,
    EndpointKind.CHANGE: Method.MEAN_DIFFERENCE,
    EndpointKind.EVENT_COUNT: Method.EVENT_RATE,
    EndpointKind.CATEGORY: Method.CATEGORY_TABLE,
}


def draft(text: str, name: str) -> str:
    """Return a draft protocol file (YAML) from the text of a registry record.

    text: title, free text, and lines of conditions, interventions, primary and secondary outcomes.
    name: the draft's name.  Loading the draft names every place that a person still has to decide.
    Raises InputError if the text is empty, is no record or names no outcomes.
    """
    return draft_of(read_record(text, name), name)


def draft_of(
    record: Record,
    name: str,
    *,
    source: str = "registry record",
    schedule: Sequence[str] = (),
    further: Sequence[str] = (),
) -> str:
    """Return a draft protocol file (YAML) of a record, wherever it was read.

    source: what the record is, in words.  schedule: lines of the schedule where it is known; guessed from the
    outcomes otherwise.  further: lines of sections that a record does not have.
    """
    arms, endpoints = plan_arms(record), plan_endpoints(record)
    parts = (
        _head(record, name, source, _gaps(record, arms, endpoints, timed=bool(schedule))),
        _eligibility(record),
        _arms(arms),
        _background(record, arms),
        _rules(arms),
        _randomisation(),
        schedule or _schedule(arms, endpoints),
        *((further,) if further else ()),
        _endpoints(endpoints),
        _estimands(endpoints),
        _analyses(record, arms, endpoints),
        _assumptions(arms),
    )
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def quoted(text: str) -> str:
    """Return text as YAML, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def todo(question: str) -> str:
    """Return a mark that loading reports, with what has to be decided."""
    return quoted(f"{TODO} {question}")


def _head(record: Record, name: str, source: str, gaps: Iterable[str]) -> Iterator[str]:
    yield f"# Draft, read from the {source} '{name}'.  Values come from the record; lines marked"
    yield f"# 'guessed' were read between its lines and want checking; every {TODO} waits for a person."
    yield "#"
    yield "# The record does not say:"
    for gap in gaps:
        yield f"#   - {gap}"
    named = re.search(r"\bNCT\d{8}\b", f"{record.title} {record.text}")
    registered = record.registry or (named.group(0) if named else "")
    hypothesis = sentence_with(record, r"hypothes", r"response rate").removeprefix("Hypothesis: ")
    objective = sentence_with(record, r"primary (objective|aim)", r"objective|aim of")
    objective = objective.removeprefix("Objective: ")
    yield f"protocol: {identifier(PurePath(name).stem)}"
    yield f"title: {quoted(record.title)}"
    yield f"registry: {registered or todo('the number of the registration')}"
    yield f"conditions: [{', '.join(quoted(condition) for condition in record.conditions)}]"
    question = hypothesis or objective
    yield f"question: {quoted(question) if question else todo('the question')}"
    yield f"objective: {quoted(objective)}"
    yield f"hypothesis: {quoted(hypothesis)}"
    yield f"population: {todo('the virtual population that stands for these patients')}"
    size = todo("how many patients are randomised") if record.size is None else str(record.size)
    yield f"size: {size}{'' if record.size is None else '   # enrolment of the record'}"


def _gaps(
    record: Record, arms: tuple[PlannedArm, ...], endpoints: tuple[PlannedEndpoint, ...], *, timed: bool
) -> Iterator[str]:
    """Give, in words, everything a protocol needs and the record is silent about."""
    entry = "which of its criteria are conditions on measures" if record.criteria else "who may enter"
    yield f"{entry} (eligibility), and which virtual population stands for these patients"
    if record.registry and not record.arms:
        yield "which arms there are (guessed from the interventions and the text)"
    many = "" if record.size is not None else "how many patients, "
    yield f"{many}in which ratio, how they are allotted, and how many candidates come a month"
    for arm in arms:
        if arm.guide:
            yield f"the rule of '{arm.name}': start, levels, ceiling, thresholds, waiting times, safety"
        elif arm.drug and not arm.dose and not arm.is_care:
            yield f"the dose of '{arm.name}'"
    if care_of(record):
        yield "how well care that is no medicine is taken up"
    days = "" if timed else "screening; the days, windows and "
    yield f"{days}attendance of visits; what is measured beyond the outcomes"
    for endpoint in endpoints:
        yield from _endpoint_gaps(endpoint)
    yield "what is done about death, stopped treatment and missing readings (estimands)"
    yield "significance levels, and whether tests are one-sided"
    if response_rates(record) is None:
        yield "which difference or response rate the trial is planned to show"


def _endpoint_gaps(endpoint: PlannedEndpoint) -> Iterator[str]:
    for outcome, meaning in zip(endpoint.outcomes, endpoint.meanings, strict=True):
        if meaning is None or (endpoint.kind is EndpointKind.RESPONDER and meaning.measure is None):
            yield f"by which measure '{outcome.text}' is read"
        elif endpoint.kind is EndpointKind.RESPONDER:
            yield f"from which change on '{outcome.text}' counts as a response"
        elif meaning.kind is EndpointKind.EVENT_COUNT and meaning.events is None:
            yield f"which events '{outcome.text}' counts"
        elif meaning.vague:
            yield f"how '{outcome.text}' is measured (guessed: {MEASURES[meaning.measure or ''].label})"
        if outcome.days is None:
            yield f"when '{outcome.text}' is read"


def _eligibility(record: Record) -> Iterator[str]:
    yield "# Named lines such as   inflammation: {text: ..., require: {measure: crp, at_least: 30 mg/L}}"
    if not record.criteria:
        yield f"eligibility: {todo('who may enter')}"
        return
    yield "# The record says:"
    for line in record.criteria.splitlines():
        yield from (f"#   {part}" for part in wrap(" ".join(line.split()), WIDTH))
    yield "eligibility:"
    for name, sign, words, written in (
        ("minimum_age", "at_least", "At least", record.minimum_age),
        ("maximum_age", "at_most", "At most", record.maximum_age),
    ):
        if years := _years(written):
            require = f"{{measure: age, {sign}: {years} years}}"
            yield f"  {name}: {{text: {words} {years} years old, require: {require}}}"
    yield f"  others: {todo('the other lines of the record, as conditions on measures')}"


def _years(written: str) -> str:
    """Return the number of years of a registered age (``18 Years``); empty where it gives none."""
    match = re.fullmatch(r"(\d+) Years?", written.strip(), re.IGNORECASE)
    return match.group(1) if match else ""


def _arms(arms: tuple[PlannedArm, ...]) -> Iterator[str]:
    yield "arms:   # guessed from the groups and interventions of the record"
    for arm in arms:
        yield f"  {arm.name}:"
        yield f"    label: {quoted(arm.label)}"
        yield f"    ratio: {todo('parts of the patients')}"
        if not arm.drug:
            yield "    treatments: []   # guessed: a placebo, or only the care of everyone"
            continue
        yield "    treatments:"
        yield f"      - drug: {arm.drug}"
        if arm.is_care:
            yield f"        adherence: {todo('mean share that is taken up, in %')}"
            continue
        question = "starting dose, with its unit" if arm.guide else "daily dose, with its unit"
        yield f"        dose: {arm.dose or todo(question)}"
        yield f"        every: {todo('how often, for example 1 day')}"
        if arm.rule:
            yield f"        rule: {arm.rule}"


def _background(record: Record, arms: tuple[PlannedArm, ...]) -> Iterator[str]:
    names = (
        [] if any(arm.is_care for arm in arms) else [n for item in care_of(record) for n in _care_names(item)]
    )
    if not names:
        yield "background: []"
        return
    yield "background:   # guessed: care of every arm"
    for name in dict.fromkeys(names):
        yield f"  - drug: {name}"
        yield f"    adherence: {todo('mean share that is taken up, in %')}"


def _care_names(item: Intervention) -> list[str]:
    return [look_up(part, CARE) or identifier(part) for part in item.details or (item.name,)]


def _rules(arms: tuple[PlannedArm, ...]) -> Iterator[str]:
    guided = [arm for arm in arms if arm.rule]
    if not guided:
        yield "rules: {}"
        return
    yield "rules:"
    for arm in guided:
        measure = todo("the measure that guides the dose") if arm.guide == "unknown" else arm.guide
        yield f"  {arm.rule}:"
        yield f"    levels: {todo('dose levels from the lowest to the ceiling, as [5 mg, 10 mg]')}"
        yield "    status: assumed"
        yield "    clauses:"
        yield "      # add the clauses for safety above this one: stop, hold, reduce"
        yield "      raise_dose:"
        yield "        do: raise"
        least = todo("least fall, in %")
        yield f"        when: {{measure: {measure}, of: percent_loss, below: {least}}}   # guessed"
        yield f"        after: {todo('least time at a dose before it is raised')}"


def _randomisation() -> Iterator[str]:
    yield "randomisation:"
    yield f"  method: {todo('how arms are allotted, for example permuted_blocks')}"
    yield f"  block_size: {todo('a multiple of the sum of the ratios')}"
    yield "accrual:"
    yield f"  candidates_per_month: {todo('how many candidates come to screening')}"


def _schedule(arms: tuple[PlannedArm, ...], endpoints: tuple[PlannedEndpoint, ...]) -> Iterator[str]:
    primary = [endpoint.days for endpoint in endpoints if endpoint.role.value == "primary"]
    lengths = [endpoint.days for endpoint in endpoints if endpoint.days is not None]
    treated = max((days for days in primary if days is not None), default=None)
    yield "schedule:"
    yield f"  screening: {todo('day of screening, for example -7 days')}"
    yield f"  treatment: {_days(treated)}   # guessed: until the primary outcome"
    yield f"  follow_up: {_days(max(lengths, default=None))}   # guessed: until the last outcome"
    yield "  visits:"
    everything = dict.fromkeys(name for endpoint in endpoints for name in endpoint.measures)
    guides = dict.fromkeys(arm.guide for arm in arms if arm.guide not in ("", "unknown"))
    yield "    baseline:"
    yield "      day: 0 days"
    yield f"      measures: [{', '.join({**everything, **guides})}]"
    if any(arm.rule for arm in arms):
        yield "    check:"
        yield f"      days: {todo('days on which the dose is decided, as [3 days, 7 days]')}"
        yield "      dose_check: true"
        yield f"      measures: [{', '.join(guides)}]   # add what the safety clauses read"
    for days in sorted({days for days in lengths if days}):
        names = dict.fromkeys(n for endpoint in endpoints if endpoint.days == days for n in endpoint.measures)
        yield f"    {_visit_name(days)}:"
        yield f"      day: {days:g} days"
        yield f"      window: {todo('how many days early or late it may be')}"
        yield f"      attendance: {todo('share of patients who come, in %')}"
        yield f"      measures: [{', '.join(names)}]"


def _visit_name(days: float) -> str:
    weeks = days / DAYS_PER_WEEK
    return f"week_{weeks:g}" if weeks == round(weeks) else identifier(f"day {days:g}")


def _days(days: float | None) -> str:
    return todo("in weeks or days") if days is None else f"{days:g} days"


def _endpoints(endpoints: tuple[PlannedEndpoint, ...]) -> Iterator[str]:
    yield "endpoints:   # measures guessed from the record's words"
    for endpoint in endpoints:
        yield f"  {endpoint.name}:"
        yield f"    label: {quoted(endpoint.label)}"
        yield f"    kind: {endpoint.kind.value}"
        yield f"    role: {endpoint.role.value}"
        written = ", ".join(
            dict.fromkeys(outcome.written for outcome in endpoint.outcomes if outcome.written)
        )
        yield f"    day: {_days(endpoint.days)}   # {written or 'not in the record'}"
        yield from _endpoint_content(endpoint)


def _endpoint_content(endpoint: PlannedEndpoint) -> Iterator[str]:
    meaning = endpoint.meanings[0]
    if endpoint.kind is EndpointKind.RESPONDER:
        yield "    condition:   # guessed: all of them together"
        yield "      all:"
        for outcome, part in zip(endpoint.outcomes, endpoint.meanings, strict=True):
            measure = (
                part.measure if part is not None and part.measure else todo(f"measure of '{outcome.text}'")
            )
            of = part.of if part is not None else Quantity.CHANGE
            threshold = todo("the least change that counts as a response")
            yield f"        - {{measure: {measure}, of: {of.value}, at_least: {threshold}}}"
        return
    if endpoint.kind is EndpointKind.EVENT_COUNT:
        known = meaning.events if meaning is not None else None
        yield f"    events: {known or todo('which events are counted')}"
    else:
        name = meaning.measure if meaning is not None else None
        yield f"    measure: {name or todo('a measure that Euexia knows, or take this endpoint away')}"
    if meaning is not None and not meaning.higher_is_better:
        yield "    higher_is_better: false"


def _estimands(endpoints: tuple[PlannedEndpoint, ...]) -> Iterator[str]:
    yield "estimands:"
    for endpoint in endpoints:
        yield f"  {endpoint.name}:"
        yield f"    death: {todo('what a death before counts as')}"
        yield f"    discontinuation: {todo('what stopped treatment counts as')}"
        yield f"    missing: {todo('what a missing reading counts as')}"
        yield f"    summary: {SUMMARY[endpoint.kind].value}"


def _analyses(
    record: Record, arms: tuple[PlannedArm, ...], endpoints: tuple[PlannedEndpoint, ...]
) -> Iterator[str]:
    rates = response_rates(record)
    treated = [arm.name for arm in arms if arm.drug and arm.name != "control"]
    if not treated:
        yield f"analyses: {todo('which arms are compared, and how')}"
        return
    yield "analyses:   # guessed: each treated arm against the rate of the hypothesis and against control"
    for endpoint in endpoints:
        for arm in treated:
            if endpoint.kind is EndpointKind.RESPONDER and rates is not None:
                yield from _analysis(f"{endpoint.name}_{arm}", endpoint, Method.EXACT_BINOMIAL, arm)
                yield f"    null: {rates[0]}"
                yield f"    alternative: {rates[1]}"
                yield f"    one_sided: {todo('true or false')}"
                yield "    primary: true"
            yield from _analysis(
                f"{endpoint.name}_{arm}_against_control", endpoint, COMPARISON[endpoint.kind], arm
            )
            yield "    control: control"
            if endpoint.role.value == "primary" and endpoint.kind is not EndpointKind.RESPONDER:
                yield "    primary: true"


def _analysis(name: str, endpoint: PlannedEndpoint, method: Method, arm: str) -> Iterator[str]:
    yield f"  {name}:"
    yield f"    endpoint: {endpoint.name}"
    yield f"    method: {method.value}"
    yield f"    arm: {arm}"
    if method is not Method.CATEGORY_TABLE:
        yield f"    alpha: {todo('significance level, in %')}"


def _assumptions(arms: tuple[PlannedArm, ...]) -> Iterator[str]:
    rules = [arm.rule for arm in arms if arm.rule]
    yield "assumptions:" if rules else "assumptions: {}"
    yield "  # name here, in words, whatever you decide that no source gives"
    for rule in rules:
        yield f"  {rule}: {todo('what is assumed about this rule, in words')}"
