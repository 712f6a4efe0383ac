"""``euexia schema``, and what ``check`` and ``run`` say of treatments and interim looks."""

import json

import pytest
from typer.testing import CliRunner

from euexia import protocol
from euexia.cli.main import app
from euexia.core.errors import InputError
from euexia.study import replicate

LOOK = """
interims:
  half_way: {analysis: response_fixed, information: 50 %, futility: {p_value: 0.5}}
"""


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_the_schema_is_json():
    found = json.loads(run("schema", "protocol").stdout)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "lenalidomide" in found["$defs"]["Treatment"]["properties"]["drug"]["enum"]
    assert run("schema").stdout == run("schema", "protocol").stdout


def test_check_refuses_what_cannot_be_simulated(tmp_path):
    """A dose in mg of what is given as an uptake is a fault that only the treatments can tell."""
    path = tmp_path / "trial.yaml"
    text = protocol.load("menac").source_text
    path.write_text(text.replace("{drug: nsaid,", "{drug: nsaid, dose: 400 mg,", 1), encoding="utf-8")
    with pytest.raises(InputError, match="'nsaid' is given as an uptake, not in mg"):
        run("check", path)


def test_run_says_that_interim_looks_are_not_carried_out(tmp_path, monkeypatch):
    """Said before anything is simulated."""

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(replicate, "run", stop)
    path = tmp_path / "trial.yaml"
    path.write_text(protocol.load("lenalidomide").source_text + LOOK, encoding="utf-8")
    said = run("run", path, "--trials", 1, "--out", tmp_path / "out")
    assert "The interim look 'half_way' of 'lenalidomide' will not be carried out." in " ".join(
        said.output.split()
    )
