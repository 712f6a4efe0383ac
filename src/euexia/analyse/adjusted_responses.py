"""Differences in response rates: score and hybrid intervals, within strata, and adjusted for covariates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.inference import first_text, normal_inference, sided, texts
from euexia.analyse.plan import Planned
from euexia.analyse.responses import responses, share
from euexia.analyse.result import Result
from euexia.statistics import logistic, stratified_proportions
from euexia.statistics.diagnosis import Diagnosis, words
from euexia.statistics.proportion_intervals import newcombe as newcombe_interval
from euexia.statistics.stratified_proportions import Estimate

Floats = NDArray[np.float64]
Counts = tuple[Floats, Floats, Floats, Floats]


def miettinen_nurminen(planned: Planned) -> Result:
    """Test and bound the difference in response rates by the score of Miettinen and Nurminen."""
    counts, numbers = _counts(planned)
    found = _score(counts, planned.level)
    return _result(
        planned,
        estimate=found.estimate,
        limits=(found.low, found.high),
        p_value=sided(found.p_value, found.estimate, planned.alternative),
        numbers=numbers,
        notes=("Score test and interval of Miettinen and Nurminen.",),
        diagnosis=_texts(found),
    )


def newcombe(planned: Planned) -> Result:
    """Bound the difference in response rates by Newcombe's interval; the score test goes with it."""
    counts, numbers = _counts(planned)
    test = _score(counts, planned.level)
    return _result(
        planned,
        estimate=test.estimate,
        limits=newcombe_interval(*counts, planned.level),
        p_value=sided(test.p_value, test.estimate, planned.alternative),
        numbers=numbers,
        notes=("Newcombe's interval from two Wilson intervals; score test.",),
        diagnosis=_texts(test),
    )


def cochran_mantel_haenszel(planned: Planned) -> Result:
    """Test response within strata; the Mantel-Haenszel risk difference with Sato's variance goes with it."""
    response = np.where(planned.settled.included, planned.settled.value, np.nan)
    strata = int(planned.stratum.max(initial=0)) + 1
    counts = stratified_proportions.stratum_counts(
        response, planned.treated, planned.controls, planned.stratum, strata
    )
    test = stratified_proportions.cmh(*counts)
    found = stratified_proportions.mantel_haenszel_difference(*counts, planned.level)
    return _result(
        planned,
        estimate=found.estimate,
        limits=(found.low, found.high),
        p_value=sided(test.p_value, found.estimate, planned.alternative),
        numbers={**_counts(planned)[1], "standard_error": found.error, "chi_squared": test.statistic},
        notes=("Cochran-Mantel-Haenszel test without correction; Mantel-Haenszel risk difference (Sato).",),
        diagnosis=first_text(_texts(found), texts(words(test.diagnosis), Diagnosis.FINE.text)),
    )


def logistic_regression(planned: Planned) -> Result:
    """Estimate the marginal risk difference from a logistic model by g-computation."""
    response = np.where(planned.settled.included, planned.settled.value, np.nan)
    found = logistic.marginal_risks(
        response,
        planned.group,
        arms=2,
        covariates=planned.covariates,
        factors=planned.factors,
        firth=planned.analysis.chosen.firth,
    )
    difference = found.risks[:, 1] - found.risks[:, 0]
    v = found.covariance
    error = np.sqrt(np.maximum(v[:, 0, 0] + v[:, 1, 1] - 2.0 * v[:, 0, 1], 0.0))
    low, high, p_value = normal_inference(difference, error, planned.level, planned.alternative)
    return _result(
        planned,
        estimate=difference,
        limits=(low, high),
        p_value=p_value,
        numbers={
            **_counts(planned)[1],
            "risk": found.risks[:, 1],
            "risk_control": found.risks[:, 0],
            "standard_error": error,
        },
        notes=(
            f"Logistic regression{' with Firth penalty' if planned.analysis.chosen.firth else ''}; marginal "
            "risks if all were in one arm (g-computation), robust variance.",
        ),
        diagnosis=texts(words(found.diagnosis), Diagnosis.FINE.text),
    )


def _score(counts: Counts, level: float) -> Estimate:
    """Return the score inference on the difference, one stratum for all."""
    x1, n1, x0, n0 = (part[:, np.newaxis] for part in counts)
    return stratified_proportions.miettinen_nurminen_stratified(x1, n1, x0, n0, level)


def _counts(planned: Planned) -> tuple[Counts, dict[str, Floats]]:
    """Return responders and analysed of both arms, and the numbers every such result tells."""
    responders, analysed = responses(planned, planned.treated)
    control, control_analysed = responses(planned, planned.controls)
    return (responders, analysed, control, control_analysed), {
        "responders": responders,
        "analysed": analysed,
        "rate": share(responders, analysed),
        "responders_control": control,
        "analysed_control": control_analysed,
        "rate_control": share(control, control_analysed),
    }


def _result(
    planned: Planned,
    *,
    estimate: Floats,
    limits: tuple[Floats, Floats],
    p_value: Floats,
    numbers: dict[str, Floats],
    notes: tuple[str, ...],
    diagnosis: tuple[str, ...],
) -> Result:
    return planned.result(
        measure_of_effect="risk difference",
        unit="1",
        estimate=estimate,
        limits=limits,
        p_value=p_value,
        numbers=numbers,
        notes=notes,
        diagnosis=diagnosis,
    )


def _texts(found: Estimate) -> tuple[str, ...]:
    return texts(words(found.diagnosis), Diagnosis.FINE.text)
