"""Measures over their visits, as levels and as changes from baseline, reduced to sums and histograms.

Everything kept of a block is a whole number: counts, histograms, and sums of values in steps of the axis.  So
blocks are merged by adding whole numbers, in any order and any division, and what is kept does not grow with
the number of trials.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.criteria.measures import MEASURES
from euexia.endpoints import windows
from euexia.study.operating import Series
from euexia.trialdata.trialdata import Readings, TrialData

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Integers = NDArray[np.object_]
"""Python's whole numbers, which do not overflow."""

BINS = 4096
"""Cells of each histogram between the limits of its series."""
DOSE = "dose"
"""The series of the dose; with several dosed drugs each has one of its own, ``dose.<drug>``."""
STEPS = 2**36
"""Steps of the axis in which values, and squares of values, are summed: 1.5e-11 of the axis each."""
HIGHEST_DOSE = 128.0
"""Upper end of the histogram of doses, mg per day; BINS divides it evenly."""
PATIENT_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


class Scale(StrEnum):
    """How a change from a patient's own baseline is expressed."""

    CHANGE = "change"
    """The difference, in the unit of the measure."""
    PERCENT_CHANGE = "percent_change"
    """The difference as a share of the baseline."""
    RATIO = "ratio"
    """Times the baseline; summarised by its logarithm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What the cells of a histogram cover: values from low to high, or their logarithms."""

    low: float
    high: float
    logarithmic: bool = False

    def onto(self, value: Floats) -> Floats:
        """Return values as the axis counts them; outside a logarithmic axis the nearest end stands."""
        if not self.logarithmic:
            return value
        return np.log(np.clip(value, np.exp(self.low), np.exp(self.high)))

    def back(self, place: Floats) -> Floats:
        """Return places on the axis as values."""
        return np.exp(place) if self.logarithmic else place


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesBlock:
    """A measure over its visits, of all trials of the block.

    count: readings; total, square: sums of the readings' places on the axis (0 its low end, 1 its high end)
    and of their squares, in STEPS; shape (arms, visits), whole numbers of any size.  histogram: shape (arms,
    visits, BINS).
    """

    day: Floats
    count: Integers
    total: Integers
    square: Integers
    histogram: Counts


_KEYS = {Scale.CHANGE: "change", Scale.PERCENT_CHANGE: "percent_change", Scale.RATIO: "fold_change"}


def name_of(measure: str, scale: Scale) -> str:
    """Return the name of a series of changes, such as ``lean_mass_ct.percent_change``."""
    return f"{measure}.{scale.value}"


def dose_series(drugs: Collection[str]) -> dict[str, str]:
    """Return the name of the series of each dosed drug: ``dose`` if there is one, else ``dose.<drug>``."""
    return {drug: DOSE if len(drugs) == 1 else f"{DOSE}.{drug}" for drug in drugs}


def is_dose(name: str) -> bool:
    """Return whether a series is of a dose."""
    return name.partition(".")[0] == DOSE


def axis_of(name: str) -> Axis:
    """Return the axis of a series by its name: a measure, the dose, or a change of a measure."""
    if is_dose(name):
        return Axis(low=0.0, high=HIGHEST_DOSE)
    measure, _, changed = name.partition(".")
    if not changed:
        return Axis(low=MEASURES[measure].low, high=MEASURES[measure].high)
    scale = Scale(changed)
    largest = _largest(measure, scale)
    if largest is None:
        raise InputError(
            f"Changes of '{measure}' are not summarised as {scale.value}. Give it '{_KEYS[scale]}' in the "
            "list of measures."
        )
    logarithmic = scale is Scale.RATIO
    end = float(np.log(largest)) if logarithmic else largest
    return Axis(low=-end, high=end, logarithmic=logarithmic)


def scales_of(measure: str) -> tuple[Scale, ...]:
    """Return the scales on which changes of a measure are summarised."""
    return tuple(scale for scale in Scale if _largest(measure, scale) is not None)


def reduce_data(data: TrialData, one_hot: NDArray[np.bool_]) -> dict[str, SeriesBlock]:
    """Return every series of a stack of trials.

    one_hot: who belongs to which arm, shape (trials, subjects, arms).  A series begins on day 0; changes are
    from each patient's last reading at or before day 0.
    """
    found: dict[str, SeriesBlock] = {}
    for name, readings in data.readings.items():
        after = readings.planned >= 0
        if not after.any():
            continue
        day, level = readings.planned[after], readings.value[..., after]
        found[name] = reduce_series(day, level, one_hot, axis_of(name))
        for scale, change in _changes(name, readings, level):
            series = name_of(name, scale)
            found[series] = reduce_series(day, change, one_hot, axis_of(series))
    for drug, name in dose_series(data.dosing).items():
        dosing = data.dosing[drug]
        found[name] = reduce_series(dosing.planned, dosing.dose, one_hot, axis_of(name))
    return found


