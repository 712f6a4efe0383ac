"""Who of two arms wins against whom: exact counts of one trial, without looking at every pair where it can.

Each component of a hierarchy is written as ranks and cuts: a treated patient wins against the controls whose
rank lies below one cut, and loses against those whose (other) rank reaches a second.  Margins, censoring and
missing values only move ranks and cuts.  Leading components that put all patients into one order are merged
into the next one; if nothing remains, sorting suffices, else pairs are compared in blocks of small integers.
All counts are integers: every way gives the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

_ROWS = 255
"""Treated patients compared at once: their wins against a control still fit into a byte."""
_SLACK = 1e-9
"""A margin is met within one part in 10^9: 1.3 is better than 1.0 by a margin of 0.3, rounding aside."""


class Kind(StrEnum):
    """What a component is made of."""

    TIME_TO_EVENT = "time_to_event"
    """A time that may be censored; the later event wins."""
    MEASURED = "measured"
    """A number: continuous, ordinal, or binary as 0 and 1; the higher wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One step of the hierarchy."""

    name: str
    kind: Kind = Kind.MEASURED
    higher_is_better: bool = True
    """False: the lower value, or the earlier event, wins."""
    margin: float = 0.0
    """A difference at least this large decides; with 0, any difference does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One component of one arm of one trial: values, NaN where missing, and events of a time."""

    value: Floats
    event: Booleans


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCounts:
    """Pairs won and lost by the treated: per treated patient, per control, and in all per component."""

    wins: Integers
    losses: Integers
    control_wins: Integers
    """Pairs with this control that the treated won."""
    control_losses: Integers
    won_by: Integers
    """Shape (components,)."""
    lost_by: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cuts:
    """Win where win_rank < win_cut, loss where loss_rank >= loss_cut; ranks of controls, cuts of treated."""

    win_rank: Integers
    win_cut: Integers
    loss_rank: Integers
    loss_cut: Integers


def count_pairs(components: tuple[Component, ...], treated: list[Arm], controls: list[Arm]) -> PairCounts:
    """Return the counts of one trial; treated, controls: one Arm per component, in order of importance."""
    size = treated[0].value.size
    code = np.zeros(size + controls[0].value.size, dtype=np.int64)
    won: list[int] = []
    lost: list[int] = []
    leading = 0
    while leading < len(components) - 1:
        level = _order(components[leading], treated[leading], controls[leading])
        if level is None:
            break
        code = _dense(code * (level.max(initial=0) + 1) + level)
        below = np.searchsorted(np.sort(code[size:]), code[:size], side="left")
        up_to = np.searchsorted(np.sort(code[size:]), code[:size], side="right")
        won.append(int(below.sum()))
        lost.append(int((code.size - size - up_to).sum()))
        leading += 1
    cuts = [
        _cuts(component, mine, theirs)
        for component, mine, theirs in zip(
            components[leading:], treated[leading:], controls[leading:], strict=True
        )
    ]
    cuts[0] = _within(cuts[0], code[:size], code[size:])
    counts = _by_sorting(cuts[0]) if len(cuts) == 1 else _by_pairs([_compressed(cut) for cut in cuts])
    # The merged component counts everything that was decided up to it.
    won_by, lost_by = [*won, int(counts.won_by[0])], [*lost, int(counts.lost_by[0])]
    return PairCounts(
        wins=counts.wins,
        losses=counts.losses,
        control_wins=counts.control_wins,
        control_losses=counts.control_losses,
        won_by=np.append(np.diff(won_by, prepend=0), counts.won_by[1:]).astype(np.int64),
        lost_by=np.append(np.diff(lost_by, prepend=0), counts.lost_by[1:]).astype(np.int64),
    )


def _order(component: Component, treated: Arm, controls: Arm) -> Integers | None:
    """Return everyone's level, treated first, if this component puts all patients into one order."""
    value = np.concatenate([treated.value, controls.value])
    if component.margin > 0 or np.isnan(value).any():
        return None
    if component.kind is Kind.TIME_TO_EVENT:
        event = np.concatenate([treated.event, controls.event])
        if value[event].max(initial=-np.inf) > value[~event].min(initial=np.inf):
            return None
        value = np.where(event, value, np.inf)
    return _dense(value if component.higher_is_better else -value)


