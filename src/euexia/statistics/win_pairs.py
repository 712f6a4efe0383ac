"""Who of two arms wins against whom: exact counts of one trial, without looking at every pair where it can.

Each component of a hierarchy is written as ranks and cuts: a treated patient wins against the controls whose
rank lies below one cut, and loses against those whose (other) rank reaches a second.  Margins, censoring and
missing values only move ranks and cuts.  Leading components that put all patients into one order are merged
into the next one; if nothing remains, sorting suffices, else every pair is one bit of a word.
All counts are integers: every way gives the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

Bits = NDArray[np.uint64]

_ROWS = 255
"""Treated patients counted at once: their wins against a control still fit into a byte."""
_CONTROLS = 4096
"""Controls compared at once: bounds the memory."""
_WORD = 64
_WIDE = 32
"""Ranks spread over no more than this many times their number are counted in bins."""
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
        below, up_to = _below(code[size:], code[:size]), _below(code[size:], code[:size] + 1)
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
    counts = _by_sorting(cuts[0]) if len(cuts) == 1 else _by_pairs(cuts)
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
    place = _places(ranks, theirs, "left")
    reach = margin * (1.0 - _SLACK)
    below = _places(ranks, mine - reach, "right" if margin > 0 else "left")
    above = _places(ranks, mine + reach, "left" if margin > 0 else "right")
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
    win_cut = _places(failed, treated.value - reach, "right")
    loss_cut = 2 * _places(everyone, treated.value + reach, "left")
    # Positions are doubled, so that a censored control ranks just above an event at the same time.
    place = 2 * _places(everyone, controls.value, "left") + ~controls.event
    if margin == 0:
        before = _places(failed, treated.value, "left")
        win_cut = np.where(treated.event, before, win_cut)
        loss_cut += 2 * _places(everyone, treated.value, "right") > loss_cut
    return _Cuts(
        win_rank=np.where(known & controls.event, _places(failed, controls.value, "left"), failed.size + 1),
        win_cut=np.where(here, win_cut, 0),
        loss_rank=np.where(known, place, -1),
        loss_cut=np.where(here & treated.event, loss_cut, 2 * everyone.size + 2),
    )


def _places(ranks: Floats, values: Floats, side: Literal["left", "right"]) -> Integers:
    """Return np.searchsorted(ranks, values, side), several times faster when asked in ascending order."""
    order = np.argsort(values)
    places = np.empty(values.size, dtype=np.int64)
    places[order] = np.searchsorted(ranks, values[order], side=side)
    return places


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


def _by_sorting(cuts: _Cuts) -> PairCounts:
    """Count the pairs of one component from the ranks and cuts alone."""
    wins = _below(cuts.win_rank, cuts.win_cut)
    losses = cuts.loss_rank.size - _below(cuts.loss_rank, cuts.loss_cut)
    return PairCounts(
        wins=wins,
        losses=losses,
        control_wins=wins.size - _below(cuts.win_cut, cuts.win_rank + 1),
        control_losses=_below(cuts.loss_cut, cuts.loss_rank + 1),
        won_by=wins.sum(keepdims=True),
        lost_by=losses.sum(keepdims=True),
    )


def _below(ranks: Integers, cuts: Integers) -> Integers:
    """Return how many ranks lie below each cut."""
    lowest = min(ranks.min(), cuts.min())
    highest = max(ranks.max(), cuts.max())
    if highest - lowest > _WIDE * ranks.size:
        return np.asarray(np.searchsorted(np.sort(ranks), cuts, side="left"), dtype=np.int64)
    counts = np.cumsum(np.bincount(ranks - lowest + 1, minlength=highest - lowest + 2))
    return np.asarray(counts[cuts - lowest], dtype=np.int64)


def _by_pairs(cuts: list[_Cuts]) -> PairCounts:
    """Compare every pair, some controls at a time; each component decides what those before it left open."""
    treated, controls = cuts[0].win_cut.size, cuts[0].win_rank.size
    wins, losses = np.zeros((2, treated), dtype=np.int64)
    control_wins, control_losses = np.zeros((2, controls), dtype=np.int64)
    decided = np.zeros((2, len(cuts)), dtype=np.int64)
    for begin in range(0, controls, _CONTROLS):
        block = slice(begin, begin + _CONTROLS)
        won, lost = _beaten(cuts[0].win_rank[block], cuts[0].win_cut), _unbeaten(cuts[0], block)
        for number, cut in enumerate(cuts[1:], 1):
            decided[:, number - 1] += _bits(won), _bits(lost)
            better, worse = _beaten(cut.win_rank[block], cut.win_cut), _unbeaten(cut, block)
            better &= ~lost
            worse &= ~won
            won |= better
            lost |= worse
        wins += np.bitwise_count(won).sum(axis=1, dtype=np.int64)
        losses += np.bitwise_count(lost).sum(axis=1, dtype=np.int64)
        control_wins[block] = _column_sums(won, cuts[0].win_rank[block].size)
        control_losses[block] = _column_sums(lost, cuts[0].win_rank[block].size)
    decided[:, -1] = wins.sum(), losses.sum()
    won_by, lost_by = np.diff(decided, axis=1, prepend=0)
    return PairCounts(
        wins=wins,
        losses=losses,
        control_wins=control_wins,
        control_losses=control_losses,
        won_by=won_by,
        lost_by=lost_by,
    )


def _beaten(ranks: Integers, cuts: Integers) -> Bits:
    """Return, for each treated patient, the controls whose rank is below the cut: a bit per control.

    Row k of a table holds the k controls of lowest rank; a treated patient's row is looked up.
    """
    return np.asarray(_table(np.argsort(ranks))[_below(ranks, cuts)])


def _unbeaten(cuts: _Cuts, block: slice) -> Bits:
    """Return the controls whose rank reaches the cut of losing."""
    return _beaten(-cuts.loss_rank[block], 1 - cuts.loss_cut)


def _table(order: Integers) -> Bits:
    """Return rows of bits, shape (controls + 1, words): row k has the first k controls of the order."""
    rows = np.zeros((order.size + 1, -(-order.size // _WORD)), dtype=np.uint64)
    rows[np.arange(1, order.size + 1), order // _WORD] = np.uint64(1) << (order % _WORD).astype(np.uint64)
    return np.asarray(np.bitwise_or.accumulate(rows, axis=0, out=rows))


def _bits(words: Bits) -> int:
    return int(np.bitwise_count(words).sum(dtype=np.int64))


def _column_sums(words: Bits, columns: int) -> Integers:
    """Return how many rows hold each bit; as many rows at a time as fit into a byte of sums."""
    total = np.zeros(columns, dtype=np.int64)
    for begin in range(0, words.shape[0], _ROWS):
        part = words[begin : begin + _ROWS].astype("<u8", copy=False).view(np.uint8)
        total += np.unpackbits(part, axis=1, count=columns, bitorder="little").sum(axis=0, dtype=np.uint8)
    return total
