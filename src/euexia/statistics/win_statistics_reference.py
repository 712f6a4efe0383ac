"""Win statistics as their definition says: every pair, component after component, in plain loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.win_pairs import Component, Kind

Floats = NDArray[np.float64]

Patient = Sequence[tuple[float, bool]]
"""Of each component the value, and whether a time ended in the event."""

_SLACK = 1e-9


def score(components: Sequence[Component], patient: Patient, other: Patient) -> tuple[int, int]:
    """Return 1, 0 or -1 for a win, a tie or a loss of patient against other, and which component decided."""
    for place, component in enumerate(components):
        (value, event), (against, seen) = patient[place], other[place]
        if isnan(value) or isnan(against):
            continue
        if component.kind is Kind.TIME_TO_EVENT:
            later = _outlived(value, event, against, seen, component.margin)
            earlier = _outlived(against, seen, value, event, component.margin)
        else:
            later, earlier = (
                _higher(a, b, component.margin) for a, b in ((value, against), (against, value))
            )
        if later or earlier:
            return (1 if later == component.higher_is_better else -1), place
    return 0, len(components)


def _outlived(time: float, event: bool, against: float, seen: bool, margin: float) -> bool:
    """Return whether the other is seen to have had the event before this patient had it."""
    if not seen:
        return False
    if margin > 0:
        return time >= against + margin * (1.0 - _SLACK)
    return time > against or (time == against and not event)


def _higher(value: float, against: float, margin: float) -> bool:
    return value >= against + margin * (1.0 - _SLACK) if margin > 0 else value > against


def scores(
    components: Sequence[Component], treated: Sequence[Patient], controls: Sequence[Patient]
) -> Floats:
    """Return the score of every pair, shape (treated, controls)."""
    return np.array([[score(components, mine, theirs)[0] for theirs in controls] for mine in treated], float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probabilities:
    """Shares of pairs won and lost, and their covariance."""

    share: Floats
    covariance: Floats


def probabilities(pairs: Floats) -> Probabilities:
    r"""Return the shares of wins and losses with the covariance of a two-sample U-statistic.

    .. math:: V = \mathrm{cov}(\bar w_{i \cdot}, \bar l_{i \cdot}) / n
              + \mathrm{cov}(\bar w_{\cdot j}, \bar l_{\cdot j}) / m

    pairs: scores, shape (n, m).
    """
    wins, losses = (pairs > 0).astype(float), (pairs < 0).astype(float)
    rows = np.cov(wins.mean(axis=1), losses.mean(axis=1)) / pairs.shape[0]
    columns = np.cov(wins.mean(axis=0), losses.mean(axis=0)) / pairs.shape[1]
    return Probabilities(share=np.array([wins.mean(), losses.mean()]), covariance=rows + columns)


def stratified(strata: Sequence[Floats]) -> Probabilities:
    """Return the same over strata, weighted by n m / (n + m); strata: the scores of each."""
    weights = np.array([pairs.size / sum(pairs.shape) for pairs in strata])
    weights = weights / weights.sum()
    parts = [probabilities(pairs) for pairs in strata]
    return Probabilities(
        share=np.asarray(sum(w * part.share for w, part in zip(weights, parts, strict=True)), dtype=float),
        covariance=np.asarray(
            sum(w**2 * part.covariance for w, part in zip(weights, parts, strict=True)), dtype=float
        ),
    )
