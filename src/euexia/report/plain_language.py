"""A page about a trial that a patient or a family can read: short sentences, known words, no promise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from euexia.protocol.analysis_plan import EVENTS, Endpoint, EndpointKind, Role
from euexia.protocol.condition import measures_of
from euexia.protocol.design import Masking
from euexia.protocol.lead import is_response
from euexia.protocol.protocol import Arm, Protocol
from euexia.report.glossary import Term, glossary, plain_words
from euexia.report.plain_language_facts import ArmFacts, RunFacts
from euexia.report.plain_language_grade import reading_grade

HUNDRED = 100
DAYS_PER_WEEK = 7
CAREFUL = "This page is for research. It is not advice. Please talk with your own care team about your care."
CACHEXIA = (
    "Many people with cancer lose weight without wanting to. They lose fat, and they lose muscle too. "
    "Doctors call this cachexia. You say it like this: kuh-KEK-see-uh.",
    "It is not your fault. The illness changes how the body uses food. It also takes away hunger. "
    "So eating more is often not enough to stop it.",
    "People with cachexia can feel weak and tired. Daily tasks get hard. It can make other treatment "
    "harder to bear. It is fine to ask your care team about it.",
)
PLACEBO = "placebo"
UNBORN = ("lenalidomide", "thalidomide")
"""Drugs that harm an unborn child."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSection:
    """A heading and its paragraphs; ``points`` is a list below them."""

    title: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPage:
    """A page in plain words."""

    title: str
    sections: tuple[PlainSection, ...]
    reading_grade: float
    terms: tuple[tuple[str, Term], ...]
    """The words of the field that it uses, with their meanings."""


def plain_page(protocol: Protocol, facts: RunFacts | None = None) -> PlainPage:
    """Return the page about a trial; with ``facts`` it tells what simulated trials came to."""
    sections = (
        PlainSection(title="What is cachexia?", paragraphs=CACHEXIA),
        _question(protocol),
        _who(protocol),
        _what_happens(protocol),
        _gain(protocol, facts),
        _risk(protocol, facts),
        _unknown(protocol, facts),
        _ask(),
    )
    texts = [text for section in sections for text in (*section.paragraphs, *section.points)]
    return PlainPage(
        title=_title(protocol),
        sections=sections,
        reading_grade=round(reading_grade(texts), 1),
        terms=_terms(" ".join(texts)),
    )


def _title(protocol: Protocol) -> str:
    registered = f" ({protocol.registry})" if protocol.registry else ""
    return f"A trial against cancer cachexia, in plain words{registered}"


def _terms(text: str) -> tuple[tuple[str, Term], ...]:
    """Return the words of the glossary that a text uses."""
    found = f" {text} ".lower()
    return tuple(
        (name, term)
        for name, term in glossary().items()
        if any(spelling.lower() in found for spelling in (name, *term.also))
    )


def _goal(endpoint: Endpoint) -> str:
    """Return what an endpoint looks at, in plain words."""
    known = plain_words().measures
    names: tuple[str, ...] = (endpoint.measure,) if endpoint.measure else ()
    if endpoint.condition is not None:
        names = tuple(measures_of(endpoint.condition))
    words = dict.fromkeys(known.get(name, "how patients do") for name in names if name)
    return ", and ".join(words) or "how patients do"


def _primary(protocol: Protocol) -> list[Endpoint]:
    return [endpoint for endpoint in protocol.endpoints if endpoint.role is Role.PRIMARY]


def _given(protocol: Protocol) -> list[str]:
    return list(dict.fromkeys(item.drug for arm in protocol.arms for item in arm.treatments))


def _question(protocol: Protocol) -> PlainSection:
    goals = list(dict.fromkeys(_goal(endpoint) for endpoint in _primary(protocol)))
    known = plain_words().treatments
    return PlainSection(
        title="What does this trial ask?",
        paragraphs=(
            "A trial is a fair test of a treatment. The plan is written down before it starts.",
            "This trial tests what is named here.",
        ),
        points=(
            *(known[drug] for drug in _given(protocol) if drug in known),
            *(f"The trial looks at this first: {goal}." for goal in goals),
        ),
    )


def _who(protocol: Protocol) -> PlainSection:
    points = len(protocol.eligibility)
    measured = {name for line in protocol.eligibility for name in measures_of(line.require)}
    looked = [
        text
        for name, text in (
            ("body_weight", "how much weight was lost"),
            ("ecog", "how well a person gets through the day"),
            ("crp", "a sign of inflammation in the blood"),
            ("gdf15", "a signal in the blood that takes away hunger"),
            ("creatinine_clearance", "how well the kidneys work"),
            ("neutrophils", "the blood cells"),
        )
        if name in measured
    ]
    return PlainSection(
        title="Who can take part?",
        paragraphs=(
            f"There is a list of {points} points. A doctor goes through it with each person. It keeps people "
            "safe, and it finds those whom the treatment may help.",
            "To take part is a free choice. You can say no. You can stop at any time, and you "
            "need not say why.",
        ),
        points=tuple(f"Doctors look at {text}." for text in looked),
    )


def _what_happens(protocol: Protocol) -> PlainSection:
    weeks = round(protocol.schedule.treatment / DAYS_PER_WEEK)
    total = sum(arm.ratio for arm in protocol.arms)
    visits = sum(visit.day >= 0 for visit in protocol.schedule.visits)
    blind = protocol.masking is Masking.DOUBLE_BLIND
    return PlainSection(
        title="What happens in the trial?",
        paragraphs=(
            f"About {protocol.size} people take part. They are put into {len(protocol.arms)} groups "
            "by chance, like drawing lots. This keeps the test fair.",
            f"The treatment lasts {weeks} weeks. There are {visits} planned visits.",
            "Nobody knows who gets the drug until the end. That keeps the test fair too."
            if blind
            else "People know which group they are in.",
        ),
        points=tuple(_arm(protocol, arm, total) for arm in protocol.arms),
    )


