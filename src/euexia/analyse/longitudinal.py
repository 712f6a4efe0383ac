"""Mixed models for repeated measures: the difference at the last visit, and means over all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.plan import Planned
from euexia.analyse.result import Curve, Result
from euexia.core.errors import InputError
from euexia.endpoints.table import VisitSeries
from euexia.protocol.analysis_options import FreedomChoice, LikelihoodChoice, MarginChoice, VarianceChoice
from euexia.statistics.covariance import Structure
from euexia.statistics.mmrm_freedom import Contrasts
from euexia.statistics.mmrm_result import CONVENTIONAL, Diagnosis, Freedom, Method
from euexia.statistics.mmrm_robust import Sandwich
from euexia.statistics.mmrm_visits import VisitEffects, treatment_by_visit

Floats = NDArray[np.float64]

CONTROL, TREATED = 0, 1
ROBUST = "Standard errors by the sandwich, bias-reduced (CR2); they hold if the covariance is not as fitted."


def mmrm(planned: Planned) -> Result:
    """Estimate the difference at the last visit by a mixed model of all visits.

    Arm, baseline and their interactions with the visit; further covariates and strata with one effect.
    Structures of the covariance are tried in the order written, or in the conventional one; the result says
    which was used in each trial.
    """
    series = series_of(planned)
    options = planned.analysis.chosen
    robust = options.variance is VarianceChoice.SANDWICH
    effects = treatment_by_visit(
        _values(planned),
        planned.group,
        planned.derived.baseline,
        covariates=_covariates(planned),
        arms=2,
        by_arm=options.grouped,
        structures=tuple(Structure(choice.value) for choice in options.covariance) or CONVENTIONAL,
        method=Method((options.likelihood or LikelihoodChoice.REML).value),
        freedom=Freedom((options.degrees_of_freedom or FreedomChoice.SATTERTHWAITE).value),
        times=tuple(series.planned),
        sandwich=Sandwich.BIAS_REDUCED if robust else None,
        margins_at=_equal_margins(planned) if options.margins is MarginChoice.EQUAL else None,
        level=planned.level,
        alternative=planned.alternative,
    )
    last = effects.differences
    return planned.result(
        measure_of_effect="difference in least-squares means at the last visit",
        unit=planned.unit,
        estimate=last.estimate[:, 0, -1],
        limits=(last.low[:, 0, -1], last.high[:, 0, -1]),
        p_value=last.p_value[:, 0, -1],
        numbers=_numbers(planned, effects),
        notes=(
            "Mixed model for repeated measures; arm and baseline free at every visit; of arms other than "
            "these two nothing enters.",
            *((ROBUST,) if robust else ()),
        ),
        diagnosis=tuple(
            "" if code == Diagnosis.FITTED else Diagnosis(int(code)).words for code in effects.diagnosis
        ),
        choices={"covariance": _structures(effects)},
        curves=_curves(planned, effects, series) if planned.with_curves else {},
    )


def series_of(planned: Planned) -> VisitSeries:
    """Return the visits of a longitudinal endpoint; raise InputError if it has none."""
    if planned.derived.series is None or planned.settled.series is None:
        raise InputError(f"Endpoint '{planned.endpoint.name}' has no visits. Derive it from trial data.")
    return planned.derived.series


def _values(planned: Planned) -> Floats:
    values = planned.settled.series
    if values is None:
        raise InputError(f"Endpoint '{planned.endpoint.name}' has no visits. Derive it from trial data.")
    return np.where((planned.group >= 0)[..., np.newaxis], values, np.nan)


def _covariates(planned: Planned) -> Floats | None:
    """Return further covariates and indicators of strata, shape (trials, subjects, columns)."""
    columns = [planned.column(name) for name in planned.analysis.chosen.covariates if name != "baseline"]
    for codes in planned.factors:
        columns += [(codes == level).astype(float) for level in range(1, int(codes.max(initial=0)) + 1)]
    return np.stack(columns, axis=-1) if columns else None


def _equal_margins(planned: Planned) -> Floats | None:
    """Return where means are taken: each level of a stratum that has patients alike, covariates at theirs."""
    columns = [
        np.full((planned.trials, 1), np.nan)
        for name in planned.analysis.chosen.covariates
        if name != "baseline"
    ]
    analysed = planned.group >= 0
    for codes in planned.factors:
        levels = np.arange(int(codes.max(initial=0)) + 1)
        present = ((codes[..., np.newaxis] == levels) & analysed[..., np.newaxis]).any(axis=1)
        share = present / np.maximum(present.sum(axis=1, keepdims=True), 1)
        columns.append(share[:, 1:])
    return np.concatenate(columns, axis=1) if columns else None


def _numbers(planned: Planned, effects: VisitEffects) -> dict[str, Floats]:
    numbers = {}
    for place, (suffix, members) in zip((TREATED, CONTROL), planned.arms, strict=True):
        numbers[f"analysed{suffix}"] = planned.count(members & planned.settled.included)
        numbers[f"observed_last{suffix}"] = effects.counts[:, place, -1].astype(float)
        numbers[f"mean{suffix}"] = effects.means.estimate[:, place, -1]
        numbers[f"mean_error{suffix}"] = effects.means.error[:, place, -1]
    return {
        **numbers,
        "standard_error": effects.differences.error[:, 0, -1],
        "degrees_of_freedom": effects.differences.freedom[:, 0, -1],
        "structures_tried": (effects.attempts != Diagnosis.NOT_TRIED).sum(axis=1).astype(float),
    }


def _structures(effects: VisitEffects) -> tuple[str, ...]:
    return tuple("" if place < 0 else effects.structures[place].value for place in effects.structure)


def _curves(planned: Planned, effects: VisitEffects, series: VisitSeries) -> dict[str, Curve]:
    """Return least-squares means of both arms at every visit, and their difference."""
    analysis = planned.analysis
    counts = effects.counts.astype(float)
    return {
        f"means.{analysis.arm}": _curve(
            planned, series, effects.means, TREATED, counts[:, TREATED], analysis.arm
        ),
        f"means.{analysis.control}": _curve(
            planned, series, effects.means, CONTROL, counts[:, CONTROL], analysis.control
        ),
        "difference": _curve(planned, series, effects.differences, 0, counts.sum(axis=1), None),
    }


def _curve(
    planned: Planned, series: VisitSeries, found: Contrasts, place: int, count: Floats, arm: str | None
) -> Curve:
    value = found.estimate[:, place]
    return Curve(
        label="difference" if arm is None else arm,
        arm=arm,
        x_label="day",
        unit=planned.unit,
        x=np.broadcast_to(series.planned, value.shape),
        y=value,
        low=found.low[:, place],
        high=found.high[:, place],
        count=count,
    )
