"""Faults of cells by kind, each with the rows it was met in, so that a table is refused with all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import Fault

Integers = NDArray[np.int64]

MOST_ROWS = 5
"""Rows that a fault names."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One kind of fault in one column."""

    column: str
    problem: str
    remedy: str


@dataclass(slots=True)
class Complaints:
    """Faults by kind, each with the rows it was met in."""

    rows: dict[Complaint, list[int]] = field(default_factory=dict)
    counts: dict[Complaint, int] = field(default_factory=dict)

    def add(self, rows: Integers, column: str, problem: str, remedy: str = "") -> None:
        """Note a fault in the given rows."""
        if not len(rows):
            return
        kind = Complaint(column, problem, remedy)
        noted = self.rows.setdefault(kind, [])
        noted.extend(int(row) for row in rows[: MOST_ROWS - len(noted)])
        self.counts[kind] = self.counts.get(kind, 0) + len(rows)

    def faults(self, most: int) -> tuple[Fault, ...]:
        """Return the faults in the order of their rows; those beyond ``most`` kinds are counted."""
        ordered = sorted(self.rows, key=lambda kind: (self.rows[kind][0], kind.column))
        found = [self._fault(kind) for kind in ordered[:most]]
        rest = sum(self.counts[kind] for kind in ordered[most:])
        if rest:
            found.append(Fault(line=None, place="the file", problem=f"{rest} more faults of other kinds."))
        return tuple(found)

    def _fault(self, kind: Complaint) -> Fault:
        rows, total = self.rows[kind], self.counts[kind]
        others = ""
        if total > 1:
            listed = ", ".join(str(row) for row in rows[1:])
            others = f" Also in row{'s' if total > 2 else ''} {listed}"
            others += f" and {total - len(rows)} more." if total > len(rows) else "."
        return Fault(
            line=rows[0], place=f"column '{kind.column}'", problem=kind.problem + others, remedy=kind.remedy
        )
