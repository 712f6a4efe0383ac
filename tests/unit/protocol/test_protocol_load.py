"""Loading protocols: the shipped one, and every kind of bad input."""

from __future__ import annotations

from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from euexia import protocol
from euexia.core.errors import DataFileError, InputError, UnknownNameError
from euexia.protocol.condition import leaves, look_backs
from euexia.protocol.protocol import Protocol
from euexia.protocol.statement import Status

TEXT = (files("euexia") / "data" / "protocols" / "lenalidomide.yaml").read_text(encoding="utf-8")


def faults(text: str) -> str:
    with pytest.raises(DataFileError) as caught:
        protocol.loads(text, "mine.yaml")
    return str(caught.value)


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def line_with(old: str) -> int:
    return TEXT[: TEXT.index(old)].count("\n") + 1


@pytest.fixture(scope="module")
def lenalidomide() -> Protocol:
    return protocol.load("lenalidomide")


def test_shipped_protocol(lenalidomide: Protocol) -> None:
    """Registry record: 2:2:1, 8 weeks, safety to week 12, 5 % against 25 %, planned enrolment 200."""
    assert [arm.ratio for arm in lenalidomide.arms] == [2, 2, 1]
    assert lenalidomide.schedule.treatment == 56.0
    assert lenalidomide.schedule.follow_up == 84.0
    assert lenalidomide.size == 200
    primary = [analysis for analysis in lenalidomide.analyses if analysis.primary]
    assert [(analysis.null, analysis.alternative) for analysis in primary] == [(0.05, 0.25)] * 2
    assert len([visit for visit in lenalidomide.schedule.visits if visit.dose_check]) == 15


def test_dose_checks_are_twice_a_week(lenalidomide: Protocol) -> None:
    """Abstract: dose adaptation and safety assessed twice a week."""
    days = [visit.day for visit in lenalidomide.schedule.visits if visit.day <= 56]
    assert {later - earlier for earlier, later in pairwise(days)} == {3.0, 4.0}


def test_eligibility_is_complete(lenalidomide: Protocol) -> None:
    """Clinical specification 1.4 lists these requirements."""
    read = {leaf.measure for criterion in lenalidomide.eligibility for leaf in leaves(criterion.require)}
    assert read >= {
        "age", "advanced_solid_tumour", "able_to_eat", "expected_survival_over_3_months", "ecog",
        "excluded_medication", "neutrophils", "platelets", "creatinine", "creatinine_clearance", "bilirubin",
        "ast", "alt", "crp", "other_cause_of_inflammation", "fluid_retention", "weight_loss_involuntary",
    }  # fmt: skip
    history = [look_backs(criterion.require) for criterion in lenalidomide.eligibility]
    days = sorted(day for entry in history for day in entry.get("body_weight", ()))
    assert days == pytest.approx([28.0, 60.875, 182.625])


def test_what_is_not_public_is_marked_and_named(lenalidomide: Protocol) -> None:
    assert all(rule.status is Status.ASSUMED for rule in lenalidomide.rules.values())
    named = {assumption.about for assumption in lenalidomide.assumptions}
    assert set(lenalidomide.rules) <= named
    assumed = {endpoint.name for endpoint in lenalidomide.endpoints if endpoint.status is Status.ASSUMED}
    assert assumed <= named
    assert all(estimand.status is Status.ASSUMED for estimand in lenalidomide.estimands.values())


def test_a_protocol_loads_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT, encoding="utf-8")
    loaded = protocol.load(path)
    assert loaded == protocol.load("lenalidomide")
    assert loaded.source_name == "mine.yaml"
    assert loaded.source_text == TEXT


