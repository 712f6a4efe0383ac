"""Compiled kernels over one block of patients: run-in, advance, observe.

A block has a fixed width, so every patient's numbers come out of the same instructions whatever the company.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from euexia.model.effects import CHANNELS, NEUTRAL, Effects
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
    personal,
)
from euexia.physiology.inputs import INPUTS, LEAST_RUN_IN
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


class Row:
    """Attribute access to the rows of an input matrix."""

    def __init__(self, rows: Array) -> None:
        self.__dict__.update(zip(INPUTS, rows, strict=True))

    def __getattr__(self, name: str) -> Array:
        raise AttributeError(name)


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


class Schedule(NamedTuple):
    """How the run-in is stepped: phases that end on the recorded days, in a coarse and a fine division."""

    until: tuple[float, ...]
    """Last day of each phase; the first begins at each patient's own start, the last ends on day 0."""
    steps: tuple[tuple[int, ...], tuple[int, ...]]
    """Number of steps of each phase: coarse (to find the premorbid weight), fine (to use it)."""


EVALUATIONS = (0, 0, 0, 1, 1)
"""Division used for each pass of the run-in: three coarse ones find the premorbid weight, a fine one corrects
it, and the last counts."""
FIRST_GUESS = 1.1
"""Premorbid over present weight, first guess."""
FIRST_SLOPE = 0.97
"""Change of present weight per change of premorbid weight, first guess."""
SLOPES = (0.3, 1.5)
MOVED = 1e-7
"""Least relative move of the guess that gives a usable secant."""
BRACKET = (0.98, 1.5)
"""Premorbid weight is sought between these multiples of the weight on day 0."""


class Search(NamedTuple):
    """Search for the premorbid weight."""

    guess: Array
    last_guess: Array
    last_weight: Array
    slope: Array


class Kernels:
    """The kernels; the numbers of the model enter as a vector, so changing them compiles nothing."""

    def __init__(self, structure: Any, schedule: Schedule) -> None:
        self._constants = structure
        self._schedule = schedule
        self.advance = jax.jit(self._advance)
        self.run_in = jax.jit(self._run_in)
        self.observe = jax.jit(self._observe)
        self.become_ill = jax.jit(self._become_ill)

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

    def _run_in(self, input_rows: Array, numbers: Array) -> tuple[Array, Array]:
        """Return body rows, and state rows at the end of every phase (the last is day 0)."""
        c: Constants = nest(self._constants, numbers)
        inputs = Row(input_rows)
        own = personal(inputs, c)
        weight = inputs.weight

        def evaluate(index: Array, carry: tuple[Search, Array]) -> tuple[Search, Array]:
            search, _ = carry
            division = jnp.asarray(EVALUATIONS)[index]
            hosts = self._fall_ill(_ill_body(search.guess, inputs, own, c), division, c)
            reached = whole_body.body_weight(nest(HOST, hosts[-1]), c)
            same = division == jnp.asarray(EVALUATIONS)[jnp.maximum(index - 1, 0)]
            return _improve(search, reached, weight, same & (index > 0)), hosts

        guess = FIRST_GUESS * weight
        blank = jnp.zeros((len(self._schedule.until), HOST.num_leaves, *weight.shape))
        search = Search(guess, guess, weight, jnp.full_like(weight, FIRST_SLOPE))
        search, hosts = jax.lax.fori_loop(0, len(EVALUATIONS), evaluate, (search, blank))
        body = _ill_body(search.last_guess, inputs, own, c)
        recorded = [nest(HOST, rows) for rows in hosts]
        before = recorded[self._schedule.until.index(-LEAST_RUN_IN)]
        body = body._replace(baseline=_baseline(body, before, recorded[-1], c))
        states = [
            _carried(day, host, body, c) for day, host in zip(self._schedule.until, recorded, strict=True)
        ]
        return flatten(body), jnp.stack([flatten(state) for state in states])

    def _become_ill(self, input_rows: Array, premorbid_weight: Array, numbers: Array) -> tuple[Array, Array]:
        """Return body and state rows on day 0 of people of these premorbid weights."""
        c: Constants = nest(self._constants, numbers)
        inputs = Row(input_rows)
        body = _ill_body(premorbid_weight[0], inputs, personal(inputs, c), c)
        hosts = self._fall_ill(body, jnp.asarray(EVALUATIONS[-1]), c)
        before, now = nest(HOST, hosts[self._schedule.until.index(-LEAST_RUN_IN)]), nest(HOST, hosts[-1])
        body = body._replace(baseline=_baseline(body, before, now, c))
        return flatten(body), flatten(_carried(0.0, now, body, c))

    def _fall_ill(self, body: Body, division: Array, c: Constants) -> Array:
        """Return the host's rows at the end of every phase of the run-in, from health on."""
        until = jnp.asarray(self._schedule.until)
        steps = jnp.asarray(self._schedule.steps)[division]

        def phase(index: Any, start: Array, host: Host, recorded: Array) -> tuple[Host, Array]:
            step = (until[index] - start) / steps[index]
            taken = _RunInStep(step, body, c)
            host = jax.lax.fori_loop(0, steps[index], lambda i, h: taken(h, start + i * step), host)
            return host, recorded.at[index].set(flatten(host))

        # Only the first phase has a step of each patient's own; the others share it, which is much faster.
        blank = jnp.zeros((len(self._schedule.until), HOST.num_leaves, *body.premorbid.weight.shape))
        healthy = whole_body.healthy_host(body.premorbid, c)
        first = phase(0, -body.personal.run_in_days, healthy, blank)
        later = jax.lax.fori_loop(1, until.size, lambda i, now: phase(i, until[i - 1], *now), first)
        return later[1]


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
        host = _host_step(self._host, moving.host, felt, 1.0, body, effects, c)
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


