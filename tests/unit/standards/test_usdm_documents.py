"""USDM of others, USDM that was edited, and USDM that is broken."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.usdm_documents import code, design_of, foreign
from euexia import protocol
from euexia.core.errors import InputError
from euexia.standards import usdm
from euexia.standards.usdm_extension import NAMESPACE, attribute, value_of
from euexia.standards.usdm_objects import Maker
from euexia.standards.usdm_times import days_of, iso


def refusal(document: Any) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(InputError) as caught:
        usdm.draft(text, "study.json")
    return str(caught.value)


def ours() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(usdm.written(protocol.load("ponsegromab")))
    return found


def test_a_foreign_document_is_read() -> None:
    """Days: week 4 counts from the reference, week 6 two weeks from week 4, the call has no timing."""
    study = usdm.study(json.dumps(foreign()), "study.json")
    assert [(visit.label, visit.day) for visit in study.visits] == [
        ("Screening", -14.0),
        ("Baseline", 0.0),
        ("Week 4", 28.0),
        ("Week 6", 42.0),
        ("Safety call", None),
    ]
    assert study.visits[2].early == study.visits[2].late == 3.0
    assert [arm.treatments for arm in study.arms] == [("newdrug",), ()]
    assert study.ages == (40.0, 85.0)
    assert study.size == "120"
    assert [criterion.excludes for criterion in study.criteria] == [False, True]
    assert study.criteria[1].text == "Body-mass index over 30 kg/m2"
    assert usdm.protocol_of(json.dumps(foreign()), "study.json") is None


def test_a_foreign_document_becomes_a_draft() -> None:
    text = usdm.draft(json.dumps(foreign()), "newdrug.json")
    for line in (
        "protocol: newdrug",
        'title: "Newdrug in cachexia"',
        "registry: NCT00000000",
        "size: 120 ",
        "masking: double_blind ",
        "screening: -14 days ",
        "treatment: 42 days ",
        "week_6:",
        "window: 3 days",
        "measure: body_weight",
        "events: serious_adverse_event",
        "minimum_age: {text: At least 40 years old, require: {measure: age, at_least: 40 years}}",
        "# without a day: Safety call",
        "# further activities: Magnetic resonance scan",
        "#   - Body-mass index over 30 kg/m2",
    ):
        assert line in text
    with pytest.raises(protocol.loader.DataFileError, match="still to be decided"):
        protocol.loads(text, "newdrug.yaml")


def test_markup_and_windows_of_others_are_put_into_words() -> None:
    """References inside a text stand for values elsewhere; a window may be longer on one side."""
    document = foreign()
    items = document["study"]["versions"][0]["eligibilityCriterionItems"]
    items[0]["text"] = '<p>At least <usdm:tag name="min_age"/> years old,\nboth sexes</p>'
    late = design_of(document)["scheduleTimelines"][0]["timings"][2]
    late["windowUpper"] = "P1W"
    text = usdm.draft(json.dumps(document), "newdrug.json")
    assert "#   - At least … years old, both sexes" in text
    assert "window: 7 days   # 3 days early, 7 days late" in text


def test_ages_in_months_are_ages() -> None:
    """480 months are 40 years; an age in days is not read."""
    document = foreign()
    ages = design_of(document)["population"]["plannedAge"]
    ages["minValue"] |= {"value": 480, "unit": {"standardCode": code(400, "Month")}}
    ages["maxValue"] |= {"unit": {"standardCode": code(401, "Day")}}
    assert usdm.study(json.dumps(document), "study.json").ages == (40.0, None)


def test_the_version_is_found_at_either_end_of_a_file() -> None:
    document = foreign()
    assert usdm.is_usdm(json.dumps({"systemName": "x", **document}))
    assert usdm.is_usdm(json.dumps({"a": 1, "study": document["study"], "usdmVersion": "4.0.0"}))
    assert usdm.is_usdm("\ufeff" + json.dumps({"study": document["study"]}))
    assert not usdm.is_usdm('{"protocolSection": {}}')
    assert not usdm.is_usdm("A title\nusdmVersion")


def test_what_was_edited_outside_is_named_and_nothing_is_guessed() -> None:
    document = ours()
    design = design_of(document)
    design["arms"][1]["label"] = "Ponsegromab 150 mg"
    timing = next(
        item for item in design["scheduleTimelines"][0]["timings"] if item["name"] == "timing_week_12"
    )
    timing["value"] = "P90D"
    document["study"]["versions"][0]["eligibilityCriterionItems"][0]["text"] = "Any cancer"
    message = refusal(document)
    assert "contradicts itself in 3 places" in message
    assert "arms 'dose_100': label: the executable part says 'Ponsegromab 100 mg'" in message
    assert "visits 'week_12': day: the executable part says '84', the standard part '90'" in message
    assert "criteria 'cancer': text" in message
    assert "does not guess which is right" in message


def test_an_arm_or_a_visit_taken_away_or_added_is_named() -> None:
    document = ours()
    arms = design_of(document)["arms"]
    added = {
        **arms[0],
        "id": "StudyArm_99",
        "name": "usual_care",
        "label": "Usual care",
        "extensionAttributes": [],
    }
    arms.append(added)
    assert "arms 'usual_care': the executable part says nothing, the standard part 'usual_care'" in refusal(
        document
    )


@pytest.mark.parametrize("name", ["ratio", "text", "sha256", "fingerprint"])
def test_an_edited_extension_is_named(name: str) -> None:
    """A ratio that the text does not have; a text, a hash and a fingerprint that do not belong together."""
    document = ours()
    if name == "fingerprint":
        version = document["study"]["versions"][0]
        version["extensionAttributes"] = [
            item for item in version["extensionAttributes"] if item["url"] != NAMESPACE + "file"
        ]
    changed = 0
    for item in _extensions(document):
        if item["url"] == NAMESPACE + name and not changed:
            if name == "text" and "protocol: ponsegromab" not in item["valueString"]:
                continue
            changed += 1
            if name == "ratio":
                item["valueInteger"] = 7
            else:
                item["valueString"] += "0"
    assert changed == 1
    assert {
        "ratio": "arms 'placebo'.ratio: the text of the protocol file says '1', the extension '7'",
        "text": "text of the protocol file: it was changed",
        "sha256": "text of the protocol file: it was changed",
        "fingerprint": "executable part: it was changed",
    }[name] in refusal(document)


def _extensions(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for child in value for found in _extensions(child)]
    if not isinstance(value, dict):
        return []
    mine = [value] if value.get("instanceType") == "ExtensionAttribute" else []
    return mine + [found for child in value.values() for found in _extensions(child)]


def test_an_extension_of_a_later_version_is_named() -> None:
    document = ours()
    extension = next(item for item in _extensions(document) if item["url"] == NAMESPACE + "masking")
    extension["valueString"] = "triple_blind"
    assert "masking is 'triple_blind', which this version of Euexia does not know" in refusal(document)


def test_extensions_of_others_are_left_alone() -> None:
    document = ours()
    design_of(document)["extensionAttributes"].append(
        {
            "id": "X_1",
            "url": "https://example.org/x",
            "valueString": "y",
            "instanceType": "ExtensionAttribute",
        }
    )
    assert usdm.protocol_of(json.dumps(document), "study.json") == protocol.load("ponsegromab")


def test_a_truncated_file_is_named() -> None:
    text = usdm.written(protocol.load("ponsegromab"))
    for end in (len(text) // 3, len(text) // 2, len(text) - 3):
        message = refusal(text[:end])
        assert "study.json is no JSON: line" in message
        assert "cut off" in message


@pytest.mark.parametrize(
    ("version", "expected"),
    [("3.0.0", "USDM 3.0.0"), ("3.13.0", "USDM 3.13.0"), ("", "does not say its version")],
)
def test_other_versions_are_named(version: str, expected: str) -> None:
    document = foreign()
    document["usdmVersion"] = version
    assert expected in refusal(document)


def test_a_document_before_version_3_is_named() -> None:
    assert "before version 3" in refusal({"study": {"studyTitle": "x", "studyDesigns": []}})


def test_no_or_several_designs_versions_and_studies_are_named() -> None:
    document = foreign()
    other = {**design_of(document), "id": "Design_2", "name": "Extension"}
    document["study"]["versions"][0]["studyDesigns"].append(other)
    assert "holds 2 of them ('Design', 'Extension'). Keep one study design" in refusal(document)
    document["study"]["versions"][0]["studyDesigns"] = []
    assert "there is no study design to read" in refusal(document)
    document["study"]["versions"] = None
    assert "there is no version of the study to read" in refusal(document)
    assert "no object 'study'" in refusal({"usdmVersion": "4.0.0"})
    assert "its top is not an object" in refused_study("[]")


def refused_study(text: str) -> str:
    with pytest.raises(InputError) as caught:
        usdm.study(text, "study.json")
    return str(caught.value)


def test_an_observational_study_is_refused_by_name() -> None:
    document = foreign()
    design_of(document)["instanceType"] = "ObservationalStudyDesign"
    assert "observational study" in refusal(document)


def test_circular_timings_are_named() -> None:
    document = foreign()
    timings = design_of(document)["scheduleTimelines"][0]["timings"]
    timings[2]["relativeToScheduledInstanceId"] = "Instance_4"
    assert "timings of visits go round in a circle (Week 4 → Week 6 → Week 4)" in refusal(document)


def test_circular_order_is_named() -> None:
    document = foreign()
    design_of(document)["eligibilityCriteria"][1]["nextId"] = "Criterion_1"
    assert "'IN1' and what it leads to by 'nextId' go in a circle" in refusal(document)


def test_unknown_identifiers_are_named_with_who_asks() -> None:
    for change, expected in (
        (("eligibilityCriteria", "criterionItemId"), "the criterion 'IN1' refers to 'Nobody'"),
        (("elements", "studyInterventionIds"), "the element 'EL1' refers to 'Nobody'"),
    ):
        document = foreign()
        group, key = change
        design_of(document)[group][0][key] = ["Nobody"] if key.endswith("Ids") else "Nobody"
        assert expected in refusal(document)
    document = foreign()
    design_of(document)["scheduleTimelines"][0]["instances"][2]["activityIds"] = ["Nobody"]
    assert "the instance 'Week 4' of the timeline refers to 'Nobody'" in refusal(document)


def test_an_identifier_used_twice_is_named_with_its_places() -> None:
    document = foreign()
    design_of(document)["arms"][1]["id"] = "Arm_1"
    message = refusal(document)
    assert message.count("the id 'Arm_1' is used 2 times") == 2
    assert "studyDesigns[0].arms[1]" in message


PLAIN = st.recursive(
    st.booleans() | st.integers(-1000, 1000) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4)
        | st.dictionaries(st.text("abc_ /", min_size=1, max_size=5), inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_any_plain_value_survives_as_an_extension(value: Any) -> None:
    written = json.dumps(attribute(Maker(), "anything", value))
    back = value_of(json.loads(written))
    assert back == value
    assert type(back) is type(value)


@given(st.integers(0, 1000 * 24 * 4))
def test_durations_survive_to_a_quarter_of_an_hour(quarters: int) -> None:
    days = quarters / 96
    assert days_of(iso(days)) == pytest.approx(days, abs=1e-8)


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("P2W", 14),
        ("P1D", 1),
        ("-P7D", -7),
        ("PT12H", 0.5),
        ("P1DT6H", 1.25),
        ("soon", None),
        ("P", None),
        ("P1.2.3D", None),
    ],
)
def test_durations_as_others_write_them(written: str, days: float | None) -> None:
    assert days_of(written) == days


def test_values_of_a_wrong_form_are_named_with_their_places() -> None:
    document = foreign()
    design = design_of(document)
    design["arms"][0]["label"] = 7
    design["activities"] = "weigh everybody"
    design["elements"][0]["studyInterventionIds"] = [None, {"id": "x"}]
    message = refusal(document)
    for part in (
        "studyDesigns[0].arms[0].label: 7 stands where a text is needed",
        'studyDesigns[0].activities: "weigh everybody" stands where a list is needed',
        "elements[0].studyInterventionIds[0]: nothing stands in a list",
        "elements[0].studyInterventionIds[1]: an object stands where a plain value is needed",
    ):
        assert part in message


def test_a_protocol_without_a_file_is_carried_by_its_values_alone() -> None:
    made = dataclasses.replace(protocol.load("menac"), source_text="", source_name="")
    text = usdm.written(made)
    assert usdm.protocol_of(text, "study.json") == made
    assert "without the text of its file" in refusal(text)


def paths(value: Any, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above, *(path for key, child in inside for path in paths(child, (*above, key)))]


BROKEN = {"foreign": json.dumps(foreign()), "ours": usdm.written(protocol.load("thalidomide_pancreatic"))}
PLACES = {name: paths(json.loads(text))[1:] for name, text in BROKEN.items()}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(BROKEN)),
    st.integers(0, 10**6),
    st.sampled_from(["take away", None, 7, -1.5, "x", "", True, [], {}, [None], [{}], {"a": 1}, ["q"]]),
)
def test_whatever_is_broken_is_understood_or_refused(name: str, place: int, new: Any) -> None:
    """One entry of a document taken away or put wrong: a draft, a protocol or a message, never a crash."""
    document = json.loads(BROKEN[name])
    *above, last = PLACES[name][place % len(PLACES[name])]
    parent = document
    for key in above:
        parent = parent[key]
    if new == "take away":
        del parent[last]
    else:
        parent[last] = new
    with contextlib.suppress(InputError):
        assert usdm.draft(json.dumps(document), "study.json")
