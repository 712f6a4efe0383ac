"""Every shipped protocol, simulated and reported as a user would, beside what was published of it.

Nothing here asks the model to agree: whether a published value lies in the prediction interval is a finding,
told by ``benchmarks/published.py`` and in docs/explanation/published-trials.md.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from euexia import evidence, protocol
from euexia.cli.main import app
from euexia.evidence.row import Row
from euexia.protocol.analysis_plan import EndpointKind
from euexia.protocol.published import ESTIMATE

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "published-trials.md"
NAMES = protocol.shipped()
ROMANA = ("romana1", "romana2")
SCALA = ("anamorelin_scala_1", "anamorelin_scala_2")


def published_rows(name: str) -> list[tuple[str, Row]]:
    """Return the published rows that a protocol names, with the arm or difference that each is of."""
    return [
        (entry.figure, evidence.find_row(entry.study, entry.row)) for entry in protocol.load(name).published
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_one_command_simulates_analyses_and_reports(name: str, tmp_path: Path) -> None:
    """The report has a chapter on published results and every figure of it is a number."""
    folder = tmp_path / "run"
    done = CliRunner().invoke(app, ["run", name, "--trials", "3", "--workers", "1", "--out", str(folder)])
    assert done.exit_code == 0, done.output
    page = (folder / "report.html").read_text("utf-8")
    found = json.loads((folder / "results.json").read_text("utf-8")).get("published", [])
    planned = protocol.load(name).published
    assert [entry["name"] for entry in found] == [entry.name for entry in planned]
    assert all(entry["trials"] > 0 for entry in found)
    assert all(entry["predicted_low"] <= entry["mean"] <= entry["predicted_high"] for entry in found)
    assert ('id="published"' in page) is bool(planned)
    assert 'id="primary"' in page
    assert list((folder / "figures").glob("published*")) or not planned


@pytest.mark.parametrize("name", NAMES)
def test_published_rows_are_of_the_arm_that_is_simulated(name: str) -> None:
    """A row of placebo is set beside the control's figure, a difference beside an estimate."""
    for figure, row in published_rows(name):
        assert row.value is not None
        assert row.verified, f"{row.measure} of {row.arm}"
        if "placebo" in row.arm and "minus" not in row.contrast:
            assert figure.endswith("_control")
        if row.contrast:
            assert figure == ESTIMATE


@pytest.mark.parametrize("name", NAMES)
def test_every_protocol_stands_in_the_table(name: str) -> None:
    assert f"| `{name}` |" in PAGE.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_assumed_is_marked_and_named(name: str) -> None:
    """A file that says 'assumed' names what under 'assumptions', and cites a registry or a publication."""
    text = (files("euexia") / "data" / "protocols" / f"{name}.yaml").read_text("utf-8")
    loaded = protocol.load(name)
    assert "# assumed" in text
    assert "status: assumed" in text
    assert len(loaded.assumptions) >= 5
    assert "doi:" in text or "NCT" in text


@pytest.mark.parametrize("name", ROMANA)
def test_romana_averages_two_visits_of_two_primary_endpoints(name: str) -> None:
    """Temel and others 2016: lean mass and handgrip, mean of the changes at weeks 6 and 12; arms 2:1."""
    loaded = protocol.load(name)
    primary = [endpoint for endpoint in loaded.endpoints if endpoint.role.value == "primary"]
    assert [endpoint.measure for endpoint in primary] == ["lean_mass_dxa", "handgrip_strength"]
    assert all(endpoint.kind is EndpointKind.CHANGE for endpoint in primary)
    assert all(endpoint.days == (42.0, 84.0) for endpoint in primary)
    assert [arm.ratio for arm in loaded.arms] == [2, 1]
    assert [stratum.measure for stratum in loaded.randomisation.strata] == [
        "trial_region",
        "chemotherapy",
        "body_weight",
    ]
    assert loaded.size == {"romana1": 484, "romana2": 495}[name]


def test_romana_trials_are_twins() -> None:
    """They differ in registration, size and published results alone."""
    one, two = (protocol.load(name) for name in ROMANA)
    for part in ("eligibility", "arms", "schedule", "endpoints", "estimands", "analyses", "multiplicity"):
        first, second = (
            str(getattr(trial, part)).replace("NCT01387282", "NCT01387269") for trial in (one, two)
        )
        assert first == second, part


@pytest.mark.parametrize("name", SCALA)
def test_low_weight_trials_have_two_reported_endpoints_while_alive(name: str) -> None:
    """Currow and others 2023: weight and 5-IASS, mean over 12 weeks of visits every 3 weeks; arms 1:1."""
    loaded = protocol.load(name)
    primary = [endpoint for endpoint in loaded.endpoints if endpoint.role.value == "primary"]
    assert [endpoint.measure for endpoint in primary] == ["body_weight", "faact_5iass"]
    assert all(endpoint.days == (21.0, 42.0, 63.0, 84.0) for endpoint in primary)
    assert all(loaded.estimands[endpoint.name].death.value == "while_alive" for endpoint in primary)
    assert [arm.ratio for arm in loaded.arms] == [1, 1]
    assert loaded.size == 318


def test_differences_of_thalidomide_are_turned_round() -> None:
    """Gordon and others 2005 print placebo minus thalidomide; simulated is thalidomide minus placebo."""
    loaded = protocol.load("thalidomide_pancreatic")
    differences = [entry for entry in loaded.published if entry.figure == ESTIMATE]
    assert [entry.analysis for entry in differences] == ["weight_week_4", "weight_week_8"]
    assert all(entry.reversed for entry in differences)
    assert loaded.size == 50
