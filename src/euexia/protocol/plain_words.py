"""A protocol read back in plain words, as titled sections that a page or a terminal can lay out."""

from __future__ import annotations

from collections.abc import Iterable

from euexia.criteria.measures import MEASURES
from euexia.protocol.analysis_words import analysis_section, endpoint_section, estimand_section
from euexia.protocol.condition import duration_in_words, in_words, percent
from euexia.protocol.design_words import (
    allocation,
    assumed,
    changes,
    given,
    treatment_in_words,
)
from euexia.protocol.look_words import interim_sections
from euexia.protocol.protocol import (
    Action,
    Clause,
    Criterion,
    DosingRule,
    Protocol,
    Visit,
)
from euexia.protocol.sections import Bullets, Paragraph, Section, Table


def sections(protocol: Protocol) -> tuple[Section, ...]:
    """Return the protocol in plain words, section by section."""
    return (
        _question(protocol),
        _eligibility(protocol),
        _arms(protocol),
        _dosing(protocol),
        _visits(protocol),
        endpoint_section(protocol),
        estimand_section(protocol),
        analysis_section(protocol),
        *interim_sections(protocol),
        _assumptions(protocol),
    )


def _question(protocol: Protocol) -> Section:
    written = (protocol.title, protocol.question, protocol.objective, protocol.hypothesis)
    labels = ("", "", "Objective: ", "Hypothesis: ")
    texts = [Paragraph(text=label + text) for label, text in zip(labels, written, strict=True) if text]
    known = f"Registered as {protocol.registry}. " if protocol.registry else ""
    return Section(
        title="Question", blocks=(*texts, Paragraph(text=f"{known}{protocol.size} patients are planned."))
    )


def _eligibility(protocol: Protocol) -> Section:
    first = [_criterion(criterion) for criterion in protocol.eligibility if criterion.stage == 1]
    second = [_criterion(criterion) for criterion in protocol.eligibility if criterion.stage != 1]
    blocks: list[Paragraph | Bullets | Table] = [
        Paragraph(text=f"At screening (day {protocol.schedule.screening:g}) every one of these must hold:"),
        Bullets(items=tuple(first)),
    ]
    if second:
        blocks += [Paragraph(text="and, from the history of the weight:"), Bullets(items=tuple(second))]
    return Section(title="Who may enter", blocks=tuple(blocks))


def _criterion(criterion: Criterion) -> str:
    if criterion.require.is_true is not None:
        return criterion.text + assumed(criterion.status)
    return f"{criterion.text}. Read as: {in_words(criterion.require)}{assumed(criterion.status)}"


def _arms(protocol: Protocol) -> Section:
    total = sum(arm.ratio for arm in protocol.arms)
    rows = tuple(
        (arm.label, str(arm.ratio), f"{protocol.size * arm.ratio / total:.4g}", given(arm))
        for arm in protocol.arms
    )
    table = Table(columns=("Arm", "Ratio", "Patients", "Treatment"), rows=rows)
    blocks: list[Paragraph | Bullets | Table] = [table, Paragraph(text=allocation(protocol))]
    if protocol.background:
        care = Bullets(items=tuple(treatment_in_words(treatment) for treatment in protocol.background))
        blocks += [Paragraph(text="Everyone also receives:"), care]
    blocks += changes(protocol)
    return Section(title="Arms", blocks=tuple(blocks))


def _dosing(protocol: Protocol) -> Section:
    blocks: list[Paragraph | Bullets | Table] = []
    for rule in protocol.rules.values():
        users = [arm.label for arm in protocol.arms if rule.name in {t.rule for t in arm.treatments}]
        levels = ", ".join(f"{level:g}" for level in rule.levels)
        opening = (
            f"Rule '{rule.name}' ({', '.join(users)}){assumed(rule.status)}. Dose levels: {levels} mg; never "
            f"more than {rule.levels[-1]:g} mg. At each check the lines are read from top to bottom and the "
            "first that holds acts. A reading that is missing changes nothing, and the dose is not raised "
            "while one of the lines above the raise cannot be read."
        )
        if rule.at:
            opening += f" Checked at: {', '.join(name.replace('_', ' ') for name in rule.at)}."
        blocks += [
            Paragraph(text=opening),
            Bullets(items=tuple(clause_in_words(c, rule) for c in rule.clauses)),
        ]
        if rule.source:
            blocks.append(Paragraph(text=rule.source))
    if not blocks:
        blocks.append(Paragraph(text="Doses are fixed."))
    return Section(title="How the dose is decided", blocks=tuple(blocks))


