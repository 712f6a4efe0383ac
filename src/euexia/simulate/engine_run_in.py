"""Compiled kernels of the run-in: from health to day 0, over one block of patients.

The days that are recorded enter as numbers, so one compilation serves every protocol.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from euexia.model.effects import NEUTRAL
from euexia.physiology import turnover, whole_body
from euexia.physiology.body import Baseline, Body, Constants, Hazard, Host, Marrow, Personal, personal
from euexia.physiology.inputs import INPUTS, LEAST_RUN_IN
from euexia.simulate.engine_kernels import HOST, Carried, Memory, Relaxing, flatten, host_step, nest

Array = Any


class Row:
    """Attribute access to the rows of an input matrix."""

    def __init__(self, rows: Array) -> None:
        self.__dict__.update(zip(INPUTS, rows, strict=True))

    def __getattr__(self, name: str) -> Array:
        raise AttributeError(name)


class Schedule(NamedTuple):
    """How the run-in is stepped: phases that end on the recorded days, in a coarse and a fine division."""

    until: Array
    """Last day of each phase; the first begins at each patient's own start, the last ends on day 0."""
    steps: Array
    """Number of steps, shape (2, phases): coarse (to find the premorbid weight), fine (to use it)."""
    before: Array
    """Index of the phase that ends on day -180."""
    last: Array
    """Index of the phase that ends on day 0; what follows is padding."""


FIRST_PHASE_STEPS = (12, 24)
"""Steps from each patient's start to the first recorded day: coarse, fine."""
PHASE_STEPS = (15.0, 6.0)
"""Longest step from there to day 0 [day]: coarse, fine."""
PHASES = 8
"""Schedules are padded to a multiple of so many phases."""


@lru_cache(maxsize=256)
def schedule_of(recorded: tuple[float, ...], refine: int) -> Schedule:
    """Return the schedule that records these days, which rise from -180 or before to 0."""
    steps = [
        (first * refine, *(refine * math.ceil((b - a) / longest) for a, b in pairwise(recorded)))
        for first, longest in zip(FIRST_PHASE_STEPS, PHASE_STEPS, strict=True)
    ]
    padding = (0, -len(recorded) % PHASES)
    return Schedule(
        until=np.pad(np.asarray(recorded, dtype=np.float64), padding),
        steps=np.pad(np.asarray(steps, dtype=np.int64), ((0, 0), padding)),
        before=np.int64(recorded.index(-LEAST_RUN_IN)),
        last=np.int64(len(recorded) - 1),
    )


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


class RunInKernels:
    """The kernels; numbers of the model and days enter as arrays, so changing them compiles nothing."""

    def __init__(self, structure: Any) -> None:
        self._constants = structure
        self.run_in = jax.jit(self._run_in)
        self.become_ill = jax.jit(self._become_ill)

    def _run_in(self, input_rows: Array, numbers: Array, schedule: Schedule) -> tuple[Array, Array]:
        """Return body rows, and state rows at the end of every phase."""
        c: Constants = nest(self._constants, numbers)
        inputs = Row(input_rows)
        own = personal(inputs, c)
        weight = inputs.weight

        def evaluate(index: Array, carry: tuple[Search, Array]) -> tuple[Search, Array]:
            search, _ = carry
            division = jnp.asarray(EVALUATIONS)[index]
            hosts = _fall_ill(_ill_body(search.guess, inputs, own, c), division, schedule, c)
            reached = whole_body.body_weight(nest(HOST, hosts[schedule.last]), c)
            same = division == jnp.asarray(EVALUATIONS)[jnp.maximum(index - 1, 0)]
            return _improve(search, reached, weight, same & (index > 0)), hosts

        guess = FIRST_GUESS * weight
        search = Search(guess, guess, weight, jnp.full_like(weight, FIRST_SLOPE))
        start = (search, _nobody(schedule, weight))
        search, hosts = jax.lax.fori_loop(0, len(EVALUATIONS), evaluate, start)
        body = _with_baseline(_ill_body(search.last_guess, inputs, own, c), hosts, schedule, c)
        states: Any = jax.vmap(lambda day, rows: flatten(_carried(day, nest(HOST, rows), body, c)))
        return flatten(body), states(schedule.until, hosts)

    def _become_ill(
        self, input_rows: Array, premorbid_weight: Array, numbers: Array, schedule: Schedule
    ) -> tuple[Array, Array]:
        """Return body and state rows on day 0 of people of these premorbid weights."""
        c: Constants = nest(self._constants, numbers)
        inputs = Row(input_rows)
        body = _ill_body(premorbid_weight[0], inputs, personal(inputs, c), c)
        hosts = _fall_ill(body, jnp.asarray(EVALUATIONS[-1]), schedule, c)
        body = _with_baseline(body, hosts, schedule, c)
        return flatten(body), flatten(_carried(0.0, nest(HOST, hosts[schedule.last]), body, c))


def _nobody(schedule: Schedule, like: Array) -> Array:
    """Return empty rows of hosts for every phase."""
    return jnp.zeros((schedule.until.size, HOST.num_leaves, *like.shape))


def _fall_ill(body: Body, division: Array, schedule: Schedule, c: Constants) -> Array:
    """Return the host's rows at the end of every phase of the run-in, from health on."""
    until, steps = schedule.until, schedule.steps[division]

    def phase(index: Any, start: Array, host: Host, recorded: Array) -> tuple[Host, Array]:
        step = (until[index] - start) / steps[index]
        taken = _RunInStep(step, body, c)
        host = jax.lax.fori_loop(0, steps[index], lambda i, h: taken(h, start + i * step), host)
        return host, recorded.at[index].set(flatten(host))

    # Only the first phase has a step of each patient's own; the others share it, which is much faster.
    healthy = whole_body.healthy_host(body.premorbid, c)
    first = phase(0, -body.personal.run_in_days, healthy, _nobody(schedule, body.premorbid.weight))
    later = jax.lax.fori_loop(1, schedule.last + 1, lambda i, now: phase(i, until[i - 1], *now), first)
    return later[1]


class _RunInStep:
    """One step of the host alone, while the disease runs in closed form."""

    def __init__(self, step: Array, body: Body, c: Constants) -> None:
        self._step, self._body, self._c = step, body, c
        self._host = Relaxing(turnover.host_turnover(body, c), step)

    def __call__(self, host: Host, day: Array) -> Host:
        body, c = self._body, self._c
        days = [day + place * self._step / 2 for place in (0, 1, 2)]
        felt = [whole_body.drive(whole_body.untreated_disease(when, body, c), NEUTRAL, c) for when in days]
        after: Host = host_step(self._host, host, felt, 0.0, body, NEUTRAL, c).end
        return after


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


def _with_baseline(body: Body, hosts: Array, schedule: Schedule, c: Constants) -> Body:
    """Return the body with what the run-in has shown."""
    before, now = (nest(HOST, hosts[index]) for index in (schedule.before, schedule.last))
    then, weight = whole_body.body_weight(before, c), whole_body.body_weight(now, c)
    crp = whole_body.untreated_disease(0.0, body, c).crp
    return body._replace(baseline=Baseline(crp, then, (weight - then) / LEAST_RUN_IN, 1 - weight / then))


def _carried(day: Array, host: Host, body: Body, c: Constants) -> Carried:
    """Return the whole state on a day of the run-in."""
    zero = jnp.zeros_like(host.fat)
    disease = whole_body.untreated_disease(day, body, c)
    counts = Marrow(body.personal.neutrophils, body.personal.platelets)
    return Carried(disease, host, counts, Hazard(zero, zero, zero), Memory(zero, zero))
