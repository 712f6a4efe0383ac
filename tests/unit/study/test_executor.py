"""Blocks of work on processes: all done, in any number of processes, and stopped without remains."""

import multiprocessing
import os
import signal
import time

import pytest

from euexia.core.errors import DataFileError, EuexiaError, Fault, WorkerError
from euexia.study import executor


def square(number):
    return number**2


def fail(number):
    raise ValueError(f"task {number}")


def wait_long(number):
    time.sleep(0 if number == 0 else 60)
    return number


@pytest.mark.parametrize("workers", [1, 2])
def test_every_task_is_done_once(workers):
    assert sorted(executor.completed(square, range(7), workers)) == [0, 1, 4, 9, 16, 25, 36]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_comes_to_the_caller_and_nothing_goes_on(workers):
    with pytest.raises(ValueError, match="task"):
        list(executor.completed(fail, range(4), workers))
    assert multiprocessing.active_children() == []


def test_leaving_early_ends_the_workers_at_once():
    """As on Ctrl-C: what was yielded is kept, what is still computed is of no use."""
    begun = time.monotonic()
    outcomes = executor.completed(wait_long, range(4), 2)
    assert next(outcomes) == 0
    with pytest.raises(KeyboardInterrupt):
        outcomes.throw(KeyboardInterrupt())
    assert time.monotonic() - begun < 30
    assert multiprocessing.active_children() == []


def end_oneself(number):
    if number == 2:
        os._exit(9)
    return bytes(2**20)


def end_by_signal(number):
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return bytes(2**20)


@pytest.mark.skipif(os.name == "nt", reason="processes are ended by signals")
@pytest.mark.parametrize(("work", "said"), [(end_oneself, "exit code 9"), (end_by_signal, "signal 9")])
def test_a_worker_that_is_gone_is_said(work, said):
    """As when the system ends a process for want of memory."""
    with pytest.raises(WorkerError, match=rf"{said}.*fewer --workers"):
        list(executor.completed(work, range(6), 2))
    assert multiprocessing.active_children() == []


def want_too_much(number):
    raise MemoryError


def test_a_worker_out_of_memory_is_said():
    with pytest.raises(WorkerError, match=r"out of memory.*fewer --workers"):
        list(executor.completed(want_too_much, range(4), 2))


def dawdle_at_first(number):
    time.sleep(1 if number == 0 else 0)
    return number


def test_outcomes_come_in_the_order_of_the_tasks_and_few_wait_for_their_turn():
    """While the first task is slow, the other worker stops after 7 more: 2 workers may be 8 tasks ahead."""
    came = []

    class Watched:
        def completed(self, work, tasks):
            for place, outcome in executor.Processes(2).completed(work, tasks):
                came.append(place)
                yield place, outcome

    assert list(executor.in_order(Watched(), dawdle_at_first, range(20))) == list(range(20))
    assert came.index(0) == 7


def refuse(number):
    raise DataFileError("a.yaml", "protocol", (Fault(line=number, place="size", problem="none."),))


def test_an_error_of_several_parts_comes_whole_from_a_worker():
    with pytest.raises(EuexiaError, match="line 0, size: none"):
        list(executor.completed(refuse, [0, 0], 2))


def send_much(number):
    return bytes(2**24)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a signal")
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_strikes_only_while_waiting(workers):
    """Also in the middle of a result on its way: 16 MB do not fit into a pipe."""
    outcomes = executor.completed(send_much, range(9), workers)
    assert len(next(outcomes)) == 2**24
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        next(outcomes)
    assert multiprocessing.active_children() == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
