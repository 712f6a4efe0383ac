"""Whole runs by the command line: the same bytes for any number of workers, and Ctrl-C as from a terminal."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

PROGRAM = "from euexia.cli.main import main; main()"


def run(folder, *words):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, "run", "lenalidomide", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_seed_gives_the_same_bytes_for_any_number_of_workers(tmp_path):
    """Every file is compared whole; 30 trials are more than one block, so the work is shared."""
    for workers in ("1", "2"):
        done = run(tmp_path, "--trials", "30", "--seed", "5", "--workers", workers, "--out", f"by-{workers}")
        assert done.returncode == 0, done.stderr
    files = sorted(path.relative_to(tmp_path / "by-1") for path in (tmp_path / "by-1").rglob("*.*"))
    assert len(files) > 20
    for name in files:
        assert (tmp_path / "by-1" / name).read_bytes() == (tmp_path / "by-2" / name).read_bytes(), name


def test_overwrite_replaces_an_earlier_run(tmp_path):
    words = ["--trials", "2", "--size", "10", "--workers", "1", "--out", "here"]
    assert run(tmp_path, *words).returncode == 0
    assert run(tmp_path, *words).returncode == 2
    assert run(tmp_path, *words, "--overwrite", "--seed", "2").returncode == 0
    assert json.loads((tmp_path / "here" / "manifest.json").read_text())["seed"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent to a process group")
def test_ctrl_c_keeps_the_finished_trials(tmp_path):
    program = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {PROGRAM}"
    words = ["run", "lenalidomide", "--trials", "4000", "--out", "partial"]
    with subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stderr.readline().startswith("Simulating")
            assert re.fullmatch(r"4\d\d of 4000 trials\n", process.stderr.readline())
            os.killpg(process.pid, signal.SIGINT)
            messages = process.communicate(timeout=120)[1]
        finally:
            process.kill()
    assert process.returncode == 130, messages
    assert "Traceback" not in messages
    manifest = json.loads((tmp_path / "partial" / "manifest.json").read_text())
    assert 0 < manifest["trials"] < manifest["planned_trials"] == 4000
    assert not manifest["complete"]
    assert (
        f"{manifest['trials']:,} of 4,000 planned trials"
        in (tmp_path / "partial" / "report.html").read_text()
    )


def test_the_smallest_trial_is_reported(tmp_path):
    """Two, two and one patient: arms in which nobody can be analysed are said, not divided by."""
    done = run(tmp_path, "--trials", "2", "--size", "5", "--workers", "1", "--out", "small")
    assert done.returncode == 0, done.stderr
    assert "nan" not in done.stdout
