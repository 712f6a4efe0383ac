"""The endpoint that a trial is about first: what disposition, answers and reports are told by."""

from __future__ import annotations

from euexia.core.errors import InputError
from euexia.protocol.analysis_plan import Endpoint, EndpointKind, Estimand, Role
from euexia.protocol.protocol import Protocol


def lead_endpoint(protocol: Protocol) -> Endpoint:
    """Return the first primary endpoint; raise InputError where there is none."""
    for endpoint in protocol.endpoints:
        if endpoint.role is Role.PRIMARY:
            return endpoint
    raise InputError(
        f"The protocol '{protocol.id}' has no primary endpoint, and a trial is told by one. "
        "Give one endpoint the role 'primary'."
    )


def lead_estimand(protocol: Protocol) -> Estimand:
    """Return the estimand of the first primary endpoint: of its first analysis, else the one of its name.

    Raises InputError where there is none.
    """
    endpoint = lead_endpoint(protocol)
    planned = sorted(protocol.analyses, key=lambda analysis: not analysis.primary)
    named = [analysis.estimand or endpoint.name for analysis in planned if analysis.endpoint == endpoint.name]
    for name in (*named, endpoint.name):
        if name in protocol.estimands:
            return protocol.estimands[name]
    raise InputError(
        f"The primary endpoint '{endpoint.name}' of protocol '{protocol.id}' has no estimand, so it is open "
        "what death, stopped treatment and missing readings do to it. Add it to 'estimands'."
    )


def is_response(protocol: Protocol) -> bool:
    """Return whether patients respond, or not, in the first primary endpoint."""
    return lead_endpoint(protocol).kind is EndpointKind.RESPONDER
