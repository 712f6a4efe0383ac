"""Drafts from registry records: what the record says is in, what it does not say is marked."""

from __future__ import annotations

import json
import os
from copy import deepcopy
from importlib.resources import files
from pathlib import Path

import pytest

from builders.registry_records import CURRENT
from euexia import protocol
from euexia.core import datafile
from euexia.core.errors import DataFileError, InputError
from euexia.protocol.record import read_record
from euexia.protocol.registry import draft

EXAMPLE = (files("euexia") / "data" / "records" / "example-record.txt").read_text(encoding="utf-8")
SHARED = Path(os.environ.get("EUEXIA_SHARED") or Path(__file__).parents[4] / "shared")
ORIGINAL = SHARED / "sources" / "lenalidomide-trial-record.txt"

RECORD = """A Title Of Ours
Some text about it.
Cachexia
DRUG: Imaginol 10 mg
{outcomes}
"""


def undecided(text: str) -> list[str]:
    """Places that loading a draft asks a person to decide; fails if it finds any other fault."""
    with pytest.raises(DataFileError) as caught:
        protocol.loads(text, "draft.yaml")
    assert all(fault.problem.startswith("still to be decided") for fault in caught.value.faults)
    return [fault.place for fault in caught.value.faults]


def test_loading_a_draft_reports_exactly_its_marks() -> None:
    text = draft(EXAMPLE, "example")
    assert len(undecided(text)) == text.count('"TODO')


def test_what_the_example_says() -> None:
    """data/records/example-record.txt, written by us."""
    text = draft(EXAMPLE, "example")
    for part in (
        "protocol: example",
        "null: 10 %",
        "alternative: 35 %",
        "  fixed:",
        "dose: 40 mg",
        "  gdf15_guided:",
        "  control:",
        "drug: mouth_care",
        "drug: nutrition_counselling",
        "measure: body_weight, of: percent_change",
        "day: 84 days   # 12 weeks",
        "follow_up: 112 days",
        "#   - by which measure 'Quality of sleep' is read",
        "#   - when 'Overall survival' is read",
    ):
        assert part in text


def test_what_the_example_does_not_say_is_marked() -> None:
    places = undecided(draft(EXAMPLE, "example"))
    for place in (
        "eligibility",
        "size",
        "arms.gdf15_guided.treatments.1.dose",
        "rules.gdf15_guided.levels",
        "rules.gdf15_guided.clauses.raise_dose.when.below",
        "randomisation.block_size",
        "schedule.visits.check.days",
        "endpoints.response.condition.all.1.at_least",
        "endpoints.quality_of_sleep.measure",
        "estimands.response.death",
        "analyses.response_fixed.alpha",
    ):
        assert place in places


def test_a_finished_draft_loads() -> None:
    """Putting a value at every mark gives a protocol."""
    text = draft(RECORD.format(outcomes="Handgrip strength, after 6 weeks"), "ours")
    values = {
        "registry": "none",
        "question": "Does it help?",
        "population": "people",
        "size": "20",
        "eligibility": "{adult: {text: Adult, require: {measure: age, above: 18 years}}}",
        "ratio": "1",
        "every": "1 day",
        "method": "permuted_blocks",
        "block_size": "4",
        "candidates_per_month": "5",
        "screening": "-7 days",
        "window": "2 days",
        "attendance": "90 %",
        "death": "while_alive",
        "discontinuation": "treatment_policy",
        "missing": "hypothetical",
        "alpha": "5 %",
    }
    lines = []
    for line in text.splitlines():
        key, mark, _ = line.partition(': "TODO')
        lines.append(f"{key}: {values[key.strip()]}" if mark else line)
    loaded = protocol.loads("\n".join(lines), "ours.yaml")
    assert [arm.name for arm in loaded.arms] == ["imaginol", "control"]
    assert loaded.arms[0].treatments[0].dose == 10.0
    assert loaded.endpoints[0].measure == "handgrip_strength"
    assert loaded.endpoints[0].day == 42.0
    assert loaded.conditions == ("Cachexia",)


@pytest.mark.parametrize(
    ("outcome", "days"),
    [
        ("Weight, after 8 weeks treatment", 56.0),
        ("Weight, twelve weeks", 84.0),
        ("Weight, baseline, week 6 and week 12", 84.0),
        ("Weight, day 84", 84.0),
        ("Weight, 3 months", 91.3125),
        ("Weight, 1 year", 365.25),
    ],
)
def test_times_of_outcomes(outcome: str, days: float) -> None:
    assert read_record(RECORD.format(outcomes=outcome), "r").primary[0].days == days


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        ("CRP, 8 weeks", "measure: crp"),
        ("Lean Body Mass, 8 weeks", "measure: lean_mass_ct"),
        ("SAEs, for 12 weeks", "events: serious_adverse_event"),
        ("Adverse events by CTCAE, 12 weeks", 'events: "TODO which events are counted"'),
        ("Tumor response, 8 weeks", "kind: category"),
        ("Serum rhubarb, 8 weeks", 'measure: "TODO a measure that Euexia knows, or take this endpoint away"'),
    ],
)
def test_words_of_outcomes(outcome: str, line: str) -> None:
    text = draft(RECORD.format(outcomes=outcome), "ours")
    assert line in text
    assert len(undecided(text)) == text.count('"TODO')