class _RunInStep:
    """One step of the host alone, while the disease runs in closed form."""

    def __init__(self, step: Array, body: Body, c: Constants) -> None:
        self._step, self._body, self._c = step, body, c
        self._host = Relaxing(turnover.host_turnover(body, c), step)

    def __call__(self, host: Host, day: Array) -> Host:
        body, c = self._body, self._c
        days = [day + place * self._step / 2 for place in (0, 1, 2)]
        felt = [whole_body.drive(whole_body.untreated_disease(when, body, c), NEUTRAL, c) for when in days]
        after: Host = _host_step(self._host, host, felt, 0.0, body, NEUTRAL, c).end
        return after


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


def _host_step(
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


def _improve(search: Search, reached: Array, wanted: Array, comparable: Array) -> Search:
    """Return the search after one more run: a secant step where the last two runs are comparable."""
    moved = search.guess - search.last_guess
    usable = comparable & (jnp.abs(moved) > MOVED * wanted)
    secant = (reached - search.last_weight) / jnp.where(usable, moved, 1.0)
    slope = jnp.where(usable, jnp.clip(secant, *SLOPES), search.slope)
    guess = jnp.clip(search.guess - (reached - wanted) / slope, BRACKET[0] * wanted, BRACKET[1] * wanted)
    return Search(guess, search.guess, reached, slope)


def _ill_body(premorbid_weight: Array, inputs: Any, own: Personal, c: Constants) -> Body:
    """Return the body that belongs to a premorbid weight; its baseline is not yet known."""
    person = whole_body.premorbid_person(
        premorbid_weight, inputs.height, inputs.age, inputs.male, inputs.activity_level, c
    )
    zero = jnp.zeros_like(premorbid_weight)
    return Body(person, own, Baseline(zero, zero, zero, zero))


def _baseline(body: Body, before: Host, now: Host, c: Constants) -> Baseline:
    """Return what the run-in has shown; before: the host on day -180."""
    then, weight = whole_body.body_weight(before, c), whole_body.body_weight(now, c)
    crp = whole_body.untreated_disease(0.0, body, c).crp
    return Baseline(crp, then, (weight - then) / LEAST_RUN_IN, 1 - weight / then)


def _carried(day: float, host: Host, body: Body, c: Constants) -> Carried:
    """Return the whole state on a day of the run-in."""
    zero = jnp.zeros_like(host.fat)
    disease = whole_body.untreated_disease(day, body, c)
    counts = Marrow(body.personal.neutrophils, body.personal.platelets)
    return Carried(disease, host, counts, Hazard(zero, zero, zero), Memory(zero, zero))
