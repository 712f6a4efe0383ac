"""ClinicalTrials.gov records of the form before 2024: XML, or that XML as JSON."""

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
from euexia.formats.xml_tree import parse_xml

ROOT = "clinical_study"


def is_legacy(tree: Any) -> bool:
    """Return whether a parsed JSON or XML file has the old form."""
    return isinstance(tree, dict) and isinstance(part(tree, "id_info"), dict)


def parse_legacy(written: str, name: str) -> dict[str, Any]:
    """Return an XML record as the nested dictionaries of its JSON form.  Raises InputError."""
    root, tree = parse_xml(written, name)
    return tree if root == ROOT and isinstance(tree, dict) else {}


def read_legacy(tree: Mapping[str, Any]) -> RegistryRecord:
    """Return the record of a parsed file of the old form."""
    results = part(tree, "clinical_results") or {}
    enrolled = number(text(tree, "enrollment") or text(tree, "enrollment", "#text"))
    return RegistryRecord(
        registry=text(tree, "id_info", "nct_id"),
        title=text(tree, "brief_title"),
        official_title=text(tree, "official_title"),
        summary=text(tree, "brief_summary", "textblock"),
        description=text(tree, "detailed_description", "textblock"),
        conditions=tuple(str(entry) for entry in every(tree, "condition")),
        phase=text(tree, "phase"),
        allocation=_code(text(tree, "study_design_info", "allocation")),
        model=_code(text(tree, "study_design_info", "intervention_model").removesuffix(" Assignment")),
        masking=_code(text(tree, "study_design_info", "masking").partition(" (")[0]),
        enrolment=None if enrolled is None else int(enrolled),
        enrolment_is_actual=text(tree, "overall_status") in ("Completed", "Terminated"),
        start=_date(tree, "start_date"),
        completion=_date(tree, "completion_date"),
        status=_code(text(tree, "overall_status")),
        arms=tuple(_arm(entry, tree) for entry in every(tree, "arm_group")),
        interventions=tuple(
            RegisteredIntervention(
                type=_code(text(entry, "intervention_type")),
                name=text(entry, "intervention_name"),
                description=text(entry, "description"),
            )
            for entry in every(tree, "intervention")
        ),
        primary=_outcomes(tree, "primary_outcome"),
        secondary=_outcomes(tree, "secondary_outcome"),
        eligibility=text(tree, "eligibility", "criteria", "textblock"),
        sex=_code(text(tree, "eligibility", "gender")),
        minimum_age=text(tree, "eligibility", "minimum_age"),
        maximum_age=text(tree, "eligibility", "maximum_age"),
        flow=tuple(_flow(part(results, "participant_flow"))),
        baseline=tuple(_baseline(part(results, "baseline"))),
        outcomes=tuple(_posted(entry) for entry in every(results, "outcome_list", "outcome")),
    )


def _code(written: str) -> str:
    return written.upper().replace(" ", "_").replace(":", "")


def _date(tree: Any, name: str) -> str:
    return text(tree, name) or text(tree, name, "#text")


def _arm(entry: Any, tree: Any) -> RegisteredArm:
    label = text(entry, "arm_group_label")
    return RegisteredArm(
        label=label,
        type=_code(text(entry, "arm_group_type")),
        description=text(entry, "description"),
        interventions=tuple(
            text(item, "intervention_name")
            for item in every(tree, "intervention")
            if label in every(item, "arm_group_label")
        ),
    )


def _outcomes(tree: Any, name: str) -> tuple[RegisteredOutcome, ...]:
    return tuple(
        RegisteredOutcome(
            measure=text(entry, "measure"),
            time_frame=text(entry, "time_frame"),
            description=text(entry, "description"),
        )
        for entry in every(tree, name)
    )


def _titles(module: Any) -> dict[str, str]:
    return {
        text(group, "group_id") or text(group, "@group_id"): text(group, "title")
        for group in every(module, "group_list", "group")
    }


