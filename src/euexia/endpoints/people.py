"""Who belongs to a population, and what was known of each subject at baseline."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.core.logic import TRUE
from euexia.criteria.measures import MEASURES
from euexia.endpoints import windows
from euexia.endpoints.histories import column
from euexia.protocol import condition as conditions
from euexia.protocol.analysis_plan import AnalysisSet, Endpoint, Estimand
from euexia.protocol.condition import MeasureHistory, once
from euexia.protocol.protocol import Protocol, Stratum
from euexia.protocol.statement import Condition, Quantity
from euexia.trialdata.trialdata import TrialData

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HAPPENED = ("death", "withdrawal", "treatment_stop", "rescue")
"""What may happen to a subject; each is a column ``<name>_day``."""
BASELINE, RANDOMISATION = "baseline", "randomisation"
OF_SUBJECTS = ("age", "sex")
"""Known of a subject without a reading."""


def rescue_day(data: TrialData) -> Floats:
    """Return the day of rescue or of crossover to another arm's treatment, the first; NaN: neither."""
    return np.fmin(column(data, "rescue_day"), column(data, "crossover_day"))


def rescued_by(data: TrialData, protocol: Protocol, day: float) -> Flags:
    """Return who was rescued by a day, or changed treatment before the visit of that day."""
    window = max((v.window for v in protocol.schedule.visits if v.day == day), default=0.0)
    with np.errstate(invalid="ignore"):
        changed = column(data, "crossover_day") < day - window
        return np.asarray((column(data, "rescue_day") <= day) | changed, dtype=bool)


def off_treatment(data: TrialData) -> Floats:
    """Return the day on which treatment was stopped, or rescue or crossover came; NaN: none of them."""
    return np.fmin(column(data, "treatment_stop_day"), rescue_day(data))


def populations(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> dict[str, Flags]:
    """Return who belongs to each estimand of an endpoint, where that is not everybody randomised."""
    restricted = {
        name: estimand
        for name, estimand in protocol.estimands.items()
        if estimand.about == endpoint.name
        and (estimand.population is not AnalysisSet.ALL_RANDOMISED or estimand.subgroup is not None)
    }
    return {name: _members(data, protocol, endpoint, estimand) for name, estimand in restricted.items()}


def _members(data: TrialData, protocol: Protocol, endpoint: Endpoint, estimand: Estimand) -> Flags:
    members = np.ones((data.trials, data.size), dtype=bool)
    if estimand.subgroup is not None:
        readings = {
            measure: _at_baseline(data, measure) for measure in conditions.measures_of(estimand.subgroup)
        }
        members &= conditions.evaluate(estimand.subgroup, readings) == TRUE
    with np.errstate(invalid="ignore"):
        if estimand.population is AnalysisSet.TREATED:
            members &= ~(column(data, "treatment_stop_day") <= windows.DAY_TOLERANCE)
        if estimand.population is AnalysisSet.PER_PROTOCOL:
            until = min(endpoint.day, protocol.schedule.treatment)
            members &= ~(off_treatment(data) < until)
    return members


def _at_baseline(data: TrialData, measure: str) -> MeasureHistory:
    return once(baseline_value(data, measure, asked_in="the subgroup of an estimand"))


def baseline_value(data: TrialData, name: str, *, asked_in: str) -> Floats:
    """Return what was known of each subject at baseline: age, sex, or the last reading up to day 0."""
    if name in data.readings:
        return windows.baseline(data.readings[name]).value
    if name in OF_SUBJECTS:
        return column(data, name)
    raise InputError(
        f"The trial data tell nothing of '{name}' at baseline, which {asked_in} asks for. They hold: "
        f"{', '.join(sorted((*OF_SUBJECTS, *data.readings)))}."
    )


def baseline_columns(data: TrialData, protocol: Protocol) -> dict[str, Floats]:
    """Return every covariate and stratum that an analysis asks for, by its name."""
    wanted = dict.fromkeys(
        name
        for analysis in protocol.analyses
        for name in (*analysis.chosen.covariates, *analysis.chosen.strata)
        if name != BASELINE
    )
    found = {}
    for name in wanted:
        if name == RANDOMISATION:
            found[name] = _randomisation_stratum(data, protocol)
        else:
            found[name] = baseline_value(data, name, asked_in="an analysis")
    return found


def _randomisation_stratum(data: TrialData, protocol: Protocol) -> Floats:
    """Return the number of each subject's stratum of the randomisation; NaN where a reading is missing."""
    number = np.zeros((data.trials, data.size))
    for values, size in _strata(data, protocol):
        number = number * size + values
    return number


def _strata(data: TrialData, protocol: Protocol) -> Iterator[tuple[Floats, int]]:
    for stratum in protocol.randomisation.strata:
        value = _before_randomisation(data, protocol, stratum)
        if stratum.cuts:
            level = np.searchsorted(np.array(stratum.cuts), value, side="right").astype(float)
            yield np.where(np.isnan(value), np.nan, level), len(stratum.cuts) + 1
        else:
            yield value, _codes(stratum.measure)


def _before_randomisation(data: TrialData, protocol: Protocol, stratum: Stratum) -> Floats:
    """Return what a stratum was cut by: the reading of the screening day, or its change up to then.

    Where the data hold no visit of that day the last reading up to day 0 stands for it.
    """
    readings = data.readings.get(stratum.measure)
    planned = np.array([]) if readings is None else readings.planned
    at = np.flatnonzero(planned == protocol.schedule.screening)
    if readings is None or not at.size:
        value = baseline_value(data, stratum.measure, asked_in="the randomisation")
        return value if stratum.of is Quantity.VALUE else np.full(value.shape, np.nan)
    leaf = Condition(measure=stratum.measure, of=stratum.of, over=stratum.over)
    return conditions.quantity(leaf, MeasureHistory(readings.day, readings.value, int(at[0])))


def _codes(measure: str) -> int:
    """Return how many values a coded measure has."""
    return max(2, int(MEASURES[measure].high) + 1) if measure in MEASURES else 2
