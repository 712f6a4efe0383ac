"""Times to events: log-rank test, Cox's model, restricted means, incidence with competing events."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.inference import first_text, normal_inference, padded, sided, texts
from euexia.analyse.plan import Planned
from euexia.analyse.result import Curve, Result
from euexia.analyse.settled import CENSORED, EVENT
from euexia.core.errors import InputError
from euexia.protocol.analysis_options import VarianceChoice
from euexia.statistics import competing_risks, cox, kaplan_meier, log_rank, restricted_mean
from euexia.statistics.survival_diagnosis import Diagnosis

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

DAYS = "day"
NO_SPREAD = "nobody had the event in either arm, or everybody had: the incidences have no spread to test by"


def log_rank_test(planned: Planned) -> Result:
    """Test whether the hazards of both arms are the same; the hazard ratio by Cox's model goes with it."""
    time, code = times_of(planned)
    event = code == EVENT
    strata = _strata(planned)
    test = log_rank.test(time, event, _group(planned), strata, groups=2)
    ratio = cox.fit(time, event, _group(planned)[..., np.newaxis], strata, level=planned.level)
    return planned.result(
        measure_of_effect="hazard ratio",
        unit="ratio",
        estimate=ratio.hazard_ratio[:, 0],
        limits=(ratio.low[:, 0], ratio.high[:, 0]),
        p_value=sided(test.p_value, -test.z, planned.alternative),
        numbers={**_numbers(planned, time, code), "z": test.z},
        notes=(
            "Log-rank test; hazard ratio and interval by Cox's model with the arm alone. Competing events "
            "end the time at risk (cause-specific hazards).",
        ),
        diagnosis=first_text(_texts(test.diagnosis), _texts(ratio.diagnosis)),
        curves=survival_curves(planned, time, event) if planned.with_curves else {},
    )


def cox_model(planned: Planned) -> Result:
    """Estimate the hazard ratio by Cox's model, adjusted for covariates, stratified by strata."""
    time, code = times_of(planned)
    covariates = np.stack([_group(planned), *planned.covariates], axis=-1)
    robust = planned.analysis.chosen.variance is VarianceChoice.SANDWICH
    fit = cox.fit(time, code == EVENT, covariates, _strata(planned), robust=robust, level=planned.level)
    return planned.result(
        measure_of_effect="hazard ratio",
        unit="ratio",
        estimate=fit.hazard_ratio[:, 0],
        limits=(fit.low[:, 0], fit.high[:, 0]),
        p_value=sided(fit.p_value[:, 0], -fit.coefficient[:, 0], planned.alternative),
        numbers={
            **_numbers(planned, time, code),
            "log_hazard_ratio": fit.coefficient[:, 0],
            "standard_error": fit.error[:, 0],
        },
        notes=(
            f"Cox's model, Efron's ties, Wald test; {'sandwich' if robust else 'model'} variance. "
            "Competing events end the time at risk (cause-specific hazard).",
        ),
        diagnosis=_texts(fit.diagnosis),
        curves=survival_curves(planned, time, code == EVENT) if planned.with_curves else {},
    )


def restricted_means(planned: Planned) -> Result:
    """Compare the mean time without the event up to a day."""
    time, code = times_of(planned)
    horizon = planned.analysis.chosen.horizon or planned.endpoint.day
    found = restricted_mean.difference(time, code == EVENT, _group(planned), horizon, planned.level)
    return planned.result(
        measure_of_effect=f"difference in restricted mean time up to day {horizon:g}",
        unit=DAYS,
        estimate=found.difference,
        limits=(found.low, found.high),
        p_value=sided(found.p_value, found.difference, planned.alternative),
        numbers={
            **_numbers(planned, time, code),
            "mean": found.mean[:, 1],
            "mean_error": found.error[:, 1],
            "mean_control": found.mean[:, 0],
            "mean_error_control": found.error[:, 0],
            "standard_error": found.difference_error,
            "ratio": found.ratio,
            "ratio_low": found.ratio_low,
            "ratio_high": found.ratio_high,
        },
        notes=("Area under the Kaplan-Meier curve up to the horizon; normal interval.",),
        diagnosis=_texts(found.diagnosis),
        curves=survival_curves(planned, time, code == EVENT) if planned.with_curves else {},
    )


def cumulative_incidence(planned: Planned) -> Result:
    """Compare the share of patients with the event by a day, competing events counted as such."""
    time, code = times_of(planned)
    horizon = planned.analysis.chosen.horizon or planned.endpoint.day
    arms = {suffix: _incidence_at(planned, time, code, suffix, horizon) for suffix in ("", "_control")}
    (value, error), (control, control_error) = arms[""][:2], arms["_control"][:2]
    difference = value - control
    spread = np.sqrt(error**2 + control_error**2)
    low, high, _ = normal_inference(difference, spread, planned.level, planned.alternative)
    # A smaller incidence is the benefit where longer times are better.
    p_value = normal_inference(-difference, spread, planned.level, planned.alternative)[2]
    return planned.result(
        measure_of_effect=f"difference in incidence by day {horizon:g}",
        unit="1",
        estimate=difference,
        limits=(low, high),
        p_value=p_value,
        numbers={
            **_numbers(planned, time, code),
            "incidence": value,
            "incidence_error": error,
            "incidence_control": control,
            "incidence_error_control": control_error,
        },
        notes=("Aalen-Johansen incidence with competing events; normal interval of the difference.",),
        diagnosis=first_text(arms[""][2], arms["_control"][2], _without_spread(difference, spread)),
        curves=_incidence_curves(planned, time, code) if planned.with_curves else {},
    )


