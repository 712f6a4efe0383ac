"""Events: who had any, and how many for the time under observation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.plan import Planned
from euexia.analyse.responses import exact_p_values, share
from euexia.analyse.result import Result
from euexia.core.studytime import DAYS_PER_WEEK
from euexia.statistics.proportion_intervals import miettinen_nurminen
from euexia.statistics.proportions import clopper_pearson, fisher_p_values

Floats = NDArray[np.float64]

PER = 100.0
"""Rates are printed as events per so many patient-weeks."""


def event_rate(planned: Planned) -> Result:
    """Compare the share of patients with at least one event, and the events per 100 patient-weeks.

    The test and the interval are of the difference in shares: Fisher's exact test, Miettinen-Nurminen
    interval. Without a control: the share with its Clopper-Pearson interval, and no test.
    """
    numbers = _arm(planned, planned.treated, "")
    affected, analysed = numbers["affected"], numbers["analysed"]
    if planned.analysis.control is None:
        return planned.result(
            measure_of_effect="share of patients with an event",
            unit="1",
            estimate=numbers["share"],
            limits=clopper_pearson(affected, analysed, planned.level),
            p_value=np.full(analysed.shape, np.nan),
            numbers=numbers,
            notes=("Clopper-Pearson interval; nothing is tested.",),
        )
    numbers |= _arm(planned, planned.controls, "_control")
    counts = (affected, analysed, numbers["affected_control"], numbers["analysed_control"])
    ratio, low, high = rate_ratio(
        numbers["events"],
        numbers["weeks"],
        numbers["events_control"],
        numbers["weeks_control"],
        planned.level,
    )
    return planned.result(
        measure_of_effect="risk difference",
        unit="1",
        estimate=numbers["share"] - numbers["share_control"],
        limits=miettinen_nurminen(*counts, planned.level),
        p_value=exact_p_values(fisher_p_values, counts, planned.alternative),
        numbers={**numbers, "rate_ratio": ratio, "rate_ratio_low": low, "rate_ratio_high": high},
        notes=(
            "Share of patients with at least one event: Fisher's exact test, Miettinen-Nurminen interval. "
            "Rates are "
            "events per 100 patient-weeks under observation, their ratio with the exact conditional "
            "interval.",
        ),
    )


def rate_ratio(
    events: Floats, time: Floats, control_events: Floats, control_time: Floats, level: float
) -> tuple[Floats, Floats, Floats]:
    r"""Return the ratio of two event rates with its exact conditional interval.

    .. math:: x_1 \mid x_1 + x_0 \sim \mathrm{Binomial}\Big(x_1 + x_0, \frac{r t_1}{r t_1 + t_0}\Big)

    events, time: x1 and t1; control_events, control_time: x0 and t0, shape (trials,).  The ratio is infinite
    without an event in the control, NaN without any event.  Source: Przyborowski and Wilenski, Biometrika
    1940;31:313-323.
    """
    low, high = clopper_pearson(events, events + control_events, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = control_time / time
        ratio = events / control_events * scale
        return ratio, low / (1.0 - low) * scale, high / (1.0 - high) * scale


def _arm(planned: Planned, members: NDArray[np.bool_], suffix: str) -> dict[str, Floats]:
    analysed = members & planned.settled.included
    affected = planned.count(analysed & (planned.settled.value >= 1))
    events = np.where(analysed, planned.settled.value, 0.0).sum(axis=1)
    exposure = planned.derived.exposure if planned.settled.exposure is None else planned.settled.exposure
    weeks = np.where(analysed, exposure, 0.0).sum(axis=1) / DAYS_PER_WEEK
    size = planned.count(analysed)
    return {
        f"affected{suffix}": affected,
        f"analysed{suffix}": size,
        f"share{suffix}": share(affected, size),
        f"events{suffix}": events,
        f"weeks{suffix}": weeks,
        f"rate{suffix}": PER * share(events, weeks),
    }