def clause_in_words(clause: Clause, rule: DosingRule) -> str:
    """Return one line of a dosing rule as a sentence."""
    steps = "one level" if clause.levels == 1 else f"{clause.levels} levels"
    down = rule.resume_levels_down
    lower = "the same dose" if down == 0 else "one level lower" if down == 1 else f"{down} levels lower"
    to = f"to at most {clause.to:g} mg" if clause.to is not None else f"by {steps}"
    deeds = {
        Action.STOP: "stop for good",
        Action.HOLD: f"hold the dose until it has passed, then resume {_at(lower)}",
        Action.REDUCE: f"reduce the dose {to}",
        Action.RAISE: f"raise the dose by {steps}",
        Action.KEEP: "keep the dose",
        Action.RECHECK: "keep the dose and look again at the next check",
    }
    wait = f", once the present dose was taken for {duration_in_words(clause.after)}" if clause.after else ""
    when = f"{clause.text} ({in_words(clause.when)})" if clause.text else f"If {in_words(clause.when)}"
    again = f", when it holds at {clause.confirm} checks in a row" if clause.confirm > 1 else ""
    return f"{when}: {deeds[clause.do]}{again}{wait}."


def _at(level: str) -> str:
    return f"at {level}" if level.startswith("the") else level


def _visits(protocol: Protocol) -> Section:
    schedule = protocol.schedule
    times = (
        f"Treatment lasts {duration_in_words(schedule.treatment)}; safety is followed for "
        f"{duration_in_words(schedule.follow_up)} from randomisation (day 0)."
    )
    if schedule.run_in:
        times += f" Care for everyone begins {duration_in_words(schedule.run_in)} before."
    rows = tuple(_visit_row(group) for group in _grouped(schedule.visits))
    columns = ("Visit", "Day", "Window", "Dose decided", "Attended", "Measured")
    return Section(title="Visits", blocks=(Paragraph(text=times), Table(columns=columns, rows=rows)))


def _grouped(visits: Iterable[Visit]) -> list[list[Visit]]:
    """Return visits of one series together, in order of their first day."""
    groups: dict[str, list[Visit]] = {}
    for visit in visits:
        groups.setdefault(visit.name.partition("_day_")[0], []).append(visit)
    return list(groups.values())


def _visit_row(group: list[Visit]) -> tuple[str, ...]:
    first = group[0]
    return (
        first.name.partition("_day_")[0].replace("_", " "),
        ", ".join(f"{visit.day:g}" for visit in group),
        f"± {duration_in_words(first.window)}" if first.window else "on the day",
        "yes" if first.dose_check else "no",
        percent(first.attendance),
        ", ".join(MEASURES[name].short for name in first.measures),
    )


def _assumptions(protocol: Protocol) -> Section:
    if not protocol.assumptions:
        return Section(title="What is assumed", blocks=(Paragraph(text="Nothing is marked as assumed."),))
    opening = "The public record does not say the following. What stands here instead is assumed:"
    items = tuple(f"{_named(entry.about, protocol)}: {entry.text}" for entry in protocol.assumptions)
    return Section(title="What is assumed", blocks=(Paragraph(text=opening), Bullets(items=items)))


def _named(about: str, protocol: Protocol) -> str:
    """Return what an assumption is about: a rule, an endpoint, or anything else in words."""
    labels = {endpoint.name: endpoint.label for endpoint in protocol.endpoints}
    if about in protocol.rules:
        return f"Rule '{about}'"
    if about in labels:
        return labels[about]
    words = about.replace("_", " ")
    return words[:1].upper() + words[1:]
