"""Palliative Prognostic Score (PaP).

Which of its groups a trial means by "expected survival over 3 months" is for the trial to say: no group is
mapped to a time here.  Copies of the score with other points for white cells exist and are not this one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import UNKNOWN, Comparison, Truth, compare, from_flag
from euexia.criteria.bands import look_up
from euexia.criteria.performance import is_karnofsky
from euexia.criteria.points import band

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

DYSPNOEA_POINTS, ANOREXIA_POINTS = 1.0, 1.5
KARNOFSKY_EDGES, KARNOFSKY_POINTS = (10.0, 30.0), (np.nan, 2.5, 0.0)
WEEKS_EDGES = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0)
WEEKS_POINTS = (np.nan, 8.5, 6.0, 4.5, 2.5, 2.5, 2.0, 0.0)
"""Bands of the clinician's prediction end where the printed whole weeks do: 1-2, 3-4 ... 11-12, over 12."""
WHITE_CELL_EDGES, WHITE_CELL_POINTS = (8.5, 11.0), (0.0, 0.5, 1.5)
LYMPHOCYTE_EDGES, LYMPHOCYTE_POINTS = (0.12, 0.20), (2.5, 1.0, 0.0)
LYMPHOCYTES_PRINTED_TO = 0.40
GROUP_EDGES = (5.5, 11.0)
GROUPS = ("A", "B", "C")


@dataclass(frozen=True, slots=True, kw_only=True)
class PalliativePrognosis:
    """Total 0 to 17.5 (NaN unknown), and its group: an index into GROUPS or -1."""

    total: Floats
    group: Codes
    outside_printed_table: Truth
    """TRUE for a share of lymphocytes above 40 %, which the table does not print and which gets 0 points."""


def palliative_prognosis(
    *,
    dyspnoea: ArrayLike,
    anorexia: ArrayLike,
    karnofsky: ArrayLike,
    predicted_weeks: ArrayLike,
    white_cells: ArrayLike,
    lymphocyte_share: ArrayLike,
) -> PalliativePrognosis:
    """Return the Palliative Prognostic Score; any missing input leaves it unknown.

    dyspnoea, anorexia: 1, 0 or NaN.  karnofsky: 10 ... 100.  predicted_weeks: the clinician's prediction of
    survival [week].  white_cells: [10^9/L]; exactly 8.5 counts as normal (to be checked).  lymphocyte_share:
    of the white cells [1].
    """
    status = np.asarray(karnofsky, dtype=float)
    status = np.where(is_karnofsky(status), status, np.nan)
    total = (
        _flag_points(dyspnoea, DYSPNOEA_POINTS)
        + _flag_points(anorexia, ANOREXIA_POINTS)
        + look_up(band(status, Comparison.AT_LEAST, KARNOFSKY_EDGES), KARNOFSKY_POINTS)
        + look_up(band(predicted_weeks, Comparison.ABOVE, WEEKS_EDGES), WEEKS_POINTS)
        + look_up(band(white_cells, Comparison.ABOVE, WHITE_CELL_EDGES), WHITE_CELL_POINTS)
        + look_up(band(lymphocyte_share, Comparison.AT_LEAST, LYMPHOCYTE_EDGES), LYMPHOCYTE_POINTS)
    )
    beyond = compare(lymphocyte_share, Comparison.ABOVE, LYMPHOCYTES_PRINTED_TO)
    return PalliativePrognosis(
        total=total,
        group=band(total, Comparison.ABOVE, GROUP_EDGES),
        outside_printed_table=np.broadcast_to(beyond, np.shape(total)),
    )


def _flag_points(flag: ArrayLike, points: float) -> Floats:
    """Return the points where the flag is 1, 0 where it is 0, NaN where it is unknown."""
    truth = from_flag(flag)
    return np.where(truth == UNKNOWN, np.nan, truth * points)
