"""The schema of protocol files with the treatments and populations that this version knows."""

from __future__ import annotations

import json

from euexia import drugs, population
from euexia.protocol.schema import protocol_schema


def text() -> str:
    """Return the JSON Schema of a protocol file, as it is shipped."""
    choices = {"drug": tuple(drugs.DRUGS), "population": population.names()}
    return json.dumps(protocol_schema(choices), indent=1, ensure_ascii=False) + "\n"
