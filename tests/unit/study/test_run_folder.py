"""A run on disk: continued, grown, damaged, shared, and the same bits in the end."""

import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from euexia import load_protocol
from euexia.core.errors import InputError, OutputError, WorkerError
from euexia.study import executor, parts, replicate, run_folder, store
from euexia.study.run_folder import load_manifest

SEED = 11


@pytest.fixture(scope="module")
def protocol():
    """Give the shipped trial with ten patients."""
    return dataclasses.replace(load_protocol("lenalidomide"), size=10)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Make blocks of two trials, and parts of two blocks."""
    monkeypatch.setattr(replicate, "PATIENTS_PER_BLOCK", 20)
    monkeypatch.setattr(replicate, "PATIENTS_PER_PART", 40)


@pytest.fixture(scope="module")
def whole(protocol):
    """Give ten trials without a folder."""
    return replicate.run(protocol, trials=10, seed=SEED, workers=1)


def run(protocol, folder, trials=10, **named):
    return replicate.run(protocol, trials=trials, seed=SEED, workers=1, folder=folder, **named)


def same(first, second):
    """Assert that two values are equal to the last bit, NaN included."""
    if dataclasses.is_dataclass(first):
        for entry in dataclasses.fields(first):
            same(getattr(first, entry.name), getattr(second, entry.name))
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            same(first[key], second[key])
    elif isinstance(first, tuple):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            same(one, other)
    elif isinstance(first, np.ndarray):
        np.testing.assert_array_equal(first, second)
    else:
        assert first == second or (first != first and second != second)


def test_a_run_is_kept_in_parts_and_its_summary_is_that_of_a_run_without_folder(protocol, whole, tmp_path):
    same(run(protocol, tmp_path / "run").operating, whole.operating)
    manifest = load_manifest(tmp_path / "run")
    assert [(part.first_trial, part.trials) for part in manifest.parts] == [(0, 4), (4, 4), (8, 2)]
    assert manifest.is_complete
    assert not (tmp_path / "run" / ".lock").exists()


def test_a_part_reads_back_as_it_was_written(protocol, tmp_path):
    run(protocol, tmp_path / "run", trials=4)
    modelled, null = parts.read_part(tmp_path / "run" / "parts" / "000000")
    (tmp_path / "again").mkdir()
    parts.write_part(tmp_path / "again", modelled, null)
    same(parts.read_part(tmp_path / "again"), (modelled, null))
    for table in parts.TABLES:
        name = f"{table}.parquet"
        original = tmp_path / "run" / "parts" / "000000" / name
        assert (tmp_path / "again" / name).read_bytes() == original.read_bytes()


@pytest.mark.parametrize("stops", [1, 3])
def test_an_interrupted_run_goes_on_to_the_same_bits(protocol, whole, tmp_path, monkeypatch, stops):
    completed = executor.completed

    def interrupted(work, tasks, workers):
        for count, outcome in enumerate(completed(work, tasks, workers), start=1):
            yield outcome
            if count == stops:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(executor, "completed", interrupted)
        assert run(protocol, tmp_path / "run").operating.trials == 2 * stops
    assert not load_manifest(tmp_path / "run").is_complete
    same(run(protocol, tmp_path / "run", resume=True).operating, whole.operating)


def files(folder):
    """Return every file of a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("stops", [1, 2, 3])
def test_an_interruption_leaves_no_trace_in_the_folder(protocol, tmp_path, monkeypatch, stops):
    """An early end inside a part is made good: the parts, and the manifest, are those of one run."""
    run(protocol, tmp_path / "whole")
    run(protocol, tmp_path / "run", trials=2 * stops - 1)
    monkeypatch.setattr(replicate, "PATIENTS_PER_BLOCK", 30)
    run(protocol, tmp_path / "run", trials=2 * stops, resume=True)
    run(protocol, tmp_path / "run", resume=True)
    assert files(tmp_path / "run") == files(tmp_path / "whole")


