"""Restricted mean survival time of two arms, their difference and ratio, for a stack of trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.statistics.kaplan_meier import Curve, estimate
from euexia.statistics.normal_tests import half_width, normal_p_value
from euexia.statistics.survival_diagnosis import Diagnosis, check_level
from euexia.statistics.survival_times import codes, lifetimes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedMean:
    """Mean time without the event up to the horizon; shape (trials,), arms (trials, 2): control, treated."""

    mean: Floats
    error: Floats
    horizon: Floats
    difference: Floats
    """Treated minus control."""
    difference_error: Floats
    low: Floats
    high: Floats
    p_value: Floats
    ratio: Floats
    """Treated over control; its limits are symmetric on the log scale."""
    ratio_low: Floats
    ratio_high: Floats
    ratio_p_value: Floats
    level: float
    diagnosis: tuple[Diagnosis, ...]


def difference(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, horizon: float | None = None, level: float = 0.95
) -> RestrictedMean:
    r"""Compare the area under two Kaplan-Meier curves up to a horizon.

    .. math:: \hat\mu(\tau) = \int_0^\tau \hat S(t)\,dt, \quad
              \widehat{\mathrm{var}} = \sum_{t_i \le \tau} \Bigl[\int_{t_i}^\tau \hat S\,dt\Bigr]^2
              \frac{d_i}{n_i (n_i - d_i)}

    time, event: shape (subjects,) or (trials, subjects); NaN time where there is no such subject.  group: 1
    for the treated, 0 for the controls.  horizon: tau, in the unit of time; without one, the latest time
    known of both arms (the smaller of their last times), which is chosen by the data and should be written
    down beforehand.  Source: Royston and Parmar, BMC Medical Research Methodology 2013;13:152; Uno et al.,
    Journal of Clinical Oncology 2014;32:2380-2385.
    """
    check_level(level)
    lives = lifetimes(time, event)
    number = codes(group, "group", lives.inside)
    findings = lives.findings
    curves = [estimate(np.where(number == g, lives.time, np.nan), lives.event, level) for g in (0, 1)]
    findings.note(~np.isfinite(curves[0].time[:, 0]) | ~np.isfinite(curves[1].time[:, 0]), Diagnosis.ONE_ARM)
    findings.note(((number > 1) & lives.inside).any(axis=1), Diagnosis.ONE_ARM)
    last = np.stack([np.fmax.reduce(curve.time, axis=1, initial=0.0) for curve in curves], axis=1)
    ended = np.stack([(curve.survival == 0).any(axis=1) for curve in curves], axis=1)
    limit = last.min(axis=1) if horizon is None else np.full(last.shape[0], float(horizon))
    findings.note(
        ~((last >= limit[:, np.newaxis]) | ended).all(axis=1) | ~(limit > 0), Diagnosis.BEYOND_FOLLOW_UP
    )
    areas = [area(curve, limit) for curve in curves]
    blank = np.where(findings.sound, 0.0, np.nan)[:, np.newaxis]
    mean = np.stack([part[0] for part in areas], axis=1) + blank
    variance = np.stack([part[1] for part in areas], axis=1) + blank
    still = variance.sum(axis=1) == 0
    findings.note(still, Diagnosis.NO_VARIANCE)
    variance[still] = np.nan
    return _compared(mean, variance, limit, level, findings.diagnoses)


def area(curve: Curve, horizon: Floats) -> tuple[Floats, Floats]:
    """Return the area under each curve up to the horizon, shape (trials,), and its variance."""
    limit = horizon[:, np.newaxis]
    known = ~np.isnan(curve.time)
    begin = np.where(known, np.minimum(curve.time, limit), limit)
    end = np.concatenate([begin[:, 1:], limit], axis=1)
    pieces = np.where(known, curve.survival, 0.0) * (end - begin)
    later = np.cumsum(pieces[:, ::-1], axis=1)[:, ::-1]
    # A tie is counted at its last subject; the curve holds the same values over the whole tie.
    closing = np.ones(known.shape, dtype=bool)
    closing[:, :-1] = curve.time[:, 1:] != curve.time[:, :-1]
    left = curve.at_risk - curve.events
    counted = known & closing & (left > 0) & (curve.time <= limit)
    hazard = np.where(counted, curve.events, 0.0) / np.where(counted, curve.at_risk * left, 1.0)
    return begin[:, 0] + pieces.sum(axis=1), (hazard * later * later).sum(axis=1)


def _compared(
    mean: Floats, variance: Floats, limit: Floats, level: float, diagnosis: tuple[Diagnosis, ...]
) -> RestrictedMean:
    z = half_width(level)
    difference = mean[:, 1] - mean[:, 0]
    error = np.sqrt(variance.sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(mean[:, 1]) - np.log(mean[:, 0])
        log_error = np.sqrt((variance / mean**2).sum(axis=1))
        p_value = normal_p_value(difference / error)
        ratio_p_value = normal_p_value(log_ratio / log_error)
    return RestrictedMean(
        mean=mean,
        error=np.sqrt(variance),
        horizon=limit,
        difference=difference,
        difference_error=error,
        low=difference - z * error,
        high=difference + z * error,
        p_value=p_value,
        ratio=np.exp(log_ratio),
        ratio_low=np.exp(log_ratio - z * log_error),
        ratio_high=np.exp(log_ratio + z * log_error),
        ratio_p_value=ratio_p_value,
        level=level,
        diagnosis=diagnosis,
    )