def _without_spread(difference: Floats, spread: Floats) -> tuple[str, ...]:
    """Say where neither arm gives an incidence a spread."""
    return tuple(NO_SPREAD if known else "" for known in np.isfinite(difference) & (spread == 0))


def times_of(planned: Planned) -> tuple[Floats, Codes]:
    """Return days and how they ended, of the two arms; NaN for whoever is not analysed."""
    time, code = planned.settled.time, planned.settled.code
    if time is None or code is None:
        raise InputError(f"Endpoint '{planned.endpoint.name}' has no times. Derive it from trial data.")
    analysed = planned.group >= 0
    return np.where(analysed, time, np.nan), np.where(analysed, code, CENSORED).astype(np.int8)


def _group(planned: Planned) -> Floats:
    return np.where(planned.group == 1, 1.0, 0.0)


def _strata(planned: Planned) -> Floats | None:
    return np.maximum(planned.stratum, 0).astype(float) if planned.analysis.chosen.strata else None


def _texts(found: tuple[Diagnosis, ...]) -> tuple[str, ...]:
    return texts((diagnosis.text for diagnosis in found), Diagnosis.SOUND.text)


def _numbers(planned: Planned, time: Floats, code: Codes) -> dict[str, Floats]:
    numbers = {}
    for suffix, members in planned.arms:
        here = members & ~np.isnan(time)
        curve = kaplan_meier.estimate(np.where(here, time, np.nan), code == EVENT, planned.level)
        numbers[f"analysed{suffix}"] = planned.count(here)
        numbers[f"events{suffix}"] = planned.count(here & (code == EVENT))
        numbers[f"competing{suffix}"] = planned.count(here & (code > EVENT))
        numbers[f"median_time{suffix}"] = kaplan_meier.median(curve).time
    return numbers


def survival_curves(planned: Planned, time: Floats, event: NDArray[np.bool_]) -> dict[str, Curve]:
    """Return the Kaplan-Meier curve of both arms, from day 0."""
    curves = {}
    for name, members in (
        (planned.analysis.arm, planned.treated),
        (planned.analysis.control, planned.controls),
    ):
        found = kaplan_meier.estimate(np.where(members, time, np.nan), event, planned.level)
        curves[f"survival.{name}"] = _steps(
            str(name), found.time, found.survival, (found.low, found.high), found.at_risk, start=1.0
        )
    return curves


def _incidence_curves(planned: Planned, time: Floats, code: Codes) -> dict[str, Curve]:
    curves = {}
    for name, members in (
        (planned.analysis.arm, planned.treated),
        (planned.analysis.control, planned.controls),
    ):
        found = competing_risks.estimate(np.where(members, time, np.nan), code, 2, planned.level)
        size = (~np.isnan(found.time)).sum(axis=1, keepdims=True)  # known times come first, in order
        at_risk = size - np.arange(float(time.shape[1]))
        curves[f"incidence.{name}"] = _steps(
            str(name),
            found.time,
            found.incidence[:, 0],
            (found.low[:, 0], found.high[:, 0]),
            np.where(np.isnan(found.time), np.nan, at_risk),
            start=0.0,
        )
    return curves


def _steps(
    arm: str, time: Floats, value: Floats, limits: tuple[Floats, Floats], count: Floats, *, start: float
) -> Curve:
    """Return a curve of steps that begins on day 0."""
    width = time.shape[1] + 1

    def begun(values: Floats, first: float | Floats) -> Floats:
        column = np.broadcast_to(np.asarray(first), (values.shape[0],))[:, np.newaxis]
        return padded(np.concatenate([column, values], axis=1), width)

    return Curve(
        label=arm,
        arm=arm,
        x_label=DAYS,
        unit="1",
        x=begun(time, 0.0),
        y=begun(value, start),
        low=begun(limits[0], start),
        high=begun(limits[1], start),
        count=begun(count, (~np.isnan(time)).sum(axis=1).astype(float)),
        steps=True,
    )


def _incidence_at(
    planned: Planned, time: Floats, code: Codes, suffix: str, horizon: float
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Return the incidence of the event by the horizon in an arm, its error, and what went wrong."""
    members = planned.controls if suffix else planned.treated
    own = np.where(members, time, np.nan)
    found = competing_risks.estimate(own, code, 2, planned.level)
    with np.errstate(invalid="ignore"):
        before = (found.time <= horizon).sum(axis=1)
        followed = np.fmax.reduce(found.time, axis=1, initial=-np.inf) >= horizon
    rows, place = np.arange(time.shape[0]), np.maximum(before - 1, 0)
    ended = found.survival[rows, place] <= 0
    none = (before == 0) & ~np.isnan(found.time[:, 0])
    told = np.where(followed | ended, 0.0, np.nan)
    value = np.where(none, 0.0, found.incidence[rows, 0, place]) + told
    error = np.where(none, 0.0, found.error[rows, 0, place]) + told
    beyond = tuple("" if fine else Diagnosis.BEYOND_FOLLOW_UP.text for fine in followed | ended)
    return value, error, first_text(_texts(found.diagnosis), beyond)