def test_fingerprint_ignores_comments_and_layout() -> None:
    one = protocol.fingerprint(protocol.loads(TEXT, "a.yaml"))
    assert one == protocol.fingerprint(protocol.loads(f"# a comment\n\n{TEXT}", "b.yaml"))
    assert one == protocol.fingerprint(protocol.loads(changed("dose: 25 mg", "dose: 0.025 g"), "c.yaml"))
    assert one != protocol.fingerprint(protocol.loads(changed("size: 200", "size: 201"), "d.yaml"))
    assert len(one) == 64


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("size: 200", "size: 0", ["size", "0 patients cannot fill 3 arms"]),
        ("size: 200", "size: many", ["size", "'many'", "a whole number"]),
        ("dose: 25 mg", "dose: -25 mg", ["arms.fixed.treatments.1.dose", "-25 mg cannot be given"]),
        ("dose: 25 mg", "dose: 25", ["arms.fixed.treatments.1.dose", "has no unit", "Write it like"]),
        ("dose: 25 mg", "dose: 25 mL", ["cannot be converted to 'mg'"]),
        ("dose: 25 mg", "dose: 7 mg", ["7 mg is not a level of 'fixed_safety'", "5 mg, 10 mg"]),
        ("dose: 25 mg", "dos: 25 mg", ["arms.fixed.treatments.1.dos", "Did you mean 'dose'?"]),
        ("rule: fixed_safety", "rule: fixed_safty", ["Did you mean 'fixed_safety'?"]),
        ("ratio: 2", "ratio: 0", ["arms.fixed.ratio", "cannot take 0 parts"]),
        ("ratio: 2", "ratio: -1", ["cannot take -1 parts"]),
        ("ratio: 2", "ratio: 1.5", ["arms.fixed.ratio", "a whole number"]),
        ("block_size: 10", "block_size: 8", ["a block of 8 cannot be shared 2:2:1", "multiple of 5"]),
        ("block_size: 10", "block_size: 0", ["a block of 0"]),
        ("adherence: 50 %", "adherence: 150 %", ["background.1.adherence", "150 % of a treatment"]),
        ("day: 12 weeks", "day: 13 weeks", ["schedule.visits.week_12.day", "day 91 comes after the end"]),
        ("window: 2 days", "window: 9 days", ["schedule.visits.week_8", "meets that of 'check_day_52'"]),
        ("attendance: 90 %", "attendance: 190 %", ["schedule.visits.check.attendance"]),
        ("dose_check: true", "dose_check: yes", ["expected true or false, found 'yes'"]),
        ("screening: -7 days", "screening: 7 days", ["schedule.screening", "after randomisation"]),
        ("run_in: 0 days", "run_in: 9 days", ["a run-in of 9 days does not fit"]),
        ("follow_up: 12 weeks", "follow_up: 7 weeks", ["before treatment does"]),
        ("treatment: 8 weeks", "treatment: 3 weeks", ["doses cannot be decided on day 24"]),
        ("method: permuted_blocks", "method: coin", ["randomisation.method", "permuted_blocks"]),
        ("candidates_per_month: 20", "candidates_per_month: 0", ["accrual.candidates_per_month"]),
        ("strata: []", "strata: [{measure: ecg, cuts: [1 points]}]", ["Did you mean 'ecog'?"]),
        ("strata: []", "strata: [{measure: crp, cuts: [60 mg/L, 30 mg/L]}]", ["do not increase"]),
        ("strata: []", "strata: [{measure: albumin, cuts: [30 g/L]}]", ["read neither at screening"]),
        (
            "measures: [crp, neutrophils, platelets, creatinine, body_weight]",
            "measures: [crp, creatinine]",
            ["'neutrophils' is not measured at the dose checks", "'creatinine_clearance' is not measured"],
        ),
        (
            "day: 8 weeks\n    condition",
            "day: 7 weeks\n    condition",
            ["endpoints.response.condition", "no visit measures 'lean_mass_ct' on day 49", "on day 0, 56"],
        ),
        ("measure: energy_intake\n", "measure: energy_intak\n", ["Did you mean 'energy_intake'?"]),
        (
            "events: serious_adverse_event\n",
            "events: serious_event\n",
            ["Did you mean 'serious_adverse_event'?"],
        ),
        (
            "endpoint: response, method: exact_binomial, arm: fixed",
            "endpoint: respons, method: exact_binomial, arm: fxed",
            ["no endpoint called 'respons'", "no arm called 'fxed'"],
        ),
        (
            "null: 5 %, alternative: 25 %",
            "null: 25 %, alternative: 5 %",
            ["not above the rate under the null"],
        ),
        ("null: 5 %", "null: 0 %", ["a response rate of 0 % cannot be tested"]),
        ("alpha: 5 %", "alpha: 95 %", ["a significance level of 95 %"]),
        ("method: fisher", "method: mean_difference", ["does not suit an endpoint of kind responder"]),
        ("control: control, alpha", "control: crp_guided, alpha", []),
        (
            "death: composite_failure",
            "death: principal_stratum",
            ["a principal stratum is refused", "no data can test"],
        ),
        ("death: composite_failure", "death: treatment_policy", ["after death there is none"]),
        ("summary: mean", "summary: proportion", ["does not sum up an endpoint of kind change"]),
        (
            "energy_intake:          {death: while_alive",
            "energy_intake:          {death: composite_failure",
            ["a change has no value that means failure"],
        ),
        ("to: 10 mg", "to: 12 mg", ["the dose cannot be set to 12 mg"]),
        ("levels: [5 mg, 10 mg", "levels: [10 mg, 5 mg", ["must be above zero and increase"]),
        (
            "measure: crp, of: percent_loss, below: 30 %",
            "measure: gdf15, of: percent_loss, below: 30 %",
            ["'gdf15' is not measured at the dose checks", "not measured on day 0"],
        ),
        ("stage: 2", "stage: 3", ["there is no stage 3"]),
        ("over: 2 months, at_least: 2 %", "at_least: 2 %", ["no baseline to hold 'body_weight' against"]),
        ("at_least: 30 mg/L", "at_least: 3000 mg/L", ["'3000 mg/L' is not plausible", "0 to 600 mg/L"]),
        ("question:", "qestion:", ["Did you mean 'question'?", "question: required key is missing"]),
        ("title:", "size: 3\ntitle:", ["this key stands twice"]),
    ],
)
def test_one_fault(old: str, new: str, parts: list[str]) -> None:
    if not parts:
        assert protocol.loads(changed(old, new), "mine.yaml")
        return
    message = faults(changed(old, new))
    for part in parts:
        assert part in message


