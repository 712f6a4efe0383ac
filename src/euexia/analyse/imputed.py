"""Values after an intercurrent event imputed: conditional means, multiple imputation, tipping point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.inference import normal_inference, own_number, sided, texts
from euexia.analyse.longitudinal import series_of
from euexia.analyse.plan import Planned
from euexia.analyse.result import Curve, Result
from euexia.core.errors import InputError
from euexia.protocol.analysis_options import ReferenceChoice
from euexia.statistics import conditional_mean, multiple_imputation
from euexia.statistics import tipping_point as tipping_points
from euexia.statistics.conditional_mean import ConditionalMeanResult
from euexia.statistics.imputation_data import ImputationDiagnosis, Strategy
from euexia.statistics.multiple_imputation import MultipleImputationResult
from euexia.statistics.pooling import Direction, Responder
from euexia.statistics.proportions import Alternative
from euexia.statistics.tipping_point import shifted_estimate

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

IMPUTATIONS = 100
"""Completed data sets where the protocol names no number."""
POOLED = (
    "estimate",
    "low",
    "high",
    "p_value",
    "standard_error",
    "freedom",
    "missing_information",
    "monte_carlo_error",
)
AFTER_DEATH = (
    "Values after death are imputed as if the patient had lived: they answer a hypothetical question."
)
MODELLED = ("Values after death", "Patients with some visits")
"""Notes on models of what was observed; here everybody's last visit is completed."""
STEPS = 41
"""Shifts tried for the tipping point where the protocol names none."""
GRID = 9
"""Shifts of each arm for which the surface of both is drawn."""
WIDEST = 4.0
"""They reach this many standard errors of the effect per unit of shift."""


def reference_based(planned: Planned) -> Result:
    """Compare completed values at the last visit: conditional means, variance by the jackknife."""
    planned = _with_everybody(planned)
    found = _conditional_mean(planned)
    low, high, p_value = normal_inference(
        found.estimate, found.standard_error, planned.level, planned.alternative
    )
    return planned.result(
        measure_of_effect="difference in means at the last visit",
        unit=planned.unit,
        estimate=found.estimate,
        limits=(low, high),
        p_value=p_value,
        numbers={
            **_analysed(planned),
            "imputed": found.imputed.astype(float),
            "standard_error": found.standard_error,
        },
        notes=(
            f"Values after an intercurrent event or missing: {_said(planned)}. Imputed by their conditional "
            "mean; ANCOVA of the completed last visit; jackknife standard error, normal interval.",
        ),
        diagnosis=texts(found.diagnosis_text, ImputationDiagnosis.FINE.text),
    )


def imputed_many_times(planned: Planned) -> Result:
    """Compare completed values at the last visit: drawn many times, pooled by Rubin's rules."""
    planned = _with_everybody(planned)
    options = planned.analysis.chosen
    found = _drawn(planned)
    pooled = {name: np.concatenate([getattr(each.pooled, name) for each in found]) for name in POOLED}
    return planned.result(
        measure_of_effect="difference in means at the last visit",
        unit=planned.unit,
        estimate=pooled["estimate"],
        limits=(pooled["low"], pooled["high"]),
        p_value=sided(pooled["p_value"], pooled["estimate"], planned.alternative),
        numbers={
            **_analysed(planned),
            "imputed": np.concatenate([each.imputed for each in found]).astype(float),
            "standard_error": pooled["standard_error"],
            "degrees_of_freedom": pooled["freedom"],
            "missing_information": pooled["missing_information"],
            "monte_carlo_error": pooled["monte_carlo_error"],
        },
        notes=(
            f"Values after an intercurrent event or missing: {_said(planned)}. "
            f"{options.imputations or IMPUTATIONS} imputations, seed {options.seed or 0}; ANCOVA of the last "
            "visit, Rubin's rules.",
        ),
        diagnosis=texts(
            (text for each in found for text in each.diagnosis_text), ImputationDiagnosis.FINE.text
        ),
    )


def imputed_response(planned: Planned) -> Result:
    """Compare shares of responders, told from completed values at the last visit; Rubin's rules."""
    planned = _with_everybody(planned)
    options = planned.analysis.chosen
    if options.responds_at is None:
        raise InputError(f"'{planned.analysis.name}' says no 'responds_at'. Give one, for example 5 %.")
    direction = Direction.AT_LEAST if planned.endpoint.higher_is_better else Direction.AT_MOST
    rule = Responder(threshold=100.0 * options.responds_at, direction=direction, percent=True)
    found = _drawn(planned, rule)
    parts = {
        name: np.array([_of_response(each, name) for each in found])
        for name in ("estimate", "low", "high", "p_value", "standard_error", "rate", "rate_control")
    }
    # A response is the benefit, whichever way the measure is better.
    sided_by = Alternative.GREATER if planned.analysis.one_sided else Alternative.TWO_SIDED
    return planned.result(
        measure_of_effect="risk difference",
        unit="1",
        estimate=parts["estimate"],
        limits=(parts["low"], parts["high"]),
        p_value=sided(parts["p_value"], parts["estimate"], sided_by),
        numbers={
            **_analysed(planned),
            "rate": parts["rate"],
            "rate_control": parts["rate_control"],
            "imputed": np.concatenate([each.imputed for each in found]).astype(float),
            "standard_error": parts["standard_error"],
        },
        notes=(
            f"Response: relative change {direction.value.replace('_', ' ')} {100 * options.responds_at:g} %, "
            f"told from completed values. Missing or after an event: {_said(planned)}. "
            f"{options.imputations or IMPUTATIONS} imputations, seed {options.seed or 0}; Rubin's rules.",
        ),
        diagnosis=texts(
            (text for each in found for text in each.diagnosis_text), ImputationDiagnosis.FINE.text
        ),
    )


