"""What is decided at a look: to go on, to stop, which arms leave, and how many patients there shall be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from euexia.analyse.result import Result
from euexia.design.monitored_trials import MonitoringPlan, final_value, limits
from euexia.design.two_stage import rejection_probability
from euexia.protocol.design import Drop, FinalTest, Resize, ResizeRule
from euexia.statistics.proportions import critical_count

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


class Decision(IntEnum):
    """What a look, or the final analysis, says of a trial."""

    NOT_HELD = -1
    """The trial had ended before, or what the look waits for never came."""
    GOES_ON = 0
    EFFICACY = 1
    """At the end: the test rejects towards benefit."""
    FUTILITY = 2
    """At the end: the test does not reject."""
    HARM = 3
    NO_ARM_LEFT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Boundaries and decision of one analysis, shape (trials,) each."""

    lower: Floats
    upper: Floats
    decision: Integers


def at_look(plan: MonitoringPlan, statistic: Floats, information: Floats) -> Decided:
    """Decide at the latest of the looks so far.

    statistic: Z, shape (trials,).  information: of the looks so far, shape (trials, looks).  A trial whose
    statistic is not known goes on.
    """
    found = limits(plan, information, last=False)
    return _decided(plan, statistic, found.lower[:, -1], found.upper[:, -1], last=False)


def at_end(plan: MonitoringPlan, statistic: Floats, information: Floats) -> Decided:
    """Decide at the final analysis; arguments as for a look.  What is not known does not reject."""
    found = limits(plan, information, last=True)
    return _decided(plan, statistic, found.lower[:, -1], found.upper[:, -1], last=True)


def _decided(plan: MonitoringPlan, statistic: Floats, lower: Floats, upper: Floats, *, last: bool) -> Decided:
    decision = np.full(statistic.shape, int(Decision.FUTILITY if last else Decision.GOES_ON))
    with np.errstate(invalid="ignore"):
        if plan.mirrors:
            decision[statistic <= -upper] = Decision.HARM
        elif not last:
            decision[statistic < lower] = Decision.FUTILITY
        decision[statistic >= upper] = Decision.EFFICACY
    return Decided(lower=lower, upper=upper, decision=decision)


def at_first_stage(responders: Floats, limit: int) -> Decided:
    """Stop for futility at so many responders or fewer; the statistic is their number."""
    decision = np.where(responders <= limit, Decision.FUTILITY, Decision.GOES_ON).astype(np.int64)
    return Decided(
        lower=np.full(responders.shape, float(limit)),
        upper=np.full(responders.shape, np.inf),
        decision=decision,
    )


def at_second_stage(
    responders: Floats, analysed: tuple[Floats, Floats], *, limit: int | None, null: float, alpha: float
) -> Decided:
    """Reject above the smallest number of responders that keeps the level.

    analysed: patients of the first stage and of both.  limit: of the first stage, which the test counts on;
    None where it does not.
    """
    pairs = np.stack(analysed, axis=1).astype(np.int64)
    unique, places = np.unique(pairs, axis=0, return_inverse=True)
    critical = np.array([_critical(first, size, limit, null, alpha) for first, size in unique.tolist()])
    needed = critical[places.ravel()].astype(float)
    decision = np.where(responders >= needed, Decision.EFFICACY, Decision.FUTILITY).astype(np.int64)
    return Decided(lower=needed - 1.0, upper=needed, decision=decision)


def _critical(first: int, size: int, limit: int | None, null: float, alpha: float) -> int:
    """Return the smallest number of responders that rejects."""
    plain = int(critical_count(size, null, alpha))
    if limit is None or not 0 < first < size:
        return plain
    for total in range(limit + 1, plain):
        if rejection_probability(limit, first, total - 1, size, null) <= alpha:
            return total
    return plain


def arms_that_leave(drop: Drop, results: tuple[Result, ...], statistics: Floats, sides: int) -> Flags:
    """Return which of the arms of a drop leave, shape (trials, arms), in the order of its analyses.

    statistics: Z of each comparison, same shape.  An arm whose statistic is not known stays, unless only the
    best go on.
    """
    leave = np.zeros(statistics.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        if drop.p_value is not None:
            leave |= statistics < -ndtri(drop.p_value / sides)
        if drop.responders is not None:
            counts = np.stack([result.numbers["responders"] for result in results], axis=1)
            leave |= counts <= drop.responders
    if drop.keep is not None:
        ranked = np.where(np.isnan(statistics) | leave, -np.inf, statistics)
        order = np.argsort(-ranked, axis=1, kind="stable")
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.broadcast_to(np.arange(order.shape[1]), order.shape), axis=1)
        leave |= rank >= drop.keep
    return leave


