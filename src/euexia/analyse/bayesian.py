"""What a trial lets one believe of a difference in means: posterior, credible interval, probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.adjusted_means import ancova
from euexia.analyse.longitudinal import mmrm
from euexia.analyse.plan import Planned
from euexia.analyse.result import Result
from euexia.protocol.analysis_methods import SERIES
from euexia.protocol.analysis_options import Options
from euexia.statistics.posterior_difference import NormalPrior, Posterior, posterior
from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]


def posterior_mean(planned: Planned) -> Result:
    """Tell the posterior of the difference in mean change: its median and its credible interval.

    The estimate is that of a mixed model for an endpoint with visits, else of analysis of covariance.  In the
    place of a p-value stands the posterior probability that there is no benefit; two-sided, twice the smaller
    of the probabilities of benefit and of harm.
    """
    over_visits = planned.endpoint.kind in SERIES
    fit = mmrm(planned) if over_visits else ancova(planned)
    prior = prior_of(planned.analysis.chosen)
    found = posterior(fit.estimate, fit.numbers["standard_error"], fit.numbers["degrees_of_freedom"], prior)
    made = {name: value for name, value in fit.numbers.items() if not name.startswith("randomised")}
    return planned.result(
        measure_of_effect=f"posterior median of the {fit.measure_of_effect}",
        unit=fit.unit,
        estimate=found.median,
        limits=found.interval(planned.level),
        p_value=_no_benefit(planned, found),
        numbers={**made, "posterior_scale": found.scale, **_probabilities(planned, found)},
        notes=_notes(prior, planned.unit, over_visits=over_visits),
        diagnosis=fit.diagnosis,
        choices=fit.choices,
        curves=fit.curves,
    )


def prior_of(options: Options) -> NormalPrior | None:
    """Return the prior that an analysis asks for, None for a flat one; its mean is 0 if left out."""
    if options.prior_sd is None:
        return None
    return NormalPrior(mean=options.prior_mean or 0.0, sd=options.prior_sd)


def _better(planned: Planned, found: Posterior, by: float) -> Floats:
    """Return the probability that the arm is better than its control by more than an amount."""
    if planned.endpoint.higher_is_better:
        return found.above(by)
    return 1.0 - found.above(-by)


def _probabilities(planned: Planned, found: Posterior) -> dict[str, Floats]:
    told = {"probability_of_benefit": _better(planned, found, 0.0)}
    wanted = planned.analysis.chosen.benefit
    return told if wanted is None else told | {"probability_above": _better(planned, found, wanted)}


def _no_benefit(planned: Planned, found: Posterior) -> Floats:
    none = 1.0 - _better(planned, found, 0.0)
    if planned.alternative is Alternative.TWO_SIDED:
        return 2.0 * np.minimum(none, 1.0 - none)
    return none


def _notes(prior: NormalPrior | None, unit: str, *, over_visits: bool) -> tuple[str, ...]:
    model = "a mixed model of all visits" if over_visits else "analysis of covariance"
    if prior is None:
        belief = "With a flat prior it is the t distribution around the estimate, and its interval is the "
        belief += "confidence interval of that model."
    else:
        belief = f"The prior is normal with mean {prior.mean:g} and standard deviation {prior.sd:g} {unit}; "
        belief += "the estimate is taken as normal with known error."
    return (
        f"Posterior of the difference by {model}. {belief}",
        "In the place of a p-value: the posterior probability of no benefit; two-sided, twice the smaller of "
        "the probabilities of benefit and of harm.",
    )
