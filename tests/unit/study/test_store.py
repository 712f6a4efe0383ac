"""Run folders: whole or not at all, and never over somebody's files."""

import errno

import pytest

from euexia.core.errors import InputError, OutputError
from euexia.study import store


def _report(folder):
    (folder / "report.html").write_text("<p>new</p>", encoding="utf-8")
    return folder / "report.html"


@pytest.fixture
def contents(monkeypatch):
    """Stand in for the tables: these tests are about the folder."""
    monkeypatch.setattr(
        store,
        "_write_contents",
        lambda folder, study: (folder / store.MANIFEST).write_text("{}", encoding="utf-8"),
    )


def test_a_new_folder_with_parents(tmp_path, contents):
    path = store.write(tmp_path / "a" / "b", None, _report)
    assert path.read_text(encoding="utf-8") == "<p>new</p>"
    assert sorted(entry.name for entry in (tmp_path / "a").iterdir()) == ["b"]


def test_an_existing_folder_is_never_overwritten_silently(tmp_path, contents):
    store.write(tmp_path / "run", None, _report)
    (tmp_path / "run" / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"exists and is not empty; nothing was changed.*--overwrite"):
        store.write(tmp_path / "run", None, _report)
    assert (tmp_path / "run" / "note.txt").read_text(encoding="utf-8") == "mine"
    store.write(tmp_path / "run", None, _report, overwrite=True)
    assert not (tmp_path / "run" / "note.txt").exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


def test_a_folder_that_is_no_run_is_not_replaced_even_when_asked(tmp_path, contents):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="is not a run of Euexia"):
        store.write(tmp_path / "thesis", None, _report, overwrite=True)
    assert (tmp_path / "thesis" / "chapter.txt").exists()


def test_a_full_disk_half_way_loses_nothing(tmp_path, contents):
    store.write(tmp_path / "run", None, _report)

    def full(folder):
        (folder / "report.html").write_text("half", encoding="utf-8")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match=r"the disk is full\. Nothing that was there before has changed"):
        store.write(tmp_path / "run", None, full, overwrite=True)
    assert (tmp_path / "run" / "report.html").read_text(encoding="utf-8") == "<p>new</p>"
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


def test_a_file_in_the_way(tmp_path, contents):
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
