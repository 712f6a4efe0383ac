"""Endpoints derived from trial data, before any estimand has decided about death or missing readings."""

from euexia.endpoints.derive import derive
from euexia.endpoints.table import DerivedEndpoint, EndpointTable

__all__ = ["DerivedEndpoint", "EndpointTable", "derive"]
