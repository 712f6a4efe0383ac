"""The Aalen-Johansen estimate as the textbook writes it: one data set, one time after the other."""

from __future__ import annotations

from collections.abc import Sequence


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
