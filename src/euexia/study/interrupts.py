"""Ctrl-C that strikes only where it may: while something is waited for, never while a result is handled."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

Handler = Callable[[int, FrameType | None], Any] | int | None


@dataclass(slots=True)
class Interrupts:
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
def interrupts_held() -> Iterator[Interrupts]:
    """Hold Ctrl-C back until it is let through, or until all is done."""
    interrupts = Interrupts(signal.getsignal(signal.SIGINT))
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
