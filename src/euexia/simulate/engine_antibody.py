"""Compiled kernels for patients who have an antibody against GDF-15 in the body.

Their state has the rows of the antibody below those of all patients.  The antibody's own course is taken in
closed form; total GDF-15, which now follows a fast binding, is stepped finely with the rest of the disease.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from euexia.model.antibody import Antibody, later
from euexia.model.effects import CHANNELS, Effects
from euexia.physiology import observables, turnover, whole_body
from euexia.physiology.body import Body, Constants, Disease, Drive
from euexia.simulate.engine_kernels import BODY, CARRIED, Carried, Relaxing, TrialStep, flatten, follow, nest

Array = Any

ROWS: int = CARRIED.num_leaves
"""Rows of a state without antibody."""
ANTIBODY: Any = jax.tree.structure(Antibody(*(0 for _ in Antibody._fields)))
FINE_STEPS = 24
"""Steps of the disease in each half step of the host."""
GRADING = 3
"""Fine steps end at powers of evenly spaced numbers: binding starts within minutes of an injection."""


class AntibodyKernels:
    """The kernels; the numbers of the model enter as a vector, so changing them compiles nothing."""

    def __init__(self, structure: Any) -> None:
        self._constants = structure
        self.advance = jax.jit(self._advance)
        self.observe = jax.jit(self._observe)

    def _advance(
        self,
        rows: Array,
        body_rows: Array,
        effect_rows: Array,
        numbers: Array,
        start: Array,
        step: Array,
        steps: Array,
    ) -> Array:
        """Return the state rows after so many steps under constant effects, from day 0 on."""
        carried: Carried = nest(CARRIED, rows[:ROWS])
        antibody: Antibody = nest(ANTIBODY, rows[ROWS:])
        body: Body = nest(BODY, body_rows)
        effects = Effects(**dict(zip(CHANNELS, effect_rows, strict=True)))
        taken = _BoundStep(step, body, effects, nest(self._constants, numbers), antibody, start)
        after = follow(taken, carried, start, step, steps)
        return jnp.concatenate([after, flatten(later(antibody, step * steps))])

    def _observe(self, rows: Array, body_rows: Array, numbers: Array, day: Array) -> Array:
        """Return one row per observable, in the order of observables.NAMES."""
        carried: Carried = nest(CARRIED, rows[:ROWS])
        memory = carried.memory
        values = observables.observables(
            carried.state,
            nest(BODY, body_rows),
            day,
            jnp.where(day > 0, 1.0, 0.0),
            memory.intake_addition,
            memory.receptor_occupancy,
            nest(self._constants, numbers),
            nest(ANTIBODY, rows[ROWS:]),
        )
        return jnp.stack([values[name] for name in observables.NAMES])


class _BoundStep(TrialStep):
    """One step of a patient in the trial with an antibody in the body."""

    def __init__(
        self, step: Array, body: Body, effects: Effects, c: Constants, antibody: Antibody, start: Array
    ) -> None:
        super().__init__(step, body, effects, c)
        self._antibody, self._start = antibody, start

    def _at(self, day: Array) -> Antibody:
        """Return the antibody on a day of the span."""
        return later(self._antibody, day - self._start)

    def _felt(self, disease: Disease, day: Array) -> Drive:
        return whole_body.bound_drive(disease, self._at(day), self._body, self.effects, self._c)

    def _half_disease(self, disease: Disease, day: Array) -> Disease:
        def one(index: Array, now: Disease) -> Disease:
            begin, end = (self._step / 2 * ((index + edge) / FINE_STEPS) ** GRADING for edge in (0, 1))
            places = [day + begin + place * (end - begin) / 2 for place in (0, 1, 2)]
            present = [self._at(when) for when in places]

            def change(disease: Disease, place: int) -> Disease:
                return whole_body.bound_disease_change(
                    disease, present[place], places[place], self._body, self.effects, self._c
                )

            after: Disease = Relaxing(turnover.disease_turnover(self._c), end - begin).step(change, now).end
            return after

        result: Disease = jax.lax.fori_loop(0, FINE_STEPS, one, disease)
        return result
