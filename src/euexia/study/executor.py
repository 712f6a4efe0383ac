"""Blocks of work on several processes, in any order, stopped cleanly."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

Task = TypeVar("Task")
Done = TypeVar("Done")


def default_workers() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def completed(work: Callable[[Task], Done], tasks: Sequence[Task], workers: int) -> Iterator[Done]:
    """Yield the outcome of each task as it completes.

    With one worker, or one task, everything runs in this process.  On KeyboardInterrupt the workers are ended
    at once and the exception goes on to the caller, who keeps what was yielded.
    """
    if workers == 1 or len(tasks) == 1:
        for task in tasks:
            yield work(task)
        return
    strangers = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        max_workers=min(workers, len(tasks)), mp_context=multiprocessing.get_context("spawn")
    )
    try:
        with _interrupts_left_to_the_parent():
            pending: set[Future[Done]] = {pool.submit(work, task) for task in tasks}
        while pending:
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    except BaseException:  # whatever ends the loop early, nobody wants what the workers are still doing
        for child in set(multiprocessing.active_children()) - strangers:
            child.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interrupts_left_to_the_parent() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, from their first moment on: they inherit that this one does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