@pytest.mark.parametrize("error", [WorkerError("gone"), ValueError("a fault"), SystemExit(3)])
def test_whatever_ends_a_run_what_is_finished_is_kept(protocol, whole, tmp_path, monkeypatch, error):
    completed = executor.completed

    def ended(work, tasks, workers):
        for count, outcome in enumerate(completed(work, tasks, workers), start=1):
            yield outcome
            if count == 3:
                raise error

    with monkeypatch.context() as patch:
        patch.setattr(executor, "completed", ended)
        with pytest.raises(type(error)) as raised:
            run(protocol, tmp_path / "run")
    assert any("6 of 10 trials are kept" in note for note in raised.value.__notes__)
    assert load_manifest(tmp_path / "run").trials == 6
    same(run(protocol, tmp_path / "run", resume=True).operating, whole.operating)


def test_a_run_that_came_to_nothing_leaves_no_folder(protocol, tmp_path):
    """As when no scheduler answers: the same command can be given again."""

    class Nobody:
        def completed(self, work, tasks):
            raise InputError("No scheduler answers")
            yield

    with pytest.raises(InputError, match="No scheduler answers"):
        run(protocol, tmp_path / "run", on=Nobody())
    assert not (tmp_path / "run").exists()


def test_a_run_can_grow(protocol, whole, tmp_path):
    run(protocol, tmp_path / "run", trials=3)
    same(run(protocol, tmp_path / "run", resume=True).operating, whole.operating)
    again = run(protocol, tmp_path / "run", trials=5, resume=True)  # fewer than there are: nothing is lost
    assert again.operating.trials == 10


def test_a_damaged_part_is_set_aside_and_computed_again(protocol, whole, tmp_path):
    folder = tmp_path / "run"
    run(protocol, folder)
    table = folder / "parts" / "000001" / "results.parquet"
    table.write_bytes(table.read_bytes()[:-100])
    study = run(protocol, folder, resume=True)
    same(study.operating, whole.operating)
    assert any("000001" in notice for notice in study.notices)
    assert (folder / "damaged" / "000001" / "results.parquet").exists()
    assert [part.first_trial for part in load_manifest(folder).parts] == [0, 4, 8]


def test_a_part_that_the_manifest_does_not_name_is_written_again(protocol, whole, tmp_path):
    """The process ended after the part was in its place and before the manifest said so."""
    folder = tmp_path / "run"
    run(protocol, folder)
    manifest = load_manifest(folder)
    run_folder.write_manifest(folder, dataclasses.replace(manifest, parts=manifest.parts[:1]))
    (folder / "parts" / ".part-left-over").mkdir()
    same(run(protocol, folder, resume=True).operating, whole.operating)
    assert sorted(entry.name for entry in (folder / "parts").iterdir()) == ["000000", "000001", "000002-2"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seed": 12}, "seed 12 there, 11 now"),
        ({"size": 20}, "size 20 there, 10 now"),
        ({"versions": {"euexia": "0.0.1"}}, "version of euexia 0.0.1 there"),
        ({"hashes": {"protocol": "f" * 64}}, "hash of the protocol ffffffffffff there"),
    ],
)
def test_another_run_is_never_mixed_in(protocol, tmp_path, changed, said):
    folder = tmp_path / "run"
    run(protocol, folder, trials=2)
    run_folder.write_manifest(folder, dataclasses.replace(load_manifest(folder), **changed))
    with pytest.raises(InputError, match=said):
        run(protocol, folder, resume=True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot be read"),
        ('{"format": "euexia-run/1"}', "has the form 'euexia-run/1'"),
        ('{"format": "euexia-run/2"}', "lacks what a manifest must say"),
    ],
)
def test_a_manifest_that_cannot_be_understood_is_named(protocol, tmp_path, content, said):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        run(protocol, tmp_path / "run", resume=True)
    with pytest.raises(InputError, match="is no run of Euexia"):
        run(protocol, tmp_path / "nothing", resume=True)


def test_two_processes_do_not_write_one_run(protocol, tmp_path):
    folder = tmp_path / "run"
    run(protocol, folder, trials=2)
    manifest = load_manifest(folder)
    with (
        run_folder.opened(folder, manifest, resume=True, protocol_text=""),
        pytest.raises(InputError, match=rf"being written by another process \(process {os.getpid()}\)"),
    ):
        run(protocol, folder, resume=True)