@pytest.mark.parametrize(
    ("interventions", "part"),
    [
        ("BEHAVIORAL: Exercise training", '  activity_counselling:\n    label: "Exercise training"'),
        ("DRUG: Placebo", 'analyses: "TODO which arms are compared, and how"'),
        ("DRUG: A 5 mg|DRUG: A 10 mg", "  a_2:"),
        ("DRUG: A|DRUG: B", "  b:"),
    ],
)
def test_arms_without_groups(interventions: str, part: str) -> None:
    text = draft(f"Title\nText.\nCachexia\n{interventions}\nWeight, 8 weeks\n", "ours")
    assert part in text
    assert len(undecided(text)) == text.count('"TODO')


def test_quotes_and_colons_survive() -> None:
    text = draft(
        'A "quoted": title # with \\ signs\nText.\nCachexia: severe\nDRUG: X-1\nWeight "kg", 8 weeks\n',
        "odd name!",
    )
    assert len(undecided(text)) == text.count('"TODO')
    assert "protocol: odd_name\n" in text


@pytest.mark.parametrize("content", ["", "   \n\n", "\ufeff\n"])
def test_an_empty_record(content: str) -> None:
    with pytest.raises(InputError, match=r"r\.txt is empty"):
        draft(content, "r.txt")


@pytest.mark.parametrize(
    "content", ["hello", "a,b\n1,2\n3,4\n", "protocol: x\n", "DRUG: X\nWeight, 8 weeks\n"]
)
def test_what_is_no_record(content: str) -> None:
    with pytest.raises(InputError, match="is not a trial record"):
        draft(content, "r.txt")


@pytest.mark.parametrize(
    "outcomes", ["", "This is only the text again. It has two sentences and no outcome."]
)
def test_a_record_without_outcomes(outcomes: str) -> None:
    with pytest.raises(InputError, match="a record without outcomes"):
        draft(RECORD.format(outcomes=outcomes), "r.txt")


@pytest.mark.skipif(not ORIGINAL.is_file(), reason="the original record is not here (set EUEXIA_SHARED)")
def test_the_original_record() -> None:
    """Groups, rates, weeks and outcomes as they stand in the record of NCT01127386."""
    text = draft(datafile.read_text(ORIGINAL), "lenalidomide")
    assert len(undecided(text)) == text.count('"TODO')
    for part in (
        "  fixed:",
        "  crp_guided:",
        "  control:",
        "drug: prokinetic",
        "drug: activity_counselling",
        "drug: nutrition_counselling",
        "null: 5 %",
        "alternative: 25 %",
        "{measure: lean_mass_ct, of: percent_change",
        "{measure: handgrip_strength, of: change",
        "events: serious_adverse_event",
        "day: 84 days   # 12 weeks",
        "measure: energy_intake",
        "measure: daily_steps",
        "measure: crp",
        "measure: faact_acs",
        "measure: tumour_size",
    ):
        assert part in text


def test_a_record_in_the_registers_own_form_fills_number_size_age_and_arms():
    record = deepcopy(CURRENT)
    written = draft(json.dumps(record), "NCT00000001.json")
    assert "registry: NCT00000001" in written
    assert "size: 90" in written
    assert (
        "minimum_age: {text: At least 18 years old, require: {measure: age, at_least: 18 years}}" in written
    )
    assert "dose: 200 mg" in written
    assert 'label: "Matching placebo"' in written
    assert "#   * Weight loss" in written


def test_a_dose_per_body_weight_is_not_taken_for_a_dose():
    record = deepcopy(CURRENT)
    record["protocolSection"]["armsInterventionsModule"]["armGroups"][0]["description"] = "5 mg/kg weekly"
    assert 'dose: "TODO daily dose, with its unit"' in draft(json.dumps(record), "record.json")


def test_a_record_without_arms_says_that_its_arms_are_guessed():
    record = deepcopy(CURRENT)
    del record["protocolSection"]["armsInterventionsModule"]["armGroups"]
    written = draft(json.dumps(record), "record.json")
    assert "which arms there are (guessed from the interventions and the text)" in written
    assert "which arms there are" not in draft(json.dumps(CURRENT), "record.json")
