"""The engine for a handful of patients who each have numbers of the model of their own.

For what-if questions: what would have become of this person had one mechanism been switched off, or if the
model's numbers were others.  ``fall_ill`` starts from a given premorbid weight, so that patients who differ
in a mechanism were the same healthy person.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.parameters import ParameterSet
from euexia.physiology.body import Body, Premorbid, constants
from euexia.physiology.inputs import INPUTS, LEAST_RUN_IN, PatientInputs
from euexia.simulate.engine import BLOCK, Engine, Matrix, _padded
from euexia.simulate.engine_kernels import BODY, CARRIED, Carried, nest

MOST = BLOCK
"""Most patients of one engine: their numbers stay with one block."""


class IndividualEngine(Engine):
    """A compiled model for at most MOST patients; patient i lives by the i-th parameter set."""

    def __init__(self, sets: Sequence[ParameterSet]) -> None:
        """Prepare the engine; the same ParameterSet may stand several times."""
        if not 0 < len(sets) <= MOST:
            raise InputError(
                f"An engine of individuals takes 1 to {MOST} patients, not {len(sets)}. Split them."
            )
        super().__init__(sets[0])
        known = {id(entry): entry for entry in sets}
        columns = {
            key: np.array(jax.tree.leaves(constants(entry)), dtype=np.float64) for key, entry in known.items()
        }
        self._numbers = _padded(np.stack([columns[id(entry)] for entry in sets], axis=1))

    def fall_ill(self, inputs: PatientInputs, premorbid_weight: NDArray[np.float64]) -> tuple[Matrix, Matrix]:
        """Return body and state on day 0 of healthy people who fell ill, whatever they weigh by then.

        premorbid_weight: weight before the disease [kg], shape (patients,); the weight of ``inputs`` is not
        used.
        """
        schedule = self._schedule((-LEAST_RUN_IN, 0.0))
        rows = np.stack([getattr(inputs, name) for name in INPUTS])
        body, state = self._by_blocks(
            lambda *block: self._run_in_kernels.become_ill(*block, self._numbers, schedule),
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
