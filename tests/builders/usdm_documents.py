"""USDM documents for tests: a small one as another program might write it."""

from __future__ import annotations

from typing import Any


def code(number: int, text: str, system: str = "http://www.cdisc.org") -> dict[str, Any]:
    return {
        "id": f"Code_{number}",
        "code": f"X{number}",
        "codeSystem": system,
        "codeSystemVersion": "1",
        "decode": text,
        "instanceType": "Code",
    }


def visit(
    number: int, label: str, activities: list[str], epoch: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    encounter = {
        "id": f"Encounter_{number}",
        "name": f"E{number}",
        "label": label,
        "type": code(100 + number, "Visit"),
        "instanceType": "Encounter",
    }
    instance = {
        "id": f"Instance_{number}",
        "name": f"I{number}",
        "label": label,
        "epochId": epoch,
        "encounterId": f"Encounter_{number}",
        "activityIds": activities,
        "instanceType": "ScheduledActivityInstance",
    }
    return encounter, instance


def timing(number: int, kind: str, value: str, to: int | None, window: str | None = None) -> dict[str, Any]:
    return {
        "id": f"Timing_{number}",
        "name": f"T{number}",
        "type": code(200 + number, kind),
        "value": value,
        "valueLabel": value,
        "relativeToFrom": code(300 + number, "Start to Start"),
        "relativeFromScheduledInstanceId": f"Instance_{number}",
        "relativeToScheduledInstanceId": None if to is None else f"Instance_{to}",
        "windowLower": window,
        "windowUpper": window,
        "instanceType": "Timing",
    }


def foreign() -> dict[str, Any]:
    """Return an invented trial of two arms, with visits counted from each other, and no extension of ours."""
    visits = [
        visit(1, "Screening", ["Activity_1"], "Epoch_1"),
        visit(2, "Baseline", ["Activity_1", "Activity_2"], "Epoch_2"),
        visit(3, "Week 4", ["Activity_1", "Activity_3"], "Epoch_2"),
        visit(4, "Week 6", ["Activity_1"], "Epoch_2"),
        visit(5, "Safety call", ["Activity_3"], "Epoch_3"),
    ]
    design = {
        "id": "Design_1",
        "name": "Design",
        "model": code(1, "Parallel Study"),
        "studyPhase": {
            "id": "Alias_1",
            "standardCode": code(2, "Phase II Trial"),
            "instanceType": "AliasCode",
        },
        "blindingSchema": {
            "id": "Alias_2",
            "standardCode": code(3, "Double Blind Study"),
            "instanceType": "AliasCode",
        },
        "arms": [
            {"id": "Arm_1", "name": "A", "label": "Newdrug 50 mg", "type": code(4, "Investigational Arm")},
            {"id": "Arm_2", "name": "P", "label": "Placebo", "type": code(5, "Placebo Control Arm")},
        ],
        "epochs": [
            {"id": f"Epoch_{n}", "name": name, "label": name, "instanceType": "StudyEpoch"}
            for n, name in ((1, "Screening"), (2, "Treatment"), (3, "Follow-up"))
        ],
        "elements": [
            {"id": "Element_1", "name": "EL1", "studyInterventionIds": ["Intervention_1"]},
            {"id": "Element_2", "name": "EL2", "studyInterventionIds": []},
        ],
        "studyCells": [
            {"id": "Cell_1", "armId": "Arm_1", "epochId": "Epoch_2", "elementIds": ["Element_1"]},
            {"id": "Cell_2", "armId": "Arm_2", "epochId": "Epoch_2", "elementIds": ["Element_2"]},
        ],
        "encounters": [encounter for encounter, _ in visits],
        "activities": [
            {"id": "Activity_1", "name": "WT", "label": "Body weight", "instanceType": "Activity"},
            {
                "id": "Activity_2",
                "name": "MRI",
                "label": "Magnetic resonance scan",
                "instanceType": "Activity",
            },
            {"id": "Activity_3", "name": "AE", "label": "Adverse events", "instanceType": "Activity"},
        ],
        "scheduleTimelines": [
            {
                "id": "Timeline_1",
                "name": "Main",
                "mainTimeline": True,
                "instances": [instance for _, instance in visits],
                "timings": [
                    timing(1, "Before", "P2W", 2),
                    timing(2, "Fixed Reference", "P1D", 2),
                    timing(3, "After", "P4W", 2, "P3D"),
                    timing(4, "After", "P14D", 3),
                ],
                "instanceType": "ScheduleTimeline",
            }
        ],
        "objectives": [
            {
                "id": "Objective_1",
                "text": "To show that newdrug keeps body weight.",
                "level": code(6, "Trial Primary Objective"),
                "endpoints": [
                    {
                        "id": "Endpoint_1",
                        "name": "W",
                        "text": "<p>Change of body weight at week 6</p>",
                        "level": code(7, "Primary Endpoint"),
                    },
                    {
                        "id": "Endpoint_2",
                        "name": "AE",
                        "text": "Serious adverse events up to week 6",
                        "level": code(8, "Secondary Endpoint"),
                    },
                ],
            }
        ],
        "estimands": [],
        "eligibilityCriteria": [
            {
                "id": "Criterion_1",
                "name": "IN1",
                "identifier": "01",
                "category": code(9, "Inclusion Criteria"),
                "criterionItemId": "Item_1",
                "nextId": "Criterion_2",
            },
            {
                "id": "Criterion_2",
                "name": "EX1",
                "identifier": "02",
                "category": code(10, "Exclusion Criteria"),
                "criterionItemId": "Item_2",
                "previousId": "Criterion_1",
            },
        ],
        "population": {
            "id": "Population_1",
            "plannedEnrollmentNumber": {"id": "Quantity_1", "value": 120.0, "unit": None},
            "plannedAge": {
                "id": "Range_1",
                "minValue": {"id": "Quantity_2", "value": 40},
                "maxValue": {"id": "Quantity_3", "value": 85},
            },
        },
        "indications": [{"id": "Indication_1", "name": "CACHEXIA", "label": "Cancer cachexia"}],
        "instanceType": "InterventionalStudyDesign",
    }
    version = {
        "id": "Version_1",
        "versionIdentifier": "2",
        "rationale": "Weight is lost.",
        "titles": [
            {"id": "Title_1", "text": "Newdrug in cachexia", "type": code(11, "Official Study Title")}
        ],
        "studyIdentifiers": [{"id": "Identifier_1", "text": "NCT00000000", "scopeId": "Organization_1"}],
        "studyInterventions": [
            {
                "id": "Intervention_1",
                "name": "newdrug",
                "label": "Newdrug",
                "type": code(12, "Pharmacologic Substance"),
                "role": code(13, "Protocol Agent"),
            }
        ],
        "eligibilityCriterionItems": [
            {"id": "Item_1", "name": "IN1", "text": "Weight loss over 5 % in 6 months"},
            {"id": "Item_2", "name": "EX1", "text": "<p>Body-mass index over <b>30</b> kg/m2</p>"},
        ],
        "studyDesigns": [design],
        "instanceType": "StudyVersion",
    }
    study = {"id": None, "name": "NEWDRUG", "versions": [version], "instanceType": "Study"}
    return {"study": study, "usdmVersion": "4.0.0", "systemName": "another program"}


def design_of(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["study"]["versions"][0]["studyDesigns"][0]
    return found


def bare(value: Any) -> Any:
    """Return a document without extensions."""
    if isinstance(value, dict):
        return {name: bare(child) for name, child in value.items() if name != "extensionAttributes"}
    return [bare(child) for child in value] if isinstance(value, list) else value
