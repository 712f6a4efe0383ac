"""Every published definition, score and formula that Euexia computes, by its identifier."""

from __future__ import annotations

from collections.abc import Mapping

from euexia.core.choices import choose, did_you_mean
from euexia.core.errors import InputError, UnknownNameError
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
    performance_definitions,
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
from euexia.criteria.outcome import Outcome

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
        *performance_definitions.DEFINITIONS,
        *questionnaire_definitions.DEFINITIONS,
        *toxicity_definitions.DEFINITIONS,
        *safety_definitions.DEFINITIONS,
        *responder_definitions.DEFINITIONS,
    )
}


def ask(name: str, **readings: object) -> Outcome:
    """Return the outcome of the definition with this identifier.

    readings: by the names of its inputs and options; scalars, NumPy arrays or columns of a data frame, in the
    canonical unit of each input's kind.  What is left out is missing.  Raises UnknownNameError for a name
    that is not known, InputError where a reading is no number, the lengths of columns differ, or the
    definition has no function.
    """
    definition = choose("definition", name, DEFINITIONS)
    if definition.function is None:
        raise InputError(f"'{name}' cannot be asked by name: it is applied through functions of its own.")
    known = [entry.name for entry in definition.inputs] + list(definition.options)
    unknown = [reading for reading in readings if reading not in known]
    if unknown:
        remedies = [f"'{reading}': {did_you_mean(reading, known)}" for reading in unknown]
        raise UnknownNameError(f"'{name}' takes no reading of this name. {' '.join(remedies)}")
    try:
        return definition.function(**readings)
    except ValueError as error:
        raise InputError(f"'{name}' could not take the readings: {error}.") from error
