"""The engine: takes blocks of virtual patients through the run-in and through spans of constant treatment.

``body`` and ``state`` are plain arrays of shape (rows, patients): choose patients with ``state[:, index]``.
What the rows mean is the engine's own affair; ``observe`` tells what can be known.  Every patient's numbers
are the same, bit for bit, whatever patients are in the array and in whatever order.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.model.antibody import Antibody, Injection
from euexia.model.effects import CHANNELS, Effects
from euexia.parameters import ParameterSet
from euexia.physiology import observables
from euexia.physiology.body import constants
from euexia.physiology.inputs import INPUTS, LEAST_RUN_IN, PatientInputs

if TYPE_CHECKING:
    from euexia.simulate.engine_run_in import Schedule

Matrix = NDArray[np.float64]

BLOCK = 512
"""Patients per block: the working set of a block stays in a core's cache."""
RUN_IN_BLOCK = 256
"""Patients per block of the run-in, which works on more numbers of each."""
LONGEST_STEP = 1.0
"""Step of the trial [day]."""


class Engine:
    """A model with its numbers; the first engine of a process compiles on first use, for all of them."""

    def __init__(self, parameters: ParameterSet, *, step: float = LONGEST_STEP, refine: int = 1) -> None:
        """Prepare the engine.

        step: longest step of the trial [day].  refine: divides every step of the run-in, for tests of
        accuracy.
        """
        from euexia.simulate import engine_cache

        engine_cache.set_up()
        import jax

        from euexia.simulate import engine_shared

        numbers, self._structure = jax.tree.flatten(constants(parameters))
        self._numbers: Matrix = np.array(numbers, dtype=np.float64)
        self._step = step
        self._refine = refine
        self._kernels = engine_shared.trial_kernels(self._structure)
        self._run_in_kernels = engine_shared.run_in_kernels(self._structure)

    def compile_ahead(self) -> None:
        """Compile what a trial needs in a thread of its own, while the caller begins with the run-in."""
        threading.Thread(target=self._try_trial, name="euexia-compile").start()

    def _try_trial(self) -> None:
        """Take a block of empty patients through a day; their numbers mean nothing and are thrown away."""
        from euexia.simulate.engine_kernels import BODY, CARRIED

        state, body, acting = (
            np.zeros((rows, BLOCK)) for rows in (CARRIED.num_leaves, BODY.num_leaves, len(CHANNELS))
        )
        self._kernels.advance(state, body, acting, self._numbers, 0.0, 1.0, 1)
        self._kernels.observe(state, body, self._numbers, 0.0)

    def run_in(
        self, inputs: PatientInputs, days: Sequence[float] = (-180.0, -60.0, -28.0, -14.0)
    ) -> tuple[Matrix, Matrix, Mapping[float, Mapping[str, Matrix]]]:
        """Return body and state on day 0, and the truth on the given days and on day 0.

        The premorbid weight is solved so that the weight on day 0 is the given one; where that would need
        more than half of today's weight lost within the run-in, the nearest possible patient is returned
        and weighs less on day 0.
        """
        recorded = tuple(sorted({-LEAST_RUN_IN, *(float(day) for day in days), 0.0}))
        _check_days(recorded, inputs)
        schedule = self._schedule(recorded)
        rows = np.stack([getattr(inputs, name) for name in INPUTS])
        body, states = self._by_blocks(
            lambda numbers, block: self._run_in_kernels.run_in(block, numbers, schedule),
            rows,
            width=RUN_IN_BLOCK,
        )
        history = {
            day: self.observe(states[index], body, day=day)
            for index, day in enumerate(recorded)
            if day in days or day == 0
        }
        return body, states[len(recorded) - 1], history

    def advance(self, state: Matrix, body: Matrix, effects: Effects, *, start: float, days: float) -> Matrix:
        """Return the state after so many days under constant effects.

        start: day on which the span begins, at least 0.  days: length of the span, at least 0.
        """
        if start < 0 or days < 0:
            raise InputError(f"A span of a trial cannot start on day {start:g} and last {days:g} days.")
        if days == 0:
            return state
        acting = np.stack(
            [
                np.broadcast_to(np.asarray(getattr(effects, name), dtype=float), state.shape[1:])
                for name in CHANNELS
            ]
        )
        steps = math.ceil(days / self._step - 1e-9)
        return self._apart(
            lambda kernels, numbers, *blocks: kernels.advance(*blocks, numbers, start, days / steps, steps),
            state,
            body,
            acting,
        )

    def inject(self, state: Matrix, injection: Injection) -> Matrix:
        """Return the state just after an injection of an antibody against GDF-15.

        Whoever has the dose 0 is left alone; if everyone has, the state is returned as it is.  From the first
        injection on the state has rows of the antibody.  Raises InputError for a second antibody that binds
        differently from one still in the body.
        """
        patients = state.shape[1:]
        given = np.stack([np.broadcast_to(getattr(injection, name), patients) for name in INJECTED])
        dosed = given[0] > 0
        if not dosed.any():
            return state
        plain = len(state) - len(Antibody._fields) * self._has_antibody(state)
        before = state[plain:] if len(state) > plain else np.zeros((len(Antibody._fields), *patients))
        rows = np.stack([before[0] + given[0], before[1], *given[1:]])
        again = dosed & _present(before)
        if np.any(again & np.any(rows[-2:] != before[-2:], axis=0)):
            raise InputError(
                "Two antibodies against GDF-15 that bind differently cannot be in one body. "
                "Give one of them, or start the second for patients who have had none."
            )
        return np.concatenate([state[:plain], np.where(dosed, rows, before)])

    def observe(self, state: Matrix, body: Matrix, *, day: float) -> dict[str, Matrix]:
        """Return every observable on a day, each of shape (patients,)."""
        rows = self._apart(
            lambda kernels, numbers, *blocks: kernels.observe(*blocks, numbers, day),
            state,
            body,
            same_rows=False,
        )
        return dict(zip(observables.NAMES, rows, strict=True))

    @staticmethod
    def _has_antibody(state: Matrix) -> bool:
        """Return whether the state has rows of an antibody."""
        from euexia.simulate.engine_kernels import CARRIED

        return len(state) > int(CARRIED.num_leaves)

    def _apart(
        self, call: Callable[..., Any], state: Matrix, *others: Matrix, same_rows: bool = True
    ) -> Matrix:
        """Return what the kernels give for the patients without an antibody and for those with one.

        So nobody's numbers depend on what another patient was given.  same_rows: the result has the rows of a
        state.
        """
        plain = self._kernels
        if not self._has_antibody(state):
            return self._by_blocks(partial(_single, call, plain), state, *others)[0]
        from euexia.simulate import engine_shared

        bound = engine_shared.antibody_kernels(self._structure)
        cut = len(state) - len(Antibody._fields)
        have = _present(state[cut:])
        who = self._everyone(have.size)
        without, within = who[~have], who[have]
        parts = []
        for kernels, index, rows in ((plain, without, state[:cut]), (bound, within, state)):
            chosen = [matrix[:, index] for matrix in (rows, *others)]
            (found,) = self._by_blocks(partial(_single, call, kernels), *chosen, among=index)
            if same_rows and kernels is plain:
                found = np.concatenate([found, state[cut:, index]])
            parts.append(found)
        back = np.argsort(np.concatenate([without, within]))
        return np.concatenate(parts, axis=1)[:, back]

    def _everyone(self, patients: int) -> NDArray[np.int64]:
        """Return the index of each patient."""
        return np.arange(patients)

    def _numbers_of(self, patients: NDArray[np.int64], width: int) -> Matrix:
        """Return the numbers of the model for a block of patients: the same for all, shape (numbers,)."""
        return self._numbers

    def _schedule(self, recorded: tuple[float, ...]) -> Schedule:
        """Return how the run-in is stepped that records these days."""
        from euexia.simulate.engine_run_in import schedule_of

        return schedule_of(recorded, self._refine)

    def _by_blocks(
        self,
        kernel: Callable[..., tuple[Any, ...]],
        *matrices: Matrix,
        among: NDArray[np.int64] | None = None,
        width: int = BLOCK,
    ) -> tuple[Matrix, ...]:
        """Return what the kernel gives for numbers of the model and blocks of fixed width.

        Patients are the last axis.  among: which of the engine's patients they are; all, if None.
        """
        patients = matrices[0].shape[-1]
        who = self._everyone(patients) if among is None else among
        blocks = [slice(start, start + width) for start in range(0, max(patients, 1), width)]
        pending = [
            kernel(
                self._numbers_of(who[block], width), *(padded(matrix[:, block], width) for matrix in matrices)
            )
            for block in blocks
        ]
        results = [
            np.concatenate([np.asarray(part) for part in parts], axis=-1)
            for parts in zip(*pending, strict=True)
        ]
        return tuple(result[..., :patients] for result in results)


