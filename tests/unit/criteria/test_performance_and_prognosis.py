"""Karnofsky to ECOG by three maps, and the Palliative Prognostic Score.

Expected values are the printed tables; sums are worked by hand.
"""

from __future__ import annotations

import numpy as np
import pytest

from euexia.core.logic import FALSE, TRUE, UNKNOWN
from euexia.criteria import performance, prognosis
from euexia.criteria.performance import PerformanceMap

NAN = float("nan")
MA, PRASAD, BUCCHERI = PerformanceMap.MA_2010, PerformanceMap.PRASAD_2018, PerformanceMap.BUCCHERI_1996


@pytest.mark.parametrize(
    ("karnofsky", "ma", "prasad", "buccheri"),
    [
        (100, (0, 0), (0, 0), (0, 1)),
        (90, (1, 1), (1, 1), (0, 1)),
        (80, (1, 1), (1, 1), (0, 1)),
        (70, (2, 2), (2, 2), (2, 2)),
        (60, (2, 2), (3, 3), (2, 2)),
        (50, (3, 3), (3, 3), (3, 4)),
        (40, (3, 3), (4, 4), (3, 4)),
        (30, (4, 4), (4, 4), (3, 4)),
        (10, (4, 4), (4, 4), (3, 4)),
        (0, (5, 5), (5, 5), (-1, -1)),
        (85, (-1, -1), (-1, -1), (-1, -1)),
        (110, (-1, -1), (-1, -1), (-1, -1)),
        (NAN, (-1, -1), (-1, -1), (-1, -1)),
    ],
)
def test_maps_conflict(karnofsky: float, ma, prasad, buccheri) -> None:
    """Trap: 60 and 40 have two answers, so the map must be named; an unmapped value is unknown."""
    for mapping, expected in ((MA, ma), (PRASAD, prasad), (BUCCHERI, buccheri)):
        status = performance.ecog_from_karnofsky(karnofsky, mapping)
        assert (status.low, status.high) == expected


HEALTHY = {
    "dyspnoea": 0,
    "anorexia": 0,
    "karnofsky": 50,
    "predicted_weeks": 13,
    "white_cells": 7.0,
    "lymphocyte_share": 0.25,
}


def score(**changes: float) -> prognosis.PalliativePrognosis:
    return prognosis.palliative_prognosis(**{**HEALTHY, **changes})


@pytest.mark.parametrize(
    ("changes", "total", "group"),
    [
        ({"anorexia": 1, "predicted_weeks": 9, "white_cells": 9.0, "lymphocyte_share": 0.15}, 5.5, "A"),
        (
            {
                "dyspnoea": 1,
                "anorexia": 1,
                "karnofsky": 20,
                "predicted_weeks": 3,
                "white_cells": 12,
                "lymphocyte_share": 0.10,
            },
            15.0,
            "C",
        ),
        ({"dyspnoea": 1, "predicted_weeks": 6, "lymphocyte_share": 0.15}, 6.5, "B"),
        ({}, 0.0, "A"),
        ({"white_cells": 8.5}, 0.0, "A"),
        ({"white_cells": 8.6}, 0.5, "A"),
        ({"white_cells": 11.0}, 0.5, "A"),
        ({"white_cells": 11.1}, 1.5, "A"),
        ({"lymphocyte_share": 0.12}, 1.0, "A"),
        ({"lymphocyte_share": 0.199}, 1.0, "A"),
        ({"lymphocyte_share": 0.2}, 0.0, "A"),
        ({"predicted_weeks": 12}, 2.0, "A"),
        ({"predicted_weeks": 10}, 2.5, "A"),
        ({"predicted_weeks": 8}, 2.5, "A"),
        ({"predicted_weeks": 4}, 6.0, "B"),
        ({"predicted_weeks": 1}, 8.5, "B"),
        ({"predicted_weeks": 1, "lymphocyte_share": 0.1}, 11.0, "B"),
        ({"predicted_weeks": 1, "lymphocyte_share": 0.1, "white_cells": 9}, 11.5, "C"),
        ({"karnofsky": 30}, 0.0, "A"),
        ({"karnofsky": 20}, 2.5, "A"),
    ],
)
def test_palliative_prognosis(changes: dict[str, float], total: float, group: str) -> None:
    result = score(**changes)
    assert result.total == total
    assert prognosis.GROUPS[int(result.group)] == group


def test_every_band_of_predicted_survival() -> None:
    """Whole weeks 1 to 13 as printed; a part of a week belongs to the band that ends above it."""
    points = [8.5, 8.5, 6, 6, 4.5, 4.5, 2.5, 2.5, 2.5, 2.5, 2, 2, 0]
    assert [float(score(predicted_weeks=week).total) for week in range(1, 14)] == points
    between = [float(score(predicted_weeks=edge + 0.01).total) for edge in (0, 2, 4, 6, 8, 10, 12)]
    assert between == [8.5, 6, 4.5, 2.5, 2.5, 2, 0]


@pytest.mark.parametrize("name", HEALTHY)
def test_any_missing_input_leaves_it_unknown(name: str) -> None:
    result = score(**{name: NAN})
    assert np.isnan(result.total)
    assert result.group == -1


@pytest.mark.parametrize("changes", [{"karnofsky": 0}, {"karnofsky": 25}, {"predicted_weeks": 0}])
def test_what_the_table_does_not_have_is_unknown(changes: dict[str, float]) -> None:
    assert np.isnan(score(**changes).total)


@pytest.mark.parametrize(("share", "flag"), [(0.40, FALSE), (0.41, TRUE), (NAN, UNKNOWN)])
def test_lymphocytes_above_the_printed_table_are_flagged(share: float, flag: int) -> None:
    assert score(lymphocyte_share=share).outside_printed_table == flag
