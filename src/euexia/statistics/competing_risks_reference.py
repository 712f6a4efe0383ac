"""Competing risks as the textbook writes them: one data set, one time after the other."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp


def incidence(time: Sequence[float], cause: Sequence[int], of: int) -> tuple[tuple[float, float, float], ...]:
    r"""Return every distinct time with the incidence of one cause and its variance.

    .. math:: F(t) = \sum S(t_{i-1}) d_{ki} / n_i

    and for the variance the three sums of ``competing_risks.estimate``, over all times up to t anew.
    """
    survival, curve = 1.0, 0.0
    past: list[tuple[float, float, int, int, int]] = []
    rows = []
    for now in sorted(set(time)):
        n = sum(t >= now for t in time)
        d = sum(t == now and c > 0 for t, c in zip(time, cause, strict=True))
        own = sum(t == now and c == of for t, c in zip(time, cause, strict=True))
        curve += survival * own / n
        past.append((curve, survival, n, d, own))
        rows.append((now, curve, _variance(curve, past)))
        survival *= 1.0 - d / n
    return tuple(rows)


def _variance(curve: float, past: list[tuple[float, float, int, int, int]]) -> float:
    total = 0.0
    for then, survival, n, d, own in past:
        if d < n:
            total += (curve - then) ** 2 * d / (n * (n - d))
        total += survival**2 * own * (n - own) / n**3
        total -= 2.0 * (curve - then) * survival * own / n**2
    return total


def censoring(time: Sequence[float], cause: Sequence[int], before: float) -> float:
    """Return the probability not to be censored before a time; events at a time come before censoring."""
    kept = 1.0
    for now in sorted({t for t, c in zip(time, cause, strict=True) if c == 0 and t < before}):
        gone = sum(t == now and c == 0 for t, c in zip(time, cause, strict=True))
        at_risk = sum(t > now or (t == now and c == 0) for t, c in zip(time, cause, strict=True))
        kept *= 1.0 - gone / at_risk
    return kept


def subdistribution_score(
    beta: Sequence[float], time: Sequence[float], cause: Sequence[int], x: Sequence[Sequence[float]], of: int
) -> list[float]:
    r"""Return the gradient of Fine and Gray's partial likelihood with Breslow's ties.

    .. math:: \sum_{i: \text{cause}} \Bigl[x_i - \frac{\sum_j w_j(t_i) e^{x_j'\beta} x_j}
              {\sum_j w_j(t_i) e^{x_j'\beta}}\Bigr]

    with w_j(t) = 1 before anything happened to j, G(t-) / G(T_j-) after a competing event, 0 otherwise.
    """
    score = [0.0] * len(beta)
    for i, now in enumerate(time):
        if cause[i] != of:
            continue
        weights = []
        for t, c, row in zip(time, cause, x, strict=True):
            stays = c not in (0, of) and t < now
            kept = censoring(time, cause, now) / censoring(time, cause, t) if stays else float(t >= now)
            weights.append(kept * exp(sum(b * value for b, value in zip(beta, row, strict=True))))
        for k in range(len(beta)):
            mean = sum(w * row[k] for w, row in zip(weights, x, strict=True)) / sum(weights)
            score[k] += x[i][k] - mean
    return score
