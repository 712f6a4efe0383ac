r"""The small-sample covariance of the coefficients of Kenward and Roger.

.. math:: \Phi_A = \Phi + 2\Phi\Big[\sum_{ij} W_{ij}(Q_{ij} - P_i\Phi P_j - \tfrac14 R_{ij})\Big]\Phi

with W the asymptotic covariance of the covariance parameters, P_i = -X'V^{-1}
V_i V^{-1}X, Q_ij = X'V^{-1}V_iV^{-1}V_jV^{-1}X and R_ij = X'V^{-1}V_{ij}V^{-1}X.  Without R the result does
not depend on how the covariance is parametrised; with it, variances and correlations are the parameters.
Sources: Kenward and Roger, Biometrics 1997;53:983-997; without R: Kenward and Roger, Computational Statistics
and Data Analysis 2009;53:2583-2595.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.covariance import LINEAR, Structure, from_entries, natural_derivatives
from euexia.statistics.mmrm_likelihood import duplication, lifted, sweep
from euexia.statistics.mmrm_moments import Moments
from euexia.statistics.mmrm_newton import Path, entry_covariance

Floats = NDArray[np.float64]


def adjusted_covariance(
    moments: Moments,
    path: Path,
    information: Floats,
    structure: Structure,
    times: Sequence[float],
    *,
    linear: bool,
) -> Floats:
    """Return Phi_A, shape (trials, p, p).

    information: of the parameters, observed (as PROC MIXED takes it) or expected.  linear: leave out R.
    """
    spread, weights = path.value.spread, path.value.weights
    trials, _, visits, _ = weights.shape
    uncertainty = entry_covariance(path, information)
    middle = np.zeros_like(weights)
    entries = visits * (visits + 1) // 2
    spread_out = duplication(visits)
    for group in range(moments.groups):
        part = np.flatnonzero(moments.group_of == group)
        block = slice(group * entries, (group + 1) * entries)
        wide = spread_out @ uncertainty[:, block, block] @ spread_out.T
        wide = wide.reshape(trials, visits, visits, visits, visits)  # t s, u v
        wide = wide.transpose(0, 1, 4, 2, 3).reshape(trials, visits**2, visits**2)
        flat = weights[:, part].reshape(trials, part.size, visits**2)
        inner = (flat @ wide.swapaxes(1, 2)).reshape(trials, part.size, visits, visits)
        if not linear and structure not in LINEAR:
            inner = inner - 0.25 * _bend(path, information, structure, times, group)[:, None]
        middle[:, part] = weights[:, part] @ inner @ weights[:, part]
    sums = middle.reshape(trials, -1, visits**2).swapaxes(1, 2) @ moments.squares.reshape(
        trials, moments.squares.shape[1], -1
    )
    width = moments.squares.shape[-1]
    first = lifted(sums.reshape(trials, visits, visits, width, width), moments.lift)
    slopes = path.curvature.slopes
    size, count = slopes.shape[1], slopes.shape[-1]
    mixed = (uncertainty @ slopes.reshape(trials, size, count * count)).reshape(slopes.shape)
    information, _, _ = sweep(spread)
    products = mixed @ information[:, None] @ slopes
    second = products[:, 0].copy()
    for place in range(1, size):
        second += products[:, place]
    result = spread + 2.0 * (spread @ first @ spread - second)
    return np.asarray((result + result.swapaxes(-1, -2)) / 2.0)


def _bend(
    path: Path, information: Floats, structure: Structure, times: Sequence[float], group: int
) -> Floats:
    """Return the sum of W_ij V_ij over variances and correlations of one group, (trials, visits, visits)."""
    trials, _, _, size = path.first.shape
    _, curved, slope = natural_derivatives(structure, path.parameters[:, group], times)
    inverse, _, _ = sweep(information)
    block = slice(group * size, (group + 1) * size)
    uncertainty = 2.0 * inverse[:, block, block] * slope[:, :, None] * slope[:, None, :]
    sums = (curved * uncertainty[:, None]).reshape(trials, curved.shape[1], size * size).sum(axis=-1)
    return from_entries(sums, path.sigma.shape[-1])
