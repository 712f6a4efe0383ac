"""ClinicalTrials.gov records of the present form (API version 2, JSON)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from euexia.formats.registry_record import (
    FlowCount,
    PostedComparison,
    PostedMeasure,
    PostedValue,
    RegisteredArm,
    RegisteredIntervention,
    RegisteredOutcome,
    RegistryRecord,
)
from euexia.formats.tree import every, number, part, text


def is_current(tree: Any) -> bool:
    """Return whether a parsed JSON file has the present form."""
    return isinstance(tree, dict) and isinstance(tree.get("protocolSection"), dict)


def read_current(tree: Mapping[str, Any]) -> RegistryRecord:
    """Return the record of a parsed file of the present form."""
    protocol, results = tree["protocolSection"], tree.get("resultsSection") or {}
    design, status = part(protocol, "designModule") or {}, part(protocol, "statusModule") or {}
    named, eligible = part(protocol, "identificationModule") or {}, part(protocol, "eligibilityModule") or {}
    enrolled = number(text(design, "enrollmentInfo", "count"))
    return RegistryRecord(
        registry=text(named, "nctId"),
        title=text(named, "briefTitle"),
        official_title=text(named, "officialTitle"),
        summary=text(protocol, "descriptionModule", "briefSummary"),
        description=text(protocol, "descriptionModule", "detailedDescription"),
        conditions=tuple(every(protocol, "conditionsModule", "conditions")),
        phase=" ".join(every(design, "phases")),
        allocation=text(design, "designInfo", "allocation"),
        model=text(design, "designInfo", "interventionModel"),
        masking=text(design, "designInfo", "maskingInfo", "masking"),
        enrolment=None if enrolled is None else int(enrolled),
        enrolment_is_actual=text(design, "enrollmentInfo", "type") == "ACTUAL",
        start=text(status, "startDateStruct", "date"),
        completion=text(status, "completionDateStruct", "date"),
        status=text(status, "overallStatus"),
        arms=tuple(_arm(entry) for entry in every(protocol, "armsInterventionsModule", "armGroups")),
        interventions=tuple(
            RegisteredIntervention(
                type=text(entry, "type"), name=text(entry, "name"), description=text(entry, "description")
            )
            for entry in every(protocol, "armsInterventionsModule", "interventions")
        ),
        primary=_outcomes(protocol, "primaryOutcomes"),
        secondary=_outcomes(protocol, "secondaryOutcomes"),
        eligibility=text(eligible, "eligibilityCriteria"),
        sex=text(eligible, "sex"),
        minimum_age=text(eligible, "minimumAge"),
        maximum_age=text(eligible, "maximumAge"),
        flow=tuple(_flow(part(results, "participantFlowModule"))),
        baseline=tuple(_measures(part(results, "baselineCharacteristicsModule"), "measures")),
        outcomes=tuple(_measures(part(results, "outcomeMeasuresModule"), "outcomeMeasures")),
    )


def _arm(entry: Any) -> RegisteredArm:
    return RegisteredArm(
        label=text(entry, "label"),
        type=text(entry, "type"),
        description=text(entry, "description"),
        interventions=tuple(
            str(name).partition(": ")[2] or str(name) for name in every(entry, "interventionNames")
        ),
    )


def _outcomes(protocol: Any, name: str) -> tuple[RegisteredOutcome, ...]:
    return tuple(
        RegisteredOutcome(
            measure=text(entry, "measure"),
            time_frame=text(entry, "timeFrame"),
            description=text(entry, "description"),
        )
        for entry in every(protocol, "outcomesModule", name)
    )


def _flow(module: Any) -> Iterator[FlowCount]:
    groups = _titles(module)
    for period in every(module, "periods"):
        for name, counts, is_reason in (
            ("milestones", "achievements", False),
            ("dropWithdraws", "reasons", True),
        ):
            for entry in every(period, name):
                for count in every(entry, counts):
                    found = number(text(count, "numSubjects"))
                    if found is not None:
                        yield FlowCount(
                            period=text(period, "title"),
                            what=text(entry, "type"),
                            group=groups.get(text(count, "groupId"), text(count, "groupId")),
                            count=found,
                            is_reason=is_reason,
                        )


def _titles(module: Any) -> dict[str, str]:
    return {text(group, "id"): text(group, "title") for group in every(module, "groups")}


def _measures(module: Any, name: str) -> Iterator[PostedMeasure]:
    shared = _titles(module)
    everyone = _denominators(module)
    for entry in every(module, name):
        groups = {**shared, **_titles(entry)}
        denominators = {**everyone, **_denominators(entry)}
        yield PostedMeasure(
            title=text(entry, "title"),
            parameter=text(entry, "paramType").upper(),
            unit=text(entry, "unitOfMeasure"),
            dispersion=text(entry, "dispersionType").upper().replace(" ", "_"),
            type=text(entry, "type"),
            time_frame=text(entry, "timeFrame"),
            population=text(entry, "populationDescription"),
            values=tuple(_values(entry, groups, denominators)),
            comparisons=tuple(_comparison(analysis, groups) for analysis in every(entry, "analyses")),
        )


def _denominators(entry: Any) -> dict[str, float | None]:
    return {
        text(count, "groupId"): number(text(count, "value"))
        for denominator in every(entry, "denoms")
        for count in every(denominator, "counts")
        if text(denominator, "units") == "Participants"
    }


def _values(
    entry: Any, groups: Mapping[str, str], denominators: Mapping[str, float | None]
) -> Iterator[PostedValue]:
    for table in every(entry, "classes"):
        analysed = {**denominators, **_denominators(table)}
        for category in every(table, "categories"):
            for cell in every(category, "measurements"):
                group = text(cell, "groupId")
                value = number(text(cell, "value"))
                yield PostedValue(
                    group=groups.get(group, group),
                    value=value,
                    text="" if value is not None else text(cell, "value"),
                    spread=number(text(cell, "spread")),
                    low=number(text(cell, "lowerLimit")),
                    high=number(text(cell, "upperLimit")),
                    n=analysed.get(group),
                    category=" / ".join(
                        part for part in (text(table, "title"), text(category, "title")) if part
                    ),
                )


def _comparison(analysis: Any, groups: Mapping[str, str]) -> PostedComparison:
    written = text(analysis, "pValue")
    return PostedComparison(
        groups=tuple(groups.get(name, name) for name in every(analysis, "groupIds")),
        method=text(analysis, "statisticalMethod"),
        parameter=text(analysis, "paramType"),
        value=number(text(analysis, "paramValue")),
        p=number(written),
        p_below=written.startswith("<"),
        low=number(text(analysis, "ciLowerLimit")),
        high=number(text(analysis, "ciUpperLimit")),
        level=number(text(analysis, "ciPctValue")),
        dispersion=text(analysis, "dispersionType").upper().replace(" ", "_"),
        spread=number(text(analysis, "dispersionValue")),
        note=text(analysis, "groupDescription"),
    )
