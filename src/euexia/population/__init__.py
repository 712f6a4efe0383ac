"""Virtual patients: population files, and patients sampled from them by address."""

from euexia.population.sampling import Population, at_quantiles, join, sample
from euexia.population.spec import PopulationSpec, fingerprint, load, names, read

__all__ = [
    "Population",
    "PopulationSpec",
    "at_quantiles",
    "fingerprint",
    "join",
    "load",
    "names",
    "read",
    "sample",
]
