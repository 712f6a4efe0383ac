"""Run folders: the report whole or not at all, and never over somebody's files."""

import errno
from pathlib import Path
from types import SimpleNamespace

import pytest

from euexia.core.errors import InputError, OutputError
from euexia.study import store
from euexia.study.run_folder import Manifest, load_manifest, write_manifest

MADE = Manifest(
    protocol="two_arms",
    size=10,
    seed=1,
    planned_trials=4,
    versions={"euexia": "0"},
    hashes={"protocol": "a"},
    overlays=(),
    command="euexia run two_arms",
)


def _report(folder: Path) -> Path:
    (folder / "report.html").write_text("<p>new</p>", encoding="utf-8")
    return folder / "report.html"


@pytest.fixture
def study(monkeypatch):
    """Stand in for a study: these tests are about the folder."""
    monkeypatch.setattr(store.tables, "write", lambda folder, data, protocol: folder.mkdir())
    return SimpleNamespace(
        protocol=SimpleNamespace(id="two_arms", source_text="protocol: two_arms"),
        parameters=SimpleNamespace(overlays=()),
        operating=SimpleNamespace(size=10, seed=1, planned_trials=4),
        provenance=SimpleNamespace(versions={}, hashes={}, command=""),
        example=None,
    )


def test_a_study_whose_trials_were_not_kept_gets_a_folder_with_parents(tmp_path, study):
    path = store.conclude(tmp_path / "a" / "b", study, _report)
    assert path.read_text(encoding="utf-8") == "<p>new</p>"
    assert sorted(entry.name for entry in (tmp_path / "a").iterdir()) == ["b"]
    assert load_manifest(tmp_path / "a" / "b").trials == 0


def test_an_existing_folder_is_never_overwritten_silently(tmp_path, study):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"exists and is not empty; nothing was changed.*--overwrite"):
        store.conclude(tmp_path / "run", study, _report)
    with pytest.raises(InputError, match=r"exists and is not empty; nothing was changed.*--overwrite"):
        store.prepare(tmp_path / "run")
    assert (tmp_path / "run" / "note.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_no_run_is_not_replaced_even_when_asked(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="is not a run of Euexia"):
        store.prepare(tmp_path / "thesis", overwrite=True)
    assert (tmp_path / "thesis" / "chapter.txt").exists()


@pytest.mark.parametrize("done", [True, False])
def test_an_earlier_run_goes_only_when_the_new_one_is_there(tmp_path, done):
    folder = tmp_path / "run"
    folder.mkdir()
    write_manifest(folder, MADE)
    aside = store.prepare(folder, overwrite=True)
    assert not folder.exists()
    folder.mkdir()
    (folder / "new.txt").write_text("new", encoding="utf-8")
    store.release(folder, aside, done=done)
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]
    assert (folder / "new.txt").exists() is done
    assert (folder / "manifest.json").exists() is not done


def test_a_full_disk_half_way_keeps_the_trials(tmp_path, study):
    folder = tmp_path / "run"
    folder.mkdir()
    write_manifest(folder, MADE)

    def full(place):
        (place / "report.html").write_text("half", encoding="utf-8")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match=r"the disk is full\. The trials that are there are kept"):
        store.conclude(folder, study, full)
    assert sorted(entry.name for entry in folder.iterdir()) == ["manifest.json"]


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "run").write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match="is a file, not a folder"):
        store.check_folder(tmp_path / "run")
    with pytest.raises(InputError, match="is a file, so"):
        store.check_folder(tmp_path / "run" / "inside")


def test_an_unwritable_place_is_said_before_any_work(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(store.tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(OutputError, match=r"cannot be written: Permission denied\. Choose another --out"):
        store.check_folder(tmp_path / "run")
