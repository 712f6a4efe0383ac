"""``euexia export-model`` and ``euexia sensitivity`` as their user meets them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from euexia.cli.main import main

Call = Callable[..., tuple[object, str, str]]


@pytest.fixture
def euexia(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Give a function that runs a command line in an empty folder: (exit code, output, messages)."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["euexia", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        output, messages = capsys.readouterr()
        assert "Traceback" not in messages
        return ended.value.code or 0, output, " ".join(messages.split())

    return call


def test_a_model_is_written_and_said_where(euexia: Call, tmp_path: Path) -> None:
    code, _, messages = euexia(
        "export-model", "pancreas", "--treat", "ponsegromab 200 mg every 4 weeks", "--out", "model.xml"
    )
    assert code == 0
    assert "Model: model.xml" in messages
    assert "injection_on_day_336" in (tmp_path / "model.xml").read_text(encoding="utf-8")


def test_a_file_that_is_there_is_not_lost(euexia: Call, tmp_path: Path) -> None:
    (tmp_path / "model.xml").write_text("mine", encoding="utf-8")
    code, _, messages = euexia("export-model", "nsclc", "--out", "model.xml")
    assert code == 2
    assert "'model.xml' exists already" in messages
    assert (tmp_path / "model.xml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("export-model", "nsclcx", "--out", "a.xml"), "nsclc"),
        (("export-model", "nsclc", "--treat", "aspirin 1 mg daily", "--out", "a.xml"), "no treatment called"),
        (("export-model", "nsclc", "--weeks", "12", "--stop-week", "20", "--out", "a.xml"), "stop within"),
        (("sensitivity", "nsclc", "--of", "wieght"), "wieght"),
        (("sensitivity", "nsclc", "--of", "body_weight", "--size", "1"), "at least 4"),
        (("sensitivity", "nsclc", "--of", "body_weight", "--method", "sobol", "--size", "100"), "power of 2"),
    ],
)
def test_mistakes_are_said_with_the_way_out(
    euexia: Call, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    code, _, messages = euexia(*words)
    assert code == 2
    assert says in messages
    assert list(tmp_path.iterdir()) == []


def test_sensitivity_prints_the_table_and_what_readings_tell(euexia: Call, tmp_path: Path) -> None:
    pytest.importorskip("SALib")
    code, output, messages = euexia(
        "sensitivity", "nsclc", "--of", "body_weight", "--vary", "intake.gdf15_effect", "--vary",
        "hazards.death_rate", "--size", "4", "--out", "why",
    )  # fmt: skip
    assert code == 0
    assert "intake.gdf15_effect" in output
    assert "it hangs most on intake: gdf15 effect" in " ".join(output.split())
    assert "1 move no reading" in " ".join(output.split())
    assert "Report: why/report.html" in messages
    assert (tmp_path / "why" / "figures" / "tornado-body-weight.svg").exists()
