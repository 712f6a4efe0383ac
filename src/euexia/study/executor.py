"""Blocks of work on several processes, in any order, stopped cleanly.

Each worker has a pipe of its own and there are no locks between them, so that any of them can be ended at any
moment; ``concurrent.futures`` may wait for ever for a result in the middle of which its sender was ended.

``Executor`` is what else may do the work (``study.cluster``); ``in_order`` puts what comes from any of them
in the order of the tasks.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import connection
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from euexia.core.errors import EuexiaError, WorkerError
from euexia.study.interrupts import Interrupts, interrupts_held

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Task = TypeVar("Task")
Done = TypeVar("Done")

FEWER = "Give fewer --workers."
AHEAD = 4
"""Tasks per worker that may be done before an earlier one is: what waits for its turn stays bounded."""


class Executor(Protocol):
    """Something that does tasks and yields their outcomes as they come, in any order.

    ``work`` is a function of a module and the tasks can be pickled: they may go to another process, or to
    another machine.  KeyboardInterrupt strikes only while an outcome is waited for.  WorkerError says that
    who was to do the work is gone; what was yielded before is not touched by it.
    """

    def completed(self, work: Callable[[Task], Done], tasks: Sequence[Task]) -> Iterator[Done]:
        """Yield the outcome of each task as it completes."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Processes of this machine; None: one per processor."""

    workers: int | None = None

    def completed(self, work: Callable[[Task], Done], tasks: Sequence[Task]) -> Iterator[Done]:
        """Yield the outcome of each task as it completes."""
        return completed(work, tasks, self.workers or default_workers())


def in_order(executor: Executor, work: Callable[[Task], Done], tasks: Sequence[Task]) -> Iterator[Done]:
    """Yield the outcome of each task in the order of the tasks; what comes before its turn waits."""
    arrived: dict[int, Done] = {}
    following = 0
    for place, outcome in executor.completed(_Numbered(work), list(enumerate(tasks))):
        arrived[place] = outcome
        while following in arrived:
            yield arrived.pop(following)
            following += 1


@dataclass(frozen=True, slots=True)
class _Numbered(Generic[Task, Done]):
    """Work whose outcome says of which task it is."""

    work: Callable[[Task], Done]

    def __call__(self, task: tuple[int, Task]) -> tuple[int, Done]:
        return task[0], self.work(task[1])


@dataclass(slots=True)
class Queue(Generic[Task]):
    """Tasks in their order, none of them far ahead of one that is not done yet."""

    tasks: Sequence[Task]
    following: int = 0
    under_way: set[int] = field(default_factory=set)

    def take(self, ahead: int) -> tuple[int, Task] | None:
        """Return the place and the task that is next; None where none is left, or it must wait."""
        oldest = min(self.under_way, default=self.following)
        if self.following >= len(self.tasks) or self.following - oldest >= ahead:
            return None
        place, self.following = self.following, self.following + 1
        self.under_way.add(place)
        return place, self.tasks[place]


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
    with interrupts_held() as interrupts:
        if workers > 1 and len(tasks) > 1:
            yield from _shared_out(work, tasks, min(workers, len(tasks)), interrupts)
            return
        for task in tasks:
            with interrupts.let_through():
                outcome = work(task)
            yield outcome


def _shared_out(
    work: Callable[[Task], Done], tasks: Sequence[Task], workers: int, interrupts: Interrupts
) -> Iterator[Done]:
    """Give each worker a task, and another when it is done."""
    team: list[_Worker] = []
    try:
        with interrupts.ignored():  # so do the processes that start now, from their first moment on
            team.extend(_Worker(work) for _ in range(workers))
        queue = Queue(tasks)
        busy: dict[Connection[Any, Any], _Worker] = {}
        _hand_out(team, queue, busy)
        while busy:
            with interrupts.let_through():
                ready = connection.wait(busy)
            for worker in [busy.pop(pipe) for pipe in list(busy) if pipe in ready]:
                place, outcome = worker.take()
                queue.under_way.discard(place)
                _hand_out(team, queue, busy)
                yield outcome
    finally:  # whatever ends the loop early, nobody wants what the workers are still doing
        for worker in team:
            worker.end()


def _hand_out(team: Sequence[_Worker], queue: Queue[Any], busy: dict[Connection[Any, Any], _Worker]) -> None:
    """Give every idle worker a task, as far as tasks may be handed out."""
    for worker in team:
        if worker.place is None and (following := queue.take(AHEAD * len(team))) is not None:
            worker.give(*following)
            busy[worker.pipe] = worker


class _Worker:
    """A process that does one task after the other, at the other end of its own pipe."""

    def __init__(self, work: Callable[[Task], Done]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other_end = context.Pipe()
        self.place: int | None = None
        self.process = context.Process(target=_serve, args=(other_end, work), daemon=True)
        self.process.start()
        other_end.close()  # so that the pipe ends when the process does

    def give(self, place: int, task: Any) -> None:
        """Send a task, which stands at a place among all.  Raises WorkerError."""
        try:
            self.pipe.send(task)
        except OSError as error:
            raise self._gone() from error
        self.place = place

    def take(self) -> tuple[int, Any]:
        """Return the place of the task and its outcome.  Raises what the work raised, or WorkerError."""
        assert self.place is not None
        try:
            fine, outcome = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise self._gone() from error
        if isinstance(outcome, MemoryError):
            raise WorkerError(f"A worker process ran out of memory. {FEWER}") from outcome
        if not fine:
            raise outcome
        place, self.place = self.place, None
        return place, outcome

    def _gone(self) -> WorkerError:
        self.process.join()
        code = self.process.exitcode
        if code is not None and code < 0:
            why = f"was ended by the system (signal {-code}), most often for want of memory. {FEWER}"
        else:
            why = f"ended by itself (exit code {code}); what it said stands above. If it was memory: {FEWER}"
        return WorkerError(f"A worker process {why}")

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
        except (EOFError, OSError):
            return
        try:
            answer = (True, work(task))
        except Exception as error:  # goes to the caller, whatever it is
            answer = (False, _portable(error))
        try:
            pipe.send(answer)
        except OSError:  # whoever asked is gone
            return


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
