"""The endpoint and the estimand that a trial is told by."""

import dataclasses

import pytest

from builders import make_protocol
from euexia import protocol as protocols
from euexia.core.errors import InputError
from euexia.protocol.analysis_plan import Role
from euexia.protocol.lead import is_response, lead_endpoint, lead_estimand


def test_the_first_primary_endpoint_leads():
    assert lead_endpoint(make_protocol()).name == "response"
    assert is_response(make_protocol())


def test_the_estimand_is_that_of_the_primary_analysis():
    """ROMANA 1: ranks with death as failure are primary; medians of those with a scan stand beside them."""
    romana = protocols.load("romana1")
    lead = lead_endpoint(romana)
    primary = next(a for a in romana.analyses if a.primary and a.endpoint == lead.name)
    assert lead_estimand(romana) == romana.estimands[primary.estimand or lead.name]
    assert any(a.estimand for a in romana.analyses if a.endpoint == lead.name and not a.primary)


def test_a_named_estimand_of_the_primary_analysis_is_taken():
    plan = make_protocol()
    other = dataclasses.replace(plan.estimands["response"], endpoint="mine", of="response")
    analyses = tuple(
        dataclasses.replace(a, estimand="mine") if a.primary and a.endpoint == "response" else a
        for a in plan.analyses
    )
    plan = dataclasses.replace(plan, estimands={**plan.estimands, "mine": other}, analyses=analyses)
    has_primary = any(a.primary and a.endpoint == "response" for a in analyses)
    assert lead_estimand(plan).endpoint == ("mine" if has_primary else "response")


def test_a_protocol_without_a_primary_endpoint_is_explained():
    plan = make_protocol()
    secondary = tuple(dataclasses.replace(e, role=Role.SECONDARY) for e in plan.endpoints)
    with pytest.raises(InputError, match="no primary endpoint"):
        lead_endpoint(dataclasses.replace(plan, endpoints=secondary))
