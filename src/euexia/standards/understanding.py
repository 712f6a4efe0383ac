"""What was understood of files of trial data, what was not, and every conflict; and the refusal of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from euexia.core.errors import TrialDataError

SHOWN = 20
"""Faults that a refusal names one by one."""


class Level(StrEnum):
    """How much a remark matters."""

    UNDERSTOOD = "understood"
    LEFT_OUT = "not understood"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing about the files: what, where, and how often.

    topic: what it is about, in one or two words (``unit``, ``duplicate``, ``visit window``), so that remarks
    can be counted.  place: dataset or file, with row and column where there is one.
    """

    level: Level
    topic: str
    place: str
    text: str
    count: int = 1

    def __str__(self) -> str:
        often = f" ({self.count} times)" if self.count > 1 else ""
        return f"{self.place}: {self.text}{often}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One dataset that was read: its name, what it was taken for, and how many of its rows were used."""

    name: str
    role: str
    rows: int
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What a reader of trial data made of its files.

    standard: ``SDTM``, ``ADaM``, ``SDTM and ADaM``, ``REDCap``, ``FHIR``, ``tables``.  subjects: identifier
    of each subject in the files, trial by trial, in the order of the rows of the trial data; it lives at this
    edge only.  day_zero: the date of day 0 of each subject, ISO 8601, empty where it is not known.
    measures: what each measure was read from (``VS.VSTESTCD = WEIGHT``).
    """

    standard: str
    sources: tuple[Source, ...] = ()
    remarks: tuple[Remark, ...] = ()
    subjects: tuple[tuple[str, ...], ...] = ()
    day_zero: tuple[tuple[str, ...], ...] = ()
    measures: Mapping[str, str] = field(default_factory=dict)

    def of(self, level: Level) -> tuple[Remark, ...]:
        """Return the remarks of one level, in order."""
        return tuple(remark for remark in self.remarks if remark.level is level)

    @property
    def conflicts(self) -> tuple[Remark, ...]:
        """What contradicts itself, the protocol or the calendar."""
        return self.of(Level.CONFLICT)


def understood(topic: str, place: str, text: str, count: int = 1) -> Remark:
    """Remark that something was settled without doubt."""
    return Remark(level=Level.UNDERSTOOD, topic=topic, place=place, text=text, count=count)


def left_out(topic: str, place: str, text: str, count: int = 1) -> Remark:
    """Remark that something was not understood, or has no place, and was left out."""
    return Remark(level=Level.LEFT_OUT, topic=topic, place=place, text=text, count=count)


def conflict(topic: str, place: str, text: str, count: int = 1) -> Remark:
    """Remark on a contradiction, and what was done about it."""
    return Remark(level=Level.CONFLICT, topic=topic, place=place, text=text, count=count)


def refuse(path: str, problems: Sequence[str] | Iterable[str]) -> TrialDataError:
    """Return the refusal of files, with every problem; the caller raises it."""
    listed = list(problems)
    count = "1 fault" if len(listed) == 1 else f"{len(listed)} faults"
    lines = "".join(f"\n  - {problem}" for problem in listed[:SHOWN])
    more = f"\n  - and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return TrialDataError(f"'{path}' cannot be read as trial data ({count}):{lines}{more}")
