"""What the pages about real patients speak of: each patient's last date, trends, and what to read next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from euexia.assess.assessment import LEADING, Assessment
from euexia.assess.checks import Checked, Finding
from euexia.assess.record import to_date
from euexia.assess.trend import Trend, trend_of
from euexia.core.logic import FALSE, TRUE, UNKNOWN
from euexia.criteria.catalogue import DEFINITIONS
from euexia.criteria.outcome import Outcome, Status
from euexia.report.assessment_words import label, to_measure

MOST_MAIN = 8
"""Definitions that are laid over one another."""
MOST_NEXT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A reading that would help, and the definitions that wait for it."""

    text: str
    decides: tuple[str, ...]
    """Definitions of which it is the only missing reading."""
    helps: tuple[str, ...]
    """Definitions that miss it among others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many patients have each answer of a yes/no definition."""

    yes: int
    no: int
    unknown: int

    @property
    def total(self) -> int:
        """Return all patients."""
        return self.yes + self.no + self.unknown


@dataclass(frozen=True, kw_only=True)
class AssessmentMaterial:
    """A cohort on each patient's last date."""

    checked: Checked
    last: Assessment

    @property
    def patients(self) -> int:
        """Return how many patients are assessed."""
        return len(self.last)

    def name(self, index: int) -> str:
        """Return the identifier of a patient."""
        return str(self.checked.record.patients[int(self.last.at.patient[index])])

    def date(self, index: int) -> str:
        """Return the date on which a patient is assessed."""
        return str(to_date(int(self.last.at.day[index])))

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        """Return the outcomes by definition: cachexia, malnutrition, sarcopenia and low muscle first."""
        rank = {concept: place for place, concept in enumerate(LEADING)}
        names = sorted(self.last.outcomes, key=lambda name: rank.get(DEFINITIONS[name].concept, len(LEADING)))
        return {name: self.last.outcomes[name] for name in names}

    @cached_property
    def yes_no(self) -> Mapping[str, Counts]:
        """Return the counts of every definition whose main answer is yes or no."""
        found = {}
        for name, outcome in self.outcomes.items():
            if outcome.truth is not None:
                yes, no, unknown = (int((outcome.truth == code).sum()) for code in (TRUE, FALSE, UNKNOWN))
                found[name] = Counts(yes=yes, no=no, unknown=unknown)
        return found

    @cached_property
    def main(self) -> tuple[str, ...]:
        """Return the yes/no definitions of the main concepts that somebody meets, at most a few."""
        found = [
            name
            for name, counts in self.yes_no.items()
            if DEFINITIONS[name].concept in LEADING and counts.yes > 0
        ]
        return tuple(found[:MOST_MAIN])

    @cached_property
    def findings(self) -> Mapping[str, tuple[Finding, ...]]:
        """Return what looks wrong, by patient; under the empty name what concerns all."""
        found: dict[str, list[Finding]] = {}
        for finding in self.checked.findings:
            found.setdefault(finding.patient, []).append(finding)
        return {name: tuple(findings) for name, findings in found.items()}

    def trend(self, index: int) -> Trend:
        """Return how a patient changes."""
        return trend_of(self.checked.record, int(self.last.at.patient[index]), self.last.settings)

    def wanted(self, index: int) -> tuple[Wanted, ...]:
        """Return the readings that would turn most UNKNOWNs of a patient into answers, best first."""
        weighed = bool(np.isfinite(self.last.columns["body_weight"][index]))
        alone: dict[str, list[str]] = {}
        among: dict[str, list[str]] = {}
        for name, outcome in self.last.outcomes.items():
            if int(outcome.status[index]) == Status.OK or DEFINITIONS[name].concept not in LEADING:
                continue
            texts = sorted({to_measure(miss, weighed=weighed) for miss in missing_of(outcome, index)})
            for text in texts:
                (alone if len(texts) == 1 else among).setdefault(text, []).append(label(name))
        ranked = sorted({*alone, *among}, key=lambda t: (-len(alone.get(t, ())), -len(among.get(t, ())), t))
        return tuple(
            Wanted(text=text, decides=tuple(alone.get(text, ())), helps=tuple(among.get(text, ())))
            for text in ranked[:MOST_NEXT]
        )

    @cached_property
    def gaps(self) -> tuple[tuple[str, int], ...]:
        """Return how many patients' answers each missing reading leaves open, most first."""
        weighed = np.isfinite(self.last.columns["body_weight"])
        open_: dict[str, NDArray[np.bool_]] = {}
        for outcome in self.last.outcomes.values():
            for name, where in outcome.missing.items():
                if name not in open_:
                    open_[name] = np.zeros(self.patients, dtype=bool)
                open_[name] |= np.asarray(where) & (outcome.status != Status.OK)
        counts: Counter[str] = Counter()
        for name, where in open_.items():
            text = to_measure(name, weighed=bool(weighed[where].all()) if where.any() else True)
            counts[text] = max(counts[text], int(where.sum()))
        return tuple((text, count) for text, count in counts.most_common() if count)


def missing_of(outcome: Outcome, index: int) -> tuple[str, ...]:
    """Return the readings that keep one patient's answer open."""
    return tuple(name for name, where in outcome.missing.items() if bool(where[index]))