def _dense(values: NDArray[np.float64] | Integers) -> Integers:
    return np.asarray(np.unique(values, return_inverse=True)[1].ravel(), dtype=np.int64)


def _cuts(component: Component, treated: Arm, controls: Arm) -> _Cuts:
    match component.kind:
        case Kind.MEASURED:
            sign = 1.0 if component.higher_is_better else -1.0
            return _measured_cuts(sign * treated.value, sign * controls.value, component.margin)
        case Kind.TIME_TO_EVENT:
            cuts = _time_cuts(treated, controls, component.margin)
            return cuts if component.higher_is_better else _reversed(cuts)
        case _:
            assert_never(component.kind)


def _measured_cuts(mine: Floats, theirs: Floats, margin: float) -> _Cuts:
    """Cut the controls' sorted values at the value less, and at the value plus, the margin."""
    known, here = ~np.isnan(theirs), ~np.isnan(mine)
    ranks = np.sort(theirs[known])
    place = np.searchsorted(ranks, theirs, side="left")
    reach = margin * (1.0 - _SLACK)
    below = np.searchsorted(ranks, mine - reach, side="right" if margin > 0 else "left")
    above = np.searchsorted(ranks, mine + reach, side="left" if margin > 0 else "right")
    return _Cuts(
        win_rank=np.where(known, place, ranks.size + 1),
        win_cut=np.where(here, below, 0),
        loss_rank=np.where(known, place, -1),
        loss_cut=np.where(here, above, ranks.size + 1),
    )


def _time_cuts(treated: Arm, controls: Arm, margin: float) -> _Cuts:
    """Win over controls seen to have the event earlier; lose to those seen without it for longer.

    Being censored at the time of another's event counts as being without it then.
    """
    known, here = ~np.isnan(controls.value), ~np.isnan(treated.value)
    failed = np.sort(controls.value[known & controls.event])
    everyone = np.sort(controls.value[known])
    reach = margin * (1.0 - _SLACK)
    before = np.searchsorted(failed, treated.value - reach, side="left")
    until = np.searchsorted(failed, treated.value - reach, side="right")
    win_cut = until if margin > 0 else np.where(treated.event, before, until)
    low = np.searchsorted(everyone, treated.value + reach, side="left")
    high = np.searchsorted(everyone, treated.value + reach, side="right")
    # Positions are doubled, so that a censored control ranks just above an event at the same time.
    loss_cut = 2 * low if margin > 0 else 2 * low + (high > low)
    place = 2 * np.searchsorted(everyone, controls.value, side="left") + ~controls.event
    return _Cuts(
        win_rank=np.where(
            known & controls.event, np.searchsorted(failed, controls.value, side="left"), failed.size + 1
        ),
        win_cut=np.where(here, win_cut, 0),
        loss_rank=np.where(known, place, -1),
        loss_cut=np.where(here & treated.event, loss_cut, 2 * everyone.size + 2),
    )


def _reversed(cuts: _Cuts) -> _Cuts:
    """Return the cuts with wins and losses exchanged."""
    return _Cuts(
        win_rank=-cuts.loss_rank,
        win_cut=1 - cuts.loss_cut,
        loss_rank=-cuts.win_rank,
        loss_cut=1 - cuts.win_cut,
    )


def _within(cuts: _Cuts, mine: Integers, theirs: Integers) -> _Cuts:
    """Return cuts that first compare levels, and decide by the given cuts only among equals."""
    win_rank, win_cut = _levelled(cuts.win_rank, cuts.win_cut, theirs, mine)
    loss_rank, loss_cut = _levelled(cuts.loss_rank, cuts.loss_cut, theirs, mine)
    return _Cuts(win_rank=win_rank, win_cut=win_cut, loss_rank=loss_rank, loss_cut=loss_cut)


