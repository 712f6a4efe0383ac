"""Prognostic scores and ratios of inflammation and nutrition from blood."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from euexia.core.logic import Comparison
from euexia.criteria.criterion import above, below
from euexia.criteria.definition import Definition, Input, asked
from euexia.criteria.inputs import ALBUMIN, CRP, LYMPHOCYTES, MUSCLE_INDEX, NEUTROPHILS
from euexia.criteria.outcome import Outcome, measured, scored
from euexia.criteria.points import band, points_if

NAN = float("nan")

RAISED_CRP, LOW_ALBUMIN = 10.0, 35.0
"""mg/L above, and g/L below, which a value scores."""

GLASGOW_INPUTS = (CRP, ALBUMIN)


@asked(*GLASGOW_INPUTS)
def gps(*, crp: ArrayLike = NAN, albumin: ArrayLike = NAN) -> Outcome:
    """Return the Glasgow Prognostic Score: one point for CRP > 10 mg/L, one for albumin < 35 g/L."""
    raised = above(crp, RAISED_CRP, crp=crp)
    low = below(albumin, LOW_ALBUMIN, albumin=albumin)
    return scored(points_if(raised, 1) + points_if(low, 1), met={"raised_crp": raised, "low_albumin": low})


@asked(*GLASGOW_INPUTS)
def mgps(*, crp: ArrayLike = NAN, albumin: ArrayLike = NAN) -> Outcome:
    """Return the modified Glasgow Prognostic Score.

    CRP <= 10 mg/L: 0 whatever albumin is.  CRP > 10: 1, and 2 with albumin < 35 g/L.
    """
    raised = above(crp, RAISED_CRP, crp=crp)
    low = below(albumin, LOW_ALBUMIN, albumin=albumin)
    points = points_if(raised, 1) + points_if(raised & low, 1)
    return scored(points, met={"raised_crp": raised, "low_albumin": low})


GPS = Definition(
    id="gps",
    version="2003",
    source="Forrest LM et al. Br J Cancer 2003;89:1028",
    source_verified=True,
    concept="score",
    inputs=GLASGOW_INPUTS,
    function=gps,
)
MGPS = Definition(
    id="mgps",
    version="2007",
    source="McMillan DC et al. Int J Colorectal Dis 2007;22:881",
    source_verified=True,
    concept="score",
    inputs=GLASGOW_INPUTS,
    function=mgps,
)

# --- Ratios -------------------------------------------------------------------------------------------------

LYMPHOCYTE_WEIGHT = 5.0
GRAMS_PER_DECILITRE = 0.1
"""g/dL in one g/L."""
CXI_CUT = 35.0
CXI_STAGES = ("stage I", "stage II")

NLR_INPUTS = (NEUTROPHILS, LYMPHOCYTES)


@asked(*NLR_INPUTS)
def nlr(*, neutrophils: ArrayLike = NAN, lymphocytes: ArrayLike = NAN) -> Outcome:
    """Return neutrophils over lymphocytes; there is no universal cut-off.  No lymphocytes is INVALID."""
    cells = np.asarray(lymphocytes, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.asarray(neutrophils, dtype=float) / cells
    return measured(ratio, unusable={"lymphocytes": cells == 0}, neutrophils=neutrophils, lymphocytes=cells)


PNI_INPUTS = (ALBUMIN, LYMPHOCYTES)


@asked(*PNI_INPUTS)
def pni(*, albumin: ArrayLike = NAN, lymphocytes: ArrayLike = NAN) -> Outcome:
    """Return the Prognostic Nutritional Index, albumin [g/L] + 5 lymphocytes [10^9/L].

    The same as 10 albumin [g/dL] + 0.005 lymphocytes [1/mm3].  Cut-offs belong to single studies: none here.
    """
    index = np.asarray(albumin, dtype=float) + LYMPHOCYTE_WEIGHT * np.asarray(lymphocytes, dtype=float)
    return measured(index, albumin=albumin, lymphocytes=lymphocytes)


CAR_INPUTS = (CRP, ALBUMIN)


@asked(*CAR_INPUTS)
def car(*, crp: ArrayLike = NAN, albumin: ArrayLike = NAN) -> Outcome:
    """Return CRP [mg/L] over albumin [g/L]; mixing mg/L with g/dL would multiply it by 10."""
    return measured(np.asarray(crp, dtype=float) / np.asarray(albumin, dtype=float), crp=crp, albumin=albumin)


CXI_INPUTS = (
    MUSCLE_INDEX,
    ALBUMIN,
    Input(name="nlr", kind="points", meaning="Neutrophils over lymphocytes", low=0, high=500),
)


@asked(*CXI_INPUTS)
def cachexia_index(
    *, skeletal_muscle_index: ArrayLike = NAN, albumin: ArrayLike = NAN, nlr: ArrayLike = NAN
) -> Outcome:
    """Return the cachexia index, SMI [cm2/m2] x albumin [g/dL] / NLR, and its stage: from 35 I, below II.

    35 was the median of one study and is not universal.  Albumin is given in g/L as everywhere.  A ratio of
    zero is INVALID.
    """
    ratio = np.asarray(nlr, dtype=float)
    grams = np.asarray(albumin, dtype=float) * GRAMS_PER_DECILITRE
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.asarray(skeletal_muscle_index, dtype=float) * grams / ratio
    index = np.where(ratio == 0, np.nan, index)
    passed = band(index, Comparison.AT_LEAST, (CXI_CUT,))
    stage = np.where(passed < 0, -1, 1 - passed).astype(np.int8)
    return measured(
        index,
        category=stage,
        categories=CXI_STAGES,
        unusable={"nlr": ratio == 0},
        skeletal_muscle_index=skeletal_muscle_index,
        albumin=albumin,
        nlr=ratio,
    )


NLR = Definition(
    id="nlr",
    version="1",
    source="Ratio of two counts of one sample; cut-offs belong to single studies",
    source_verified=True,
    concept="score",
    inputs=NLR_INPUTS,
    function=nlr,
)
PNI = Definition(
    id="pni",
    version="1984",
    source="Onodera T et al. 1984 (index named after Onodera)",
    source_verified=True,
    concept="score",
    inputs=PNI_INPUTS,
    function=pni,
)
CAR = Definition(
    id="car",
    version="1",
    source="Ratio of two concentrations of one sample; cut-offs belong to single studies",
    source_verified=True,
    concept="score",
    inputs=CAR_INPUTS,
    function=car,
)
CACHEXIA_INDEX = Definition(
    id="cachexia_index",
    version="2015",
    source="Jafri SH et al. Clin Med Insights Oncol 2015;9:87",
    source_verified=True,
    concept="score",
    inputs=CXI_INPUTS,
    function=cachexia_index,
)

DEFINITIONS = (GPS, MGPS, NLR, PNI, CAR, CACHEXIA_INDEX)
