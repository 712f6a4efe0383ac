"""One process at a time writes a run folder, and anybody can ask whether one does."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from euexia.core.errors import InputError

LOCK = ".lock"
PATIENCE = 0.5
"""How long, in seconds, a folder that is in use is asked for again: somebody may only look whether it is."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a run folder for this process; the system lets go of it when the process ends, however it ends.

    Raises InputError when another process holds it, OSError when the folder cannot be written.
    """
    patient_until = time.monotonic() + PATIENCE
    while True:
        with (folder / LOCK).open("a+", encoding="utf-8") as stream:
            try:
                _lock(stream.fileno())
            except OSError as error:
                if time.monotonic() < patient_until:
                    time.sleep(PATIENCE / 10)
                    continue
                raise _in_use(folder, stream) from error
            if not _still_there(folder / LOCK, stream):
                continue  # its holder let go and removed it between opening and locking
            stream.seek(0)
            stream.truncate()
            stream.write(f"process {os.getpid()}")
            stream.flush()
            try:
                yield
            finally:
                (folder / LOCK).unlink(missing_ok=True)
            return


def _in_use(folder: Path, stream: TextIO) -> InputError:
    stream.seek(0)
    owner = stream.read().strip()
    return InputError(
        f"The run in '{folder}' is being written by another process{f' ({owner})' if owner else ''}. "
        "Wait for it, stop it, or choose another --out."
    )


def _still_there(path: Path, stream: TextIO) -> bool:
    """Return whether an open file is the one that its path names now."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False


def is_held(folder: Path) -> bool:
    """Return whether a process holds the run folder now."""
    try:
        with (folder / LOCK).open("r+", encoding="utf-8") as stream:
            _lock(stream.fileno())
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
