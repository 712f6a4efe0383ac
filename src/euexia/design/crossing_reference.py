"""The recursion of a sequential test as textbooks write it: slow, plain, to check the fast one against."""

from __future__ import annotations

from collections.abc import Sequence
from math import erf, exp, pi, sqrt

_REACH = 8.5


def crossing_plainly(
    lower: Sequence[float],
    upper: Sequence[float],
    information: Sequence[float],
    drift: float,
    steps: int = 400,
) -> tuple[list[float], list[float]]:
    r"""Return the probabilities of crossing the upper and the lower boundary at each analysis.

    .. math:: f_1(s) = \varphi\!\left(\frac{s - \theta I_1}{\sqrt{I_1}}\right)\frac{1}{\sqrt{I_1}}, \quad
              f_k(s) = \int_{l_{k-1}\sqrt{I_{k-1}}}^{u_{k-1}\sqrt{I_{k-1}}} f_{k-1}(r)\,
              \varphi\!\left(\frac{s - r - \theta\Delta_k}{\sqrt{\Delta_k}}\right)\frac{dr}{\sqrt{\Delta_k}}

    by Simpson's rule with a fixed number of steps (even).  lower, upper: boundaries of Z.  Source: Armitage,
    McPherson and Rowe, Journal of the Royal Statistical Society A 1969;132:235-244.
    """
    points, weights, passed = [0.0], [1.0], 0.0
    above, below = [], []
    for low, high, now in zip(lower, upper, information, strict=True):
        step = sqrt(now - passed)
        shift = drift * (now - passed)
        a, b = low * sqrt(now), high * sqrt(now)
        above.append(
            sum(w * (1 - _normal((b - r - shift) / step)) for r, w in zip(points, weights, strict=True))
        )
        below.append(sum(w * _normal((a - r - shift) / step) for r, w in zip(points, weights, strict=True)))
        start = max(a, drift * now - _REACH * sqrt(now))
        end = min(b, drift * now + _REACH * sqrt(now))
        width = max(end - start, 0.0) / steps
        places = [start + width * index for index in range(steps + 1)]
        density = [
            sum(w * _density((s - r - shift) / step) / step for r, w in zip(points, weights, strict=True))
            for s in places
        ]
        points = places
        weights = [width / 3 * _simpson(index, steps) * value for index, value in enumerate(density)]
        passed = now
    return above, below


def _simpson(index: int, steps: int) -> float:
    if index in (0, steps):
        return 1.0
    return 4.0 if index % 2 else 2.0


def _normal(x: float) -> float:
    return 0.5 * (1 + erf(x / sqrt(2)))


def _density(x: float) -> float:
    return exp(-(x**2) / 2) / sqrt(2 * pi)
