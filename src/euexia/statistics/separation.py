"""Find out whether a design separates responses from non-responses, by linear programming."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.diagnosis import Diagnosis

Floats = NDArray[np.float64]

TOLERANCE = 1e-7


def separation(design: Floats, response: Floats) -> Diagnosis:
    r"""Return SEPARATED, PARTLY_SEPARATED or FINE (the responses overlap) for one trial.

    With :math:`s_i = 2 y_i - 1`, responses are completely separated if some b has :math:`s_i x_i^\top b > 0`
    for all, and quasi-completely if :math:`s_i x_i^\top b \ge 0` for all and some are above 0.

    design: X, shape (subjects, columns).  response: y, 1 or 0, shape (subjects,).
    Source: Albert and Anderson, Biometrika 1984;71:1-10; the linear programs are textbook.
    """
    # scipy.optimize takes long to load and is needed only for a suspect.
    from scipy.optimize import linprog

    signs = np.where(response > 0, 1.0, -1.0)
    largest = np.abs(design).max(axis=0)
    oriented = signs[:, np.newaxis] * design / np.where(largest > 0, largest, 1.0)
    subjects, width = oriented.shape
    bounds = [(-1.0, 1.0)] * width
    found = linprog(
        np.append(np.zeros(width), -1.0),
        A_ub=np.column_stack([-oriented, np.ones(subjects)]),
        b_ub=np.zeros(subjects),
        bounds=[*bounds, (0.0, 1.0)],
    )
    if found.status == 0 and float(found.fun or 0.0) < -TOLERANCE:
        return Diagnosis.SEPARATED
    found = linprog(-oriented.sum(axis=0), A_ub=-oriented, b_ub=np.zeros(subjects), bounds=bounds)
    if found.status == 0 and float(found.fun or 0.0) < -TOLERANCE * subjects:
        return Diagnosis.PARTLY_SEPARATED
    return Diagnosis.FINE
