"""A process that computes for the studio: it keeps its compiled engines, and lets go of what nobody wants."""

from __future__ import annotations

import _thread
import os
import pickle
import queue
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from euexia.core.errors import EuexiaError
from euexia.studio.pieces import Piece

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

CANCEL = "cancel"
DO = "do"
DONE, FAILED, ABANDONED = "done", "failed", "abandoned"


class Abandoned(BaseException):
    """Raised in the middle of work that is no longer wanted; no ``except Exception`` may hold it."""


@dataclass(slots=True)
class _State:
    current: int | None = None
    unwanted: int | None = None


def serve(pipe: Connection[Any, Any]) -> None:
    """Do what comes through the pipe until it is closed."""
    state = _State()
    inbox: queue.SimpleQueue[tuple[int, str, Any]] = queue.SimpleQueue()

    def interrupted(number: int, frame: object) -> None:
        if state.current is not None and state.current == state.unwanted:
            state.unwanted = None
            raise Abandoned

    signal.signal(signal.SIGINT, interrupted)
    threading.Thread(target=_listen, args=(pipe, inbox, state), daemon=True).start()
    while True:
        number, name, argument = inbox.get()
        try:
            answer = _do(state, number, name, argument)
        except Abandoned:
            answer = (ABANDONED, None)
        state.current = None
        pipe.send((number, *answer))


def _listen(pipe: Connection[Any, Any], inbox: queue.SimpleQueue[Any], state: _State) -> None:
    while True:
        try:
            kind, number, *rest = pipe.recv()
        except (EOFError, OSError):
            os._exit(0)  # the studio is gone, and with it whoever wanted an answer
        if kind == CANCEL:
            state.unwanted = number
            _thread.interrupt_main()
        else:
            inbox.put((number, *rest))


def _do(state: _State, number: int, name: str, argument: Any) -> tuple[str, Any]:
    try:
        state.current = number
        return DONE, JOBS[name](argument)
    except Exception as error:  # goes to whoever asked, whatever it is
        return FAILED, _portable(error)
    finally:
        state.current = None


def _portable(error: Exception) -> Exception:
    try:
        copy: Exception = pickle.loads(pickle.dumps(error))
    except Exception:  # an exception may be anything, and so may what its pickling raises
        is_known = isinstance(error, EuexiaError)
        return EuexiaError(str(error)) if is_known else RuntimeError(type(error).__name__)
    return copy


def _block(piece: Piece) -> Any:
    """Return the summaries of some trials, as modelled and without effect, without their histograms."""
    from euexia.studio.trials import simulate_piece

    return simulate_piece(piece)


def _warm(piece: Piece | None) -> None:
    """Compile what a design needs before it is asked for."""
    if piece is not None:
        _block(piece)


def _patient(request: Any) -> Any:
    from euexia.studio.patients import answer

    return answer(request)


def _upload(request: Any) -> Any:
    from euexia.studio.assessing import upload

    return upload(request)


def _assess(request: Any) -> Any:
    from euexia.studio.assessing import assess

    return assess(request)


JOBS: Mapping[str, Callable[[Any], Any]] = {
    "block": _block,
    "warm": _warm,
    "patient": _patient,
    "upload": _upload,
    "assess": _assess,
}
