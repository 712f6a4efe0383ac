"""Kaplan-Meier curves of a stack of trials: survival, pointwise intervals, median, survival at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, ndtri

from euexia.statistics.survival_diagnosis import Diagnosis, check_level
from euexia.statistics.survival_times import at, lifetimes, ordered

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

_SAME = 1e-8
"""Two probabilities closer than this are equal: products of fractions carry rounding."""


class Interval(StrEnum):
    """On which scale of S(t) the pointwise interval is symmetric."""

    LOG_LOG = "log_log"
    LOG = "log"
    PLAIN = "plain"
    LOGIT = "logit"
    ARCSINE = "arcsine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One curve per trial; arrays have shape (trials, subjects), in the order of time.

    Subjects with the same time hold the same values, those after all of them have left; NaN pads the end.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    survival: Floats
    error: Floats
    """Greenwood's standard error of the survival."""
    low: Floats
    high: Floats
    cumulative_hazard: Floats
    """Nelson and Aalen's."""
    level: float
    interval: Interval
    diagnosis: tuple[Diagnosis, ...]

    def steps(self, trial: int = 0) -> Floats:
        """Return the distinct times of a trial with their values, one row each.

        Shape (times, 8): time, at risk, events, survival, error, low, high, cumulative hazard.
        """
        columns = (
            self.time,
            self.at_risk,
            self.events,
            self.survival,
            self.error,
            self.low,
            self.high,
            self.cumulative_hazard,
        )
        rows = np.stack([column[trial] for column in columns], axis=1)
        times = rows[:, 0]
        return np.asarray(rows[~np.isnan(times) & np.append(times[1:] != times[:-1], True)], dtype=float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A quantile of the time to the event, with its limits, shape (trials,); NaN where not reached."""

    time: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalAt:
    """Survival at chosen times with its limits, shape (trials, times); NaN beyond the follow-up."""

    survival: Floats
    error: Floats
    low: Floats
    high: Floats


def estimate(
    time: ArrayLike, event: ArrayLike, level: float = 0.95, interval: Interval = Interval.LOG_LOG
) -> Curve:
    r"""Return the product-limit estimate of every trial, with Greenwood's error and pointwise limits.

    .. math:: \hat S(t) = \prod_{t_i \le t} \Bigl(1 - \frac{d_i}{n_i}\Bigr), \quad
              \widehat{\mathrm{se}}(\hat S) = \hat S \sqrt{\sum_{t_i \le t} \frac{d_i}{n_i (n_i - d_i)}}

    time: any unit, shape (subjects,) or (trials, subjects); NaN where there is no such subject.  event: 1 at
    an event, 0 at censoring.  Censoring at the time of an event counts as later.  Where the curve has fallen
    to zero, error and limits are NaN.  Give one arm at a time.  Source: Kaplan and Meier, Journal of the
    American Statistical Association 1958;53:457-481; variance: Greenwood 1926.
    """
    check_level(level)
    lives = lifetimes(time, event)
    data = ordered(lives)
    at_risk = data.at_risk
    events = data.in_tie(data.event.astype(float))
    ends = data.inside & (np.arange(data.time.shape[1]) == data.last)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(ends, events / at_risk, 0.0)
        greenwood = np.where(ends & (events > 0), events / (at_risk * (at_risk - events)), 0.0)
    survival = at(np.asarray(np.cumprod(1.0 - share, axis=1), dtype=float), data.last)
    spread = np.sqrt(at(np.cumsum(greenwood, axis=1), data.last))
    low, high = limits(survival, spread, level, interval)
    blank = np.where(data.inside, 0.0, np.nan)
    with np.errstate(invalid="ignore"):
        error = survival * spread
    return Curve(
        time=data.time,
        at_risk=at_risk + blank,
        events=events + blank,
        survival=survival + blank,
        error=error + blank,
        low=low + blank,
        high=high + blank,
        cumulative_hazard=at(np.cumsum(share, axis=1), data.last) + blank,
        level=level,
        interval=interval,
        diagnosis=lives.findings.diagnoses,
    )


def limits(survival: Floats, spread: Floats, level: float, interval: Interval) -> tuple[Floats, Floats]:
    r"""Return pointwise limits of a probability.

    .. math:: g^{-1}\bigl(g(\hat S) \pm z\, |g'(\hat S)|\, \hat S \sigma\bigr), \quad
              g = \log(-\log S),\ \log S,\ S,\ \mathrm{logit}\, S,\ \arcsin \sqrt S

    survival: S, any shape.  spread: sigma, its relative standard error.  No scale has limits where S is 0
    (NaN); where S is 1, the plain and the log scale give 1, the others none.  Source: Klein and Moeschberger,
    Survival Analysis, 2nd edition, section 4.3; textbook.
    """
    z = float(ndtri(1.0 - (1.0 - level) / 2.0))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        match interval:
            case Interval.LOG_LOG:
                half = z * spread / np.log(survival)
                low, high = survival ** np.exp(-half), survival ** np.exp(half)
            case Interval.LOG:
                low, high = survival * np.exp(-z * spread), survival * np.exp(z * spread)
            case Interval.PLAIN:
                low, high = survival * (1.0 - z * spread), survival * (1.0 + z * spread)
            case Interval.LOGIT:
                half = z * spread / (1.0 - survival)
                low, high = expit(logit(survival) - half), expit(logit(survival) + half)
            case Interval.ARCSINE:
                angle = np.arcsin(np.sqrt(survival))
                half = z * spread * np.sqrt(survival / (1.0 - survival)) / 2.0
                low = np.sin(np.maximum(0.0, angle - half)) ** 2
                high = np.sin(np.minimum(np.pi / 2.0, angle + half)) ** 2
            case _:
                assert_never(interval)
    known = (survival > 0.0) & ((survival < 1.0) | _is_sure_at_one(interval))
    low = np.where(known, np.clip(low, 0.0, 1.0), np.nan)
    high = np.where(known, np.clip(high, 0.0, 1.0), np.nan)
    return low, high


def quantile(curve: Curve, share: float = 0.5) -> Quantile:
    r"""Return the time by which a share of the subjects has had the event, with Brookmeyer-Crowley limits.

    .. math:: \hat t_p = \min\{t : \hat S(t) \le 1 - p\}, \quad
              \{t : L(t) \le 1 - p \le U(t)\}

    where L and U are the curve's pointwise limits.  Where S equals 1 - p over a stretch of time, its middle
    is taken.  share: p; 0.5 is the median.  Source: Brookmeyer and Crowley, Biometrics 1982;38:29-41.
    """
    check_level(share)
    return Quantile(
        time=_crossing(curve.time, curve.survival, 1.0 - share),
        low=_crossing(curve.time, curve.low, 1.0 - share),
        high=_crossing(curve.time, curve.high, 1.0 - share),
    )


def median(curve: Curve) -> Quantile:
    """Return the median time to the event; see ``quantile``."""
    return quantile(curve, 0.5)


def survival_at(curve: Curve, times: ArrayLike) -> SurvivalAt:
    """Return survival at chosen times, shape (times,) for all trials.

    Beyond the last subject's time it is NaN, unless the curve had reached zero.
    """
    wanted = np.atleast_1d(np.asarray(times, dtype=float))
    known = np.nan_to_num(curve.time, nan=np.inf)
    before = (known[:, np.newaxis, :] <= wanted[:, np.newaxis]).sum(axis=2)
    seen = (~np.isnan(curve.time)).sum(axis=1, keepdims=True)
    place = np.maximum(before - 1, 0)
    ended = np.take_along_axis(curve.survival, np.maximum(seen - 1, 0), axis=1) == 0.0
    last = np.take_along_axis(curve.time, np.maximum(seen - 1, 0), axis=1)
    valid = (seen > 0) & ((wanted <= last) | ended)

    beginning = 1.0 if _is_sure_at_one(curve.interval) else np.nan

    def step(values: Floats, first: float) -> Floats:
        found = np.where(before == 0, first, np.take_along_axis(values, place, axis=1))
        return np.where(valid, found, np.nan)

    return SurvivalAt(
        survival=step(curve.survival, 1.0),
        error=step(curve.error, 0.0),
        low=step(curve.low, beginning),
        high=step(curve.high, beginning),
    )


def _is_sure_at_one(interval: Interval) -> bool:
    return interval in (Interval.PLAIN, Interval.LOG)


def _crossing(time: Floats, height: Floats, level: float) -> Floats:
    """Return when a falling step curve comes down to a level, shape (trials,); NaN if it never does."""
    with np.errstate(invalid="ignore"):
        reached, below = height <= level + _SAME, height < level - _SAME
    first = _first_time(time, reached)
    last = np.fmax.reduce(time, axis=1, initial=-np.inf)
    after = np.where(below.any(axis=1), _first_time(time, below), last)
    return np.where(reached.any(axis=1), (first + after) / 2.0, np.nan)


def _first_time(time: Floats, where: Booleans) -> Floats:
    return np.take_along_axis(time, where.argmax(axis=1)[:, np.newaxis], axis=1)[:, 0]
