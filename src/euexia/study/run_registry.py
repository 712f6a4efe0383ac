"""Runs on disk: found in folders, told in a line each, checked, and removed where they are not wanted."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

from euexia.core.errors import InputError, OutputError
from euexia.study import run_folder
from euexia.study.folder_lock import LOCK, is_held, locked
from euexia.study.run_folder import DAMAGED, MANIFEST, PARTS, PROTOCOL, Manifest

DEEP = 3
"""How many folders deep runs are looked for."""
MAGIC = b"PAR1"
"""How a whole Parquet file begins and ends."""
WRITTEN = (
    *("report.html", "results.json", "trials.csv", "trials.parquet", "data", "figures"),
    *(PARTS, DAMAGED, PROTOCOL, LOCK, MANIFEST),
)
"""What Euexia writes into a run folder; the manifest goes last, so that a run half removed is still one."""
TEMPORARY = (".report-*", ".manifest.json-*")
ASIDE = re.compile(r"\..+-old-.+")
"""Names of runs that were set aside for a run that did not end by itself."""


class State(Enum):
    """What can be said of a run without reading its trials."""

    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    BEING_WRITTEN = "being written"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    SET_ASIDE = "set aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run folder.  manifest: None where it cannot be read; ``fault`` then says why."""

    folder: Path
    state: State
    manifest: Manifest | None
    changed: datetime
    size_in_bytes: int
    fault: str = ""


def find(places: Sequence[Path]) -> tuple[Run, ...]:
    """Return the runs in some folders, by name.  Raises InputError for what is no folder."""
    found: dict[Path, None] = {}
    for place in places:
        if not place.is_dir():
            raise InputError(f"'{place}' is no folder. Name the folder of a run, or one that holds runs.")
        found |= dict.fromkeys(_folders(place, DEEP))
    return tuple(look(folder) for folder in found)


def _folders(place: Path, depth: int) -> Iterator[Path]:
    if (place / MANIFEST).is_file():
        yield place
        return
    if depth == 0:
        return
    try:
        inside = sorted(entry for entry in place.iterdir() if entry.is_dir() and not entry.is_symlink())
    except OSError:  # a folder that may not be read holds no run of ours
        return
    for entry in inside:
        if not entry.name.startswith(".") or ASIDE.fullmatch(entry.name):
            yield from _folders(entry, depth - 1)


def look(folder: Path) -> Run:
    """Return what can be said of a run at a glance: its parts are there and whole by their ends."""
    try:
        manifest, fault = run_folder.load_manifest(folder), ""
    except InputError as error:
        manifest, fault = None, str(error)
    state, why = _state(folder, manifest)
    return Run(
        folder=folder,
        state=state,
        manifest=manifest,
        changed=datetime.fromtimestamp((folder / MANIFEST).stat().st_mtime, tz=UTC),
        size_in_bytes=sum(_size(path) for path in folder.rglob("*")),
        fault=fault or why,
    )


def _state(folder: Path, manifest: Manifest | None) -> tuple[State, str]:
    if manifest is None:
        return State.UNREADABLE, ""
    if is_held(folder):
        return State.BEING_WRITTEN, ""
    if ASIDE.fullmatch(folder.name):
        return State.SET_ASIDE, "set aside for a run with --overwrite that did not end by itself"
    broken = [part.name for part in manifest.parts if not _is_whole(folder / PARTS / part.name, part.tables)]
    if broken:
        return State.DAMAGED, f"not whole: {', '.join(broken)}; --resume computes them again"
    return (State.COMPLETE if manifest.is_complete else State.INTERRUPTED), ""


def _is_whole(place: Path, tables: Iterable[str]) -> bool:
    """Return whether the tables of a part are there and end as Parquet files do."""
    for table in tables:
        try:
            with (place / f"{table}.parquet").open("rb") as stream:
                begins = stream.read(len(MAGIC))
                stream.seek(-len(MAGIC), os.SEEK_END)
                if (begins, stream.read()) != (MAGIC, MAGIC):
                    return False
        except OSError:
            return False
    return True


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size if not path.is_dir() else 0
    except OSError:  # gone since the folder was listed
        return 0


