"""The state of a calibration on disk: kill it at any moment and go on to the same bits."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError, OutputError
from euexia.core.whole_file import write_whole

Floats = NDArray[np.float64]

MANIFEST = "calibration.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The folder of one calibration."""

    folder: Path

    @classmethod
    def open(cls, folder: Path, settings: Mapping[str, object]) -> Store:
        """Open a new folder, or one that was begun with the very same settings.

        Raises InputError for a folder of another calibration, OutputError when it cannot be written.
        """
        store = cls(folder=folder)
        text = json.dumps(settings, indent=1, sort_keys=True)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            before = (folder / MANIFEST).read_text("utf-8") if (folder / MANIFEST).exists() else None
        except OSError as error:
            raise OutputError(f"The folder '{folder}' cannot be used: {error.strerror}.") from error
        if before is None:
            if any(folder.iterdir()):
                raise InputError(f"The folder '{folder}' holds something else. Choose an empty or a new one.")
            store._write(MANIFEST, text.encode())
        elif before != text:
            raise InputError(
                f"The folder '{folder}' holds another calibration: {_unlike(before, settings)}. "
                "Give the same settings to go on, or another folder."
            )
        return store

    def parts(self, ensemble: int, number: int) -> dict[int, Floats]:
        """Return what is known of one step, by the first member of each part."""
        found = {}
        for path in sorted(self.folder.glob(f"{_stem(ensemble, number)}_*.npy")):
            with path.open("rb") as file:
                found[int(path.stem.rsplit("_", 1)[1])] = np.load(file, allow_pickle=False)
        return found

    def keep(self, ensemble: int, number: int, start: int, rows: Floats) -> None:
        """Write a part, whole or not at all."""
        buffer = io.BytesIO()
        np.save(buffer, rows, allow_pickle=False)
        self._write(f"{_stem(ensemble, number)}_{start:04d}.npy", buffer.getvalue())

    def _write(self, name: str, content: bytes) -> None:
        try:
            write_whole(self.folder / name, content)
        except OSError as error:
            raise OutputError(f"'{self.folder / name}' cannot be written: {error.strerror}.") from error


def _stem(ensemble: int, number: int) -> str:
    return f"ensemble_{ensemble}_step_{number:02d}"


def _unlike(before: str, settings: Mapping[str, object]) -> str:
    try:
        earlier = json.loads(before)
    except json.JSONDecodeError:
        return "its manifest is damaged"
    names = [name for name in settings if earlier.get(name) != settings[name]]
    return ", ".join(f"{name} ({earlier.get(name)} there, {settings[name]} here)" for name in names[:4])
