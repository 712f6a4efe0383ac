"""Blocks of work on a Dask cluster: lost workers are survived, and the figures are those of one machine.

Tasks are handed out a few per worker, and never far ahead of one that is not done, so that neither the
scheduler nor this process holds many of them.  Before a worker does anything it says what Euexia it has; one
whose figures could differ is refused.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from euexia import parameters
from euexia.core.errors import EuexiaError, InputError, WorkerError
from euexia.study import provenance
from euexia.study.executor import AHEAD, Queue, default_workers
from euexia.study.interrupts import Interrupts, interrupts_held

Task = TypeVar("Task")
Done = TypeVar("Done")

LOCAL = "local"
SCHEMES = ("tcp://", "tls://")
WAITING = 2
"""Tasks per thread of the cluster that are handed out: one in hand, one at hand."""
CONNECT = 30.0
"""Seconds in which a scheduler must answer."""
BESIDE = ("__pycache__", "cli", "report", "studio")
"""Rooms of Euexia in which no figure is computed."""
FASTEST = 1
"""How outcomes are compressed on their way: they are mostly noughts."""
GLANCE = 1.0
"""Seconds between two looks at whether the cluster is still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The workers of a Dask scheduler, or with ``local`` workers that live as long as the work.

    patience: seconds that a cluster may be without any worker: jobs may have to queue.
    tell: called with what the user should know while waiting.
    """

    address: str
    workers: int | None = None
    patience: float = 600.0
    tell: Callable[[str], None] | None = None

    @classmethod
    def at(
        cls, address: str, *, workers: int | None = None, tell: Callable[[str], None] | None = None
    ) -> Cluster:
        """Return the cluster of an address.  Raises InputError for what is none, or where Dask is absent."""
        if address != LOCAL and not address.startswith(SCHEMES):
            raise InputError(
                f"'{address}' is no scheduler. Give its address, such as tcp://10.0.0.5:8786, or '{LOCAL}' "
                "for a cluster on this machine."
            )
        if address != LOCAL and workers is not None:
            raise InputError(
                f"--workers {workers} cannot be had at {address}: a cluster has the workers that it was "
                "started with. Leave --workers out."
            )
        _distributed()
        return cls(address=address, workers=workers, tell=tell)

    def completed(self, work: Callable[[Task], Done], tasks: Sequence[Task]) -> Iterator[Done]:
        """Yield the outcome of each task as it completes.

        A task whose worker is lost is given to another.  KeyboardInterrupt is raised only while an outcome is
        waited for.  Raises WorkerError when the scheduler or, for long, every worker is gone, InputError for
        workers with another Euexia, and what the work raises.
        """
        with interrupts_held() as interrupts, self._client(interrupts) as client:
            crew: _Crew[Task, Done] = _Crew(cluster=self, client=client, queue=Queue(tasks))
            try:
                crew.check()
                yield from crew.outcomes(_Guarded(work, fingerprint()), interrupts)
            finally:
                crew.drop()

    @contextmanager
    def _client(self, interrupts: Interrupts) -> Iterator[Any]:
        distributed = _distributed()
        with ExitStack() as held:
            address: Any = self.address
            if self.address == LOCAL:
                with interrupts.ignored():  # so do the processes that start now
                    address = held.enter_context(
                        distributed.LocalCluster(
                            n_workers=self.workers or default_workers(),
                            threads_per_worker=1,
                            processes=True,
                            dashboard_address=None,
                            silence_logs=logging.CRITICAL,
                        )
                    )
            logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what it would say, we do
            try:
                client = distributed.Client(address, timeout=CONNECT, set_as_default=False)
            except OSError as error:
                raise InputError(
                    f"No scheduler answers at {self.address}: {error}. Start one (dask scheduler), or give "
                    "the address that it printed."
                ) from error
            try:
                yield client
            finally:
                with suppress(Exception):  # a scheduler that is gone cannot be said goodbye to
                    client.close(timeout=GLANCE)

    def say(self, text: str) -> None:
        """Tell the user something, if anybody listens."""
        if self.tell is not None:
            self.tell(text)

    def gone(self) -> WorkerError:
        """Return the error of a scheduler that no longer answers."""
        return WorkerError(f"The scheduler at {self.address} is gone.")


@dataclass(slots=True, kw_only=True)
class _Crew(Generic[Task, Done]):
    """The tasks that are under way on a cluster."""

    cluster: Cluster
    client: Any
    queue: Queue[Task]
    futures: dict[int, Any] = field(default_factory=dict)
    finished: SimpleQueue[int] = field(default_factory=SimpleQueue)
    threads: int = 1
    alone_since: float | None = None
    looked: float = 0.0

    def outcomes(self, work: Callable[[Task], bytes], interrupts: Interrupts) -> Iterator[Done]:
        """Hand out tasks and yield what comes back."""
        self._look()
        self._hand_out(work)
        while self.futures:
            with interrupts.let_through():
                place = self._next()
            outcome = self._outcome(place)
            self._hand_out(work)
            yield outcome

    def _hand_out(self, work: Callable[[Task], bytes]) -> None:
        while len(self.futures) < WAITING * self.threads:
            following = self.queue.take(AHEAD * WAITING * self.threads)
            if following is None:
                return
            place, task = following
            future = self.client.submit(work, task, pure=False)
            future.add_done_callback(partial(_note, self.finished, place))
            self.futures[place] = future

    def _next(self) -> int:
        """Wait until some task is done, and return its place.  Raises WorkerError."""
        while True:
            if time.monotonic() - self.looked > GLANCE:
                self._look()
            with suppress(Empty):
                return self.finished.get(timeout=GLANCE)

    def _outcome(self, place: int) -> Done:
        """Return the outcome of a finished task; where its worker was lost since then, wait for another."""
        while True:
            try:
                outcome: Done = _unpacked(self.futures[place].result(timeout=GLANCE))
            except TimeoutError:
                self._look()
                continue
            except CancelledError as error:
                raise self.cluster.gone() from error
            except EuexiaError:
                raise
            except Exception as error:
                raise self._explained(error) from error
            del self.futures[place]
            self.queue.under_way.discard(place)
            return outcome

    def _explained(self, error: Exception) -> Exception:
        if isinstance(error, _distributed().KilledWorker | MemoryError):
            return WorkerError(
                "Several workers of the cluster ended one after the other in the same work; most often they "
                f"have too little memory. Give each worker more. ({error})"
            )
        self.check()  # work that cannot even be read is most often that of another Euexia
        return error

    def _look(self) -> None:
        """See how many threads the cluster has now.  Raises WorkerError when there is nobody, for long."""
        self.looked = time.monotonic()
        try:
            if self.client.status != "running":
                raise self.cluster.gone()
            threads = sum(self.client.nthreads().values())
        except (OSError, TimeoutError, ValueError, CancelledError) as error:
            raise self.cluster.gone() from error
        if threads:
            self.threads, self.alone_since = threads, None
            return
        if self.alone_since is None:
            self.alone_since = self.looked
            self.cluster.say(f"The scheduler at {self.cluster.address} has no worker; waiting for one ...")
        if self.looked - self.alone_since > self.cluster.patience:
            raise WorkerError(
                f"The scheduler at {self.cluster.address} has had no worker for {self.cluster.patience:g} "
                "seconds. Start workers (dask worker)."
            )

    def check(self) -> None:
        """Raise InputError if the scheduler, or a worker that is there now, has another Euexia."""
        here = fingerprint()

        def about() -> Any:  # a function in a function travels whole: the worker may have no Euexia
            try:
                from euexia.study.cluster import fingerprint as theirs
            except Exception as error:  # whatever hinders it is told to the user
                return f"{type(error).__name__}: {error}"
            return theirs()

        answers = {f"scheduler {self.cluster.address}": self.client.run_on_scheduler(about)}
        answers |= {f"worker {worker}": there for worker, there in self.client.run(about).items()}
        for who, there in answers.items():
            if isinstance(there, str):
                raise InputError(f"The {who} cannot load this Euexia ({there}). {SAME}")
            refuse_difference(here, there, who)

    def drop(self) -> None:
        """Let go of everything that is under way."""
        with suppress(Exception):  # a scheduler that is gone has let go already
            self.client.cancel(list(self.futures.values()), force=True)
        self.futures.clear()


SAME = "Install the same version of Euexia, and of what it stands on, for the scheduler and every worker."


def _note(finished: SimpleQueue[int], place: int, future: object) -> None:
    finished.put(place)


@dataclass(frozen=True, slots=True)
class _Guarded(Generic[Task, Done]):
    """Work that is done only by a Euexia that is the same as the one that asks for it, and travels packed."""

    work: Callable[[Task], Done]
    expected: Mapping[str, str]

    def __call__(self, task: Task) -> bytes:
        refuse_difference(self.expected, fingerprint(), "worker that was to compute")
        return zlib.compress(pickle.dumps(self.work(task), pickle.HIGHEST_PROTOCOL), FASTEST)


def _unpacked(outcome: bytes) -> Any:
    return pickle.loads(zlib.decompress(outcome))


def refuse_difference(here: Mapping[str, str], there: Mapping[str, str], who: str) -> None:
    """Raise InputError when what somebody has could lead to other figures."""
    names = sorted({*here, *there})
    differing = [name for name in names if here.get(name) != there.get(name)]
    if differing:
        lines = "\n".join(
            f"  - {n}: {there.get(n, 'none')[:12]} there, {here.get(n, 'none')[:12]} here" for n in differing
        )
        raise InputError(f"The {who} could give other figures:\n{lines}\n{SAME}")


@cache
def fingerprint() -> Mapping[str, str]:
    """Return what decides the figures that this process computes: versions, and SHA-256 of Euexia's files."""
    root = Path(str(files("euexia")))
    digest = hashlib.sha256()
    rooms = [room for room in root.iterdir() if room.name not in BESIDE]
    for path in sorted(path for room in rooms for path in (room, *room.rglob("*"))):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return provenance.versions() | {
        "parameters": parameters.load().hash,
        "files of Euexia": digest.hexdigest(),
    }


def _distributed() -> Any:
    """Return the library of the cluster.  Raises InputError where it is absent."""
    try:
        import distributed
    except ImportError as error:
        raise InputError(
            "Runs on a cluster need Dask's 'distributed', which is not installed: pip install "
            "'euexia[cluster]'. Without it a run uses the processes of this machine."
        ) from error
    return distributed
