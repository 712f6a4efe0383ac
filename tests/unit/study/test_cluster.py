"""Work on a real Dask cluster on this machine: the same bits, and nothing lost with a worker or scheduler."""

import dataclasses
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from euexia import load_protocol
from euexia.core.errors import InputError, WorkerError
from euexia.study import cluster, executor, replicate
from euexia.study.cluster import Cluster
from euexia.study.run_folder import load_manifest

pytest.importorskip("distributed")

PATIENCE = 120
"""Seconds in which processes must have started, also on a busy machine."""


def square(number):
    return number**2


def fail(number):
    raise InputError(f"task {number}")


def dwell(number):
    time.sleep(0.2)
    return number


def end_oneself(number):
    os.kill(os.getpid(), signal.SIGKILL)


def started(words, folder, name):
    """Start a process of Dask whose messages go into a file."""
    with (folder / f"{name}.log").open("w") as log:
        return subprocess.Popen([sys.executable, "-m", *words], stdout=log, stderr=log, cwd=folder)


def said(folder, name, pattern):
    """Wait until a process has said something, and return it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = re.search(pattern, (folder / f"{name}.log").read_text())
        if found is not None:
            return found[1]
        time.sleep(0.1)
    raise AssertionError((folder / f"{name}.log").read_text())


class Dask:
    """A scheduler and workers as an institution would start them, on the loopback alone."""

    def __init__(self, folder):
        self.folder, self.processes = folder, {}
        scheduler = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        self.start("scheduler", scheduler)
        self.address = said(folder, "scheduler", r"Scheduler at:\s+(tcp://\S+)")

    def start(self, name, words):
        """Start a process."""
        self.processes[name] = started(words, self.folder, name)

    def add_worker(self, name, *more):
        """Start a worker, and wait until the scheduler knows it."""
        words = [self.address, "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", *more]
        self.start(name, ["distributed.cli.dask_worker", *words])
        said(self.folder, name, r"(Registered to)")

    def kill(self, name):
        """End a process as the system does that has no memory left."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    def end(self):
        """End all processes."""
        for process in self.processes.values():
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path, monkeypatch):
    """Give a scheduler; its workers find the tasks of this file."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([os.getcwd(), *filter(None, sys.path)]))
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "1")
    (tmp_path / "dask").mkdir()
    running = Dask(tmp_path / "dask")
    yield running
    running.end()


@pytest.mark.parametrize(
    ("address", "workers", "said"),
    [
        ("somewhere", None, "'somewhere' is no scheduler"),
        ("http://127.0.0.1:8786", None, "such as tcp://"),
        ("tcp://127.0.0.1:8786", 2, "Leave --workers out"),
    ],
)
def test_what_is_no_cluster_is_refused(address, workers, said):
    with pytest.raises(InputError, match=said):
        Cluster.at(address, workers=workers)


def test_without_dask_the_way_out_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"euexia\[cluster\]"):
        Cluster.at("local")


def test_nobody_at_the_address_is_said(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT", 1.0)
    with pytest.raises(InputError, match=r"No scheduler answers at tcp://127.0.0.1:1"):
        list(Cluster.at("tcp://127.0.0.1:1").completed(square, [1, 2]))


def test_another_euexia_is_refused_by_name():
    here = {"euexia": "1.0", "numpy": "2.0", "parameters": "a" * 64}
    with pytest.raises(InputError) as refused:
        cluster.refuse_difference(here, here | {"euexia": "0.9", "parameters": "b" * 64}, "worker tcp://w")
    assert "worker tcp://w" in str(refused.value)
    assert "euexia: 0.9 there, 1.0 here" in str(refused.value)
    assert "parameters: bbbbbbbbbbbb there, aaaaaaaaaaaa here" in str(refused.value)
    assert "numpy" not in str(refused.value)
    cluster.refuse_difference(here, dict(here), "worker tcp://w")


def test_a_worker_that_comes_later_with_another_euexia_refuses_the_work():
    guarded = cluster._Guarded(square, {**cluster.fingerprint(), "euexia": "another"})
    with pytest.raises(InputError, match=r"euexia: .* there, another here"):
        guarded(2)


@pytest.mark.slow
def test_a_local_cluster_does_every_task_once_and_is_gone_afterwards():
    found = list(executor.in_order(Cluster.at("local", workers=2), square, range(9)))
    assert found == [number**2 for number in range(9)]


@pytest.mark.slow
def test_a_fault_in_the_work_comes_to_the_caller(dask):
    dask.add_worker("one")
    with pytest.raises(InputError, match="task 0"):
        list(Cluster.at(dask.address).completed(fail, [0]))


@pytest.mark.slow
def test_work_that_ends_its_workers_is_given_up_with_the_reason(dask):
    for name in ("one", "two", "three"):
        dask.add_worker(name, "--no-nanny")
    with pytest.raises(WorkerError, match="too little memory"):
        list(Cluster.at(dask.address).completed(end_oneself, [0]))


@pytest.mark.slow
def test_a_cluster_without_workers_is_waited_for_and_then_given_up(dask):
    told = []
    alone = Cluster(address=dask.address, patience=2.0, tell=told.append)
    with pytest.raises(WorkerError, match="no worker for 2 seconds"):
        list(alone.completed(square, [1]))
    assert len(told) == 1
    assert "waiting" in told[0]


@pytest.mark.slow
def test_ctrl_c_ends_the_work_on_a_cluster(dask):
    dask.add_worker("one", "--no-nanny")
    outcomes = Cluster.at(dask.address).completed(dwell, range(50))
    assert next(outcomes) in range(50)
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        next(outcomes)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.fixture(scope="module")
def protocol():
    """Give the shipped trial with ten patients."""
    return dataclasses.replace(load_protocol("lenalidomide"), size=10)


def files(folder):
    """Return every file of a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_run_whose_worker_is_killed_half_way_ends_in_the_same_bytes(dask, protocol, tmp_path, monkeypatch):
    """A real scheduler and two workers, one of them killed with SIGKILL; every file is compared whole."""
    monkeypatch.setattr(replicate, "PATIENTS_PER_BLOCK", 50)
    monkeypatch.setattr(replicate, "PATIENTS_PER_PART", 100)
    named = {"trials": 120, "seed": 5}
    replicate.run(protocol, folder=tmp_path / "here", workers=1, **named)
    for name in ("one", "two"):
        dask.add_worker(name, "--no-nanny")

    def progress(done, planned):
        if done == 60:
            dask.kill("one")

    on = Cluster.at(dask.address)
    replicate.run(protocol, folder=tmp_path / "there", on=on, progress=progress, **named)
    assert dask.processes["one"].returncode == -signal.SIGKILL
    assert files(tmp_path / "there") == files(tmp_path / "here")


@pytest.mark.slow
def test_when_the_scheduler_is_gone_what_is_finished_is_kept_and_goes_on_here(
    dask, protocol, tmp_path, monkeypatch
):
    monkeypatch.setattr(replicate, "PATIENTS_PER_BLOCK", 50)
    monkeypatch.setattr(replicate, "PATIENTS_PER_PART", 200)
    named = {"trials": 120, "seed": 5}
    replicate.run(protocol, folder=tmp_path / "here", workers=1, **named)
    dask.add_worker("one", "--no-nanny")

    def progress(done, planned):
        if done == 30:
            dask.kill("scheduler")

    on = Cluster.at(dask.address)
    with pytest.raises(WorkerError, match="is gone") as ended:
        replicate.run(protocol, folder=tmp_path / "there", on=on, progress=progress, **named)
    assert any("--resume goes on from there" in note for note in ended.value.__notes__)
    assert 30 <= load_manifest(tmp_path / "there").trials < 120
    replicate.run(protocol, folder=tmp_path / "there", workers=1, resume=True, **named)
    assert files(tmp_path / "there") == files(tmp_path / "here")
