"""Difference in mean change between two arms, adjusted for baseline."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from euexia.analyse.plan import Planned
from euexia.analyse.result import Result
from euexia.statistics.two_arm_ancova import adjusted_difference, mean_and_sd, t_p_value


def mean_difference(planned: Planned) -> Result:
    """Estimate the baseline-adjusted difference in mean change from the control (ANCOVA)."""
    known = planned.settled.included & ~np.isnan(planned.derived.baseline)
    treated, controls = planned.treated & known, planned.controls & known
    change, baseline = planned.settled.value, planned.derived.baseline
    fit = adjusted_difference(change, baseline, treated, controls)
    usable = fit.freedom > 0
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
            "analysed": planned.count(treated),
            "mean": mean,
            "sd": sd,
            "analysed_control": planned.count(controls),
            "mean_control": control_mean,
            "sd_control": control_sd,
            "standard_error": fit.error,
            "degrees_of_freedom": fit.freedom,
            "baseline_slope": fit.slope,
        },
        notes=("Change on arm and baseline (ANCOVA), t interval; one common slope for both arms.",),
    )
