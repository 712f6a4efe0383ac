"""Runs of designs: small at first, refined while somebody looks, cancelled when a control moves."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import numpy as np

from euexia.core.errors import EuexiaError, InputError
from euexia.protocol.protocol import Protocol
from euexia.studio.answers import TooManyError, plain
from euexia.studio.designs import Design
from euexia.studio.pieces import Piece
from euexia.studio.pool import Pool, Work
from euexia.studio.settings import Limits
from euexia.studio.snapshots import snapshot
from euexia.study.block import Block
from euexia.study.operating import OperatingCharacteristics
from euexia.study.replicate import LARGEST_SEED
from euexia.study.tally import Tally

STEPS = (10, 30, 100, 300, 1000, 3000, 10_000)
"""Trials after which the figures are shown."""
PATIENTS_PER_PIECE = 2000
FIRST_PATIENTS_PER_PIECE = 1000
"""Of the first figures: several processes share even few trials."""
UNEXPECTED = "Something went wrong that is a fault of Euexia, not yours"


class State(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OVER = frozenset({State.DONE, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be run, and for whom."""

    design: Design
    protocol: Protocol
    changes: dict[str, Any]
    trials: int
    seed: int
    label: str
    session: str
    tab: str
    background: bool = False


@dataclass(slots=True, kw_only=True)
class Run:
    """A run that any number of pages may look at."""

    id: str
    order: Order
    state: State = State.QUEUED
    done: int = 0
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    message: str = ""
    version: int = 0
    """Grows with everything that happens."""
    latest: dict[str, Any] | None = None
    """The newest figures."""
    latest_version: int = 0
    cancelled: bool = False
    session: str = ""
    rank: tuple[int, ...] = (1, 0)
    _began: float = field(default_factory=time.monotonic)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def is_over(self) -> bool:
        """Return whether nothing will come any more."""
        return self.state in OVER

    def entry(self) -> dict[str, Any]:
        """Return the run as a list shows it."""
        order = self.order
        return {
            "run": self.id,
            "name": order.label or order.design.start,
            "title": order.protocol.title,
            "state": self.state.value,
            "done": self.done,
            "planned": order.trials,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds if self.is_over else time.monotonic() - self._began, 1),
            "background": order.background,
            "start": order.design.start,
            "changes": order.changes,
            "trials": order.trials,
            "seed": order.seed,
            "message": self.message or None,
        }

    def finish(self, state: State, message: str = "") -> None:
        """End the run, unless it has ended."""
        with self._lock:
            if self.is_over:
                return
            self.state, self.message = state, message
            self.cancelled = state is not State.DONE
            self.seconds = time.monotonic() - self._began
            self.version += 1

    def stop(self) -> None:
        """End what still works for the run."""

    def show(self, figures: dict[str, Any]) -> None:
        """Put newer figures in the place of the last."""
        with self._lock:
            self.version += 1
            self.latest, self.latest_version = plain(figures), self.version


