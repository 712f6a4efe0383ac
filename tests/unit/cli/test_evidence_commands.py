"""``euexia evidence`` from the outside."""

import json

from typer.testing import CliRunner

from builders.registry_records import CURRENT
from euexia.cli.main import app

RUNNER = CliRunner()


def test_every_study_is_listed():
    answer = RUNNER.invoke(app, ["evidence"])
    assert answer.exit_code == 0
    assert "anamorelin_romana1: " in answer.stdout


def test_the_rows_of_a_study_say_what_was_seen():
    answer = RUNNER.invoke(app, ["evidence", "anamorelin_romana1"])
    line = next(part for part in answer.stdout.splitlines() if "lbm_change_anamorelin:" in part)
    assert line.strip().startswith(
        "* lbm_change_anamorelin: lbm_change, anamorelin, weeks 0 to 12: 0.99 kg (median)"
    )


def test_posted_results_become_a_file_that_is_never_overwritten(tmp_path):
    record, out = tmp_path / "record.json", tmp_path / "rows.yaml"
    record.write_text(json.dumps(CURRENT), encoding="utf-8")
    assert RUNNER.invoke(app, ["evidence", str(record), "--out", str(out)]).exit_code == 0
    written = out.read_text(encoding="utf-8")
    assert "outcome_change_in_body_weight_examplamab" in written
    again = RUNNER.invoke(app, ["evidence", str(record), "--out", str(out)])
    assert again.exit_code != 0
    assert out.read_text(encoding="utf-8") == written
