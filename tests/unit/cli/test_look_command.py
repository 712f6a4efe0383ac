"""``euexia analyse --look`` and what a run with looks says on the terminal."""

import pytest
from typer.testing import CliRunner

from euexia import load_protocol, protocol, simulate
from euexia.cli.main import app
from euexia.core.errors import UnknownNameError
from euexia.trialdata import tables

LOOK = """
interims:
  half:
    analysis: weight_week_4
    information: 50 %
    executed: true
    efficacy: {spending: pocock}
    futility: {conditional_power: 10 %}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder with a protocol of twenty patients with a look, and the data of one trial."""
    here = tmp_path_factory.mktemp("look")
    text = load_protocol("thalidomide_pancreatic").source_text.replace("size: 50", "size: 20", 1) + LOOK
    (here / "trial.yaml").write_text(text, encoding="utf-8")
    plan = protocol.load(here / "trial.yaml")
    tables.write(here / "data", simulate(plan, trials=1, seed=3), plan)
    return here


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_look_is_taken_at_data(folder):
    plan, data = folder / "trial.yaml", folder / "data"
    found = run("analyse", plan, data, "--look", "half", "--out", folder / "out", "--format", "csv")
    assert found.exit_code == 0, found.output
    said = " ".join(found.output.split())
    assert "when 10 patients had reached the endpoint's day" in said
    assert "of the planned information; the trial stops for efficacy from" in said
    assert "weight_week_4" in said
    assert "survival" not in said


def test_a_look_that_is_not_there_is_said_without_a_traceback(folder):
    found = run("analyse", folder / "trial.yaml", folder / "data", "--look", "hal", "--out", folder / "no")
    assert isinstance(found.exception, UnknownNameError)
    assert "There is no interim look called 'hal'" in str(found.exception)
    assert "Did you mean 'half'?" in str(found.exception)
    assert not (folder / "no").exists()


def test_a_run_says_what_its_looks_save(folder):
    found = run("run", folder / "trial.yaml", "--trials", "3", "--out", folder / "run", "--workers", "1")
    assert found.exit_code == 0, found.output
    said = " ".join(found.output.split())
    assert "Looks end trials early, as modelled:" in said
    assert "will not be carried out" not in said
    assert (folder / "run" / "figures" / "looks.svg").is_file()
    assert next((folder / "run" / "parts").glob("*/looks.parquet")).is_file()