INJECTED = ("depot", "absorption", "elimination", "serum_dissociation", "site_half_effect")
"""Fields of an injection, in the order of an antibody's rows but for what is in serum."""


def _single(call: Callable[..., Any], *arguments: Any) -> tuple[Any, ...]:
    """Return the one result of a kernel as a tuple."""
    return (call(*arguments),)


def _present(antibody: Matrix) -> NDArray[np.bool_]:
    """Return who has any of an antibody; rows as in Antibody."""
    return np.asarray((antibody[0] > 0) | (antibody[1] > 0))


def _check_days(recorded: tuple[float, ...], inputs: PatientInputs) -> None:
    """Raise InputError unless every recorded day lies within every patient's run-in."""
    shortest = float(np.min(inputs.run_in_days, initial=math.inf))
    if recorded[0] < -shortest or recorded[-1] > 0:
        raise InputError(
            f"The days {recorded} do not all lie within the run-in: it begins on day -{shortest:g} "
            "at the latest and ends on day 0. Ask for other days, or give the patients a longer run-in."
        )


def padded(block: Matrix, width: int) -> Matrix:
    """Return the block at full width, filled up with copies of its first patient (zeros if empty)."""
    missing = width - block.shape[1]
    if missing == 0:
        return block
    filler = block[:, :1] if block.shape[1] else np.zeros((block.shape[0], 1))
    return np.concatenate([block, np.broadcast_to(filler, (block.shape[0], missing))], axis=1)
