"""Every published definition, score and formula that Euexia computes, by its identifier."""

from __future__ import annotations

from collections.abc import Mapping

from euexia.criteria import body_composition, cachexia, fearon, laboratory, tumour_response, weight_loss
from euexia.criteria.definition import Definition

DEFINITIONS: Mapping[str, Definition] = {
    definition.id: definition
    for definition in (
        weight_loss.DEFINITION,
        body_composition.DEFINITION,
        laboratory.COCKCROFT_GAULT,
        laboratory.CTCAE5,
        tumour_response.DEFINITION,
        cachexia.NCT01127386,
        *fearon.DEFINITIONS,
    )
}
