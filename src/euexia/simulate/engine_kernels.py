"""Compiled kernels of the trial over one block of patients: advance, observe.

A block has a fixed width, so every patient's numbers come out of the same instructions whatever the company.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from euexia.model.effects import CHANNELS, Effects
from euexia.physiology import coordinates, observables, turnover, whole_body
from euexia.physiology.body import (
    Baseline,
    Body,
    Constants,
    Disease,
    Drive,
    Hazard,
    Host,
    Marrow,
    Personal,
    Premorbid,
    State,
)
from euexia.simulate.engine_step import Step, exponential_step, weights_of

Array = Any


class Memory(NamedTuple):
    """What a reading must know of the present treatment."""

    intake_addition: Array
    receptor_occupancy: Array


class Carried(NamedTuple):
    """The rows of a state matrix."""

    disease: Disease
    host: Host
    marrow: Marrow
    hazard: Hazard
    memory: Memory

    @property
    def state(self) -> State:
        """Return the state proper."""
        return State(self.disease, self.host, self.marrow, self.hazard)


class Moving(NamedTuple):
    """What is stepped; hazards are integrated along its path."""

    disease: Disease
    host: Host
    marrow: Marrow


def _empty(*kinds: Any) -> list[Any]:
    """Return the tree of named tuples with a leaf for every field."""
    return [kind(*(0 for _ in kind._fields)) for kind in kinds]


BODY: Any = jax.tree.structure(Body(*_empty(Premorbid, Personal, Baseline)))
HOST: Any = jax.tree.structure(*_empty(Host))
CARRIED: Any = jax.tree.structure(Carried(*_empty(Disease, Host, Marrow, Hazard, Memory)))


def nest(structure: Any, rows: Array) -> Any:
    """Return the tree whose leaves are the rows of a matrix."""
    return jax.tree.unflatten(structure, [rows[index] for index in range(structure.num_leaves)])


def flatten(tree: Any) -> Array:
    """Return the matrix whose rows are the leaves of a tree."""
    return jnp.stack([jnp.asarray(leaf) for leaf in jax.tree.leaves(tree)])


class Kernels:
    """The kernels; the numbers of the model enter as a vector, so changing them compiles nothing."""

    def __init__(self, structure: Any) -> None:
        self._constants = structure
        self.advance = jax.jit(self._advance)
        self.observe = jax.jit(self._observe)

    def _observe(self, rows: Array, body_rows: Array, numbers: Array, day: Array) -> Array:
        """Return one row per observable, in the order of OBSERVABLES."""
        carried: Carried = nest(CARRIED, rows)
        memory = carried.memory
        values = observables.observables(
            carried.state,
            nest(BODY, body_rows),
            day,
            jnp.where(day > 0, 1.0, 0.0),
            memory.intake_addition,
            memory.receptor_occupancy,
            nest(self._constants, numbers),
        )
        return jnp.stack([values[name] for name in observables.NAMES])

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
        carried: Carried = nest(CARRIED, rows)
        body: Body = nest(BODY, body_rows)
        c: Constants = nest(self._constants, numbers)
        effects = Effects(**dict(zip(CHANNELS, effect_rows, strict=True)))
        return follow(TrialStep(step, body, effects, c), carried, start, step, steps)


def follow(taken: TrialStep, carried: Carried, start: Array, step: Array, steps: Array) -> Array:
    """Return the state rows after so many steps, the hazards integrated along the path."""

    def one(index: Array, carry: tuple[Moving, Hazard, Hazard]) -> tuple[Moving, Hazard, Hazard]:
        moving, total, now = carry
        day = start + index * step
        after = taken(moving, day)
        middle, end = taken.hazards(after.middle, day + step / 2), taken.hazards(after.end, day + step)
        grown = [t + step / 6 * (a + 4 * m + b) for t, a, m, b in zip(total, now, middle, end, strict=True)]
        return after.end, Hazard(*grown), end

    first = Moving(carried.disease, carried.host, carried.marrow)
    carry = (first, carried.hazard, taken.hazards(first, start))
    last, total, _ = jax.lax.fori_loop(0, steps, one, carry)
    memory = Memory(taken.effects.intake_addition, taken.effects.receptor_occupancy)
    return flatten(Carried(last.disease, last.host, last.marrow, total, memory))


class TrialStep:
    """One step of a patient in the trial.

    The disease needs nobody: it goes first, in two half steps, because a dose change sets its fast parts in
    motion.  The host then feels it at the start, the middle and the end.
    """

    def __init__(self, step: Array, body: Body, effects: Effects, c: Constants) -> None:
        self._step, self._body, self.effects, self._c = step, body, effects, c
        self._disease = Relaxing(turnover.disease_turnover(c), step / 2)
        self._host = Relaxing(turnover.host_turnover(body, c), step)
        self._marrow = Relaxing(turnover.marrow_turnover(c), step)

    def __call__(self, moving: Moving, day: Array) -> Step:
        """Return the patient one step later."""
        body, effects, c = self._body, self.effects, self._c
        path = [moving.disease]
        for half in (0, 1):
            path.append(self._half_disease(path[-1], day + half * self._step / 2))
        felt = [self._felt(disease, day + half * self._step / 2) for half, disease in enumerate(path)]
        host = host_step(self._host, moving.host, felt, 1.0, body, effects, c)
        marrow = self._marrow.step(
            lambda counts, _: whole_body.marrow_change(counts, body, effects, c), moving.marrow
        )
        return Step(Moving(path[2], host.end, marrow.end), Moving(path[1], host.middle, marrow.middle))

    def _felt(self, disease: Disease, day: Array) -> Drive:
        """Return what the host feels of the disease on a day."""
        return whole_body.drive(disease, self.effects, self._c)

    def _half_disease(self, disease: Disease, day: Array) -> Disease:
        """Return the disease half a step later."""

        def change(now: Disease, place: int) -> Disease:
            when = day + place * self._step / 4
            return whole_body.disease_change(now, when, 1.0, self._body, self.effects, self._c)

        after: Disease = self._disease.step(change, disease).end
        return after

    def hazards(self, moving: Moving, day: Array) -> Hazard:
        """Return the hazards at a state."""
        return whole_body.hazard_rates(moving.disease, moving.host, day, self._body, self.effects, self._c)


class Relaxing:
    """The step of a part whose fields relax with known rates."""

    def __init__(self, rates: Any, step: Array) -> None:
        self._rates = rates
        self._weights = weights_of(rates, step)

    def step(self, change: Callable[[Any, int], Any], state: Any) -> Step:
        """Return the state one step later; change: rates of change at a state and a place (0, 1, 2)."""

        def driven(now: Any, place: int) -> Any:
            return jax.tree.map(lambda f, rate, u: f + rate * u, change(now, place), self._rates, now)

        return exponential_step(driven, state, self._weights)


def host_step(
    relaxing: Relaxing,
    host: Host,
    felt: list[Drive],
    in_trial: float,
    body: Body,
    effects: Effects,
    c: Constants,
) -> Step:
    """Return the host one step later, in slow coordinates; felt: the drive at start, middle and end."""
    k = coordinates.coupling(host.fat, c)

    def change(slow: Host, place: int) -> Host:
        now = coordinates.from_slow(slow, k)
        return coordinates.to_slow(whole_body.host_change(now, felt[place], in_trial, body, effects, c), k)

    taken = relaxing.step(change, coordinates.to_slow(host, k))
    return Step(*(coordinates.from_slow(part, k) for part in taken))
