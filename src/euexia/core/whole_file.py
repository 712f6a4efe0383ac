"""Write a file so that a reader sees the old one or the new one, never half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

READABLE = 0o644


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, on the disk, and move it there in one step.  Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(READABLE)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