def _arm(protocol: Protocol, arm: Arm, total: int) -> str:
    people = round(protocol.size * arm.ratio / total)
    fake = " What they get looks like the drug and does nothing." if PLACEBO in arm.label.lower() else ""
    tail = "" if arm.treatments else f"{fake} They get the usual care."
    return f"{arm.label}: about {people} people.{tail}"


def _gain(protocol: Protocol, facts: RunFacts | None) -> PlainSection:
    if facts is None:
        said: tuple[str, ...] = (
            "Some people may keep or gain weight, muscle or strength. Some may eat with more joy. "
            "Some may feel no change at all.",
            "What is learned may help other people later.",
        )
        return PlainSection(title="What may be gained?", paragraphs=said)
    return PlainSection(
        title="What may be gained?",
        paragraphs=(
            f"We ran this trial {facts.trials} times in a computer, with made-up patients. This is what we "
            "saw. Real people may do better or worse. Small gaps between groups are often chance.",
        ),
        points=tuple(_gains(protocol, facts)),
    )


def _gains(protocol: Protocol, facts: RunFacts) -> Iterator[str]:
    if is_response(protocol):
        for arm in facts.arms:
            if arm.responders is not None:
                yield f"{arm.label}: {_of_hundred(arm.responders)} people reached the goal."
    endpoints = {endpoint.name: endpoint for endpoint in protocol.endpoints}
    labels = {arm.name: arm.label for arm in protocol.arms}
    tests = {analysis.name: analysis for analysis in protocol.analyses}
    for effect in facts.effects:
        test = tests[effect.analysis]
        endpoint = endpoints[test.endpoint]
        if endpoint.kind is not EndpointKind.RESPONDER and test.control is not None:
            found = _size(effect.value, effect.unit)
            both = f"With {labels[test.arm]}, this was {found} than with {labels[test.control]}"
            yield f"{both}: {_goal(endpoint)}."
        shown = _of_hundred(effect.success).capitalize()
        yield f"{shown} such trials would show a gain by {labels[test.arm]}."


def _size(value: float, unit: str) -> str:
    side = "more" if value > 0 else "less"
    written = f"{abs(value):.1f}" if unit in ("", "1") else f"{abs(value):.1f} {unit}"
    return f"about {written} {side}"


def _of_hundred(share: float) -> str:
    """Return a share as ``about 5 of 100``."""
    found = round(HUNDRED * share)
    if found == 0:
        return "fewer than 1 of 100" if share > 0 else "0 of 100"
    return f"about {found} of {HUNDRED}"


def _risk(protocol: Protocol, facts: RunFacts | None) -> PlainSection:
    unborn = [drug for drug in _given(protocol) if drug in UNBORN]
    first = (
        "Each treatment can do harm. Some harm is mild. Some is serious. There may be harm that nobody has "
        "seen yet. Visits and blood tests take time and strength.",
        *(("This drug can badly harm an unborn child.",) if unborn else ()),
        "People in this trial are very ill. Some will die of the illness in that time, with or without the "
        "treatment. It is hard to read this. You need not read it alone.",
    )
    points = tuple(_harms(facts)) if facts is not None else tuple(_watched())
    return PlainSection(title="What may go wrong?", paragraphs=first, points=points)


def _watched() -> Iterator[str]:
    known = plain_words().events
    for name in EVENTS:
        yield f"The team looks out for {known[name]}."


def _harms(facts: RunFacts) -> Iterator[str]:
    for arm in facts.arms:
        yield from _harms_of(arm)


def _harms_of(arm: ArmFacts) -> Iterator[str]:
    known = plain_words().events
    if arm.died is not None:
        yield f"{arm.label}: {_of_hundred(arm.died)} made-up patients died before the main visit."
    for name in EVENTS:
        if arm.harms.get(name, 0.0) > 0:
            yield f"{arm.label}: {_of_hundred(arm.harms[name])} had {known[name]}."


def _unknown(protocol: Protocol, facts: RunFacts | None) -> PlainSection:
    guesses = len(protocol.assumptions)
    return PlainSection(
        title="What is not known?",
        paragraphs=(
            "A trial is done because nobody knows yet if the treatment helps.",
            *(
                (
                    "The figures above come from a model. A model is a set of rules about the body. It is "
                    "much simpler than a body, and it can be wrong. It cannot tell what will happen to you.",
                )
                if facts is not None
                else ()
            ),
            f"For {guesses} parts of the plan there was no public text. We had to guess them. Each guess is "
            "listed in the full report."
            if guesses
            else "The plan is public in full.",
            "We do not know if more weight or more muscle means that people live longer or feel better. "
            "Both must be looked at.",
        ),
    )


def _ask() -> PlainSection:
    return PlainSection(
        title="What can I ask?",
        paragraphs=(
            "Here are some things you can ask your care team. It is fine to bring a friend, and to "
            "take notes.",
        ),
        points=(
            "Do I have cachexia? How can you tell?",
            "What can I do now about food and about moving?",
            "Is there a trial that would fit me?",
            "What would it ask of me and of my family?",
            CAREFUL,
        ),
    )