def damaged_parts(run: Run) -> tuple[str, ...]:
    """Return the parts that are not as the manifest says, bit for bit."""
    if run.manifest is None:
        return ()
    _, damaged = run_folder.checked(run.folder, run.manifest.parts)
    return tuple(part.name for part in damaged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Something that can be removed: of a run, these paths; all of it where ``whole``."""

    run: Run
    what: str
    paths: tuple[Path, ...]
    size_in_bytes: int
    whole: bool = False


def removable(
    runs: Sequence[Run],
    *,
    interrupted: bool = False,
    older_than: timedelta | None = None,
    named: Sequence[str] = (),
    now: datetime | None = None,
) -> tuple[Removal, ...]:
    """Return what can be removed of some runs: what ended processes left, and whole runs that were asked for.

    interrupted: runs that are not complete.  older_than: runs whose manifest is that old.  named: runs by the
    name of their folder.  A run that is being written is never touched.  Raises InputError for a name that no
    run has.
    """
    unknown = sorted(set(named) - {run.folder.name for run in runs})
    if unknown:
        known = ", ".join(sorted(run.folder.name for run in runs)) or "none"
        raise InputError(f"There is no run called '{unknown[0]}' here. Runs: {known}.")
    moment = datetime.now(tz=UTC) if now is None else now
    found: list[Removal] = []
    for run in runs:
        if run.state is State.BEING_WRITTEN:
            continue
        old = older_than is not None and moment - run.changed > older_than
        unfinished = interrupted and run.state in (State.INTERRUPTED, State.DAMAGED)
        if old or unfinished or run.folder.name in named or run.state is State.SET_ASIDE:
            found.append(_whole(run))
        else:
            found += _leftovers(run)
    return tuple(found)


def _whole(run: Run) -> Removal:
    paths = tuple(run.folder / name for name in WRITTEN if (run.folder / name).exists())
    return Removal(
        run=run,
        what=f"the whole run ({run.state.value})",
        paths=paths,
        size_in_bytes=run.size_in_bytes,
        whole=True,
    )


def _leftovers(run: Run) -> Iterator[Removal]:
    if run.manifest is None:
        return
    left = [*run_folder.leftovers(run.folder, run.manifest)]
    left += [path for pattern in TEMPORARY for path in sorted(run.folder.glob(pattern))]
    damaged = [run.folder / DAMAGED] if (run.folder / DAMAGED).is_dir() else []
    for what, paths in (("what an ended process left", left), ("damaged parts that were replaced", damaged)):
        if paths:
            size = sum(_size(inner) for path in paths for inner in (path, *path.rglob("*")))
            yield Removal(run=run, what=what, paths=tuple(paths), size_in_bytes=size)


def remove(removal: Removal) -> bool:
    """Remove what was said; return whether the folder is gone too: it stays where others' files are in it.

    Raises InputError when the run is being written now, OutputError when something cannot be removed.
    """
    folder = removal.run.folder
    try:
        with locked(folder):
            for path in removal.paths:
                if path.name != LOCK:
                    _delete(path)
        if removal.whole:
            for pattern in TEMPORARY:
                for path in folder.glob(pattern):
                    _delete(path)
            if not any(folder.iterdir()):
                folder.rmdir()
    except OSError as error:
        raise OutputError(f"'{folder}' could not be removed: {error.strerror or error}.") from error
    return not folder.exists()


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def continuing(run: Run) -> str:
    """Return the command that goes on with a run; nothing where its manifest cannot be read."""
    if run.manifest is None or not run.manifest.command:
        return ""
    return f"{run.manifest.command} --out {run.folder} --resume"


AGES = {"h": "hours", "d": "days", "w": "weeks"}


def age(text: str) -> timedelta:
    """Return an age such as ``30d``, ``12h`` or ``2w``.  Raises InputError for anything else."""
    found = re.fullmatch(r"\s*(\d{1,5})\s*([hdw])\s*", text)
    if found is None:
        raise InputError(f"'{text}' is no age. Write a number and h, d or w, such as 12h, 30d or 2w.")
    return timedelta(**{AGES[found[2]]: int(found[1])})
