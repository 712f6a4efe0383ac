"""What a design search found, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from euexia.study.operating import Estimate
from euexia.study.search import Search
from euexia.study.search_confirmation import Confirmation
from euexia.study.search_goal import kind_of, label_of
from euexia.study.trial_figures import ARM, POWER, Kind

FLAT = 0.03
"""A figure that changes by less along an axis, on average, hardly changes along it."""


def value_in_words(figure: str, value: Estimate) -> str:
    """Return a figure with its Monte-Carlo error."""
    kind = kind_of(figure)
    if kind is Kind.SHARE and value.value in (0, 1) and value.trials:
        return (
            f"{100 * value.value:.0f} % ({'none' if value.value == 0 else 'all'} of {value.trials:,} trials)"
        )
    if kind is Kind.SHARE:
        error = f" ± {100 * value.error:.1f}" if np.isfinite(value.error) else ""
        return f"{100 * value.value:.1f} %{error}"
    decimals = 0 if kind is Kind.MONEY or (value.error == 0 and value.value == round(value.value)) else 1
    error = f" ± {value.error:,.{decimals}f}" if np.isfinite(value.error) and value.error > 0 else ""
    unit = "" if kind is Kind.MONEY else f" {kind.value}"
    return f"{value.value:,.{decimals}f}{error}{unit}"


def power_figure(found: Search) -> str:
    """Return which power is told: that of the goals or the objective, else of any arm."""
    asked = [goal.figure for goal in found.question.goals] + [found.question.objective.figure]
    return next((figure for figure in asked if figure.startswith((POWER, ARM))), POWER)


def question_in_words(found: Search) -> str:
    """Return what was asked."""
    objective = found.question.objective
    aim = f"the {'largest' if objective.largest else 'smallest'}: {label_of(objective.figure).lower()}"
    goals = " and ".join(goal.text for goal in found.question.goals)
    return f"Among the designs with {goals}, {aim}" if goals else f"Of all designs, {aim}"


def sentences(found: Search, confirmations: Sequence[Confirmation]) -> Iterator[str]:
    """Say what is recommended, how sure that is, and what it was chosen from."""
    if found.stopped:
        yield "The search was interrupted; this is what the finished designs say. Continue with --resume."
    if not found.ranking:
        yield from _unreachable(found)
    else:
        yield from _recommendation(found, confirmations)
    yield _effort(found)


def _recommendation(found: Search, confirmations: Sequence[Confirmation]) -> Iterator[str]:
    if all(entry.values[POWER].value == 0 for entry in found.simulated):
        yield (
            "Not one trial of any design succeeds, so the designs cannot be told apart by their power. Vary "
            "what the treatment does or how it is judged."
        )
    last = confirmations[-1] if confirmations else None
    point = last.point if last is not None else found.ranking[0]
    words = ", ".join(f"{path} = {value}" for path, value in found.space.words(point).items())
    values = last.values if last is not None else found.values(point)
    shown = dict.fromkeys(
        [
            found.question.objective.figure,
            *(goal.figure for goal in found.question.goals),
            power_figure(found),
        ]
    )
    told = "; ".join(f"{label_of(figure)} {value_in_words(figure, values[figure])}" for figure in shown)
    if last is None:
        yield f"Best of the simulated designs: {words}. {told}."
        yield (
            "This is the best of many on the seed that chose it, so it looks better than it is; it was not "
            "simulated again (--confirm-trials)."
        )
        return
    again = f"simulated again with the fresh seed {last.seed}, {last.trials:,} trials"
    if found.question.goals and not last.confirmed:
        yield f"No recommended design met the goals when {again}. The last one tried: {words}. {told}."
        yield "Ask for more --trials in the search, or leave the goal some room."
        return
    yield f"Recommended: {words}."
    yield f"{told}: {again}."
    power = power_figure(found)
    change = last.shrinkage.get(power)
    if change is not None:
        yield (
            f"In the search its power was {100 * found.values(point)[power].value:.1f} % in "
            f"{found.trials:,} trials: {_points(change)}. The best of many tends to look better than it is; "
            "quote the figure of the fresh seed."
        )
    failed = [entry for entry in confirmations[:-1] if not entry.confirmed]
    if failed:
        count = "One design" if len(failed) == 1 else f"{len(failed)} designs"
        yield f"{count} ranked before it did not meet the goals on a fresh seed."


def _points(change: float) -> str:
    if abs(change) < 0.0005:
        return "the same"
    return f"{100 * abs(change):.1f} points {'more' if change < 0 else 'less'} than on the fresh seed"


def _unreachable(found: Search) -> Iterator[str]:
    goals = " and ".join(goal.text for goal in found.question.goals)
    values = found.values(found.nearest)
    words = ", ".join(f"{path} = {value}" for path, value in found.space.words(found.nearest).items())
    told = "; ".join(
        f"{label_of(goal.figure)} {value_in_words(goal.figure, values[goal.figure])}"
        for goal in found.question.goals
    )
    yield f"No simulated design reaches {goals}. The nearest: {words}, with {told}."
    if values[found.question.goals[0].figure].value == 0:
        yield (
            "So the goal is out of reach of what was varied. Vary what the treatment does or how it is "
            "judged: doses, who may enter, the endpoint and its limits."
        )
    yield from _why(found)


def _why(found: Search) -> Iterator[str]:
    """Say where the nearest design stands at the end of what was varied, and what hardly matters."""
    figure = found.question.goals[0].figure
    levels = found.space.levels(found.nearest)
    for place, axis in enumerate(found.space.axes):
        effects = effect_of_axis(found, place, figure)
        known = effects[np.isfinite(effects)]
        if known.size < 2:
            continue
        span = float(np.ptp(known))
        relative = span if kind_of(figure) is Kind.SHARE else span / max(float(np.abs(known).max()), 1e-9)
        if relative < FLAT:
            yield f"'{axis.path}' hardly changes it over the values given."
        elif axis.numbers is not None and levels[place] in (0, len(axis.values) - 1):
            way = "smaller" if levels[place] == 0 else "larger"
            end = axis.words(levels[place])
            yield f"'{axis.path}' stands at the end of its range ({end}): try {way} values."


def effect_of_axis(found: Search, place: int, figure: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the mean of a figure over the simulated designs with each value of an axis; NaN without any."""
    rows = [(found.space.levels(entry.point)[place], entry.values[figure].value) for entry in found.simulated]
    count = len(found.space.axes[place].values)
    means = [[value for level, value in rows if level == wanted] for wanted in range(count)]
    return np.array([float(np.mean(values)) if values else np.nan for values in means])


def _effort(found: Search) -> str:
    designs = len(found.simulated)
    out = sum(len(entry.points) for entry in found.left_out)
    shared = " (sizes share their patients)" if found.space.size_axis is not None else ""
    how = "all that are valid" if found.is_grid else f"of {found.space.points:,}; a surrogate chose them"
    more = f" {out} were left out, being no valid protocols." if out else ""
    return (
        f"{designs:,} designs were simulated, {how}{shared}, {found.trials:,} trials each on seed "
        f"{found.seed}, the same candidates and chance for all.{more}"
    )