def test_an_assumed_rule_must_be_named() -> None:
    message = faults(changed("  crp_guided: >-\n", "  guided: >-\n"))
    assert "rules.crp_guided: this rule is assumed, and nothing under 'assumptions' says so" in message


def test_fault_names_its_line() -> None:
    message = faults(changed("dose: 25 mg", "dose: -25 mg"))
    assert f"line {line_with('dose: 25 mg')}, arms.fixed.treatments.1.dose" in message


def test_missing_estimand() -> None:
    start = TEXT.index("  energy_intake:          {death")
    without = TEXT[:start] + TEXT[TEXT.index("\n", start) + 1 :]
    assert "the endpoint 'energy_intake' has no estimand" in faults(without)


def test_every_fault_is_said_at_once() -> None:
    """One fault in each of six sections, none hides another."""
    text = TEXT
    for old, new in (
        ("dose: 25 mg", "dose: -25 mg"),
        ("block_size: 10", "block_size: 8"),
        ("day: 12 weeks", "day: 13 weeks"),
        ("title:", "titel:"),
        ("at_least: 30 mg/L", "at_least: 30"),
        ("death: composite_failure", "death: principal_stratum"),
    ):
        text = text.replace(old, new, 1)
    message = faults(text)
    for part in (
        "-25 mg cannot be given",
        "a block of 8",
        "day 91 comes after the end",
        "Did you mean 'title'?",
        "'30' has no unit",
        "a principal stratum is refused",
    ):
        assert part in message


def test_unknown_name() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'lenalidomide'"):
        protocol.load("lenalidomid")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        protocol.load(tmp_path / "nothing.yaml")


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        protocol.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"\n# nothing\n", "it is empty"),
        (b"\xff\xfe\x00bad", "not text in UTF-8"),
        (b"arms: [unclosed", "Check indentation"),
        (b"just words", "expected keys and values"),
        (b"- a\n- b\n", "expected keys and values"),
        (b"protocol: x\n", "required key is missing"),
        (b"arms: &a [*a]\n", "contains itself"),
        (b"a: 1\n---\nb: 2\n", "not a valid protocol"),
    ],
)
def test_files_that_are_no_protocol(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        protocol.load(path)
    assert message in str(caught.value)
