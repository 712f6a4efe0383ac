"""Performance status and prognosis as definitions of the catalogue."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from euexia.core.logic import TRUE
from euexia.criteria import performance, prognosis
from euexia.criteria.criterion import Floats
from euexia.criteria.definition import Definition, Input
from euexia.criteria.inputs import WHITE_CELLS, yes_no
from euexia.criteria.outcome import Outcome, classified, measured
from euexia.criteria.question import asking

KARNOFSKY = Input(name="karnofsky", kind="points", meaning="Karnofsky status", low=0, high=100, whole=10)
_MAP_SOURCES = {
    performance.PerformanceMap.MA_2010: "Ma C et al. Eur J Cancer 2010;46:3175-3183",
    performance.PerformanceMap.PRASAD_2018: "Prasad 2018, PMC6230919",
    performance.PerformanceMap.BUCCHERI_1996: "Buccheri G et al. 1996",
}
ECOG_SETS = ("0", "1", "2", "3", "4", "5", "0 or 1", "3 or 4")
_SETS = {(0, 1): 6, (3, 4): 7}


def _ecog(found: performance.EcogRange) -> Outcome:
    low, high = np.asarray(found.low), np.asarray(found.high)
    category = low.copy()
    for ends, index in _SETS.items():
        category = np.where((low == ends[0]) & (high == ends[1]), np.int8(index), category)
    return classified(category.astype(np.int8), ECOG_SETS, missing={})


def _prognosis(found: prognosis.PalliativePrognosis) -> Outcome:
    notes = {"outside_printed_table": np.asarray(found.outside_printed_table == TRUE)}
    return measured(found.total, notes=notes, category=found.group, categories=prognosis.GROUPS)


DAYS_OF_A_WEEK = 7


def _palliative_prognosis(*, predicted_survival: Floats, **readings: Floats) -> prognosis.PalliativePrognosis:
    """Return the Palliative Prognostic Score, 0-17.5, and its group A, B or C."""
    return prognosis.palliative_prognosis(predicted_weeks=predicted_survival / DAYS_OF_A_WEEK, **readings)


_PAP = Definition(
    id="pap_score",
    version="1999",
    source="Pirovano M et al. J Pain Symptom Manage 1999;17:231-239",
    source_verified=True,
    unverified=("white cells of exactly 8.5", "no points for lymphocytes above 40 % (not printed)"),
    concept="prognosis",
    inputs=(
        yes_no("dyspnoea", "Breathlessness", required=True),
        yes_no("anorexia", "Loss of appetite", required=True),
        replace(KARNOFSKY, low=10),
        Input(
            name="predicted_survival",
            kind="duration",
            meaning="The clinician's prediction of survival, in days (the score counts weeks)",
            low=1,
            high=3653,
        ),
        WHITE_CELLS,
        Input(name="lymphocyte_share", kind="fraction", meaning="Lymphocytes of white cells", low=0, high=1),
    ),
)
DEFINITIONS = (
    *(
        asking(
            Definition(
                id=f"karnofsky_to_ecog_{mapping.value}",
                version=mapping.value[-4:],
                source=_MAP_SOURCES[mapping],
                source_verified=True,
                unverified=("ECOG 5 for a Karnofsky of 0",),
                concept="performance",
                inputs=(
                    KARNOFSKY
                    if mapping is not performance.PerformanceMap.BUCCHERI_1996
                    else replace(KARNOFSKY, low=10),
                ),
            ),
            partial(performance.ecog_from_karnofsky, mapping=mapping),
            _ecog,
        )
        for mapping in performance.PerformanceMap
    ),
    asking(_PAP, _palliative_prognosis, _prognosis),
)
