"""An assurance in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from euexia.study.assurance import Assurance, figure_of
from euexia.study.search_goal import label_of

CLEAR = 2.0
"""An index this many of its errors above zero is told from none."""
NAMED = 3
LEAST_VALUE = 0.0005
"""Gains in power below this are not told."""


def sentences(found: Assurance) -> Iterator[str]:
    """Say what power is to be expected, how sure that is, and what its doubt comes from."""
    if found.stopped:
        yield "It was interrupted; this is what the finished draws say. Continue with --resume."
    power, worth = found.power, 100 * found.plan.worth
    label = label_of(figure_of(found.plan))
    yield (
        f"Expected power (assurance): {100 * power.expected:.1f} % ± {100 * power.error:.1f}, over "
        f"{len(found.used):,} draws of {len(found.uncertainty.names)} uncertain numbers. {label} as stated: "
        f"{100 * found.stated[figure_of(found.plan)]:.1f} % in {found.stated_trials:,} trials."
    )
    yield (
        f"Of that error, {100 * power.error_of_draws:.1f} points come from the draws being "
        f"{power.draws:,} (the parameters' uncertainty) and {100 * power.error_of_trials:.1f} from "
        "the trials "
        f"at each draw being {found.plan.trials} (Monte Carlo)."
    )
    yield (
        f"The power itself varies over the draws with a standard deviation of "
        f"{100 * power.variance**0.5:.1f} points; it is at least {worth:g} % with a probability of "
        f"{100 * found.chance:.0f} % ± {100 * found.chance_error:.0f}."
    )
    yield _influences(found)
    yield _knowing(found)
    failed = [draw for draw in found.draws if draw.fault]
    if failed:
        yield (
            f"{len(failed)} of {len(found.draws):,} draws could not be simulated and are left out. "
            "The first: "
            f"{failed[0].fault}"
        )


def _influences(found: Assurance) -> str:
    clear = [one for one in found.influences if one.share.index > CLEAR * one.share.index_error]
    if found.power.variance == 0:
        return "The draws differ by no more than chance, so no number can be blamed."
    if not clear:
        return "No single number stands out from chance: more draws, or more trials at each, would tell more."
    told = ", ".join(
        f"'{one.parameter.name}' ({100 * min(one.share.index, 1):.0f} % ± {100 * one.share.index_error:.0f})"
        for one in clear[:NAMED]
    )
    return f"The uncertainty that costs most, as a share of the variance of the power: {told}."


def _knowing(found: Assurance) -> str:
    worth = f"{100 * found.plan.worth:g} %"
    clear = [one for one in found.influences if one.share.index > CLEAR * one.share.index_error]
    best = max(clear, key=lambda one: one.share.value, default=None)
    everything = f"knowing every number at once {100 * found.perfect:.1f} points"
    if best is None or best.share.value <= LEAST_VALUE:
        return (
            f"Were a trial run only where its power is at least {worth}, knowing any single number "
            "first would "
            f"change that decision too seldom to gain anything that shows; {everything}."
        )
    return (
        f"Were a trial run only where its power is at least {worth}, knowing '{best.parameter.name}' "
        "first would "
        f"be worth {100 * best.share.value:.1f} ± {100 * best.share.value_error:.1f} points of power; "
        f"{everything}."
    )
