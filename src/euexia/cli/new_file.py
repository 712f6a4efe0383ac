"""Write a file that must not exist yet."""

from __future__ import annotations

from pathlib import Path

from euexia.core.errors import OutputError


def write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet; leave nothing behind on failure."""
    try:
        with path.open("x", encoding="utf-8") as file:
            try:
                file.write(text)
                file.flush()
            except OSError:
                path.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise OutputError(
            f"'{path}' cannot be written: {error.strerror or error}. Choose another --out."
        ) from error
