"""Runs on disk: found, told, asked in SQL and removed, and nothing else touched."""

import dataclasses
import os
import shutil
import sys
from datetime import UTC, datetime, timedelta

import pytest

from euexia import load_protocol
from euexia.core.errors import InputError
from euexia.study import replicate, run_folder, run_query, run_registry
from euexia.study.folder_lock import locked
from euexia.study.run_registry import State


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Give a folder with a run of three trials in two parts."""
    place = tmp_path_factory.mktemp("kept")
    protocol = dataclasses.replace(load_protocol("lenalidomide"), size=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replicate, "PATIENTS_PER_PART", 20)
        replicate.run(protocol, trials=3, seed=11, workers=1, folder=place / "first")
    return place


@pytest.fixture
def place(kept, tmp_path):
    """Give a copy of it that may be spoilt, as 'first' and, in a folder more, as 'second'."""
    shutil.copytree(kept / "first", tmp_path / "first")
    shutil.copytree(kept / "first", tmp_path / "deeper" / "second")
    return tmp_path


def states(place):
    return {run.folder.name: run.state for run in run_registry.find([place])}


def change(folder, **changed):
    run_folder.write_manifest(folder, dataclasses.replace(run_folder.load_manifest(folder), **changed))


def test_runs_are_found_in_folders_and_by_their_own(place):
    assert states(place) == {"first": State.COMPLETE, "second": State.COMPLETE}
    (run,) = run_registry.find([place / "first"])
    assert run.manifest.trials == 3
    assert run.size_in_bytes == sum(p.stat().st_size for p in run.folder.rglob("*") if p.is_file())
    assert run_registry.continuing(run).endswith(f"--out {run.folder} --resume")
    with pytest.raises(InputError, match="is no folder"):
        run_registry.find([place / "nowhere"])


def test_each_state_is_told(place):
    first, second = place / "first", place / "deeper" / "second"
    change(first, planned_trials=10)
    assert states(place)["first"] is State.INTERRUPTED
    change(first, met=True)
    assert states(place)["first"] is State.COMPLETE
    table = second / "parts" / "000000" / "arms.parquet"
    table.write_bytes(table.read_bytes()[:-3])
    assert states(place)["second"] is State.DAMAGED
    (second / "manifest.json").write_text("{")
    assert states(place)["second"] is State.UNREADABLE
    with locked(first):
        assert states(place)["first"] is State.BEING_WRITTEN
    assert states(place)["first"] is State.COMPLETE


def test_a_changed_byte_is_found_when_a_run_is_looked_at_whole(place):
    table = place / "first" / "parts" / "000000" / "results.parquet"
    content = bytearray(table.read_bytes())
    content[100] ^= 1
    table.write_bytes(bytes(content))
    (run,) = run_registry.find([place / "first"])
    assert run.state is State.COMPLETE
    assert run_registry.damaged_parts(run) == ("000000", "000001-1")


def test_leftovers_are_removed_and_the_run_stays(place):
    first = place / "first"
    for name in ("parts/.part-abc", "parts/000009", "damaged/000000", ".report-x"):
        (first / name).mkdir(parents=True)
    (first / ".manifest.json-y").write_text("")
    removals = run_registry.removable(run_registry.find([first]))
    assert {path.name for removal in removals for path in removal.paths} == {
        *(".part-abc", "000009", "damaged", ".report-x", ".manifest.json-y")
    }
    for removal in removals:
        assert not run_registry.remove(removal)
    assert run_registry.removable(run_registry.find([first])) == ()
    assert states(first) == {"first": State.COMPLETE}


def test_whole_runs_go_when_asked_for_and_others_files_stay(place):
    first = place / "first"
    (first / "thesis.tex").write_text("years of work")
    change(first, planned_trials=10)
    found = run_registry.find([place])
    assert run_registry.removable(found) == ()
    (removal,) = run_registry.removable(found, interrupted=True)
    assert not run_registry.remove(removal)
    assert [path.name for path in first.iterdir()] == ["thesis.tex"]
    (removal,) = run_registry.removable(run_registry.find([place]), named=("second",))
    assert run_registry.remove(removal)
    assert not (place / "deeper" / "second").exists()
    with pytest.raises(InputError, match="no run called 'second'"):
        run_registry.removable(run_registry.find([place]), named=("second",))


def test_old_runs_go_and_one_that_is_being_written_never(place):
    found = run_registry.find([place])
    later = datetime.now(tz=UTC) + timedelta(days=31)
    month = run_registry.age("30d")
    assert len(run_registry.removable(found, older_than=month, now=later)) == 2
    assert run_registry.removable(found, older_than=month) == ()
    with locked(place / "first"):
        again = run_registry.find([place / "first"])
        assert run_registry.removable(again, older_than=month, now=later, named=("first",)) == ()
        (removal,) = run_registry.removable(found[-1:], older_than=month, now=later)
        with pytest.raises(InputError, match="being written"):
            run_registry.remove(removal)
    assert (place / "first" / "manifest.json").exists()


def test_a_run_that_was_set_aside_is_told_as_such(place):
    (place / "first").rename(place / ".first-old-abc")
    assert states(place)[".first-old-abc"] is State.SET_ASIDE
    (removal,) = run_registry.removable(run_registry.find([place]))
    assert removal.whole


@pytest.mark.parametrize("text", ["soon", "30", "d", "-3d", "1y"])
def test_what_is_no_age_is_refused(text):
    with pytest.raises(InputError, match="is no age"):
        run_registry.age(text)


@pytest.mark.skipif(sys.platform != "linux", reason="links may need rights elsewhere")
def test_links_are_not_followed(place):
    os.symlink(place / "first", place / "deeper" / "link")
    assert len(run_registry.find([place])) == 2


def ask(question, place):
    found = run_registry.find([place])
    answer = run_query.ask(question, {run.folder.name: run.folder for run in found})
    return answer.columns, list(answer.rows)


def test_a_question_is_answered_over_all_runs(place):
    pytest.importorskip("duckdb")
    columns, rows = ask(
        "SELECT run, count(DISTINCT trial) AS trials, sum(patients) AS patients FROM arms "
        "WHERE scenario = 'as_modelled' GROUP BY run ORDER BY run",
        place,
    )
    assert columns == ("run", "trials", "patients")
    assert rows == [("first", 3, 30), ("second", 3, 30)]
    assert {name for (name, *_) in ask("SHOW TABLES", place)[1]} >= {"results", "arms", "screening"}


@pytest.mark.parametrize(
    "question",
    [
        "DROP VIEW results",
        "CREATE TABLE x AS SELECT 1",
        "COPY results TO 'stolen.csv'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "ATTACH 'x.db'",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_nothing_but_a_question_is_taken(place, question):
    pytest.importorskip("duckdb")
    with pytest.raises(InputError, match="begins with SELECT"):
        ask(question, place)


@pytest.mark.parametrize(
    "question",
    [
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "SELECT * FROM read_parquet('first/parts/000000/arms.parquet')",
        "SELECT * FROM glob('*')",
        "SELECT * FROM question",
        "SELECT nothing FROM results",
        "SELEC 1",
    ],
)
def test_no_other_file_and_nothing_of_the_program_is_seen(place, question, monkeypatch):
    pytest.importorskip("duckdb")
    monkeypatch.chdir(place)
    with pytest.raises(InputError, match="could not be answered"):
        ask(question, place)


def test_without_duckdb_the_way_out_is_said(place, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(InputError, match=r"euexia\[query\]"):
        ask("SELECT 1", place)
