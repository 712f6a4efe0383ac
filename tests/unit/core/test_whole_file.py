"""A file is the old one or the new one, never half of it."""

import os

import pytest

from euexia.core.whole_file import write_whole


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    place = tmp_path / "a.txt"
    write_whole(place, b"old")
    write_whole(place, b"new")
    assert place.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert os.name == "nt" or place.stat().st_mode & 0o777 == 0o644


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    place = tmp_path / "a.txt"
    write_whole(place, b"old")

    def fail(*_):
        raise OSError("no room")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no room"):
        write_whole(place, b"new")
    assert place.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
