"""Every published definition, score and formula that Euexia computes, by its identifier."""

from __future__ import annotations

from collections.abc import Mapping

from euexia.criteria import (
    bioimpedance,
    body_composition,
    body_size,
    cachexia,
    ct,
    fearon,
    function_definitions,
    inflammation,
    malnutrition,
    nutrition_screening,
    questionnaire_definitions,
    responder_definitions,
    safety_definitions,
    sarcopenia,
    sarcopenia_screening,
    staging,
    subjective_assessment,
    toxicity_definitions,
    weight_loss,
)
from euexia.criteria.definition import Definition

DEFINITIONS: Mapping[str, Definition] = {
    definition.id: definition
    for definition in (
        *weight_loss.DEFINITIONS,
        *body_size.DEFINITIONS,
        *body_composition.DEFINITIONS,
        *bioimpedance.DEFINITIONS,
        *ct.DEFINITIONS,
        *fearon.DEFINITIONS,
        *cachexia.DEFINITIONS,
        *staging.DEFINITIONS,
        *inflammation.DEFINITIONS,
        *malnutrition.DEFINITIONS,
        *nutrition_screening.DEFINITIONS,
        *subjective_assessment.DEFINITIONS,
        *sarcopenia_screening.DEFINITIONS,
        *sarcopenia.DEFINITIONS,
        *function_definitions.DEFINITIONS,
        *questionnaire_definitions.DEFINITIONS,
        *toxicity_definitions.DEFINITIONS,
        *safety_definitions.DEFINITIONS,
        *responder_definitions.DEFINITIONS,
    )
}
