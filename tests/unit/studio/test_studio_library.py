"""What can be looked up, and the address for everything that is not there."""

from __future__ import annotations

from typing import Any


def test_numbers_words_and_evidence(browser: Any) -> None:
    """Each with status and source; the glossary has its meanings."""
    rows = browser.get("/api/parameters").json()["rows"]
    assert len(rows) > 200
    assert all(
        row["status"] in ("verified", "derived", "calibrated", "assumed") and row["where"] for row in rows
    )
    words = browser.get("/api/glossary").json()
    assert {"cachexia", "placebo", "power"} <= {entry["term"] for entry in words}
    assert all(entry["meaning"].endswith(".") and entry["source"] for entry in words)
    measures = {entry["name"] for entry in browser.get("/api/measures").json()}
    assert {"body_weight", "crp", "male"} <= measures


def test_one_published_study(browser: Any) -> None:
    """Rows with what was printed, and whether it was seen there."""
    found = browser.get("/api/evidence/anamorelin_romana1").json()
    assert "romana1" in found["protocols"]
    assert found["rows"]
    assert {"value", "unit", "verified"} <= set(found["rows"][0])
    assert browser.get("/api/evidence/nobody").status_code == 404


def test_what_can_be_said_of_a_patient(browser: Any) -> None:
    """Typical patients with controls in their ranges; treatments with their usual amounts."""
    found = browser.get("/api/patient/controls").json()
    assert {entry["name"] for entry in found["archetypes"]} >= {"inflammatory", "gdf15_high"}
    for entry in found["archetypes"]:
        for control in entry["controls"]:
            if control["kind"] == "number" and control["origin"]:
                assert control["low"] <= control["value"] <= control["high"]
    assert {entry["name"] for entry in found["treatments"]} >= {"lenalidomide", "exercise"}


def test_about_says_what_it_is_for(browser: Any) -> None:
    """Research use only, with the limits."""
    found = browser.get("/api/about").json()
    assert "Research use only" in found["research_only"]
    assert found["limits"]["upload_bytes"] > 0
