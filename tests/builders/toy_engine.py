"""A tiny stand-in for the engine, for tests of everything around it: the same calls, few numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from euexia.physiology.inputs import PatientInputs


class ToyState(NamedTuple):
    """What changes."""

    weight: Any
    crp: Any
    neutrophils: Any
    platelets: Any
    death: Any
    dropout: Any
    serious: Any


class ToyEngine:
    """Weight falls by 0.08 % of itself a day, CRP rises 0.5 % a day and falls with suppression."""

    def run_in(
        self, inputs: PatientInputs, days: Sequence[float]
    ) -> tuple[Any, Any, Mapping[float, Mapping[str, Any]]]:
        """Return body, state and history, as the engine does."""
        loss = 0.0008 * inputs.appetite_inflammation_effect
        nothing = np.zeros_like(inputs.weight)
        body = np.stack([28 * inputs.handgrip_effect])
        blood = (inputs.crp, inputs.neutrophils, inputs.platelets)
        state = np.stack([inputs.weight, *blood, nothing, nothing, nothing])
        history = {
            day: {
                **self.observe(state, body, day=day),
                "body_weight": inputs.weight * (1 - loss * day),
            }
            for day in days
        }
        return body, state, history

    def advance(self, state: Any, body: Any, effects: Any, *, start: float, days: float) -> Any:
        """Return the state after so many days."""
        state = ToyState(*state)
        inflamed = np.sqrt(state.crp / 20)
        after = ToyState(
            weight=state.weight * (1 - 0.0008 * days) + 0.0001 * days * effects.intake_addition,
            crp=state.crp * np.exp(days * (0.005 - 0.05 * effects.inflammation_suppression)),
            neutrophils=np.minimum(state.neutrophils, effects.neutrophil_ceiling),
            platelets=np.minimum(state.platelets, effects.platelet_ceiling),
            death=state.death + 0.002 * days * inflamed,
            dropout=state.dropout + 0.002 * days * effects.dropout_factor,
            serious=state.serious + 0.006 * days * inflamed * effects.serious_factor,
        )
        return np.stack(after)

    def observe(self, state: Any, body: Any, *, day: float) -> Mapping[str, Any]:
        """Return every observable."""
        state = ToyState(*state)
        area = 2.2 * state.weight
        same = np.ones_like(state.weight)
        return {
            "body_weight": state.weight,
            "skeletal_muscle_area": area,
            "lean_mass_ct": 0.30 * area + 6.06,
            "fat_mass_ct": 0.25 * state.weight,
            "handgrip_strength": body[0],
            "crp": state.crp,
            "gdf15": 2 * same,
            "energy_intake": 28 * state.weight,
            "resting_expenditure": 23 * state.weight,
            "daily_steps": 4000 * same,
            "faact_acs": 28 * same,
            "tumour_size": 90 * same,
            "neutrophils": state.neutrophils,
            "platelets": state.platelets,
            "cumulative_death": state.death,
            "cumulative_dropout": state.dropout,
            "cumulative_serious": state.serious,
        }
