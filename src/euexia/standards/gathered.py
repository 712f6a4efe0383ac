"""What a reader gathers of a trial before it becomes trial data: plain tables in days from randomisation.

Any reader may fill these tables; ``assembling.assemble`` makes trial data of them and finds the conflicts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from euexia.standards.understanding import Remark, Source

DAYS = (
    "enrolled_day",
    "death_day",
    "withdrawal_day",
    "treatment_stop_day",
    "crossover_day",
    "rescue_day",
    "last_contact_day",
)
PEOPLE = ("subject", "arm", "age", "sex", "height", *DAYS)
FINDINGS = ("subject", "measure", "visit", "planned", "day", "value", "rank", "source", "row")
DOSES = ("subject", "drug", "planned", "dose", "reason")
EVENTS = ("subject", "day", "term", "grade", "serious")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """One trial as plain tables.

    people: one row for each randomised subject, in order: identifier, arm as written, age [year], sex (0
    woman, 1 man), height [cm], and days (NaN: did not happen or not known).
    findings: one row for each reading: measure, visit (an identifier), planned day (NaN where no file says
    it), day, value (canonical; NaN: looked for and not obtained), rank (the higher is taken when two
    readings compete for one visit), source and row for messages.
    doses: planned day, dose [mg/day] and reason.  events: day, term, CTCAE grade, serious.
    arms: the arms as written, in the order that the files give, or none.  labels: their labels.
    day_zero: the calendar date of day 0 of each person, ISO 8601, empty where not known.
    """

    study: str
    people: pd.DataFrame
    findings: pd.DataFrame
    doses: pd.DataFrame
    events: pd.DataFrame
    arms: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    day_zero: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    sources: tuple[Source, ...] = ()


def together(parts: Iterable[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    """Return tables one below the other; an empty table with these columns if there is none."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    return pd.concat(filled, ignore_index=True)[list(columns)]
