"""``euexia runs`` as its user meets it."""

import dataclasses
import json

import pytest

from euexia import load_protocol
from euexia.cli.main import main
from euexia.study import replicate, run_folder


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Give a folder with a run of three trials."""
    place = tmp_path_factory.mktemp("kept")
    protocol = dataclasses.replace(load_protocol("lenalidomide"), size=10)
    replicate.run(protocol, trials=3, seed=11, workers=1, folder=place / "mine")
    return place


@pytest.fixture
def euexia(kept, monkeypatch, capsys):
    """Give the command line, in the folder of the run."""
    monkeypatch.chdir(kept)

    def call(*words):
        monkeypatch.setattr("sys.argv", ["euexia", *words])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        output, messages = capsys.readouterr()
        return code, " ".join(output.split()), " ".join(messages.split())

    return call


def test_runs_are_listed(euexia):
    for words in (["runs"], ["runs", "list"], ["runs", "list", "mine"]):
        code, output, _ = euexia(*words)
        assert code == 0
        assert "mine" in output
        assert "complete" in output


def test_no_runs_are_said_with_the_way_to_one(euexia, tmp_path):
    code, _, messages = euexia("runs", "list", str(tmp_path))
    assert code == 0
    assert "There is no run in" in messages
    assert "euexia run lenalidomide" in messages


def test_one_run_is_told_with_what_it_was_made_from(euexia, kept):
    code, output, messages = euexia("runs", "show", "mine")
    assert code == 0
    assert "euexia run lenalidomide --trials 3 --seed 11 --size 10" in output
    assert messages == ""
    manifest = run_folder.load_manifest(kept / "mine")
    run_folder.write_manifest(kept / "mine", dataclasses.replace(manifest, planned_trials=9))
    assert "--out mine --resume" in euexia("runs", "show", "mine")[2]
    run_folder.write_manifest(kept / "mine", manifest)
    code, _, messages = euexia("runs", "show", ".")
    assert code == 2
    assert "is no run" in messages


def test_questions_are_answered_as_table_csv_and_json(euexia):
    pytest.importorskip("duckdb")
    question = "SELECT trial, screened FROM screening ORDER BY trial LIMIT 2"
    assert euexia("runs", "query", question)[1].startswith("trial screened 1 ")
    assert euexia("runs", "query", question, "mine", "--format", "csv")[1].startswith("trial,screened 1,")
    rows = json.loads(euexia("runs", "query", question, "--format", "json")[1])
    assert [row["trial"] for row in rows] == [1, 2]
    (none,) = json.loads(euexia("runs", "query", "SELECT 'nan'::double AS x", "--format", "json")[1])
    assert none == {"x": None}
    code, _, messages = euexia("runs", "query", "SELECT nothing FROM results")
    assert code == 2
    assert "DESCRIBE results" in messages


def test_pruning_says_first_and_removes_when_told_to(euexia, kept):
    assert "nothing to remove" in euexia("runs", "prune")[2]
    (kept / "mine" / "parts" / ".part-x").mkdir()
    code, output, messages = euexia("runs", "prune")
    assert code == 0
    assert "what an ended process left" in output
    assert "Add --yes" in messages
    assert (kept / "mine" / "parts" / ".part-x").exists()
    euexia("runs", "prune", "--yes")
    assert not (kept / "mine" / "parts" / ".part-x").exists()
    assert "complete" in euexia("runs")[1]
    assert euexia("runs", "prune", "--older-than", "soon")[0] == 2


@pytest.mark.parametrize("words", [[], ["list"], ["show"], ["query"], ["prune"]])
def test_every_help_text_has_examples(euexia, words):
    code, output, _ = euexia("runs", *words, "--help")
    assert code == 0
    assert "$ euexia runs" in output
