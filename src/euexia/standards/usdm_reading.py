"""The standard part of a USDM document as plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from euexia.core.errors import InputError
from euexia.core.studytime import DAYS_PER_MONTH, DAYS_PER_YEAR
from euexia.standards.usdm_document import Document, decode, label, listed, words
from euexia.standards.usdm_objects import Object
from euexia.standards.usdm_study import (
    UsdmArm,
    UsdmCriterion,
    UsdmEndpoint,
    UsdmEstimand,
    UsdmStudy,
    UsdmTreatment,
)
from euexia.standards.usdm_visits import visits

_TAG = re.compile(r"<usdm:(?:tag|ref)[^>]*>")


def study_of(document: Document) -> UsdmStudy:
    """Return what the standard part says; raise InputError naming a reference that leads nowhere."""
    version, design = document.version, document.design
    population = design.get("population")
    whom: Object = population if isinstance(population, dict) else {}
    return UsdmStudy(
        name=words(document.study.get("name")),
        title=_title(version),
        identifiers=tuple(words(item.get("text")) for item in listed(version, "studyIdentifiers")),
        rationale=words(version.get("rationale")),
        model=decode(design.get("model")),
        blinding=decode(design.get("blindingSchema")),
        phase=decode(design.get("studyPhase")),
        size=_amount(whom.get("plannedEnrollmentNumber")),
        ages=_ages(whom.get("plannedAge")),
        sexes=tuple(decode(item) for item in listed(whom, "plannedSex")),
        indications=tuple(label(item) for item in listed(design, "indications")),
        arms=_arms(document),
        epochs=tuple(label(item) for item in _in_order(document, listed(design, "epochs"))),
        treatments=tuple(_treatment(item) for item in _interventions(document)),
        visits=visits(document),
        endpoints=_endpoints(document),
        objectives=tuple(
            (decode(item.get("level")), words(item.get("text"))) for item in listed(design, "objectives")
        ),
        estimands=tuple(_estimand(document, item) for item in listed(design, "estimands")),
        criteria=_criteria(document),
        populations=tuple(words(item.get("text")) for item in listed(design, "analysisPopulations")),
    )


def _title(version: Object) -> str:
    """Return the official title; another one if there is none."""
    titles = listed(version, "titles")
    official = [item for item in titles if "official" in decode(item.get("type")).lower()]
    return words((official or titles)[0].get("text")) if titles else ""


def _amount(value: Any) -> str:
    """Return a quantity or a range as it is written."""
    if not isinstance(value, dict):
        return ""
    if "minValue" in value:
        return f"{_amount(value.get('minValue'))} to {_amount(value.get('maxValue'))}"
    number, unit = value.get("value"), decode(value.get("unit"))
    if not isinstance(number, (int, float)):
        return ""
    return f"{number:.10g} {unit}".strip()


def _ages(value: Any) -> tuple[float | None, float | None]:
    if not isinstance(value, dict):
        return (None, None)
    return (_years(value.get("minValue")), _years(value.get("maxValue")))


YEARS: Mapping[str, float] = {"": 1.0, "year": 1.0, "month": DAYS_PER_MONTH / DAYS_PER_YEAR}
"""Units of an age, in years; without a unit it is in years."""


def _years(value: Any) -> float | None:
    """Return an age in years; None if there is none, or in a unit that is not read."""
    if not isinstance(value, dict) or not isinstance(value.get("value"), (int, float)):
        return None
    unit = decode(value.get("unit")).lower().rstrip("s")
    return round(float(value["value"]) * YEARS[unit], 6) if unit in YEARS else None


def _in_order(document: Document, items: list[Object]) -> list[Object]:
    """Return objects in the order of their ``nextId``; raise InputError if it goes round in a circle."""
    following = {item.get("id"): item.get("nextId") for item in items}
    targets = {target for target in following.values() if target}
    start = [item for item in items if item.get("id") not in targets]
    if not targets or len(start) != 1:
        if items and targets and not start:
            raise InputError(
                f"{document.file}: '{label(items[0])}' and what it leads to by 'nextId' go in a circle. "
                "One of them must be the first."
            )
        return items
    ordered: list[Object] = []
    place = start[0].get("id")
    while place is not None and len(ordered) < len(items):
        ordered.append(
            document.found(place, f"the 'nextId' of '{label(ordered[-1] if ordered else start[0])}'")
        )
        place = following.get(place)
    if len({id(item) for item in ordered}) < len(ordered):
        raise InputError(
            f"{document.file}: the 'nextId' of '{label(ordered[-1])}' and those before it go in a circle."
        )
    return ordered if len(ordered) == len(items) else items


def _arms(document: Document) -> tuple[UsdmArm, ...]:
    cells = listed(document.design, "studyCells")
    return tuple(
        UsdmArm(
            name=words(arm.get("name")),
            label=label(arm),
            type=decode(arm.get("type")),
            description=words(arm.get("description")),
            treatments=_given(document, [cell for cell in cells if cell.get("armId") == arm.get("id")]),
        )
        for arm in listed(document.design, "arms")
    )


def _given(document: Document, cells: list[Object]) -> tuple[str, ...]:
    elements = [
        document.found(identifier, f"the cell '{cell.get('id')}'")
        for cell in cells
        for identifier in cell.get("elementIds") or ()
    ]
    found = [
        label_name(document.found(identifier, f"the element '{label(element)}'"))
        for element in elements
        for identifier in element.get("studyInterventionIds") or ()
    ]
    return tuple(dict.fromkeys(found))


def label_name(item: Object) -> str:
    """Return the name by which others refer to an object."""
    return words(item.get("name")) or label(item)


def _interventions(document: Document) -> list[Object]:
    return listed(document.version, "studyInterventions")


def _treatment(item: Object) -> UsdmTreatment:
    given = listed(item, "administrations")
    last: Object = given[-1] if given else {}
    return UsdmTreatment(
        name=label_name(item),
        label=label(item),
        type=decode(item.get("type")),
        role=decode(item.get("role")),
        description=words(item.get("description")),
        dose=_amount(last.get("dose")),
        route=decode(last.get("route")),
        frequency=decode(last.get("frequency")),
        lasts=_days(last.get("duration")),
    )


def _days(duration: Any) -> float | None:
    quantity = duration.get("quantity") if isinstance(duration, dict) else None
    if not isinstance(quantity, dict) or not isinstance(quantity.get("value"), (int, float)):
        return None
    sizes = {"day": 1.0, "week": 7.0}
    unit = decode(quantity.get("unit")).lower().rstrip("s")
    return float(quantity["value"]) * sizes[unit] if unit in sizes else None


def _endpoints(document: Document) -> tuple[UsdmEndpoint, ...]:
    return tuple(
        UsdmEndpoint(
            name=label_name(endpoint),
            label=label(endpoint),
            text=words(endpoint.get("text")),
            level=decode(endpoint.get("level")),
            objective=words(objective.get("text")),
        )
        for objective in listed(document.design, "objectives")
        for endpoint in listed(objective, "endpoints")
    )


def _estimand(document: Document, item: Object) -> UsdmEstimand:
    who = f"the estimand '{label(item)}'"
    variable = document.found(item.get("variableOfInterestId"), who)
    return UsdmEstimand(
        name=label_name(item),
        endpoint=label_name(variable),
        population=words(item.get("populationSummary")),
        events=tuple(
            (words(event.get("text")), words(event.get("strategy")))
            for event in listed(item, "intercurrentEvents")
        ),
    )


def _criteria(document: Document) -> tuple[UsdmCriterion, ...]:
    found = []
    for item in _in_order(document, listed(document.design, "eligibilityCriteria")):
        text = document.found(item.get("criterionItemId"), f"the criterion '{label(item)}'")
        found.append(
            UsdmCriterion(
                name=label_name(item),
                identifier=words(item.get("identifier")),
                category=decode(item.get("category")),
                text=words(_TAG.sub("…", str(text.get("text") or ""))),
            )
        )
    return tuple(found)
