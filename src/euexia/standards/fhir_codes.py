"""What the codes of FHIR mean here: one data file, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from euexia.core import datafile

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The content of ``data/standards/fhir.yaml``."""

    observations: Mapping[str, tuple[str, ...]]
    ignored_status: tuple[str, ...]
    unsettled_status: tuple[str, ...]
    severity: Mapping[str, int]
    enzyme_units: tuple[str, ...]


@cache
def codes() -> Codes:
    """Return the codes."""
    place = files("euexia.data") / "standards" / "fhir.yaml"
    return datafile.load(place, "list of FHIR codes", Codes)


@cache
def measures_by_code() -> Mapping[str, str]:
    """Return the measure of each LOINC code."""
    return {code: measure for measure, listed in codes().observations.items() for code in listed}
