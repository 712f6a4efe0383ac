"""``euexia check`` and ``euexia export`` on data of trials, as their user meets them."""

import sys

import pytest

from builders.cdisc_samples import dm, vs
from euexia.cli.main import main
from euexia.formats.write import write


@pytest.fixture
def euexia(monkeypatch, capsys, tmp_path):
    """Give a function that runs a command line in an empty folder: (exit code, output, messages)."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["euexia", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        output, messages = capsys.readouterr()
        assert "Traceback" not in messages
        return ended.value.code or 0, output, messages

    return call


@pytest.fixture
def sdtm(tmp_path):
    """Return a folder with DM and VS."""
    folder = tmp_path / "sdtm"
    folder.mkdir()
    for one in (dm(), vs(USUBJID=["A", "A", "B", "Z"])):
        write(folder / f"{one.name.lower()}.xpt", one)
    return folder


def test_data_are_explained(euexia, sdtm):
    code, output, messages = euexia("check", sdtm.name)
    assert code == 0
    assert "body_weight" in output
    assert "VS: VSTESTCD WEIGHT" in output
    assert "Conflicts" in output
    assert "'Z' for example" in output
    assert "3 randomised subjects (active 2, placebo 1): 1 conflict, listed above" in messages


def test_everything_and_conformance_are_printed_on_request(euexia, sdtm):
    code, output, _ = euexia("check", sdtm.name, "--all", "--conformance")
    assert code == 0
    assert "not randomised" in output
    assert "EU008 error: VS.USUBJID, row 4" in output


def test_data_that_do_not_fit_the_protocol_are_refused(euexia, sdtm):
    code, output, messages = euexia("check", sdtm.name, "--protocol", "ponsegromab")
    assert (code, output) == (2, "")
    assert "arm 'ACTIVE' (2 subjects) is none of the arms of protocol 'ponsegromab'" in messages


def test_protocols_are_checked_as_before(euexia, tmp_path):
    code, _, messages = euexia("check", "lenalidomide")
    assert code == 0
    assert "valid protocol" in messages
    (tmp_path / "mine.yaml").write_text("protocol: 1", encoding="utf-8")
    code, _, messages = euexia("check", "mine.yaml")
    assert code == 2
    assert "mine.yaml" in messages


def test_a_trial_is_exported_and_never_over_something(euexia, sdtm, tmp_path):
    words = ("export", sdtm.name, "--as", "adam", "--format", "dataset-json", "--out", "adam")
    code, output, messages = euexia(*words)
    assert code == 0
    assert "ADVS" in output
    assert "CORE not found; built-in checks only" in messages
    assert {one.name for one in (tmp_path / "adam").iterdir()} >= {"adsl.json", "advs.json", "define.xml"}
    code, _, messages = euexia(*words)
    assert code == 3
    assert "is not overwritten" in messages
    assert euexia("check", "adam")[0] == 0


def test_what_is_no_data_is_refused(euexia, tmp_path):
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    code, output, messages = euexia("check", "notes.txt")
    assert (code, output) == (2, "")
    assert "is not recognised as data of a trial" in messages


def test_conformance_of_a_stack_and_of_other_data(euexia, sdtm, tmp_path):
    stack = tmp_path / "stack"
    stack.mkdir()
    sdtm.rename(stack / "trial_0001")
    _, output, _ = euexia("check", "stack", "--conformance")
    assert "EU008 error: VS.USUBJID, row 4" in output
    assert euexia("export", "stack", "--as", "sdtm", "--out", "again")[0] == 0
    assert "24 rules, no findings" in euexia("check", "again", "--conformance")[1]
