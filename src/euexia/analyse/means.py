"""Difference in mean change between two arms, adjusted for baseline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from euexia.analyse.inference import texts
from euexia.analyse.plan import Planned
from euexia.analyse.result import Result
from euexia.statistics.diagnosis import Diagnosis, first_of, words
from euexia.statistics.two_arm_ancova import Adjusted, adjusted_difference, mean_and_sd, t_p_value


def _diagnosis(
    infinite: NDArray[np.bool_], treated: NDArray[np.bool_], controls: NDArray[np.bool_], fit: Adjusted
) -> tuple[str, ...]:
    """Return for each trial what stood in the way of the difference or of its interval."""
    empty = np.asarray(~treated.any(axis=1) | ~controls.any(axis=1))
    codes = first_of(
        (infinite, Diagnosis.INFINITE_VALUE),
        (empty, Diagnosis.EMPTY_ARM),
        (np.asarray(fit.freedom <= 0), Diagnosis.NO_FREEDOM),
        (np.asarray(fit.error == 0), Diagnosis.IDENTICAL_VALUES),
    )
    return texts(words(codes), Diagnosis.FINE.text)


def mean_difference(planned: Planned) -> Result:
    """Estimate the baseline-adjusted difference in mean change from the control (ANCOVA)."""
    known = planned.settled.included & ~np.isnan(planned.derived.baseline)
    change, baseline = planned.settled.value, planned.derived.baseline
    compared = known & (planned.treated | planned.controls)
    infinite = np.asarray((compared & (np.isinf(change) | np.isinf(baseline))).any(axis=1), dtype=bool)
    aside = infinite[:, np.newaxis]
    change, baseline = (np.where(aside, np.nan, part) for part in (change, baseline))
    treated, controls = planned.treated & known & ~aside, planned.controls & known & ~aside
    fit = adjusted_difference(change, baseline, treated, controls)
    usable = (fit.freedom > 0) & (fit.error > 0)
    freedom = np.where(usable, fit.freedom, 1.0)
    half = np.where(usable, stdtrit(freedom, (1.0 + planned.level) / 2.0) * fit.error, np.nan)
    mean, sd = mean_and_sd(change, treated)
    control_mean, control_sd = mean_and_sd(change, controls)
    return planned.result(
        measure_of_effect="difference in means",
        unit=planned.unit,
        estimate=fit.difference,
        limits=(fit.difference - half, fit.difference + half),
        p_value=np.where(usable, t_p_value(fit, freedom, planned.alternative), np.nan),
        numbers={
            "analysed": planned.count(planned.treated & known),
            "mean": mean,
            "sd": sd,
            "analysed_control": planned.count(planned.controls & known),
            "mean_control": control_mean,
            "sd_control": control_sd,
            "standard_error": fit.error,
            "degrees_of_freedom": fit.freedom,
            "baseline_slope": fit.slope,
        },
        notes=("Change on arm and baseline (ANCOVA), t interval; one common slope for both arms.",),
        diagnosis=_diagnosis(infinite, treated, controls, fit),
    )