def _flow(module: Any) -> Iterator[FlowCount]:
    groups = _titles(module)
    for period in every(module, "period_list", "period"):
        for path, is_reason in (
            (("milestone_list", "milestone"), False),
            (("drop_withdraw_reason_list", "drop_withdraw_reason"), True),
        ):
            for entry in every(period, *path):
                for count in every(entry, "participants_list", "participants"):
                    found = number(_attribute(count, "count"))
                    group = _attribute(count, "group_id")
                    if found is not None:
                        yield FlowCount(
                            period=text(period, "title"),
                            what=text(entry, "title"),
                            group=groups.get(group, group),
                            count=found,
                            is_reason=is_reason,
                        )


def _attribute(entry: Any, name: str) -> str:
    """Return an attribute of an element: in XML it carries an @, in the JSON form it does not."""
    return text(entry, name) or text(entry, f"@{name}")


def _baseline(module: Any) -> Iterator[PostedMeasure]:
    groups, analysed = _titles(module), _analysed(module)
    for entry in every(module, "measure_list", "measure"):
        yield _table(entry, groups, analysed)


def _posted(entry: Any) -> PostedMeasure:
    groups, measure = _titles(entry), part(entry, "measure") or {}
    return _table(measure, groups, {}, entry)


def _table(
    measure: Any, groups: Mapping[str, str], analysed: Mapping[str, float | None], outcome: Any = None
) -> PostedMeasure:
    return PostedMeasure(
        title=text(measure, "title") or text(outcome, "title"),
        parameter=_code(text(measure, "param")),
        unit=text(measure, "units"),
        dispersion=_code(text(measure, "dispersion")),
        type=_code(text(outcome, "type")),
        time_frame=text(outcome, "time_frame"),
        population=text(outcome, "population"),
        values=tuple(_values(measure, groups, {**analysed, **_analysed(measure)})),
        comparisons=tuple(
            _comparison(analysis, groups) for analysis in every(outcome, "analysis_list", "analysis")
        ),
    )


def _analysed(entry: Any) -> dict[str, float | None]:
    return {
        _attribute(count, "group_id"): number(_attribute(count, "value"))
        for listed in every(entry, "analyzed_list", "analyzed")
        for count in every(listed, "count_list", "count")
        if text(listed, "units") == "Participants"
    }


def _values(
    measure: Any, groups: Mapping[str, str], analysed: Mapping[str, float | None]
) -> Iterator[PostedValue]:
    for table in every(measure, "class_list", "class"):
        counts = {**analysed, **_analysed(table)}
        for category in every(table, "category_list", "category"):
            for cell in every(category, "measurement_list", "measurement"):
                group, written = _attribute(cell, "group_id"), _attribute(cell, "value")
                value = number(written)
                yield PostedValue(
                    group=groups.get(group, group),
                    value=value,
                    text="" if value is not None else written,
                    spread=number(_attribute(cell, "spread")),
                    low=number(_attribute(cell, "lower_limit")),
                    high=number(_attribute(cell, "upper_limit")),
                    n=counts.get(group),
                    category=" / ".join(
                        part for part in (text(table, "title"), text(category, "title")) if part
                    ),
                )


def _comparison(analysis: Any, groups: Mapping[str, str]) -> PostedComparison:
    written = text(analysis, "p_value")
    return PostedComparison(
        groups=tuple(
            groups.get(str(name), str(name)) for name in every(analysis, "group_id_list", "group_id")
        ),
        method=text(analysis, "method"),
        parameter=text(analysis, "param_type"),
        value=number(text(analysis, "param_value")),
        p=number(written),
        p_below=written.startswith("<"),
        low=number(text(analysis, "ci_lower_limit")),
        high=number(text(analysis, "ci_upper_limit")),
        level=number(text(analysis, "ci_percent")),
        dispersion=_code(text(analysis, "dispersion_type")),
        spread=number(text(analysis, "dispersion_value")),
        note=text(analysis, "groups_desc"),
    )
