"""Staging scores of cachexia, and the grade of weight loss adjusted for body-mass index."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import TRUE, Comparison
from euexia.criteria.criterion import above, absent, below, by_sex, still_missing
from euexia.criteria.definition import Definition, Input, asked
from euexia.criteria.inputs import (
    ALBUMIN,
    BMI,
    ECOG,
    FLUID,
    HAEMOGLOBIN,
    MALE,
    SARC_F,
    WEIGHT_LOSS_6_MONTHS,
    WHITE_CELLS,
)
from euexia.criteria.outcome import Outcome, measured, scored
from euexia.criteria.points import Points, band, graded, points_for_count, total

NAN = float("nan")
ABOVE, AT_LEAST = Comparison.ABOVE, Comparison.AT_LEAST

# --- Cachexia Staging Score ---------------------------------------------------------------------------------

CSS_STAGES = ("non-cachexia", "pre-cachexia", "cachexia", "refractory cachexia")
CSS_CUTS = (3, 5, 9)
CSS_LOSS = ((ABOVE, 0.0, 1), (ABOVE, 0.05, 2), (ABOVE, 0.15, 3))
CSS_SARC_F = ((AT_LEAST, 1, 1), (AT_LEAST, 4, 2), (AT_LEAST, 7, 3))
CSS_ECOG = ((AT_LEAST, 1, 1), (AT_LEAST, 3, 2))
CSS_APPETITE = ((AT_LEAST, 4, 1), (AT_LEAST, 7, 2))
CSS_WHITE_CELLS, CSS_ALBUMIN, CSS_HAEMOGLOBIN = 10.0, 35.0, (120.0, 110.0)

CSS_INPUTS = (
    WEIGHT_LOSS_6_MONTHS,
    FLUID,
    SARC_F,
    replace(ECOG, high=4),
    Input(
        name="appetite_loss", kind="points", meaning="Loss of appetite, 0 none to 10 worst", low=0, high=10
    ),
    MALE,
    WHITE_CELLS,
    ALBUMIN,
    HAEMOGLOBIN,
)


@asked(*CSS_INPUTS)
def css2018(
    *,
    weight_loss_6_months: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    sarc_f: ArrayLike = NAN,
    ecog: ArrayLike = NAN,
    appetite_loss: ArrayLike = NAN,
    male: ArrayLike = NAN,
    white_cells: ArrayLike = NAN,
    albumin: ArrayLike = NAN,
    haemoglobin: ArrayLike = NAN,
) -> Outcome:
    """Return the Cachexia Staging Score, 0 to 12, and its stage.

    Loss in 6 months: none 0, <= 5 % 1, <= 15 % 2, more 3.  SARC-F 0, 1-3, 4-6, 7-10: 0 to 3.  ECOG 0, 1-2,
    3-4: 0 to 2.  Appetite loss 0-3, 4-6, 7-10: 0 to 2.  Abnormal biochemistry (white cells > 10 10^9/L,
    albumin < 35 g/L, haemoglobin < 120 / 110 g/L): none 0, one 1, more 2.  Stages: 0-2, 3-4, 5-8, 9-12.  The
    last is a band of the score, not the clinical refractory state of the consensus.
    """
    abnormal = [
        above(white_cells, CSS_WHITE_CELLS, white_cells=white_cells),
        below(albumin, CSS_ALBUMIN, albumin=albumin),
        below(haemoglobin, by_sex(male, *CSS_HAEMOGLOBIN), haemoglobin=haemoglobin, male=male),
    ]
    parts = {
        "weight_loss": graded(
            weight_loss_6_months, CSS_LOSS, first=0, weight_loss_6_months=weight_loss_6_months
        ),
        "sarc_f": graded(sarc_f, CSS_SARC_F, first=0, sarc_f=sarc_f),
        "performance": graded(ecog, CSS_ECOG, first=0, ecog=ecog),
        "appetite": graded(appetite_loss, CSS_APPETITE, first=0, appetite_loss=appetite_loss),
        "biochemistry": points_for_count(abnormal, (0, 1, 2)),
    }
    points = total(list(parts.values()))
    stage = band(points.value, AT_LEAST, CSS_CUTS)
    return scored(points, category=stage, categories=CSS_STAGES, parts=parts)


CSS2018 = Definition(
    id="css2018",
    version="2018",
    source="Zhou T et al. J Cachexia Sarcopenia Muscle 2018;9:306-314",
    source_verified=False,
    unverified=("points and cut-offs of every component", "bands of the total"),
    concept="cachexia",
    inputs=CSS_INPUTS,
    function=css2018,
)

# --- CASCO --------------------------------------------------------------------------------------------------

CASCO_2011 = ("mild", "moderate", "severe", "terminal")
CASCO_2011_CUTS = (25, 50, 75)
CASCO_2017 = ("none", "mild", "moderate", "severe")
CASCO_2017_CUTS = (15, 29, 47)

CASCO_INPUTS = (Input(name="casco", kind="points", meaning="CASCO total, 0 to 100", low=0, high=100),)


@asked(*CASCO_INPUTS)
def casco2011(*, casco: ArrayLike = NAN) -> Outcome:
    """Return the band of a CASCO total as first published: <= 25, <= 50, <= 75, <= 100.

    The gaps of the printed bands are closed downwards.  Item tables are not public: the total is an input.
    """
    return measured(casco, category=band(casco, ABOVE, CASCO_2011_CUTS), categories=CASCO_2011, casco=casco)


@asked(*CASCO_INPUTS)
def casco2017(*, casco: ArrayLike = NAN) -> Outcome:
    """Return the band of a CASCO total as validated: < 15 none, then from 15, 29 and 47."""
    return measured(
        casco, category=band(casco, AT_LEAST, CASCO_2017_CUTS), categories=CASCO_2017, casco=casco
    )


CASCO2011 = Definition(
    id="casco2011",
    version="2011",
    source="Argiles JM et al. J Cachexia Sarcopenia Muscle 2011;2:87-93",
    source_verified=True,
    concept="cachexia",
    inputs=CASCO_INPUTS,
    function=casco2011,
)
CASCO2017 = Definition(
    id="casco2017",
    version="2017",
    source="Argiles JM et al. Front Physiol 2017;8:92",
    source_verified=True,
    concept="cachexia",
    inputs=CASCO_INPUTS,
    function=casco2017,
)

# --- Weight-loss grade --------------------------------------------------------------------------------------

LOSS_CUTS = (0.025, 0.06, 0.11, 0.15)
BMI_CUTS = (20.0, 22.0, 25.0, 28.0)
LARGEST_GAIN = 0.024
GRADES = (
    (3, 1, 1, 0, 0),
    (3, 2, 2, 2, 1),
    (4, 3, 3, 3, 2),
    (4, 4, 3, 3, 3),
    (4, 4, 4, 4, 3),
)
"""Grade by loss (rows, small to large) and body-mass index (columns, below 20 to 28 and more)."""
MEDIAN_SURVIVAL_MONTHS = (20.9, 14.6, 10.8, 7.6, 4.3)
"""Published median survival by grade."""


class Edge(StrEnum):
    """To which row an edge of the loss belongs."""

    MARTIN = "martin"
    """The larger loss: [2.5, 6), [6, 11), [11, 15), from 15."""
    MEDICALALGORITHMS = "medicalalgorithms"
    """The smaller loss: up to 2.5, 6, 11, 15, above 15, as a secondary page prints."""


def _bounded(lowest: bool) -> NDArray[np.float64]:
    """Return the grid with a last row and column for an unknown loss or index."""
    grid = np.asarray(GRADES, dtype=float)
    bound = np.min if lowest else np.max
    grid = np.vstack([grid, bound(grid, axis=0)])
    return np.column_stack([grid, bound(grid, axis=1)])


LOWEST_GRADE, HIGHEST_GRADE = _bounded(True), _bounded(False)

WLGS_INPUTS = (WEIGHT_LOSS_6_MONTHS, BMI, FLUID)


@asked(*WLGS_INPUTS)
def wlgs2015(
    *,
    weight_loss_6_months: ArrayLike = NAN,
    bmi: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    edge: Edge = Edge.MARTIN,
) -> Outcome:
    """Return the weight-loss grade adjusted for body-mass index, 0 to 4.

    A body-mass index below 20 is grade 3 without any loss.  Gains above 2.4 % are not in the published grid:
    the first row is taken and ``outside_published_grid`` noted.
    """
    match edge:
        case Edge.MARTIN:
            comparison = AT_LEAST
        case Edge.MEDICALALGORITHMS:
            comparison = ABOVE
        case _:
            assert_never(edge)
    row = band(weight_loss_6_months, comparison, LOSS_CUTS)
    column = band(bmi, AT_LEAST, BMI_CUTS)
    low, high = LOWEST_GRADE[row, column], HIGHEST_GRADE[row, column]
    gaps = absent({"weight_loss_6_months": weight_loss_6_months, "bmi": bmi})
    points = Points(low, high, still_missing(np.asarray(low < high), [gaps]))
    gained = below(weight_loss_6_months, -LARGEST_GAIN).truth == TRUE
    return scored(points, notes={"outside_published_grid": gained})


WLGS2015 = Definition(
    id="wlgs2015",
    version="2015",
    source="Martin L et al. J Clin Oncol 2015;33:90-99",
    source_verified=True,
    unverified=("edges of the rows of loss",),
    concept="cachexia",
    inputs=WLGS_INPUTS,
    function=wlgs2015,
    options={"edge": "whether an exact edge of the loss belongs to the larger or the smaller loss"},
)

DEFINITIONS = (CSS2018, CASCO2011, CASCO2017, WLGS2015)
