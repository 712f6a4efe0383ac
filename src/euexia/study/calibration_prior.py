"""What is believed of uncertain numbers before a calibration, and how they are moved: on a free scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from euexia.core import datafile
from euexia.core.errors import InputError
from euexia.core.streams import Purpose, normal
from euexia.parameters import Parameter, ParameterSet

Floats = NDArray[np.float64]

KIND = "file of uncertain parameters"
REACH = 1.959964
"""Standard deviations between the middle and either end of a stated range, taken as a 95 % interval."""
EDGE = 0.02
"""A value nearer to an end of its range than this share says nothing of the middle."""
PRIOR_DRAW = 2
"""Occasion of the draws of a first ensemble; 0 and 1 are those of the study of recovery."""


class Scale(StrEnum):
    """On which scale a number is normal."""

    PLAIN = "plain"
    LOG = "log"
    BOUNDED = "bounded"
    """Its place in its range, as a probit: it never leaves the range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """Why a parameter is calibrated, and on which scale."""

    scale: Scale
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertainFile:
    """The file."""

    about: str
    parameters: Mapping[str, Uncertain]


@cache
def uncertain() -> Mapping[str, Uncertain]:
    """Return the parameters that a calibration moves.  Raises DataFileError."""
    path = files("euexia") / "data" / "calibrations" / "uncertain.yaml"
    return datafile.load(path, KIND, UncertainFile).parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Independent normal beliefs on free scales, one for each parameter."""

    names: tuple[str, ...]
    scales: tuple[Scale, ...]
    mean: Floats
    sd: Floats
    low: Floats
    high: Floats

    def draws(self, count: int, seed: int, ensemble: int) -> Floats:
        """Return free values, shape (count, parameters); addressed by seed, ensemble and member."""
        place = np.arange(len(self.names))
        chance = normal(
            seed, Purpose.PARAMETER, ensemble, np.arange(count)[:, None], PRIOR_DRAW, place[None, :]
        )
        return np.asarray(self.mean + self.sd * chance)

    def values(self, free: Floats) -> Floats:
        """Return the canonical values at free ones, same shape."""
        columns = [self._value(place, free[..., place]) for place in range(len(self.names))]
        return np.stack(columns, axis=-1)

    def _value(self, place: int, free: Floats) -> Floats:
        low, high = self.low[place], self.high[place]
        match self.scales[place]:
            case Scale.PLAIN:
                return free
            case Scale.LOG:
                return np.asarray(np.exp(free))
            case Scale.BOUNDED:
                return np.asarray(low + (high - low) * ndtr(free))
            case _:
                assert_never(self.scales[place])


def prior_of(parameters: ParameterSet, chosen: Mapping[str, Uncertain]) -> Prior:
    """Return the prior of parameters from their value and stated range.

    The range is a 95 % interval about the value on the free scale; on the bounded scale the range itself is
    the limit, the value the median (the middle of the range where it stands at an end), and the spread is
    that of a uniform number.  Raises InputError for a parameter without a range, all of them at once.
    """
    entries = {name: parameters[name] for name in chosen}
    bare = [name for name, entry in entries.items() if entry.low is None or entry.high is None]
    if bare:
        raise InputError(
            f"These parameters have no range, and so no prior: {', '.join(bare)}. Give 'low' and 'high' "
            "in their file, or take them out of the calibration."
        )
    moments = [_moments(entry, chosen[name].scale) for name, entry in entries.items()]
    ends = [_ends(entry) for entry in entries.values()]
    return Prior(
        names=tuple(entries),
        scales=tuple(chosen[name].scale for name in entries),
        mean=np.array([mean for mean, _ in moments]),
        sd=np.array([sd for _, sd in moments]),
        low=np.array([low for low, _ in ends]),
        high=np.array([high for _, high in ends]),
    )


def _ends(parameter: Parameter) -> tuple[float, float]:
    return (
        parameter.value if parameter.low is None else parameter.low,
        parameter.value if parameter.high is None else parameter.high,
    )


def _moments(parameter: Parameter, scale: Scale) -> tuple[float, float]:
    low, high = _ends(parameter)
    match scale:
        case Scale.PLAIN:
            return parameter.value, (high - low) / (2 * REACH)
        case Scale.LOG:
            if low <= 0:
                raise InputError(f"'{parameter.name}' may be {low:g}; it cannot stand on a log scale.")
            return float(np.log(parameter.value)), float(np.log(high / low)) / (2 * REACH)
        case Scale.BOUNDED:
            share = (parameter.value - low) / (high - low)
            middle = float(ndtri(share)) if EDGE < share < 1 - EDGE else 0.0
            return middle, 1.0
        case _:
            assert_never(scale)
