"""Protocols, and designs made of them by moving controls."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from euexia import protocol as protocols
from euexia.protocol.lead import lead_endpoint
from euexia.protocol.protocol import Protocol
from euexia.studio import codes, designs
from euexia.studio.answers import fault_entry
from euexia.studio.outline import outline

router = APIRouter(prefix="/api")


class DesignRequest(BaseModel):
    """A shipped protocol and what is changed in it."""

    model_config = ConfigDict(extra="forbid")

    start: str = Field(max_length=100)
    changes: dict[str, bool | float | str] = Field(default_factory=dict, max_length=designs.MOST_CHANGES)


@router.get("/protocols")
def list_protocols() -> list[dict[str, Any]]:
    """List the protocols that come with Euexia."""
    return list(_listed())


@router.get("/protocols/{name}")
def show_protocol(name: str) -> dict[str, Any]:
    """Show one protocol: its file, controls, words and code."""
    return {"name": name, **_answer(designs.start(name))}


@router.post("/design/check")
def check_design(request: DesignRequest) -> dict[str, Any]:
    """Check a design; faults come back as part of the answer, for the page to show beside the controls."""
    return _answer(designs.changed(request.start, request.changes))


def _answer(design: designs.Design) -> dict[str, Any]:
    protocol = design.protocol
    return {
        "start": design.start,
        "yaml": design.yaml,
        "controls": [asdict(control) for control in design.controls],
        "words": [] if protocol is None else designs.words_of(protocol),
        "outline": None if protocol is None else outline(protocol),
        "differences": [asdict(difference) for difference in design.differences],
        "faults": [fault_entry(fault) for fault in design.faults],
        "code": codes.of_design(design),
    }


@cache
def _listed() -> tuple[dict[str, Any], ...]:
    return tuple(_entry(name, protocols.load(name)) for name in protocols.shipped())


def _entry(name: str, protocol: Protocol) -> dict[str, Any]:
    from euexia import drugs

    given = dict.fromkeys(item.drug for arm in protocol.arms for item in arm.treatments)
    return {
        "name": name,
        "title": protocol.title,
        "registry": protocol.registry,
        "conditions": list(protocol.conditions),
        "drugs": [drugs.DRUGS[drug].label if drug in drugs.DRUGS else drug for drug in given],
        "size": protocol.size,
        "arms": len(protocol.arms),
        "primary_endpoint": lead_endpoint(protocol).label,
        "has_published": bool(protocol.published),
    }
