"""Every number of the model, with meaning, unit, range, spread, status and source."""

from euexia.parameters.load import load, shipped_overlays
from euexia.parameters.parameter import Parameter, Source, Status
from euexia.parameters.parameter_set import ParameterSet

__all__ = ["Parameter", "ParameterSet", "Source", "Status", "load", "shipped_overlays"]
