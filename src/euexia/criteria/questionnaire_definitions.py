"""Questionnaires as definitions of the catalogue: item codes in, scores out, no wording anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import partial

import numpy as np

from euexia.core.logic import TRUE, UNKNOWN
from euexia.criteria import questionnaires_eortc as eortc
from euexia.criteria import questionnaires_facit as facit
from euexia.criteria import questionnaires_pro_ctcae as pro_ctcae
from euexia.criteria import questionnaires_symptoms as symptoms
from euexia.criteria.criterion import Flags, Floats, fixed
from euexia.criteria.definition import Definition, Input
from euexia.criteria.inputs import BMI, WEIGHT_LOSS_6_MONTHS
from euexia.criteria.outcome import Codes, Outcome, answer, measured
from euexia.criteria.question import asking, grades, stacked, truth_of, value_of

CONCEPT = "questionnaire"
FACIT_LICENCE = "FACIT.org: use and translations need its licence; no wording is included."
EORTC_LICENCE = "EORTC: use needs its agreement; no wording is included."
NCI_LICENCE = "US National Cancer Institute: not to be altered; no wording is included."

# --- FACIT --------------------------------------------------------------------------------------------------


def _facit_items(ids: Sequence[str]) -> tuple[Input, ...]:
    return tuple(
        Input(
            name=f"faact_{item.lower()}",
            kind="points",
            meaning=f"Item {item}: code 0 to 4; 8 and 9 are no answer",
            required=False,
            low=0,
            high=facit.BLANK[-1],
            whole=1,
        )
        for item in ids
    )


def _refused(ids: Sequence[str], items: Floats) -> dict[str, Flags]:
    """Return, by name of the item, where its code is neither an answer nor a blank."""
    with np.errstate(invalid="ignore"):
        wrong = (items > facit.CODES[-1]) & (items < facit.BLANK[0])
    return {f"faact_{item.lower()}": wrong[..., place] for place, item in enumerate(ids)}


def _scored(score: Floats, ids: Sequence[str], items: Floats, **parts: Floats) -> Outcome:
    """Return the outcome of a scale, naming codes that are blanks and codes that are none of its codes."""
    with np.errstate(invalid="ignore"):
        blank = items >= facit.BLANK[0]
    missing = {f"faact_{item.lower()}": blank[..., place] for place, item in enumerate(ids)}
    return replace(measured(score, parts=parts, unusable=_refused(ids, items)), missing=missing)


def _faact(items: Floats) -> Outcome:
    """Return the FAACT total, 0-156, and its scales; see questionnaires_facit.faact."""
    found = facit.faact(items)
    parts = {entry.name: getattr(found, entry.name) for entry in fields(found) if entry.name != "total"}
    return _scored(found.total, facit.FAACT_ITEMS, items, **parts)


def _fact_g(items: Floats) -> Outcome:
    """Return the FACT-G total, 0-108; see questionnaires_facit.fact_g."""
    return _scored(facit.fact_g(items), facit.FACT_G_ITEMS, items)


def _acs(items: Floats) -> Outcome:
    """Return the A/CS, 0-48, if more than half of its items are answered."""
    return _scored(facit.anorexia_cachexia(items), facit.ANOREXIA_CACHEXIA, items)


def _five_items(items: Floats) -> Outcome:
    """Return the five-item anorexia symptom subscale, 0-20; all five items are needed."""
    return _scored(facit.five_item_anorexia(items), facit.FIVE_ITEMS, items)


def _facit(name: str, ids: Sequence[str], *, verified: bool = True, monotone: bool = False) -> Definition:
    return Definition(
        id=name,
        version="4",
        source="Ribaudo JM et al. Qual Life Res 2000;9:1137-1146; scoring of FACIT.org",
        source_verified=verified,
        concept=CONCEPT,
        inputs=_facit_items(ids),
        monotone=monotone,
        licence_note=FACIT_LICENCE,
    )


ACS_SCORE = Input(name="faact_acs", kind="points", meaning="A/CS score", low=0, high=48)
FIVE_SCORE = Input(name="faact_5iass", kind="points", meaning="Five-item anorexia score", low=0, high=20)
_ACS_LOW = Definition(
    id="acs_impaired_37",
    version="2015",
    source="Cut-off of PMC4689771",
    source_verified=True,
    concept="appetite",
    inputs=(ACS_SCORE,),
)
_BOTH_LOW = Definition(
    id="anorexia_nct03743064",
    version="registry",
    source="Trial registration NCT03743064: five-item score <= 17 and A/CS <= 37",
    source_verified=True,
    concept="appetite",
    inputs=(FIVE_SCORE, ACS_SCORE),
)
_SCORES = {"faact_5iass": "five_item_score", "faact_acs": "acs_score"}
FACIT = (
    asking(_facit("faact", facit.FAACT_ITEMS), stacked(_faact), lambda found: found),
    asking(_facit("fact_g", facit.FACT_G_ITEMS), stacked(_fact_g), lambda found: found),
    asking(_facit("faact_acs", facit.ANOREXIA_CACHEXIA), stacked(_acs), lambda found: found),
    asking(
        _facit("faact_5iass", facit.FIVE_ITEMS, verified=False, monotone=True),
        stacked(_five_items),
        lambda found: found,
    ),
    asking(_ACS_LOW, facit.impaired_appetite, truth_of, arguments={"faact_acs": "score"}),
    asking(
        replace(
            _ACS_LOW,
            id="acs_impaired_24",
            version="earlier",
            source="Earlier cut-off, as printed at aicnu.org",
        ),
        partial(facit.impaired_appetite, at_most=facit.ACS_IMPAIRED_EARLIER),
        truth_of,
        arguments={"faact_acs": "score"},
    ),
    asking(
        replace(_BOTH_LOW, id="nct03743064_entry", inputs=(FIVE_SCORE, ACS_SCORE, BMI, WEIGHT_LOSS_6_MONTHS)),
        facit.eligible_nct03743064,
        truth_of,
        arguments={**_SCORES, "bmi": "body_mass_index", "weight_loss_6_months": "weight_loss"},
    ),
    asking(
        _BOTH_LOW,
        facit.anorexia_nct03743064,
        truth_of,
        arguments=_SCORES,
    ),
)

# --- EORTC --------------------------------------------------------------------------------------------------

_LAST_OF_FOUR = 28
"""Items 1 to 28 have codes 1-4, items 29 and 30 codes 1-7."""


def _qlq_c30(items: Floats) -> Outcome:
    """Return the summary score of the QLQ-C30, 0-100, and its fifteen scales."""
    scores = eortc.qlq_c30(items)
    return measured(scores[eortc.SUMMARY], parts={name: scores[name] for name in eortc.QLQ_C30})


_QLQ_C30 = Definition(
    id="qlq_c30",
    version="3",
    source="Aaronson NK et al. J Natl Cancer Inst 1993;85:365-376; EORTC scoring manual",
    source_verified=True,
    concept=CONCEPT,
    inputs=tuple(
        Input(
            name=f"qlq_c30_{number}",
            kind="points",
            meaning=f"Item {number}",
            required=False,
            low=1,
            high=4 if number <= _LAST_OF_FOUR else 7,
            whole=1,
        )
        for number in range(1, eortc.QLQ_C30_ITEMS + 1)
    ),
    monotone=False,
    licence_note=EORTC_LICENCE,
)


def _important(scale: str) -> Definition:
    definition = Definition(
        id=f"qlq_c30_important_{scale.lower()}",
        version="Giesinger",
        source="Thresholds for clinical importance (Giesinger JM et al.)",
        source_verified=False,
        concept=CONCEPT,
        inputs=(
            Input(name=f"qlq_c30_{scale.lower()}", kind="points", meaning=f"Scale {scale}", low=0, high=100),
        ),
        licence_note=EORTC_LICENCE,
    )
    compute = partial(eortc.clinically_important, scale)
    return asking(definition, compute, truth_of, arguments={f"qlq_c30_{scale.lower()}": "score"})


EORTC = (
    asking(_QLQ_C30, stacked(_qlq_c30), lambda found: found),
    *(_important(scale) for scale in (*eortc.IMPORTANT_BELOW, *eortc.IMPORTANT_ABOVE)),
)

# --- Symptoms -----------------------------------------------------------------------------------------------


def _esas(found: symptoms.Esas) -> Outcome:
    return measured(found.total, parts={"physical": found.physical, "emotional": found.emotional})


ESAS_RESPONSES = ("deteriorated", "neither", "improved")


def _esas_response(score: symptoms.EsasScore, baseline: Floats, now: Floats) -> Outcome:
    """Return whether an ESAS sum improved, and the category improved, neither or deteriorated."""
    improved = symptoms.esas_improved(score, baseline, now)
    worse = symptoms.esas_deteriorated(score, baseline, now)
    category = np.where(improved == TRUE, 2, np.where(worse == TRUE, 0, 1))
    category = np.where(improved == UNKNOWN, UNKNOWN, category).astype(np.int8)
    return answer(fixed(improved), category=category, categories=ESAS_RESPONSES)


def _esas_definition(score: symptoms.EsasScore, highest: float) -> Definition:
    now, before = f"esas_{score.value}", f"esas_{score.value}_at_baseline"
    definition = Definition(
        id=f"esas_response_{score.value}",
        version="2016",
        source="Hui D et al. 2016, PubMed 26482223",
        source_verified=True,
        concept="response",
        inputs=tuple(
            Input(name=name, kind="points", meaning=f"ESAS {score.value} score", low=0, high=highest)
            for name in (before, now)
        ),
    )
    return asking(
        definition,
        partial(_esas_response, score),
        lambda found: found,
        arguments={before: "baseline", now: "now"},
    )


_ESAS = Definition(
    id="esas",
    version="1991",
    source="Bruera E et al. J Palliat Care 1991;7:6-9; Hui D et al. 2016, PubMed 26482223",
    source_verified=True,
    unverified=("members of the physical score",),
    concept=CONCEPT,
    inputs=tuple(
        Input(name=f"esas_{name}", kind="points", meaning=f"ESAS {name}", low=0, high=10, whole=1)
        for name in symptoms.ESAS_SYMPTOMS
    ),
)
_APPETITE = Definition(
    id="vas_appetite_70",
    version="2015",
    source="Cut-off of PMC4689771",
    source_verified=True,
    concept="appetite",
    inputs=(Input(name="appetite_scale", kind="points", meaning="Appetite, mm of 100", low=0, high=100),),
)
_PROMIS = Definition(
    id="promis_t",
    version="1",
    source="HealthMeasures: T score from the person estimate; tables of the short forms are not included",
    source_verified=True,
    concept=CONCEPT,
    inputs=(Input(name="promis_theta", kind="points", meaning="Person estimate, theta", low=-10, high=10),),
    licence_note="HealthMeasures: its terms apply; no items or tables are included.",
)
SYMPTOMS = (
    asking(_ESAS, stacked(symptoms.esas), _esas),
    *(
        _esas_definition(score, highest)
        for score, highest in zip(symptoms.EsasScore, (60, 20, 90), strict=True)
    ),
    asking(_APPETITE, symptoms.appetite_impaired, truth_of, arguments={"appetite_scale": "millimetres"}),
    asking(_PROMIS, symptoms.promis_t_score, value_of, arguments={"promis_theta": "theta"}),
)


def _composite(term: str, **answers: Floats) -> Codes:
    """Return the PRO-CTCAE composite grade of the term, 0-3; later items may be skipped after a first 0."""
    return pro_ctcae.composite_grade({pro_ctcae.Attribute(name): codes for name, codes in answers.items()})


def _term(term: str) -> Definition:
    number, attributes = pro_ctcae.TERMS[term]
    names = {f"pro_ctcae_{term}_{attribute.value}": attribute.value for attribute in attributes}
    definition = Definition(
        id=f"pro_ctcae_{term}",
        version="2021",
        source="Basch E et al. Clin Trials 2021;18:104-114",
        source_verified=True,
        concept=CONCEPT,
        inputs=tuple(
            Input(
                name=name,
                kind="points",
                meaning=f"Item {number}, {attribute}: code 0 to 4",
                required=place == 0,
                low=0,
                high=pro_ctcae.HIGHEST_CODE,
                whole=1,
            )
            for place, (name, attribute) in enumerate(names.items())
        ),
        licence_note=NCI_LICENCE,
    )
    return asking(definition, partial(_composite, term), grades(3), arguments=names)


PRO_CTCAE = tuple(_term(term) for term in pro_ctcae.TERMS)

DEFINITIONS = (*FACIT, *EORTC, *SYMPTOMS, *PRO_CTCAE)
