"""Measurement: what an instrument reads when something is true.

A reading is a pure function of the truth and its address (seed, trial, candidate, day, measure): whoever asks
for it, when it sets a dose or when it is written to the trial data, gets the same bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core import datafile
from euexia.core.choices import choose
from euexia.core.streams import Purpose, normal
from euexia.criteria.body_composition import fat_free_mass
from euexia.criteria.laboratory import creatinine_clearance
from euexia.criteria.measures import MEASURES
from euexia.parameters.parameter import Source, Status

Floats = NDArray[np.float64]

OCCASIONS_PER_DAY = 24
"""An address tells hours apart."""
FIRST_DAY = -3650
"""Earliest day that has an address."""


class ErrorModel(StrEnum):
    """How a reading scatters around the truth."""

    NONE = "none"
    NORMAL = "normal"
    LOG_NORMAL = "log_normal"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """How one measure is read; spread and resolution in its unit (log_normal: SD of the logarithm).

    of, factor: its truth is that of another measure times a factor, where the model has none of its own.
    """

    number: int
    error: ErrorModel
    spread: float
    resolution: float
    status: Status
    source: Source
    of: str = ""
    factor: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """The content of measurement.yaml."""

    measures: Mapping[str, Instrument]


Draw = Callable[[int, Purpose, ArrayLike, ArrayLike, ArrayLike, ArrayLike], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Whose readings: arrays of one broadcast shape, the trial and the candidate's number in it.

    A draw is a pure function of the address, so one that was made is kept: dosing rules and trial data, with
    and without effect, ask for the same ones.
    """

    seed: int
    trial: NDArray[np.int64]
    candidate: NDArray[np.int64]
    whole: tuple[Address, NDArray[np.int64]] | None = None
    """The patients these were picked from, with their places there."""
    made: dict[tuple[Draw, Purpose, int, int], Floats] = field(
        default_factory=dict, compare=False, repr=False
    )

    def take(self, members: NDArray[np.int64]) -> Address:
        """Return the address of some of the patients."""
        return Address(
            seed=self.seed,
            trial=self.trial[members],
            candidate=self.candidate[members],
            whole=(self, members),
        )

    def draw(self, chance: Draw, purpose: Purpose, when: NDArray[np.int64], item: int) -> Floats:
        """Return draws of core.streams for every patient; when: address of the day (see occasion)."""
        if when.ndim:
            return chance(self.seed, purpose, self.trial, self.candidate, when, item)
        if self.whole is not None:
            patients, members = self.whole
            return np.asarray(patients.draw(chance, purpose, when, item)[members])
        key = (chance, purpose, int(when), item)
        if key not in self.made:
            self.made[key] = chance(self.seed, purpose, self.trial, self.candidate, when, item)
            self.made[key].flags.writeable = False
        return self.made[key]


def _source() -> Traversable:
    return files("euexia") / "data" / "observation" / "measurement.yaml"


@cache
def instruments() -> Mapping[str, Instrument]:
    """Return how every measure is read, from the file shipped with the package."""
    return datafile.load(_source(), "list of instruments", Instruments).measures


def fingerprint() -> str:
    """Return the SHA-256 of the file that says how every measure is read."""
    return hashlib.sha256(datafile.read_text(_source()).encode()).hexdigest()


def occasion(day: ArrayLike) -> NDArray[np.int64]:
    """Return the address of a planned day, the same for every patient and every trial."""
    hours = (np.asarray(day, dtype=float) - FIRST_DAY) * OCCASIONS_PER_DAY
    return np.asarray(np.rint(hours), dtype=np.int64)


def record(values: Floats, resolution: float) -> Floats:
    """Return values as written down, to whole multiples of the resolution (0: as they are)."""
    if not resolution:
        return values
    if resolution >= 1:
        return np.asarray(np.rint(values / resolution) * resolution)
    steps = np.rint(1 / resolution)  # dividing by a whole number gives the double nearest to the decimal
    return np.asarray(np.rint(values * steps) / steps)


def read(measure: str, truth: Floats, address: Address, day: ArrayLike) -> Floats:
    """Return the readings of one measure that is read directly.

    truth: canonical unit, shape (patients,) or (patients, visits).  day: planned day, broadcastable to the
    visits; with visits the address must have a trailing axis of one.  A flag or category is read
    exactly.  Raises
    UnknownNameError for a measure without an instrument.
    """
    if MEASURES[measure].is_coded:
        return truth
    instrument = choose("instrument", measure, instruments())
    match instrument.error:
        case ErrorModel.NONE | ErrorModel.COMPUTED:
            noisy = truth
        case ErrorModel.NORMAL:
            noisy = truth + instrument.spread * _noise(instrument, address, day)
        case ErrorModel.LOG_NORMAL:
            noisy = truth * np.exp(instrument.spread * _noise(instrument, address, day))
        case _:
            assert_never(instrument.error)
    bounded = np.clip(noisy, MEASURES[measure].low, MEASURES[measure].high)
    return record(bounded, instrument.resolution)


def _noise(instrument: Instrument, address: Address, day: ArrayLike) -> Floats:
    return address.draw(normal, Purpose.MEASUREMENT, occasion(day), instrument.number)


def behind(measure: str) -> str:
    """Return the measure whose truth a reading comes from: its own, or that of another it goes with."""
    instrument = instruments().get(measure)
    return instrument.of if instrument is not None and instrument.of else measure


def _truth_of(measure: str, truth: Mapping[str, Floats]) -> Floats:
    """Return what is true of a measure; raise UnknownNameError where nothing is known of it."""
    if behind(measure) == measure:
        return choose("truth of the measure", measure, truth)
    return np.asarray(choose("truth of the measure", behind(measure), truth) * instruments()[measure].factor)


LEAN, AREA = "lean_mass_ct", "skeletal_muscle_area"
PER_HEIGHT = {"body_mass_index": "body_weight", "skeletal_muscle_index": AREA}
"""Readings over the square of the height, and of what."""
_CM_PER_M = 100.0
CLEARANCE, CREATININE, WEIGHT = "creatinine_clearance", "creatinine", "body_weight"


def read_all(
    measures: tuple[str, ...], truth: Mapping[str, Floats], address: Address, day: ArrayLike
) -> dict[str, Floats]:
    """Return the readings of several measures of one visit (or of several visits with the same measures).

    Lean mass on CT comes from the muscle area as read; creatinine clearance from creatinine and weight as
    read, the age in completed years and the sex; an index from the reading and the height.  truth: must hold
    ``age`` and ``male``, for an index ``height``, besides the truth of every measure read directly.
    """
    readings = {
        measure: read(measure, _truth_of(measure, truth), address, day)
        for measure in measures
        if measure not in (LEAN, CLEARANCE, "age", *PER_HEIGHT)
    }
    if "age" in measures:
        readings["age"] = np.floor(truth["age"])
    if LEAN in measures:
        area = readings[AREA] if AREA in readings else read(AREA, truth[AREA], address, day)
        readings[LEAN] = fat_free_mass(area)
    for index, part in PER_HEIGHT.items():
        if index in measures:
            known = readings[part] if part in readings else read(part, truth[part], address, day)
            readings[index] = known / (truth["height"] / _CM_PER_M) ** 2
    if CLEARANCE in measures:
        parts = {
            name: readings[name] if name in readings else read(name, truth[name], address, day)
            for name in (CREATININE, WEIGHT)
        }
        readings[CLEARANCE] = creatinine_clearance(
            parts[CREATININE], parts[WEIGHT], np.floor(truth["age"]), truth["male"]
        )
    return readings
