"""Published definitions of cachexia; each has a name of its own, none is called just "cachexia"."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from euexia.core.logic import UNKNOWN, Comparison, Truth, all_of, any_of, compare, negate
from euexia.criteria.definition import Definition

NCT01127386 = Definition(
    id="nct01127386",
    version="registry",
    source="Trial registration NCT01127386; Blum D et al. JCSM Rapid Commun 2022;5:68, doi:10.1002/rco2.54",
    source_verified=True,
)

LOSS_2_MONTHS, LOSS_6_MONTHS, CRP_AT_LEAST = 0.02, 0.05, 30.0


def inflammatory_cachexia_nct01127386(
    loss_2_months: ArrayLike,
    loss_6_months: ArrayLike,
    ongoing: ArrayLike,
    fluid_retention: ArrayLike,
    crp: ArrayLike,
    *,
    crp_comparison: Comparison = Comparison.AT_LEAST,
) -> Truth:
    """Return whether the weight and inflammation criterion of NCT01127386 is met.

    (loss >= 2 % in 2 months OR >= 5 % in 6 months) AND ongoing in the last 4 weeks AND no fluid retention AND
    CRP >= 30 mg/L.  The abstract prints CRP > 30: hence ``crp_comparison``.

    loss_2_months, loss_6_months: fraction lost.  ongoing, fluid_retention: 1, 0 or NaN.  crp: [mg/L].
    """
    lost = any_of(
        [
            compare(loss_2_months, Comparison.AT_LEAST, LOSS_2_MONTHS),
            compare(loss_6_months, Comparison.AT_LEAST, LOSS_6_MONTHS),
        ]
    )
    inflamed = compare(crp, crp_comparison, CRP_AT_LEAST)
    return all_of([lost, _truth(ongoing), negate(_truth(fluid_retention)), inflamed])


def _truth(flag: ArrayLike) -> Truth:
    """Return truth from 1, 0 and NaN."""
    values = np.asarray(flag, dtype=float)
    return np.where(np.isnan(values), UNKNOWN, values == 1).astype(np.int8)
