"""What a run of a design will bring, told before its first numbers: arms, analyses, measures."""

from __future__ import annotations

from typing import Any

from euexia.criteria.measures import MEASURES
from euexia.protocol.lead import is_response, lead_endpoint
from euexia.protocol.protocol import Protocol

TARGET = 0.8
"""Share of trials that designs conventionally aim to succeed in."""
FIRST = ("body_weight", "lean_mass_ct", "skeletal_muscle_area", "handgrip_strength", "crp", "faact_acs")
"""Measures that are shown first, where a trial has them."""
DOSE = "dose"
DOSE_UNIT = "mg/day"


def outline(protocol: Protocol) -> dict[str, Any]:
    """Return the arms, analyses and measures of a protocol."""
    total = sum(arm.ratio for arm in protocol.arms)
    controls = {analysis.control for analysis in protocol.analyses if analysis.control is not None}
    lead = lead_endpoint(protocol)
    return {
        "arms": [
            {
                "arm": arm.name,
                "label": arm.label,
                "control": arm.name in controls,
                "patients": protocol.size * arm.ratio / total,
            }
            for arm in protocol.arms
        ],
        "analyses": analyses(protocol),
        "measures": [
            {"measure": name, "label": label_of(name), "unit": unit_of(name)} for name in measures(protocol)
        ],
        "responders": {"label": lead.label} if is_response(protocol) else None,
        "target": TARGET,
    }


def analyses(protocol: Protocol) -> list[dict[str, Any]]:
    """Return the planned analyses, the primary ones first."""
    labels = {endpoint.name: endpoint.label for endpoint in protocol.endpoints}
    arms = {arm.name: arm.label for arm in protocol.arms}
    found = [
        {
            "analysis": analysis.name,
            "label": labels[analysis.endpoint],
            "endpoint": analysis.endpoint,
            "arm": analysis.arm,
            "arm_label": arms[analysis.arm],
            "control": analysis.control,
            "primary": analysis.primary,
        }
        for analysis in protocol.analyses
    ]
    return sorted(found, key=lambda entry: not entry["primary"])


def measures(protocol: Protocol) -> tuple[str, ...]:
    """Return the measures that are read at more than one visit, the familiar ones first, and the dose."""
    days: dict[str, set[float]] = {}
    for visit in protocol.schedule.visits:
        for name in visit.measures:
            if visit.day >= 0:
                days.setdefault(name, set()).add(visit.day)
    several = [name for name, found in days.items() if len(found) > 1 and not MEASURES[name].is_coded]
    order = {name: place for place, name in enumerate(FIRST)}
    ordered = sorted(several, key=lambda name: order.get(name, len(order)))
    dosed = any(item.dose is not None for arm in protocol.arms for item in arm.treatments)
    return (*ordered, DOSE) if dosed else tuple(ordered)


def label_of(name: str) -> str:
    """Return the label of a series."""
    if name.partition(".")[0] == DOSE:
        drug = name.partition(".")[2]
        return f"Dose of {drug}" if drug else "Dose"
    return MEASURES[name].label


def unit_of(name: str) -> str:
    """Return the unit of a series."""
    return DOSE_UNIT if name.partition(".")[0] == DOSE else MEASURES[name].unit