@dataclass(slots=True, kw_only=True)
class Simulation(Run):
    """A run in pieces that the pool computes; the same numbers as ``euexia run`` with as many trials."""

    tally: Tally
    _given: int = 0
    _arrived: dict[int, tuple[Block, Block]] = field(default_factory=dict)
    _hits: dict[str, list[str]] = field(default_factory=dict)
    _each: dict[str, list[float]] = field(default_factory=dict)

    def next_piece(self) -> Work | None:
        """Return the next trials to simulate, as far as the next figures need them."""
        with self._lock:
            goal = self._goal()
            if self.is_over or self._given >= goal:
                return None
            if self.state is State.QUEUED:
                self.state = State.RUNNING
                self.version += 1
            order = self.order
            patients = FIRST_PATIENTS_PER_PIECE if self._given < STEPS[0] else PATIENTS_PER_PIECE
            trials = min(max(1, patients // order.protocol.size), goal - self._given)
            piece = Piece(
                text=order.design.yaml,
                name=f"{order.design.start}.yaml",
                seed=order.seed,
                first_trial=self._given,
                trials=trials,
            )
            self._given += trials
            return Work(name="block", argument=piece)

    def _goal(self) -> int:
        """Return the number of trials after which figures are shown next."""
        return min(self._step(), self.order.trials)

    def _step(self) -> int:
        return next((step for step in STEPS if step > self.done), self.order.trials)

    def deliver(self, piece: Work, outcome: Any) -> None:
        """Add trials in their order, and show figures when enough have come."""
        with self._lock:
            if self.is_over:
                return
            goal = self._goal()
            self._arrived[piece.argument.first_trial] = outcome
            while (blocks := self._arrived.pop(self.done, None)) is not None:
                self._add(*blocks)
            self.version += 1
            if self.done >= goal:
                self.show(self._figures())
                self.rank = (1, sum(step <= self.done for step in STEPS))
            if self.done >= self.order.trials:
                self.finish(State.DONE)

    def _add(self, modelled: Block, without_effect: Block) -> None:
        self.tally.add(modelled, without_effect)
        for name, part in modelled.analyses.items():
            self._hits.setdefault(name, []).append("".join("1" if hit else "0" for hit in part.reject))
        if modelled.arms.responders is not None:
            with np.errstate(invalid="ignore"):
                rates = modelled.arms.responders / modelled.arms.analysed
            for index, arm in enumerate(self.order.protocol.arms):
                self._each.setdefault(arm.name, []).extend(float(rate) for rate in rates[:, index])
        self.done += modelled.trials

    def operating(self) -> OperatingCharacteristics:
        """Return the operating characteristics of the trials so far; there is at least one."""
        with self._lock:
            return self.tally.finish(planned=self.done, seed=self.order.seed)

    def _figures(self) -> dict[str, Any]:
        return snapshot(
            self.order.protocol,
            self.operating(),
            planned=self.order.trials,
            hits={name: "".join(parts) for name, parts in self._hits.items()},
            each=self._each,
        )

    def fail(self, error: BaseException) -> None:
        """End the run with a message."""
        known = isinstance(error, EuexiaError)
        self.finish(State.FAILED, str(error) if known else f"{UNEXPECTED} ({type(error).__name__}).")


class Runs:
    """The runs of a studio, in memory; kept ones have a folder besides."""

    def __init__(self, pool: Pool, limits: Limits) -> None:
        self._pool = pool
        self._limits = limits
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, order: Order) -> Run:
        """Queue a simulation that refines itself; earlier ones of the same tab are cancelled.

        Raises InputError (trials, seed, size) or TooManyError.
        """
        self.check(order)
        if order.tab:
            self._cancel_tab(order)
        run = Simulation(
            id=secrets.token_hex(8), order=order, session=order.session, tally=Tally(order.protocol)
        )
        self.enter(run)
        self._pool.add(run)
        return run

    def check(self, order: Order) -> None:
        """Raise InputError or TooManyError for what may not be run."""
        limits = self._limits
        size = order.protocol.size
        if not 1 <= order.trials <= limits.trials:
            raise InputError(f"{order.trials} trials: between 1 and {limits.trials} can be asked for here.")
        if not 0 <= order.seed <= LARGEST_SEED:
            raise InputError(f"The seed {order.seed} must lie between 0 and {LARGEST_SEED}.")
        if size > limits.patients_per_trial or size * order.trials > limits.patients:
            raise InputError(
                f"{order.trials} trials of {size} patients are more than the studio computes: at most "
                f"{limits.patients_per_trial} patients a trial and {limits.patients:,} in all. "
                "Use 'euexia run' for more."
            )

    def enter(self, run: Run) -> None:
        """Keep a run in the list.  Raises TooManyError."""
        with self._lock:
            open_runs = [entry for entry in self._runs.values() if not entry.is_over]
            own = sum(entry.order.session == run.order.session for entry in open_runs)
            if own >= self._limits.runs_per_session or len(open_runs) >= self._limits.runs:
                raise TooManyError("There are too many runs at once. Wait for one, or cancel one.")
            self._runs[run.id] = run
            over = [entry.id for entry in self._runs.values() if entry.is_over]
            for name in itertools.islice(over, max(0, len(over) - self._limits.finished_runs)):
                del self._runs[name]

    def restore(self, run: Run) -> None:
        """Put a run of an earlier studio at the end of the list, as far as finished runs are kept."""
        with self._lock:
            if len(self._runs) < self._limits.finished_runs:
                self._runs[run.id] = run
                self._runs.move_to_end(run.id, last=False)

    def get(self, name: str) -> Run | None:
        """Return a run; None if there is none of that name."""
        return self._runs.get(name)

    def all(self) -> tuple[Run, ...]:
        """Return every run, the newest first."""
        return tuple(reversed(self._runs.values()))

    def cancel(self, run: Run) -> None:
        """Stop a run at once."""
        run.finish(State.CANCELLED)
        run.stop()
        self._pool.wake()

    def _cancel_tab(self, order: Order) -> None:
        for run in self.all():
            same = (run.order.session, run.order.tab) == (order.session, order.tab)
            if same and not run.order.background and not run.is_over:
                self.cancel(run)
