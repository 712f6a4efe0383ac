"""Blocks of work on several processes, in any order, stopped cleanly.

Each worker has a pipe of its own and there are no locks between them, so that any of them can be ended at any
moment; ``concurrent.futures`` may wait for ever for a result in the middle of which its sender was ended.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from euexia.core.errors import EuexiaError, WorkerError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Handler = Callable[[int, FrameType | None], Any] | int | None
Task = TypeVar("Task")
Done = TypeVar("Done")


def default_workers() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def completed(work: Callable[[Task], Done], tasks: Sequence[Task], workers: int) -> Iterator[Done]:
    """Yield the outcome of each task as it completes.

    With one worker, or one task, everything runs in this process.  KeyboardInterrupt is raised only while an
    outcome is waited for, never while the caller handles one; the workers are then ended at once, and the
    caller keeps what was yielded.  Raises WorkerError when a worker ends by itself, and what the work raises.
    """
    with _interrupts_held() as interrupts:
        if workers > 1 and len(tasks) > 1:
            yield from _shared_out(work, tasks, min(workers, len(tasks)), interrupts)
            return
        for task in tasks:
            with interrupts.let_through():
                outcome = work(task)
            yield outcome


def _shared_out(
    work: Callable[[Task], Done], tasks: Sequence[Task], workers: int, interrupts: _Interrupts
) -> Iterator[Done]:
    """Give each worker a task, and another when it is done."""
    team: list[_Worker] = []
    try:
        with interrupts.ignored():  # so do the processes that start now, from their first moment on
            team.extend(_Worker(work) for _ in range(workers))
        following = iter(tasks)
        busy = {worker.pipe: worker for worker in team if worker.give_next(following)}
        while busy:
            with interrupts.let_through():
                ready = connection.wait(busy)
            for worker in [busy[pipe] for pipe in busy if pipe in ready]:
                outcome: Done = worker.take()
                if not worker.give_next(following):
                    del busy[worker.pipe]
                yield outcome
    finally:  # whatever ends the loop early, nobody wants what the workers are still doing
        for worker in team:
            worker.end()


class _Worker:
    """A process that does one task after the other, at the other end of its own pipe."""

    def __init__(self, work: Callable[[Task], Done]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other_end = context.Pipe()
        self.process = context.Process(target=_serve, args=(other_end, work), daemon=True)
        self.process.start()
        other_end.close()  # so that the pipe ends when the process does

    def give_next(self, tasks: Iterator[Any]) -> bool:
        """Send the next task, if there is one; return whether there was.  Raises WorkerError."""
        for task in tasks:
            try:
                self.pipe.send(task)
            except OSError as error:
                raise self._gone() from error
            return True
        return False

    def take(self) -> Any:
        """Return the outcome that has come.  Raises what the work raised, or WorkerError."""
        try:
            fine, outcome = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise self._gone() from error
        if not fine:
            raise outcome
        return outcome

    def _gone(self) -> WorkerError:
        self.process.join()
        return WorkerError(
            f"A worker process ended by itself (exit code {self.process.exitcode}); most often the machine "
            "was out of memory. Give fewer --workers."
        )

    def end(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Connection[Any, Any], work: Callable[[Any], Any]) -> None:
    """Do tasks until the pipe is closed; runs in a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        try:
            answer = (True, work(task))
        except Exception as error:  # goes to the caller, whatever it is
            answer = (False, _portable(error))
        pipe.send(answer)


def _portable(error: Exception) -> Exception:
    """Return an exception that survives the way between processes, with the place where it arose."""
    place = "".join(traceback.format_exception(error))
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:  # an exception may be anything, and so may what its pickling raises
        copy = EuexiaError(str(error)) if isinstance(error, EuexiaError) else RuntimeError(place)
    copy.add_note(f"In a worker process:\n{place}")
    assert isinstance(copy, Exception)
    return copy


@dataclass(slots=True)
class _Interrupts:
    """Ctrl-C, held back but where it may strike; nothing is held in threads that never see it."""

    before: Handler
    seen: bool = False

    def note(self, number: int, frame: FrameType | None) -> None:
        """Keep a Ctrl-C for later."""
        self.seen = True

    @contextmanager
    def let_through(self) -> Iterator[None]:
        """Let Ctrl-C act as it would have, also one that came before."""
        with _handled_by(self.before):
            if self.seen and callable(self.before):
                self.seen = False
                self.before(signal.SIGINT, None)
            yield

    @contextmanager
    def ignored(self) -> Iterator[None]:
        """Let nothing happen on Ctrl-C."""
        with _handled_by(signal.SIG_IGN):
            yield


@contextmanager
def _interrupts_held() -> Iterator[_Interrupts]:
    interrupts = _Interrupts(signal.getsignal(signal.SIGINT))
    with _handled_by(interrupts.note):
        yield interrupts


@contextmanager
def _handled_by(handler: Handler) -> Iterator[None]:
    """Handle Ctrl-C so, where this thread may decide it."""
    if handler is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
