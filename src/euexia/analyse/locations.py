"""Differences in location without a normal distribution: Hodges-Lehmann, and medians by bootstrap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.inference import first_text, normal_inference, texts
from euexia.analyse.plan import Planned
from euexia.analyse.result import Result
from euexia.statistics import location_shift
from euexia.statistics.diagnosis import Diagnosis, words
from euexia.statistics.median_difference import median_difference as medians_by_bootstrap

Floats = NDArray[np.float64]

RESAMPLES = 2000
"""Bootstrap samples where the protocol names no number."""


def hodges_lehmann(planned: Planned) -> Result:
    """Estimate the median of all differences between patients of both arms, with Wilcoxon's test."""
    values = np.where(planned.settled.included, planned.settled.value, np.nan)
    shift = location_shift.hodges_lehmann(values, planned.treated, planned.controls, level=planned.level)
    test = location_shift.mann_whitney(
        values, planned.treated, planned.controls, alternative=planned.alternative
    )
    sound = np.where(np.isfinite(shift.estimate), 0.0, np.nan)
    return planned.result(
        measure_of_effect="median of differences",
        unit=planned.unit,
        estimate=shift.estimate,
        limits=(shift.low, shift.high),
        p_value=test.p_value + sound,
        numbers={
            **medians(planned, values),
            "probability_of_more": test.probability,
            "exact": test.exact.astype(float),
            "level_attained": shift.level,
        },
        notes=("Hodges-Lehmann estimate with the interval of the rank test; Wilcoxon-Mann-Whitney test.",),
        diagnosis=first_text(
            texts(words(shift.diagnosis), Diagnosis.FINE.text),
            texts(words(test.diagnosis), Diagnosis.FINE.text),
        ),
    )


def median_difference(planned: Planned) -> Result:
    """Estimate the difference in medians, with percentile limits of a bootstrap."""
    options = planned.analysis.chosen
    values = np.where(planned.settled.included, planned.settled.value, np.nan)
    resamples = RESAMPLES if options.resamples is None else options.resamples
    found = medians_by_bootstrap(
        values,
        planned.treated,
        planned.controls,
        seed=options.seed or 0,
        replicates=resamples,
        level=planned.level,
        trial_numbers=np.zeros(planned.trials, dtype=np.int64),
    )
    p_value = normal_inference(found.estimate, found.error, planned.level, planned.alternative)[2]
    return planned.result(
        measure_of_effect="difference in medians",
        unit=planned.unit,
        estimate=found.estimate,
        limits=(found.low, found.high),
        p_value=p_value,
        numbers={**medians(planned, values), "standard_error": found.error},
        notes=(
            f"Bootstrap within arms, {resamples} resamples, seed {options.seed or 0}: percentile limits; the "
            "p-value is normal with the bootstrap's standard error.",
        ),
        diagnosis=texts(words(found.diagnosis), Diagnosis.FINE.text),
    )


def medians(planned: Planned, values: Floats) -> dict[str, Floats]:
    """Return how many of each arm are analysed, and their median."""
    numbers = {}
    for suffix, members in planned.arms:
        here = np.where(members & np.isfinite(values), values, np.nan)
        numbers[f"analysed{suffix}"] = planned.count(members & ~np.isnan(values))
        numbers[f"median{suffix}"] = median_of(here)
    return numbers


def median_of(values: Floats) -> Floats:
    """Return the median of each row, missing values apart; NaN of an empty row."""
    ordered = np.sort(values, axis=1)  # NaN last
    size = (~np.isnan(values)).sum(axis=1)
    low, high = np.maximum((size - 1) // 2, 0), np.minimum(size // 2, values.shape[1] - 1)
    rows = np.arange(values.shape[0])
    return np.where(size > 0, (ordered[rows, low] + ordered[rows, high]) / 2.0, np.nan)
