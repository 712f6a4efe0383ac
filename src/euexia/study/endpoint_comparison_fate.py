"""What became of each endpoint in the published trial: its rows of evidence, found by measure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from euexia import evidence
from euexia.core.studytime import DAYS_PER_WEEK
from euexia.evidence.row import About, Limits, Row, Statistic, Study
from euexia.protocol.protocol import Protocol
from euexia.study.endpoint_comparison_list import Judgement
from euexia.study.endpoint_comparison_plan import OWN, Pair, Plan, Question

LEVEL = 0.05
"""Two-sided level at which a published result counts as met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What one published row says of an endpoint.

    met: None where the row does not decide it.  words: the row, as printed.
    """

    judgement: str
    measure: str
    met: bool | None
    words: str
    study: str
    row: str
    source: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What to look for among published rows: a measure, and other names of it."""

    name: str
    measure: str | None
    aliases: tuple[str, ...]


def fates(plan: Plan, question: Question) -> tuple[Fate, ...]:
    """Return what the protocol's published trial says of an endpoint; of several, of each of them."""
    return tuple(fate for target in _targets(plan, question) for fate in _of(plan, target, question.pair))


def met(plan: Plan, question: Question) -> bool | None:
    """Return whether the published trial met an endpoint; several are met if each of them is.

    None where nothing was published, or not of all.
    """
    found = []
    for target in _targets(plan, question):
        known = [fate.met for fate in _of(plan, target, question.pair) if fate.met is not None]
        found.append(None if not known else all(known))
    if any(entry is False for entry in found):
        return False
    return None if not found or any(entry is None for entry in found) else True


def studies(protocol: Protocol) -> tuple[Study, ...]:
    """Return the published studies of a protocol: those it names, else those of its registration."""
    named = tuple(dict.fromkeys(published.study for published in protocol.published))
    if named:
        return tuple(evidence.load(name) for name in named)
    return tuple(
        study for study in map(evidence.load, evidence.shipped()) if protocol.registry in study.registry
    )


def _targets(plan: Plan, question: Question) -> tuple[_Target, ...]:
    """Return what a question reads; of the protocol's own primary, the measures of its endpoints."""
    if question.judgement == OWN:
        return tuple(_own_targets(plan, question))
    names = plan.judgements[question.judgement].all_of or (question.judgement,)
    return tuple(
        _Target(name=name, measure=_measure(entry), aliases=entry.published_as)
        for name in names
        for entry in (plan.judgements[name],)
    )


def _own_targets(plan: Plan, question: Question) -> Iterator[_Target]:
    own = [plan.endpoints[plan.analyses[name].endpoint].measure for name in question.analyses]
    for measure in dict.fromkeys(own):
        if measure is not None:
            entries = [entry for entry in plan.judgements.values() if _measure(entry) == measure]
            aliases = tuple(alias for entry in entries for alias in entry.published_as)
            yield _Target(name=measure, measure=measure, aliases=aliases)


def _measure(entry: Judgement) -> str | None:
    return None if entry.endpoint is None else entry.endpoint.measure


def _of(plan: Plan, target: _Target, pair: Pair) -> Iterator[Fate]:
    label = next(arm.label for arm in plan.protocol.arms if arm.name == pair.arm)
    for study in studies(plan.protocol):
        for key, row in _rows(study, target):
            if _is_of(row, label) and _is_at(row, plan.day):
                yield _fate(target.name, study, key, row)


def _rows(study: Study, target: _Target) -> Iterator[tuple[str, Row]]:
    """Yield differences of a measure, and what was said of it in words."""
    for key, row in study.rows.items():
        named = row.measure in target.aliases
        named = named or (target.measure is not None and row.observable == target.measure)
        said = row.about is About.DIFFERENCE or row.statistic is Statistic.WORDS
        if named and said:
            yield key, row


def _is_of(row: Row, label: str) -> bool:
    """Return whether a row is about an arm: it names none, or a dose that is in the arm's label."""
    dose = row.contrast.split(" minus ")[0].strip()
    return not dose or dose.lower() in label.lower()


def _is_at(row: Row, day: float) -> bool:
    return not row.weeks or row.weeks[-1] * DAYS_PER_WEEK == day


def _fate(name: str, study: Study, key: str, row: Row) -> Fate:
    return Fate(
        judgement=name,
        measure=row.measure,
        met=_met(row),
        words=_words(row),
        study=study.id,
        row=key,
        source=row.source or next(iter(study.sources), study.doi),
        verified=row.verified,
    )


def _met(row: Row) -> bool | None:
    if row.p is not None:
        return row.p < LEVEL
    if row.limits is Limits.CONFIDENCE_95 and row.low is not None and row.high is not None:
        return row.low > 0 or row.high < 0
    return None


def _words(row: Row) -> str:
    parts = []
    if row.value is not None:
        text = f"{row.value:g} {row.unit}".strip()
        if row.low is not None and row.high is not None:
            text += f" ({row.low:g} to {row.high:g})"
        parts.append(text)
    if row.p is not None:
        parts.append(f"p {'<' if row.below else '='} {row.p:g}")
    if row.text:
        parts.append(row.text)
    return ", ".join(parts) or "as printed"
