"""``euexia assess``, ``match`` and ``dose`` on the command line."""

import json

import pytest
from typer.testing import CliRunner

from euexia.cli.main import app
from euexia.core.errors import InputError

RECORD = """\
patient,date,measure,value,unit
P1,2026-06-01,crp,42,mg/L
P1,2026-06-01,body_weight,62,kg
P1,2026-06-01,sex,M,
P1,2026-06-01,age,66,year
P1,2026-06-01,creatinine,0.9,mg/dL
P1,2026-06-01,neutrophils,4.2,10^9/L
P1,2026-06-01,platelets,220,10^9/L
P1,2026-06-08,crp,40,mg/L
P1,2026-06-08,creatinine,0.9,mg/dL
P1,2026-06-08,neutrophils,4.2,10^9/L
P1,2026-06-08,platelets,220,10^9/L
"""


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "record.csv"
    path.write_text(RECORD, encoding="utf-8")
    return path


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_template_assess_and_match_fit_together(tmp_path):
    assert run("assess", "--template", tmp_path / "new").exit_code == 0
    table = tmp_path / "new" / "patients.csv"
    done = run("assess", table, "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert (tmp_path / "out" / "cohort.html").is_file()
    found = run("match", table, "--out", tmp_path / "matches.csv")
    assert "lenalidomide: yes 0" in found.stdout
    lines = (tmp_path / "matches.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("patient,protocol,eligible,criterion")
    with pytest.raises(InputError, match="not overwritten"):
        run("match", table, "--out", tmp_path / "matches.csv")


def test_assess_without_a_table_says_what_to_do():
    with pytest.raises(InputError, match="--template FOLDER"):
        run("assess")


def test_a_faulty_table_is_refused_or_assessed_in_part(tmp_path, record):
    record.write_text(RECORD + "P1,2026-06-08,crp,high,mg/L\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"line 13, column 'value': 'high'.*(\n.*)*--keep-going"):
        run("assess", record, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert run("assess", record, "--out", tmp_path / "out", "--keep-going").exit_code == 0


def test_the_dose_is_said_and_logged(tmp_path, record):
    log = tmp_path / "log.jsonl"
    words = ["dose", "lenalidomide", "--record", record, "--arm", "crp_guided", "--first-dose", "2026-06-01"]
    done = run(*words, "--label", "eu", "--log", log)
    assert "Next dose: 10 mg a day" in done.stdout
    assert "is approved for no cachexia" in done.stdout
    entry = json.loads(log.read_text(encoding="utf-8"))
    assert (entry["next_dose_mg"], entry["patient"], entry["line"]) == (10.0, "P1", 1)
    run(*words, "--label", "us", "--log", log)
    assert len(log.read_text(encoding="utf-8").splitlines()) == 2


def test_the_label_must_be_named(record):
    done = run(
        "dose", "lenalidomide", "--record", record, "--arm", "crp_guided", "--first-dose", "2026-06-01"
    )
    assert done.exit_code == 2
    assert "--label" in done.stderr
