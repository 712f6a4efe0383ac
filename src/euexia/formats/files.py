"""What every format shares: files replaced whole or not at all, and refusals that name every fault."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from euexia.core.errors import DataFileError, Fault, OutputError

SHOWN = 20


def fault(place: str, problem: str, remedy: str = "", *, line: int | None = None) -> Fault:
    """Name one thing that is wrong."""
    return Fault(line=line, place=place, problem=problem, remedy=remedy)


def shortened(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Keep the first faults, and say how many more there are."""
    if len(faults) <= SHOWN:
        return tuple(faults)
    more = fault("…", f"and {len(faults) - SHOWN} more faults.")
    last = max((one.line or 0 for one in faults), default=0) or None
    return (*faults[:SHOWN], Fault(line=last, place=more.place, problem=more.problem))


def refusal(file: str, kind: str, faults: Sequence[Fault]) -> DataFileError:
    """Make the error that refuses to read a file, with its faults."""
    return DataFileError(file, kind, shortened(faults))


def not_writable(name: str, kind: str, faults: Sequence[Fault]) -> OutputError:
    """Make the error that refuses to write a dataset, with its faults."""
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    lines = "\n".join(f"  - {one}" for one in shortened(faults))
    return OutputError(f"{name} cannot be written as {kind} ({count}):\n{lines}")


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside its place and move it there when it is complete; OutputError if that fails."""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}. Nothing was changed.") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        _discard(temporary)
        raise OutputError(f"{path} cannot be written: {error.strerror}. Nothing was changed.") from error
    except BaseException:
        _discard(temporary)
        raise


def read_bytes(path: Path, kind: str) -> bytes:
    """Read a whole file; DataFileError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise refusal(str(path), kind, [fault("file", f"cannot be read: {error.strerror}.")]) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _discard(temporary: str) -> None:
    Path(temporary).unlink(missing_ok=True)