def reduce_series(day: Floats, value: Floats, one_hot: NDArray[np.bool_], axis: Axis) -> SeriesBlock:
    """Reduce values of shape (trials, subjects, visits) to sums and histograms by arm."""
    known = ~np.isnan(value)
    filled = axis.onto(np.where(known, value, 1.0 if axis.logarithmic else 0.0))
    arms, visits = one_hot.shape[-1], value.shape[-1]
    members = [known & one_hot[..., k, None] for k in range(arms)]
    place = (filled - axis.low) / (axis.high - axis.low)
    cell = np.clip((place * BINS).astype(np.int64), 0, BINS - 1)
    step, square = (np.rint(STEPS * part).astype(np.int64) for part in (place, place * place))
    flat = cell + np.arange(visits) * BINS
    histogram = [np.bincount(flat[chosen], minlength=visits * BINS) for chosen in members]
    return SeriesBlock(
        day=day,
        count=np.stack([chosen.sum(axis=(0, 1)) for chosen in members]).astype(object),
        total=np.stack([_sum(step, chosen) for chosen in members]),
        square=np.stack([_sum(square, chosen) for chosen in members]),
        histogram=np.stack(histogram).reshape(arms, visits, BINS).astype(np.int64),
    )


def _sum(steps: Counts, chosen: NDArray[np.bool_]) -> Integers:
    """Return the sum per visit, over trials in whole numbers that cannot overflow."""
    return np.asarray(np.where(chosen, steps, 0).sum(axis=1).astype(object).sum(axis=0), dtype=object)


def add(first: SeriesBlock, second: SeriesBlock) -> SeriesBlock:
    """Return what is kept of two blocks together."""
    return SeriesBlock(
        day=first.day,
        count=first.count + second.count,
        total=first.total + second.total,
        square=first.square + second.square,
        histogram=first.histogram + second.histogram,
    )


def add_all(pooled: Mapping[str, SeriesBlock], more: Mapping[str, SeriesBlock]) -> dict[str, SeriesBlock]:
    """Return every series of two blocks together."""
    return {name: add(pooled[name], part) if name in pooled else part for name, part in more.items()}


def characterise(name: str, block: SeriesBlock) -> tuple[Series, ...]:
    r"""Return one Series per arm.

    .. math:: \bar x = \frac{S}{n}, \quad s^2 = \frac{n Q - S^2}{n (n - 1)}

    with the sums S and Q of places and of their squares, in whole numbers until the division.
    """
    axis = axis_of(name)
    count, width = block.count.astype(float), axis.high - axis.low
    excess = (block.count * block.square * STEPS - block.total * block.total).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = axis.low + width * np.where(count > 0, block.total.astype(float) / STEPS / count, np.nan)
        variance = np.where(count > 1, excess / STEPS / STEPS / (count * (count - 1)), np.nan)
    spread = width * np.sqrt(np.maximum(variance, 0.0))
    return tuple(
        Series(
            day=block.day,
            mean=axis.back(centre[arm]),
            sd=spread[arm],
            quantiles=_quantiles(block.histogram[arm], axis, open_ended=is_dose(name)),
            count=count[arm],
        )
        for arm in range(count.shape[0])
    )


def _largest(measure: str, scale: Scale) -> float | None:
    match scale:
        case Scale.CHANGE:
            return MEASURES[measure].change
        case Scale.PERCENT_CHANGE:
            return MEASURES[measure].percent_change
        case Scale.RATIO:
            return MEASURES[measure].fold_change
        case _:
            assert_never(scale)


def _changes(measure: str, readings: Readings, level: Floats) -> Iterator[tuple[Scale, Floats]]:
    """Yield each scale with the changes of every patient, shape of ``level``; NaN without a baseline."""
    scales = scales_of(measure)
    if not scales:
        return
    baseline = windows.baseline(readings).value[..., np.newaxis]
    positive = np.where(baseline > 0, baseline, np.nan)
    for scale in scales:
        match scale:
            case Scale.CHANGE:
                yield scale, level - baseline
            case Scale.PERCENT_CHANGE:
                yield scale, level / positive - 1
            case Scale.RATIO:
                yield scale, level / positive
            case _:
                assert_never(scale)


def _quantiles(histogram: Counts, axis: Axis, *, open_ended: bool) -> dict[str, Floats]:
    """Return quantiles of each visit from its histogram, by the middle of the cell that holds them.

    open_ended: the last cell holds everything above it too, so a quantile in it is not known (NaN).
    """
    cumulative = histogram.cumsum(axis=-1)
    size = cumulative[:, -1:]
    width = (axis.high - axis.low) / BINS
    found: dict[str, Floats] = {}
    for q in PATIENT_QUANTILES:
        cell = (cumulative < q * size).sum(axis=-1)
        middle = axis.back(axis.low + (cell + 1 / 2) * width)
        is_known = (size[:, 0] > 0) & ~(open_ended & (cell >= BINS - 1))
        found[str(q)] = np.where(is_known, middle, np.nan)
    return found