def _of_response(found: MultipleImputationResult, name: str) -> float:
    """Return one number of the pooled responses of one trial; NaN where nothing was estimated."""
    pooled = found.responses[0]
    if pooled is None:
        return float("nan")
    if name == "rate":
        return float(pooled.treated.estimate)
    if name == "rate_control":
        return float(pooled.reference.estimate)
    return float(getattr(pooled.difference, name))


def _drawn(planned: Planned, responder: Responder | None = None) -> list[MultipleImputationResult]:
    """Return the pooled result of each trial.

    The data of a trial decide which random numbers are its own, and the order in which its patients are
    taken, so that trials are drawn independently and neither the stack nor the order of rows changes a
    result.
    """
    options, constant = planned.analysis.chosen, _constant(planned)
    values, baseline, event = _values(planned), _baseline(planned), _event_visit(planned)
    found = []
    for trial in range(planned.trials):
        order = _order(planned.group[trial], event[trial], baseline[trial], values[trial])
        found.append(
            multiple_imputation.estimate(
                values[trial][order],
                baseline[trial][order],
                planned.group[trial][order],
                event[trial][order],
                _strategy(planned),
                constant_covariates=None if constant is None else constant[trial][order],
                seed=options.seed or 0,
                first_trial=own_number(values[trial][order], baseline[trial][order], event[trial][order]),
                imputations=options.imputations or IMPUTATIONS,
                responder=responder,
                level=planned.level,
            )
        )
    return found


def _order(group: Integers, event: Integers, baseline: Floats, values: Floats) -> Integers:
    """Return the places of a trial's patients in ascending order of all that is known of them."""
    keys = [*(values[:, visit] for visit in range(values.shape[1])), baseline, event, group]
    return np.lexsort(keys).astype(np.int64)


def _with_everybody(planned: Planned) -> Planned:
    """Return the plan with those who have a baseline but no later value: they are imputed too."""
    settled = planned.settled
    if settled.eligible is None:
        raise InputError(f"Endpoint '{planned.endpoint.name}' has no visits. Derive it from trial data.")
    included = settled.eligible & ~np.isnan(planned.derived.baseline)
    notes = (*(note for note in settled.notes if not note.startswith(MODELLED)), AFTER_DEATH)
    return replace(planned, settled=replace(settled, included=included, notes=notes))


def _conditional_mean(planned: Planned) -> ConditionalMeanResult:
    return conditional_mean.estimate(
        _values(planned),
        _baseline(planned),
        planned.group,
        _event_visit(planned),
        _strategy(planned),
        constant_covariates=_constant(planned),
        level=planned.level,
    )


def _values(planned: Planned) -> Floats:
    series = planned.settled.series
    known = (planned.group >= 0)[..., np.newaxis]
    return np.where(known, series_of(planned).value if series is None else series, np.nan)


def _baseline(planned: Planned) -> Floats:
    return np.where(planned.group >= 0, planned.derived.baseline, 0.0)


def _constant(planned: Planned) -> Floats | None:
    names = [name for name in planned.analysis.chosen.covariates if name != "baseline"]
    if not names:
        return None
    columns = [np.where(planned.group >= 0, planned.column(name), 0.0) for name in names]
    return np.stack(columns, axis=-1)


def _strategy(planned: Planned) -> Strategy:
    choice = planned.analysis.chosen.reference or ReferenceChoice.MISSING_AT_RANDOM
    return Strategy(choice.value)


def _said(planned: Planned) -> str:
    choice = planned.analysis.chosen.reference or ReferenceChoice.MISSING_AT_RANDOM
    return choice.value.replace("_", " ")


def _event_visit(planned: Planned) -> Integers:
    """Return the first visit after treatment was stopped, rescue begun, or the patient left or died."""
    series = series_of(planned)
    nothing = np.full(planned.treated.shape, np.nan)
    days = planned.derived.days
    first = np.fmin.reduce(
        [days.get(name, nothing) for name in ("treatment_stop", "rescue", "withdrawal", "death")]
    )
    read = np.where(np.isnan(series.day), series.planned, series.day)
    with np.errstate(invalid="ignore"):
        before = (read <= first[..., np.newaxis]).sum(axis=-1)
    return np.where(np.isnan(first), series.planned.size, before).astype(np.int64)


