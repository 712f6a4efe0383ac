r"""What drives one patient's loss: the share of each mechanism, by Shapley values.

Every mechanism is switched on or off in every combination, in the same healthy person who then falls ill.
The share of a mechanism is its marginal effect, averaged over all orders in which the mechanisms might be
added:

.. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|!\,(k - |S| - 1)!}{k!} \left(v(S \cup i) - v(S)\right)

(Shapley 1953).  It is exact over all :math:`2^k` combinations, and the shares add up to the whole loss: with
every mechanism off, nobody loses anything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.model.effects import NEUTRAL
from euexia.parameters import ParameterSet
from euexia.physiology.inputs import INPUTS, PatientInputs
from euexia.population.archetypes import VirtualPatient
from euexia.study.simulated import engine_for
from euexia.study.single_patient import WEEK, check_weight, personal_inputs

Floats = NDArray[np.float64]

WEEKS_AHEAD = 12
OUTCOMES = ("body_weight", "skeletal_muscle_area", "handgrip_strength")
"""What is explained: weight, muscle and strength."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A mechanism of loss, and what switching it off means: inputs and numbers of the model that become 0."""

    name: str
    label: str
    off: str
    """What is switched off, in words."""
    inputs: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


CHANNELS: tuple[Channel, ...] = (
    Channel(
        name="appetite_inflammation",
        label="Appetite lost to inflammation",
        off="neither inflammation nor lipocalin-2 (off unless switched on) lowers appetite",
        inputs=("appetite_inflammation_effect",),
        numbers=("mediators.lipocalin2_effect",),
    ),
    Channel(
        name="appetite_gdf15",
        label="Appetite lost to GDF-15",
        off="GDF-15 no longer lowers appetite",
        inputs=("appetite_gdf15_effect",),
    ),
    Channel(
        name="expenditure",
        label="Raised energy expenditure",
        off="inflammation and tumour burn no extra energy, and the body saves energy as when fasting",
        inputs=("expenditure_effect",),
        numbers=("expenditure.tumour_expenditure", "expenditure.adaptation_inhibition"),
    ),
    Channel(
        name="muscle_breakdown",
        label="Muscle broken down by inflammation",
        off="inflammation neither breaks down muscle nor lowers the hormone that builds it",
        inputs=("muscle_effect",),
        numbers=("hormones.inflammation_effect",),
    ),
    Channel(
        name="inactivity",
        label="Inactivity",
        off="sickness no longer keeps from moving, and lying still costs neither muscle nor its quality",
        numbers=(
            "activity.inflammation_effect",
            "activity.gdf15_effect",
            "muscle.inactivity_breakdown",
            "strength.inactivity_effect",
        ),
    ),
    Channel(
        name="muscle_quality",
        label="Poorer muscle quality",
        off="disease and treatment no longer lower the force of each kilogram of muscle",
        inputs=("quality_effect",),
    ),
    Channel(
        name="water",
        label="Water held back by inflammation",
        off="inflammation holds back no water",
        numbers=("water.inflammation_water",),
    ),
    Channel(
        name="chemotherapy",
        label="Chemotherapy, net",
        off="there is no chemotherapy: neither its harm to muscle nor its effect on the tumour",
        inputs=("chemotherapy",),
    ),
    Channel(
        name="care",
        label="Supportive care",
        off="care adds no food",
        inputs=("trial_intake",),
    ),
)
"""Every mechanism, in the order of the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One stretch of the disease: how much is lost, and the share of each channel.

    lost: outcome to loss; positive is a loss, in the outcome's unit.  shares: outcome to channel to its part.
    """

    name: str
    first: Mapping[str, float]
    """Value at the beginning."""
    last: Mapping[str, float]
    shares: Mapping[str, Mapping[str, float]]

    def lost(self, outcome: str) -> float:
        """Return the loss of an outcome."""
        return self.first[outcome] - self.last[outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """What drives one patient's loss: until today, and predicted for the weeks ahead."""

    patient: VirtualPatient
    weeks: int
    until_today: Period
    ahead: Period
    channels: tuple[Channel, ...]


def explain(patient: VirtualPatient, *, parameters: ParameterSet, weeks: int = WEEKS_AHEAD) -> Drivers:
    """Return what drives a patient's loss, without any treatment but what the patient's file says.

    weeks: how far ahead the prediction goes.
    """
    from euexia.simulate.individual import premorbid

    plain = engine_for(parameters)
    inputs = personal_inputs(plain, patient, parameters)
    healthy_body, _, history = plain.run_in(inputs)
    weight = premorbid(healthy_body).weight
    check_weight(patient, float(history[0.0]["body_weight"][0]), float(weight[0]))
    ((until_today, ahead),) = periods(inputs, weight, parameters=parameters, weeks=weeks)
    return Drivers(patient=patient, weeks=weeks, until_today=until_today, ahead=ahead, channels=CHANNELS)


def periods(
    inputs: PatientInputs, premorbid_weight: Floats, *, parameters: ParameterSet, weeks: int = WEEKS_AHEAD
) -> list[tuple[Period, Period]]:
    """Return what drives the loss of each of several people: until today, and in the weeks ahead.

    premorbid_weight: from which they fell ill [kg], shape (people,).
    """
    from euexia.simulate.individual import IndividualEngine

    everyone = coalitions(len(CHANNELS))
    people = premorbid_weight.size
    engine = IndividualEngine(_sets(everyone, parameters), np.tile(np.arange(len(everyone)), people))
    body, state = engine.fall_ill(_switched(inputs, everyone), np.repeat(premorbid_weight, len(everyone)))
    today = engine.observe(state, body, day=0.0)
    later_state = engine.advance(state, body, NEUTRAL, start=0.0, days=weeks * WEEK)
    later = engine.observe(later_state, body, day=weeks * WEEK)
    found = []
    for person in range(people):
        mine = slice(person * len(everyone), (person + 1) * len(everyone))
        before, after = ({name: truth[name][mine] for name in OUTCOMES} for truth in (today, later))
        healthy = {name: np.full(len(everyone), before[name][0]) for name in OUTCOMES}
        found.append(
            (
                _period("from health to today", healthy, before),
                _period(f"the next {weeks} weeks", before, after),
            )
        )
    return found


def coalitions(size: int) -> NDArray[np.bool_]:
    """Return every combination of so many channels, shape (2**size, size); row 0 has none, the last all."""
    numbers = np.arange(2**size)
    return np.asarray((numbers[:, None] >> np.arange(size)) & 1 == 1)


def shapley(values: Floats) -> Floats:
    """Return the Shapley value of each channel; they add up to ``values[-1] - values[0]``.

    values: worth of every coalition, shape (2**k,), in the order of ``coalitions``.
    """
    size = int(math.log2(values.size))
    present = coalitions(size)
    others = present.sum(axis=1)
    orders = math.factorial(size)
    weight = np.array(
        [math.factorial(n) * math.factorial(max(size - n - 1, 0)) / orders for n in range(size + 1)]
    )
    shares = np.empty(size)
    for channel in range(size):
        without = np.flatnonzero(~present[:, channel])
        gained = values[without + (1 << channel)] - values[without]
        shares[channel] = np.sum(weight[others[without]] * gained)
    return shares


def _period(name: str, before: Mapping[str, Floats], after: Mapping[str, Floats]) -> Period:
    """Return one period from the values of every coalition at its ends."""
    shares = {}
    for outcome in OUTCOMES:
        parts = shapley(before[outcome] - after[outcome])
        shares[outcome] = {channel.name: float(part) for channel, part in zip(CHANNELS, parts, strict=True)}
    return Period(
        name=name,
        first={outcome: float(before[outcome][-1]) for outcome in OUTCOMES},
        last={outcome: float(after[outcome][-1]) for outcome in OUTCOMES},
        shares=shares,
    )


def _sets(present: NDArray[np.bool_], parameters: ParameterSet) -> list[ParameterSet]:
    """Return the numbers of the model for every coalition; equal ones are one object."""
    made: dict[tuple[str, ...], ParameterSet] = {}
    sets = []
    for row in present:
        off = tuple(
            name for on, channel in zip(row, CHANNELS, strict=True) if not on for name in channel.numbers
        )
        if off not in made:
            made[off] = with_values(parameters, dict.fromkeys(off, 0.0))
        sets.append(made[off])
    return sets


def with_values(parameters: ParameterSet, values: Mapping[str, float]) -> ParameterSet:
    """Return a parameter set with other values; the same set if there are none."""
    if not values:
        return parameters
    entries = {name: replace(parameters[name], value=value) for name, value in values.items()}
    return ParameterSet(parameters.name, {**parameters.entries, **entries}, parameters.overlays)


def _switched(inputs: PatientInputs, present: NDArray[np.bool_]) -> PatientInputs:
    """Return each person once for every coalition, person after person."""
    columns: dict[str, Any] = {name: np.repeat(getattr(inputs, name), len(present)) for name in INPUTS}
    people = inputs.weight.size
    for index, channel in enumerate(CHANNELS):
        on = np.tile(present[:, index], people)
        for name in channel.inputs:
            columns[name] = np.where(on, columns[name], 0.0)
    return PatientInputs(**columns)


def active(drivers: Drivers, period: Period, outcomes: Sequence[str] = OUTCOMES) -> tuple[Channel, ...]:
    """Return the channels that do anything in a period, in their order."""
    return tuple(
        channel
        for channel in drivers.channels
        if any(abs(period.shares[outcome][channel.name]) > NOTHING for outcome in outcomes)
    )


NOTHING = 1e-9
"""A share below this is rounding."""
