"""Virtual patients: population files, and patients sampled from them by address."""

from euexia.population.sampling import Population, join, sample
from euexia.population.spec import PopulationSpec, load, read

__all__ = ["Population", "PopulationSpec", "join", "load", "read", "sample"]
