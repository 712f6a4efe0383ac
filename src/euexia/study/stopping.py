"""When a run has enough trials: rules on the Monte-Carlo error of a figure, checked at fixed trials.

A rule reads ``power se < 0.5 %``, with a name ``power(response_fixed) se < 0.5 %``, and several are joined by
``and``.  It looks at how sure a figure is, never at the figure, and only at trials that neither blocks nor
workers move: so a run ends at the same trial wherever and however it is computed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from euexia.core.choices import choose
from euexia.core.errors import InputError
from euexia.protocol.lead import is_response
from euexia.protocol.protocol import Protocol
from euexia.study.decisions import Decisions
from euexia.study.tally import Share

FIRST_CHECK = 100
"""Trials at which a rule is looked at first, and the smallest step between two looks."""
SMALLEST_ERROR = 1e-4
LARGEST_ERROR = 0.1
"""Errors, as shares, that a rule may ask for: below, no run would end; above, the first look would end it."""
EXAMPLE = "for example --until 'power se < 0.5 %'"

GOAL = re.compile(
    r"\s*(?P<figure>[a-z][a-z _]*?)\s*(?:\(\s*(?P<name>[^()]*?)\s*\))?"
    r"\s+se\s*<\s*(?P<error>\d+(?:\.\d+)?)\s*%\s*",
    re.IGNORECASE,
)


class Figure(Enum):
    """Figures that a rule can ask to be sure of."""

    POWER = "power"
    TYPE_I = "type I"
    RESPONDERS = "responders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Figures of one kind and how small their Monte-Carlo standard errors, as shares, must be.

    names: analyses, or arms for responders: all of them must be that sure.
    """

    figure: Figure
    names: tuple[str, ...]
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingRule:
    """Goals that must all be met."""

    text: str
    goals: tuple[Goal, ...]

    def errors(self, decisions: Decisions, trials: int) -> Iterator[tuple[float, float]]:
        """Yield for each figure its error over the first trials, and the error that is asked for."""
        for goal in self.goals:
            for name in goal.names:
                yield _error(goal.figure, name, decisions, trials), goal.error


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """How a stopping rule ended.

    met_at: the trials at which it was met; None where it was not.  trials: of the run.
    """

    rule: str
    met_at: int | None
    trials: int
    most: int


@dataclass(slots=True)
class Watch:
    """Looks at a rule at each trial at which that is due."""

    rule: StoppingRule | None
    decisions: Decisions
    met_at: int | None = None
    _next: int = field(default=FIRST_CHECK)

    def is_met(self) -> bool:
        """Return whether the rule was met at one of the looks that were due."""
        while self.rule is not None and self.met_at is None and self._next <= self.decisions.trials:
            looked, self._next = self._next, next_check(self._next)
            if all(error < asked for error, asked in self.rule.errors(self.decisions, looked)):
                self.met_at = looked
        return self.met_at is not None

    def expected(self, most: int) -> int:
        """Return about how many trials the run will need, for its progress: errors fall with their root."""
        trials = self.decisions.trials
        if self.rule is None or trials < FIRST_CHECK:
            return most
        factor = max((error / asked) ** 2 for error, asked in self.rule.errors(self.decisions, trials))
        return min(most, max(trials, next_check(math.ceil(factor * trials) - 1)))

    def outcome(self, most: int) -> Stopping | None:
        """Return how it ended; None without a rule."""
        if self.rule is None:
            return None
        return Stopping(rule=self.rule.text, met_at=self.met_at, trials=self.decisions.trials, most=most)


