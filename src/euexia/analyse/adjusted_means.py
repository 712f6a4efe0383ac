"""Differences in a single change: analysis of covariance, of values and of ranks, with LS means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.inference import texts
from euexia.analyse.plan import Planned
from euexia.analyse.result import Result
from euexia.protocol.analysis_options import MarginChoice, VarianceChoice
from euexia.statistics.ancova import Ancova, compare, estimate
from euexia.statistics.diagnosis import Diagnosis, words
from euexia.statistics.linear_design import Margins
from euexia.statistics.ranks import midranks

Floats = NDArray[np.float64]

MARGINS = {MarginChoice.EQUAL: Margins.EQUAL, MarginChoice.OBSERVED: Margins.OBSERVED}
DIFFERENCE = (-1.0, 1.0)
"""The arm less the control; means come in the order control, arm."""


def ancova(planned: Planned) -> Result:
    """Compare least-squares means of the change, adjusted for covariates and strata."""
    robust = planned.analysis.chosen.variance is VarianceChoice.SANDWICH
    fit = _fitted(planned, planned.settled.value, planned.covariates, robust=robust)
    variance = "HC3 sandwich variance" if robust else "model variance"
    return _result(
        planned,
        fit,
        measure_of_effect="difference in least-squares means",
        unit=planned.unit,
        notes=(f"Analysis of covariance, one common slope per covariate; {variance}, t interval.",),
    )


def ranked_ancova(planned: Planned) -> Result:
    """Compare mean ranks of the change, adjusted for ranks of the covariates.

    Values and covariates are ranked over both arms; a death that counts as failure shares the lowest rank.
    """
    known = (planned.group >= 0) & planned.settled.included
    infinite = known & np.isinf(planned.settled.value)
    ranks = np.where(
        known, midranks(planned.settled.value, known & ~np.isnan(planned.settled.value))[0], np.nan
    )
    ranks = np.where(infinite, planned.settled.value, ranks)
    covariates = tuple(
        np.where(known, midranks(covariate, known)[0], np.nan) for covariate in planned.covariates
    )
    return _result(
        planned,
        _fitted(planned, ranks, covariates, robust=False),
        measure_of_effect="difference in mean ranks",
        unit="rank",
        notes=(
            "Analysis of covariance of ranks over both arms; covariates are ranked too. The difference is in "
            "ranks and not in the unit of the endpoint.",
        ),
    )


def _fitted(planned: Planned, values: Floats, covariates: tuple[Floats, ...], *, robust: bool) -> Ancova:
    margins = planned.analysis.chosen.margins
    return estimate(
        values,
        planned.group,
        arms=2,
        covariates=covariates,
        factors=planned.factors,
        margins=Margins.OBSERVED if margins is None else MARGINS[margins],
        robust=robust,
    )


def _result(
    planned: Planned, fit: Ancova, *, measure_of_effect: str, unit: str, notes: tuple[str, ...]
) -> Result:
    found = compare(fit, [DIFFERENCE], level=planned.level, alternative=planned.alternative)
    told = np.isfinite(found.error[:, 0])
    blank = np.where(told, 0.0, np.nan)
    means = {}
    for place, suffix in ((1, ""), (0, "_control")):
        means[f"mean{suffix}"] = fit.means[:, place]
        means[f"mean_error{suffix}"] = np.sqrt(np.maximum(fit.covariance[:, place, place], 0.0))
    return planned.result(
        measure_of_effect=measure_of_effect,
        unit=unit,
        estimate=found.estimate[:, 0] + blank,
        limits=(found.low[:, 0] + blank, found.high[:, 0] + blank),
        p_value=found.p_value[:, 0] + blank,
        numbers={
            "analysed": fit.analysed[:, 1],
            "analysed_control": fit.analysed[:, 0],
            **means,
            "standard_error": found.error[:, 0],
            "degrees_of_freedom": fit.freedom,
        },
        notes=notes,
        diagnosis=texts(words(fit.diagnosis), Diagnosis.FINE.text),
    )