def new_size(
    resize: Resize,
    plan: MonitoringPlan | None,
    *,
    size: int,
    statistic: Floats,
    information: Floats,
    spread: Floats,
    parts: int,
) -> Integers:
    """Return the size that each trial goes on to, from the planned one to the largest allowed.

    information: at the look.  spread: variance of all values, or rate of all responses, arms unseen.
    parts: of the allocation ratio; sizes are whole multiples of it.
    """
    match resize.by:
        case ResizeRule.PROMISING_ZONE:
            wanted = size * _promising(resize, plan, statistic, information)
        case ResizeRule.BLINDED_VARIANCE:
            wanted = size * spread / (resize.assumed or 1.0) ** 2
        case ResizeRule.BLINDED_RATE:
            rate = resize.assumed or 0.0
            wanted = size * spread * (1.0 - spread) / (rate * (1.0 - rate))
        case _:
            assert_never(resize.by)
    known = np.where(np.isnan(wanted), size, wanted)
    whole = parts * np.ceil(np.minimum(known, resize.maximum) / parts - 1e-9)
    grown = np.where(known > size, np.maximum(whole, size), size)
    return np.minimum(grown, resize.maximum).astype(np.int64)


def conditional_power(statistic: Floats, information: Floats, final: float) -> Floats:
    r"""Return the probability of success at the end if the trend goes on.

    .. math:: \Phi\!\left(\frac{z/\sqrt t - c}{\sqrt{1 - t}}\right)
    """
    t = np.clip(information, 1e-6, 1.0 - 1e-9)
    return np.asarray(ndtr((statistic / np.sqrt(t) - final) / np.sqrt(1.0 - t)))


def _promising(resize: Resize, plan: MonitoringPlan | None, statistic: Floats, information: Floats) -> Floats:
    r"""Return the size, as a share of the planned one, that gives the conditional power aimed at.

    .. math:: I_2 = \left(\frac{(c - \sqrt t z)/\sqrt{1-t} + z_{1-\beta}}{z/\sqrt t}\right)^2

    in the promising zone, else the planned one.  Source: Mehta and Pocock, Statistics in Medicine
    2011;30:3267-3284.
    """
    final = 0.0 if plan is None else final_value(plan)
    t = np.clip(information, 1e-6, 1.0 - 1e-9)
    power = conditional_power(statistic, t, final)
    with np.errstate(invalid="ignore", divide="ignore"):
        needed = (final - np.sqrt(t) * statistic) / np.sqrt(1.0 - t) + ndtri(resize.power)
        later = (needed / (statistic / np.sqrt(t))) ** 2
        promising = (power >= resize.promising_from) & (power < resize.power)
    return np.where(promising, np.maximum(t + later, 1.0), 1.0)


def combined(first: Floats, final: Floats, information: tuple[Floats, Floats], planned: Floats) -> Floats:
    r"""Return the statistic of two stages with the weights that were planned.

    .. math:: Z = \sqrt{t}\,Z_1 + \sqrt{1 - t}\,Z_2, \qquad
              Z_2 = \frac{\sqrt{I} Z_f - \sqrt{I_1} Z_1}{\sqrt{I - I_1}}

    first, final: Z at the look and of all patients at the end.  information: there.  planned: t, share of the
    first stage.  Source: Lehmacher and Wassmer, Biometrics 1999;55:1286-1290; Cui, Hung and Wang, Biometrics
    1999;55:853-857.
    """
    at_look, at_last = information
    gained = np.maximum(at_last - at_look, 1e-9)
    second = (np.sqrt(at_last) * final - np.sqrt(at_look) * first) / np.sqrt(gained)
    t = np.clip(planned, 0.0, 1.0)
    return np.asarray(np.sqrt(t) * first + np.sqrt(1.0 - t) * second)


def follows_effect(resize: Resize) -> bool:
    """Return whether the size follows the effect that was seen, and not the spread alone."""
    return resize.by is ResizeRule.PROMISING_ZONE


def uses_combination(resize: Resize) -> bool:
    """Return whether the final test weighs the two stages as planned."""
    return follows_effect(resize) and resize.test is FinalTest.INVERSE_NORMAL
