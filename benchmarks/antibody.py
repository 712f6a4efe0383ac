"""Ponsegromab every 4 weeks: peaks and troughs of the antibody and of GDF-15, and the balance of mass.

The patient is the shipped archetype ``gdf15_high``; first and seventh dose of 100, 200 and 400 mg.
Run: ``python benchmarks/antibody.py`` (under a minute).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia import drugs, parameters
from euexia.model.effects import NEUTRAL
from euexia.physiology.body import constants
from euexia.population import archetypes
from euexia.simulate.engine_kernels import BODY, CARRIED, nest
from euexia.study import regimen
from euexia.study.simulated import engine_for
from euexia.study.single_patient import patient_columns, personal_inputs

Floats = NDArray[np.float64]

AMOUNTS = (100.0, 200.0, 400.0)
INTERVAL = 28.0
DOSES = 7
EDGES = (0, 1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5, 1, 2, 4, 6, 8, 8.5, 9, 9.5, 10, 14, 21, INTERVAL)
"""Of the panels after each dose [day]; fine where binding is fast, and about the peak."""
NODES, SHARES = np.polynomial.legendre.leggauss(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One dosing interval; each of shape (amounts,).  At the peak, then at the trough."""

    antibody: tuple[Floats, Floats]
    """[mg/L]"""
    free_gdf15: tuple[Floats, Floats]
    """[ng/mL]"""
    gdf15: tuple[Floats, Floats]
    """[ng/mL]"""


class Course:
    """The patient on each amount, followed by the engine; the flows of GDF-15 summed by quadrature."""

    def __init__(self) -> None:
        chosen = parameters.load()
        patient = archetypes.load("gdf15_high")
        columns = patient_columns(patient, [regimen.usual("ponsegromab", chosen)])
        self._engine: Any = engine_for(chosen)
        body, state, _ = self._engine.run_in(personal_inputs(self._engine, patient, chosen))
        self._body, self._state = (np.repeat(rows, len(AMOUNTS), axis=1) for rows in (body, state))
        self._constants = constants(chosen).gdf15
        self._dose = drugs.injection("ponsegromab", np.array(AMOUNTS), columns, chosen)
        self.elimination = float(self._dose.elimination)
        self.absorption = float(self._dose.absorption)
        self._per_mass = chosen.value("ponsegromab.amount_per_mass")
        self._day = 0.0
        self._begin = self._total()
        self._made = self._cleared = np.zeros(len(AMOUNTS))
        self.worst_balance = 0.0
        """Largest share of the GDF-15 there at first or made since that is neither there nor cleared."""

    def interval(self) -> Interval:
        """Give a dose and return the interval that follows."""
        start = self._day
        self._state = self._engine.inject(self._state, self._dose)
        seen = []
        for low, high in pairwise(EDGES):
            for node, share in zip(NODES, SHARES, strict=True):
                self._go(start + low + (high - low) * (1 + node) / 2)
                self._count(share * (high - low) / 2)
            self._go(start + high)
            seen.append((self._antibody(), self._free(), self._total()))
            error = self._total() - self._begin + self._cleared - self._made
            self.worst_balance = max(
                self.worst_balance, float(np.max(np.abs(error) / (self._begin + self._made)))
            )
        courses = [np.stack(values) for values in zip(*seen, strict=True)]
        peak = np.argmax(courses[0], axis=0), np.arange(len(AMOUNTS))
        antibody, free, total = ((values[peak], values[-1]) for values in courses)
        return Interval(antibody=antibody, free_gdf15=free, gdf15=total)

    def _go(self, day: float) -> None:
        self._state = self._engine.advance(
            self._state, self._body, NEUTRAL, start=self._day, days=day - self._day
        )
        self._day = day

    def _count(self, days: float) -> None:
        """Add what is made and cleared in some days at the present rates."""
        c, plain = self._constants, nest(CARRIED, self._state[: CARRIED.num_leaves])
        tumour = plain.state.disease.tumour_mass * nest(BODY, self._body).personal.gdf15_drive
        free = self._free()
        self._made = self._made + days * c.turnover * (c.healthy + tumour)
        bound = self.elimination * (self._total() - free)
        self._cleared = self._cleared + days * (c.turnover * free + bound)

    def _antibody(self) -> Floats:
        """Return the total antibody in serum [mg/L]."""
        return np.asarray(self._state[CARRIED.num_leaves + 1]) / self._per_mass

    def _free(self) -> Floats:
        return self._observed("free_gdf15")

    def _total(self) -> Floats:
        return self._observed("gdf15")

    def _observed(self, name: str) -> Floats:
        return np.asarray(self._engine.observe(self._state, self._body, day=self._day)[name])


def main() -> None:
    """Print the table."""
    course = Course()
    intervals = [course.interval() for _ in range(DOSES)]
    print("peak / trough".ljust(22) + "antibody mg/L".rjust(18) + "unbound GDF-15 ng/mL".rjust(24), end="")
    print("total GDF-15 ng/mL".rjust(22))
    for number in (1, DOSES):
        found = intervals[number - 1]
        for place, amount in enumerate(AMOUNTS):
            cells = (
                f"{peak[place]:.{digits}f} / {trough[place]:.{digits}f}".rjust(width)
                for (peak, trough), digits, width in (
                    (found.antibody, 1, 18),
                    (found.free_gdf15, 4, 24),
                    (found.gdf15, 1, 22),
                )
            )
            print(f"{amount:g} mg, dose {number}".ljust(22) + "".join(cells))
    print(f"worst error of the balance of GDF-15, of what was there or made: {course.worst_balance:.1e}")


if __name__ == "__main__":
    main()
