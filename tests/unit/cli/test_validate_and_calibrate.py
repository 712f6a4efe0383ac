"""The commands validate and calibrate: lists, mistakes, and what is said of them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from euexia.cli.main import app

RUN = CliRunner()


def test_the_list_of_twins_says_what_each_is_for() -> None:
    """ROMANA 2 is held out, MENAC is for context."""
    found = RUN.invoke(app, ["validate", "--list"])
    assert found.exit_code == 0
    lines = {line.split(":")[0]: line for line in found.stdout.splitlines()}
    assert "holdout" in lines["romana2"]
    assert "context" in lines["menac"]
    assert "calibration" in lines["gordon"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["validate", "--trials", "romana9"], "romana9"),
        (["validate", "--trials", "tan", "--draws-from", "nothing.csv"], "nothing.csv"),
        (["validate", "--trials", "tan", "--draws-from", "calibrated_9"], "calibrated_9"),
    ],
)
def test_names_that_are_none_are_refused_before_any_work(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    """The error names what was given; nothing is written."""
    out = tmp_path / "out"
    found = RUN.invoke(app, [*arguments, "--out", str(out)])
    assert found.exit_code != 0
    assert said in str(found.exception)
    assert not out.exists()


def test_a_held_out_trial_cannot_be_fitted(tmp_path: Path) -> None:
    """The message says which twins have rows for calibration."""
    found = RUN.invoke(app, ["calibrate", str(tmp_path / "cal"), "--trials", "romana2"])
    assert found.exit_code != 0
    assert "romana2" in str(found.exception)
    assert "gordon" in str(found.exception)


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    """Somebody's files are not mixed with a calibration's."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "mine.txt").write_text("mine")
    found = RUN.invoke(app, ["calibrate", str(tmp_path), "--members", "16", "--trials", "tan"])
    assert "holds something else" in str(found.exception)
