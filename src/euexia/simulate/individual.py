"""The engine for patients who each have numbers of the model of their own.

For what-if questions: what would have become of this person had one mechanism been switched off, or if the
model's numbers were others; and for many draws of the numbers at once.  ``fall_ill`` starts from a given
premorbid weight, so that patients who differ in a mechanism were the same healthy person.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError
from euexia.parameters import ParameterSet
from euexia.physiology.body import Body, Premorbid, constants
from euexia.physiology.inputs import INPUTS, LEAST_RUN_IN, PatientInputs
from euexia.simulate.engine import BLOCK, Engine, Matrix, padded
from euexia.simulate.engine_kernels import BODY, CARRIED, Carried, nest

MOST = BLOCK
"""Patients that one call takes at the cost of one: a good size for work that comes in pieces."""


class IndividualEngine(Engine):
    """A model whose patients live by numbers of their own, always all of them and in the same order."""

    def __init__(self, sets: Sequence[ParameterSet], index: ArrayLike | None = None) -> None:
        """Prepare the engine; nothing is compiled for other sets, or for another number of them.

        sets: the same ParameterSet may stand several times.  index: the set of each patient, shape
        (patients,); patient i lives by set i if None.  Raises InputError where there is no such set.
        """
        if not sets:
            raise InputError("An engine of individuals takes at least 1 parameter set, not 0.")
        super().__init__(sets[0])
        self._index = np.arange(len(sets)) if index is None else np.asarray(index, dtype=np.int64)
        outside = self._index[(self._index < 0) | (self._index >= len(sets))]
        if outside.size:
            raise InputError(
                f"A patient is to live by parameter set {outside[0]}, but they are 0 to {len(sets) - 1}."
            )
        known = {id(entry): entry for entry in sets}
        columns = {
            key: np.array(jax.tree.leaves(constants(entry)), dtype=np.float64) for key, entry in known.items()
        }
        self._sets: Matrix = np.stack([columns[id(entry)] for entry in sets], axis=1)

    def _everyone(self, patients: int) -> NDArray[np.int64]:
        if patients != self._index.size:
            raise InputError(
                f"The engine knows the numbers of {self._index.size} patients and was given {patients}. "
                "Give it its own, all of them and in the same order."
            )
        return super()._everyone(patients)

    def _numbers_of(self, patients: NDArray[np.int64], width: int) -> Matrix:
        """Return the numbers of the model for a block of patients, shape (numbers, width)."""
        return padded(self._sets[:, self._index[patients]], width)

    def fall_ill(self, inputs: PatientInputs, premorbid_weight: NDArray[np.float64]) -> tuple[Matrix, Matrix]:
        """Return body and state on day 0 of healthy people who fell ill, whatever they weigh by then.

        premorbid_weight: weight before the disease [kg], shape (patients,); the weight of ``inputs`` is not
        used.
        """
        schedule = self._schedule((-LEAST_RUN_IN, 0.0))
        rows = np.stack([getattr(inputs, name) for name in INPUTS])
        body, state = self._by_blocks(
            lambda numbers, *block: self._run_in_kernels.become_ill(*block, numbers, schedule),
            rows,
            np.asarray(premorbid_weight)[None],
        )
        return body, state


def premorbid(body: Matrix) -> Premorbid:
    """Return the healthy people that an engine's patients have been, each field of shape (patients,)."""
    found: Body = nest(BODY, body)
    return found.premorbid


def appetite(state: Matrix) -> NDArray[np.float64]:
    """Return appetite relative to health, shape (patients,)."""
    found: Carried = nest(CARRIED, state)
    return np.asarray(found.host.appetite)
