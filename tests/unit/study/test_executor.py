"""Blocks of work on processes: all done, in any number of processes, and stopped without remains."""

import multiprocessing
import time

import pytest

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
