"""Screening for sarcopenia: arithmetic of SARC-F and SARC-CalF, without the wording of their items."""

from __future__ import annotations

from numpy.typing import ArrayLike

from euexia.core.logic import Comparison
from euexia.criteria.criterion import any_measured, at_least, at_most, below, by_sex
from euexia.criteria.definition import Definition, Input, asked
from euexia.criteria.inputs import MALE, SARC_F
from euexia.criteria.outcome import Outcome, answer, scored
from euexia.criteria.points import Points, graded, item, points_if, total

NAN = float("nan")
AT_LEAST = Comparison.AT_LEAST

FALLS = ((AT_LEAST, 1, 1), (AT_LEAST, 4, 2))
POSITIVE, POSITIVE_WITH_CALF = 4, 11
SMALL_CALF, CALF_POINTS = (34.0, 33.0), 10

ITEMS = ("strength", "walking", "chair", "stairs")
INPUTS = (
    *(
        Input(
            name=f"sarc_f_{name}",
            kind="points",
            meaning=f"Item on {name}, 0 to 2 points",
            low=0,
            high=2,
            whole=1,
        )
        for name in ITEMS
    ),
    Input(name="falls_past_year", kind="points", meaning="Number of falls in the past year", low=0, high=365),
)


@asked(*INPUTS)
def sarc_f(
    *,
    sarc_f_strength: ArrayLike = NAN,
    sarc_f_walking: ArrayLike = NAN,
    sarc_f_chair: ArrayLike = NAN,
    sarc_f_stairs: ArrayLike = NAN,
    falls_past_year: ArrayLike = NAN,
) -> Outcome:
    """Return the SARC-F total, 0 to 10, and whether it is positive (>= 4).

    Four items of 0 to 2; falls: none 0, 1 to 3 1, 4 and more 2.
    """
    points: Points = total(
        [
            item(sarc_f_strength, 0, 2, sarc_f_strength=sarc_f_strength),
            item(sarc_f_walking, 0, 2, sarc_f_walking=sarc_f_walking),
            item(sarc_f_chair, 0, 2, sarc_f_chair=sarc_f_chair),
            item(sarc_f_stairs, 0, 2, sarc_f_stairs=sarc_f_stairs),
            graded(falls_past_year, FALLS, first=0, falls_past_year=falls_past_year),
        ]
    )
    return scored(points, truth=points.reaches(AT_LEAST, POSITIVE))


SARC_F_SCORE = Definition(
    id="sarc_f",
    version="2013",
    source="Malmstrom TK, Morley JE. J Am Med Dir Assoc 2013;14:531",
    source_verified=True,
    concept="sarcopenia risk",
    inputs=INPUTS,
    function=sarc_f,
    licence_note="The wording of the items is not part of this project.",
)

CALF_INPUTS = (
    SARC_F,
    Input(name="calf_circumference", kind="height", meaning="Calf circumference", low=15, high=70),
    MALE,
)


@asked(*CALF_INPUTS)
def sarc_calf(
    *, sarc_f: ArrayLike = NAN, calf_circumference: ArrayLike = NAN, male: ArrayLike = NAN
) -> Outcome:
    """Return the SARC-CalF total, 0 to 20, and whether it is positive (>= 11).

    SARC-F plus 10 points where the calf measures <= 34 cm (men) or <= 33 cm (women).
    """
    small = at_most(
        calf_circumference, by_sex(male, *SMALL_CALF), calf_circumference=calf_circumference, male=male
    )
    points = item(sarc_f, 0, 10, sarc_f=sarc_f) + points_if(small, CALF_POINTS)
    return scored(points, truth=points.reaches(AT_LEAST, POSITIVE_WITH_CALF), met={"small_calf": small})


SARC_CALF = Definition(
    id="sarc_calf",
    version="2016",
    source="J Am Med Dir Assoc 2016;17:1136",
    source_verified=False,
    concept="sarcopenia risk",
    inputs=CALF_INPUTS,
    function=sarc_calf,
    licence_note="The wording of the items is not part of this project.",
)

CASE_FINDING_CALF, CASE_FINDING_SARC_F, CASE_FINDING_SARC_CALF = (34.0, 33.0), 4, 11

CASE_FINDING_INPUTS = (
    *CALF_INPUTS,
    Input(name="sarc_calf", kind="points", meaning="SARC-CalF total", low=0, high=20, whole=1),
)


@asked(*CASE_FINDING_INPUTS)
def awgs2019_case_finding(
    *,
    sarc_f: ArrayLike = NAN,
    calf_circumference: ArrayLike = NAN,
    male: ArrayLike = NAN,
    sarc_calf: ArrayLike = NAN,
) -> Outcome:
    """Return whether AWGS 2019 would look for sarcopenia: calf < 34 / 33 cm, SARC-F >= 4 or SARC-CalF >= 11.

    The calf rule is strict here and not in SARC-CalF.  Any of the three finds a case; one that was done and
    is normal is enough to deny it.
    """
    calf = {"calf_circumference": calf_circumference, "male": male}
    met = {
        "small_calf": below(calf_circumference, by_sex(male, *CASE_FINDING_CALF), **calf),
        "sarc_f": at_least(sarc_f, CASE_FINDING_SARC_F, sarc_f=sarc_f),
        "sarc_calf": at_least(sarc_calf, CASE_FINDING_SARC_CALF, sarc_calf=sarc_calf),
    }
    return answer(any_measured(list(met.values())), met=met)


AWGS2019_CASE_FINDING = Definition(
    id="awgs2019_case_finding",
    version="2019",
    source="Chen LK et al. J Am Med Dir Assoc 2020;21:300-307",
    source_verified=False,
    concept="sarcopenia risk",
    inputs=CASE_FINDING_INPUTS,
    function=awgs2019_case_finding,
    monotone=False,
)

DEFINITIONS = (SARC_F_SCORE, SARC_CALF, AWGS2019_CASE_FINDING)
