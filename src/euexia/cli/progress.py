"""How far a long run has come, and how much longer it takes."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from euexia.cli.consoles import messages, tell

Report = Callable[[int, int], None]
"""Called with (trials done, trials planned)."""
LINES = 10
"""How many lines tell of the progress where there is no terminal to draw a bar on."""
HASTE = 1.0
"""Ctrl-C that is repeated within so many seconds counts once."""


@contextmanager
def trial_progress(trials: int) -> Iterator[Report]:
    """Show a progress bar with time left, or a few lines where standard error is no terminal."""
    with _gentle_interrupt():
        if messages.is_terminal:
            with _bar() as progress:
                task = progress.add_task("Simulating", total=trials)
                yield lambda done, planned: _advance(progress, task, done, planned)
        else:
            tell(f"Simulating {trials} {'trial' if trials == 1 else 'trials'} ...")
            yield _Lines()


@contextmanager
def share_progress(what: str) -> Iterator[Callable[[float], None]]:
    """Show how large a share of something is done, with time left; a line where there is no terminal."""
    if not messages.is_terminal:
        tell(f"{what} ...")
        yield lambda share: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("gone,"))
    with Progress(*columns, TimeRemainingColumn(), TextColumn("left"), console=messages) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda share: progress.update(task, completed=share)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("trials,"),
        TimeElapsedColumn(),
        TextColumn("gone,"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=messages,
    )


def _advance(progress: Progress, task: TaskID, done: int, planned: int) -> None:
    progress.update(task, completed=done, total=planned)


class _Lines:
    """Writes a line at each tenth of the way."""

    def __init__(self) -> None:
        self.written = 0

    def __call__(self, done: int, planned: int) -> None:
        reached = LINES * done // planned
        if reached > self.written:
            self.written = reached
            tell(f"{done} of {planned} trials")


@contextmanager
def _gentle_interrupt() -> Iterator[None]:
    """Say on Ctrl-C that the finished trials are kept; Ctrl-C again, a second later, stops without them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    first: list[float] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not first:
            first.append(time.monotonic())
            tell("Stopping; the trials that are finished are kept ...")
            raise KeyboardInterrupt
        if time.monotonic() - first[0] > HASTE:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
