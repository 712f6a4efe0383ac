"""Cox's partial likelihood as the textbook writes it: risk set after risk set, for one data set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.partial_likelihood import Ties

Floats = NDArray[np.float64]

_STEPS = 50


def derivatives(
    beta: Floats, time: Sequence[float], event: Sequence[bool], x: Floats, strata: Sequence[int], ties: Ties
) -> tuple[float, Floats, Floats]:
    r"""Return the log-likelihood, its gradient and its information; see ``cox.fit``.

    .. math:: \ell = \sum_t \Bigl[\sum_{i \in D_t} x_i'\beta - \sum_{l=0}^{d-1} \log\Bigl(\sum_{j \in R_t}
              e^{x_j'\beta} - \tfrac{l}{d} \sum_{j \in D_t} e^{x_j'\beta}\Bigr)\Bigr]

    with l / d replaced by 0 for Breslow's.  x: shape (subjects, p).
    """
    times, events, stratum = np.asarray(time), np.asarray(event, dtype=bool), np.asarray(strata)
    value, gradient, information = 0.0, np.zeros(beta.size), np.zeros((beta.size, beta.size))
    weight = np.exp(x @ beta)
    for s in sorted(set(strata)):
        for now in sorted(set(times[events & (stratum == s)])):
            risk = (times >= now) & (stratum == s)
            dead = (times == now) & events & (stratum == s)
            count = int(dead.sum())
            value += float((x[dead] @ beta).sum())
            gradient += x[dead].sum(axis=0)
            for place in range(count):
                part = weight * (risk - (place / count if ties is Ties.EFRON else 0.0) * dead)
                total = part.sum()
                mean = (part @ x) / total
                value -= float(np.log(total))
                gradient -= mean
                information += (x.T * part) @ x / total - np.outer(mean, mean)
    return value, gradient, information


def maximum(
    time: Sequence[float], event: Sequence[bool], x: Floats, strata: Sequence[int], ties: Ties
) -> tuple[Floats, Floats]:
    """Return the coefficients and their covariance by plain Newton steps from zero."""
    beta = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        _, gradient, information = derivatives(beta, time, event, x, strata, ties)
        beta = beta + np.linalg.solve(information, gradient)
    information = derivatives(beta, time, event, x, strata, ties)[2]
    return beta, np.asarray(np.linalg.inv(information), dtype=float)