def _levelled(rank: Integers, cut: Integers, theirs: Integers, mine: Integers) -> tuple[Integers, Integers]:
    lowest = min(rank.min(), cut.min())
    width = max(rank.max(), cut.max()) - lowest + 2
    return theirs * width + (rank - lowest), mine * width + (cut - lowest)


def _compressed(cuts: _Cuts) -> _Cuts:
    """Return the same in integers of at most the number of controls, as short as they can be."""
    size = cuts.win_rank.size
    kind = np.int16 if size < np.iinfo(np.int16).max else np.int32
    wins, losses = np.sort(cuts.win_rank), np.sort(cuts.loss_rank)
    return _Cuts(
        win_rank=np.searchsorted(wins, cuts.win_rank).astype(kind),
        win_cut=np.searchsorted(wins, cuts.win_cut).astype(kind),
        loss_rank=np.searchsorted(losses, cuts.loss_rank).astype(kind),
        loss_cut=np.searchsorted(losses, cuts.loss_cut).astype(kind),
    )


def _by_sorting(cuts: _Cuts) -> PairCounts:
    """Count the pairs of one component in n log n."""
    wins = np.searchsorted(np.sort(cuts.win_rank), cuts.win_cut, side="left")
    losses = cuts.loss_rank.size - np.searchsorted(np.sort(cuts.loss_rank), cuts.loss_cut, side="left")
    return PairCounts(
        wins=wins,
        losses=losses,
        control_wins=wins.size - np.searchsorted(np.sort(cuts.win_cut), cuts.win_rank, side="right"),
        control_losses=np.searchsorted(np.sort(cuts.loss_cut), cuts.loss_rank, side="right"),
        won_by=wins.sum(keepdims=True),
        lost_by=losses.sum(keepdims=True),
    )


def _by_pairs(cuts: list[_Cuts]) -> PairCounts:
    """Compare every pair, some rows at a time; each component decides what those before it left open."""
    treated, controls = cuts[0].win_cut.size, cuts[0].win_rank.size
    wins, losses = np.zeros((2, treated), dtype=np.int64)
    control_wins, control_losses = np.zeros((2, controls), dtype=np.int64)
    won_by, lost_by = np.zeros((2, len(cuts)), dtype=np.int64)
    for begin in range(0, treated, _ROWS):
        rows = slice(begin, begin + _ROWS)
        won = cuts[0].win_rank < cuts[0].win_cut[rows, np.newaxis]
        lost = cuts[0].loss_rank >= cuts[0].loss_cut[rows, np.newaxis]
        won_by[0] += np.count_nonzero(won)
        lost_by[0] += np.count_nonzero(lost)
        undecided = ~(won | lost)
        for number, cut in enumerate(cuts[1:], 1):
            better = (cut.win_rank < cut.win_cut[rows, np.newaxis]) & undecided
            worse = (cut.loss_rank >= cut.loss_cut[rows, np.newaxis]) & undecided
            won_by[number] += np.count_nonzero(better)
            lost_by[number] += np.count_nonzero(worse)
            won |= better
            lost |= worse
            if number < len(cuts) - 1:
                undecided ^= better | worse
        wins[rows], losses[rows] = _row_sums(won), _row_sums(lost)
        control_wins += won.view(np.uint8).sum(axis=0, dtype=np.uint8)
        control_losses += lost.view(np.uint8).sum(axis=0, dtype=np.uint8)
    return PairCounts(
        wins=wins,
        losses=losses,
        control_wins=control_wins,
        control_losses=control_losses,
        won_by=won_by,
        lost_by=lost_by,
    )


def _row_sums(truths: Booleans) -> Integers:
    return np.asarray(np.bitwise_count(np.packbits(truths, axis=1)).sum(axis=1), dtype=np.int64)