def next_check(trials: int) -> int:
    """Return the next number of trials at which a rule is looked at.

    Every hundredth trial up to 10,000, then every thousandth, from 100,000 every ten-thousandth, and so on.
    """
    step = max(FIRST_CHECK, int(10 ** (len(str(max(trials, 1))) - 2)))
    return (trials // step + 1) * step


def parse(text: str, protocol: Protocol) -> StoppingRule:
    """Return the rule that a text says of the trials of a protocol.

    Raises InputError for what is no rule, UnknownNameError for a figure, analysis or arm that is not there.
    """
    goals = tuple(_goal(part, protocol) for part in re.split(r"\s+and\s+", text.strip()))
    return StoppingRule(text=" ".join(text.split()), goals=goals)


def _goal(text: str, protocol: Protocol) -> Goal:
    found = GOAL.fullmatch(text)
    if found is None:
        raise InputError(
            f"'{text}' is no stopping rule. Write a figure ({', '.join(f.value for f in Figure)}), an "
            f"analysis or arm in brackets if not all are meant, 'se <' and an error in %; {EXAMPLE}."
        )
    written = {figure.value.lower(): figure for figure in Figure}
    figure = choose(
        "figure", found["figure"].replace("_", " ").lower(), written, asked_in="the stopping rule"
    )
    error = float(found["error"]) / 100
    if not SMALLEST_ERROR <= error <= LARGEST_ERROR:
        raise InputError(
            f"The stopping rule '{text.strip()}' asks for an error of {found['error']} %; it must lie "
            f"between {100 * SMALLEST_ERROR:g} and {100 * LARGEST_ERROR:g} %. The error falls with the "
            "root of the number of trials: 10,000 trials give at most 0.5 %."
        )
    return Goal(figure=figure, names=_names(figure, found["name"], protocol), error=error)


def _names(figure: Figure, name: str | None, protocol: Protocol) -> tuple[str, ...]:
    if figure is Figure.RESPONDERS:
        if not is_response(protocol):
            raise InputError(
                f"The protocol '{protocol.id}' has no response as its first primary endpoint, so nobody "
                f"responds. Ask for the error of the power; {EXAMPLE}."
            )
        arms = {arm.name: arm.name for arm in protocol.arms}
        return tuple(arms) if name is None else (choose("arm", name, arms, asked_in="the stopping rule"),)
    analyses = {analysis.name: analysis.name for analysis in protocol.analyses}
    if name is not None:
        return (choose("analysis", name, analyses, asked_in="the stopping rule"),)
    primary = tuple(analysis.name for analysis in protocol.analyses if analysis.primary)
    if not primary:
        raise InputError(
            f"The protocol '{protocol.id}' plans no primary analysis; name one in brackets: "
            f"{figure.value}({next(iter(analyses), 'analysis')})."
        )
    return primary


def _error(figure: Figure, name: str, decisions: Decisions, trials: int) -> float:
    """Return the Monte-Carlo standard error of a figure over the first trials, never 0.

    The error of a share is not taken to be smaller than that with two hits and two misses more, so that a run
    does not end because few trials happen to agree (Agresti and Coull's adjustment).
    """
    if figure is Figure.RESPONDERS:
        responders, analysed = (counts[:trials] for counts in decisions.responders(name))
        share = Share()
        share.add(responders, analysed)
        patients = int(analysed.sum())
        found = share.estimate().error if patients else math.inf
        return max(found, _cautious(int(responders.sum()), patients))
    scenario = {Figure.POWER: "as_modelled", Figure.TYPE_I: "without_effect"}[figure]
    hits = int(np.count_nonzero(decisions.rejections(scenario, name)[:trials]))
    share_of_hits = hits / trials
    return max(math.sqrt(share_of_hits * (1 - share_of_hits) / trials), _cautious(hits, trials))


def _cautious(hits: int, of: int) -> float:
    share = (hits + 2) / (of + 4)
    return math.sqrt(share * (1 - share) / max(of, 1))


def spans(
    first: int, last: int, *, per_block: int, per_part: int, checked: bool
) -> Iterator[tuple[int, int]]:
    """Yield the blocks of a run from one trial to another: the first trial of each, and how many they are.

    No block goes across the end of a part, or, where a rule is ``checked``, across a look at it.
    """
    while first < last:
        ends: Sequence[int] = (first + per_block, last, (first // per_part + 1) * per_part)
        end = min((*ends, next_check(first)) if checked else ends)
        yield first, end - first
        first = end