def _analysed(planned: Planned) -> dict[str, Floats]:
    return {
        f"analysed{suffix}": planned.count(members & (planned.group >= 0)) for suffix, members in planned.arms
    }


def tipping_point(planned: Planned) -> Result:
    """Shift imputed values of the treated against them until the result is no longer significant.

    The estimate and its test are those without shift; the numbers say at which shift the result turns.
    """
    planned = _with_everybody(planned)
    found = _conditional_mean(planned)
    deltas = _deltas(planned, found)
    columns = [_shifted(planned, found, deltas[:, place]) for place in range(deltas.shape[1])]
    moved, low, high, p_values = (np.stack(part, axis=1) for part in zip(*columns, strict=True))
    base_low, base_high, p_value = normal_inference(
        found.estimate, found.standard_error, planned.level, planned.alternative
    )
    if planned.analysis.chosen.deltas:
        turned = _turning(deltas, p_values > planned.analysis.alpha)
    else:
        sides = 2.0 if planned.analysis.one_sided else 1.0
        turned = tipping_points.tipping_point(
            found, deltas[:, -1], significance=sides * planned.analysis.alpha
        ).delta
    curve = Curve(
        label="effect when imputed values of the treated are shifted",
        arm=planned.analysis.arm,
        x_label="shift",
        unit=planned.unit,
        x=deltas,
        y=moved,
        low=low,
        high=high,
        count=np.broadcast_to(found.imputed[:, np.newaxis].astype(float), moved.shape),
    )
    return planned.result(
        measure_of_effect="difference in means at the last visit",
        unit=planned.unit,
        estimate=found.estimate,
        limits=(base_low, base_high),
        p_value=p_value,
        numbers={
            **_analysed(planned),
            "imputed": found.imputed.astype(float),
            "standard_error": found.standard_error,
            "tipping_shift": np.where(p_value > planned.analysis.alpha, 0.0, turned),
        },
        notes=(
            f"Values after an intercurrent event or missing: {_said(planned)}, then those of the arm shifted "
            "in steps; 'tipping_shift' is the smallest shift at which the test no longer rejects, 0 if it "
            "never did, missing if none of those tried.",
        ),
        diagnosis=texts(found.diagnosis_text, ImputationDiagnosis.FINE.text),
        curves={"tipping": curve, **_surface(planned, found, deltas)} if planned.with_curves else {},
    )


def _surface(planned: Planned, found: ConditionalMeanResult, deltas: Floats) -> dict[str, Curve]:
    """Return the effect when imputed values of both arms are shifted, a line for each shift of the control.

    Only of a single trial: its shifts are its own.
    """
    if planned.trials != 1 or not np.isfinite(deltas).all():
        return {}
    treated = np.linspace(0.0, float(deltas[0][np.argmax(np.abs(deltas[0]))]), GRID)
    grid = tipping_points.surface(found, treated, treated)
    low, high, _ = normal_inference(grid.estimate, grid.standard_error, planned.level, planned.alternative)
    return {
        f"surface.{shift:.6g}": Curve(
            label=f"effect when imputed values of the control are shifted by {shift:.4g}",
            arm=planned.analysis.arm,
            x_label="shift",
            unit=planned.unit,
            x=treated[np.newaxis],
            y=grid.estimate[:, :, place],
            low=low[:, :, place],
            high=high[:, :, place],
            count=np.full((1, GRID), float(found.imputed[0])),
        )
        for place, shift in enumerate(treated)
    }


def _deltas(planned: Planned, found: ConditionalMeanResult) -> Floats:
    """Return the shifts tried in each trial, from none to the worst, shape (trials, shifts)."""
    chosen = planned.analysis.chosen.deltas
    if chosen:
        return np.broadcast_to(np.array(chosen, dtype=float), (planned.trials, len(chosen)))
    worse = -1.0 if planned.endpoint.higher_is_better else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = (np.abs(found.estimate) + WIDEST * found.standard_error) / np.abs(found.delta_effect[:, 1])
    reach = np.where(np.isfinite(reach), reach, np.nan)
    return worse * reach[:, np.newaxis] * np.linspace(0.0, 1.0, STEPS)


def _shifted(
    planned: Planned, found: ConditionalMeanResult, delta: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return estimate, limits and p-value of each trial with the imputed of the arm shifted by its delta."""
    known = np.where(np.isnan(delta), 0.0, delta)
    estimate, error, _ = shifted_estimate(found, known, 0.0)
    blank = np.where(np.isnan(delta), np.nan, 0.0)
    low, high, p_value = normal_inference(estimate + blank, error + blank, planned.level, planned.alternative)
    return estimate + blank, low, high, p_value


def _turning(deltas: Floats, lost: NDArray[np.bool_]) -> Floats:
    """Return the shift of least size at which the test no longer rejects; NaN if it always does."""
    size = np.where(lost & np.isfinite(deltas), np.abs(deltas), np.inf)
    best = size.argmin(axis=1)
    rows = np.arange(deltas.shape[0])
    return np.where(np.isfinite(size[rows, best]), deltas[rows, best], np.nan)
