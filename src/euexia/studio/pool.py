"""A few computing processes and a fair queue before them; what is cancelled stops in the middle of it."""

from __future__ import annotations

import itertools
import multiprocessing
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from euexia.core.errors import WorkerError
from euexia.studio import worker

LOOK_EVERY = 0.02
"""Seconds between looks at whether a piece of work is still wanted."""
PATIENCE = 4.0
"""Seconds in which work that was cancelled must end; then its process is ended."""
RETRIES = 1
GONE = "A computing process ended by itself; most often the machine was out of memory."


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One piece of work for a process."""

    name: str
    argument: Any


class Job(Protocol):
    """Work in pieces, as the pool sees it."""

    session: str
    rank: tuple[int, ...]
    """Lower goes first; among equals the session that has waited longest."""
    cancelled: bool

    def next_piece(self) -> Work | None:
        """Return what may be done now; None if there is nothing at present."""

    def deliver(self, piece: Work, outcome: Any) -> None:
        """Take an outcome."""

    def fail(self, error: BaseException) -> None:
        """Learn that a piece could not be done."""

    @property
    def is_over(self) -> bool:
        """Return whether nothing is left to be done."""


@dataclass(slots=True)
class Single:
    """One call whose outcome somebody waits for."""

    work: Work
    session: str = ""
    rank: tuple[int, ...] = (0,)
    cancelled: bool = False
    future: Future[Any] = field(default_factory=Future)
    _given: bool = False

    def next_piece(self) -> Work | None:
        """Return the work, once."""
        if self._given:
            return None
        self._given = True
        return self.work

    def deliver(self, piece: Work, outcome: Any) -> None:
        """Hand over the outcome."""
        if not self.future.done():
            self.future.set_result(outcome)

    def fail(self, error: BaseException) -> None:
        """Hand over the error."""
        if not self.future.done():
            self.future.set_exception(error)

    @property
    def is_over(self) -> bool:
        """Return whether it was handed out."""
        return self._given


@dataclass(slots=True)
class Series:
    """Work done one after the other when nobody wants anything else; its outcome is not used."""

    works: list[Work]
    session: str = ""
    rank: tuple[int, ...] = (9,)
    cancelled: bool = False
    _is_busy: bool = False

    def next_piece(self) -> Work | None:
        """Return the next work, unless one is being done."""
        if self._is_busy or not self.works:
            return None
        self._is_busy = True
        return self.works.pop(0)

    def deliver(self, piece: Work, outcome: Any) -> None:
        """Let the next one come."""
        self._is_busy = False

    def fail(self, error: BaseException) -> None:
        """Let the next one come; whoever asks for the same will be told."""
        self._is_busy = False

    @property
    def is_over(self) -> bool:
        """Return whether nothing is left."""
        return not self.works


class Pool:
    """Processes that work for several clients."""

    def __init__(self, workers: int, warm_with: Any = None) -> None:
        self.warming = Work(name="warm", argument=warm_with)
        self._jobs: list[Job] = []
        self._served: dict[str, int] = {}
        self._count = itertools.count(1)
        self._changed = threading.Condition()
        self._closing = False
        self._hands = [_Hand(self, number) for number in range(workers)]

    def start(self) -> None:
        """Start the processes."""
        for hand in self._hands:
            hand.thread.start()

    def add(self, job: Job) -> None:
        """Queue a job."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()

    def wake(self) -> None:
        """Look at the queue again: a job has more to do, or was cancelled."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """End every process at once."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for hand in self._hands:
            hand.end()
        for hand in self._hands:
            if hand.thread.is_alive():
                hand.thread.join(timeout=2.0)

    @property
    def waiting(self) -> int:
        """Return how many jobs are queued or running."""
        return len(self._jobs)

    def take(self) -> tuple[Job, Work] | None:
        """Wait for work; None when the pool closes."""
        with self._changed:
            while not self._closing:
                self._jobs = [job for job in self._jobs if not (job.is_over or job.cancelled)]
                for job in sorted(self._jobs, key=self._order):
                    piece = job.next_piece()
                    if piece is not None:
                        self._served[job.session] = next(self._count)
                        if len(self._served) > 1000:
                            self._forget()
                        return job, piece
                self._changed.wait()
        return None

    def _order(self, job: Job) -> tuple[tuple[int, ...], int]:
        return job.rank, self._served.get(job.session, 0)

    def _forget(self) -> None:
        present = {job.session for job in self._jobs}
        self._served = {name: turn for name, turn in self._served.items() if name in present}


class _Hand:
    """A thread of the studio with the process that it gives work to."""

    def __init__(self, pool: Pool, number: int) -> None:
        self.pool = pool
        self.thread = threading.Thread(target=self._run, name=f"studio-worker-{number}", daemon=True)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._process: Any = None
        self._pipe: Any = None
        self._ended = False

    def _run(self) -> None:
        self._begin()
        self._do(Single(work=self.pool.warming), self.pool.warming)
        while (taken := self.pool.take()) is not None:
            job, piece = taken
            for attempt in itertools.count():
                outcome = self._do(job, piece)
                if outcome is None and attempt < RETRIES and not (job.cancelled or self._ended):
                    continue
                break
            _hand_over(job, piece, outcome)
            self.pool.wake()

    def _begin(self) -> None:
        """Start a process, unless the pool is closing."""
        with self._lock:
            if self._ended:
                return
            context = multiprocessing.get_context("spawn")
            self._pipe, other_end = context.Pipe()
            self._process = context.Process(target=worker.serve, args=(other_end,), daemon=True)
            self._process.start()
            other_end.close()

    def _do(self, job: Job, piece: Work) -> tuple[str, Any] | None:
        """Return what became of a piece; None if the process is gone."""
        number = next(self._numbers)
        try:
            self._pipe.send((worker.DO, number, piece.name, piece.argument))
            return self._answer(job, number)
        except (EOFError, OSError):
            self._replace()
            return None

    def _answer(self, job: Job, number: int) -> tuple[str, Any]:
        since: float | None = None
        while not self._pipe.poll(LOOK_EVERY):
            if job.cancelled and since is None:
                since = time.monotonic()
                self._pipe.send((worker.CANCEL, number))
            if since is not None and time.monotonic() - since > PATIENCE:
                raise EOFError
        _, kind, outcome = self._pipe.recv()
        return kind, outcome

    def _replace(self) -> None:
        self._stop()
        self._begin()

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()

    def end(self) -> None:
        """End the process at once."""
        with self._lock:
            self._ended = True
            if self._process is not None:
                self._process.kill()


def _hand_over(job: Job, piece: Work, outcome: tuple[str, Any] | None) -> None:
    if outcome is None:
        job.fail(WorkerError(GONE))
        return
    kind, found = outcome
    if kind == worker.DONE:
        job.deliver(piece, found)
    elif kind == worker.FAILED:
        job.fail(found)
    elif not job.cancelled:
        job.fail(WorkerError("The work was given up."))