def test_a_full_disk_keeps_the_parts_that_are_there(protocol, whole, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    written = []

    def full(place, modelled, null):
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(place)
        parts_write(place, modelled, null)

    parts_write = parts.write_part
    with monkeypatch.context() as patch:
        patch.setattr(parts, "write_part", full)
        with pytest.raises(OutputError, match="the disk is full"):
            run(protocol, folder)
    assert load_manifest(folder).trials == 4
    assert sorted(entry.name for entry in (folder / "parts").iterdir()) == ["000000"]
    same(run(protocol, folder, resume=True).operating, whole.operating)


def test_rows_as_text_of_a_run_that_has_grown_too_long_are_removed(protocol, tmp_path, monkeypatch):
    """What stood in trials.csv was of fewer trials; the parts hold all of them."""

    def report(place):
        (place / "report.html").write_text("")
        return place / "report.html"

    folder = tmp_path / "run"
    store.conclude(folder, run(protocol, folder, trials=2), report)
    assert (folder / "trials.csv").exists()
    monkeypatch.setattr(store, "MOST_TRIALS_IN_TEXT", 3)
    store.conclude(folder, run(protocol, folder, trials=4, resume=True), report)
    assert not (folder / "trials.csv").exists()
    assert not (folder / "trials.parquet").exists()


KILLED = """
import dataclasses, sys
from pathlib import Path
from euexia import load_protocol
from euexia.study import replicate
replicate.PATIENTS_PER_BLOCK, replicate.PATIENTS_PER_PART = 20, 60
if __name__ == "__main__":
    protocol = dataclasses.replace(load_protocol("lenalidomide"), size=10)
    place, goes_on = Path(sys.argv[1]), sys.argv[2] == "resume"
    replicate.run(protocol, trials=200, seed=11, workers=2, folder=place, resume=goes_on)
"""


def trials_there(folder):
    """Return how many trials the manifest names, if there is one yet."""
    manifest = folder / "manifest.json"
    return json.loads(manifest.read_text())["trials"] if manifest.exists() else 0


def wait_for(condition, process, seconds=240):
    """Wait until something is so, as long as a process runs."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "the run ended before it was killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a signal")
def test_a_run_killed_again_and_again_ends_in_the_same_bytes(tmp_path):
    """Kill -9 twice in the middle of a run with two workers; every file is then that of a run without."""
    program = tmp_path / "program.py"
    program.write_text(KILLED)
    folder = tmp_path / "run"
    for begin, least in (("begin", 12), ("resume", 60)):
        process = subprocess.Popen([sys.executable, str(program), str(folder), begin])
        try:
            manifest = folder / "manifest.json"
            wait_for(
                lambda m=manifest, n=least: m.exists() and json.loads(m.read_text())["trials"] >= n, process
            )
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert least <= load_manifest(folder).trials < 200
    for place, begin in ((folder, "resume"), (tmp_path / "whole", "begin")):
        subprocess.run([sys.executable, str(program), str(place), begin], check=True)
    assert load_manifest(folder).is_complete
    assert files(folder) == files(tmp_path / "whole")


def exhaust_memory(task):
    """Ask for more memory than this process may have."""
    resource = pytest.importorskip("resource")
    resource.setrlimit(resource.RLIMIT_AS, (2**33, 2**33))
    return np.zeros(2**40)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are set per process there")
def test_a_worker_without_memory_leaves_what_is_finished(protocol, whole, tmp_path, monkeypatch):
    """The second half of the work meets a worker that has no memory left."""

    class Failing:
        def completed(self, work, tasks):
            for task in tasks[:3]:
                yield work(task)
            yield from executor.completed(exhaust_memory, tasks[3:], 2)

    with pytest.raises(WorkerError, match="out of memory") as ended:
        run(protocol, tmp_path / "run", on=Failing())
    assert any("6 of 10 trials are kept" in note for note in ended.value.__notes__)
    same(run(protocol, tmp_path / "run", resume=True).operating, whole.operating)
