"""Death and function together: win statistics, one rank of both, bounds in those who would survive."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.analyse.inference import sided, texts
from euexia.analyse.locations import medians
from euexia.analyse.plan import Planned
from euexia.analyse.result import Result
from euexia.analyse.settled import OUTSIDE
from euexia.core.errors import InputError
from euexia.endpoints.table import Step
from euexia.statistics import composite_rank, survivor_effect, win_statistics
from euexia.statistics.survival_diagnosis import Diagnosis
from euexia.statistics.win_statistics import Component, Kind, Outcome, WinEstimate, WinStatistics

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DRAWS = 500
"""Bootstrap samples of the bounds where the protocol names no number."""


def win_ratio(planned: Planned) -> Result:
    """Compare both arms pair by pair: pairs won over pairs lost."""
    found = _compared(planned)
    return _result(planned, found, found.win_ratio, "win ratio", centre=1.0)


def win_odds(planned: Planned) -> Result:
    """Compare both arms pair by pair: odds to win, a tie counting half."""
    found = _compared(planned)
    return _result(planned, found, found.win_odds, "win odds", centre=1.0)


def net_benefit(planned: Planned) -> Result:
    """Compare both arms pair by pair: share won less share lost."""
    found = _compared(planned)
    return _result(planned, found, found.net_benefit, "net benefit", centre=0.0)


def _compared(planned: Planned) -> WinStatistics:
    steps = _steps(planned)
    components = tuple(
        Component(
            name=step.label,
            kind=Kind.MEASURED if step.event is None else Kind.TIME_TO_EVENT,
            higher_is_better=step.higher_is_better,
            margin=step.tie_within,
        )
        for step in steps
    )
    outcome = tuple(Outcome(value=step.value, event=step.event) for step in steps)
    present = tuple(planned.group == arm for arm in (1, 0))
    stratum = np.maximum(planned.stratum, 0)
    return win_statistics.compare(
        components,
        outcome,
        outcome,
        (stratum, stratum) if planned.analysis.chosen.strata else None,
        present=(present[0], present[1]),
        level=planned.level,
    )


def _steps(planned: Planned) -> tuple[Step, ...]:
    if not planned.settled.steps:
        raise InputError(f"Endpoint '{planned.endpoint.name}' has no steps. Derive it from trial data.")
    return planned.settled.steps


def _result(
    planned: Planned, found: WinStatistics, chosen: WinEstimate, name: str, *, centre: float
) -> Result:
    numbers = {
        "analysed": planned.count(planned.group == 1),
        "analysed_control": planned.count(planned.group == 0),
        "wins": found.wins,
        "losses": found.losses,
        "ties": found.ties,
        "standard_error": chosen.error,
    }
    for place, component in enumerate(found.components):
        numbers[f"wins: {component}"] = found.wins_by_component[:, place]
        numbers[f"losses: {component}"] = found.losses_by_component[:, place]
    order = ", then ".join(found.components)
    strata = "within strata" if planned.analysis.chosen.strata else "of the two arms"
    return planned.result(
        measure_of_effect=name,
        unit="1" if centre == 0.0 else "ratio",
        estimate=chosen.estimate,
        limits=(chosen.low, chosen.high),
        p_value=sided(chosen.p_value, chosen.estimate - centre, planned.alternative),
        numbers=numbers,
        notes=(f"All pairs {strata}, compared by {order}; U-statistic variance, normal interval.",),
        diagnosis=_texts(found.diagnosis),
    )


def rank_composite(planned: Planned) -> Result:
    """Rank the dead below all survivors, in the order of their deaths, and survivors by their function."""
    survival, function = _survival_and_function(planned)
    died = np.where(planned.group >= 0, np.asarray(survival.event, dtype=float), np.nan)
    found = composite_rank.test(
        survival.value,
        died,
        function.value,
        np.maximum(planned.group, 0),
        higher_is_better=function.higher_is_better,
        level=planned.level,
    )
    unknown = {"unknown": found.unknown[:, 1], "unknown_control": found.unknown[:, 0]}
    return planned.result(
        measure_of_effect="chance of a better rank less that of a worse",
        unit="1",
        estimate=found.theta,
        limits=(found.low, found.high),
        p_value=sided(found.p_value, found.theta, planned.alternative),
        numbers={
            "analysed": planned.count(planned.group == 1),
            "analysed_control": planned.count(planned.group == 0),
            "deaths": found.deaths[:, 1],
            "deaths_control": found.deaths[:, 0],
            **unknown,
            "standard_error": found.error,
            "wilcoxon_z": found.z,
            "wilcoxon_p_value": found.wilcoxon_p_value,
        },
        notes=(
            "Deaths rank below all survivors, the earlier the lower; survivors without the function are left "
            "out of the ranks, their number is under 'unknown'.",
        ),
        diagnosis=_texts(found.diagnosis),
    )


def _survival_and_function(planned: Planned) -> tuple[Step, Step]:
    steps = _steps(planned)
    if len(steps) != 2 or steps[0].event is None or steps[1].event is not None:
        raise InputError(
            f"'{planned.analysis.name}' ranks survival and one function, but endpoint "
            f"'{planned.endpoint.name}' has the steps {', '.join(step.label for step in steps)}. Give it "
            "survival and then one function."
        )
    return steps[0], steps[1]


def survivor_bounds(planned: Planned) -> Result:
    """Bound the mean difference in those who would survive under both treatments.

    The estimate is the middle of the bounds, the limits cover the effect itself; nothing is assumed about
    who survives, and no test is made.
    """
    options = planned.analysis.chosen
    outside = planned.settled.decided.get(OUTSIDE, np.zeros(planned.treated.shape, dtype=bool))
    inside = (planned.treated | planned.controls) & ~outside
    alive = np.where(inside, (~planned.derived.dead).astype(float), np.nan)
    outcome = np.where(planned.derived.dead, np.nan, planned.settled.value)
    found = survivor_effect.bounds(
        outcome,
        alive,
        planned.treated.astype(float),
        draws=DRAWS if options.resamples is None else options.resamples,
        seed=options.seed or 0,
        level=planned.level,
    )
    return planned.result(
        measure_of_effect="middle of the bounds of the survivor average causal effect",
        unit=planned.unit,
        estimate=(found.low + found.high) / 2.0,
        limits=(found.interval_low, found.interval_high),
        p_value=np.full(planned.trials, np.nan),
        numbers={
            **medians(planned, planned.settled.value),
            "lower_bound": found.low,
            "upper_bound": found.high,
            "always_survivors": found.always_survivors,
            "survival": found.survival[:, 1],
            "survival_control": found.survival[:, 0],
            "difference_of_survivors": found.naive,
        },
        notes=(
            "A declared bounds analysis: those who would survive under both treatments cannot be named, so "
            "the effect in them is bounded and not estimated. The interval covers the effect (Imbens and "
            "Manski, bootstrap). The plain difference of survivors is no causal effect.",
        ),
        diagnosis=_texts(found.diagnosis),
    )


def _texts(found: tuple[Diagnosis, ...]) -> tuple[str, ...]:
    return texts((diagnosis.text for diagnosis in found), Diagnosis.SOUND.text)
