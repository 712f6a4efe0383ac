"""Designs by controls: derived from the file, changed in place, with differences and faults."""

from __future__ import annotations

from typing import Any

import pytest

from euexia import protocol as protocols
from euexia.core.errors import InputError
from euexia.protocol.variation import vary
from euexia.studio import designs
from euexia.studio.control_rules import RULES, Kind

NAMES = protocols.shipped()


@pytest.mark.parametrize("name", NAMES)
def test_every_protocol_has_the_controls_a_designer_moves(name: str) -> None:
    """Size, ratio, dose or uptake, eligibility, visits and endpoints of each shipped protocol."""
    found = designs.start(name).controls
    groups = {control.group for control in found}
    assert {"Size and accrual", "Arms and doses", "Who may enter", "Visits", "Endpoints and tests"} <= groups
    assert len({control.path for control in found}) == len(found)
    for control in found:
        assert control.label
        assert control.help
        if control.kind == Kind.NUMBER:
            assert control.low is not None
            assert control.high is not None
            assert control.step
            assert control.low <= control.value <= control.high


@pytest.mark.parametrize("name", NAMES)
def test_writing_a_value_again_changes_nothing(name: str) -> None:
    """The text of the file stays, comments too, and so does the protocol's fingerprint."""
    begun = designs.start(name)
    same = {control.path: control.value for control in begun.controls}
    found = designs.changed(name, same)
    assert not found.differences
    assert protocols.fingerprint(found.protocol) == protocols.fingerprint(begun.protocol)


def test_changes_are_told_and_move_their_companions() -> None:
    """The visit of week 8 takes the endpoints along that are read at it."""
    found = designs.changed("lenalidomide", {"size": 100.0, "schedule.visits.week_8.day": 9.0})
    assert not found.faults
    told = {difference.path: (difference.before, difference.after) for difference in found.differences}
    assert told["size"] == ("200", "100")
    assert told["schedule.visits.week_8.day"] == ("8 weeks", "9 weeks")
    assert told["endpoints.response.day"] == ("8 weeks", "9 weeks")
    assert found.protocol is not None
    assert found.protocol.size == 100
    assert "# [record] outcomes after 8 weeks" in found.yaml


def test_impossible_designs_come_back_with_their_faults() -> None:
    """A fault has a place; there is no protocol to run."""
    found = designs.changed("lenalidomide", {"schedule.treatment": 40.0})
    assert found.protocol is None
    assert found.faults


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("arms.control.label", "x"),
        ("size", "200\nprotocol: evil"),
        ("size", "&a [*a]"),
        ("size", float("nan")),
        ("size", True),
        ("arms.fixed.treatments.1.rule", "no_such_rule"),
        ("endpoints.response.day", "8 weeks # }"),
        ("analyses.response_fixed.one_sided", "true"),
        ("__class__", 1.0),
    ],
)
def test_what_is_no_value_there_is_refused(path: str, value: Any) -> None:
    """Only controls can be changed, and no text may become more YAML than a value."""
    with pytest.raises(InputError):
        designs.changed("lenalidomide", {path: value})


def test_controls_name_places_that_the_file_s_own_language_knows() -> None:
    """A control's path is a path of ``euexia.protocol.variation``: both write the same text."""
    begun = designs.start("lenalidomide")
    assert vary(begun.yaml, {"size": 100}) == designs.changed("lenalidomide", {"size": 100.0}).yaml


def test_routes_of_designs(browser: Any) -> None:
    """List, show, check: words, outline, code and differences as the page reads them."""
    listed = browser.get("/api/protocols").json()
    assert [entry["name"] for entry in listed] == list(NAMES)
    shown = browser.get("/api/protocols/romana1").json()
    assert shown["outline"]["arms"][1]["control"]
    assert shown["words"][0]["title"] == "Question"
    assert shown["code"]["command"] == "euexia run romana1 --trials 1000 --seed 1"
    checked = browser.post("/api/design/check", json={"start": "romana1", "changes": {"size": 100}}).json()
    assert checked["differences"] == [{"path": "size", "label": "Patients", "before": "484", "after": "100"}]
    assert "romana1-changed.yaml" in checked["code"]["python"]
    assert browser.get("/api/protocols/nope").status_code == 404
    wrong = browser.post("/api/design/check", json={"start": "romana1", "changes": {"nothing": 1}})
    assert wrong.status_code == 422


def test_every_rule_is_of_use() -> None:
    """No rule without a place in some shipped protocol, apart from comparisons nobody uses yet."""
    places = {control.path for name in NAMES for control in designs.start(name).controls}
    from euexia.studio.control_rules import pattern

    idle = [rule.place for rule in RULES if not any(pattern(rule).match(place) for place in places)]
    assert all(
        place.rpartition(".")[2] in ("above", "at_least", "below", "at_most", "levels", "begins", "lasts")
        for place in idle
    )
